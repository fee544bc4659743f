"""Runs tasks, compares answers, prints tables, writes JSON."""

from __future__ import annotations

import gc
import json
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.agreement import recall
from benchmarks.loading import cannot_be_loaded
from benchmarks.machine import Machine
from benchmarks.task import (
    Answer,
    Contender,
    Must,
    Options,
    Pass,
    Quoted,
    Row,
    Stage,
    Task,
    TaskResult,
    Traffic,
)

SCHEMA = 1
RULE = (
    "best of {passes} passes over the same data, for ours and rivals alike; the libraries take "
    "turns, pass by pass; loading is not timed; no garbage collection within a pass"
)


def run(task: Task, options: Options, machine: Machine) -> TaskResult:
    """Run one task: load, take turns, compare. A task that cannot run has a row that says why."""
    load_before = os.getloadavg()
    size = options.size or (task.quick_size if options.quick else task.size)
    try:
        case = task.case(size, options)
        try:
            return _measure(task, case, size, options, machine, load_before)
        finally:
            task.done(case)
    except Exception as error:
        return _not_run(task, size, error, load_before)


def _not_run(
    task: Task, size: int, error: Exception, load_before: tuple[float, float, float]
) -> TaskResult:
    row = Row(task.contenders[0].NAME, "missing", f"not run: {error}")
    if not isinstance(error, ImportError) and getattr(error, "code", None) != "missing_extra":
        _fail(row, error)
    return TaskResult(
        task=task.name,
        title=f"{task.name}: not run",
        size=size,
        value_unit=task.value_unit,
        rate_unit=task.rate_unit,
        rows=[row],
        bandwidth=None,
        musts=[],
        stages=[],
        load_before=load_before,
        load_after=os.getloadavg(),
    )


def _measure(
    task: Task,
    case: Any,
    size: int,
    options: Options,
    machine: Machine,
    load_before: tuple[float, float, float],
) -> TaskResult:
    rows: list[Row] = []
    ready: list[tuple[Row, Pass]] = []
    for contender in task.contenders:
        row, prepared = _load(contender, task, case)
        rows.append(row)
        if prepared is not None:
            ready.append((row, prepared))
    # What was loaded stays; the collections between passes need not look at it again and again.
    gc.freeze()
    results = _take_turns(ready, options.passes if task.timed else 1)
    gc.unfreeze()
    ours = rows[0]
    _compare(task, case, ours, ready, results)
    for row, prepared in ready:
        if row.seconds is not None:
            row.value = task.value(case, row.seconds)
            row.rate = task.rate(case, row.seconds)
            best = f", best of {len(row.passes)} passes" if task.timed else ""
            row.how = prepared.how + best
    for row in rows[1:]:
        if row.seconds and ours.seconds:
            row.times_ours = row.seconds / ours.seconds
    musts = task.musts(case, {row.library: row for row in rows}, machine)
    if size != task.size:
        musts = [_not_judged(must, task.size) for must in musts]
    return TaskResult(
        task=task.name,
        title=task.title(case),
        size=size,
        value_unit=task.value_unit,
        rate_unit=task.rate_unit,
        rows=rows,
        bandwidth=_bandwidth(task.traffic(case), ours, machine),
        musts=musts,
        stages=_stages(task, case) if options.profile else [],
        load_before=load_before,
        load_after=os.getloadavg(),
    )


def _stages(task: Task, case: Any) -> list[Stage]:
    measure: Callable[[Any], list[Stage]] | None = getattr(task.contenders[0], "stages", None)
    return measure(case) if measure is not None else []


def _load(contender: Contender, task: Task, case: Any) -> tuple[Row, Pass | None]:
    reason = _missing(contender, task)
    if reason is None:
        row = Row(contender.NAME, "measured", "")
        try:
            return row, contender.load(case)
        except ImportError as error:
            if contender is task.contenders[0]:
                _fail(row, error)
                return row, None
            reason = cannot_be_loaded(contender.NAME, error)
        except Exception as error:
            _fail(row, error)
            return row, None
    quoted: Quoted | None = getattr(contender, "QUOTED", None)
    if quoted is None:
        return Row(contender.NAME, "missing", f"not run: {reason}"), None
    seconds = task.seconds_at(case, quoted.rate)
    row = Row(
        contender.NAME,
        "quoted",
        f"quoted, other run ({quoted.source}); not run here: {reason}",
        seconds=seconds,
        value=task.value(case, seconds),
        rate=quoted.rate,
    )
    return row, None


def _missing(contender: Contender, task: Task) -> str | None:
    """Say why a library cannot run here; a rival that cannot even say it is no failure of ours."""
    try:
        return contender.missing()
    except Exception as error:
        if contender is task.contenders[0]:
            raise
        return cannot_be_loaded(contender.NAME, error)


def _fail(row: Row, error: Exception) -> None:
    """Note a failure in the table, and print where it came from."""
    traceback.print_exception(error)
    row.status, row.how, row.seconds = "failed", f"failed: {type(error).__name__}: {error}", None


def _take_turns(ready: Sequence[tuple[Row, Pass]], passes: int) -> list[Any]:
    """Time the passes of all libraries by turns; return what each found in its best."""
    best: list[Any] = [None] * len(ready)
    for _ in range(passes):
        for i, (row, prepared) in enumerate(ready):
            if row.status == "failed":
                continue
            try:
                seconds, result = _timed(prepared)
            except Exception as error:
                _fail(row, error)
                continue
            row.passes.append(seconds)
            if seconds == min(row.passes):
                row.seconds, best[i] = seconds, result
            del result
    return best


def _timed(prepared: Pass) -> tuple[float, Any]:
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        result = prepared.run()
        seconds = time.perf_counter() - start
    finally:
        gc.enable()
    if prepared.measure is not None:
        seconds = prepared.measure(result)
    return seconds / prepared.share, result


def _compare(
    task: Task, case: Any, ours: Row, ready: Sequence[tuple[Row, Pass]], results: Sequence[Any]
) -> None:
    """Hold every rival's answer against ours, which comes first."""
    found: Answer | None = None
    for (row, prepared), result in zip(ready, results, strict=True):
        if row.status != "measured":
            continue
        if prepared.detail is not None:
            row.detail = dict(prepared.detail(result))
        answer = prepared.answer(result)
        if row is ours:
            found = answer
        elif answer is None:
            continue
        elif found is not None and prepared.exact:
            row.agrees, row.compared = task.agreement(case, found, answer)
        elif found is not None:
            share = recall(found, answer)
            row.compared = f"recall {share:.4f}, nothing promised"
            row.detail["recall"] = share


def _bandwidth(traffic: Traffic | None, ours: Row, machine: Machine) -> dict[str, object] | None:
    if traffic is None or not ours.seconds:
        return None
    limit = traffic.bytes / machine.bandwidth
    return {
        "bytes": traffic.bytes,
        "what": traffic.what,
        "limit_seconds": limit,
        "limit_share": limit / ours.seconds,
    }


def _not_judged(must: Must, size: int) -> Must:
    return replace(must, met=None, why=f"asked for at {size:,}")


def report(results: Sequence[TaskResult], machine: Machine, options: Options) -> dict[str, object]:
    """Return the contents of the JSON file."""
    return {
        "schema": SCHEMA,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": options.quick,
        "rule": RULE.format(passes=options.passes),
        "machine": machine.as_json(),
        "tasks": [result.as_json() for result in results],
        "agreed": all(result.agreed for result in results),
    }


def default_file() -> Path:
    """Return a name in ``benchmarks/results/``."""
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    return folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"


def write(contents: dict[str, object], file: Path) -> None:
    """Write the JSON file."""
    file.write_text(json.dumps(contents, indent=1, allow_nan=False) + "\n", "utf-8")

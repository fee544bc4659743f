"""Runs units beside each other until they are done or the time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tools.proof.journal import Done, Journal
from tools.proof.parts import Unit
from tools.proof.running import Ran, is_over, run_tests

FAILED = "failed"
PASSED = "passed"
NOTHING = "nothing to run"


def run_units(
    units: Iterable[Unit],
    tree: Path,
    journal: Journal,
    *,
    jobs: int,
    until: float,
    end: float,
    failures: Path,
    say: Callable[[str], None],
) -> None:
    """Run what is not finished.

    Nothing begins after ``until``; what goes on at ``end`` is ended, and not finished.
    """
    cases: Counter[str] = Counter()
    for done in [*journal.done.values()]:
        cases[_file(done.part, done.unit)] += done.cases
    todo = iter(units)
    running: set[Future[None]] = set()

    def one(unit: Unit) -> None:
        ran = run_tests(
            tree,
            unit.files,
            options=["--timeout=7200", *unit.options],
            environment=unit.environment,
            select=unit.select,
            until=end,
            silence=7200,
        )
        if ran.stopped:
            return
        done = _done(unit, ran)
        journal.finish(done)
        cases[_file(done.part, done.unit)] += done.cases
        say(f"{unit.part}: {unit.name}: {done.result}, {done.cases} cases, {done.seconds} s")
        if done.result == FAILED:
            failures.mkdir(parents=True, exist_ok=True)
            name = f"{unit.part} {unit.name}".replace("/", "-")
            (failures / f"{name}.txt").write_text(ran.output)

    with ThreadPoolExecutor(jobs) as pool:
        while True:
            while len(running) < jobs and not is_over(until):
                unit = next(todo, None)
                if unit is None:
                    break
                enough = unit.enough and cases[_file(unit.part, unit.name)] >= unit.enough
                if not enough and not journal.has(unit.part, unit.name):
                    running.add(pool.submit(one, unit))
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                future.result()


def _file(part: str, unit: str) -> str:
    return f"{part} {unit.partition(', ')[0]}"


def _done(unit: Unit, ran: Ran) -> Done:
    result = {0: PASSED, 5: NOTHING}.get(ran.code, FAILED)
    detail = ""
    if result == FAILED:
        detail = ", ".join(ran.failed) or ran.open_test or f"pytest ended with {ran.code}"
    seconds = round(ran.seconds, 1)
    return Done(unit.part, unit.name, result, seconds, ran.cases, ran.seeds, detail)

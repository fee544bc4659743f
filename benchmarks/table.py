"""The report as text."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.task import Must, Row, Stage, TaskResult

_MET = {True: "met", False: "NOT MET", None: "not judged"}


def lines(result: TaskResult) -> Iterator[str]:
    """Yield the lines about one task."""
    yield f"{result.task}: {result.title}"
    yield from _rows(result)
    if result.bandwidth is not None:
        size, limit, share, what = (
            result.bandwidth[key] for key in ("bytes", "limit_seconds", "limit_share", "what")
        )
        yield (
            f"  memory limit: {size:,.4g} bytes ({what}) take {_seconds(limit)} to read; "
            f"we reach {_share(share)} of that speed"
        )
    for must in result.musts:
        yield _must(must)
    if result.stages:
        yield "  where our time goes:"
        yield from map(_stage, result.stages)
    yield f"  load before and after: {result.load_before[0]:.2f} and {result.load_after[0]:.2f}"


def _rows(result: TaskResult) -> Iterator[str]:
    head = ("library", result.value_unit, result.rate_unit, "ours is faster by", "same answers")
    cells = [head, *(_cells(row, first=row is result.rows[0]) for row in result.rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    for i, line in enumerate(cells):
        text = "  ".join(
            cell.ljust(width) if column in (0, 4) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield f"  {text.rstrip()}"
        if i:
            yield f"      {result.rows[i - 1].how}"
            for key, value in result.rows[i - 1].detail.items():
                yield f"      {key.replace('_', ' ')}: {_detail(value)}"


def _cells(row: Row, *, first: bool) -> tuple[str, str, str, str, str]:
    if first:
        same = ""
    elif row.agrees is None:
        same = row.compared or "not compared"
    else:
        same = f"{'yes' if row.agrees else 'NO'}: {row.compared}"
    times = f"{row.times_ours:,.1f}x" if row.times_ours is not None else "-"
    return row.library, _number(row.value), _number(row.rate), times, same


def _detail(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_detail(each)}" for key, each in value.items())
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"


def _seconds(value: object) -> str:
    assert isinstance(value, float)
    return f"{value:.3g} s" if value >= 1 else f"{value * 1e3:.3g} ms"


def _share(value: object) -> str:
    assert isinstance(value, float)
    if value < 0.001:
        return "less than 0.1 %"
    return f"{value * 100:.3g} %"


def _must(must: Must) -> str:
    why = f" ({must.why})" if must.why else ""
    return f"  must: {must.text}: {must.value}: {_MET[must.met]}{why}"


def _stage(stage: Stage) -> str:
    return f"    {stage.cost:>12,.1f} {stage.unit}  {stage.share:>6.1%}  {stage.name}"

"""What a file says of references besides their items: subject, label and expiry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias

import numpy as np

from prum_match.cli.reading.batch import Batch
from prum_match.cli.reading.problems import FileProblem
from prum_match.engine.galleries.records import Record
from prum_match.errors import InvalidInput

COLUMNS = ("subject_id", "label", "expires")

# Only the names that a row has: one without a name leaves that value, None removes it.
Keys: TypeAlias = Mapping[str, Any]


def parsed(row: Mapping[str, Any]) -> Keys:
    """Return the values of a row: texts, and the moment of its expiry."""
    return {name: _value(name, value) for name, value in row.items()}


def keyed(found: Iterable[Batch]) -> Iterator[Batch]:
    """Parse the keys of batches; what cannot be parsed refuses its item."""
    first = 0
    for batch in found:
        keys: list[Keys] = []
        bad: dict[int, InvalidInput] = {}
        for index, row in enumerate(batch.keys):
            try:
                keys.append(parsed(row))
            except InvalidInput as error:
                bad[index] = error
        yield _without(batch, first, keys, bad)
        first += len(batch.ids) - len(bad)


def joined(found: Iterable[Batch], side: Mapping[str, Keys]) -> Iterator[Batch]:
    """Give every item its row of a side file; items without a row are refused, and the reverse."""
    first, unused = 0, dict.fromkeys(side)
    last: Batch | None = None
    for batch in found:
        if last is not None:
            yield last
        last = _with_rows(batch, first, side)
        first += len(last.ids)
        for name in batch.ids:
            unused.pop(name, None)
    if last is not None:
        message = "FILE has no item for a row of --keys"
        rest = tuple(
            FileProblem(name, "--keys", code="missing_item", message=message, refused=True)
            for name in unused
        )
        yield replace(last, problems=(*last.problems, *rest))


def _with_rows(batch: Batch, first: int, side: Mapping[str, Keys]) -> Batch:
    if any(batch.keys):
        raise InvalidInput(
            f"FILE has columns of its own for {', '.join(COLUMNS)}",
            code="bad_option",
            field="--keys",
        )
    bad = {
        index: InvalidInput("--keys has no row for it", code="missing_row", field="--keys")
        for index, name in enumerate(batch.ids)
        if name not in side
    }
    keys = [side[name] for name in batch.ids if name in side]
    return _without(batch, first, keys, bad)


def arguments(
    keys: Sequence[Keys], record: Callable[[int], Record] | None = None
) -> dict[str, Any]:
    """Return the parameters of a gallery's methods.

    Where only some rows have a name, the others keep the value of their record.
    """
    names = {name for row in keys for name in row}

    def value(index: int, name: str) -> Any:
        row = keys[index]
        if name in row or record is None:
            return row.get(name)
        return getattr(record(index), name)

    return {
        parameter: [value(index, name) for index in range(len(keys))]
        for name, parameter in zip(COLUMNS, ("subject_ids", "labels", "expires"), strict=True)
        if name in names
    }


def _without(
    batch: Batch, first: int, keys: Sequence[Keys], bad: Mapping[int, InvalidInput]
) -> Batch:
    """Return a batch at its place, without the refused items."""
    if not bad:
        return Batch(first, batch.ids, batch.items, batch.problems, keys)
    kept = [index for index in range(len(batch.ids)) if index not in bad]
    items = batch.items
    problems = tuple(
        FileProblem(batch.ids[index], error.field, error.code, str(error.args[0]), True)
        for index, error in bad.items()
    )
    return Batch(
        first,
        [batch.ids[index] for index in kept],
        items[kept] if isinstance(items, np.ndarray) else [items[index] for index in kept],
        (*batch.problems, *problems),
        keys,
    )


def _value(name: str, value: Any) -> str | datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise InvalidInput("not a text", code="bad_text", field=name)
    text = value.strip()
    if not text:
        return None
    return _moment(text) if name == "expires" else text


def _moment(text: str) -> datetime:
    """Return a moment; a date is the start of its day in universal time."""
    try:
        if len(text) <= len("2030-01-01"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            "not a date or a moment of ISO 8601", code="bad_moment", field="expires"
        ) from None
    if moment.tzinfo is None:
        raise InvalidInput("a moment needs a time zone", code="bad_moment", field="expires")
    return moment

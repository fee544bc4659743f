"""A second category, with all four parts: marks that are engraved in things, and their years.

Texts are ragged columns, the year is an optional one. Marks can be read from tables, and
exchanged with other parties.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import engine
from prum_match.engine import Column, Columns, Encoded, Ragged
from prum_match.errors import ComparisonMismatch, InvalidInput


@dataclass(frozen=True)
class Mark:
    text: str
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Readable(engine.Policy):
    """A candidate is as long as the probe, and few characters differ."""

    differences: int = 2


@dataclass(frozen=True)
class Agreement:
    probe: str
    reference: str

    def __str__(self) -> str:
        same = sum(map(str.__eq__, self.probe, self.reference))
        return f"{same} of {len(self.probe)} characters agree"


def checked(item: Any) -> Mark:
    text, year = (item.text, item.year) if isinstance(item, Mark) else (None, None)
    if not isinstance(text, str) or not text.isascii() or not 4 <= len(text) <= 64:
        raise InvalidInput("a mark has 4 to 64 ASCII characters", code="bad_mark", field="text")
    if not isinstance(year, int | None):
        raise InvalidInput("a year is a whole number", code="bad_year", field="year")
    return Mark(text, year)


class MarkLayout(engine.Layout[Mark]):
    columns = (
        Column("text.bytes", None, offsets="text.offsets"),
        Column("year", optional=True, missing=math.nan),
    )

    def encode(self, items: Sequence[Mark]) -> Encoded:
        marks, refused = dict[int, Mark](), list[InvalidInput]()
        for index, item in enumerate(items):
            try:
                marks[index] = checked(item)
            except InvalidInput as error:
                refused.append(error.at(index))
        columns = Ragged.from_rows([mark.text.encode() for mark in marks.values()]).columns("text")
        if any(mark.year is not None for mark in marks.values()):
            columns["year"] = np.array([mark.year for mark in marks.values()], np.float64)
        return Encoded(columns, np.array(list(marks), np.int64), tuple(refused))

    def decode(self, segment: engine.Segment, row: int) -> Mark:
        text = Ragged.from_columns(segment.columns, "text")[row].tobytes().decode()
        year = float(segment.columns["year"][row]) if "year" in segment.columns else math.nan
        return Mark(text, None if math.isnan(year) else int(year))


class MarkMatching(engine.Matching[Mark, Readable]):
    default_policy = Readable(name="readable", version="1", source="made up for tests")

    def check_probes(self, probes: Sequence[Mark]) -> Sequence[Mark]:
        return engine.check_each(probes, checked)

    def prepare(self, probes: Sequence[Mark], policy: Readable) -> engine.Matcher:
        wanted = [np.frombuffer(probe.text.encode(), np.uint8) for probe in probes]

        def search(
            columns: Columns, begin: int, end: int, probe: int
        ) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]:
            texts, text = Ragged.from_columns(columns, "text"), wanted[probe]
            rows = begin + np.flatnonzero(texts.lengths[begin:end] == len(text))
            differ = (texts.take(rows).values.reshape(-1, len(text)) != text).sum(axis=1)
            kept = differ <= policy.differences
            rank = differ[kept].astype(np.uint64)
            return rows[kept].astype(np.uint32), rank, np.zeros(len(rank), np.uint64)

        return engine.PythonMatcher(search, len(probes))

    def explain(self, probe: Mark, reference: Mark, policy: Readable) -> Agreement:
        return Agreement(probe.text, reference.text)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Readable
    ) -> Columns:
        return {"grade": (rank + 1).astype(np.uint8)}

    def attribute_range(self, attribute: str, low: Any, high: Any) -> tuple[float, float]:
        if attribute != "year":
            return super().attribute_range(attribute, low, high)
        return -math.inf if low is None else low, math.inf if high is None else high


class MarkTables(engine.TableReader[Mark]):
    def columns(self, names: Sequence[str]) -> Collection[str]:
        return ("text", "year")

    def items(self, table: engine.Table) -> list[Mark]:
        years = table.floats("year")[0] if "year" in table else np.full(table.n, math.nan)
        known: list[Any] = [None if y != y else int(y) if y % 1 == 0 else y for y in years.tolist()]
        return list(map(Mark, table.strings("text"), known))  # `encode` refuses bad ones


class MarkWire(engine.Wire[Mark, Readable]):
    responder_policy = MarkMatching.default_policy

    def check_probe(self, probe: Mark) -> None:
        if not isinstance(probe, Mark):
            raise ComparisonMismatch("not a mark", code="foreign_probe", field="probe")

    def probe_to_bytes(self, probe: Mark) -> bytes:
        return json.dumps(asdict(probe), separators=(",", ":")).encode()

    def probe_from_bytes(self, data: bytes) -> Mark:
        try:
            mark = checked(Mark(**json.loads(data[:200])))
        except (ValueError, TypeError) as error:
            raise InvalidInput("not a mark", code="bad_mark_bytes", field="probe") from error
        if self.probe_to_bytes(mark) != data:
            raise InvalidInput("not in canonical form", code="bad_mark_bytes", field="probe")
        return mark

    def reference_to_bytes(self, item: Mark, features: Collection[str] | None = None) -> bytes:
        return self.probe_to_bytes(item)


MARKS = engine.register(
    engine.Category("marks", MarkLayout(), MarkMatching(), MarkTables(), MarkWire())
)

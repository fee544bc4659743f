"""Persons whose names are in clear, as a category of the engine: national use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Encoded, Trace, register
from prum_match.engine.damage import reading
from prum_match.engine.progress import paced
from prum_match.errors import PrumError
from prum_match.police_record.category import (
    NAME,
    PersonCategory,
    PersonLayout,
    PersonMatching,
    PersonTables,
    PersonWire,
    linkage_results,
    other_encoding,
    suitable,
)
from prum_match.police_record.columns import clear as clear_columns
from prum_match.police_record.linkage.agreement import agreement
from prum_match.police_record.linkage.comparison import Comparison
from prum_match.police_record.linkage.policy import NATIONAL, PRUM_2024, LinkagePolicy
from prum_match.police_record.linkage.probes import person_matcher
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson

# Version of the folding rules; stored forms depend on it.
_FOLDING = 1


class ClearLayout(PersonLayout):
    """Persons whose names are in clear, as columns."""

    item_class = Person
    columns = clear_columns.COLUMNS

    def take(self, person: Any) -> Person:
        if isinstance(person, EncodedPerson):
            raise other_encoding("the gallery holds names in clear")
        if not isinstance(person, Person):
            raise clear_columns.not_a_person(person)
        return person

    def encode(self, items: Sequence[Any]) -> Encoded:
        accepted, refused = list[int](), list[PrumError]()
        columns = clear_columns.encode(items, accepted, refused)
        notes = Counter(
            note for index in paced(accepted, counted=False) for note in items[index].changed
        )
        return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes)

    def decode(self, segment: _native.Segment, row: int) -> Person:
        with reading():
            return clear_columns.decode(segment.columns, row)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        return np.arange(len(columns["facts"]), dtype=np.uint32), clear_columns.seal(columns)

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        with reading():
            return clear_columns.unseal(columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        return clear_columns.join(parts)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        with reading():
            yield from clear_columns.traces(segment, rows)

    def settings(self) -> Mapping[str, Any]:
        return {"folding": _FOLDING}


class ClearMatching(PersonMatching[LinkagePolicy]):
    """Comparison of persons field by field."""

    default_policy = NATIONAL

    def prepare(self, probes: Sequence[Any], policy: LinkagePolicy) -> _native.Matcher:
        return person_matcher(suitable(probes, policy), policy)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: LinkagePolicy
    ) -> _native.Matcher:
        """Make rows ready as probes; rules of probes between states do not apply to them."""
        persons = (self._layout.decode(segment, int(row)) for row in paced(rows))
        return person_matcher(persons, policy)

    def explain(self, probe: Any, reference: Person, policy: LinkagePolicy) -> Comparison:
        return agreement(self._layout.take(probe), reference, policy)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: LinkagePolicy
    ) -> Columns:
        return linkage_results(rank, detail, policy)


class ClearWire(PersonWire[LinkagePolicy]):
    """Persons in clear stay in the house; encoded ones are sent to other parties."""

    def check_probe(self, probe: Any) -> None:
        if not isinstance(probe, EncodedPerson):
            super().check_probe(probe)


_LAYOUT = ClearLayout()

POLICE_RECORD = PersonCategory(
    NAME, _LAYOUT, ClearMatching(_LAYOUT), PersonTables(), ClearWire(_LAYOUT, PRUM_2024)
)
"""The category of police records whose names are in clear."""
register(POLICE_RECORD)

"""Persons whose names are in clear, as a category of the engine: national use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Columns, Encoded, Table, Trace, register
from prum_match.errors import PrumError
from prum_match.police_record.category import PoliceCategory, linkage_results, other_encoding
from prum_match.police_record.columns import clear as clear_columns
from prum_match.police_record.linkage.agreement import agreement
from prum_match.police_record.linkage.comparison import Comparison
from prum_match.police_record.linkage.policy import (
    NATIONAL,
    PRUM_2024,
    linkage_policy,
)
from prum_match.police_record.linkage.probes import person_matcher
from prum_match.police_record.persons.person import Person
from prum_match.police_record.persons.tables import PersonTable, table_columns
from prum_match.police_record.pseudonyms.encoded import EncodedPerson
from prum_match.police_record.stored import reading

# Of folding: forms that are stored say what another version would not.
_FOLDING = 1


class ClearCategory(PoliceCategory):
    """Persons whose names are in clear: national use."""

    columns = clear_columns.COLUMNS
    default_policy = NATIONAL

    @property
    def responder_policy(self) -> engine.Policy:
        """Two elements, and a bounded list."""
        return PRUM_2024

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Fold names and number all values."""
        accepted, refused = list[int](), list[PrumError]()
        columns = clear_columns.encode(items, accepted, refused)
        notes = Counter(note for index in accepted for note in items[index].changed)
        return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Build what a search needs; rows stay in their order."""
        return np.arange(len(columns["facts"]), dtype=np.uint32), clear_columns.seal(columns)

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return what was enrolled of some rows."""
        with reading():
            return clear_columns.unseal(columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join columns; each value is there once."""
        return clear_columns.join(parts)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Name numbers of dead rows, and values that no live row has."""
        with reading():
            yield from clear_columns.traces(segment, rows)

    def settings(self) -> Mapping[str, Any]:
        """Return the version of folding."""
        return {"folding": _FOLDING}

    def check_probe(self, probe: Any) -> None:
        """Refuse what is no person; encoded ones are what is asked of another party."""
        if not isinstance(probe, EncodedPerson):
            super().check_probe(probe)

    def take_probe(self, probe: Any) -> Person:
        """Refuse pseudonyms, and what is no person."""
        if isinstance(probe, EncodedPerson):
            raise other_encoding("the gallery holds names in clear")
        if not isinstance(probe, Person):
            raise clear_columns.not_a_person(probe)
        return probe

    def table_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return the elements of a person."""
        return table_columns()

    def items_of(self, table: Table) -> PersonTable:
        """Read persons, one a row."""
        return PersonTable(table)

    def prepare(self, probes: Sequence[Any], policy: engine.Policy) -> _native.Matcher:
        """Fold the names of the probes."""
        return person_matcher(self._suitable(probes, policy), linkage_policy(policy))

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: engine.Policy
    ) -> _native.Matcher:
        """Make rows ready as probes; what a probe between states has to have is not asked."""
        persons = (self.decode(segment, int(row)) for row in rows)
        return person_matcher(persons, linkage_policy(policy))

    def decode(self, segment: _native.Segment, row: int) -> Person:
        """Return the person in a row."""
        with reading():
            return clear_columns.decode(segment.columns, row)

    def explain(self, probe: Any, reference: Person, policy: engine.Policy) -> Comparison:
        """Compare two persons, field by field."""
        return agreement(self.take_probe(probe), reference, linkage_policy(policy))

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: engine.Policy
    ) -> Columns:
        """Unpack weights and patterns."""
        return linkage_results(rank, detail, linkage_policy(policy))

    def check_policy(self, policy: engine.Policy) -> None:
        """Refuse anything but a policy for weights."""
        linkage_policy(policy)


POLICE_RECORD = ClearCategory()
"""The category of police records whose names are in clear."""
register(POLICE_RECORD)

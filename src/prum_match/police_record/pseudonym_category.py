"""Persons whose names are pseudonyms, as a category of the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Columns, Encoded, Table, Trace
from prum_match.engine.whole import Category
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError
from prum_match.police_record.category import PoliceCategory, linkage_results, other_encoding
from prum_match.police_record.columns import clear as clear_columns
from prum_match.police_record.columns.pseudonyms import (
    FILTER_BYTES,
    FieldColumns,
    PseudonymColumns,
    RecordColumns,
)
from prum_match.police_record.linkage.agreement import agreement
from prum_match.police_record.linkage.comparison import Comparison
from prum_match.police_record.linkage.dice import DiceComparison, common_key, dice_quality
from prum_match.police_record.linkage.policy import (
    NATIONAL,
    NATIONAL_DICE,
    PRUM_2024,
    PRUM_2024_DICE,
    dice_policy,
    linkage_policy,
)
from prum_match.police_record.linkage.probes import field_matcher, filters_of
from prum_match.police_record.persons.person import Person
from prum_match.police_record.persons.tables import PersonTable, table_columns
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons
from prum_match.police_record.pseudonyms.encoder import PersonEncoder
from prum_match.police_record.pseudonyms.parameters import Parameters
from prum_match.police_record.stored import reading


class PseudonymCategory(PoliceCategory):
    """Persons whose names are pseudonyms of one parameter block."""

    def __init__(self, parameters: Parameters, encoder: PersonEncoder | None = None) -> None:
        if parameters.bits != 8 * FILTER_BYTES:
            raise InvalidInput(
                f"galleries hold filters of {8 * FILTER_BYTES} bits",
                code="bad_parameters",
                field="bits",
                value=parameters.bits,
            )
        self.parameters = parameters
        self.fingerprint = parameters.fingerprint if encoder is None else encoder.fingerprint
        self.encoder = encoder
        self.by_field = parameters.scheme == "field"
        self._layout: PseudonymColumns = FieldColumns() if self.by_field else RecordColumns()
        self.columns = self._layout.columns
        self.default_policy: engine.Policy = NATIONAL if self.by_field else NATIONAL_DICE

    @property
    def responder_policy(self) -> engine.Policy:
        """Two elements, and a bounded list."""
        return PRUM_2024 if self.by_field else PRUM_2024_DICE

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Lay out filters: each distinct half once, or interleaved."""
        if isinstance(items, EncodedPersons):
            self._check(items.parameters)
            _check_width(items.filters.shape[1])
            everybody = np.arange(len(items), dtype=np.int64)
            notes = _nameless((items.has_first | items.has_family).tolist())
            return Encoded(self._layout.encode(items), everybody, notes=notes)
        together = self._encoded_together(items)
        if together is not None:
            return self.encode(together)
        persons, accepted, refused = list[EncodedPerson](), list[int](), list[PrumError]()
        for index in range(len(items)):
            try:
                # The row of a table becomes a person here, or is refused.
                persons.append(self.take_probe(items[index]))
                accepted.append(index)
            except PrumError as error:
                refused.append(error.at(index))
        notes = _nameless([person.has_first or person.has_family for person in persons])
        columns = self._layout.encode(persons)
        return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Build what a search needs; rows stay in their order."""
        return np.arange(len(columns["facts"]), dtype=np.uint32), self._layout.seal(columns)

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return what was enrolled of some rows."""
        with reading():
            return self._layout.unseal(columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join columns; keys get new numbers."""
        return self._layout.join(parts)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Name filters, numbers and tokens of dead rows, and values that no live row has."""
        with reading():
            yield from self._layout.traces(segment, rows)

    def settings(self) -> Mapping[str, Any]:
        """Return the parameter block."""
        return {"parameters": self.parameters.to_json(), "fingerprint": self.fingerprint}

    def set_encoder(self, encoder: PersonEncoder) -> None:
        """Encode persons in clear with this encoder from now on."""
        self._check(encoder.fingerprint)
        self.encoder = encoder

    def table_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return the elements of a person in clear, where there is an encoder."""
        return super().table_columns(names) if self.encoder is None else table_columns()

    def items_of(self, table: Table) -> PersonTable:
        """Read persons in clear, one a row."""
        return PersonTable(table)

    def take_probe(self, probe: Any) -> EncodedPerson:
        """Encode a person in clear; refuse pseudonyms of another block."""
        if isinstance(probe, Person):
            if self.encoder is None:
                raise InvalidInput(
                    "the gallery holds pseudonyms, and has no encoder",
                    code="clear_text_names",
                    field="person",
                    rule="Reg. (EU) 2024/982, Art. 25(2) and 43(3)",
                )
            return self.encoder.encode([probe])[0]
        if not isinstance(probe, EncodedPerson):
            raise clear_columns.not_a_person(probe)
        self._check(probe.parameters)
        _check_width(len(probe.pseudonyms[0].filters[0]))
        return probe

    def take_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        """Encode all at once where that can be done."""
        together = self._encoded_together(probes)
        return super().take_probes(probes if together is None else together)

    def _encoded_together(self, items: Sequence[Any]) -> EncodedPersons | None:
        """Encode persons in clear in one go; None if one of them is something else, or refused."""
        if self.encoder is None or len(items) < 2:
            return None
        try:
            persons = list(items)
            if all(isinstance(person, Person) for person in persons):
                return self.encoder.encode(persons)
        except PrumError:
            pass  # of whom, is found out one by one
        return None

    def _check(self, fingerprint: str) -> None:
        if fingerprint != self.fingerprint:
            raise other_encoding("encoded with other parameters than the gallery's")

    def prepare(self, probes: Sequence[Any], policy: engine.Policy) -> _native.Matcher:
        """Make probes ready, under the first key that all of them have."""
        persons = list(self._suitable(probes, policy))
        return self._matcher(persons, policy)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: engine.Policy
    ) -> _native.Matcher:
        """Make rows ready as probes."""
        with reading():
            columns = self._layout.unseal(segment.columns, rows)
            numbers = range(len(rows))
            persons = [self._layout.decode(columns, i, self.fingerprint) for i in numbers]
        return self._matcher(persons, policy)

    def _matcher(self, persons: list[EncodedPerson], policy: engine.Policy) -> _native.Matcher:
        key_id = _common_key_of(persons)
        under = [names for person in persons if (names := person.under(key_id)) is not None]
        if self.by_field:
            pairs = zip(persons, under, strict=True)
            return field_matcher(pairs, linkage_policy(policy), self.parameters.thresholds, key_id)
        limits = dice_policy(policy)
        least = self.parameters.thresholds[0] if limits.threshold is None else limits.threshold
        records = _native.RecordMatcher(least, limits.by_tokens, int(key_id, 16))
        for names in under:
            records.add(filters_of(names), list(names.tokens))
        return records

    def decode(self, segment: _native.Segment, row: int) -> EncodedPerson:
        """Return the person in a row."""
        with reading():
            return self._layout.decode(segment.columns, row, self.fingerprint)

    def explain(
        self, probe: Any, reference: EncodedPerson, policy: engine.Policy
    ) -> Comparison | DiceComparison:
        """Compare two persons: field by field, or by one filter."""
        person = self.take_probe(probe)
        names = common_key(person, reference)
        if names is None:
            raise ComparisonMismatch("encoded under different keys", code="other_key")
        if not self.by_field:
            return DiceComparison.of(*names, dice_policy(policy), self.parameters.thresholds)
        return agreement(person, reference, linkage_policy(policy), self.parameters.thresholds)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: engine.Policy
    ) -> Columns:
        """Unpack weights and patterns, or Dice coefficients."""
        if self.by_field:
            return linkage_results(rank, detail, linkage_policy(policy))
        scores = _native.police_scores(rank)
        close = dice_policy(policy).close
        qualities = [dice_quality(score, close).value for score in scores.tolist()]
        return {"score": scores, "match_quality": np.array(qualities, "U7")}

    def check_policy(self, policy: engine.Policy) -> None:
        """Refuse a policy of the other scheme, and of other categories."""
        if self.by_field:
            linkage_policy(policy)
        else:
            dice_policy(policy)

    def check_partner(self, other: Category[Any]) -> None:
        """Refuse to join pseudonyms of other parameters."""
        if isinstance(other, PseudonymCategory):
            self._check(other.fingerprint)
        else:
            super().check_partner(other)


def _common_key_of(persons: Sequence[EncodedPerson]) -> str:
    """Return the first key under which all of these have pseudonyms."""
    if not persons:
        return "0" * 16
    keys = [names.key_id for names in persons[0].pseudonyms]
    for key_id in keys:
        if all(person.under(key_id) is not None for person in persons):
            return key_id
    index = next(i for i, person in enumerate(persons) if person.under(keys[0]) is None)
    raise ComparisonMismatch(
        "probes of one search are encoded under one key", code="other_key", index=index
    )


def _check_width(n: int) -> None:
    if n != FILTER_BYTES:
        raise other_encoding("filters of another length")


def _nameless(named: Sequence[bool]) -> Mapping[str, int]:
    """Return the note of those whose own name is not known."""
    n = len(named) - sum(named)
    return {"no own name": n} if n else {}

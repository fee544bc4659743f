"""Persons whose names are pseudonyms, as a category of the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Encoded, Matching, Trace
from prum_match.engine.damage import reading
from prum_match.engine.progress import paced
from prum_match.engine.protocol import no_tables
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError
from prum_match.police_record.category import (
    NAME,
    P,
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
    DicePolicy,
    LinkagePolicy,
)
from prum_match.police_record.linkage.probes import field_matcher, filters_of
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons, Pseudonyms
from prum_match.police_record.pseudonyms.encoder import PersonEncoder
from prum_match.police_record.pseudonyms.parameters import Parameters


class PseudonymLayout(PersonLayout):
    """Pseudonyms of one parameter block, as columns.

    An encoder of the block encodes persons in clear; without one, they are refused.
    """

    def __init__(
        self,
        parameters: Parameters,
        encoder: PersonEncoder | None = None,
        fingerprint: str | None = None,
    ) -> None:
        if parameters.bits != 8 * FILTER_BYTES:
            raise InvalidInput(
                f"galleries hold filters of {8 * FILTER_BYTES} bits",
                code="bad_parameters",
                field="bits",
                value=parameters.bits,
            )
        self.parameters = parameters
        self.encoder = encoder
        self.fingerprint = fingerprint or (encoder or parameters).fingerprint
        self._stored: PseudonymColumns = FieldColumns() if self.by_field else RecordColumns()
        self.columns = self._stored.columns

    @property
    def by_field(self) -> bool:
        """Whether each name has filters of its own, instead of one for all fields."""
        return self.parameters.scheme == "field"

    def take(self, person: Any) -> EncodedPerson:
        """Encode a person in clear; refuse pseudonyms of another block."""
        if isinstance(person, Person):
            if self.encoder is None:
                raise InvalidInput(
                    "the gallery holds pseudonyms, and has no encoder",
                    code="clear_text_names",
                    field="person",
                    rule="Reg. (EU) 2024/982, Art. 25(2) and 43(3)",
                )
            return self.encoder.encode([person])[0]
        if not isinstance(person, EncodedPerson):
            raise clear_columns.not_a_person(person)
        self.check(person.parameters)
        _check_width(len(person.pseudonyms[0].filters[0]))
        return person

    def encode(self, items: Sequence[Any]) -> Encoded:
        if isinstance(items, EncodedPersons):
            self.check(items.parameters)
            _check_width(items.filters.shape[1])
            everybody = np.arange(len(items), dtype=np.int64)
            notes = _nameless((items.has_first | items.has_family).tolist())
            return Encoded(self._stored.encode(items), everybody, notes=notes)
        together = self.encoded_together(items)
        if together is not None:
            return self.encode(together)
        persons, accepted, refused = list[EncodedPerson](), list[int](), list[PrumError]()
        for index in paced(range(len(items))):
            try:
                # The row of a table becomes a person here, or is refused.
                persons.append(self.take(items[index]))
                accepted.append(index)
            except PrumError as error:
                refused.append(error.at(index))
        notes = _nameless([person.has_first or person.has_family for person in persons])
        columns = self._stored.encode(persons)
        return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes)

    def decode(self, segment: _native.Segment, row: int) -> EncodedPerson:
        with reading():
            return self._stored.decode(segment.columns, row, self.fingerprint)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        return np.arange(len(columns["facts"]), dtype=np.uint32), self._stored.seal(columns)

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        with reading():
            return self._stored.unseal(columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        return self._stored.join(parts)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        with reading():
            yield from self._stored.traces(segment, rows)

    def settings(self) -> Mapping[str, Any]:
        return {"parameters": self.parameters.to_json(), "fingerprint": self.fingerprint}

    def set_encoder(self, encoder: PersonEncoder) -> None:
        self.check(encoder.fingerprint)
        self.encoder = encoder

    def decode_rows(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> list[Any]:
        """Return the persons in some rows."""
        with reading():
            columns = self._stored.unseal(segment.columns, rows)
            numbers = paced(range(len(rows)))
            return [self._stored.decode(columns, i, self.fingerprint) for i in numbers]

    def encoded_together(self, items: Sequence[Any]) -> EncodedPersons | None:
        """Encode persons in clear in one go; None if one of them is something else, or refused."""
        if self.encoder is None or len(items) < 2:
            return None
        try:
            persons = list(paced(items))
            if all(isinstance(person, Person) for person in persons):
                return self.encoder.encode(persons)
        except PrumError:
            pass  # the caller takes the items one by one and finds the bad ones
        return None

    def check(self, fingerprint: str) -> None:
        """Refuse pseudonyms that were made with other parameters."""
        if fingerprint != self.fingerprint:
            raise other_encoding("encoded with other parameters than the gallery's")


class PseudonymMatching(PersonMatching[P]):
    """Comparison of pseudonyms that were made under one key."""

    _layout: PseudonymLayout

    @abstractmethod
    def _matcher(
        self, persons: Sequence[EncodedPerson], under: Sequence[Pseudonyms], key: str, policy: P
    ) -> _native.Matcher:
        """Make persons ready, with their pseudonyms under the key that all of them have."""

    def check_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        """Encode all at once where that can be done."""
        together = self._layout.encoded_together(probes)
        return super().check_probes(probes if together is None else together)

    def prepare(self, probes: Sequence[Any], policy: P) -> _native.Matcher:
        return self._matcher_of(list(suitable(probes, policy)), policy)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: P
    ) -> _native.Matcher:
        return self._matcher_of(self._layout.decode_rows(segment, rows), policy)

    def _matcher_of(self, persons: Sequence[EncodedPerson], policy: P) -> _native.Matcher:
        key_id = _common_key_of(persons)
        everybody = paced(persons, counted=False)
        under = [names for person in everybody if (names := person.under(key_id)) is not None]
        return self._matcher(persons, under, key_id, policy)

    def _pair(
        self, probe: Any, reference: EncodedPerson
    ) -> tuple[EncodedPerson, tuple[Pseudonyms, Pseudonyms]]:
        """Return the probe encoded, and the pseudonyms of both under one key."""
        person = self._layout.take(probe)
        names = common_key(person, reference)
        if names is None:
            raise ComparisonMismatch("encoded under different keys", code="other_key")
        return person, names

    def check_joinable(self, other: Matching[Any, Any]) -> None:
        if isinstance(other, PseudonymMatching):
            self._layout.check(other._layout.fingerprint)
        else:
            super().check_joinable(other)


class FieldMatching(PseudonymMatching[LinkagePolicy]):
    """Comparison field by field: each name has filters of its own."""

    default_policy = NATIONAL

    def _matcher(
        self,
        persons: Sequence[EncodedPerson],
        under: Sequence[Pseudonyms],
        key: str,
        policy: LinkagePolicy,
    ) -> _native.Matcher:
        pairs = zip(persons, under, strict=True)
        return field_matcher(pairs, policy, self._layout.parameters.thresholds, key)

    def explain(self, probe: Any, reference: EncodedPerson, policy: LinkagePolicy) -> Comparison:
        person, _ = self._pair(probe, reference)
        return agreement(person, reference, policy, self._layout.parameters.thresholds)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: LinkagePolicy
    ) -> Columns:
        return linkage_results(rank, detail, policy)


class RecordMatching(PseudonymMatching[DicePolicy]):
    """Comparison by one filter that holds all fields."""

    default_policy = NATIONAL_DICE

    def _matcher(
        self,
        persons: Sequence[EncodedPerson],
        under: Sequence[Pseudonyms],
        key: str,
        policy: DicePolicy,
    ) -> _native.Matcher:
        thresholds = self._layout.parameters.thresholds
        least = thresholds[0] if policy.threshold is None else policy.threshold
        records = _native.RecordMatcher(least, policy.by_tokens, int(key, 16))
        for names in paced(under, counted=False):
            records.add(filters_of(names), list(names.tokens))
        return records

    def explain(self, probe: Any, reference: EncodedPerson, policy: DicePolicy) -> DiceComparison:
        _, names = self._pair(probe, reference)
        return DiceComparison.of(*names, policy, self._layout.parameters.thresholds)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: DicePolicy
    ) -> Columns:
        scores = _native.police_scores(rank)
        qualities = [dice_quality(score, policy.close).value for score in scores.tolist()]
        return {"score": scores, "match_quality": np.array(qualities, "U7")}


class PseudonymTables(PersonTables):
    """Persons in clear in tables, for a gallery that has an encoder."""

    def __init__(self, layout: PseudonymLayout) -> None:
        self._layout = layout

    def columns(self, names: Sequence[str]) -> Collection[str]:
        if self._layout.encoder is None:
            raise no_tables()
        return super().columns(names)


def pseudonym_category(layout: PseudonymLayout) -> PersonCategory[Any]:
    """Return the category of a layout of pseudonyms."""
    tables = PseudonymTables(layout)
    if layout.by_field:
        wire = PersonWire(layout, PRUM_2024)
        return PersonCategory(NAME, layout, FieldMatching(layout), tables, wire)
    dice_wire = PersonWire(layout, PRUM_2024_DICE)
    return PersonCategory(NAME, layout, RecordMatching(layout), tables, dice_wire)


def _common_key_of(persons: Sequence[EncodedPerson]) -> str:
    """Return the first key under which all of these have pseudonyms."""
    if not persons:
        return "0" * 16
    keys = [names.key_id for names in persons[0].pseudonyms]
    for key_id in keys:
        if all(person.under(key_id) is not None for person in paced(persons, counted=False)):
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

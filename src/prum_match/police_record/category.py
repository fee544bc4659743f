"""Police records as a category of the engine: persons in clear, or their pseudonyms."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Category, Columns, Encoded, Table, Trace, register
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError
from prum_match.police_record import clear_columns, wire
from prum_match.police_record.answers import PersonList
from prum_match.police_record.comparison import Comparison, Quality
from prum_match.police_record.conditions import check_elements
from prum_match.police_record.dice import DiceComparison, common_key, dice_quality
from prum_match.police_record.encoded import EncodedPerson, EncodedPersons
from prum_match.police_record.encoder import PersonEncoder
from prum_match.police_record.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.pairs import agreement
from prum_match.police_record.parameters import Parameters
from prum_match.police_record.patterns import levels_of
from prum_match.police_record.person import Person
from prum_match.police_record.policy import (
    NATIONAL,
    NATIONAL_DICE,
    PRUM_2024,
    PRUM_2024_DICE,
    LinkagePolicy,
    dice_policy,
    linkage_policy,
)
from prum_match.police_record.probes import field_matcher, filters_of, person_matcher
from prum_match.police_record.pseudonym_columns import (
    FILTER_BYTES,
    FieldColumns,
    PseudonymColumns,
    RecordColumns,
)
from prum_match.police_record.stored import reading
from prum_match.police_record.tables import PersonTable, table_columns
from prum_match.police_record.weights import UNIT

__all__ = [
    "NAME",
    "POLICE_RECORD",
    "ClearCategory",
    "PoliceCategory",
    "PseudonymCategory",
    "category_for",
]

NAME = "police_record"
# Of folding: forms that are stored say what another version would not.
_FOLDING = 1


class PoliceCategory(Category[Any]):
    """What persons in clear and pseudonyms have in common."""

    name = NAME
    fuses_subjects = True
    list_type = PersonList

    def with_threshold(self, threshold: float) -> engine.Policy:
        """Return the default policy with another threshold."""
        return replace(self.default_policy, threshold=threshold)  # type: ignore[call-arg]

    def use(self, encoder: PersonEncoder) -> None:
        """Encode persons in clear with this encoder from now on."""
        raise _other_encoding("the gallery holds names in clear")

    def check_probe(self, probe: Any) -> None:
        """Refuse what is no person, or not encoded as the gallery is."""
        self.take_probes([probe])

    @abstractmethod
    def take_probe(self, probe: Any) -> Any:
        """Return a probe as this category has persons."""

    def take_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        """Return persons as this category has them."""
        taken = list[Any]()
        for index, probe in enumerate(probes):
            try:
                taken.append(self.take_probe(probe))
            except PrumError as error:
                raise error.at(index) from None
        return taken

    def check_suitable(self, probe: Any, policy: engine.Policy) -> None:
        """Refuse a probe without two elements, where the policy asks for them."""
        self.check_policy(policy)
        if getattr(policy, "two_elements", False):
            check_elements(probe)

    def _suitable(self, probes: Sequence[Any], policy: engine.Policy) -> Iterator[Any]:
        for index, probe in enumerate(self.take_probes(probes)):
            try:
                self.check_suitable(probe, policy)
            except PrumError as error:
                raise error.at(index) from None
            yield probe

    def probe_to_bytes(self, probe: Any) -> bytes | None:
        """Return the canonical bytes of an encoded person; names in clear stay in the house."""
        return wire.probe_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> EncodedPerson:
        """Read an encoded person."""
        return wire.probe_from_bytes(data)

    def item_to_bytes(self, item: Any) -> bytes:
        """Return nothing: a reply says reference numbers and match quality alone."""
        return wire.item_to_bytes(item)

    def item_from_bytes(self, data: bytes) -> Any:
        """Refuse: a reply carries no data of a person."""
        return wire.item_from_bytes(data)


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
            raise _other_encoding("the gallery holds names in clear")
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
        """Return the person in a row.

        Raises
        ------
        StorageError
            Code ``"damaged_segment"``.
        """
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


class PseudonymCategory(PoliceCategory):
    """Persons whose names are pseudonyms of one parameter block.

    Parameters
    ----------
    parameters : Parameters
        The block.
    encoder : PersonEncoder, optional
        Encodes persons in clear that are enrolled or searched with.
    """

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

    def use(self, encoder: PersonEncoder) -> None:
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
            raise _other_encoding("encoded with other parameters than the gallery's")

    def prepare(self, probes: Sequence[Any], policy: engine.Policy) -> _native.Matcher:
        """Make probes ready, under the first key that all of them have.

        Raises
        ------
        ComparisonMismatch
            Code ``"other_key"``: there is none.
        """
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
        """Return the person in a row.

        Raises
        ------
        StorageError
            Code ``"damaged_segment"``.
        """
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
            return DiceComparison.of(*names, dice_policy(policy).close)
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


def linkage_results(
    rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: LinkagePolicy
) -> Columns:
    """Unpack weights and patterns: score in bits, probability, match quality."""
    weights = _native.police_weights(rank)
    probabilities = policy.model.probability(weights)
    levels = levels_of(detail.astype(np.int64))
    exact = np.minimum(levels["family"], levels["first"]) >= NameLevel.EQUIVALENT
    exact &= levels["date"] == DateLevel.EXACT
    for name in ("place", "country", "nationality", "gender"):
        exact &= levels[name] != CountryLevel.DIFFERENT
    quality = np.where(probabilities >= policy.close, Quality.CLOSE.value, Quality.PARTIAL.value)
    return {
        "score": weights / UNIT,
        "probability": probabilities,
        "match_quality": np.where(exact, Quality.EXACT.value, quality).astype("U7"),
    }


def _check_width(n: int) -> None:
    if n != FILTER_BYTES:
        raise _other_encoding("filters of another length")


def _nameless(named: Sequence[bool]) -> Mapping[str, int]:
    """Return the note of those whose own name is not known."""
    n = len(named) - sum(named)
    return {"no own name": n} if n else {}


def _other_encoding(message: str) -> ComparisonMismatch:
    return ComparisonMismatch(message, code="other_encoding", field="parameters")


POLICE_RECORD = ClearCategory()
"""The category of police records whose names are in clear."""
register(POLICE_RECORD)


def category_for(settings: Mapping[str, Any], encoder: PersonEncoder | None) -> PoliceCategory:
    """Return the category of a gallery with these settings."""
    if "parameters" not in settings:
        return POLICE_RECORD
    category = PseudonymCategory(Parameters.from_json(settings["parameters"]), encoder)
    category.fingerprint = settings["fingerprint"]
    return category

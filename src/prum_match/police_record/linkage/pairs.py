"""All pairs of persons of two registers, for fitting a model and for linking."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns
from prum_match.engine.segments._encode import pack_strings
from prum_match.engine.segments.sealing import new_segment
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.police_record.columns import clear as clear_columns
from prum_match.police_record.columns.pseudonyms import FieldColumns
from prum_match.police_record.linkage.probes import (
    Rarity,
    add_person,
    add_pseudonyms,
    packed,
)
from prum_match.police_record.linkage.weights import UNIT, Weights
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.names.nicknames import Nicknames
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPersons

DICE_LEVELS = (0.8, 0.65, 0.5)
"""Dice coefficients from which two names are close, near and far, unless a block says otherwise."""

Matcher: TypeAlias = _native.PersonMatcher | _native.FieldMatcher
# Below every sum of weights.
_ANY_WEIGHT = -(2**29)
ANY_THRESHOLD = _ANY_WEIGHT / UNIT


class Found(NamedTuple):
    """Pairs that reach a weight, in order of `left`, then of `right`."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.int32]


class Pairs(ABC):
    """The pairs of two registers, or of one: each pair once, no person with themselves."""

    def __init__(self, left: Sequence[Any], right: Sequence[Any] | None) -> None:
        self._left = left
        self._right = left if right is None else right
        self._same = right is None

    @property
    def n_left(self) -> int:
        """Number of persons on the left."""
        return len(self._left)

    @property
    def n_right(self) -> int:
        """Number of persons on the right; that of the left if there is only one register."""
        return len(self._right)

    @property
    def n_pairs(self) -> int:
        """Number of pairs."""
        n = self.n_left
        return n * (n - 1) // 2 if self._same else n * self.n_right

    @abstractmethod
    def names(self, component: str) -> tuple[Sequence[Hashable], NDArray[np.int64]]:
        """Return the distinct names of both sides, and how many names of persons each is."""

    def pattern_counts(
        self, weights: Weights, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the patterns that occur, and the number of pairs of each."""
        numbers = np.arange(self.n_left) if rows is None else rows
        matcher = self._matcher(weights, _ANY_WEIGHT, lambda component, name: 0, numbers)
        counts = matcher.count_patterns(self._segment, self._after(numbers))
        codes = np.flatnonzero(counts)
        return codes, counts[codes].astype(np.int64)

    def link(self, weights: Weights, least: int, rarity: Mapping[str, NDArray[np.int32]]) -> Found:
        """Return the pairs of at least this weight."""
        added: dict[str, dict[Hashable, int]] = {
            component: dict(zip(self.names(component)[0], each.tolist(), strict=True))
            for component, each in rarity.items()
        }

        def units(component: str, name: Hashable) -> int:
            return added[component].get(name, 0)

        numbers = np.arange(self.n_left)
        matcher = self._matcher(weights, least, units, numbers)
        left, right, weight, _ = matcher.pairs(self._segment, self._after(numbers))
        order = np.lexsort((right, left))
        return Found(left[order], right[order], weight[order])

    def _after(self, rows: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        return rows.astype(np.uint32) if self._same else None

    @cached_property
    @abstractmethod
    def _segment(self) -> _native.Segment:
        """The persons on the right."""

    @abstractmethod
    def _matcher(
        self,
        weights: Weights,
        least: int,
        rarity: Rarity,
        rows: NDArray[np.int64],
    ) -> Matcher:
        """Make persons on the left ready."""


class ClearPairs(Pairs):
    """Pairs of persons in clear."""

    def __init__(
        self, left: Sequence[Any], right: Sequence[Any] | None, nicknames: Nicknames | None
    ) -> None:
        super().__init__(left, right)
        self._nicknames = nicknames

    def names(self, component: str) -> tuple[Sequence[Hashable], NDArray[np.int64]]:
        """Return the distinct names of both sides, and how many names of persons each is."""
        sides = (self._left,) if self._same else (self._left, self._right)
        attribute = f"{component}_names" if component == "family" else "first_names"
        spelled = Counter(
            parts
            for side in sides
            for person in side
            # A person without aliases has one name; reading it directly avoids creating an object.
            for name in (person.names if person.aliases else (person,))
            if (parts := getattr(name, attribute))
        )
        found = Counter[str]()
        for parts, times in spelled.items():
            found[fold_name(" ".join(parts)).exact] += times
        return list(found), np.array(list(found.values()), np.int64)

    @cached_property
    def _segment(self) -> _native.Segment:
        return segment_of(clear_columns.seal(clear_columns.encode(self._right)))

    def _matcher(
        self,
        weights: Weights,
        least: int,
        rarity: Rarity,
        rows: NDArray[np.int64],
    ) -> Matcher:
        matcher = _native.PersonMatcher(packed(weights), least)
        for row in rows.tolist():
            add_person(matcher, self._left[row], weights, rarity, self._nicknames)
        return matcher


class FieldPairs(Pairs):
    """Pairs of persons whose names are filters."""

    _left: EncodedPersons
    _right: EncodedPersons

    def names(self, component: str) -> tuple[Sequence[Hashable], NDArray[np.int64]]:
        """Return the distinct names of both sides, and how many names of persons each is."""
        sides = (self._left,) if self._same else (self._left, self._right)
        halves = np.concatenate([_halves(side, component) for side in sides])
        values, counts = np.unique(
            np.ascontiguousarray(halves).view("V64").ravel(), return_counts=True
        )
        known = [(value.tobytes(), n) for value, n in zip(values, counts, strict=True)]
        known = [(value, n) for value, n in known if any(value)]
        return [value for value, _ in known], np.array([n for _, n in known], np.int64)

    @cached_property
    def _segment(self) -> _native.Segment:
        layout = FieldColumns()
        return segment_of(layout.seal(layout.encode(self._right)))

    def _matcher(
        self,
        weights: Weights,
        least: int,
        rarity: Rarity,
        rows: NDArray[np.int64],
    ) -> Matcher:
        key, block = int(self._left.key_id, 16), self._left.block
        dice = DICE_LEVELS if block is None else block.thresholds
        matcher = _native.FieldMatcher(packed(weights), least, list(dice), key)
        for row in rows.tolist():
            person = self._left[row]
            add_pseudonyms(matcher, person, person.pseudonyms[0], weights, rarity)
        return matcher


def _halves(persons: EncodedPersons, component: str) -> NDArray[np.uint8]:
    return persons.filters[:, :64] if component == "family" else persons.filters[:, 64:]


def compare(
    left: Sequence[Any], right: Sequence[Any] | None, nicknames: Nicknames | None = None
) -> Pairs:
    """Return the pairs of two registers, or of one."""
    sides = [side for side in (left, right) if side is not None]
    encoded = [side for side in sides if isinstance(side, EncodedPersons)]
    if len(encoded) == len(sides):
        for name, code in (("parameters", "other_encoding"), ("key_id", "other_key")):
            if len({getattr(side, name) for side in encoded}) > 1:
                raise ComparisonMismatch("not encoded alike", code=code, field=name)
        if any(side.block is not None and side.block.scheme != "field" for side in encoded):
            raise ComparisonMismatch(
                "filters that hold all fields are compared by Dice, not field by field",
                code="other_encoding",
                field="parameters",
            )
        return FieldPairs(left, right)
    for side in sides:
        for index, person in enumerate(side):
            if not isinstance(person, Person):
                raise InvalidInput(
                    "two registers of one kind are needed, of Person or EncodedPersons",
                    code="not_a_person",
                    field="persons",
                    index=index,
                )
    return ClearPairs(left, right, nicknames)


def segment_of(columns: Columns) -> _native.Segment:
    """Return sealed columns as a segment, its rows under numbers."""
    n = len(columns["facts"])
    offsets, text = pack_strings([f"{row:d}" for row in range(n)], "row")
    return new_segment({**columns, "ids.offsets": offsets, "ids.bytes": text}, n)

"""The search for persons: compares every reference, in clear, by field or by one filter.

This oracle does not use native code. A filter is bytes, bit i of it is bit i % 8 of byte i // 8; a
person has one for each name. All searches return ``(weight or score, reference id)``, the best
first, then by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from oracles.police_record import levels
from oracles.police_record.levels import (
    Agreement,
    FullName,
    Others,
    Rarity,
    Spelling,
    Subject,
    Weights,
)

Thresholds = Sequence[tuple[int, Fraction]]
"""Levels and the least Dice of each, the best first."""

THRESHOLDS: Thresholds = (
    (levels.EXACT, Fraction(1)),
    (levels.CLOSE, Fraction(4, 5)),
    (levels.NEAR, Fraction(13, 20)),
    (levels.FAR, Fraction(1, 2)),
)
FIELD_BYTES = 64


class Filters(NamedTuple):
    """An encoded person: filters of the names, own name first, and the clear fields."""

    filters: tuple[bytes, ...]
    clear: Subject = Subject()


def dice(a: bytes, b: bytes) -> Fraction:
    """Return twice the bits in common as a share of all bits; of no bits, 0.

    >>> dice(bytes([0b1011]), bytes([0b1110]))
    Fraction(2, 3)
    """
    common = sum((x & y).bit_count() for x, y in zip(a, b, strict=True))
    bits = sum(x.bit_count() for x in a + b)
    return Fraction(2 * common, bits) if bits else Fraction(0)


def filter_level(a: bytes, b: bytes, thresholds: Thresholds = THRESHOLDS) -> int:
    """Return the level of two names given by filters; an empty filter is a missing name."""
    if not any(a) or not any(b):
        return levels.MISSING
    score = dice(a, b)
    return next((level for level, least in thresholds if score >= least), levels.DIFFERENT)


def field_agreement(
    a: Filters, b: Filters, weights: Weights, thresholds: Thresholds = THRESHOLDS
) -> Agreement:
    """Compare two persons given by filters of family name and first names."""

    def halves(person: Filters) -> list[FullName]:
        parts = [(each[FIELD_BYTES:], each[:FIELD_BYTES]) for each in person.filters]
        return [FullName(_as_name(first), _as_name(family)) for first, family in parts]

    def level(x: levels.Folded | None, y: levels.Folded | None) -> int:
        if x is None or y is None:
            return levels.MISSING
        return filter_level(bytes.fromhex(x.exact), bytes.fromhex(y.exact), thresholds)

    names = levels.best_names(halves(a), halves(b), weights, level, level)
    return levels.with_clear_fields(names, a.clear, b.clear, weights)


def _as_name(bits: bytes) -> Spelling:
    return Spelling(bits.hex(), ())


def record_score(a: Filters, b: Filters) -> Fraction:
    """Return the best Dice of all pairs of filters of two persons."""
    return max((dice(x, y) for x in a.filters for y in b.filters), default=Fraction(0))


def search(
    probe: Subject,
    references: Mapping[str, Subject],
    weights: Weights,
    threshold: int,
    others: Others = levels.nobody,
    family_rarity: Rarity = levels.nothing,
    first_rarity: Rarity = levels.nothing,
) -> list[tuple[int, str, int]]:
    """Return weight, id and pattern of all persons in clear with at least the threshold."""

    def compare(reference: Subject) -> Agreement:
        return levels.agreement(probe, reference, weights, others, family_rarity, first_rarity)

    return _found(((name, compare(each)) for name, each in references.items()), threshold)


def search_fields(
    probe: Filters,
    references: Mapping[str, Filters],
    weights: Weights,
    threshold: int,
    thresholds: Thresholds = THRESHOLDS,
) -> list[tuple[int, str, int]]:
    """Return the same for persons given by filters of the fields."""

    def compare(reference: Filters) -> Agreement:
        return field_agreement(probe, reference, weights, thresholds)

    return _found(((name, compare(each)) for name, each in references.items()), threshold)


def search_records(
    probe: Filters, references: Mapping[str, Filters], threshold: Fraction
) -> list[tuple[Fraction, str]]:
    """Return Dice and id of all persons whose one filter reaches the threshold."""
    scores = ((record_score(probe, each), name) for name, each in references.items())
    found = [(score, name) for score, name in scores if score >= threshold]
    return sorted(found, key=lambda each: (-each[0], each[1].encode()))


def _found(compared: Iterable[tuple[str, Agreement]], threshold: int) -> list[tuple[int, str, int]]:
    found = [(each.weight, name, each.code) for name, each in compared if each.weight >= threshold]
    return sorted(found, key=lambda each: (-each[0], each[1].encode()))


def pattern_counts(
    left: Sequence[Subject],
    right: Sequence[Subject],
    weights: Weights,
    same: bool = False,
    compare: Callable[[Subject, Subject, Weights], Agreement] = levels.agreement,
) -> dict[int, int]:
    """Count the patterns of all pairs; within one list, of each pair of two persons once."""
    pairs = ((a, b) for i, a in enumerate(left) for b in (right[i + 1 :] if same else right))
    return dict(sorted(Counter(compare(a, b, weights).code for a, b in pairs).items()))

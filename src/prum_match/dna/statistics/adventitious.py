"""Expected numbers of candidates by chance.

With six or seven loci in common, a Prüm comparison of 50,000 traces with a million people turns
up thousands of pairs of unrelated people. ENFSI asks that a report of database matches warn of
such *adventitious* matches (DNA Database Management, recommendation 22 of the 2009 edition); this
module computes how many to expect under a given policy.

The chance that two unrelated people, typed at given common loci, become a candidate is exact: a
locus has one of ten outcomes (:mod:`prum_match.dna.statistics.locus_pairs`), of which a policy's
readings need only the number of loci that count to the floor and the number of deviating alleles,
and these few numbers are carried from locus to locus. Several readings are carried together, so
their union is exact, not a sum. Loci are assumed independent; relatives, who match far more often,
are not included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.loci import locus
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.statistics.balding_nichols import checked_theta
from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.dna.statistics.locus_pairs import WildcardSides, outcome_probabilities
from prum_match.dna.statistics.reading_states import PolicyLike, ReadingStates, reading_states
from prum_match.errors import InvalidInput

Kinds = NDArray[np.uint8]
Floats = NDArray[np.float64]
# Pairs of patterns, and common sets, that are worked on together (some 10 MB each).
_PAIRS = 1 << 18
_SETS = 1 << 12


@dataclass(frozen=True)
class TypedPattern:
    """Which loci a profile has in the exchange view, and which of them with a wildcard.

    Attributes
    ----------
    loci : frozenset of str
        Canonical names; any iterable of names in any spelling is accepted.
    wildcards : frozenset of str
        Those of the loci that hold a wildcard.

    Raises
    ------
    InvalidInput
        Codes ``"unknown_locus"``, ``"not_compared"`` (amelogenin), ``"bad_pattern"`` (a wildcard
        at a locus that is not typed).

    Examples
    --------
    >>> TypedPattern(["vWA", "TH 01"], ["vWA"]) == TypedPattern({"TH01", "VWA"}, {"VWA"})
    True
    """

    loci: frozenset[str]
    wildcards: frozenset[str] = frozenset()

    def __init__(self, loci: Iterable[str], wildcards: Iterable[str] = ()) -> None:
        object.__setattr__(self, "loci", frozenset(_names(loci)))
        object.__setattr__(self, "wildcards", frozenset(_names(wildcards)))
        if not self.wildcards <= self.loci:
            raise InvalidInput(
                "a locus with a wildcard is not among the typed loci",
                code="bad_pattern",
                field="wildcards",
            )

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Return the pattern of a profile.

        Examples
        --------
        >>> sorted(TypedPattern.of(Profile({"TH01": ("6", "OL"), "FGA": (21, 22)})).wildcards)
        ['TH01']
        """
        pairs = profile.pairs
        return cls(pairs, [name for name, pair in pairs.items() if pair[1] == WILDCARD])

    def restricted(self, loci: Iterable[str]) -> Self:
        """Return the pattern as if only these loci were typed.

        Examples
        --------
        Loci without frequencies can be left out on purpose; the expected number is then that of
        a search with these loci alone.

        >>> sorted(TypedPattern(["FGA", "CD4"]).restricted(["FGA", "VWA"]).loci)
        ['FGA']
        """
        kept = self.loci.intersection(_names(loci))
        return type(self)(kept, self.wildcards & kept)


def typed_patterns(profiles: Iterable[Profile]) -> dict[TypedPattern, int]:
    """Count the patterns of many profiles.

    Examples
    --------
    >>> list(typed_patterns([Profile({"FGA": (21, 22)}), Profile({"FGA": (19, 19)})]).values())
    [2]
    """
    return dict(Counter(map(TypedPattern.of, profiles)))


def match_chance(
    frequencies: Frequencies,
    loci: Iterable[str],
    policy: PolicyLike,
    theta: float = 0.0,
    *,
    wildcard_a: Iterable[str] = (),
    wildcard_b: Iterable[str] = (),
) -> float:
    """Return the probability that the profiles of two unrelated people are a candidate pair.

    Parameters
    ----------
    frequencies : Frequencies
        The population of both people. Its minimum-frequency rule is not applied.
    loci : iterable of str
        The loci that both profiles have.
    policy : Policy or Reading
        What makes a candidate; of a policy's readings any one may hold.
    theta : float, default 0.0
        Co-ancestry coefficient, 0 <= theta < 1.
    wildcard_a, wildcard_b : iterable of str
        Loci at which the first and the second profile have a wildcard.

    Returns
    -------
    float
        The probability, exact but for floating-point rounding.

    Raises
    ------
    InvalidInput
        Codes ``"no_frequencies"``, ``"bad_pattern"``, ``"bad_theta"``, ``"unknown_locus"``,
        ``"no_readings"``.

    Notes
    -----
    The worst allele of a locus decides whether it counts to the floor, as in a comparison. The
    allele order, wildcards and alleles that the table does not list are described in
    :mod:`prum_match.dna.statistics.locus_pairs`.

    Examples
    --------
    >>> from prum_match.dna import Reading
    >>> table = Frequencies({"TH01": {"6": 0.5, "8": 0.5}, "FGA": {"21": 0.5, "22": 0.5}})
    >>> both_equal = Reading("example", 2, False, False, 0, 0)
    >>> match_chance(table, ["TH01", "FGA"], both_equal)
    0.140625
    """
    a = TypedPattern(loci, wildcard_a)
    b = TypedPattern(a.loci, wildcard_b)
    return expected_adventitious_hits({a: 1}, {b: 1}, frequencies, policy, theta)


def expected_adventitious_hits(
    patterns_a: Mapping[TypedPattern, int],
    patterns_b: Mapping[TypedPattern, int],
    frequencies: Frequencies,
    policy: PolicyLike,
    theta: float = 0.0,
) -> float:
    """Return the expected number of chance candidates between two galleries.

    Parameters
    ----------
    patterns_a, patterns_b : Mapping of TypedPattern to int
        Number of profiles of each gallery by pattern, from :func:`typed_patterns`.
    frequencies, policy, theta
        As for :func:`match_chance`.

    Returns
    -------
    float
        Expected number of candidates if no person, and no relative, is in both galleries.

    Raises
    ------
    InvalidInput
        As for :func:`match_chance`; ``"no_frequencies"`` names all loci that the table lacks,
        and :meth:`TypedPattern.restricted` can leave them out.

    Examples
    --------
    >>> from prum_match.dna import Reading
    >>> table = Frequencies({"TH01": {"6": 0.5, "8": 0.5}})
    >>> equal = Reading("example", 1, False, False, 0, 0)
    >>> traces, people = {TypedPattern(["TH01"]): 2}, {TypedPattern(["TH01"]): 100}
    >>> expected_adventitious_hits(traces, people, table, equal)
    75.0
    """
    names = _all_loci(patterns_a, patterns_b)
    total = _common_sets(patterns_a, patterns_b, names)
    return _expectation(total, names, frequencies, policy, theta)


def expected_hits_per_search(
    pattern: TypedPattern,
    patterns: Mapping[TypedPattern, int],
    frequencies: Frequencies,
    policy: PolicyLike,
    theta: float = 0.0,
) -> float:
    """Return the expected number of chance candidates of a single search.

    The arguments behind the pattern are those of :func:`expected_adventitious_hits`.

    Examples
    --------
    >>> from prum_match.dna import Reading
    >>> table = Frequencies({"TH01": {"6": 0.5, "8": 0.5}})
    >>> probe = TypedPattern(["TH01"])
    >>> expected_hits_per_search(probe, {probe: 100}, table, Reading("equal", 1, budget=0))
    37.5
    """
    return expected_adventitious_hits({pattern: 1}, patterns, frequencies, policy, theta)


def expected_hits_within(
    patterns: Mapping[TypedPattern, int],
    frequencies: Frequencies,
    policy: PolicyLike,
    theta: float = 0.0,
) -> float:
    """Return the expected number of chance candidate pairs within one gallery.

    The arguments behind the patterns are those of :func:`expected_adventitious_hits`.

    Examples
    --------
    >>> from prum_match.dna import Reading
    >>> table = Frequencies({"TH01": {"6": 0.5, "8": 0.5}})
    >>> expected_hits_within({TypedPattern(["TH01"]): 3}, table, Reading("equal", 1, budget=0))
    1.125
    """
    names = _all_loci(patterns, patterns)
    total = _common_sets(patterns, patterns, names)
    # Every pair was counted twice, and every profile once with itself.
    typed, wildcards, counts = _as_arrays(patterns, names)
    for row, count in zip(typed * (1 + 2 * wildcards), counts.tolist(), strict=True):
        key = row.tobytes()
        total[key] = total.get(key, 0.0) - count
    return _expectation(total, names, frequencies, policy, theta) / 2.0


def _names(loci: Iterable[str]) -> Iterator[str]:
    for name in loci:
        item = locus(name)
        if item.index < 0:
            raise InvalidInput("amelogenin is never compared", code="not_compared", field=item.name)
        yield item.name


def _all_loci(*galleries: Mapping[TypedPattern, int]) -> list[str]:
    typed = [
        frozenset[str]().union(*(pattern.loci for pattern in gallery)) for gallery in galleries
    ]
    return sorted(frozenset.intersection(*typed), key=lambda name: locus(name).index)


def _common_sets(
    patterns_a: Mapping[TypedPattern, int], patterns_b: Mapping[TypedPattern, int], names: list[str]
) -> dict[bytes, float]:
    """Return the sets of loci that pairs of profiles have in common, with the number of pairs.

    A key has a byte for each locus: 0 if the pair does not share it, else its `WildcardSides`.
    """
    total: dict[bytes, float] = {}
    if not names:
        return total
    typed_a, wild_a, count_a = _as_arrays(patterns_a, names)
    typed_b, wild_b, count_b = _as_arrays(patterns_b, names)
    row = np.dtype((np.void, len(names)))
    step = max(1, _PAIRS // len(count_b))
    for start in range(0, len(count_a), step):
        part = slice(start, start + step)
        kinds = 1 + wild_a[part, None, :] + wild_b[None, :, :]
        kinds *= typed_a[part, None, :] * typed_b[None, :, :]
        pairs = np.ascontiguousarray(kinds.reshape(-1, len(names))).view(row).ravel()
        distinct, inverse = np.unique(pairs, return_inverse=True)
        numbers = np.multiply.outer(count_a[part], count_b).ravel()
        weights = np.bincount(inverse.ravel(), numbers, len(distinct))
        for item, weight in zip(distinct, weights.tolist(), strict=True):
            key = item.tobytes()
            total[key] = total.get(key, 0.0) + weight
    return total


def _as_arrays(
    patterns: Mapping[TypedPattern, int], names: list[str]
) -> tuple[Kinds, Kinds, Floats]:
    typed = np.array([[name in item.loci for name in names] for item in patterns], np.uint8)
    wild = np.array([[name in item.wildcards for name in names] for item in patterns], np.uint8)
    counts = np.array(list(patterns.values()), np.float64)
    if not (counts >= 0.0).all():
        raise InvalidInput("a number of profiles is negative", code="bad_pattern", field="patterns")
    return typed, wild, counts


def _expectation(
    total: Mapping[bytes, float],
    names: list[str],
    frequencies: Frequencies,
    policy: PolicyLike,
    theta: float,
) -> float:
    """Return the sum of chance times number of pairs over the common sets."""
    theta = checked_theta(theta)
    kinds = np.frombuffer(b"".join(total), np.uint8).reshape(len(total), len(names))
    needed = [name for name, column in zip(names, kinds.T, strict=True) if column.any()]
    if missing := [name for name in needed if name not in frequencies]:
        raise InvalidInput(
            f"the frequency table lacks {', '.join(missing)}",
            code="no_frequencies",
            field=missing[0],
        )
    readings = reading_states(policy)
    weights = np.array(list(total.values()), np.float64)
    expected = 0.0
    for start in range(0, len(kinds), _SETS):
        part = slice(start, start + _SETS)
        chances = _chances(readings, kinds[part], names, frequencies, theta)
        expected += float(np.sum(chances * weights[part]))
    return expected


def _chances(
    readings: ReadingStates, kinds: Kinds, names: list[str], frequencies: Frequencies, theta: float
) -> Floats:
    """Return the chance of each common set; states are carried from locus to locus."""
    states = np.zeros((len(kinds), len(readings.following)))
    states[:, 0] = 1.0
    for name, column in zip(names, kinds.T, strict=True):
        for sides in WildcardSides:
            rows = np.flatnonzero(column == sides)
            if len(rows):
                locus_step = readings.transition(
                    outcome_probabilities(frequencies, name, theta, sides)
                )
                states[rows] = states[rows] @ locus_step
    accepted: Floats = states[:, readings.accepting].sum(axis=1)
    return accepted

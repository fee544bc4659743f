"""Strength of a match of two profiles: match probability and likelihood ratio.

Both are conditional on a person's genotype having been seen once (formula 4.10 of NRC II, the
sampling formula of Balding and Nichols), and both work on the exchange view of a profile. They
answer one pair of hypotheses, *the same person* against *two unrelated people of one
population*. They have no model of drop-out, drop-in or typing error: a locus that cannot come from
one person makes the likelihood ratio 0. Products over loci are computed as sums of logarithms, so
that they never underflow.

Wildcards
---------
A locus ``(a, *)`` means that the person has *a* at least once; the allele behind the wildcard is
treated as unknown. In a likelihood ratio the factor of every locus is

    P(one genotype lies in both sets) / P(two genotypes lie one in each set)

which for two complete loci is 1 / formula 4.10, and for ``(a, *)`` against a complete genotype
1 / P(at least one *a* | that genotype). A match probability without a second profile has no
genotype to condition on; it takes (a, a), the one that makes *a* most likely, which errs in
favour of the person compared.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.loci import locus
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.statistics.balding_nichols import at_least_one, checked_theta, next_allele
from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.errors import InvalidInput

Pair = tuple[int, int]


@dataclass(frozen=True, repr=False)
class LikelihoodRatio:
    """A likelihood ratio: same person against two unrelated people.

    Attributes
    ----------
    value : float
        The ratio; infinite above the range of a float, where ``log10`` is still finite.
    log10 : float
        Its decimal logarithm; minus infinity if a locus excludes.
    by_locus : Mapping of str to float
        Canonical locus to its factor, in the order of the registry.
    notes : tuple of str
        Remarks on loci that exclude, have wildcards, or occur in only one of the profiles. No
        note holds an allele.
    """

    value: float
    log10: float
    by_locus: Mapping[str, float]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<LikelihoodRatio: log10 {self.log10:.3f} over {len(self.by_locus)} loci>"


def match_probability_by_locus(
    profile: Profile,
    frequencies: Frequencies,
    theta: float = 0.01,
    *,
    loci: Iterable[str] | None = None,
) -> dict[str, float]:
    """Return the match probability of each locus; see :func:`random_match_probability`.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.2, "9.3": 0.3, "7": 0.5}})
    >>> match_probability_by_locus(Profile({"TH01": ("6", "9.3")}), table, theta=0.0)
    {'TH01': 0.12}
    """
    theta = checked_theta(theta)
    names = _chosen(profile.pairs, loci)
    _require(names, frequencies)
    return {
        name: _match_probability(frequencies, name, profile.pairs[name], theta) for name in names
    }


def random_match_probability(
    profile: Profile,
    frequencies: Frequencies,
    theta: float = 0.01,
    *,
    loci: Iterable[str] | None = None,
) -> float:
    """Return the probability that an unrelated person has this profile too.

    Parameters
    ----------
    profile : Profile
        The profile; its exchange view is used, amelogenin is not.
    frequencies : Frequencies
        The population.
    theta : float, default 0.01
        Co-ancestry coefficient, 0 <= theta < 1.
    loci : iterable of str, optional
        Use only these loci of the profile.

    Returns
    -------
    float
        A probability, never 0: what a float cannot hold is rounded up to the smallest one.

    Raises
    ------
    InvalidInput
        Codes ``"no_frequencies"`` (a locus of the profile is not in the table; ``loci`` can leave
        it out), ``"unseen_allele"``, ``"no_loci"``, ``"bad_theta"``.

    Notes
    -----
    National Research Council (1996), The Evaluation of Forensic DNA Evidence, formulae 4.10a and
    4.10b, multiplied over loci. For a wildcard see the head of this module.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.1, "7": 0.9}})
    >>> profile = Profile({"TH01": ("6", "6")})
    >>> round(random_match_probability(profile, table, theta=0.03), 9)
    0.026890456
    """
    factors = match_probability_by_locus(profile, frequencies, theta, loci=loci)
    log = math.fsum(math.log(factor) for factor in factors.values())
    return max(math.exp(log), math.ulp(0.0))


def likelihood_ratio(
    trace: Profile,
    reference: Profile,
    frequencies: Frequencies,
    theta: float = 0.01,
    *,
    loci: Iterable[str] | None = None,
) -> LikelihoodRatio:
    """Return how much better *one person* explains two profiles than *two unrelated people*.

    Parameters
    ----------
    trace, reference : Profile
        The two profiles; the ratio is the same with the two exchanged.
    frequencies : Frequencies
        The population of the alternative donor.
    theta : float, default 0.01
        Co-ancestry coefficient, 0 <= theta < 1.
    loci : iterable of str, optional
        Use only these loci.

    Returns
    -------
    LikelihoodRatio
        The ratio with its factors; 0 if a locus cannot come from one person.

    Raises
    ------
    InvalidInput
        Codes ``"no_frequencies"`` (a locus that both profiles have is not in the table; ``loci``
        can leave it out), ``"unseen_allele"``, ``"no_loci"``, ``"bad_theta"``.

    Notes
    -----
    No drop-out, drop-in or error model: the ratio is for complete single-source profiles and
    says nothing about relatives. Balding, Nichols (1994), Forensic Sci Int 64:125-140.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.1, "7": 0.9}, "FGA": {"21": 0.5, "22": 0.5}})
    >>> trace = Profile({"TH01": ("6", "6"), "FGA": ("21", "22")}, kind="stain")
    >>> person = Profile({"TH01": ("6", "6"), "FGA": ("21", "22")})
    >>> round(likelihood_ratio(trace, person, table, theta=0.0).value, 6)
    200.0
    """
    theta = checked_theta(theta)
    both = {name: pair for name, pair in trace.pairs.items() if name in reference.pairs}
    names = _chosen(both, loci)
    _require(names, frequencies)
    factors: dict[str, float] = {}
    notes: list[str] = []
    for name in names:
        a, b = trace.pairs[name], reference.pairs[name]
        factors[name] = _ratio(frequencies, name, a, b, theta)
        if factors[name] == 0.0:
            notes.append(f"{name}: the two profiles cannot come from one person")
        elif WILDCARD in (a[1], b[1]):
            notes.append(f"{name}: wildcard, counted as one allele present")
    notes.extend(
        f"{name}: typed in one profile only, not used"
        for name in _chosen({**trace.pairs, **reference.pairs}, loci)
        if name not in factors
    )
    for title, profile in (("trace", trace), ("reference", reference)):
        if profile.suspected_mixture:
            notes.append(f"the {title} is a suspected mixture; the ratio takes it as one person's")
    value, log10 = _product(factors.values())
    return LikelihoodRatio(value, log10, MappingProxyType(factors), tuple(notes))


def _chosen(pairs: Mapping[str, Pair], loci: Iterable[str] | None) -> list[str]:
    """Return the loci to use, in the order of the registry."""
    wanted = None if loci is None else {locus(name).name for name in loci}
    names = [name for name in pairs if wanted is None or name in wanted]
    if not names:
        raise InvalidInput("there is no locus to compare", code="no_loci", field="loci")
    return sorted(names, key=lambda name: locus(name).index)


def _require(names: Iterable[str], frequencies: Frequencies) -> None:
    missing = [name for name in names if name not in frequencies]
    if missing:
        raise InvalidInput(
            f"the frequency table lacks {', '.join(missing)}; restrict the loci to leave them out",
            code="no_frequencies",
            field=missing[0],
        )


def _match_probability(frequencies: Frequencies, name: str, pair: Pair, theta: float) -> float:
    """Return the probability of a locus, given that one person was seen to have it."""
    a, b = pair
    p = frequencies.frequency(name, a)
    if b == WILDCARD:
        found = at_least_one(p, 2, 2, theta)
    else:
        found = _repeated(p, None if a == b else frequencies.frequency(name, b), theta)
    # With minimum frequencies the alleles of a locus may sum to more than 1.
    return min(1.0, found)


def _repeated(p: float, q: float | None, theta: float) -> float:
    """Return formula 4.10a, or with a second allele 4.10b."""
    if q is None:
        return next_allele(p, 2, 2, theta) * next_allele(p, 3, 3, theta)
    return 2.0 * next_allele(p, 1, 2, theta) * next_allele(q, 1, 3, theta)


def _ratio(frequencies: Frequencies, name: str, one: Pair, two: Pair, theta: float) -> float:
    """Return the factor of one locus; 0 if no genotype fits both sides."""
    if one[1] == WILDCARD and two[1] == WILDCARD:
        p, q = (frequencies.frequency(name, side[0]) for side in (one, two))
        return _two_wildcards(p, None if one[0] == two[0] else q, theta)
    if one[1] == WILDCARD or two[1] == WILDCARD:
        partial, complete = (one, two) if one[1] == WILDCARD else (two, one)
        copies = complete.count(partial[0])
        if not copies:
            return 0.0
        return 1.0 / at_least_one(frequencies.frequency(name, partial[0]), copies, 2, theta)
    return 1.0 / _match_probability(frequencies, name, one, theta) if one == two else 0.0


def _two_wildcards(p: float, q: float | None, theta: float) -> float:
    """Return the factor of ``(a, *)`` against ``(a, *)``, or with ``q`` against ``(b, *)``."""
    again = next_allele(p, 1, 1, theta)
    if q is None:
        same = p * again * at_least_one(p, 2, 2, theta)
        same += 2.0 * p * (1.0 - again) * at_least_one(p, 1, 2, theta)
        return at_least_one(p, 0, 0, theta) / same
    other = next_allele(q, 0, 1, theta)
    # With minimum frequencies two alleles may sum to more than 1; then no other allele is left.
    neither = max(0.0, 1.0 - again - other)
    apart = p * (again + 2.0 * neither) * at_least_one(q, 0, 2, theta)
    apart += 2.0 * p * other * at_least_one(q, 1, 2, theta)
    return 2.0 * p * other / apart


def _product(factors: Iterable[float]) -> tuple[float, float]:
    """Return the product and its decimal logarithm."""
    factors = list(factors)
    if 0.0 in factors:
        return 0.0, -math.inf
    log = math.fsum(math.log(factor) for factor in factors)
    value = math.exp(log) if log < math.log(sys.float_info.max) else math.inf
    return value, log / math.log(10.0)

"""Hypothesis strategies: DNA profiles as laboratories write them, related profiles, policies.

Allele pools are small on purpose: near matches, the interesting cases, are then frequent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prum_match import dna
from prum_match.errors import PrumError

try:
    from hypothesis import strategies as st
except ImportError as error:  # pragma: no cover - a host without the extra
    raise PrumError(
        "prum_match.testing.strategies needs the extra: pip install prum-match[testing]",
        code="missing_extra",
        field="hypothesis",
    ) from error

__all__ = ["DEFAULT_LOCI", "policies", "profiles", "raw_profiles", "related_raw_profiles"]

DEFAULT_LOCI: tuple[str, ...] = (
    *dna.ESS_12,
    *("D16S539", "D2S1338", "D19S433", "SE33", "PentaD", "PentaE", "TPOX", "D6S1043"),
)
"""Repeat periods 3 (D22S1045), 4 and 5 (the Pentas)."""

_TOKENS = ("*", "r", "OL", "<18", ">30", "0", "1", "99")
# 2.2 and 60 need more than a byte code holds at their locus; 9.3 and 10 are one base apart.
_ALLELES = ("8", "9", "9.1", "9.2", "9.3", "10", "10.1", "11", "16", "31", "2.2", "60", "66.2")
RawProfile = dict[str, Sequence[str]]


def _alleles(locus: str) -> list[str]:
    period = dna.locus(locus).period
    fit = [a for a in _ALLELES if "." not in a or int(a.split(".")[1]) < period]
    return [*fit, "10.4"] if period == 5 else fit


@st.composite
def raw_profiles(
    draw: st.DrawFn,
    loci: Sequence[str] = DEFAULT_LOCI,
    *,
    min_loci: int = 0,
    tokens: bool = True,
) -> RawProfile:
    """Draw mappings of loci to one, two or three values, with wildcards, tokens and rare alleles.

    Parameters
    ----------
    loci : sequence of str
        Loci to draw from.
    min_loci : int
        Least number of loci.
    tokens : bool
        Whether values may be wildcards and laboratory tokens.

    Examples
    --------
    >>> import warnings
    >>> from prum_match.testing.strategies import raw_profiles
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     raw = raw_profiles(["TH01"], min_loci=1).example()
    >>> list(raw)
    ['TH01']
    """
    typed = draw(st.sets(st.sampled_from(loci), min_size=min_loci)) if loci else set()
    profile: RawProfile = {}
    for locus in sorted(typed):
        alleles = st.sampled_from(_alleles(locus))
        value = (
            st.one_of(alleles, alleles, alleles, st.sampled_from(_TOKENS)) if tokens else alleles
        )
        count = draw(st.sampled_from((2, 2, 2, 2, 1, 3)))
        profile[locus] = draw(st.lists(value, min_size=count, max_size=count))
    return profile


@st.composite
def related_raw_profiles(draw: st.DrawFn, raw: Mapping[str, Sequence[str]]) -> RawProfile:
    """Draw profiles near a given one: loci lost, alleles changed by a base or more, made wild.

    Examples
    --------
    >>> import warnings
    >>> from prum_match.testing.strategies import related_raw_profiles
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     set(related_raw_profiles({"TH01": ("6", "9.3")}).example()) <= {"TH01"}
    True
    """
    changes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(raw) or ["TH01"]),
                st.sampled_from(("lose", "wild", "change", "swap", "triple")),
            ),
            max_size=3,
        )
    )
    related: dict[str, list[str]] = {name: list(values) for name, values in raw.items()}
    for locus, change in changes:
        values = related.get(locus)
        if not values:
            continue
        if change == "lose":
            del related[locus]
        elif change == "wild":
            values[-1] = "*"
        elif change == "change":
            values[0] = draw(st.sampled_from(_alleles(locus)))
        elif change == "swap":
            values.reverse()
        elif len(values) == 2:
            values.append(draw(st.sampled_from(_alleles(locus))))
    return dict(related)


def profiles(
    loci: Sequence[str] = DEFAULT_LOCI, *, min_loci: int = 0, tokens: bool = True
) -> st.SearchStrategy[dna.Profile]:
    """Draw profiles of either kind; see :func:`raw_profiles` for the parameters.

    Examples
    --------
    >>> import warnings
    >>> from prum_match import dna
    >>> from prum_match.testing.strategies import profiles
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     isinstance(profiles().example(), dna.Profile)
    True
    """
    return st.builds(
        dna.Profile,
        raw_profiles(loci, min_loci=min_loci, tokens=tokens),
        kind=st.sampled_from(dna.Kind),
    )


def policies() -> st.SearchStrategy[dna.DnaPolicy]:
    """Draw policies: the named ones, unions of random readings, CODIS stringencies.

    Examples
    --------
    >>> import warnings
    >>> from prum_match import dna
    >>> from prum_match.testing.strategies import policies
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     isinstance(policies().example(), dna.DnaPolicy)
    True
    """
    common: dict[str, Any] = {"name": st.just("drawn"), "version": st.just("0")}
    reading = st.builds(
        dna.Reading,
        name=st.uuids().map(str),
        min_loci=st.integers(1, 8),
        counts_wildcard=st.booleans(),
        counts_micro=st.booleans(),
        wildcard_cost=st.integers(0, 1),
        budget=st.integers(0, 5),
    )
    drawn = st.builds(
        dna.ReadingPolicy,
        source=st.just("drawn"),
        readings=st.lists(reading, min_size=1, max_size=3, unique_by=lambda r: r.name).map(tuple),
        **common,
    )
    codis = st.builds(
        dna.CodisPolicy,
        source=st.just("drawn"),
        stringency=st.sampled_from(("high", "moderate", "low")),
        min_loci=st.integers(1, 6),
        max_mismatched_loci=st.integers(0, 4),
        **common,
    )
    named = st.sampled_from(
        (
            *(dna.PRUM_2008_STRICT, dna.PRUM_2008_LITERAL, dna.PRUM_2008_LENIENT),
            *(dna.RESPONDER_2008, dna.CODIS_HIGH, dna.CODIS_MODERATE, dna.CODIS_LOW),
        )
    )
    return st.one_of(named, drawn, codis)

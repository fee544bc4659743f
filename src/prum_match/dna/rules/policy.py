"""Policies for DNA: readings of the Prüm rule, CODIS stringencies, and others.

The Annex to Decision 2008/616/JHA, as far as it could be read, is open in two places: whether
loci with a wildcard or a micro-variant count to the six, and whether wildcards use up the one
deviation that a near match may have. Each answer is a *reading* here. Every policy says which
readings make a candidate, and every candidate says which readings it satisfies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from prum_match import _native, engine
from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of, whole_number

# More deviating alleles make a comparison meaningless, and the kernels count in bytes.
MAX_BUDGET = 40
MAX_READINGS = 8


@dataclass(frozen=True)
class Reading:
    """One reading of a rule on the exchange view.

    A locus that both profiles hold is exact, wildcard, micro-variant or mismatch by its worst
    allele. Exact loci always count to the floor. Micro-variant and mismatching alleles use up one
    of the budget each.

    Attributes
    ----------
    name : str
        Tag of the candidates that satisfy it.
    min_loci : int
        Loci that have to count.
    counts_wildcard, counts_micro : bool
        Whether wildcard and micro-variant loci count too.
    wildcard_cost : int
        The part of the budget that a wildcard allele uses up: 0 or 1.
    budget : int
        Deviating alleles that are allowed over all compared loci.
    """

    name: str
    min_loci: int = 6
    counts_wildcard: bool = False
    counts_micro: bool = False
    wildcard_cost: int = 0
    budget: int = 1

    def __post_init__(self) -> None:
        _check(self, "min_loci", 1, 255)
        _check(self, "wildcard_cost", 0, 1)
        _check(self, "budget", 0, MAX_BUDGET)


@dataclass(frozen=True, kw_only=True)
class Policy(engine.Policy):
    """Base of the DNA policies."""


@dataclass(frozen=True, kw_only=True)
class ReadingPolicy(Policy):
    """A candidate satisfies at least one of the readings; exchange view.

    Attributes
    ----------
    readings : tuple of Reading
        The readings that make a candidate.
    tagged : tuple of Reading
        Further readings that candidates are only tagged with.

    Examples
    --------
    A national rule: eight exact loci, two deviating alleles.

    >>> from prum_match import dna
    >>> rule = dna.ReadingPolicy(
    ...     name="national", version="1", source="internal instruction 7/2026",
    ...     readings=(dna.Reading(name="national", min_loci=8, budget=2),),
    ... )
    >>> rule.readings[0].budget
    2
    """

    readings: tuple[Reading, ...]
    tagged: tuple[Reading, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for readings in (self.readings, self.all_readings):
            whole_number(len(readings), "readings", least=1, most=MAX_READINGS, code="bad_policy")
        if len({reading.name for reading in self.all_readings}) != len(self.all_readings):
            raise InvalidInput(
                "two different readings share a name", code="bad_policy", field="readings"
            )

    @property
    def all_readings(self) -> tuple[Reading, ...]:
        """The readings that make a candidate, then those that only tag it."""
        return tuple(dict.fromkeys((*self.readings, *self.tagged)))


@dataclass(frozen=True, kw_only=True)
class CodisPolicy(Policy):
    """A stringency per locus on the original view.

    High: the same alleles. Moderate: the smaller set of alleles lies within the larger. Low: at
    least one allele shared. Grade 1, 2, 3 is the weakest of these over the compared loci, 4 says
    that some locus falls short of low.

    Attributes
    ----------
    stringency : {"high", "moderate", "low"}
        The stringency that loci have to reach.
    min_loci : int
        Loci that have to reach it.
    max_mismatched_loci : int
        Compared loci that may fall short of it.
    """

    stringency: Literal["high", "moderate", "low"]
    min_loci: int = 8
    max_mismatched_loci: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(self.stringency, "stringency", _STRINGENCIES, code="bad_policy")
        _check(self, "min_loci", 1, 255)
        _check(self, "max_mismatched_loci", 0, MAX_BUDGET)


_STRINGENCIES = {"high": 1, "moderate": 2, "low": 3}


def _check(policy: object, field: str, least: int, most: int) -> None:
    """Make a field of a policy a whole number in a range."""
    value = whole_number(getattr(policy, field), field, least=least, most=most, code="bad_policy")
    object.__setattr__(policy, field, value)


STRICT = Reading(name="strict6")
"""Six exact loci; one micro-variant or mismatching allele besides; wildcards are free."""
LITERAL = Reading(name="literal", counts_wildcard=True, counts_micro=True, wildcard_cost=1)
"""Six matching loci of any kind; one deviating allele in all, a wildcard being one."""
LENIENT = Reading(name="lenient", counts_wildcard=True, counts_micro=True)
"""As literal, but wildcards are free. For national use only."""

_ANNEX = (
    "Decision 2008/616/JHA, Annex, chapter 1 (inclusion and matching rules), as far as it could be "
    "read; the qualities, the micro-variant table and the near-match sentence from memory; "
    "interpretation: whether wildcard and micro-variant loci count to the six, and whether "
    "wildcards are deviations"
)


def _prum_2008(name: str, *readings: Reading) -> ReadingPolicy:
    return ReadingPolicy(
        name=name,
        version="2008/616",
        source=_ANNEX,
        readings=readings,
        tagged=(STRICT, LITERAL, LENIENT),
    )


PRUM_2008_STRICT = _prum_2008("prum-2008-strict", STRICT)
PRUM_2008_LITERAL = _prum_2008("prum-2008-literal", LITERAL)
PRUM_2008_LENIENT = _prum_2008("prum-2008-lenient", LENIENT)
PRUM_2008 = PRUM_2008_STRICT
"""The default, for reports to investigators."""
RESPONDER_2008 = _prum_2008("prum-2008-responder", STRICT, LITERAL)
"""For an answering state: the asker cannot correct a no-hit caused by our reading."""


def prum_2(
    *,
    min_loci: int,
    max_deviations: int = 1,
    counts_wildcard: bool = False,
    counts_micro: bool = False,
    version: str,
) -> ReadingPolicy:
    """Return a policy under Regulation (EU) 2024/982, with the floors of its implementing act.

    The Regulation leaves every number to the act under its Article 9(3); none could be read when
    this was written, so there are no defaults for them.

    Parameters
    ----------
    min_loci : int
        Loci that have to match.
    max_deviations : int
        Deviating alleles that are allowed.
    counts_wildcard, counts_micro : bool
        Whether such loci count to the floor.
    version : str
        Number of the implementing act.

    Examples
    --------
    >>> from prum_match import dna
    >>> dna.prum_2(min_loci=8, version="(EU) 2027/0000").readings[0].min_loci
    8
    """
    reading = Reading(
        name="prum2",
        min_loci=min_loci,
        counts_wildcard=counts_wildcard,
        counts_micro=counts_micro,
        budget=max_deviations,
    )
    return ReadingPolicy(
        name="prum-2",
        version=version,
        source="Regulation (EU) 2024/982, Article 9(3); mechanics of Decision 2008/616/JHA, "
        "numbers given by the caller; interpretation",
        readings=(reading,),
        tagged=(STRICT, LITERAL, LENIENT),
    )


def _codis(stringency: Literal["high", "moderate", "low"]) -> CodisPolicy:
    return CodisPolicy(
        name=f"codis-{stringency}",
        version="1",
        source="CODIS search stringencies as described by NIJ; the numbers of loci are defaults of "
        "this library, not the FBI's; interpretation",
        stringency=stringency,
    )


CODIS_HIGH = _codis("high")
CODIS_MODERATE = _codis("moderate")
CODIS_LOW = _codis("low")


@lru_cache(maxsize=256)
def native_policy(policy: Policy) -> _native.DnaPolicy:
    """Return the accept tables of a policy; they depend on nothing else and are made once."""
    if isinstance(policy, CodisPolicy):
        return _native.DnaPolicy(
            [], 0, _STRINGENCIES[policy.stringency], policy.min_loci, policy.max_mismatched_loci
        )
    assert isinstance(policy, ReadingPolicy)
    return _native.DnaPolicy(
        [
            (r.min_loci, r.counts_wildcard, r.counts_micro, r.wildcard_cost, r.budget)
            for r in policy.all_readings
        ],
        # A reading that is listed twice has one bit.
        (1 << len(set(policy.readings))) - 1,
        0,
        0,
        0,
    )

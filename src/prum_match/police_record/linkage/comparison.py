"""Explanation of a match of two persons, field by field; it holds no name."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from prum_match.engine.comparisons import WithoutGrade
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import LinkageModel
from prum_match.police_record.linkage.patterns import Pattern, are_exact, code_of
from prum_match.police_record.linkage.policy import LinkagePolicy
from prum_match.police_record.linkage.weights import UNIT

_FIELDS = ("family", "first", "date", "place", "country", "nationality", "gender")
_LABELS = {
    "family": "family names",
    "first": "first names",
    "exchanged": "names exchanged",
    "alias": "an alias",
    "date": "birth date",
    "place": "birth place",
    "country": "country of birth",
    "nationality": "nationality",
    "gender": "gender",
}


class MatchQuality(Enum):
    """Match quality, Regulation (EU) 2024/982, Art. 44(4).

    Interpretation: the classes of the index are not published; these are local.
    """

    #: Names and birth date are the same, transliterated or not, and no field differs.
    EXACT = "exact"
    #: Probably one person.
    CLOSE = "close"
    #: Anything else.
    PARTIAL = "partial"

    @property
    def number(self) -> int:
        """The number that a reply gives: 1 exact, 2 close, 3 partial."""
        return list(MatchQuality).index(self) + 1


class FieldWeight(NamedTuple):
    """The evidence of one field.

    Parameters
    ----------
    field : str
        A component of the pattern.
    level : str
        Level of agreement, in lower case.
    m, u : float
        Share of the level among pairs of one person, and of two persons.
    units : int
        Weight in 1/1024 bit.
    rarity : int
        The part of the weight that the frequency of the name adds.
    """

    field: str
    level: str
    m: float
    u: float
    units: int
    rarity: int = 0

    @property
    def bits(self) -> float:
        """The weight in bits."""
        return self.units / UNIT


@dataclass(frozen=True)
class Comparison(WithoutGrade):
    """How two persons agree, and the weight of that.

    ``str`` and ``repr`` show levels of agreement alone, never a value of a person.

    Parameters
    ----------
    pattern : Pattern
        The levels of all fields.
    policy : LinkagePolicy
        The rule: what agreement weighs, the threshold, and where quality *close* begins.
    family_rarity, first_rarity : int, default 0
        Weight that the frequencies of names add, in 1/1024 bit.

    Examples
    --------
    >>> from prum_match.police_record.linkage.model import START
    >>> pattern = Pattern(NameLevel.EXACT, NameLevel.EQUIVALENT, alias=True, date=DateLevel.EXACT)
    >>> found = Comparison(pattern, LinkagePolicy(model=START))
    >>> print(found)
    family names: exact, +7.2 bits
    first names: equivalent, +5.3 bits
    an alias: -3.7 bits
    birth date: exact, +14.1 bits
    together: +22.9 bits, probability 0.926, quality exact (local)
    >>> found.is_candidate, found.quality, found.match_quality.value
    (True, 1, 'exact')
    """

    pattern: Pattern
    policy: LinkagePolicy
    family_rarity: int = field(default=0, kw_only=True)
    first_rarity: int = field(default=0, kw_only=True)

    @property
    def model(self) -> LinkageModel:
        """The model of the policy."""
        return self.policy.model

    @property
    def fields(self) -> tuple[FieldWeight, ...]:
        """Evidence of each field that both persons have; an alias or an exchange counts as one."""
        found = []
        weights = self.model.weights()
        rarity = {"family": self.family_rarity, "first": self.first_rarity}
        for name in _FIELDS[:2]:
            found += self._known(name, rarity[name])
        for name, units in (("exchanged", weights.exchanged), ("alias", weights.alias)):
            if getattr(self.pattern, name):
                m, u = self.model.m[name][2], self.model.u[name][2]
                found.append(FieldWeight(name, "", m, u, units))
        for name in _FIELDS[2:]:
            found += self._known(name)
        return tuple(found)

    def _known(self, name: str, rarity: int = 0) -> list[FieldWeight]:
        level: NameLevel | DateLevel | CountryLevel = getattr(self.pattern, name)
        if not level:
            return []
        added = rarity if level == NameLevel.EXACT else 0
        units = int(getattr(self.model.weights(), name)[level]) + added
        text = level.name.lower().replace("_", " ")
        m, u = self.model.m[name][level], self.model.u[name][level]
        return [FieldWeight(name, text, m, u, units, added)]

    @property
    def weight(self) -> int:
        """The match weight, in 1/1024 bit."""
        return sum(each.units for each in self.fields)

    @property
    def probability(self) -> float:
        """Probability that the two are one person, with the prior of the model."""
        return float(self.model.probability(self.weight))

    @property
    def score(self) -> float:
        """The match weight in bits, as a search ranks by it."""
        return self.weight / UNIT

    @property
    def is_candidate(self) -> bool:
        """Whether the match weight reaches the threshold of the policy."""
        return self.weight >= self.policy.least

    @property
    def match_quality(self) -> MatchQuality:
        """Match quality, Regulation (EU) 2024/982, Art. 44(4); the classes are local."""
        if are_exact([code_of(self.pattern)])[0]:
            return MatchQuality.EXACT
        close = self.probability >= self.policy.close
        return MatchQuality.CLOSE if close else MatchQuality.PARTIAL

    @property
    def quality(self) -> int:
        """Match quality as a reply says it: 1 exact, 2 close, 3 partial."""
        return self.match_quality.number

    def __str__(self) -> str:
        lines = []
        for each in self.fields:
            level = f"{each.level}, " if each.level else ""
            frequent = f" ({each.rarity / UNIT:+.1f} for its frequency)" if each.rarity else ""
            lines.append(f"{_LABELS[each.field]}: {level}{each.bits:+.1f} bits{frequent}")
        total = f"together: {self.weight / UNIT:+.1f} bits, probability {self.probability:.3f}"
        return "\n".join([*lines, f"{total}, quality {self.match_quality.value} (local)"])

    def __repr__(self) -> str:
        return f"<Comparison: pattern {code_of(self.pattern)}, {self.weight / UNIT:+.1f} bits>"

"""Legal rules of the exchange, category by category, as data.

The table has categories by name. A category outside it (a host's own) has the rule `UNREGULATED`:
it sets no conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Side(StrEnum):
    """The two ends of a search."""

    REQUESTING = "requesting"
    REQUESTED = "requested"

    @property
    def other(self) -> Side:
        """The opposite end."""
        return Side.REQUESTED if self is Side.REQUESTING else Side.REQUESTING


class Purpose(StrEnum):
    """Purpose of a search; the last two need a permission in national law (Art. 29)."""

    INVESTIGATION = "investigation"
    DETECTION = "detection"
    PREVENTION = "prevention"
    MISSING_PERSON = "missing_person"
    HUMAN_REMAINS = "human_remains"


_INVESTIGATION = frozenset({Purpose.INVESTIGATION, Purpose.MISSING_PERSON, Purpose.HUMAN_REMAINS})
_ALL = frozenset(Purpose)
_CRIMES = frozenset({Purpose.INVESTIGATION, Purpose.DETECTION, Purpose.PREVENTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """Rules for the exchange of one category.

    Parameters
    ----------
    source : str
        The articles that the rules come from.
    purposes : frozenset of Purpose
        Purposes for which it may be searched.
    minimum_sentence : int
        Least maximum sentence for the offence in the requesting state, in months; 0: no minimum.
    has_type : bool or None
        Whether request and reply give the type (identified or unidentified); None: optional.
    has_data : bool or None
        Whether a reply carries the matching data; None: optional.
    has_quality : bool or None
        Whether a reply gives the grade of a candidate; None: optional.
    confirmed_by : frozenset of Side
        The sides that may confirm a match; empty if hits have no follow-up in these messages.
    has_quota : bool
        Whether states declare daily numbers of searches (Arts. 14 and 23).

    Examples
    --------
    >>> CATEGORY_RULES["face"].minimum_sentence
    12
    """

    source: str
    purposes: frozenset[Purpose] = _ALL
    minimum_sentence: int = 0
    has_type: bool | None = False
    has_data: bool | None = True
    has_quality: bool | None = None
    confirmed_by: frozenset[Side] = frozenset()
    has_quota: bool = False

    def type_of(self, item_type: str | None) -> str | None:
        """Return the type of an item in a message: identified (P), unidentified (S) or None."""
        return None if self.has_type is False else item_type

    @property
    def has_core_data(self) -> bool:
        """Whether a confirmed match leads to core data (Art. 47)."""
        return bool(self.confirmed_by)


_REG = "Reg. (EU) 2024/982"
_ONE_YEAR = 12

CATEGORY_RULES: Mapping[str, CategoryRule] = MappingProxyType(
    {
        "dna": CategoryRule(
            source=f"{_REG} Arts. 6, 9, 47",
            purposes=_INVESTIGATION,
            has_type=True,
            has_quality=True,
            # Art. 6(6) and (7): the requested state confirms where its law asks for it.
            confirmed_by=frozenset({Side.REQUESTING, Side.REQUESTED}),
        ),
        "dactyloscopy": CategoryRule(
            source=f"{_REG} Arts. 11, 14, 15, 47",
            has_quality=False,
            confirmed_by=frozenset({Side.REQUESTING}),
            has_quota=True,
        ),
        "face": CategoryRule(
            source=f"{_REG} Arts. 20, 23, 24, 47",
            minimum_sentence=_ONE_YEAR,
            has_quality=False,
            confirmed_by=frozenset({Side.REQUESTING}),
            has_quota=True,
        ),
        # The registration itself is the answer; nothing follows it.
        "vehicle": CategoryRule(source=f"{_REG} Arts. 16 to 18", purposes=_CRIMES),
        # Art. 44(5): a reasoned follow-up goes through SIENA, outside these messages.
        "police_record": CategoryRule(
            source=f"{_REG} Arts. 26, 28, 43, 44",
            purposes=_CRIMES,
            minimum_sentence=_ONE_YEAR,
            has_data=False,
        ),
    }
)
"""The rule of each category, by its name in the engine's registry."""

UNREGULATED = CategoryRule(
    source="no act",
    has_type=None,
    has_data=None,
    confirmed_by=frozenset({Side.REQUESTING}),
)
"""The rule of a category that no act regulates."""


def rule_of(category: str) -> CategoryRule:
    """Return the rule of a category by name.

    Examples
    --------
    >>> rule_of("police_record").has_core_data
    False
    """
    return CATEGORY_RULES.get(category, UNREGULATED)

"""Policies: the rules that make a person a candidate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from prum_match import engine
from prum_match.police_record.linkage.frequencies import TermFrequencies
from prum_match.police_record.linkage.model import LinkageModel, default_model
from prum_match.police_record.linkage.weights import UNIT
from prum_match.police_record.names.nicknames import ENGLISH, Nicknames
from prum_match.values.checks import real_number

REPLY_MAXIMUM = 20
"""Most candidates of a reply. Interpretation: no implementing act names the number."""

CLOSE_PROBABILITY = 0.99
"""Least probability of match quality *close*; a choice of this library."""

_LAW = "Regulation (EU) 2024/982, Art. 25, 28, 43, 44; interpretation: "


@dataclass(frozen=True, kw_only=True)
class LinkagePolicy(engine.Policy):
    """A candidate's match weight, by Fellegi and Sunter's model, reaches the threshold.

    Parameters
    ----------
    threshold : float
        Least match weight in bits: 20 bits mean that the agreement is a million times as likely
        if both are one person.
    model : LinkageModel
        Weights of agreement.
    close : float
        Least probability of match quality *close*, with the prior of the model.
    frequencies : TermFrequencies, optional
        Frequencies of names; for names in clear only.
    nicknames : Nicknames, optional
        First names that stand for each other; for names in clear only.
    by_tokens : bool
        Compare only persons that share a blocking token with the probe. Not exhaustive: see
        ``docs/howto/search_persons.md`` for its misses.
    two_elements : bool
        Whether a probe has to have two of first names, family names and birth date, Art. 43(1).

    Raises
    ------
    InvalidInput
        Code ``"bad_threshold"``.

    Examples
    --------
    >>> from prum_match import police_record
    >>> police_record.LinkagePolicy(threshold=18).threshold
    18.0
    """

    threshold: float = 20.0
    model: LinkageModel = field(default_factory=default_model)
    close: float = CLOSE_PROBABILITY
    frequencies: TermFrequencies | None = None
    nicknames: Nicknames | None = ENGLISH
    by_tokens: bool = False
    two_elements: bool = False
    name: str = "fellegi-sunter"
    version: str = "1"
    source: str = "Fellegi and Sunter, JASA 64 (1969)"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "threshold", _threshold(self.threshold, "threshold", -1e6, 1e6))
        object.__setattr__(self, "close", _threshold(self.close, "close", 0, 1))

    @property
    def least(self) -> int:
        """The threshold in units of weights, rounded up."""
        return math.ceil(self.threshold * UNIT)


@dataclass(frozen=True, kw_only=True)
class DicePolicy(engine.Policy):
    """A candidate shares enough bits with the probe, in filters that hold all fields.

    Parameters
    ----------
    threshold : float, optional
        Least Dice coefficient, above 0; None: that of the parameter block. A threshold is
        meaningful for the filters of one block only.
    close : float
        Least Dice coefficient of match quality *close*; 1 is *exact*.
    by_tokens : bool
        As for :class:`LinkagePolicy`.
    two_elements : bool
        As for :class:`LinkagePolicy`.

    Raises
    ------
    InvalidInput
        Code ``"bad_threshold"``.

    Examples
    --------
    >>> from prum_match import police_record
    >>> police_record.DicePolicy(threshold=0.8).close
    0.9
    """

    threshold: float | None = None
    close: float = 0.9
    by_tokens: bool = False
    two_elements: bool = False
    name: str = "dice"
    version: str = "1"
    source: str = "Schnell, Bachteler and Reiher, BMC Med Inform Decis Mak 9:41 (2009)"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.threshold is not None:
            least = float(np.nextafter(0, 1))
            object.__setattr__(self, "threshold", _threshold(self.threshold, "threshold", least, 1))
        object.__setattr__(self, "close", _threshold(self.close, "close", 0, 1))


def _threshold(value: float, field: str, least: float, most: float) -> float:
    return real_number(value, field, least=least, most=most, code="bad_threshold")


NATIONAL = LinkagePolicy()
"""The national default: 20 bits, no limit, no condition on the probe."""

PRUM_2024 = LinkagePolicy(
    name="prum-2024",
    source=_LAW + "weights, threshold and reply maximum",
    two_elements=True,
    max_candidates=REPLY_MAXIMUM,
)
"""A search between states: at least two elements, and a reply of bounded length."""

NATIONAL_DICE = DicePolicy()
"""The same as :data:`NATIONAL` for filters that hold all fields."""

PRUM_2024_DICE = DicePolicy(
    name="prum-2024-dice",
    source=_LAW + "threshold and reply maximum",
    two_elements=True,
    max_candidates=REPLY_MAXIMUM,
)
"""The same as :data:`PRUM_2024` for filters that hold all fields."""

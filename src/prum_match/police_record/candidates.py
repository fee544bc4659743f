"""Candidate lists of persons."""

from __future__ import annotations

from typing import Any, ClassVar

from prum_match import engine
from prum_match.police_record.linkage.comparison import Comparison, MatchQuality
from prum_match.police_record.linkage.dice import DiceComparison


class Candidate(engine.Candidate[Any, Comparison | DiceComparison]):
    """A person that a probe may be.

    Examples
    --------
    >>> from prum_match import police_record
    >>> gallery = police_record.Gallery()
    >>> gabler = police_record.Person("Hedda", "Gabler", birth_date="1861-02-03")
    >>> _ = gallery.enrol(["NO-1"], [gabler])
    >>> gallery.search(gabler)[0].match_quality
    <MatchQuality.EXACT: 'exact'>
    """

    __slots__ = ()

    @property
    def match_quality(self) -> MatchQuality:
        """Match quality, Regulation (EU) 2024/982, Art. 44(4); the classes are local."""
        return MatchQuality(str(self._list.columns["match_quality"][self._position]))

    @property
    def quality(self) -> int:
        """Match quality as a reply says it: 1 exact, 2 close, 3 partial."""
        return self.match_quality.number

    @property
    def probability(self) -> float:
        """Probability that it is the person of the probe, with the prior of the policy's model.

        Raises
        ------
        NoSuchColumn
            Code ``"no_such_column"``: filters of all fields have none.
        """
        return float(self._list._column("probability")[self._position])


class CandidateList(engine.CandidateList[Any, Candidate]):
    """The persons that a probe may be, best first."""

    candidate_type: ClassVar[type[Candidate]] = Candidate

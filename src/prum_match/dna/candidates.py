"""Candidates among DNA profiles."""

from __future__ import annotations

from typing import ClassVar

from prum_match import engine
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.rules.comparison import Comparison


class Candidate(engine.Candidate[Profile, Comparison]):
    """A profile that satisfies the policy; see :class:`prum_match.engine.Candidate`."""

    __slots__ = ()


class CandidateList(engine.CandidateList[Profile, Candidate]):
    """The profiles that satisfy the policy, best first."""

    candidate_type: ClassVar[type[Candidate]] = Candidate

"""Candidates among prints."""

from __future__ import annotations

from typing import ClassVar

from prum_match import engine
from prum_match.dactyloscopy.comparison import Comparison
from prum_match.dactyloscopy.template import Template


class Candidate(engine.Candidate[Template, Comparison]):
    """A print that satisfies the policy; see :class:`prum_match.engine.Candidate`."""

    __slots__ = ()


class CandidateList(engine.CandidateList[Template, Candidate]):
    """The prints that satisfy the policy, best first."""

    candidate_type: ClassVar[type[Candidate]] = Candidate

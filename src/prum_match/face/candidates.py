"""Candidates among facial images."""

from __future__ import annotations

from typing import Any, ClassVar

from prum_match import engine
from prum_match.face.comparison import Comparison
from prum_match.face.embedding import Embedding


class Candidate(engine.Candidate[Embedding, Comparison]):
    """A facial image that satisfies the policy; see :class:`prum_match.engine.Candidate`."""

    __slots__ = ()


class CandidateList(engine.CandidateList[Embedding, Candidate]):
    """The facial images that satisfy the policy, best first.

    Embeddings are not pickled, and the probe of a pickled list is None.
    """

    candidate_type: ClassVar[type[Candidate]] = Candidate

    @classmethod
    def _kept_probe(cls, probe: Any) -> None:
        return None

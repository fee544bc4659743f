"""Arrays for the metrics from candidate lists.

The caller gives the ground truth, the mates of each search; nothing here searches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.evaluation.inputs import Floats, Ints


class Candidates(Protocol):
    """The part of :class:`prum_match.engine.CandidateList` that is read here."""

    @property
    def reference_ids(self) -> Sequence[str]:
        """Ids of the candidates, best first."""

    @property
    def scores(self) -> NDArray[Any]:
        """Their scores, for categories that have them."""


def mate_ranks(candidate_lists: Iterable[Candidates], mates: Sequence[Collection[str]]) -> Ints:
    """Return the rank of each mated search's mate, 0 where it was not returned.

    Parameters
    ----------
    candidate_lists : iterable of CandidateList
        One list a search.
    mates : sequence of collections of str
        For each search, the reference ids of everything enrolled of the same subject; the best
        placed one counts.

    Raises
    ------
    InvalidInput
        Codes ``"length_mismatch"``, ``"no_mate"`` (a search without a mate is a non-mated one),
        ``"bad_mates"`` (one id where a collection of ids belongs).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> found = SimpleNamespace(reference_ids=["AT-7", "AT-1"], scores=np.array([0.9, 0.6]))
    >>> mate_ranks([found, found], [{"AT-1", "AT-2"}, {"AT-3"}])
    array([2, 0])
    """
    return np.array([place + 1 for _, place in _placed(candidate_lists, mates)], np.int64)


def mate_scores(candidate_lists: Iterable[Candidates], mates: Sequence[Collection[str]]) -> Floats:
    """Return the score of each mated search's mate, minus infinity where it was not returned.

    Parameters
    ----------
    candidate_lists, mates
        As in :func:`mate_ranks`.

    Raises
    ------
    InvalidInput
        As :func:`mate_ranks`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> found = SimpleNamespace(reference_ids=["AT-7", "AT-1"], scores=np.array([0.9, 0.6]))
    >>> mate_scores([found, found], [{"AT-1", "AT-2"}, {"AT-3"}])
    array([ 0.6, -inf])
    """
    scores = [
        -np.inf if place < 0 else candidates.scores[place]
        for candidates, place in _placed(candidate_lists, mates)
    ]
    return np.array(scores, np.float64)


def top_scores(candidate_lists: Iterable[Candidates]) -> Floats:
    """Return the best score of each non-mated search, minus infinity where it found nothing.

    Parameters
    ----------
    candidate_lists : iterable of CandidateList
        One list a search.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> empty = SimpleNamespace(reference_ids=[], scores=np.array([]))
    >>> found = SimpleNamespace(reference_ids=["AT-7", "AT-1"], scores=np.array([0.9, 0.6]))
    >>> top_scores([found, empty])
    array([ 0.9, -inf])
    """
    scores = [
        np.max(candidates.scores) if len(candidates.reference_ids) else -np.inf
        for candidates in candidate_lists
    ]
    return np.array(scores, np.float64)


def _placed(
    candidate_lists: Iterable[Candidates], mates: Sequence[Collection[str]]
) -> list[tuple[Candidates, int]]:
    """Return each list with the position of its mate in it, or -1."""
    lists = list(candidate_lists)
    if len(lists) != len(mates):
        raise InvalidInput(
            "candidate_lists and mates differ in length", code="length_mismatch", field="mates"
        )
    placed = []
    for index, (candidates, ids) in enumerate(zip(lists, mates, strict=True)):
        if isinstance(ids, str):
            raise InvalidInput(
                "the mates of a search are a collection of ids, not one id",
                code="bad_mates",
                field="mates",
                index=index,
            )
        wanted = set(ids)
        if not wanted:
            raise InvalidInput(
                "a mated search has no mate; leave it out",
                code="no_mate",
                field="mates",
                index=index,
            )
        hits = (i for i, each in enumerate(candidates.reference_ids) if each in wanted)
        placed.append((candidates, next(hits, -1)))
    return placed

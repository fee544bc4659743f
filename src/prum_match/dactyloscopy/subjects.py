"""Searches for subjects by the prints of several fingers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dactyloscopy.features import features_of
from prum_match.dactyloscopy.fusion import (
    KINDS,
    Calibrations,
    Comparisons,
    finger_numbers,
    worth_of,
)
from prum_match.dactyloscopy.policy import LATENT, Policy
from prum_match.dactyloscopy.positions import PALMS
from prum_match.dactyloscopy.subject_comparison import FingerComparison, SubjectComparison
from prum_match.dactyloscopy.template import Template
from prum_match.dactyloscopy.tenprint import Tenprint
from prum_match.engine import Eligible
from prum_match.engine.damage import damaged
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.galleries.found_rows import detached_list
from prum_match.engine.galleries.pairs import all_pairs
from prum_match.engine.policy import list_cap
from prum_match.engine.progress import paced
from prum_match.values.rows import Rows

if TYPE_CHECKING:
    from prum_match.engine import Gallery

Places = NDArray[np.int64]
_PALM_PLACES = np.array([p + latent for p in PALMS for latent in (0, LATENT)])


class SubjectCandidate:
    """A subject with at least one print that satisfies the policy. It is not a confirmed match.

    Attributes
    ----------
    subject_id : str
        The subject; for a reference without a subject, its reference id.
    is_reference : bool
        Whether it is a reference without a subject.
    rank : int
        1 for the best candidate of its list.
    """

    __slots__ = ("_list", "is_reference", "rank", "subject_id")

    def __init__(self, owner: SubjectCandidateList, position: int) -> None:
        self._list = owner
        self.rank = position + 1
        self.subject_id = owner.subject_ids[position]
        self.is_reference = bool(owner.is_reference[position])

    @property
    def candidate_list(self) -> SubjectCandidateList:
        """The list that it is in."""
        return self._list

    @property
    def score(self) -> float:
        """The fused score."""
        return float(self._list.scores[self.rank - 1])

    @property
    def reference_ids(self) -> list[str]:
        """The references that contribute to the score, in the order of the probe's fingers."""
        return self._list.reference_ids(self.rank - 1)

    def explain(self) -> SubjectComparison:
        """Return the comparisons that contribute to the score.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: one of the references was erased or replaced after the search.
        """
        return self._list.explain(self.rank - 1)

    def __repr__(self) -> str:
        return f"<SubjectCandidate {self.rank}: {self.subject_id}>"


@dataclass(frozen=True, eq=False)
class SubjectCandidateList(Rows[SubjectCandidate]):
    """The subjects that a search for prints of several fingers found, best first.

    Lists compare, copy and pickle as :class:`prum_match.engine.CandidateList` does.

    Attributes
    ----------
    subject_ids : list of str
        Ids of the subjects; for references without a subject, their reference ids.
    is_reference : numpy.ndarray of bool
        Which of them are references without a subject.
    scores : numpy.ndarray of float64
        The fused scores: sums of calibrated log10 likelihood ratios. Subjects with equal scores
        are in the order of their ids.
    n_found : int
        Candidates before any limit.
    examined : int
        References for which the answer is proved: live and eligible when the search ran.
    n_compared : int
        Subjects with at least one compared print. The best of many unrelated subjects has a high
        score by chance.
    generation : int
        Generation of the gallery that was searched.
    policy : Policy
        The rule that made them candidates.
    probe : Tenprint
        The prints that were searched for.
    any_finger : bool
        Whether positions were ignored.
    """

    subject_ids: list[str]
    is_reference: NDArray[np.bool_]
    scores: NDArray[np.float64]
    n_found: int
    examined: int
    n_compared: int
    generation: int
    policy: Policy
    probe: Tenprint
    any_finger: bool
    # None in a list that was pickled.
    _core: GalleryCore[Template] | None
    _comparisons: Comparisons
    # Comparisons of candidate i are [offsets[i], offsets[i + 1]).
    _offsets: Places
    _references: _References

    @property
    def truncated(self) -> bool:
        """Whether a limit cut the list."""
        return self.n_found > len(self)

    def reference_ids(self, position: int) -> list[str]:
        """Return the references that contribute to the score of a candidate."""
        return [self._references.ids[i] for i in self._chosen(position).reference.tolist()]

    def explain(self, position: int) -> SubjectComparison:
        """Explain a candidate; see :meth:`SubjectCandidate.explain`."""
        if self._core is None:
            raise detached_list()
        chosen = self._chosen(position)
        policy = _rule(self.policy, self.any_finger)
        fingers = tuple(
            FingerComparison(
                probe=self.probe[probe],
                reference=self._core.item_at(*self._references.place(reference)),
                probe_index=probe,
                reference_id=self._references.ids[reference],
                kind=KINDS[kind],
                score=score,
                adds=adds,
                policy=policy,
            )
            for probe, reference, kind, score, adds in zip(
                *(
                    getattr(chosen, name).tolist()
                    for name in ("probe", "reference", "kind", "score", "worth")
                ),
                strict=True,
            )
        )
        numbers = _fingers_of(self.probe)
        _, first = np.unique(numbers, return_index=True)
        left = np.setdiff1d(numbers, numbers[chosen.probe])
        return SubjectComparison(
            fingers=fingers,
            without_partner=tuple(self.probe[int(i)].position for i in first[left]),
            any_finger=self.any_finger,
            rank=position + 1,
            n_compared=self.n_compared,
            policy=self.policy,
        )

    def _chosen(self, position: int) -> Comparisons:
        """Return the comparisons whose sum is the score of a candidate."""
        begin, end = self._offsets[position : position + 2]
        mine = self._comparisons.take(np.arange(begin, end))
        pairs, best = mine.fingers(_fingers_of(self.probe), self.any_finger)
        made = np.flatnonzero(pairs.made())
        return mine.take(best[made[np.argsort(pairs.probe[made])]])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SubjectCandidateList):
            return NotImplemented
        return self is other or (
            self._facts() == other._facts()
            and np.array_equal(self.is_reference, other.is_reference)
            and np.array_equal(self.scores, other.scores)
        )

    def __hash__(self) -> int:
        return hash(tuple(self.subject_ids))

    def _facts(self) -> tuple[Any, ...]:
        counts = self.n_found, self.examined, self.n_compared, self.generation
        return self.subject_ids, *counts, self.policy, self.any_finger

    def __getstate__(self) -> dict[str, Any]:
        references = replace(self._references, segments=[])
        return {**vars(self), "_core": None, "_references": references}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __len__(self) -> int:
        return len(self.subject_ids)

    def _item_at(self, index: int) -> SubjectCandidate:
        return SubjectCandidate(self, index)

    def __repr__(self) -> str:
        cut = ", truncated" if self.truncated else ""
        return (
            f"<SubjectCandidateList: {len(self)} of {self.n_compared} subjects, "
            f"policy {self.policy.name}{cut}>"
        )


@dataclass(frozen=True, eq=False)
class _References:
    """References in the order of their ids, so that their numbers do not depend on segments."""

    ids: list[str]
    segments: list[_native.Segment]
    segment: NDArray[np.uint32]
    row: NDArray[np.uint32]

    def place(self, reference: int) -> tuple[_native.Segment, int]:
        return self.segments[self.segment[reference]], int(self.row[reference])


def search_subjects(
    gallery: Gallery[Template],
    probe: Tenprint,
    policy: Policy,
    limit: int | None,
    eligible: Eligible | None,
    threads: int | None,
    any_finger: bool,
    calibrations: Calibrations,
) -> SubjectCandidateList:
    """Search for subjects; see :meth:`prum_match.dactyloscopy.Gallery.search_subjects`."""
    cap = list_cap(policy, limit)
    gallery.category.matching.check_bounds(policy, cap)
    any_finger = any_finger or policy.positions == "any"
    found = all_pairs(gallery._core, _matcher(probe, policy, any_finger), eligible, threads)
    all_ = _comparisons(found, probe, calibrations)
    owners = len(found.is_reference)
    scores = all_.fingers(_fingers_of(probe), any_finger)[0].totals(owners)
    candidates = np.unique(all_.owner[_satisfies(all_.score, policy)])
    listed, ids = _best(candidates, scores, found, cap)
    comparisons, offsets = _of_owners(all_, listed, owners)
    comparisons, references = _by_reference_id(comparisons, found)
    return SubjectCandidateList(
        subject_ids=ids,
        is_reference=found.is_reference[listed],
        scores=scores[listed],
        n_found=len(candidates),
        examined=found.examined,
        n_compared=owners,
        generation=found.generation,
        policy=policy,
        probe=probe,
        any_finger=any_finger,
        _core=gallery._core,
        _comparisons=comparisons,
        _offsets=offsets,
        _references=references,
    )


def _fingers_of(probe: Tenprint) -> Places:
    return finger_numbers(np.array([template.position for template in probe]))


def _rule(policy: Policy, any_finger: bool) -> Policy:
    """Return the policy for pairs of prints."""
    return replace(policy, positions="any") if any_finger else policy


def _matcher(probe: Tenprint, policy: Policy, any_finger: bool) -> _native.PrintMatcher:
    """Return a matcher of every print with all that may show the same finger."""
    rule = _rule(policy, any_finger)
    places = np.array([rule.places(template) for template in paced(probe)])
    places[:, _PALM_PLACES] = False
    return _native.PrintMatcher(
        [features_of(template)[0] for template in probe],
        places,
        0,
        policy.keep if policy.approximate else 1,
        True,
    )


def _comparisons(found: _native.Pairs, probe: Tenprint, calibrations: Calibrations) -> Comparisons:
    prints, reference = found.probe.astype(np.int64), found.reference.astype(np.int64)
    latent, position = np.divmod((found.detail >> np.uint64(48)).astype(np.int64), LATENT)
    kind = latent + int(probe.is_latent)
    score = _native.print_ranked_scores(found.rank)
    return Comparisons(
        probe=prints,
        probe_position=np.array([template.position for template in probe])[prints],
        reference=reference,
        position=position,
        owner=found.owner.astype(np.int64)[reference],
        kind=kind,
        score=score,
        worth=worth_of(score, kind, calibrations),
    )


def _satisfies(scores: NDArray[np.float64], policy: Policy) -> NDArray[np.bool_]:
    """Return which comparisons make their subject a candidate."""
    return (scores > 0) & (scores >= (policy.threshold or 0))


def _best(
    candidates: Places, scores: NDArray[np.float64], found: _native.Pairs, cap: int | None
) -> tuple[Places, list[str]]:
    """Return the best of the candidates, best first, and their ids."""
    if cap is not None and cap < len(candidates):
        worst = np.partition(scores[candidates], -cap)[-cap]
        candidates = candidates[scores[candidates] >= worst]
    ids = _ids(found.owner_ids, candidates)
    # A subject precedes a reference without a subject that has the same id.
    order = np.lexsort((found.is_reference[candidates], ids, -scores[candidates]))[:cap]
    return candidates[order], ids[order].tolist()


def _ids(ids_at: Callable[[NDArray[np.uint32]], list[str]], places: Places) -> NDArray[np.str_]:
    try:
        return np.array(ids_at(places.astype(np.uint32)), str)
    except UnicodeDecodeError:
        raise damaged() from None


def _of_owners(comparisons: Comparisons, listed: Places, owners: int) -> tuple[Comparisons, Places]:
    """Return the comparisons grouped by listed owner, and the offsets of the groups."""
    place = np.full(owners, len(listed))
    place[listed] = np.arange(len(listed))
    of_each = place[comparisons.owner]
    order = np.argsort(of_each, kind="stable")
    offsets = np.searchsorted(of_each[order], np.arange(len(listed) + 1))
    return comparisons.take(order[: offsets[-1]]), offsets


def _by_reference_id(
    comparisons: Comparisons, found: _native.Pairs
) -> tuple[Comparisons, _References]:
    """Renumber the references in the order of their ids; return their ids and rows too."""
    used, reference = np.unique(comparisons.reference, return_inverse=True)
    ids = _ids(found.reference_ids, used)
    order = np.argsort(ids)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    at = used[order]
    references = _References(ids[order].tolist(), found.segments, found.segment[at], found.row[at])
    return replace(comparisons, reference=number[reference]), references

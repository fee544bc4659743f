"""Candidate lists: columns first, and every candidate explains itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.policy import Policy
from prum_match.engine.protocol import Columns, Comparison
from prum_match.errors import NoSuchColumn

if TYPE_CHECKING:
    from prum_match.engine.galleries.gallery import Gallery

Item = TypeVar("Item")


class Candidate:
    """A reference that satisfies the policy. It is not a confirmed match: a human says that.

    Attributes
    ----------
    reference_id : str
        The caller's key of the reference.
    rank : int
        1 for the best candidate of its list.
    """

    __slots__ = ("_list", "_position", "rank", "reference_id")

    def __init__(self, owner: CandidateList[Any], position: int) -> None:
        self._list = owner
        self._position = position
        self.rank = position + 1
        self.reference_id = owner.reference_ids[position]

    @property
    def candidate_list(self) -> CandidateList[Any]:
        """The list that it is in."""
        return self._list

    @property
    def columns(self) -> dict[str, Any]:
        """All result columns of this candidate."""
        return {name: column[self._position].item() for name, column in self._list.columns.items()}

    @property
    def grade(self) -> int:
        """Grade under the policy, 1 is best."""
        return int(self._list.grades[self._position])

    @property
    def quality(self) -> int | None:
        """The grade, by the name that the Prüm decisions give it; None where scores rank."""
        return self.grade if "grade" in self._list.columns else None

    @property
    def score(self) -> float:
        """Comparison score, for categories that have one."""
        return float(self._list.scores[self._position])

    @property
    def readings(self) -> frozenset[str]:
        """Names of the readings of the rule that this candidate satisfies."""
        return self._list.tags(self._position)

    @property
    def subject_id(self) -> str | None:
        """The person or vehicle that the reference belongs to, where it was given."""
        return self._list.gallery.subject_of(*self._list.place(self._position))

    @property
    def label(self) -> str | None:
        """The label of the reference, where it was given."""
        return self._list.gallery.label_of(*self._list.place(self._position))

    @property
    def item(self) -> Any:
        """What is enrolled.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: the reference was erased or replaced after the search.
        """
        return self._list.item(self._position)

    def explain(self) -> Comparison:
        """Say why, feature by feature.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: the reference was erased or replaced after the search.
        """
        return self._list.explain(self._position)

    def __repr__(self) -> str:
        return f"<Candidate {self.rank}: {self.reference_id}>"


@dataclass(frozen=True, eq=False)
class CandidateList(Sequence[Candidate], Generic[Item]):
    """The candidates of one probe, best first.

    Attributes
    ----------
    reference_ids : list of str
        Ids of the candidates.
    n_found : int
        Candidates before any limit. Where a category finds the best without looking at all, a
        truncated list has ``limit + 1`` here, "more than the limit", unless the search was asked
        to count.
    examined : int
        References for which the answer is proved: live and eligible when the search ran.
    generation : int
        Generation of the gallery that was searched.
    policy : Policy
        The rule that made them candidates.
    remarks : int
        What the category says of the probe besides, in bits of its own.
    """

    # What the list is made of; a category with more to say of a candidate has a subclass.
    candidate_type: ClassVar[type[Candidate]] = Candidate

    reference_ids: list[str]
    n_found: int
    examined: int
    generation: int
    policy: Policy
    remarks: int
    probe: Item
    gallery: Gallery[Item]
    _segments: list[_native.Segment]
    _segment: NDArray[np.uint32]
    _row: NDArray[np.uint32]
    _rank: NDArray[np.uint64]
    _detail: NDArray[np.uint64]

    @property
    def truncated(self) -> bool:
        """Whether a limit cut the list."""
        return self.n_found > len(self.reference_ids)

    @property
    def category(self) -> str:
        """Name of the category."""
        return self.gallery.category.name

    @cached_property
    def columns(self) -> Columns:
        """Result columns by name; which ones there are is the category's."""
        return self.gallery.category.results(self._rank, self._detail, self.policy)

    @property
    def grades(self) -> NDArray[np.uint8]:
        """Grades, 1 is best; for categories that have them."""
        return self._column("grade")

    @property
    def scores(self) -> NDArray[np.float64]:
        """Comparison scores; for categories that have them."""
        return self._column("score")

    def _column(self, name: str) -> NDArray[Any]:
        if name not in self.columns:
            raise NoSuchColumn(
                f"candidates of the category {self.category} have no {name}",
                code="no_such_column",
                field=name,
            )
        return self.columns[name]

    def place(self, position: int) -> tuple[_native.Segment, int]:
        """Return segment and row of a candidate."""
        return self._segments[self._segment[position]], int(self._row[position])

    def tags(self, position: int) -> frozenset[str]:
        """Return the readings that a candidate satisfies."""
        return self.gallery.category.tags(int(self._detail[position]), self.policy)

    def item(self, position: int) -> Any:
        """Return what is enrolled of a candidate; see :attr:`Candidate.item`."""
        return self.gallery.item_at(*self.place(position))

    def explain(self, position: int) -> Comparison:
        """Explain a candidate; see :meth:`Candidate.explain`."""
        return self.gallery.category.explain(self.probe, self.item(position), self.policy)

    def __len__(self) -> int:
        return len(self.reference_ids)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> list[Candidate]: ...
    def __getitem__(self, index: int | slice) -> Candidate | list[Candidate]:
        if isinstance(index, slice):
            return [self.candidate_type(self, i) for i in range(*index.indices(len(self)))]
        return self.candidate_type(self, range(len(self))[index])

    def __iter__(self) -> Iterator[Candidate]:
        return (self.candidate_type(self, i) for i in range(len(self)))

    def __repr__(self) -> str:
        cut = ", truncated" if self.truncated else ""
        return (
            f"<CandidateList: {len(self)} of {self.examined} {self.category} references, "
            f"policy {self.policy.name}{cut}>"
        )


class CandidateLists(Sequence[CandidateList[Item]], Generic[Item]):
    """The candidate lists of many probes, columnar.

    Attributes
    ----------
    offsets : numpy.ndarray of uint64, shape (probes + 1,)
        Candidates of probe ``i`` are ``[offsets[i], offsets[i + 1])`` in all columns.
    reference_ids : list of str
        Ids of all candidates.
    columns : dict of str to numpy.ndarray
        Result columns of all candidates.
    n_found, examined, generation, remarks : numpy.ndarray of uint64
        As in :class:`CandidateList`, one value a probe.
    """

    def __init__(
        self,
        result: _native.SearchResult,
        probes: Sequence[Item],
        policy: Policy,
        gallery: Gallery[Item],
    ) -> None:
        self.offsets = result.offsets
        self.reference_ids = result.reference_ids
        self.n_found = result.found
        self.examined = result.examined
        self.generation = result.generation
        self.remarks = result.remarks
        self.policy = policy
        self._probes = probes
        self._gallery = gallery
        self._segments = result.segments
        self._segment = result.segment
        self._row = result.row
        self._rank = result.rank
        self._detail = result.detail

    @cached_property
    def columns(self) -> Columns:
        """Result columns over all candidates of all probes."""
        return self._gallery.category.results(self._rank, self._detail, self.policy)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> CandidateList[Item]: ...
    @overload
    def __getitem__(self, index: slice) -> list[CandidateList[Item]]: ...
    def __getitem__(self, index: int | slice) -> CandidateList[Item] | list[CandidateList[Item]]:
        if isinstance(index, slice):
            return [self._list(i) for i in range(*index.indices(len(self)))]
        return self._list(range(len(self))[index])

    def _list(self, i: int) -> CandidateList[Item]:
        part = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        made = self._gallery.category.list_type or CandidateList
        found: CandidateList[Item] = made(
            self.reference_ids[part],
            int(self.n_found[i]),
            int(self.examined[i]),
            int(self.generation[i]),
            self.policy,
            int(self.remarks[i]),
            self._probes[i],
            self._gallery,
            self._segments,
            self._segment[part],
            self._row[part],
            self._rank[part],
            self._detail[part],
        )
        return found

    def __repr__(self) -> str:
        return f"<CandidateLists: {len(self)} probes, {len(self.reference_ids)} candidates>"

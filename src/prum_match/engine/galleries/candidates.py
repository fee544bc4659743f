"""Candidate lists: columns first, with each candidate as an object on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.policy import Policy
from prum_match.engine.protocol import Comparison
from prum_match.engine.ragged import Columns
from prum_match.errors import NoSuchColumn

Item = TypeVar("Item")


class Candidate:
    """A reference that satisfies the policy; a human decides whether it is a match.

    An attribute that the category does not have, such as the score of a DNA profile, raises
    :class:`~prum_match.errors.NoSuchColumn`, so that ``hasattr`` tells which ones there are.

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
        """The list that contains the candidate."""
        return self._list

    @property
    def columns(self) -> dict[str, Any]:
        """All result columns of the candidate."""
        return {name: column[self._position].item() for name, column in self._list.columns.items()}

    @property
    def grade(self) -> int:
        """Grade under the policy, 1 is best; for categories that have grades."""
        return int(self._list._column("grade")[self._position])

    @property
    def quality(self) -> int:
        """Match quality of the Prüm decisions, which is the grade; for categories with grades."""
        return int(self._list._column("grade", "quality")[self._position])

    @property
    def score(self) -> float:
        """Comparison score; for categories that have scores."""
        return float(self._list._column("score")[self._position])

    @property
    def readings(self) -> frozenset[str]:
        """Names of the readings of the rule that the candidate satisfies."""
        core, detail = self._list._core, int(self._list._detail[self._position])
        return core.category.matching.readings(detail, self._list.policy)

    @property
    def subject_id(self) -> str | None:
        """The person or vehicle that the reference belongs to, if one was given."""
        return self._list._core.subject_of(*self._list._place(self._position))

    @property
    def label(self) -> str | None:
        """The label of the reference, if one was given."""
        return self._list._core.label_of(*self._list._place(self._position))

    @property
    def item(self) -> Any:
        """The enrolled item.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: the reference was erased or replaced after the search.
        """
        return self._list._core.item_at(*self._list._place(self._position))

    def explain(self) -> Comparison:
        """Compare probe and reference once more, feature by feature.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: the reference was erased or replaced after the search.
        """
        category = self._list._core.category
        return category.matching.explain(self._list.probe, self.item, self._list.policy)

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
        Candidates before any limit. In a truncated list it is a lower bound, ``limit + 1``, for
        categories that stop counting at the limit, unless the search was asked to count all.
    examined : int
        References that the search covered: live and eligible when it ran.
    generation : int
        Generation of the gallery when it was searched.
    policy : Policy
        The rule that selected the candidates.
    probe : item
        The item that was searched with.
    """

    # Class of the candidates; categories with further attributes have a subclass.
    candidate_type: ClassVar[type[Candidate]] = Candidate

    reference_ids: list[str]
    n_found: int
    examined: int
    generation: int
    policy: Policy
    probe: Item
    # What the category found out about the probe itself, in bits of its own.
    _remarks: int
    _core: GalleryCore[Item]
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
        return self._core.category.name

    @cached_property
    def columns(self) -> Columns:
        """Result columns by name; each category has its own."""
        return self._core.category.matching.results(self._rank, self._detail, self.policy)

    @property
    def grades(self) -> NDArray[np.uint8]:
        """Grades, 1 is best; for categories that have grades."""
        return self._column("grade")

    @property
    def scores(self) -> NDArray[np.float64]:
        """Comparison scores; for categories that have scores."""
        return self._column("score")

    def _column(self, name: str, asked: str | None = None) -> NDArray[Any]:
        """Return a result column; the error names it as the caller asked for it."""
        try:
            return self.columns[name]
        except KeyError:
            raise NoSuchColumn(
                f"candidates of the category {self.category} have no {asked or name}",
                code="no_such_column",
                field=asked or name,
            ) from None

    def _place(self, position: int) -> tuple[_native.Segment, int]:
        """Return segment and row of a candidate."""
        return self._segments[self._segment[position]], int(self._row[position])

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
    """The candidate lists of many probes, as columns.

    Attributes
    ----------
    offsets : numpy.ndarray of uint64, shape (probes + 1,)
        Candidates of probe ``i`` are ``[offsets[i], offsets[i + 1])`` in all columns.
    reference_ids : list of str
        Ids of all candidates.
    columns : dict of str to numpy.ndarray
        Result columns of all candidates.
    n_found, examined, generation : numpy.ndarray of uint64
        As in :class:`CandidateList`, one value for each probe.
    policy : Policy
        The rule that selected the candidates.
    """

    def __init__(
        self,
        result: _native.SearchResult,
        probes: Sequence[Item],
        policy: Policy,
        core: GalleryCore[Item],
    ) -> None:
        self.offsets = result.offsets
        self.reference_ids = result.reference_ids
        self.n_found = result.found
        self.examined = result.examined
        self.generation = result.generation
        self.policy = policy
        self._remarks = result.remarks
        self._probes = probes
        self._core = core
        self._segments = result.segments
        self._segment = result.segment
        self._row = result.row
        self._rank = result.rank
        self._detail = result.detail

    @cached_property
    def columns(self) -> Columns:
        """Result columns of all candidates of all probes."""
        return self._core.category.matching.results(self._rank, self._detail, self.policy)

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
        list_type: type[CandidateList[Item]] = (
            self._core.category.matching.list_type or CandidateList
        )
        return list_type(
            self.reference_ids[part],
            int(self.n_found[i]),
            int(self.examined[i]),
            int(self.generation[i]),
            self.policy,
            self._probes[i],
            int(self._remarks[i]),
            self._core,
            self._segments,
            self._segment[part],
            self._row[part],
            self._rank[part],
            self._detail[part],
        )

    def __repr__(self) -> str:
        return f"<CandidateLists: {len(self)} probes, {len(self.reference_ids)} candidates>"

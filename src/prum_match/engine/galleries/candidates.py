"""Candidate lists: columns first, with each candidate as an object on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import eq
from typing import Any, ClassVar, Generic, Self, cast

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.galleries.found_rows import FoundRows, GalleryRows
from prum_match.engine.galleries.parameters import Explained, Found, Listed, Row, Subscriptable
from prum_match.engine.policy import Policy
from prum_match.engine.ragged import Columns
from prum_match.errors import NoSuchColumn
from prum_match.values.rows import Rows


class Candidate(Subscriptable, Mapping[str, Any], Generic[Found, Explained]):
    """A reference that satisfies the policy; a human decides whether it is a match.

    An attribute that the category does not have, such as the score of a DNA profile, raises
    :class:`~prum_match.errors.NoSuchColumn`, so that ``hasattr`` tells which ones there are.

    A candidate is also a mapping of ``reference_id`` and the result columns, so
    ``dict(candidate)`` is a record and ``pandas.DataFrame(candidate_list)`` a table. Two are equal
    if id, rank, columns and policy are. A pickled candidate takes its list along.

    Attributes
    ----------
    reference_id : str
        The caller's key of the reference.
    rank : int
        1 for the best candidate of its list.
    """

    __slots__ = ("_list", "_position", "rank", "reference_id")

    def __init__(self, owner: CandidateList[Any, Any], position: int) -> None:
        self._list = owner
        self._position = position
        self.rank = position + 1
        self.reference_id = owner.reference_ids[position]

    @property
    def candidate_list(self) -> CandidateList[Any, Any]:
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
        return self._list._rows.readings(self._position, self._list.policy)

    @property
    def subject_id(self) -> str | None:
        """The person or vehicle that the reference belongs to, if one was given."""
        return self._list._rows.subject_id(self._position)

    @property
    def label(self) -> str | None:
        """The label of the reference, if one was given."""
        return self._list._rows.label(self._position)

    @property
    def item(self) -> Found:
        """The enrolled item.

        Raises
        ------
        UnknownReference
            Code ``"erased"``: the reference was erased or replaced after the search.
        PrumError
            Code ``"detached"``: the candidate was pickled.
        """
        found: Found = self._list._rows.item(self._position)
        return found

    def explain(self) -> Explained:
        """Compare probe and reference once more, feature by feature; errors as of :attr:`item`."""
        owner = self._list
        return cast(Explained, owner._rows.explain(self._position, owner.probe, owner.policy))

    def __getitem__(self, name: str) -> Any:
        if name == "reference_id":
            return self.reference_id
        return self._list._column(name)[self._position].item()

    def __iter__(self) -> Iterator[str]:
        yield "reference_id"
        yield from self._list.columns

    def __len__(self) -> int:
        return 1 + len(self._list.columns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Candidate):
            return NotImplemented
        mine, theirs = self._list, other._list
        return (self.rank, self.reference_id) == (other.rank, other.reference_id) and (
            mine is theirs or (self.columns == other.columns and _same_search(mine, theirs))
        )

    def __hash__(self) -> int:
        return hash((self.rank, self.reference_id))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._list, self._position)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<Candidate {self.rank}: {self.reference_id}>"


@dataclass(frozen=True, eq=False)
class CandidateList(Subscriptable, Rows[Row], Generic[Found, Row]):
    """The candidates of one probe, best first.

    Lists are equal if all their attributes but the probes are. A list never changes, so a copy of
    it is the list itself. A pickled list is detached from its gallery: it keeps probe, policy,
    ids, columns, readings, subjects and labels as they were when it was pickled, and has no items.
    Pickles hold personal data.

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
    candidate_type: ClassVar[type[Candidate[Any, Any]]] = Candidate

    reference_ids: list[str]
    n_found: int
    examined: int
    generation: int
    policy: Policy
    probe: Found
    # What the category found out about the probe itself, in bits of its own.
    _remarks: int
    _rows: FoundRows

    @property
    def truncated(self) -> bool:
        """Whether a limit cut the list."""
        return self.n_found > len(self.reference_ids)

    @property
    def category(self) -> str:
        """Name of the category."""
        return self._rows.category

    @cached_property
    def columns(self) -> Columns:
        """Result columns by name; each category has its own."""
        return self._rows.columns(self.policy)

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

    def __len__(self) -> int:
        return len(self.reference_ids)

    def _item_at(self, index: int) -> Row:
        return cast(Row, self.candidate_type(self, index))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CandidateList):
            return NotImplemented
        return self is other or (
            (self.reference_ids, self.n_found, self.examined, self.generation, self._remarks)
            == (
                other.reference_ids,
                other.n_found,
                other.examined,
                other.generation,
                other._remarks,
            )
            and _same_search(self, other)
            and _equal(self.columns, other.columns)
        )

    def __hash__(self) -> int:
        return hash((self.category, *self.reference_ids))

    @classmethod
    def _kept_probe(cls, probe: Any) -> Any:
        """Return what a pickled list keeps of a probe."""
        return probe

    def __getstate__(self) -> dict[str, Any]:
        return {**_detached(self), "probe": self._kept_probe(self.probe)}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __repr__(self) -> str:
        cut = ", truncated" if self.truncated else ""
        return (
            f"<CandidateList: {len(self)} of {self.examined} {self.category} references, "
            f"policy {self.policy.name}{cut}>"
        )


class CandidateLists(Subscriptable, Rows[Listed]):
    """The candidate lists of many probes, as columns.

    They compare, copy and pickle as :class:`CandidateList` does.

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
        probes: Sequence[Any],
        policy: Policy,
        core: GalleryCore[Any],
    ) -> None:
        self.offsets = result.offsets
        self.reference_ids = result.reference_ids
        self.n_found = result.found
        self.examined = result.examined
        self.generation = result.generation
        self.policy = policy
        self._remarks = result.remarks
        self._probes = probes
        self._list_type = core.category.matching.list_type or CandidateList
        self._rows: FoundRows = GalleryRows(
            core, result.segments, result.segment, result.row, result.rank, result.detail
        )

    @cached_property
    def columns(self) -> Columns:
        """Result columns of all candidates of all probes."""
        return self._rows.columns(self.policy)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def _item_at(self, index: int) -> Listed:
        part = slice(int(self.offsets[index]), int(self.offsets[index + 1]))
        found = self._list_type(
            self.reference_ids[part],
            int(self.n_found[index]),
            int(self.examined[index]),
            int(self.generation[index]),
            self.policy,
            self._probes[index],
            int(self._remarks[index]),
            self._rows.part(part),
        )
        return cast(Listed, found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CandidateLists):
            return NotImplemented
        return self is other or (len(self) == len(other) and all(map(eq, self, other)))

    def __hash__(self) -> int:
        return hash((len(self), *self.reference_ids))

    def __getstate__(self) -> dict[str, Any]:
        return {**_detached(self), "_probes": list(map(self._list_type._kept_probe, self._probes))}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<CandidateLists: {len(self)} probes, {len(self.reference_ids)} candidates>"


def _detached(found: CandidateList[Any, Any] | CandidateLists[Any]) -> dict[str, Any]:
    """Return the state of a list, or of lists, without the gallery."""
    state = {name: value for name, value in vars(found).items() if name != "columns"}
    return {**state, "_rows": found._rows.detached(found.policy)}


def _same_search(a: CandidateList[Any, Any], b: CandidateList[Any, Any]) -> bool:
    return a.category == b.category and a.policy == b.policy


def _equal(a: Columns, b: Columns) -> bool:
    return a.keys() == b.keys() and all(
        np.array_equal(column, b[name], equal_nan=column.dtype.kind == "f")
        for name, column in a.items()
    )

"""The gallery: written once for all categories."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import forking, rows
from prum_match.engine.candidates import Answers, CandidateList
from prum_match.engine.category import Category, Items
from prum_match.engine.eligible import Eligible, chosen
from prum_match.engine.enrolment import EnrolmentReport, LabelTable, OnError, prepare, seal
from prum_match.engine.join import JoinBlock, join_blocks
from prum_match.engine.merging import merge_small, merged
from prum_match.engine.policy import Policy
from prum_match.engine.runtime import check_threads
from prum_match.errors import DuplicateReference, InvalidInput, PrumError, UnknownReference

__all__ = ["Gallery"]

Item = TypeVar("Item")

_NO_LIMIT = 2**64 - 1


class Gallery(Generic[Item]):
    """The enrolled references of one category, searchable exactly.

    Searches run beside each other and beside enrolment. A search sees what was enrolled when it
    began, minus all that was erased before it returns.

    Parameters
    ----------
    category : Category
        What is enrolled; a category's package has a subclass that needs no argument.
    labels : sequence of str, optional
        Labels that the gallery knows before a reference has them: a filter that names an unknown
        label is an error, never an empty answer.
    """

    def __init__(self, category: Category[Item], *, labels: Sequence[str] = ()) -> None:
        self.category = category
        self._core = _native.Gallery()
        self._labels = LabelTable(labels)
        # Held by whoever changes the gallery; searches never take it.
        self._writer = threading.RLock()
        forking.register(self)

    def enrol(
        self,
        reference_ids: Sequence[str],
        items: Items[Item],
        subject_ids: Sequence[str | None] | None = None,
        labels: Sequence[str | None] | str | None = None,
        expires: Sequence[datetime | None] | None = None,
        on_error: OnError = "raise",
    ) -> EnrolmentReport:
        """Add references.

        Parameters
        ----------
        reference_ids : sequence of str
            Keys, 1 to 64 printable ASCII characters, new to the gallery.
        items : sequence
            The items, as many as ids.
        subject_ids : sequence of str or None, optional
            The person or vehicle that each reference belongs to.
        labels : sequence of str or None, or str, optional
            A small category for each reference, or one for all; at most 255 different ones.
        expires : sequence of datetime or None, optional
            When each reference is to be purged; see :meth:`purge`.
        on_error : {"raise", "report"}
            ``"raise"``: one bad item, and nothing is enrolled. ``"report"``: the good ones are
            enrolled together, the report names the refused.

        Raises
        ------
        DuplicateReference
            An id that the gallery, or this call, already holds.
        InvalidInput
            A bad id, item or label, with its index.
        """
        with self._writer:
            known_labels = self._labels.copy()
            prepared = prepare(
                self.category,
                known_labels,
                reference_ids,
                items,
                subject_ids,
                labels,
                expires,
                on_error,
            )
            columns, refused = prepared.columns, list(prepared.refused)
            known = self._known(columns["ids.offsets"], columns["ids.bytes"])
            if len(known):
                bad = {int(e.index or 0) for e in refused}
                position = [i for i in range(len(reference_ids)) if i not in bad]
                errors = [self._already_known(position[i], reference_ids) for i in known]
                if on_error == "raise":
                    raise errors[0]
                refused = sorted([*refused, *errors], key=lambda e: int(e.index or 0))
                rest = np.delete(np.arange(prepared.n, dtype=np.uint32), known)
                columns = merged(self.category, [(columns, rest)])
            n = len(columns["ids.offsets"]) - 1
            if n:
                segment = seal(self.category, columns)
                self._labels = known_labels
                self._core.publish([*self._core.segments(), segment])
                merge_small(self.category, self._core)
            return EnrolmentReport(n, tuple(refused), prepared.notes, self.generation)

    def _known(self, offsets: NDArray[np.uint64], text: NDArray[np.uint8]) -> list[int]:
        """Return the positions of all packed ids that the gallery holds."""
        if self._core.first_known(offsets, text) < 0:
            return []
        data = text.tobytes()
        ids = [data[int(a) : int(b)].decode() for a, b in pairwise(offsets)]
        return [i for i, reference_id in enumerate(ids) if self._core.contains(reference_id)]

    @staticmethod
    def _already_known(index: int, reference_ids: Sequence[str]) -> PrumError:
        return DuplicateReference(
            "the gallery already holds this reference",
            code="duplicate_reference",
            index=index,
            field="reference_id",
            value=reference_ids[index],
        )

    def search(
        self,
        probe: Item,
        policy: Policy | None = None,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        count: bool = False,
        fuse_subjects: bool | None = None,
    ) -> CandidateList[Item]:
        """Return all references that satisfy the policy, best first.

        Parameters
        ----------
        probe : item
            What is searched with.
        policy : Policy, optional
            The rule; by default the category's.
        limit : int, optional
            Longest list; a shorter list says so (``truncated``).
        eligible : Eligible, optional
            Who may become a candidate.
        threads : int, optional
            Threads to use; by default the usable cores, see :func:`prum_match.set_threads`.
        count : bool, default False
            Count the candidates beyond the limit exactly, where that costs the category time;
            otherwise ``n_found`` of a truncated list may be a lower bound.
        fuse_subjects : bool, optional
            Let the references of one subject be one candidate, the best of them; the limit then
            counts subjects. By default what is usual in the category.
        """
        found = self.search_many([probe], policy, limit, eligible, threads, count, fuse_subjects)
        return found[0]

    def search_many(
        self,
        probes: Items[Item],
        policy: Policy | None = None,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        count: bool = False,
        fuse_subjects: bool | None = None,
    ) -> Answers[Item]:
        """Search with many probes in one pass over memory; see :meth:`search`."""
        policy = self.category.default_policy if policy is None else policy
        self.category.check_policy(policy)
        if fuse_subjects is None:
            fuse_subjects = self.category.fuses_subjects
        probes = self.category.take_probes(cast(Sequence[Item], probes))
        matcher = self.category.prepare(probes, policy)
        result = self.run(
            matcher, policy, limit, eligible, threads, count=count, fuse_subjects=fuse_subjects
        )
        return Answers(result, probes, policy, self)

    def run(
        self,
        matcher: _native.Matcher,
        policy: Policy,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        origin: tuple[int, NDArray[np.uint32]] | None = None,
        count: bool = False,
        fuse_subjects: bool = False,
    ) -> _native.SearchResult:
        """Search with prepared probes: one native call, for joins and for the methods above."""
        cap = min(_positive("limit", limit), policy.max_candidates or _NO_LIMIT)
        self.category.check_bounds(policy, None if cap == _NO_LIMIT else cap)
        workers = 0 if threads is None else check_threads(threads)
        labels, ids, ranges = chosen(eligible, self._labels, self.category)
        with rows.naming("eligible", ids or []):
            return self._core.search(
                matcher, cap, workers, labels, ids, ranges, origin, bool(count), bool(fuse_subjects)
            )

    def join(
        self,
        other: Gallery[Item],
        policy: Policy | None = None,
        start: int = 0,
        threads: int | None = None,
    ) -> Iterator[JoinBlock]:
        """Compare all references of this gallery with all of another, block by block.

        A join of a gallery with itself finds every pair once. Blocks are numbered; a join that
        was interrupted goes on with ``start``.

        Raises
        ------
        GenerationChanged
            One of the galleries was changed since the join began.
        """
        policy = self.category.default_policy if policy is None else policy
        self.category.check_policy(policy)
        return join_blocks(self, other, policy, start, threads)

    def replace(self, reference_ids: Sequence[str], items: Items[Item]) -> EnrolmentReport:
        """Put new items in the place of known references; ids, subjects and labels stay.

        A search beside it sees each of them either as it was or as it is, never neither.

        Raises
        ------
        UnknownReference
            An id that the gallery does not hold; nothing is changed.
        InvalidInput
            A bad item; nothing is changed.
        """
        with self._writer:
            places = [self._place(r, i) for i, r in enumerate(reference_ids)]
            prepared = prepare(
                self.category,
                self._labels,
                reference_ids,
                items,
                [rows.subject_of(*place) for place in places],
                [self.label_of(*place) for place in places],
                None,
                "raise",
            )
            columns = dict(prepared.columns)
            columns["expires"] = np.array([rows.expiry_of(*place) for place in places], np.int64)
            segment = seal(self.category, columns)
            with self._alone():
                buried = self._core.find_everywhere(list(reference_ids))
                self._core.bury(buried)
                self._overwrite(buried)
                self._core.publish([*self._core.segments(), segment])
            merge_small(self.category, self._core)
            return EnrolmentReport(prepared.n, (), prepared.notes, self.generation)

    def erase(self, reference_ids: Sequence[str]) -> None:
        """Forget references at once and for good.

        From the first moment no search returns them; when this returns, no search of this process
        reads them any more and their rows are overwritten, derived data included.

        Raises
        ------
        UnknownReference
            An id that the gallery does not hold; nothing is changed.
        """
        if isinstance(reference_ids, str):
            raise InvalidInput(
                "a sequence of reference ids is needed",
                code="bad_reference_id",
                field="reference_ids",
            )
        ids = list(reference_ids)
        with self._writer:
            with rows.naming("reference_id", ids):
                buried = self._core.find_everywhere(ids)
            self._core.bury(buried)
            with self._alone():
                self._overwrite(buried)

    def purge(self, now: datetime) -> list[str]:
        """Erase all references that have expired, and return their ids."""
        if now.tzinfo is None:
            raise InvalidInput("a moment needs a time zone", code="bad_moment", field="now")
        with self._writer:
            expired = [
                reference_id
                for segment in self._core.segments()
                for reference_id in rows.expired_ids(segment, now.timestamp())
            ]
            if expired:
                self.erase(expired)
            return expired

    def compact(self) -> None:
        """Merge all segments into one and give the room of erased rows back.

        Segments that read a caller's array stay as they are.
        """
        with self._writer:
            segments = self._core.segments()
            kept = [s for s in segments if s.live_rows and not self.category.may_merge(s)]
            parts = [
                (s.columns, s.live_row_numbers())
                for s in segments
                if s.live_rows and self.category.may_merge(s)
            ]
            new = [seal(self.category, merged(self.category, parts))] if parts else []
            self._core.publish([*kept, *new])

    def _overwrite(self, buried: list[tuple[_native.Segment, NDArray[np.uint32]]]) -> None:
        for segment, dead in buried:
            # All are looked up before the first is overwritten: some are found by others.
            places = [*self.category.traces(segment, dead), *rows.traces(segment, dead)]
            rows.overwrite(segment.columns, places)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait out running searches and hold off new ones."""
        self._core.close_gate()
        try:
            yield
        finally:
            self._core.open_gate()

    def _place(self, reference_id: str, index: int | None = None) -> tuple[_native.Segment, int]:
        found = self._core.locate(reference_id) if rows.may_be_id(reference_id) else None
        if found is None:
            raise rows.unknown(reference_id, index)
        return found

    def item_at(self, segment: _native.Segment, row: int) -> Item:
        """Return the item in a row that is still live."""
        with self._reading(segment, row):
            return self.category.decode(segment, row)

    def label_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the label of a row that is still live."""
        with self._reading(segment, row):
            labels = segment.columns.get("labels")
            return None if labels is None else self._labels.name(int(labels[row]))

    def subject_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the subject id of a row that is still live."""
        with self._reading(segment, row):
            return rows.subject_of(segment, row)

    @contextmanager
    def _reading(self, segment: _native.Segment, row: int) -> Iterator[None]:
        """Hold off the overwriting of a row, if it is still live."""
        self._core.enter_gate()
        try:
            if not segment.is_live(row):
                raise UnknownReference(
                    "the reference was erased or replaced after the search",
                    code="erased",
                    field="reference_id",
                )
            yield
        finally:
            self._core.leave_gate()

    def __getitem__(self, reference_id: str) -> Item:
        """Return the enrolled item, as far as the gallery keeps it."""
        return self.item_at(*self._place(reference_id))

    def __contains__(self, reference_id: object) -> bool:
        return rows.may_be_id(reference_id) and self._core.contains(reference_id)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the reference ids that are enrolled now, in no particular order."""
        for segment in self._core.segments():
            yield from rows.ids_of(segment, segment.live_row_numbers().tolist())

    def __len__(self) -> int:
        return self._core.size

    @property
    def generation(self) -> int:
        """Number of changes so far; equal numbers mean equal contents."""
        return self._core.generation

    def segments(self) -> list[_native.Segment]:
        """Return the segments in their order; for category packages and tools."""
        return self._core.segments()

    def __repr__(self) -> str:
        return f"<Gallery: {len(self)} references, category {self.category.name}>"


def _positive(field: str, value: int | None) -> int:
    if value is None:
        return _NO_LIMIT
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InvalidInput(
            f"{field} is a whole number of at least 1", code="bad_limit", field=field, value=value
        )
    return int(value)

"""The gallery of any category."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Generic, Literal, cast

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.candidates import CandidateLists
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.galleries.eligible import Eligible, native_filter
from prum_match.engine.galleries.join import JoinBlock, join_blocks
from prum_match.engine.galleries.managed import Managed
from prum_match.engine.galleries.parameters import Item, Listed, Subscriptable
from prum_match.engine.galleries.persistent import Persistent
from prum_match.engine.policy import Policy
from prum_match.engine.progress import Progress, begin_step, reporting
from prum_match.engine.protocol import Category, Items
from prum_match.engine.segments import rows
from prum_match.engine.segments.enrolment import (
    EnrolmentReport,
    GivenKeys,
    Keys,
    OnError,
    prepare,
    sized,
)
from prum_match.engine.segments.given import listed
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.merging import merged
from prum_match.engine.segments.table_rows import TableKeys, open_table
from prum_match.engine.store.storage import MemoryStorage
from prum_match.engine.tables.table import ArrowTable, is_table
from prum_match.errors import DuplicateReference
from prum_match.values.checks import one_of

Known = Literal["refuse", "replace"]


class Gallery(Subscriptable, Managed[Item], Persistent, Generic[Item, Listed]):
    """The enrolled references of one category, for exact searches.

    Searches run concurrently with each other and with enrolments. A search sees the references
    that were enrolled when it began, without those that were erased before it returns.

    Parameters
    ----------
    category : Category
        Category of the references; the packages of the categories have subclasses that set it.
    labels : sequence of str, optional
        The labels that references may have. None: any, up to 255. A filter with a label that the
        gallery does not know is an error and not an empty result.
    open_labels : bool, default False
        Take other labels than those of `labels` too.
    exchangeable_only : bool, default False
        Refuse items below the floor from which the law exchanges the category (code
        ``"below_floor"``): other states can never find them.
    """

    category: Category[Item, Any]
    _core: GalleryCore[Item]

    def __init__(
        self,
        category: Category[Item, Any],
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        native = _native.Gallery()
        names = listed(() if labels is None else labels, "labels")
        table = LabelTable(names, closed=labels is not None and not open_labels)
        floor = one_of(exchangeable_only, "exchangeable_only", (False, True), code="bad_option")
        if floor:
            category.required_wire()
        storage = MemoryStorage(category, native, table, floor)
        self._hold(GalleryCore(category, native, storage))

    def enrol(
        self,
        reference_ids: Sequence[str],
        items: Items[Item],
        *,
        subject_ids: Sequence[str | None] | None = None,
        labels: Sequence[str | None] | str | None = None,
        expires: Sequence[datetime | None] | None = None,
        on_error: OnError = "raise",
        progress: Progress | None = None,
    ) -> EnrolmentReport:
        """Add references.

        Parameters
        ----------
        reference_ids : sequence of str
            Keys of 1 to 64 printable ASCII characters, new to the gallery.
        items : sequence
            One item for each id.
        subject_ids : sequence of str or None, optional
            The person or vehicle that each reference belongs to.
        labels : sequence of str or None, or str, optional
            A label for each reference, or one for all; a gallery has at most 255 labels.
        expires : sequence of datetime or None, optional
            Moment at which each reference expires; see :meth:`purge`.
        on_error : {"raise", "report"}
            ``"raise"``: nothing is enrolled if one item is bad. ``"report"``: the good items are
            enrolled, and the report lists the errors of the others.
        progress : callable, optional
            See :meth:`search`. An exception that it raises leaves the gallery unchanged.

        Raises
        ------
        DuplicateReference
            An id that the gallery, or this call, already holds.
        InvalidInput
            A bad id, item or label, with its index.
        """
        items = sized(items)
        keys = GivenKeys(reference_ids, items, subject_ids, labels, expires)
        with reporting(progress):
            return self._enrol(keys, items, on_error)

    def enrol_table(
        self,
        table: ArrowTable,
        *,
        ignore: Collection[str] = (),
        on_error: OnError = "raise",
        known: Known = "refuse",
        progress: Progress | None = None,
    ) -> EnrolmentReport:
        """Add the references of a table, one a row.

        Parameters
        ----------
        table : object with ``__arrow_c_stream__`` or ``__arrow_c_array__``
            A table of pyarrow, Polars, pandas, DuckDB or ADBC, for example. Its columns are
            ``reference_id``, optionally ``subject_id``, ``label`` and ``expires`` (timestamps with
            a time zone), and those of the category. Nulls in the optional columns mean that the
            row has no such value.
        ignore : collection of str, optional
            Columns to ignore. Any other unknown column is an error.
        on_error : {"raise", "report"}
            As for :meth:`enrol`; the index of an error is the row.
        known : {"refuse", "replace"}
            Treatment of rows whose id the gallery holds. ``"replace"``: the row replaces the
            reference, with its subject, label and expiry. A concurrent search sees either the old
            or the new reference.
        progress : callable, optional
            As for :meth:`enrol`.

        Raises
        ------
        DuplicateReference
            An id occurs twice in the table, or the gallery holds it and ``known`` is
            ``"refuse"``.
        InvalidInput
            A bad row; or codes ``"not_a_table"``, ``"missing_column"``, ``"unknown_column"``,
            ``"duplicate_column"``, ``"bad_column_type"``, ``"bad_stream"``, ``"no_tables"`` for
            the table as a whole.
        PrumError
            Code ``"missing_extra"``: nanoarrow is not installed.
        """
        one_of(known, "known", ("refuse", "replace"), code="bad_option")
        with reporting(progress):
            found = open_table(self.category, table, ignore)
            keys = TableKeys(found)
            return self._enrol(
                keys, self.category.required_tables().items(found), on_error, known == "replace"
            )

    def _enrol(
        self, keys: Keys, items: Items[Item], on_error: OnError, replace: bool = False
    ) -> EnrolmentReport:
        core = self._core
        with core.held():
            known_labels = core.storage.labels.copy()
            prepared = prepare(
                self.category, known_labels, keys, items, on_error, core.storage.exchangeable_only
            )
            columns, refused = prepared.columns, list(prepared.refused)
            known = self._known(columns["ids.offsets"], columns["ids.bytes"])
            if known and not replace:
                rows_known = prepared.rows[known].tolist()
                errors = [_already_known(row, keys.reference_id(row)) for row in rows_known]
                if on_error == "raise":
                    raise errors[0]
                refused = sorted([*refused, *errors], key=lambda e: int(e.index or 0))
                rest = np.delete(np.arange(len(prepared.rows), dtype=np.uint32), known)
                columns = merged(self.category, [(columns, rest)])
            n = len(columns["ids.offsets"]) - 1
            if n:
                old = prepared.rows[known].tolist() if replace else []
                if old:
                    ids = [keys.reference_id(row) for row in old]
                    core.writable().replace(ids, columns, known_labels)
                else:
                    core.writable().add(columns, n, known_labels)
            return EnrolmentReport(n, tuple(refused), prepared.notes, self.generation)

    def _known(self, offsets: NDArray[np.uint64], text: NDArray[np.uint8]) -> list[int]:
        """Return the positions of the packed ids that the gallery holds."""
        native = self._core.native
        if native.first_known(offsets, text) < 0:
            return []
        data = text.tobytes()
        ids = [data[int(a) : int(b)].decode() for a, b in pairwise(offsets)]
        return [i for i, reference_id in enumerate(ids) if native.contains(reference_id)]

    def search(
        self,
        probe: Item,
        *,
        policy: Policy | None = None,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        count_all: bool = False,
        fuse_subjects: bool | None = None,
        progress: Progress | None = None,
    ) -> Listed:
        """Return all references that satisfy the policy, best first.

        Parameters
        ----------
        probe : item
            The item to search for.
        policy : Policy, optional
            The rule that selects candidates; by default the category's.
        limit : int, optional
            Longest list to return; ``truncated`` tells whether it cut the list.
        eligible : Eligible, optional
            Filter of the references that may become candidates.
        threads : int, optional
            Threads to use; by default the usable cores, see :func:`prum_match.set_threads`.
        count_all : bool, default False
            Count the candidates beyond the limit exactly. Without it, ``n_found`` of a truncated
            list is ``limit + 1`` in categories where counting takes time.
        fuse_subjects : bool, optional
            Return the best reference alone of each subject; the limit then counts subjects. Each
            category has its own default.
        progress : callable, optional
            Called as ``progress(step, done, total)`` on the calling thread, at least every 0.2 s;
            ``total`` may be None. An exception that it raises ends the call. It must not change a
            gallery.
        """
        found = self.search_many(
            [probe],
            policy=policy,
            limit=limit,
            eligible=eligible,
            threads=threads,
            count_all=count_all,
            fuse_subjects=fuse_subjects,
            progress=progress,
        )
        return found[0]

    def search_many(
        self,
        probes: Items[Item] | ArrowTable,
        *,
        policy: Policy | None = None,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        count_all: bool = False,
        fuse_subjects: bool | None = None,
        progress: Progress | None = None,
    ) -> CandidateLists[Listed]:
        """Search with many probes in one pass over memory; see :meth:`search`.

        The probes may be a table such as :meth:`enrol_table` takes; its ids, labels, subjects and
        expiry dates are optional and ignored.
        """
        policy = self.category.matching.policy_of(policy)
        if fuse_subjects is None:
            fuse_subjects = self.category.matching.fuses_subjects
        with reporting(progress):
            if is_table(probes):
                probes = self.category.required_tables().probes(
                    open_table(self.category, probes, probes=True)
                )
            if progress is not None:
                begin_step("prepare")
            taken = self.category.matching.check_probes(cast(Sequence[Item], probes))
            matcher = self.category.matching.prepare(taken, policy)
            result = self._core.run(
                matcher,
                policy,
                limit,
                eligible,
                threads,
                count_all=count_all,
                fuse_subjects=fuse_subjects,
            )
        return CandidateLists[Listed](result, taken, policy, self._core)

    def join(
        self,
        references: Gallery[Item],
        *,
        policy: Policy | None = None,
        start: int = 0,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[JoinBlock]:
        """Compare all references of this gallery with all of another, block by block.

        A join of a gallery with itself finds every pair once. Blocks are numbered, and ``start``
        resumes an interrupted join. Subjects are not fused. A policy's cap on candidates holds for
        each probe. `progress` is as for :meth:`search`; it covers all blocks.

        Raises
        ------
        ComparisonMismatch
            The other gallery is of another category, or code ``"other_model"`` for faces.
        InvalidInput
            Code ``"unbounded_search"``: scores are compared, and the policy has no threshold. Code
            ``"capped_self_join"``: a pair that is found once belongs to no one probe, so a
            policy with a cap cannot be used on a gallery with itself.
        GenerationChanged
            One of the galleries has changed since the join began.
        """
        policy = self.category.matching.policy_of(policy)
        self.category.matching.check_bounds(policy, None)
        return join_blocks(self._core, references._core, policy, start, threads, progress)

    def check_eligible(self, eligible: Eligible | None) -> None:
        """Refuse a filter that searches would refuse, for example when a host starts.

        Raises
        ------
        InvalidInput
            Codes ``"unknown_label"``, ``"unknown_attribute"``, ``"bad_range"``, ``"bad_option"``.
        """
        native_filter(eligible, self._core.storage.labels, self.category)

    @property
    def generation(self) -> int:
        """Number of the state; the references have not changed while it stays equal.

        A gallery in memory counts its changes. That of a gallery on disk is the number of the
        committed state that it shows: equal in all processes, and after a restart.
        """
        return self._core.storage.generation

    def __getitem__(self, reference_id: str) -> Item:
        """Return the enrolled item, as far as the gallery keeps it."""
        return self._core.item_at(*self._core.place(reference_id))

    def __contains__(self, reference_id: object) -> bool:
        self._core.catch_up()
        return rows.may_be_id(reference_id) and self._core.native.contains(reference_id)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the reference ids that are enrolled now, in no particular order."""
        self._core.catch_up()
        for segment in self._core.segments():
            yield from rows.ids_of(segment, segment.live_row_numbers().tolist())

    def __len__(self) -> int:
        self._core.catch_up()
        return self._core.native.size

    def __repr__(self) -> str:
        return f"<Gallery: {len(self)} references, category {self.category.name}>"


def _already_known(row: int, reference_id: str) -> DuplicateReference:
    return DuplicateReference(
        "the gallery already holds this reference",
        code="duplicate_reference",
        index=row,
        field="reference_id",
        value=reference_id,
    )

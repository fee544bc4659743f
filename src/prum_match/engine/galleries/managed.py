"""Upkeep of a gallery: what is known of its references, corrections, erasures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.galleries.records import Record, Records, record_of, records_of
from prum_match.engine.progress import Progress, reporting
from prum_match.engine.protocol import Category, Items
from prum_match.engine.ragged import Columns
from prum_match.engine.segments import rows
from prum_match.engine.segments.enrolment import (
    EnrolmentReport,
    GivenKeys,
    OnError,
    prepare,
    sized,
)
from prum_match.engine.segments.given import listed
from prum_match.engine.segments.merging import merged
from prum_match.engine.store.receipts import ErasureReport
from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of

Item = TypeVar("Item")


class Managed(Generic[Item]):
    """The methods of a gallery that keep it in step with a register."""

    category: Category[Item, Any]
    _core: GalleryCore[Item]

    def record(self, reference_id: str) -> Record:
        """Return what the gallery knows of a reference besides its item.

        Raises
        ------
        UnknownReference
            The gallery does not hold the id.
        """
        return record_of(self._core, reference_id)

    def records(self) -> Records:
        """Return the records of all references as columns, to compare a register with.

        They are of one moment: changes wait meanwhile, searches do not.
        """
        return records_of(self._core)

    def replace(
        self,
        reference_ids: Sequence[str],
        items: Items[Item],
        *,
        subject_ids: Sequence[str | None] | None = None,
        labels: Sequence[str | None] | str | None = None,
        expires: Sequence[datetime | None] | None = None,
        on_error: OnError = "raise",
    ) -> EnrolmentReport:
        """Replace the items of references, and what is given with them.

        A concurrent search sees either the old or the new item of each reference. Readers in other
        processes lose the old items at once and see the new ones after :meth:`refresh`.

        Parameters
        ----------
        reference_ids, items
            As for :meth:`enrol`; the gallery holds the ids.
        subject_ids, labels, expires
            As for :meth:`update`.
        on_error : {"raise", "report"}
            As for :meth:`enrol`; a reference whose new item is refused keeps the old one.

        Raises
        ------
        UnknownReference
            The gallery does not hold one of the ids; nothing is changed.
        InvalidInput
            An item is bad; nothing is changed.
        """
        core = self._core
        with core.held():
            items = sized(items)
            keys = GivenKeys(reference_ids, items, subject_ids, labels, expires)
            kept, order = self._stored(keys.reference_ids)
            known_labels = core.storage.labels.copy()
            prepared = prepare(
                self.category, known_labels, keys, items, on_error, core.storage.exchangeable_only
            )
            if len(prepared.rows):
                order = order[prepared.rows]
                stored = merged(self.category, [(merged(self.category, kept), order)])
                own = {n: c for n, c in stored.items() if n.partition(".")[0] in _KEYS}
                ids = [keys.reference_ids[row] for row in prepared.rows.tolist()]
                core.writable().replace(ids, {**own, **prepared.columns}, known_labels)
            return EnrolmentReport(
                len(prepared.rows), prepared.refused, prepared.notes, core.storage.generation
            )

    def update(
        self,
        reference_ids: Sequence[str],
        *,
        subject_ids: Sequence[str | None] | None = None,
        labels: Sequence[str | None] | str | None = None,
        expires: Sequence[datetime | None] | None = None,
        on_error: OnError = "raise",
    ) -> EnrolmentReport:
        """Change subjects, labels and expiry dates of references; the items stay.

        Other processes see the change after :meth:`refresh`, and until then not the references.

        Parameters
        ----------
        reference_ids : sequence of str
            References of the gallery, each once.
        subject_ids, labels, expires : sequence, optional
            As for :meth:`enrol`. Without one of them, it stays as it is; None in a sequence removes
            the value of that reference.
        on_error : {"raise", "report"}
            As for :meth:`enrol`; a reference with a bad value stays as it is.

        Raises
        ------
        UnknownReference
            The gallery does not hold one of the ids; nothing is changed.
        InvalidInput
            A bad value, with its index; nothing is changed.
        """
        core = self._core
        with core.held():
            keys = GivenKeys(reference_ids, reference_ids, subject_ids, labels, expires)
            parts, order = self._stored(keys.reference_ids)
            known_labels = core.storage.labels.copy()
            one_of(on_error, "on_error", ("raise", "report"), code="bad_option")
            refused = keys.refused(set(), known_labels) if on_error == "report" else {}
            kept = np.delete(np.arange(len(keys)), list(refused))
            columns = keys.columns(known_labels, kept)
            if len(kept):
                stored = merged(self.category, [(merged(self.category, parts), order[kept])])
                ids = [keys.reference_ids[row] for row in kept.tolist()]
                core.writable().replace(ids, {**stored, **columns}, known_labels)
            errors = tuple(refused[row] for row in sorted(refused))
            return EnrolmentReport(len(kept), errors, {}, core.storage.generation)

    def _stored(
        self, reference_ids: Sequence[str]
    ) -> tuple[list[tuple[Columns, NDArray[np.uint32]]], NDArray[np.uint32]]:
        """Return the rows of references by segment, and the place of each reference among them."""
        places: dict[int, tuple[_native.Segment, list[int], list[int]]] = {}
        for index, reference_id in enumerate(reference_ids):
            segment, row = self._core.place(reference_id, index)
            _, rows_of, indices = places.setdefault(id(segment), (segment, [], []))
            rows_of.append(row)
            indices.append(index)
        order = np.argsort([i for *_, indices in places.values() for i in indices])
        parts = [(s.columns, np.array(r, np.uint32)) for s, r, _ in places.values()]
        return parts, order.astype(np.uint32)

    def erase(self, reference_ids: Sequence[str]) -> ErasureReport:
        """Erase references at once and for good.

        Searches of all processes stop returning them immediately. When this call returns, no
        search of this process reads them any more and their rows are overwritten, derived data
        included.

        Raises
        ------
        UnknownReference
            The gallery does not hold one of the ids; nothing is changed.
        StorageError
            The disk failed. Either nothing is changed, or the references are gone from all
            searches and the next change, or the next writer, completes the overwriting.
        """
        rows.refuse_text(reference_ids)
        ids = listed(reference_ids, "reference_ids")
        if not ids:
            return ErasureReport()
        with self._core.held(), rows.naming("reference_id", ids):
            receipts = self._core.writable().erase(ids)
        return ErasureReport(tuple(dict.fromkeys(ids)), receipts)

    def purge(self, *, now: datetime) -> ErasureReport:
        """Erase all references that have expired.

        Parameters
        ----------
        now : datetime
            The present moment, with a time zone.

        Raises
        ------
        InvalidInput
            Code ``"bad_moment"``: no moment, or one without a time zone.
        """
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise InvalidInput(
                "a moment needs a time zone", code="bad_moment", field="now", value=now
            )
        core = self._core
        core.catch_up()
        with core.held():
            expired = [
                reference_id
                for segment in core.segments()
                for reference_id in rows.expired_ids(segment, now.timestamp())
            ]
            return self.erase(expired)

    def compact(self, *, progress: Progress | None = None) -> None:
        """Merge all segments into one and free the space of erased rows.

        Segments that read an array of the caller stay as they are. `progress` is as for
        :meth:`enrol`.
        """
        with reporting(progress), self._core.held():
            self._core.writable().compact()


# The engine's own columns, by the beginnings of their names.
_KEYS = ("subjects", "labels", "expires")

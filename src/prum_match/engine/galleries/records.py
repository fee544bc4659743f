"""What a gallery knows of its references besides the items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.segments import rows
from prum_match.values.rows import Rows


@dataclass(frozen=True)
class Record:
    """A reference without its item.

    Attributes
    ----------
    reference_id : str
        The caller's key.
    subject_id, label : str or None
        The person or vehicle that it belongs to, and its label.
    expires : datetime or None
        When it expires, in UTC; None for never.
    """

    reference_id: str
    subject_id: str | None
    label: str | None
    expires: datetime | None


@dataclass(frozen=True, eq=False)
class Records(Rows[Record]):
    """The references of a gallery without their items, as columns.

    Attributes
    ----------
    reference_ids : list of str
        The callers' keys.
    subject_ids, labels : list of str or None
        As in :class:`Record`.
    expires : numpy.ndarray of datetime64[s]
        When they expire, in UTC; NaT for never.
    generation : int
        Generation of the gallery that they were read from.
    """

    reference_ids: list[str]
    subject_ids: list[str | None]
    labels: list[str | None]
    expires: NDArray[np.datetime64]
    generation: int

    def __len__(self) -> int:
        return len(self.reference_ids)

    def _item_at(self, index: int) -> Record:
        seconds = self.expires[index]
        expires = None if np.isnat(seconds) else moment(int(seconds.astype(np.int64)))
        return Record(
            self.reference_ids[index], self.subject_ids[index], self.labels[index], expires
        )

    def __repr__(self) -> str:
        return f"<Records: {len(self)} references, generation {self.generation}>"


def moment(seconds: int) -> datetime | None:
    """Return a moment that is stored as seconds since 1970; 0 stands for "never"."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def record_of(core: GalleryCore[Any], reference_id: str) -> Record:
    """Read the record of one reference."""
    segment, row = core.place(reference_id)
    with core.reading(segment, row):
        return Record(
            reference_id,
            rows.subject_of(segment, row),
            core.label_in(segment, row),
            moment(rows.expiry_of(segment, row)),
        )


def records_of(core: GalleryCore[Any]) -> Records:
    """Read the records of all references, in no particular order."""
    ids: list[str] = []
    subjects: list[str | None] = []
    labels: list[str | None] = []
    expires: list[NDArray[np.int64]] = []
    core.catch_up()
    # Under the lock, and inside the gate, nothing of this process changes a row meanwhile.
    with core.lock:
        core.native.enter_gate()
        try:
            for segment in core.segments():
                live = segment.live_row_numbers()
                found = _columns(core, segment, live)
                # Another process may have erased some meanwhile.
                while len(still := segment.live_row_numbers()) < len(live):
                    live, found = still, _columns(core, segment, still)
                ids += found[0]
                subjects += found[1]
                labels += found[2]
                expires.append(found[3])
        finally:
            core.native.leave_gate()
        generation = core.storage.generation
    seconds = np.concatenate([np.zeros(0, np.int64), *expires])
    dates = seconds.astype("datetime64[s]")
    dates[seconds == 0] = np.datetime64("NaT")
    return Records(ids, subjects, labels, dates, generation)


def _columns(
    core: GalleryCore[Any], segment: _native.Segment, live: NDArray[np.uint32]
) -> tuple[list[str], list[str | None], list[str | None], NDArray[np.int64]]:
    codes, seconds = segment.columns.get("labels"), segment.columns.get("expires")
    return (
        rows.strings(segment, "ids", live),
        [subject or None for subject in rows.strings(segment, "subjects", live)],
        [None] * len(live) if codes is None else core.labels_in(codes[live]),
        np.zeros(len(live), np.int64) if seconds is None else seconds[live],
    )

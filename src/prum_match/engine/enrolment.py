"""From reference ids and items to one sealed segment, or to the reasons why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine._encode import pack_strings
from prum_match.engine.category import Category, Columns
from prum_match.engine.rows import damaged
from prum_match.errors import DuplicateReference, InvalidInput, PrumError

__all__ = ["EnrolmentReport", "LabelTable", "OnError", "Prepared", "prepare", "seal"]

OnError = Literal["raise", "report"]
MAX_LABELS = 255


@dataclass(frozen=True)
class EnrolmentReport:
    """What an enrolment did.

    Attributes
    ----------
    enrolled : int
        References that the gallery now holds.
    refused : tuple of PrumError
        With ``on_error="report"``: why each other item was refused, by ``index``, ``code`` and
        ``field``.
    notes : Mapping of str to int
        How often each normalisation rule was applied, over all items that could be encoded.
    generation : int
        Generation of the gallery after the enrolment.
    """

    enrolled: int
    refused: tuple[PrumError, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
    generation: int = 0


class LabelTable:
    """Labels of a gallery and their one-byte codes; 0 is "no label"."""

    def __init__(self, labels: Sequence[str] = ()) -> None:
        self._names: list[str] = [""]
        self._codes: dict[str, int] = {}
        for index, label in enumerate(labels):
            self.code(label, index)

    @property
    def names(self) -> tuple[str, ...]:
        """All labels, in the order of their codes."""
        return tuple(self._names[1:])

    def copy(self) -> LabelTable:
        """Return a copy, to be thrown away if the enrolment fails."""
        return LabelTable(self._names[1:])

    def code(self, label: str | None, index: int) -> int:
        """Return the code of a label, making one for a new label."""
        if label is None:
            return 0
        known = self._codes.get(label)
        if known is not None:
            return known
        try:
            pack_strings([label], "label")
        except InvalidInput as error:
            raise error.at(index) from None
        if len(self._names) > MAX_LABELS:
            raise InvalidInput(
                f"a gallery holds at most {MAX_LABELS} different labels",
                code="too_many_labels",
                index=index,
                field="labels",
                value=label,
            )
        self._names.append(label)
        self._codes[label] = len(self._names) - 1
        return self._codes[label]

    def name(self, code: int) -> str | None:
        """Return the label of a code.

        Raises
        ------
        StorageError
            Code ``"damaged_segment"``: no label has this code.
        """
        if code >= len(self._names):
            raise damaged()
        return self._names[code] or None

    def mask(self, labels: Sequence[str]) -> list[bool]:
        """Return for each of the 256 codes whether it is one of these labels."""
        mask = [False] * 256
        for label in labels:
            if label not in self._codes:
                raise InvalidInput(
                    "no reference of this gallery has this label",
                    code="unknown_label",
                    field="eligible",
                    value=label,
                )
            mask[self._codes[label]] = True
        return mask


@dataclass(frozen=True)
class Prepared:
    """Accepted references as unsealed columns, the engine's own included."""

    columns: Columns
    n: int
    refused: tuple[PrumError, ...]
    notes: Mapping[str, int]


def prepare(
    category: Category[Any],
    labels_of: LabelTable,
    reference_ids: Sequence[str],
    items: Sequence[Any] | NDArray[Any],
    subject_ids: Sequence[str | None] | None,
    labels: Sequence[str | None] | str | None,
    expires: Sequence[datetime | None] | None,
    on_error: OnError,
) -> Prepared:
    """Check and encode everything that does not need the gallery; nothing is changed yet."""
    if on_error not in ("raise", "report"):
        raise InvalidInput(
            "on_error is 'raise' or 'report'", code="bad_option", field="on_error", value=on_error
        )
    if isinstance(reference_ids, str):
        raise InvalidInput(
            "a sequence of reference ids is needed", code="bad_reference_id", field="reference_ids"
        )
    n = len(reference_ids)
    if isinstance(labels, str):
        labels = [labels] * n
    given = {"items": items, "subject_ids": subject_ids, "labels": labels, "expires": expires}
    for name, values in given.items():
        if values is not None and len(values) != n:
            raise InvalidInput(
                f"{name} and reference_ids differ in length", code="length_mismatch", field=name
            )
    encoded = category.encode(cast(Sequence[Any], items))
    refused: dict[int, PrumError] = {int(e.index or 0): e for e in encoded.refused}
    if refused and on_error == "raise":
        raise refused[min(refused)]
    if on_error == "report":
        refused |= _refused_rows(reference_ids, subject_ids, labels, expires, set(refused))
    columns = dict(encoded.columns)
    kept = [i for i in range(n) if i not in refused] if refused else range(n)
    if refused:
        columns = category.unseal(
            columns, np.searchsorted(encoded.accepted, kept).astype(np.uint32)
        )
        reference_ids = [reference_ids[i] for i in kept]
        subject_ids = None if subject_ids is None else [subject_ids[i] for i in kept]
        labels = None if labels is None else [labels[i] for i in kept]
        expires = None if expires is None else [expires[i] for i in kept]
    columns |= _own_columns(labels_of, kept, reference_ids, subject_ids, labels, expires)
    return Prepared(
        columns, len(reference_ids), tuple(refused[i] for i in sorted(refused)), encoded.notes
    )


def _own_columns(
    labels_of: LabelTable,
    positions: Sequence[int],
    reference_ids: Sequence[str],
    subject_ids: Sequence[str | None] | None,
    labels: Sequence[str | None] | None,
    expires: Sequence[datetime | None] | None,
) -> Columns:
    """Return what the engine itself keeps of each reference."""
    columns: Columns = {}
    columns["ids.offsets"], columns["ids.bytes"] = pack_strings(reference_ids, "reference_id")
    if subject_ids is not None:
        columns["subjects.offsets"], columns["subjects.bytes"] = pack_strings(
            subject_ids, "subject_id", optional=True
        )
    if labels is not None:
        codes = [labels_of.code(label, i) for i, label in zip(positions, labels, strict=True)]
        columns["labels"] = np.array(codes, np.uint8)
    if expires is not None:
        columns["expires"] = _seconds(expires)
    return columns


def _refused_rows(
    reference_ids: Sequence[str],
    subject_ids: Sequence[str | None] | None,
    labels: Sequence[str | None] | None,
    expires: Sequence[datetime | None] | None,
    already: Set[int],
) -> dict[int, PrumError]:
    """Return why further rows are refused on account of what the engine itself keeps of them.

    An id is taken by the first row that is not refused.
    """
    refused: dict[int, PrumError] = {}
    seen: set[str] = set()
    for index, reference_id in enumerate(reference_ids):
        if index in already:
            continue
        try:
            pack_strings([reference_id], "reference_id")
            if subject_ids is not None:
                pack_strings([subject_ids[index]], "subject_id", optional=True)
            if labels is not None:
                pack_strings([labels[index]], "label", optional=True)
            if expires is not None:
                _seconds([expires[index]])
        except PrumError as error:
            refused[index] = error.at(index)
            continue
        if reference_id in seen:
            refused[index] = _duplicate(index, reference_id)
        seen.add(reference_id)
    return refused


def _duplicate(index: int, reference_id: str) -> DuplicateReference:
    return DuplicateReference(
        "reference id occurs twice in one call",
        code="duplicate_reference",
        index=index,
        field="reference_id",
        value=reference_id,
    )


def _seconds(expires: Sequence[datetime | None]) -> NDArray[np.int64]:
    """Moments as whole seconds since 1970 UTC, rounded up; 0 for "never"."""
    seconds = np.zeros(len(expires), np.int64)
    for index, moment in enumerate(expires):
        if moment is None:
            continue
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidInput(
                "a moment needs a time zone",
                code="bad_moment",
                index=index,
                field="expires",
                value=moment,
            )
        # 0 stands for "never", so what expired long ago expires a second later.
        seconds[index] = max(1, -int(-moment.timestamp() // 1))
    return seconds


def seal(category: Category[Any], unsealed: Columns) -> _native.Segment:
    """Make a segment of unsealed columns.

    Raises
    ------
    DuplicateReference
        The first id that occurs twice, by its position in the columns.
    """
    own = ("ids.", "subjects.", "labels", "expires")
    order, columns = category.seal({k: v for k, v in unsealed.items() if not k.startswith(own)})
    columns = dict(columns)
    columns["ids.offsets"], columns["ids.bytes"] = _native.take_strings(
        unsealed["ids.offsets"], unsealed["ids.bytes"], order
    )
    if "subjects.offsets" in unsealed:
        columns["subjects.offsets"], columns["subjects.bytes"] = _native.take_strings(
            unsealed["subjects.offsets"], unsealed["subjects.bytes"], order
        )
    for name in ("labels", "expires"):
        if name in unsealed:
            columns[name] = unsealed[name][order]
    try:
        columns["ids.index"] = _native.make_id_index(columns["ids.offsets"], columns["ids.bytes"])
    except DuplicateReference:
        raise _first_duplicate(unsealed) from None
    n = len(order)
    live = _native.allocate((n + 63) // 64 * 8, 255).view(np.uint64)
    if n % 64:
        live[-1] = (1 << (n % 64)) - 1
    columns["live"] = live
    columns["live.counts"] = _live_counts(n, columns.get("labels"))
    return _native.Segment(n, columns)


def _live_counts(n: int, labels: NDArray[np.uint8] | None) -> NDArray[np.uint64]:
    """Live rows by label code, live rows in all, and the version of the id index."""
    counts = _native.allocate(258 * 8).view(np.uint64)
    counts[0] = counts[256] = n
    if labels is not None:
        counts[:256] = np.bincount(labels, minlength=256)
    return counts


def _first_duplicate(unsealed: Columns) -> DuplicateReference:
    """Find the first id that was given before, in the caller's order."""
    offsets, text = unsealed["ids.offsets"], unsealed["ids.bytes"].tobytes()
    seen: Counter[bytes] = Counter()
    for index in range(len(offsets) - 1):
        reference_id = text[int(offsets[index]) : int(offsets[index + 1])]
        if seen[reference_id]:
            return _duplicate(index, reference_id.decode("ascii", "replace"))
        seen[reference_id] += 1
    raise AssertionError("the index found a duplicate that is not there")

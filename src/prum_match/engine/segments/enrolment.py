"""Enrolment: checks of reference ids and items, and their unsealed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.columns import Encoded
from prum_match.engine.progress import begin_step, paced
from prum_match.engine.protocol import Category, Items
from prum_match.engine.ragged import Columns
from prum_match.engine.segments._encode import pack_strings
from prum_match.engine.segments.given import listed
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.rows import duplicate, refuse_text
from prum_match.errors import InvalidInput, PrumError
from prum_match.values.checks import one_of

Item = TypeVar("Item")
Value = TypeVar("Value")

OnError = Literal["raise", "report"]


@dataclass(frozen=True)
class EnrolmentReport:
    """Report of an enrolment.

    Attributes
    ----------
    enrolled : int
        Number of references that were added.
    refused : tuple of PrumError
        With ``on_error="report"``: the error of each refused item, with ``index``, ``code`` and
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


class Keys(Protocol):
    """Ids, subjects, labels and expiry dates of the references of a call."""

    def __len__(self) -> int:
        """Return the number of references."""
        ...

    def reference_id(self, row: int) -> str:
        """Return the id of a row."""
        ...

    def refused(self, already: Set[int], labels_of: LabelTable) -> dict[int, PrumError]:
        """Return the errors of rows whose keys are bad, besides those refused already.

        Of several rows with one id, the first that is not refused has the id.
        """
        ...

    def columns(self, labels_of: LabelTable, kept: NDArray[np.int64]) -> Columns:
        """Return the engine's own columns of some rows; raise the error of the first bad row."""
        ...


class GivenKeys(Keys):
    """Keys that were given as sequences."""

    def __init__(
        self,
        reference_ids: Sequence[str],
        items: Items[Any],
        subject_ids: Sequence[str | None] | None = None,
        labels: Sequence[str | None] | str | None = None,
        expires: Sequence[datetime | None] | None = None,
    ) -> None:
        refuse_text(reference_ids)
        self.reference_ids: list[str] = listed(reference_ids, "reference_ids")
        n = len(self.reference_ids)
        if isinstance(labels, str):
            labels = [labels] * n
        self._subjects = None if subject_ids is None else listed(subject_ids, "subject_ids")
        self._labels = None if labels is None else listed(labels, "labels")
        self._expires = None if expires is None else listed(expires, "expires")
        given = {
            "items": items,
            "subject_ids": self._subjects,
            "labels": self._labels,
            "expires": self._expires,
        }
        for name, values in given.items():
            if values is not None and len(values) != n:
                raise InvalidInput(
                    f"{name} and reference_ids differ in length", code="length_mismatch", field=name
                )

    def __len__(self) -> int:
        return len(self.reference_ids)

    def reference_id(self, row: int) -> str:
        """Return the id of a row."""
        return self.reference_ids[row]

    def refused(self, already: Set[int], labels_of: LabelTable) -> dict[int, PrumError]:
        """Check the keys row by row."""
        refused: dict[int, PrumError] = {}
        seen: set[str] = set()
        for index, reference_id in enumerate(paced(self.reference_ids, counted=False)):
            if index in already:
                continue
            try:
                pack_strings([reference_id], "reference_id")
                if self._subjects is not None:
                    pack_strings([self._subjects[index]], "subject_id", optional=True)
                if self._labels is not None:
                    pack_strings([self._labels[index]], "label", optional=True)
                if self._expires is not None:
                    _seconds([self._expires[index]])
                if reference_id in seen:
                    raise duplicate(index, reference_id)
                if self._labels is not None:
                    labels_of.code(self._labels[index], index)
            except PrumError as error:
                refused[index] = error.at(index)
                continue
            seen.add(reference_id)
        return refused

    def columns(self, labels_of: LabelTable, kept: NDArray[np.int64]) -> Columns:
        """Pack the keys of some rows."""
        columns: Columns = {}
        columns["ids.offsets"], columns["ids.bytes"] = pack_strings(
            _some(self.reference_ids, kept), "reference_id"
        )
        if self._subjects is not None:
            columns["subjects.offsets"], columns["subjects.bytes"] = pack_strings(
                _some(self._subjects, kept), "subject_id", optional=True
            )
        if self._labels is not None:
            labels = zip(kept.tolist(), _some(self._labels, kept), strict=True)
            codes = [labels_of.code(text, i) for i, text in paced(labels, counted=False)]
            columns["labels"] = np.array(codes, np.uint8)
        if self._expires is not None:
            columns["expires"] = _seconds(_some(self._expires, kept))
        return columns


def sized(items: Items[Item]) -> Items[Item]:
    """Return items that have a length: those of a generator as a list."""
    return items if hasattr(items, "__len__") else listed(items, "items")


def _some(values: Sequence[Value], kept: NDArray[np.int64]) -> Sequence[Value]:
    return values if len(kept) == len(values) else [values[i] for i in kept.tolist()]


@dataclass(frozen=True)
class Prepared:
    """Unsealed columns of the accepted references, and the errors of the others."""

    columns: Columns
    rows: NDArray[np.int64]
    refused: tuple[PrumError, ...]
    notes: Mapping[str, int]


def prepare(
    category: Category[Any, Any],
    labels_of: LabelTable,
    keys: Keys,
    items: Items[Any],
    on_error: OnError,
    exchangeable_only: bool = False,
) -> Prepared:
    """Check and encode references, as far as that needs no gallery."""
    one_of(on_error, "on_error", ("raise", "report"), code="bad_option")
    begin_step("encode", len(keys))
    encoded, refused = _encoded(category, cast(Sequence[Any], items), exchangeable_only)
    if refused and on_error == "raise":
        raise refused[min(refused)]
    if on_error == "report":
        refused |= keys.refused(set(refused), labels_of)
    columns, kept = dict(encoded.columns), np.arange(len(keys))
    if refused:
        kept = np.delete(kept, list(refused))
        columns = category.layout.unseal(
            columns, np.searchsorted(encoded.accepted, kept).astype(np.uint32)
        )
    columns |= keys.columns(labels_of, kept)
    return Prepared(columns, kept, tuple(refused[i] for i in sorted(refused)), encoded.notes)


def _encoded(
    category: Category[Any, Any], items: Sequence[Any], exchangeable_only: bool
) -> tuple[Encoded, dict[int, PrumError]]:
    """Encode items, some of which may be given as mappings of their constructor's arguments."""
    encoded = category.layout.encode(items)
    refused: dict[int, PrumError] = {int(e.index or 0): e for e in encoded.refused}
    given = []
    if isinstance(items, list | tuple):
        given = [index for index in refused if isinstance(items[index], Mapping)]
    if given:
        made, unmade = list(items), {}
        for index in given:
            try:
                made[index] = category.layout.make(items[index])
            except PrumError as error:
                unmade[index] = error.at(index)
        items, encoded = made, category.layout.encode(made)
        refused = {int(e.index or 0): e for e in encoded.refused} | unmade
    if exchangeable_only:
        wire = category.required_wire()
        for index in encoded.accepted.tolist():
            try:
                wire.check_inclusion(items[index])
            except PrumError as error:
                refused[index] = error.at(index)
    return encoded, refused


def _seconds(expires: Sequence[datetime | None]) -> NDArray[np.int64]:
    """Return moments as whole seconds since 1970 UTC, rounded up; 0 stands for "never"."""
    seconds = np.zeros(len(expires), np.int64)
    for index, moment in enumerate(paced(expires, counted=False)):
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
        # At least 1, because 0 stands for "never".
        seconds[index] = max(1, -int(-moment.timestamp() // 1))
    return seconds

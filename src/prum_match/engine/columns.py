"""Columns of a category's segments, and what the engine does with all of them alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.ragged import Columns, Ragged, offsets_of
from prum_match.errors import PrumError

# Places of a column: one part an axis, all of it or one entry a place.
Index: TypeAlias = tuple[slice | NDArray[Any], ...]
# Name of a column, places in it, and what overwrites them: one value for all, or one for each.
Trace: TypeAlias = tuple[str, Index, Any]


@dataclass(frozen=True)
class Column:
    """One column of a category's segments.

    Attributes
    ----------
    name : str
        Key in :data:`Columns`.
    row_axis : int or None
        Axis along which references lie; None for a column of the whole segment, and for values of
        ragged rows.
    filler : int
        Value of a dead row, so that an erasure can be recognised and proved.
    primary : bool
        Whether the references are rebuilt from it; ``Layout.seal`` makes the other columns.
    optional : bool
        Whether a segment lacks it if none of its references has such a value.
    missing : int or float
        Value of the references of such a segment when it is merged with one that has the column.
    offsets : str, optional
        Name of the column that says where the values of each row begin, for rows of different
        lengths; see :class:`Ragged`. Several columns may share it.
    """

    name: str
    row_axis: int | None = 0
    filler: int = 0
    primary: bool = True
    optional: bool = False
    missing: float = 0
    offsets: str | None = None


@dataclass(frozen=True)
class Encoded:
    """Items as unsealed columns.

    Attributes
    ----------
    columns : Columns
        Primary columns of the accepted items, in their order.
    accepted : numpy.ndarray of int64
        Positions of the accepted items in the input.
    refused : tuple of PrumError
        One error for each other item, with its ``index``.
    notes : Mapping of str to int
        How often each normalisation rule was applied.
    """

    columns: Columns
    accepted: NDArray[np.int64]
    refused: tuple[PrumError, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


def row_count(declared: Sequence[Column], columns: Columns) -> int:
    """Return the number of references in unsealed columns."""
    for column in declared:
        if column.name in columns and column.row_axis is not None:
            return int(columns[column.name].shape[column.row_axis])
        if column.offsets in columns:
            return len(columns[column.offsets]) - 1
    raise ValueError("no column says how many references there are")


def take_columns(
    declared: Sequence[Column], columns: Columns, rows: NDArray[np.integer[Any]]
) -> Columns:
    """Return the primary columns of some rows."""
    taken: Columns = {}
    for offsets, sharing in _ragged(declared, columns):
        lying = _rows_of(columns, offsets, sharing)
        places, lengths = lying._places_and_lengths(rows)
        taken[offsets] = offsets_of(lengths).astype(lying.offsets.dtype, copy=False)
        for column in sharing:
            if column.primary:
                taken[column.name] = columns[column.name][places]
    for column in _plain(declared):
        if not column.primary or (column.optional and column.name not in columns):
            continue
        values = columns[column.name]
        whole = column.row_axis is None
        taken[column.name] = values if whole else values.take(rows, column.row_axis)
    return taken


def join_columns(declared: Sequence[Column], parts: Sequence[Columns]) -> Columns:
    """Return the primary columns of several segments behind each other."""
    joined: Columns = {}
    sizes = [row_count(declared, part) for part in parts]
    for column in declared:
        having = [part[column.name] for part in parts if column.name in part]
        if having and column.offsets is not None and column.primary:
            # Offsets first: the catalogue lists columns in this order.
            if column.offsets not in joined:
                joined[column.offsets] = _joined_offsets(column.offsets, parts, sizes)
            joined[column.name] = np.concatenate(having)
    for column in [c for c in _plain(declared) if c.primary]:
        having = [part[column.name] for part in parts if column.name in part]
        if column.optional and not having:
            continue
        arrays = [
            part[column.name]
            if column.name in part or not column.optional
            else _missing_values(column, having[0], n)
            for part, n in zip(parts, sizes, strict=True)
        ]
        joined[column.name] = _behind_each_other(arrays, column.row_axis or 0)
    return joined


def traces_in_columns(
    declared: Sequence[Column], columns: Columns, rows: NDArray[np.uint32]
) -> Iterator[Trace]:
    """Yield the places of some rows in all columns, with their fillers."""
    for offsets, sharing in _ragged(declared, columns):
        places = _rows_of(columns, offsets, sharing).places(rows)
        for column in sharing:
            yield column.name, (places,), column.filler
    for column in _plain(declared):
        if column.row_axis is not None and (column.name in columns or not column.optional):
            yield column.name, (slice(None),) * column.row_axis + (rows,), column.filler


def _offsets_in(declared: Sequence[Column]) -> set[str]:
    return {column.offsets for column in declared if column.offsets is not None}


def _plain(declared: Sequence[Column]) -> list[Column]:
    """Return the columns that are neither ragged nor the offsets of ragged ones."""
    offsets = _offsets_in(declared)
    return [c for c in declared if c.offsets is None and c.name not in offsets]


def _ragged(declared: Sequence[Column], columns: Columns) -> Iterator[tuple[str, list[Column]]]:
    """Yield the names of offsets that are there, each with the columns that share it."""
    for offsets in dict.fromkeys(c.offsets for c in declared if c.offsets is not None):
        sharing = [c for c in declared if c.offsets == offsets]
        if offsets in columns or not all(c.optional for c in sharing):
            yield offsets, [c for c in sharing if c.name in columns or not c.optional]


def _rows_of(columns: Columns, offsets: str, sharing: Sequence[Column]) -> Ragged:
    """Return the rows of the shortest column, so that the places hold for all of them."""
    return Ragged(columns[offsets], min((columns[c.name] for c in sharing), key=len))


def _joined_offsets(
    name: str, parts: Sequence[Columns], sizes: Sequence[int]
) -> NDArray[np.unsignedinteger[Any]]:
    lengths = [
        np.diff(part[name].astype(np.int64)) if name in part else np.zeros(n, np.int64)
        for part, n in zip(parts, sizes, strict=True)
    ]
    dtype = next(part[name].dtype for part in parts if name in part)
    return offsets_of(np.concatenate(lengths)).astype(dtype, copy=False)


def _missing_values(column: Column, example: NDArray[Any], n: int) -> NDArray[Any]:
    shape = list(example.shape)
    shape[column.row_axis or 0] = n
    return np.full(shape, column.missing, example.dtype)


def _behind_each_other(arrays: Sequence[NDArray[Any]], axis: int) -> NDArray[Any]:
    if axis or len({(array.dtype, array.shape[1:]) for array in arrays}) > 1:
        return np.concatenate(arrays, axis=axis)
    # In huge pages where that pays: searches read such an array from end to end.
    room = _native.allocate(sum(array.nbytes for array in arrays), None).view(arrays[0].dtype)
    rows = sum(len(array) for array in arrays)
    joined: NDArray[Any] = room.reshape(rows, *arrays[0].shape[1:])
    return np.concatenate(arrays, out=joined)

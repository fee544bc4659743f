"""Tables of other libraries, read through the Arrow C data interface.

Nobody but this module touches nanoarrow, an optional package.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.tables._strings import Strings
from prum_match.engine.tables.arrays import BINARY, NUMBERS, TEXT, Mask, Rows, bad_stream, nulls_of
from prum_match.errors import InvalidInput, missing_extra

_PER_SECOND = {"tss": 1, "tsm": 10**3, "tsu": 10**6, "tsn": 10**9}
_WITHOUT_ZONE = ("tdD", "tdm", "tss:", "tsm:", "tsu:", "tsn:")
# What a datetime can hold, in seconds since 1970 UTC.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799


class _Stream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class _Array(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> object: ...


# What hands itself over by the Arrow PyCapsule interface.
ArrowTable = _Stream | _Array


@dataclass(frozen=True)
class Moments:
    """A column of moments, in microseconds since 1970 UTC.

    Attributes
    ----------
    micros : numpy.ndarray of int64
        0 where there is no moment.
    null : numpy.ndarray of bool
        Where nothing was given.
    impossible : numpy.ndarray of bool
        Where a moment lies outside the years 1 to 9999.
    """

    micros: NDArray[np.int64]
    null: Mask
    impossible: Mask


class Table:
    """A table by columns, whatever library made it; :func:`read_table` makes one.

    Attributes
    ----------
    names : tuple of str
        Names of the columns.
    n : int
        Number of rows.
    """

    def __init__(self, columns: Mapping[str, tuple[Any, list[Rows]]], n: int) -> None:
        self.names = tuple(columns)
        self.n = n
        self._columns = columns

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def strings(self, name: str) -> Strings:
        """Return a column of text.

        Raises
        ------
        InvalidInput
            Codes ``"missing_column"``, ``"bad_column_type"``, ``"bad_stream"``.
        """
        schema, chunks = self._column(name)
        if _values(schema).format not in (*TEXT, "n"):
            raise _bad_type(name, "text")
        return Strings([rows.strings(schema, TEXT) for rows in chunks])

    def binary(self, name: str) -> Strings:
        """Return a column of bytes; errors as of :meth:`strings`."""
        schema, chunks = self._column(name)
        if _values(schema).format != "n" and not self.is_binary(name):
            raise _bad_type(name, "bytes")
        return Strings([rows.strings(schema, BINARY) for rows in chunks], binary=True)

    def is_binary(self, name: str) -> bool:
        """Tell whether a column holds bytes."""
        format: str = _values(self._column(name)[0]).format
        return format in BINARY or format.startswith("w:")

    def is_days(self, name: str) -> bool:
        """Tell whether a column holds dates."""
        return bool(self._column(name)[0].format == "tdD")

    def floats(self, name: str) -> tuple[NDArray[np.float64], Mask]:
        """Return a column of numbers, NaN where there is none, and where that is."""
        schema, chunks = self._column(name)
        if schema.format == "n":
            return np.full(self.n, np.nan), np.ones(self.n, np.bool_)
        if schema.dictionary is not None or schema.format not in NUMBERS:
            raise _bad_type(name, "numbers")
        parts = [rows.numbers(schema.format).astype(np.float64) for rows in chunks]
        numbers, null = np.concatenate([*parts, np.empty(0)]), nulls_of(chunks)
        numbers[null] = np.nan
        return numbers, null

    def moments(self, name: str, days: bool = False) -> Moments:
        """Return a column of timestamps with a time zone; nanoseconds are cut to microseconds.

        Parameters
        ----------
        name : str
            Name of the column.
        days : bool, default False
            Read dates as well: a day begins at midnight of coordinated universal time.

        Raises
        ------
        InvalidInput
            Code ``"bad_moment"`` for dates and for timestamps without a time zone; others as of
            :meth:`strings`.
        """
        schema, chunks = self._column(name)
        if schema.format == "n":
            nothing = np.zeros(self.n, np.int64)
            return Moments(nothing, np.ones(self.n, np.bool_), np.zeros(self.n, np.bool_))
        if days and schema.format == "tdD":
            return _days([rows.numbers("i") for rows in chunks], nulls_of(chunks))
        if schema.format in _WITHOUT_ZONE:
            raise InvalidInput("a moment needs a time zone", code="bad_moment", field=name)
        per_second = _PER_SECOND.get(schema.format[:3])
        if per_second is None or schema.dictionary is not None:
            raise _bad_type(name, "timestamps with a time zone")
        null = nulls_of(chunks)
        parts = [rows.numbers("l") for rows in chunks]
        ticks = np.concatenate([*parts, np.empty(0, np.int64)])
        ticks[null] = 0
        low, high = _FIRST_SECOND * per_second, (_LAST_SECOND + 1) * per_second
        # Of nanoseconds, 64 bits hold less than a datetime does.
        inside = (ticks >= max(low, -(2**63))) & (ticks <= min(high, 2**63) - 1)
        ticks[~inside] = 0
        micros = ticks * (10**6 // per_second) if per_second <= 10**6 else ticks // 1000
        return Moments(micros, null, ~inside)

    def vectors(self, name: str, width: int) -> tuple[NDArray[Any], Mask]:
        """Return a column of vectors: lists of numbers, or bytes of little-endian float32.

        One chunk of a fixed-size list without nulls is not copied.

        Parameters
        ----------
        name : str
            Name of the column.
        width : int
            Length of the vectors.

        Returns
        -------
        vectors : numpy.ndarray, shape (n, width)
            NaN for a null in a list.
        others : numpy.ndarray of bool, shape (n,)
            Rows without a vector of this length.

        Raises
        ------
        InvalidInput
            Code ``"bad_dimension"``: the column can hold no such vector; others as of
            :meth:`strings`.
        """
        schema, chunks = self._column(name)
        if self.is_binary(name):
            raw, others = self.binary(name).fixed(4 * width)
            return raw.view("<f4"), others
        if schema.format == "n":
            return np.zeros((self.n, width), np.float32), np.ones(self.n, np.bool_)
        fixed = schema.format.startswith("+w:")
        if not fixed and schema.format not in ("+l", "+L"):
            raise _bad_type(name, "lists of numbers, or bytes")
        item = schema.child(0)
        if item.dictionary is not None or item.format not in NUMBERS:
            raise _bad_type(name, "lists of numbers, or bytes")
        if fixed and int(schema.format[3:]) != width:
            raise InvalidInput(f"an item has {width} components", code="bad_dimension", field=name)
        large = schema.format == "+L"
        parts = [
            rows.fixed_vectors(item.format, width)
            if fixed
            else rows.list_vectors(large, item.format, width)
            for rows in chunks
        ]
        if not parts:
            return np.zeros((0, width), np.float32), np.zeros(0, np.bool_)
        vectors = [part for part, _ in parts]
        return (
            vectors[0] if len(parts) == 1 else np.concatenate(vectors),
            np.concatenate([others for _, others in parts]),
        )

    def _column(self, name: str) -> tuple[Any, list[Rows]]:
        if name not in self._columns:
            raise InvalidInput("the table lacks a column", code="missing_column", field=name)
        return self._columns[name]

    def __repr__(self) -> str:
        return f"<Table: {self.n} rows, {len(self.names)} columns>"


def is_table(source: object) -> TypeGuard[ArrowTable]:
    """Tell whether an object hands itself over as an Arrow table."""
    return hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__")


def read_table(source: object, ignore: Collection[str] = ()) -> Table:
    """Read a table of another library, without the columns that are to be ignored."""
    if not is_table(source):
        raise _not_a_table()
    try:
        import nanoarrow  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise missing_extra("nanoarrow", "arrow") from None
    try:
        stream = nanoarrow.c_array_stream(source)
        schema = stream.get_schema()
        batches = list(stream)
        views = [_columns_of(batch) for batch in batches]
        with_nulls = [batch.view() for batch in batches if batch.null_count]
    except Exception as error:
        # Such errors quote what they could not read.
        raise InvalidInput(
            "the source of the table failed", code="bad_stream", field="table", value=error
        ) from None
    if schema.format != "+s":
        raise _not_a_table()
    if any(Rows(b, b, b.offset, b.length).nulls().any() for b in with_nulls):
        raise bad_stream("a row is null as a whole")
    columns: dict[str, tuple[Any, list[Rows]]] = {}
    for i, child in enumerate(schema.children):
        if child.name in columns:
            raise InvalidInput(
                "two columns have the same name",
                code="duplicate_column",
                field="table",
                value=child.name,
            )
        if child.name not in ignore:
            chunks = zip(batches, views, strict=True)
            columns[child.name] = child, [_rows(batch, arrays[i]) for batch, arrays in chunks]
    return Table(columns, sum(batch.length for batch in batches))


def _days(parts: Sequence[NDArray[Any]], null: Mask) -> Moments:
    micros = np.concatenate([*parts, np.empty(0, np.int32)]).astype(np.int64) * 86_400_000_000
    micros[null] = 0
    outside = (micros < _FIRST_SECOND * 10**6) | (micros > _LAST_SECOND * 10**6)
    micros[outside] = 0
    return Moments(micros, null, outside)


def _columns_of(batch: Any) -> list[Any]:
    """Return the arrays of a batch, to be looked at."""
    # Those of the null type are not: the one of Polars has a buffer, which nanoarrow refuses.
    return [c if c.schema.format == "n" else c.view() for c in batch.children]


def _rows(batch: Any, array: Any) -> Rows:
    """Return the rows of a column that a batch shows, which may be a part of it."""
    if not 0 <= batch.offset <= array.length - batch.length:
        raise bad_stream("a column is shorter than its table")
    return Rows(batch, array, array.offset + batch.offset, batch.length)


def _values(schema: Any) -> Any:
    return schema if schema.dictionary is None else schema.dictionary


def _bad_type(name: str, wanted: str) -> InvalidInput:
    return InvalidInput(f"the column has to hold {wanted}", code="bad_column_type", field=name)


def _not_a_table() -> InvalidInput:
    return InvalidInput(
        "not a table of Arrow, pandas, Polars or the like", code="not_a_table", field="table"
    )

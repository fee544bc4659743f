"""Tables of installed libraries, and streams that libraries would not make."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from prum_match import dna
from prum_match.errors import PrumError

Columns = Mapping[str, Any]

SECRET = "SECRET"
"""What must be in no error."""


def pyarrow() -> Any:
    return pytest.importorskip("pyarrow")


def _table(columns: Columns) -> Any:
    return pyarrow().table(dict(columns))


def _polars(columns: Columns) -> Any:
    return pytest.importorskip("polars").from_arrow(_table(columns))


def _pandas(columns: Columns) -> Any:
    return _table(columns).to_pandas(types_mapper=pytest.importorskip("pandas").ArrowDtype)


def _duckdb(columns: Columns) -> Any:
    return pytest.importorskip("duckdb").connect().from_arrow(_table(columns))


# Each makes a table of columns that pyarrow can read.
LIBRARIES: dict[str, Callable[[Columns], Any]] = {
    "pyarrow": _table,
    "reader": lambda columns: _table(columns).to_reader(max_chunksize=2),
    "batch": lambda columns: _table(columns).combine_chunks().to_batches()[0],
    "polars": _polars,
    "pandas": _pandas,
    "duckdb": _duckdb,
}

LAYOUTS = ("utf8", "large_utf8", "string_view", "int8", "uint16", "uint32", "int64", "uint64")


def laid_out(values: Sequence[str | None], layout: str) -> Any:
    """Make an array of text in one of the layouts; the last ones use dictionary indices."""
    pa = pyarrow()
    plain = {"utf8": pa.string(), "large_utf8": pa.large_string(), "string_view": pa.string_view()}
    if layout in plain:
        return pa.array(values, plain[layout])
    words = list(dict.fromkeys(value for value in values if value is not None))
    places = [None if value is None else words.index(value) for value in values]
    text = pa.large_string() if layout == "uint16" else pa.string()
    # The words are a slice as well.
    return pa.DictionaryArray.from_arrays(
        pa.array(places, layout), pa.array(["not a word", *words], text).slice(1)
    )


def sliced(array: Any, sizes: Iterable[int]) -> Any:
    """Split an array into chunks of these sizes and the rest; all but the first have an offset."""
    chunks, start = [], 0
    for size in sizes:
        chunks.append(array.slice(start, size))
        start += size
    return pyarrow().chunked_array([*chunks, array.slice(start)], array.type)


class Stream:
    """A stream of one batch of nanoarrow arrays, passed on unchecked."""

    def __init__(self, columns: Columns, n: int, *, offset: int = 0, valid: Any = None) -> None:
        na = pytest.importorskip("nanoarrow")
        from nanoarrow.c_array_stream import CArrayStream

        batch = na.c_array_from_buffers(
            na.struct({name: array.schema for name, array in columns.items()}),
            n,
            [valid],
            null_count=-1 if valid else 0,
            offset=offset,
            children=list(columns.values()),
            validation_level="none",
        )
        self._stream = CArrayStream.from_c_arrays([batch], batch.schema, validate=False)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._stream.__arrow_c_stream__(requested_schema)


def unchecked(type_: Any, n: int, *buffers: Any, **options: Any) -> Any:
    """Make a nanoarrow array of unchecked buffers."""
    na = pytest.importorskip("nanoarrow")
    return na.c_array_from_buffers(type_, n, buffers, validation_level="none", **options)


class Failing:
    """A source whose stream cannot be opened."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise self.error


def refused(code: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> PrumError:
    """Make a call that is refused with this code, without showing its values."""
    with pytest.raises(PrumError) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return caught.value


def people(ids: list[Any], **more: Any) -> dict[str, Any]:
    """Return columns of DNA profiles, one for each id."""
    n = len(ids)
    alleles = {"TH01_1": ["6"] * n, "TH01_2": ["9.3"] * n}
    return {"reference_id": pyarrow().array(ids, pyarrow().string()), **alleles, **more}


def enrol(columns: dict[str, Any], **options: Any) -> tuple[dna.Gallery, Any]:
    """Enrol a table of these columns in a new gallery."""
    gallery = dna.Gallery()
    return gallery, gallery.enrol_table(pyarrow().table(columns), **options)

"""Arrow streams with false metadata give an error with a code, without reads out of bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from prum_match import face
from prum_match.engine.tables._strings import Part
from prum_match.engine.tables.table import read_table
from prum_match.errors import PrumError
from support.galleries.tables import Stream, enrol, people, pyarrow, refused, unchecked

na = pytest.importorskip("nanoarrow")

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def i32(*values: int) -> Any:
    return np.array(values, np.int32)


def i64(*values: int) -> Any:
    return np.array(values, np.int64)


def view(size: int, buffer: int = 0, offset: int = 0) -> bytes:
    return i32(size, 0, buffer, offset).tobytes()


def viewed(views: bytes, valid: bytes | None = None) -> Any:
    pa = pyarrow()
    buffers = [valid, views, b"x" * 20]
    given = [None if b is None else pa.py_buffer(b) for b in buffers]
    return pa.Array.from_buffers(pa.string_view(), len(views) // 16, given)


def words() -> Any:
    return unchecked(na.string(), 2, None, i32(0, 1, 2), b"ab")


LIES: dict[str, Callable[[], Any]] = {
    "offsets run backwards": lambda: unchecked(na.string(), 2, None, i32(0, 2, 1), b"abc"),
    "an offset lies past the end": lambda: unchecked(na.string(), 2, None, i32(0, 9, 3), b"abc"),
    "an offset is negative": lambda: unchecked(na.string(), 2, None, i32(0, -1, 3), b"abc"),
    "the first offset is negative": lambda: unchecked(na.string(), 1, None, i32(-3, 3), b"abc"),
    "large offsets run backwards": lambda: unchecked(
        na.large_string(), 2, None, i64(0, 2**62, 1), b"abc"
    ),
    "a view names no buffer": lambda: viewed(view(13, 1)),
    "a view names a buffer below 0": lambda: viewed(view(13, -1)),
    "a view begins below 0": lambda: viewed(view(13, 0, -1)),
    "a view ends past its buffer": lambda: viewed(view(13, 0, 8)),
    "a view is longer than its buffer": lambda: viewed(view(2**31 - 1, 0, 2**31 - 1)),
    "a view is of negative size": lambda: viewed(view(-1)),
}


@pytest.mark.parametrize("lie", LIES)
def test_strings_that_lie(lie: str) -> None:
    array = LIES[lie]()
    # nanoarrow cannot make views, and pyarrow refuses to make the other lies.
    source = pyarrow().table({"x": array}) if "view" in lie else Stream({"x": array}, array.length)
    assert refused("bad_stream", lambda: read_table(source).strings("x")).field == "table"


@pytest.mark.parametrize("index", [2, -1, 2**32, 2**63 - 1])
def test_indices_that_lie(index: int) -> None:
    pa = pyarrow()
    indices = pa.array([0, index], pa.int8() if index < 128 else pa.int64())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(["a", "b"]), safe=False)
    table = read_table(pa.table({"x": array}))
    refused("bad_stream", table.strings, "x")


@pytest.mark.parametrize(
    ("layout", "n", "first", "valid", "places"),
    [
        ("offsets_32", 2, 0, 0, 8),
        ("offsets_32", 1, 1, 0, 11),
        ("offsets_64", 2, 0, 0, 23),
        ("views", 2, 0, 0, 31),
        ("indices", 2, 1, 0, 11),
        ("offsets_32", 2, 7, 1, 99),
        ("offsets_32", -1, 1, 0, 99),
        ("offsets_32", 1, -1, 0, 99),
        ("offsets_64", 2**62, 2**62, 0, 99),
    ],
)
def test_parts_that_are_longer_than_their_buffers(
    layout: Any, n: int, first: int, valid: int, places: int
) -> None:
    def zeros(size: int) -> Any:
        return np.zeros(size, np.uint8)

    words = Part("nothing", 1, 0, zeros(0), zeros(0), ())
    refused("bad_stream", Part, layout, n, first, zeros(valid), zeros(places), [zeros(0)], words)


def test_a_null_may_point_anywhere() -> None:
    array = viewed(view(-7, 9, 9) + view(0), b"\2")
    assert list(read_table(pyarrow().table({"x": array})).strings("x")) == [None, ""]


def test_columns_shorter_than_their_table() -> None:
    for n, offset in ((3, 0), (1, 2), (2, 1)):
        error = refused("bad_stream", read_table, Stream({"x": words()}, n, offset=offset))
        assert error.index is None
    assert list(read_table(Stream({"x": words()}, 1, offset=1)).strings("x")) == ["b"]


def test_rows_that_are_null_as_a_whole() -> None:
    bits = np.array([0b01], np.uint8)
    refused("bad_stream", read_table, Stream({"x": words()}, 2, valid=bits))


def test_lists_that_lie() -> None:
    floats = unchecked(na.float32(), 4, None, np.arange(4, dtype=np.float32))
    pairs = na.fixed_size_list(na.float32(), 2)
    fixed = unchecked(pairs, 3, None, children=[floats])
    for array in (
        fixed,
        unchecked(na.list_(na.float32()), 2, None, i32(0, 3, 2), children=[floats]),
        unchecked(na.list_(na.float32()), 2, None, i32(-2, 0, 2), children=[floats]),
        unchecked(na.list_(na.float32()), 2, None, i32(0, 2, 5), children=[floats]),
    ):
        with pytest.raises(PrumError) as caught:
            read_table(Stream({"x": array}, array.length)).vectors("x", 2)
        assert caught.value.code == "bad_stream"


def test_faces_of_a_hostile_stream() -> None:
    model = face.Model("made up", "1", 2)
    array = unchecked(na.fixed_size_list(na.float32(), 2), 1, None, children=[words()])
    refused("bad_stream", face.Gallery(model).search_many, Stream({"embedding": array}, 1), limit=1)


def test_zones_of_the_caller() -> None:
    pa = pyarrow()
    local = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    expires = pa.array([local], pa.timestamp("us", "+02:00"))
    gallery, _ = enrol(people(["A"], expires=expires))
    assert gallery.purge(now=NOON - timedelta(seconds=1)).reference_ids == ()
    assert gallery.purge(now=NOON).reference_ids == ("A",)

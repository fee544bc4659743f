"""Operations of the engine on declared columns: take rows, join segments, overwrite."""

from __future__ import annotations

import math

import numpy as np
import pytest

from prum_match.engine import Column, Columns
from prum_match.engine.columns import join_columns, row_count, take_columns, traces_in_columns
from prum_match.errors import StorageError

DECLARED = (
    Column("words.letters", None, offsets="words.offsets"),
    Column("words.marks", None, filler=7, offsets="words.offsets"),
    Column("rows"),
    Column("planes", row_axis=1, filler=9),
    Column("all", row_axis=None),
    Column("year", optional=True, missing=math.nan),
    Column("notes.bytes", None, optional=True, offsets="notes.offsets"),
    Column("index", primary=False),
)
ROWS = np.array([2, 0], np.uint32)


def columns() -> Columns:
    return {
        "words.offsets": np.array([0, 2, 2, 3], np.uint32),
        "words.letters": np.array([10, 11, 12], np.uint8),
        "words.marks": np.array([[1, 1], [2, 2], [3, 3]]),
        "rows": np.array([[1, 2], [3, 4], [5, 6]], np.int16),
        "planes": np.array([[1, 2, 3], [4, 5, 6]], np.uint8),
        "all": np.array([42]),
        "index": np.array([3, 2, 1]),
    }


def with_options(of: Columns) -> Columns:
    return of | {
        "year": np.array([1.0, 2.0, 3.0]),
        "notes.offsets": np.array([0, 1, 1, 4], np.uint64),
        "notes.bytes": np.frombuffer(b"abcd", np.uint8),
    }


def plain(of: Columns) -> dict[str, list[object]]:
    return {name: array.tolist() for name, array in of.items()}


def test_taken_rows_are_those_of_all_primary_columns() -> None:
    assert plain(take_columns(DECLARED, with_options(columns()), ROWS)) == {
        "words.offsets": [0, 1, 3],
        "words.letters": [12, 10, 11],
        "words.marks": [[3, 3], [1, 1], [2, 2]],
        "notes.offsets": [0, 3, 4],
        "notes.bytes": list(b"bcda"),
        "rows": [[5, 6], [1, 2]],
        "planes": [[3, 1], [6, 4]],
        "all": [42],
        "year": [3.0, 1.0],
    }


def test_optional_columns_stay_away_where_no_segment_has_them() -> None:
    taken = take_columns(DECLARED, columns(), ROWS)
    assert not {"year", "notes.offsets", "notes.bytes"} & taken.keys()
    joined = join_columns(DECLARED, [taken, columns()])
    assert not {"year", "notes.offsets", "notes.bytes"} & joined.keys()
    assert joined["words.offsets"].tolist() == [0, 1, 3, 5, 5, 6]
    assert joined["words.offsets"].dtype == np.uint32
    assert joined["planes"].tolist() == [[3, 1, 1, 2, 3], [6, 4, 4, 5, 6]]
    assert "index" not in joined


def test_segments_without_an_optional_column_get_its_missing_value() -> None:
    joined = join_columns(DECLARED, [columns(), with_options(columns())])
    assert np.isnan(joined["year"][:3]).all()
    assert joined["year"][3:].tolist() == [1.0, 2.0, 3.0]
    assert joined["notes.offsets"].tolist() == [0, 0, 0, 0, 1, 1, 4]
    assert joined["notes.bytes"].tobytes() == b"abcd"


def test_traces_cover_every_place_of_a_row() -> None:
    found = with_options(columns())
    found = {name: array.copy() for name, array in found.items()}
    for name, index, value in traces_in_columns(DECLARED, found, ROWS):
        found[name][index] = value
    assert plain(found) == {
        "words.offsets": [0, 2, 2, 3],
        "words.letters": [0, 0, 0],
        "words.marks": [[7, 7]] * 3,
        "rows": [[0, 0], [3, 4], [0, 0]],
        "planes": [[9, 2, 9], [9, 5, 9]],
        "all": [42],
        "index": [0, 2, 0],
        "year": [0.0, 2.0, 0.0],
        "notes.offsets": [0, 1, 1, 4],
        "notes.bytes": [0, 0, 0, 0],
    }


def test_a_ragged_column_that_is_too_short_is_damage() -> None:
    damaged = columns() | {"words.marks": np.zeros((2, 2))}
    for call in (
        lambda: take_columns(DECLARED, damaged, ROWS),
        lambda: list(traces_in_columns(DECLARED, damaged, ROWS)),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code == "damaged_segment"


def test_rows_are_counted_by_any_column() -> None:
    assert row_count(DECLARED, columns()) == 3
    assert row_count(DECLARED[:1], columns()) == 3
    with pytest.raises(ValueError, match="no column"):
        row_count(DECLARED[4:5], columns())

"""Rows of different lengths, and offsets that a file may hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.engine import Ragged
from prum_match.engine.ragged import offsets_of
from prum_match.errors import StorageError

ROWS = st.lists(st.binary(max_size=5), max_size=8)


@given(ROWS)
def test_rows_come_back(rows: list[bytes]) -> None:
    ragged = Ragged.from_rows(rows)
    assert len(ragged) == len(rows)
    assert ragged.to_rows() == rows
    assert [ragged[i].tobytes() for i in range(len(rows))] == rows
    assert ragged.lengths.tolist() == [len(row) for row in rows]
    assert ragged.offsets.dtype == np.uint64
    again = Ragged.from_columns(ragged.columns("text"), "text")
    assert again.to_rows() == rows


@given(ROWS, st.data())
def test_take_returns_rows_in_the_order_asked_for(rows: list[bytes], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=9)) if rows else []
    ragged = Ragged.from_rows(rows)
    assert ragged.take(wanted).to_rows() == [rows[i] for i in wanted]
    places = ragged.places(wanted)
    assert ragged.values[places].tobytes() == b"".join(rows[i] for i in wanted)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_concatenate_keeps_the_order_of_the_parts(parts: list[list[bytes]]) -> None:
    together = Ragged.concatenate([Ragged.from_rows(rows) for rows in parts])
    assert together.to_rows() == [row for rows in parts for row in rows]


def test_values_may_have_several_axes() -> None:
    pairs = Ragged.from_lengths([2, 0, 1], np.arange(6).reshape(3, 2))
    assert pairs.take([2, 0]).values.tolist() == [[4, 5], [0, 1], [2, 3]]
    assert pairs[1].shape == (0, 2)


def test_the_type_of_the_offsets_is_kept() -> None:
    narrow = Ragged(offsets_of([1, 2]).astype(np.uint32), np.arange(3))
    assert narrow.take([1]).offsets.dtype == np.uint32
    assert Ragged.concatenate([narrow, narrow]).offsets.dtype == np.uint32


@pytest.mark.parametrize(
    "offsets",
    [
        [0, 2, 1, 3],  # ends before it begins
        [0, 1, 9, 3],  # ends behind the values
        [0, 1, 2**64 - 1, 3],
    ],
)
@pytest.mark.parametrize("use", ["take", "places", "item"])
def test_damaged_offsets_are_refused(offsets: list[int], use: str) -> None:
    ragged = Ragged(np.array(offsets, np.uint64), np.zeros(3, np.uint8))
    calls: dict[str, Any] = {
        "take": lambda: ragged.take([1]),
        "places": lambda: ragged.places([0, 1]),
        "item": lambda: ragged[1],
    }
    with pytest.raises(StorageError) as caught:
        calls[use]()
    assert caught.value.code == "damaged_segment"

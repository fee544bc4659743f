"""Values of a segment get numbers in the order that they come in."""

from __future__ import annotations

import numpy as np
import pytest

from prum_match.errors import StorageError
from prum_match.police_record.columns.vocabulary import distinct, distinct_in, unused, used

NUMBERS = np.array([4, 2, 4], np.uint32)


def test_the_empty_value_has_the_number_zero() -> None:
    values, numbers = distinct([b"B", b"", b"B", b"A"])
    assert values == [b"", b"B", b"A"]
    assert numbers.tolist() == [1, 0, 1, 2]
    assert distinct([b"B"])[0] == [b"", b"B"]


def test_values_of_an_array_keep_the_order_of_their_first_places() -> None:
    values, numbers = distinct_in(np.array([0, 7, 5, 0, 7]))
    assert values.tolist() == [0, 7, 5]
    assert numbers.tolist() == [0, 1, 2, 0, 1]


def test_values_in_use_are_renumbered_and_the_first_stays() -> None:
    kept, numbers = used(NUMBERS, 6)
    assert kept.tolist() == [0, 4, 2]
    assert numbers.tolist() == [1, 2, 1]
    assert kept[numbers].tolist() == NUMBERS.tolist()


def test_the_first_value_is_never_unused() -> None:
    assert unused(NUMBERS, 6).tolist() == [1, 3, 5]
    assert unused(np.array([], np.uint32), 3).tolist() == [1, 2]


def test_a_number_of_no_value_is_damage() -> None:
    for function in (used, unused):
        with pytest.raises(StorageError) as caught:
            function(NUMBERS, 4)
        assert caught.value.code == "damaged_segment"

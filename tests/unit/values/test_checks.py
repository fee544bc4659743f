"""Checks of single values: accepted and refused ones, and texts of errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.values.checks import instance_of, one_of, real_number, whole_number


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_whole_numbers_of_python_and_numpy_pass(value: Any) -> None:
    found = whole_number(value, "threads", least=3, most=3, code="bad_threads")
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("value", [True, np.True_, 3.0, np.float64(3), "3", None, 2, 6, 10**30])
def test_other_values_than_whole_numbers_in_range_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        whole_number(value, "threads", least=3, most=5, code="bad_threads")
    error = caught.value
    assert (error.code, error.field, error.value) == ("bad_threads", "threads", value)
    assert error.args == ("threads is a whole number from 3 to 5",)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int16(1)])
def test_numbers_of_python_and_numpy_pass(value: Any) -> None:
    found = real_number(value, "quality", least=0, most=1, code="bad_quality")
    assert (found, type(found)) == (float(value), float)


@pytest.mark.parametrize("value", [True, "1", None, math.nan, math.inf, -math.inf, 10**400, -0.1])
def test_other_values_than_finite_numbers_in_range_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        real_number(value, "quality", least=0, code="bad_quality")
    assert (caught.value.code, caught.value.field) == ("bad_quality", "quality")
    assert caught.value.args == ("quality is a finite number of at least 0",)


def test_bounds_that_are_not_given_do_not_bind() -> None:
    assert whole_number(-(10**30), "count", code="bad") == -(10**30)
    assert real_number(-1e300, "count", most=0, code="bad") == -1e300
    for check in (whole_number, real_number):
        with pytest.raises(InvalidInput, match="number of at most 0"):
            check(1, "count", most=0, code="bad")
        with pytest.raises(InvalidInput, match=r"count is a (whole|finite) number \["):
            check("1", "count", code="bad")


def test_an_option_is_returned_and_others_are_refused() -> None:
    assert one_of("r", "mode", ("r", "rw"), code="bad_option") == "r"
    for value in ("w", None, ["r"], 1, True):
        with pytest.raises(InvalidInput, match="mode is one of 'r', 'rw'") as caught:
            one_of(value, "mode", ("r", "rw"), code="bad_option")
        assert (caught.value.code, caught.value.value) == ("bad_option", value)
    for value, options in ((True, (1, 2)), (1, (True, False)), (1.0, (1, 2)), (1, (1.0,))):
        with pytest.raises(InvalidInput):
            one_of(value, "level", options, code="bad_option")


def test_the_option_itself_is_returned_for_strings_of_other_types() -> None:
    found = one_of(np.str_("r"), "mode", ("r", "rw"), code="bad_option")
    assert (found, type(found)) == ("r", str)


def test_an_instance_is_returned_and_others_are_refused() -> None:
    assert instance_of("x", str, "name", code="bad_name", message="not a name") == "x"
    with pytest.raises(InvalidInput, match="not a name") as caught:
        instance_of(1, str, "name", code="bad_name", message="not a name")
    assert (caught.value.code, caught.value.field, caught.value.value) == ("bad_name", "name", 1)

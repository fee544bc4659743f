"""Checks of input arrays; errors name the position of the first invalid value.

A rate over scores with a NaN, or over no scores, looks like a number and means nothing. Values that
a metric does not define are therefore refused, never guessed.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.values.checks import whole_number

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
# None stands for a mate that was not returned.
Gappy: TypeAlias = ArrayLike | Sequence[float | None]

# Larger than any rank, so that "no limit" needs no case of its own.
NO_LIMIT = np.iinfo(np.int64).max


def plain_array(values: Any, field: str) -> NDArray[Any]:
    """Return values as an array of any shape."""
    if isinstance(values, np.ma.MaskedArray):
        raise InvalidInput(
            f"{field} is a masked array; leave out the masked rows", code="masked", field=field
        )
    try:
        return np.asarray(values)
    except ValueError:
        raise InvalidInput(
            f"the rows of {field} differ in length", code="bad_shape", field=field
        ) from None


def column(values: Any, field: str) -> NDArray[Any]:
    """Return values as a one-dimensional array that is not empty."""
    array = plain_array(values, field)
    if array.ndim != 1:
        raise InvalidInput(f"{field} must be one-dimensional", code="bad_shape", field=field)
    if not array.size:
        raise InvalidInput(f"{field} must not be empty", code="empty", field=field)
    return array


def finite_scores(values: ArrayLike, field: str) -> Floats:
    """Return comparison scores as float64; every one of them is finite."""
    return _all_finite(_numbers(column(values, field), field), field)


def log_ratios(values: ArrayLike, field: str) -> Floats:
    """Return log-likelihood ratios as float64; infinite ones are allowed, NaN is not."""
    array = _numbers(column(values, field), field)
    _refuse(np.isnan(array), "NaN", "not_finite", field)
    return array


def optional_scores(values: Gappy, field: str) -> Floats:
    """Return the scores of searches as float64; None and minus infinity mean *no score*."""
    array = _numbers(column(values, field), field, missing=-np.inf)
    _refuse(np.isnan(array), "NaN", "not_finite", field)
    _refuse(np.isposinf(array), "infinity", "not_finite", field)
    return array


def optional_ranks(values: Gappy, field: str) -> Ints:
    """Return ranks as int64, 1 is best; None, 0 and infinity all become 0, *not returned*."""
    array = _numbers(column(values, field), field, missing=0.0)
    array = np.where(np.isposinf(array), 0.0, array)
    # From 2**53 on, a float no longer tells neighbouring whole numbers apart.
    wrong = ~((array >= 0) & (array < 2.0**53) & (array == np.floor(array)))
    _refuse(wrong, "a rank that is not a whole number of at least 0", "bad_rank", field)
    return array.astype(np.int64)


def thresholds(values: ArrayLike, field: str = "threshold") -> Floats:
    """Return thresholds as float64 of any shape; infinite ones accept all or nothing."""
    array = plain_array(values, field)
    array = _numbers(array.ravel(), field).reshape(array.shape)
    _refuse(np.isnan(array), "NaN", "bad_threshold", field)
    return array


def rank_limits(values: ArrayLike, field: str = "rank") -> Ints:
    """Return rank limits as int64 of any shape, each at least 1."""
    array = plain_array(values, field)
    if array.dtype.kind not in "iu" or not np.all((array >= 1) & (array <= NO_LIMIT)):
        raise InvalidInput(
            "a rank is a whole number of at least 1", code="bad_rank", field=field, value=values
        )
    return array.astype(np.int64)


def subject_ids(values: ArrayLike, field: str = "subjects") -> NDArray[Any]:
    """Return the subjects of rows: one a row, or two where a row compares two people."""
    array = plain_array(values, field)
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] != 2):
        raise InvalidInput(
            f"{field} must have one column, or two for pairs", code="bad_shape", field=field
        )
    if not array.size:
        raise InvalidInput(f"{field} must not be empty", code="empty", field=field)
    if array.dtype.kind == "O":
        for index, item in enumerate(array.ravel()):
            if not isinstance(item, str):
                raise InvalidInput(
                    f"{field} mixes text with other types",
                    code="bad_subject",
                    field=field,
                    index=index // array[0].size if array.ndim == 2 else index,
                    value=item,
                )
        array = array.astype(str)
    if array.dtype.kind == "U":
        return array
    if array.dtype.kind not in "iu" or np.any(array > NO_LIMIT):
        raise InvalidInput(
            f"{field} must be text or whole numbers", code="bad_subject", field=field, value=values
        )
    return array.astype(np.int64)


def require_one_kind(*subjects: NDArray[Any]) -> None:
    """Refuse subject ids of which some are text and some are numbers.

    NumPy would turn the numbers into text and make one person of 7 and "7".
    """
    if len({ids.dtype.kind for ids in subjects}) > 1:
        raise InvalidInput(
            "subject ids must be all text or all whole numbers",
            code="bad_subject",
            field="subjects",
        )


def random_state(seed: int) -> np.random.RandomState:
    """Return a generator whose stream is frozen for good (NEP 19).

    The same seed gives the same numbers on every machine and with every version of NumPy, so a
    computation for a court can be repeated.
    """
    most = 2**32 - 1
    return np.random.RandomState(whole_number(seed, "seed", least=0, most=most, code="bad_seed"))


def _numbers(array: NDArray[Any], field: str, *, missing: float | None = None) -> Floats:
    """Return a flat array as float64; None becomes ``missing`` where that is given."""
    if array.dtype.kind == "O":
        return np.array(
            [_number(item, i, field, missing) for i, item in enumerate(array)], np.float64
        )
    if array.dtype.kind == "c":
        raise InvalidInput("Complex data not supported", code="not_a_number", field=field)
    # Booleans are labels given in place of scores.
    if array.dtype.kind not in "iuf":
        raise InvalidInput(f"{field} must be numeric", code="not_a_number", field=field)
    return array.astype(np.float64)


def _number(item: Any, index: int, field: str, missing: float | None) -> float:
    if item is None and missing is not None:
        return missing
    if isinstance(item, numbers.Real) and not isinstance(item, bool | np.bool_):
        try:
            return float(item)
        except OverflowError:
            pass
    raise InvalidInput(
        f"{field} holds a value that is not a number",
        code="not_a_number",
        field=field,
        index=index,
        value=item,
    )


def _all_finite(array: Floats, field: str) -> Floats:
    _refuse(np.isnan(array), "NaN", "not_finite", field)
    _refuse(np.isinf(array), "infinity", "not_finite", field)
    return array


def _refuse(wrong: NDArray[np.bool_], what: str, code: str, field: str) -> None:
    """Raise for the first row that is wrong."""
    if wrong.any():
        index = int(np.flatnonzero(wrong)[0])
        raise InvalidInput(f"{field} holds {what}", code=code, field=field, index=index)

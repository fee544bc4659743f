"""Refused vectors: row and reason, nothing enrolled, no value in the text."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from prum_match import PrumError, face
from prum_match.errors import InvalidInput

D = 8
# Digits that no index, length or code has.
ODD = 0.7318264

NONE = face.Model("m", "1", D, normalise="none")
APPLY = face.Model("m", "1", D, normalise="apply")
REQUIRE = face.Model("m", "1", D, normalise="require", tolerance=1e-3)
UNIT = np.eye(1, D, 2, np.float32)[0]


def with_value(value: Any, dtype: Any = np.float32, at: int = 5) -> Any:
    vector = np.zeros(D, dtype)
    vector[0] = 0.5
    vector[at] = value
    return vector


LEAST, GREATEST = np.float32(2.0**-96), np.float32(2.0**96)
UP, DOWN = np.float32(np.inf), np.float32(0)
FLOAT32_MAX = float(np.finfo(np.float32).max)


def one_hot(value: Any) -> Any:
    return np.array([value, *[0] * (D - 1)], np.float32)


BAD: dict[str, tuple[face.Model, Any, str]] = {
    "NaN": (NONE, with_value(np.nan), "not_finite"),
    "infinite": (NONE, with_value(np.inf), "not_finite"),
    "minus infinite": (APPLY, with_value(-np.inf), "not_finite"),
    "NaN at the end": (REQUIRE, with_value(np.nan, at=D - 1), "not_finite"),
    "NaN in float16": (NONE, with_value(np.nan, np.float16), "not_finite"),
    "NaN in float64": (NONE, with_value(np.nan, np.float64), "not_finite"),
    "infinite in float64": (NONE, with_value(np.inf, np.float64), "not_finite"),
    "zero": (NONE, np.zeros(D, np.float32), "zero_vector"),
    "zero, applied": (APPLY, np.zeros(D, np.float32), "zero_vector"),
    "zero, required": (REQUIRE, np.zeros(D, np.float32), "zero_vector"),
    "minus zero": (NONE, np.full(D, -0.0, np.float32), "zero_vector"),
    "zero in whole numbers": (NONE, np.zeros(D, np.int8), "zero_vector"),
    "norm too great": (NONE, one_hot(np.nextafter(GREATEST, UP)), "norm_out_of_range"),
    "norm overflows": (NONE, np.full(D, FLOAT32_MAX, np.float32), "norm_out_of_range"),
    "norm too small": (NONE, one_hot(np.nextafter(LEAST, DOWN)), "norm_out_of_range"),
    "norm underflows": (NONE, one_hot(2.0**-149), "norm_out_of_range"),
    "not normalised": (REQUIRE, np.full(D, ODD, np.float32), "not_normalised"),
    "just above one": (REQUIRE, one_hot(1.0011), "not_normalised"),
    "just below one": (REQUIRE, one_hot(0.9989), "not_normalised"),
    "overflows, required": (REQUIRE, np.full(D, FLOAT32_MAX, np.float32), "not_normalised"),
    "a tenth": (NONE, with_value(0.1, np.float64), "not_float32"),
    "more than float32 holds": (NONE, with_value(1e39, np.float64), "not_float32"),
    "less than float32 holds": (NONE, with_value(1e-46, np.float64), "not_float32"),
    "a long whole number": (NONE, np.array([1, 2**24 + 1] + [0] * 6, np.int64), "not_float32"),
    "a very long one": (NONE, np.array([1, 2**63 - 1] + [0] * 6, np.int64), "not_float32"),
    "a long unsigned one": (NONE, np.array([1, 2**64 - 1] + [0] * 6, np.uint64), "not_float32"),
}

cases = pytest.mark.parametrize(("model", "bad", "code"), BAD.values(), ids=BAD)


def start(model: face.Model) -> face.Gallery:
    gallery = face.Gallery(model)
    gallery.enrol(["a", "b"], np.stack([UNIT, -UNIT]), labels="known")
    return gallery


def state(gallery: face.Gallery) -> Any:
    answer = gallery.search(UNIT, limit=9)
    columns = [{k: v.tobytes() for k, v in s.columns.items()} for s in gallery._core.segments()]
    return gallery.generation, len(gallery), answer.reference_ids, answer.scores.tolist(), columns


def refused(gallery: face.Gallery, call: Callable[[], Any], **expect: Any) -> PrumError:
    before = state(gallery)
    with pytest.raises(InvalidInput) as caught:
        call()
    assert state(gallery) == before
    error = caught.value
    assert {name: getattr(error, name) for name in expect} == expect
    told = "".join(traceback.format_exception_only(error)) + repr(error) + repr(error.args)
    for cause in (error.__cause__, None if error.__suppress_context__ else error.__context__):
        told += "" if cause is None else repr(cause)
    for digits in ("7318", "16777217", "9223372", "1844674", "1e+39", "3.4028"):
        assert digits not in told
    return error


@cases
def test_the_third_row_of_a_table(model: face.Model, bad: Any, code: str) -> None:
    gallery = start(model)
    table = np.zeros((4, D), bad.dtype)
    table[:, 2] = 1
    table[2] = bad
    call = lambda: gallery.enrol(list("cdef"), table, labels=["new"] * 4)  # noqa: E731
    assert refused(gallery, call, code=code, index=2).field is not None
    # The label is not known either.
    assert gallery._core.storage.labels.names == ("known",)


@cases
def test_the_last_of_a_list(model: face.Model, bad: Any, code: str) -> None:
    gallery = start(model)
    items = [UNIT, face.Embedding(UNIT, model), bad]
    refused(gallery, lambda: gallery.enrol(list("cde"), items), code=code, index=2)
    refused(gallery, lambda: gallery.replace(["b"], [bad]), code=code, index=0)


@cases
def test_a_probe(model: face.Model, bad: Any, code: str) -> None:
    gallery = start(model)
    refused(gallery, lambda: gallery.search(bad, limit=1), code=code, index=0)
    refused(gallery, lambda: gallery.search_many([UNIT, bad, bad], limit=1), code=code, index=1)
    table = np.zeros((3, D), bad.dtype)
    table[:, 1] = 1
    table[2] = bad
    refused(gallery, lambda: gallery.search_many(table, limit=1), code=code, index=2)
    for one, two in ((UNIT, bad), (bad, UNIT)):
        refused(gallery, lambda a=one, b=two: face.compare(a, b, model), code=code)


@cases
def test_a_report_names_the_row_and_enrols_the_others(
    model: face.Model, bad: Any, code: str
) -> None:
    gallery = start(model)
    table = np.zeros((5, D), bad.dtype)
    table[:, 2] = 1
    table[1] = table[3] = bad
    report = gallery.enrol(["c", "d", "e", "f", "a"], table, on_error="report")
    reasons = [(error.index, error.code) for error in report.refused]
    assert reasons == [(1, code), (3, code), (4, "duplicate_reference")]
    assert report.enrolled == 2
    assert len(gallery) == 4
    assert gallery.search(UNIT, limit=9).reference_ids == ["a", "c", "e", "b"]


@pytest.mark.parametrize("n", [1, 7, 9, 16])
def test_a_wrong_dimension(n: int) -> None:
    gallery = start(NONE)
    wrong = np.ones(n, np.float32)
    refused(gallery, lambda: gallery.search(wrong, limit=1), code="bad_dimension", index=0)
    many = [UNIT, wrong]
    refused(gallery, lambda: gallery.search_many(many, limit=1), code="bad_dimension", index=1)
    refused(gallery, lambda: gallery.enrol(["c", "d"], many), code="bad_dimension", index=1)
    table = np.ones((2, n), np.float32)
    refused(gallery, lambda: gallery.enrol(["c", "d"], table), code="bad_dimension")
    refused(gallery, lambda: gallery.search_many(table, limit=1), code="bad_dimension")
    refused(gallery, lambda: face.compare(UNIT, wrong, NONE), code="bad_dimension")
    report = gallery.enrol(["c", "d"], many, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [(1, "bad_dimension")]


@pytest.mark.parametrize(
    "bad",
    [
        np.ones((2, 2, D), np.float32),
        np.full((2, D), "x"),
        np.ones((2, D), np.complex64),
        np.full((2, D), None, object),
    ],
    ids=["three axes", "text", "complex", "objects"],
)
def test_invalid_tables_are_refused(bad: Any) -> None:
    gallery = start(NONE)
    refused(gallery, lambda: gallery.enrol(["c", "d"], bad))
    refused(gallery, lambda: gallery.search_many(bad, limit=1))


def test_invalid_vectors_are_refused() -> None:
    gallery = start(NONE)
    for bad in ("x", None, 5, b"12345678", ["x"] * D, {}, np.ones((1, D), np.float32)):
        refused(gallery, lambda bad=bad: gallery.search(bad, limit=1), index=0)
        refused(gallery, lambda bad=bad: gallery.enrol(["c", "d"], [UNIT, bad]), index=1)
        refused(gallery, lambda bad=bad: face.compare(UNIT, bad, NONE))


# --- what is taken ------------------------------------------------------------------------------

GOOD: dict[str, tuple[face.Model, Any]] = {
    "the greatest norm": (NONE, one_hot(GREATEST)),
    "the least norm": (NONE, one_hot(LEAST)),
    "subnormal beside a great one": (NONE, with_value(2.0**-149)),
    "almost too long": (REQUIRE, one_hot(1.0009)),
    "almost too short": (REQUIRE, one_hot(0.9991)),
    "float16": (NONE, with_value(0.333251953125, np.float16)),
    "a subnormal of float16": (NONE, with_value(2.0**-24, np.float16)),
    "float64 that float32 holds": (NONE, with_value(0.1015625, np.float64)),
    "small whole numbers": (NONE, np.arange(D, dtype=np.int8)),
    "great whole numbers": (NONE, np.array([2**24, -(2**40)] + [0] * 6, np.int64)),
    "unsigned ones": (NONE, np.arange(D, dtype=np.uint16)),
    "the other byte order": (NONE, with_value(ODD).astype(">f4")),
    "the other byte order of float64": (NONE, with_value(0.1015625).astype(">f8")),
    "long, applied": (APPLY, np.full(D, 1000, np.float32)),
}
taken = pytest.mark.parametrize(("model", "good"), GOOD.values(), ids=GOOD)


@taken
def test_values_exact_in_float32_are_accepted(model: face.Model, good: Any) -> None:
    gallery = start(model)
    gallery.enrol(["c"], good[None])
    gallery.enrol(["d"], [good])
    gallery.enrol(["e"], [face.Embedding(good, model)])
    stored = [gallery[name].vector for name in "cde"]
    assert len({vector.tobytes() for vector in stored}) == 1
    if model.normalise != "apply":
        assert stored[0].astype(good.dtype).tolist() == good.tolist()
    probes = [good, face.Embedding(good, model)]
    singles = [gallery.search(probe, limit=5).scores.tolist() for probe in probes]
    many = [answer.scores.tolist() for answer in gallery.search_many(good[None], limit=5)]
    assert singles == many * 2


@pytest.mark.parametrize("layout", ["strided", "Fortran", "reversed", "every second"])
def test_memory_layout_makes_no_difference(layout: str) -> None:
    table = np.random.default_rng(1).standard_normal((20, D)).astype(np.float32)
    given = {
        "strided": np.repeat(table, 3, axis=1)[:, ::3],
        "Fortran": np.asfortranarray(table),
        "reversed": np.ascontiguousarray(table[::-1, ::-1])[::-1, ::-1],
        "every second": np.repeat(table, 2, axis=0)[::2],
    }[layout]
    gallery = face.Gallery(NONE)
    gallery.enrol([f"R{i}" for i in range(20)], given)
    for i in (0, 7, 19):
        assert gallery[f"R{i}"].vector.tobytes() == table[i].tobytes()
    plain = face.Gallery(NONE)
    plain.enrol([f"R{i}" for i in range(20)], table)
    for mine, theirs in zip(
        gallery.search_many(given, limit=3), plain.search_many(table, limit=3), strict=True
    ):
        assert mine.reference_ids == theirs.reference_ids
        assert mine.scores.tolist() == theirs.scores.tolist()
    single = gallery.search(given[4], limit=1)
    assert single.reference_ids == ["R4"]


def test_a_copy_is_kept_by_default() -> None:
    gallery = face.Gallery(NONE)
    table = np.stack([UNIT, -UNIT])
    gallery.enrol(["a", "b"], table)
    table[:] = np.nan
    assert gallery["a"].vector.tolist() == UNIT.tolist()
    assert gallery.search(UNIT, limit=2).scores.tolist() == [1, -1]


@pytest.mark.parametrize("empty", [np.zeros((0, D), np.float32), []], ids=["table", "list"])
def test_empty_input_enrols_nothing(empty: Any) -> None:
    gallery = start(NONE)
    assert gallery.enrol([], empty).enrolled == 0
    assert len(gallery.search_many(empty, limit=1)) == 0


def test_lengths_that_differ() -> None:
    gallery = start(NONE)
    table = np.ones((3, D), np.float32)
    refused(
        gallery, lambda: gallery.enrol(["c", "d"], table), code="length_mismatch", field="items"
    )

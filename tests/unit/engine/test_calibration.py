from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.engine.calibration import Calibration, interpolate
from prum_match.errors import ComparisonMismatch, InvalidInput

EXAMPLE = Calibration(
    category="face",
    model="example 1.0",
    stratum="frontal",
    method="logistic",
    scores=(0.2, 0.7),
    llrs=(-5.0, 5.0),
    mated=50,
    nonmated=2000,
    subjects=40,
)
FINITE = st.floats(-1e6, 1e6)


@st.composite
def calibrations(draw: st.DrawFn) -> Calibration:
    scores = sorted(draw(st.sets(FINITE, min_size=1, max_size=8)))
    llrs = sorted(draw(st.lists(FINITE, min_size=len(scores), max_size=len(scores))))
    return replace(
        EXAMPLE,
        scores=tuple(scores),
        llrs=tuple(llrs),
        subjects=draw(st.none() | st.integers(1, 9)),
    )


def apply(calibration: Calibration, scores: Any, **options: Any) -> Any:
    return calibration.apply(
        scores, model=calibration.model, stratum=calibration.stratum, **options
    )


@given(calibrations(), st.lists(st.floats(0, 1), min_size=1))
def test_the_map_meets_its_knots_and_never_falls(
    calibration: Calibration, shares: list[float]
) -> None:
    assert apply(calibration, calibration.scores).tolist() == list(calibration.llrs)
    low, high = calibration.scores[0], calibration.scores[-1]
    inside = np.sort(np.clip(low + np.array(shares) * (high - low), low, high))
    found = apply(calibration, inside)
    assert np.all(np.diff(found) >= 0.0)
    expected = np.interp(inside, calibration.scores, calibration.llrs)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-3)


@given(calibrations())
def test_json_there_and_back(calibration: Calibration) -> None:
    text = calibration.to_json()
    again = Calibration.from_json(text)
    assert again == calibration
    assert hash(again) == hash(calibration)
    assert again.to_json() == text
    assert Calibration.from_json(text.encode()) == calibration


def test_json_is_canonical() -> None:
    assert EXAMPLE.to_json() == (
        '{"category":"face","format":"prum_match.calibration","llrs":[-5.0,5.0],"mated":50,'
        '"method":"logistic","model":"example 1.0","nonmated":2000,"scores":[0.2,0.7],'
        '"stratum":"frontal","subjects":40,"version":1}'
    )
    # Equal values, equal text: whole numbers, minus zero, lists.
    same = replace(EXAMPLE, scores=[-0.0, 1], llrs=[0, 2])  # type: ignore[arg-type]
    assert same.to_json() == replace(EXAMPLE, scores=(0.0, 1.0), llrs=(0.0, 2.0)).to_json()
    assert replace(EXAMPLE, stratum="Köln").to_json().isascii()


def test_single_scores_give_floats() -> None:
    assert apply(EXAMPLE, 0.45) == pytest.approx(0.0, abs=1e-12)
    assert type(apply(EXAMPLE, 0.45)) is float
    assert apply(EXAMPLE, np.float32(0.5)).__class__ is float
    assert apply(EXAMPLE, np.zeros((0,))).shape == (0,)


@pytest.mark.parametrize(
    ("given_model", "stratum", "code"),
    [
        ("example 1.1", "frontal", "other_model"),
        ("example 1.0", "profile view", "other_stratum"),
    ],
)
def test_another_model_or_stratum_is_refused(given_model: str, stratum: str, code: str) -> None:
    with pytest.raises(ComparisonMismatch) as caught:
        EXAMPLE.apply(0.5, model=given_model, stratum=stratum)
    assert caught.value.code == code
    assert given_model not in str(caught.value)


def test_nothing_is_extrapolated() -> None:
    with pytest.raises(InvalidInput) as caught:
        apply(EXAMPLE, [0.5, 0.71])
    assert (caught.value.code, caught.value.index) == ("outside_range", 1)
    assert "0.71" not in str(caught.value)
    with pytest.raises(InvalidInput) as caught:
        apply(EXAMPLE, 0.1)
    assert (caught.value.code, caught.value.index) == ("outside_range", None)
    assert apply(EXAMPLE, [0.0, 0.9], outside="clip").tolist() == [-5.0, 5.0]


@pytest.mark.parametrize(
    ("scores", "options", "code"),
    [
        (math.nan, {}, "not_finite"),
        ([0.5, math.inf], {"outside": "clip"}, "not_finite"),
        ("0.5", {}, "not_a_number"),
        (True, {}, "not_a_number"),
        (0.5, {"outside": "guess"}, "bad_outside"),
    ],
)
def test_scores_that_are_refused(scores: Any, options: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        apply(EXAMPLE, scores, **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scores": (0.2,)}, "bad_knots"),
        ({"scores": ()}, "bad_knots"),
        ({"scores": (0.7, 0.2)}, "bad_knots"),
        ({"scores": (0.2, 0.2)}, "bad_knots"),
        ({"scores": (0.2, math.inf)}, "bad_knots"),
        ({"scores": (0.2, math.nan)}, "bad_knots"),
        ({"scores": (math.nan, 0.2)}, "bad_knots"),
        ({"scores": (0.2, "0.7")}, "bad_knots"),
        ({"scores": (0.2, True)}, "bad_knots"),
        ({"scores": (0.2, 10**400)}, "bad_knots"),
        ({"scores": (-1e308, 1e308)}, "bad_knots"),
        ({"scores": "ab"}, "bad_knots"),
        ({"scores": None}, "bad_knots"),
        ({"llrs": (5.0, -5.0)}, "bad_knots"),
        ({"llrs": (-math.inf, 5.0)}, "bad_knots"),
        ({"category": ""}, "bad_text"),
        ({"model": " example"}, "bad_text"),
        ({"model": 7}, "bad_text"),
        ({"stratum": "a\nb"}, "bad_text"),
        ({"mated": 0}, "bad_count"),
        ({"nonmated": True}, "bad_count"),
        ({"subjects": 0}, "bad_count"),
    ],
)
def test_calibrations_that_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(EXAMPLE, **changes)
    assert caught.value.code == code


def altered(**changes: Any) -> str:
    content = json.loads(EXAMPLE.to_json()) | changes
    return json.dumps({name: value for name, value in content.items() if value != "gone"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_json"),
        ("[]", "bad_json"),
        ("[" * 100_000, "bad_json"),
        (b"\xff", "bad_json"),
        (EXAMPLE.to_json()[:-1], "bad_json"),
        ('{"version":1,"version":1}', "bad_json"),
        (altered(version=2), "unknown_format"),
        (altered(version="gone"), "unknown_format"),
        (altered(version=True), "unknown_format"),
        (altered(format="other"), "unknown_format"),
        (altered(model="gone"), "bad_json"),
        (altered(more=1), "bad_json"),
        (altered(scores=[0.2, math.nan]), "bad_knots"),
        (altered(scores=[0.2, None]), "bad_knots"),
        (altered(scores={"0.2": 1}), "bad_knots"),
        (altered(mated=1.0), "bad_count"),
        (altered(subjects="40"), "bad_count"),
        (pickle.dumps(EXAMPLE), "bad_json"),
    ],
)
def test_text_that_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Calibration.from_json(text)
    assert caught.value.code == code


def test_repr_only_names_the_binding() -> None:
    assert repr(EXAMPLE) == "<Calibration: face, model example 1.0, stratum frontal>"


def test_rounding_does_not_pass_the_next_knot() -> None:
    # From -1e9, the two scores at 0 are the same distance away, and -0.3 + (0.1 + 0.3) > 0.1.
    knots, llrs = np.array([-1e9, 1e-9, 1.0]), np.array([-0.3, 0.1, 0.1])
    assert -0.3 + (0.1 + 0.3) > 0.1
    assert np.asarray(interpolate([5e-10, 1e-9], knots, llrs, "raise")).tolist() == [0.1, 0.1]


def test_applying_only_needs_numpy() -> None:
    code = (
        "import sys\n"
        "from prum_match.engine.calibration import Calibration\n"
        "print(sorted({'sklearn', 'scipy', 'prum_match.evaluation'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"

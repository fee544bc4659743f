"""Calibrations and likelihood ratios of print scores."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prum_match import dactyloscopy, engine, face
from prum_match.dactyloscopy import Template, calibration_for, stratum_of
from prum_match.engine import Candidate
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.samples import prints

# A print of each kind by its impression type; what is not known counts as taken.
KINDS = {"TP": (0, 1, 29), "LT": (4, 7), "PP": (10, 11), "LP": (12, 15)}
STRATA = ("TP/TP", "LT/TP", "LT/LT", "PP/PP", "LP/PP", "LP/LP")


def of_kind(impression: int, position: int = 0) -> Template:
    return Template(
        x=[], y=[], angle=[], width=0, height=0, ppi=500, impression=impression, position=position
    )


CALIBRATIONS = {
    name: calibration_for(*(of_kind(KINDS[kind][0]) for kind in name.split("/"))) for name in STRATA
}
TEMPLATES, _ = prints.sample(12, ["rolled", "latent"], seed=5)


@pytest.fixture(scope="module")
def best() -> Candidate:
    gallery = dactyloscopy.Gallery()
    gallery.enrol([f"P{i:02}" for i in range(12)], TEMPLATES[::2])
    return gallery.search(TEMPLATES[1], limit=3)[0]


@pytest.mark.parametrize("stratum", STRATA)
def test_each_kind_has_a_calibration_in_either_order(stratum: str) -> None:
    first, second = (KINDS[kind] for kind in stratum.split("/"))
    for a in map(of_kind, first):
        for b in map(of_kind, second):
            assert stratum_of(a, b) == stratum_of(b, a) == stratum
            assert calibration_for(a, b).stratum == stratum
            assert calibration_for(b, a) == calibration_for(a, b)


def test_a_palm_position_makes_a_palm() -> None:
    assert stratum_of(of_kind(29, 21), of_kind(13)) == "LP/PP"


@pytest.mark.parametrize(("one", "other"), [("TP", "PP"), ("LT", "PP"), ("LP", "TP")])
def test_a_finger_against_a_palm_has_no_calibration(one: str, other: str) -> None:
    a, b = of_kind(KINDS[one][0]), of_kind(KINDS[other][0])
    for call in (lambda: calibration_for(a, b), lambda: dactyloscopy.compare(a, b).log10_lr):
        with pytest.raises(ComparisonMismatch) as caught:
            call()
        assert (caught.value.code, caught.value.field) == ("no_calibration", "stratum")


def test_invalid_templates_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        calibration_for(TEMPLATES[0], "P01")  # type: ignore[arg-type]
    assert caught.value.code == "bad_template"
    assert "P01" not in str(caught.value)


@pytest.mark.parametrize("calibration", CALIBRATIONS.values(), ids=STRATA)
def test_shipped_calibrations_match_the_scores_and_are_bounded(
    calibration: engine.Calibration,
) -> None:
    assert (calibration.category, calibration.model) == ("dactyloscopy", dactyloscopy.CODES)
    assert calibration.scores[0] == 0
    assert calibration.llrs[0] < 0 < calibration.llrs[-1]
    assert calibration.llrs[0] >= -math.log(calibration.mated + 1)
    assert calibration.llrs[-1] <= math.log(calibration.nonmated + 1)


def test_the_ratio_is_the_calibration_at_the_score() -> None:
    comparison = dactyloscopy.compare(TEMPLATES[1], TEMPLATES[0])
    calibration = CALIBRATIONS["LT/TP"]
    expected = np.interp(comparison.score, calibration.scores, calibration.llrs) / math.log(10)
    assert comparison.log10_lr == pytest.approx(expected, rel=1e-12)
    assert dactyloscopy.compare(TEMPLATES[1], TEMPLATES[2]).log10_lr < comparison.log10_lr


@pytest.mark.parametrize(("score", "end"), [(0.0, 0), (1e6, -1)])
def test_scores_beyond_the_fitted_range_get_the_last_ratio(score: float, end: int) -> None:
    comparison = replace(dactyloscopy.compare(TEMPLATES[1], TEMPLATES[0]), score=score)
    assert comparison.log10_lr == CALIBRATIONS["LT/TP"].llrs[end] / math.log(10)


def test_prints_without_minutiae_have_a_negative_ratio() -> None:
    empty = of_kind(1)
    assert dactyloscopy.compare(empty, TEMPLATES[0]).log10_lr < 0


def test_comparisons_do_not_show_a_ratio_by_themselves() -> None:
    comparison = dactyloscopy.compare(TEMPLATES[1], TEMPLATES[0])
    for text in (str(comparison), repr(comparison)):
        assert f"{comparison.log10_lr:.1f}" not in text
        assert "likelihood" not in text
        assert "LR" not in text


def test_a_ratio_of_a_candidate_names_the_number_of_references(best: Candidate) -> None:
    found = dactyloscopy.selected_ratio(best)
    assert isinstance(found, engine.SelectedRatio)
    assert (found.rank, found.selected_from) == (1, 12)
    assert found.llr / math.log(10) == best.explain().log10_lr  # type: ignore[attr-defined]
    assert str(found).endswith("selected from a database: rank 1, 12 references examined")


def test_a_callers_calibration_is_used(best: Candidate) -> None:
    own = replace(CALIBRATIONS["LT/TP"], scores=(0.0, 1.0), llrs=(-1.0, 2.5), method="own")
    assert dactyloscopy.selected_ratio(best, own).llr == 2.5


def test_a_callers_stratum_is_used(best: Candidate) -> None:
    own = replace(
        CALIBRATIONS["LT/TP"], stratum="crime scenes", scores=(0.0, 1.0), llrs=(-1.0, 2.5)
    )
    assert dactyloscopy.selected_ratio(best, own, stratum="crime scenes").llr == 2.5
    for calibration, stratum in ((own, None), (None, "crime scenes")):
        with pytest.raises(ComparisonMismatch) as caught:
            dactyloscopy.selected_ratio(best, calibration, stratum=stratum)
        assert caught.value.code == "other_stratum"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "face"}, "other_category"),
        ({"model": "prum_match minutiae 0"}, "other_model"),
        ({"stratum": "LT/LT"}, "other_stratum"),
    ],
)
def test_calibrations_of_other_scores_are_refused(
    best: Candidate, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(ComparisonMismatch) as caught:
        dactyloscopy.selected_ratio(best, replace(CALIBRATIONS["LT/TP"], **changes))
    assert caught.value.code == code


def test_candidates_of_other_categories_are_refused() -> None:
    model = face.Model("example", "1", 2, normalise="apply")
    gallery = face.Gallery(model)
    gallery.enrol(["P1"], np.array([[3, 4]], np.float32))
    with pytest.raises(ComparisonMismatch) as caught:
        dactyloscopy.selected_ratio(gallery.search([4, 3], limit=1)[0])
    assert (caught.value.code, caught.value.field) == ("other_category", "candidate")

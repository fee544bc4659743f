"""Fields of a comparison of two prints."""

from __future__ import annotations

import inspect
import math
from dataclasses import replace

import numpy as np
import pytest

from prum_match import dactyloscopy, face
from prum_match.dactyloscopy import TRANSACTIONS, Policy, Template, compare, score_matrix
from prum_match.errors import ComparisonMismatch, InvalidInput, NoSuchColumn
from support.dactyloscopy.templates import changed, taken
from support.galleries.kits import DACTYLOSCOPY

PRINT = DACTYLOSCOPY.item(1)


def moved(template: Template, degrees: float, x: float, y: float) -> Template:
    """Turn a print counter-clockwise as seen around its corner, then shift it, in millimetres."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    pixels = template.ppi / 25.4
    return changed(
        template,
        x=c * template.x + s * template.y + x * pixels,
        y=c * template.y - s * template.x + y * pixels,
        angle=(template.angle + degrees) % 360,
        width=0,
        height=0,
    )


@pytest.mark.parametrize("degrees", [0, 30, 90, 180, -120])
def test_a_motion_is_found(degrees: float) -> None:
    other = moved(PRINT, degrees, 60, 70)
    found = compare(PRINT, other)
    assert found.pairs.tolist() == [[i, i] for i in range(len(PRINT))]
    assert found.motion is not None
    assert abs((found.motion.turn - degrees + 180) % 360 - 180) < 0.2
    assert found.motion.x == pytest.approx(60, abs=0.05)
    assert found.motion.y == pytest.approx(70, abs=0.05)
    assert found.distances.max() < 0.05
    assert np.abs(found.turns).max() < 0.5
    assert found.score == pytest.approx(compare(PRINT, PRINT).score, rel=0.02)
    back = compare(other, PRINT)
    assert back.motion is not None
    assert abs((back.motion.turn + degrees + 180) % 360 - 180) < 0.2
    assert np.allclose(back.distances, found.distances, atol=1e-3)


def test_distances_and_turns_of_pairs() -> None:
    """One minutia lies half a millimetre off, and is turned by ten degrees."""
    x, angle = PRINT.x.copy(), PRINT.angle.copy()
    x[5] += 0.5 * PRINT.ppi / 25.4
    angle[5] = (angle[5] + 10) % 360
    found = compare(PRINT, changed(PRINT, x=x, angle=angle))
    assert [5, 5] in found.pairs.tolist()
    at = found.pairs[:, 0].tolist().index(5)
    assert found.distances[at] == pytest.approx(0.5, abs=0.1)
    assert abs(found.turns[at]) == pytest.approx(10, abs=2)
    assert np.delete(found.distances, at).max() < 0.1


def test_unpaired_minutiae_are_listed() -> None:
    part = taken(PRINT, np.arange(3, 20))
    found = compare(PRINT, part)
    assert found.pairs.tolist() == [[i + 3, i] for i in range(17)]
    assert [places.tolist() for places in found.unpaired] == [[0, 1, 2, 20, 21, 22, 23], []]
    assert found.not_compared == (0, 0)
    assert 17 <= found.overlap[0] <= 24
    assert found.overlap[1] == 17


def test_minutiae_without_direction_take_no_part() -> None:
    angle = PRINT.angle.copy()
    angle[[2, 7]] = np.nan
    found = compare(changed(PRINT, angle=angle), PRINT)
    assert found.not_compared == (2, 0)
    assert not {2, 7} & set(found.pairs[:, 0].tolist())
    rest = np.delete(np.arange(len(PRINT)), [2, 7])
    assert found.score == compare(taken(PRINT, rest), PRINT).score
    assert "without a direction, not compared: 2 and 0" in str(found)


def test_type_quality_and_position_do_not_change_a_score() -> None:
    other = DACTYLOSCOPY.item(1, 1)
    score = compare(PRINT, other).score
    for fields in ({"type": None}, {"quality": None}, {"position": 5}, {"impression": 4}):
        assert compare(changed(PRINT, **fields), other).score == score


def test_resolutions_make_no_difference() -> None:
    double = changed(PRINT, x=2 * PRINT.x, y=2 * PRINT.y, width=640, height=640, ppi=1000)
    assert compare(double, PRINT).score == compare(PRINT, PRINT).score


def test_prints_without_common_minutiae_score_zero() -> None:
    nothing = taken(PRINT, np.arange(0))
    found = compare(nothing, PRINT)
    assert (found.score, found.motion, found.overlap) == (0, None, (0, 0))
    assert found.pairs.shape == (0, 2)
    assert str(found).splitlines()[-1] == "without a partner: 0 of 0, 24 of 24"
    assert compare(nothing, nothing).score == 0


def test_equal_comparisons() -> None:
    again = compare(changed(PRINT), changed(PRINT))
    assert compare(PRINT, PRINT) == again
    assert hash(compare(PRINT, PRINT)) == hash(again)
    assert compare(PRINT, DACTYLOSCOPY.item(1, 1)) != again
    assert again != 1


def test_score_matrix_equals_single_comparisons() -> None:
    rows, columns = DACTYLOSCOPY.items(range(3)), DACTYLOSCOPY.items(range(70), 1)
    found = score_matrix(rows, columns)
    assert found.shape == (3, 70)
    assert found.dtype == np.float64
    assert [[compare(a, b).score for b in columns] for a in rows] == found.tolist()
    assert np.array_equal(score_matrix(rows, columns, threads=2), found)
    assert score_matrix([], columns).shape == (0, 70)
    assert score_matrix(rows, []).shape == (3, 0)


def test_the_index_of_an_invalid_template_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        score_matrix([PRINT], [PRINT, PRINT, "no"])  # type: ignore[list-item]
    assert (caught.value.code, caught.value.index, caught.value.value) == ("bad_template", 2, "no")
    with pytest.raises(InvalidInput):
        dactyloscopy.compare("no", PRINT)  # type: ignore[arg-type]


POLICIES = {
    "default": Policy(),
    "threshold": Policy(threshold=60),
    "negative threshold": Policy(threshold=-1),
    "any position": Policy(positions="any"),
    "references of latents": Policy(references=("UL",)),
    "transaction": TRANSACTIONS["TP/TP"],
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_comparison_is_a_candidate_where_a_search_finds_it(policy: Policy) -> None:
    probe = changed(PRINT, position=2)
    references = {
        f"{variant}-{position}-{impression}": changed(
            DACTYLOSCOPY.item(1, variant), position=position, impression=impression
        )
        for variant in range(3)
        for position in (0, 2, 3)
        for impression in (0, 4)
    }
    references["empty"] = taken(PRINT, np.arange(0))
    gallery = dactyloscopy.Gallery()
    gallery.enrol(list(references), list(references.values()))
    answer = gallery.search(probe, policy=replace(policy, max_candidates=None), limit=99)
    comparisons = {name: compare(probe, item, policy=policy) for name, item in references.items()}
    assert {name for name, made in comparisons.items() if made.is_candidate} == set(
        answer.reference_ids
    )
    assert all(made.policy is policy for made in comparisons.values())


def test_a_comparison_of_prints_has_no_grade() -> None:
    found = compare(PRINT, PRINT)
    assert not hasattr(found, "grade")
    with pytest.raises(NoSuchColumn) as caught:
        _ = found.grade
    assert (caught.value.code, caught.value.field) == ("no_such_column", "grade")
    assert dict(inspect.getmembers(found))["score"] == found.score


def test_a_policy_for_other_prints_is_refused() -> None:
    with pytest.raises(ComparisonMismatch) as caught:
        compare(PRINT, PRINT, policy=TRANSACTIONS["LT/TP"])
    assert (caught.value.code, caught.value.field) == ("other_transaction", "probe")
    with pytest.raises(ComparisonMismatch) as caught:
        compare(PRINT, PRINT, policy=face.Policy(threshold=1))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("foreign_policy", "policy")


def test_comparisons_under_different_policies_differ() -> None:
    assert compare(PRINT, PRINT, policy=Policy(threshold=1)) != compare(PRINT, PRINT)

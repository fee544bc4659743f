"""Searches for subjects: candidates, explanations and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prum_match import Eligible, dactyloscopy, face
from prum_match.dactyloscopy import TRANSACTIONS, Gallery, Policy, Template, Tenprint
from prum_match.errors import ComparisonMismatch, InvalidInput, UnknownReference
from support.dactyloscopy.subjects import CALIBRATIONS, template

PROBE = Tenprint([template(0, 2), template(2, 3), template(4, 7)])


def gallery_of(**subjects: list[tuple[int, int]]) -> Gallery:
    """Enrol prints, given as base and position, as `name-0`, `name-1`, ..."""
    made = Gallery()
    for name, prints in subjects.items():
        ids = [f"{name}-{i}" for i in range(len(prints))]
        whose = None if name == "nobody" else [name] * len(prints)
        made.enrol(ids, [template(*p) for p in prints], subject_ids=whose)
    return made


def search(
    gallery: Gallery, probe: Any = PROBE, **options: Any
) -> dactyloscopy.SubjectCandidateList:
    options = {"limit": 9, "calibrations": CALIBRATIONS, **options}
    return gallery.search_subjects(probe, **options)


TWO = {"A": [(1, 2), (3, 3)], "B": [(3, 2), (1, 3), (5, 7)]}


def test_scores_of_fingers_are_fused() -> None:
    answer = search(gallery_of(**TWO))
    assert answer.subject_ids == ["A", "B"]
    assert answer[0].reference_ids == ["A-0", "A-1"]
    assert [c.rank for c in answer] == [1, 2]
    assert [c.subject_id for c in answer[1:]] == ["B"]
    assert repr(answer) == "<SubjectCandidateList: 2 of 2 subjects, policy minutiae>"
    assert repr(answer[0]) == "<SubjectCandidate 1: A>"
    assert answer[0].candidate_list is answer


def test_an_explanation_in_words() -> None:
    explained = search(gallery_of(**TWO))[0].explain()
    first, *_, last = str(explained).splitlines()
    assert first == f"fused score {explained.score:.2f} of 2 fingers, fingers by their positions"
    assert last == "without a partner: left index"
    assert "rank 1, 2 subjects compared" in str(explained)
    assert "right index: A-0, score " in str(explained)
    assert explained.without_partner == (7,)
    assert [f.probe_index for f in explained.fingers] == [0, 1]
    assert [f.kind for f in explained.fingers] == ["TP/TP"] * 2


def test_an_explanation_has_the_fields_of_every_comparison() -> None:
    policy = Policy(threshold=1.0)
    explained = search(gallery_of(**TWO), policy=policy)[0].explain()
    assert (explained.policy, explained.is_candidate) == (policy, True)
    assert not hasattr(explained, "grade")
    assert all(finger.comparison.policy == policy for finger in explained.fingers)
    assert all(finger.comparison.is_candidate for finger in explained.fingers)
    swapped = gallery_of(A=[(1, 3), (3, 2)])
    found = search(swapped, any_finger=True)[0].explain()
    assert {finger.policy.positions for finger in found.fingers} == {"any"}
    assert all(finger.comparison.is_candidate for finger in found.fingers)


def test_swapped_fingers() -> None:
    swapped = gallery_of(A=[(1, 3), (3, 2)])
    stated = search(swapped)
    found = search(swapped, any_finger=True)
    assert stated.scores[0] < 0 < found.scores[0]
    assert found.any_finger
    assert not stated.any_finger
    assert "right index with right middle: A-0" in str(found[0].explain())
    assert "any finger with any other" in str(found[0].explain())
    by_policy = search(swapped, policy=Policy(positions="any"))
    assert by_policy.scores.tolist() == found.scores.tolist()


def test_the_best_impression_counts() -> None:
    answer = search(gallery_of(A=[(5, 2), (1, 2), (6, 2)]))
    assert answer[0].reference_ids == ["A-1"]


def test_ties_of_worth_go_to_the_higher_score_then_the_smaller_id() -> None:
    probe = [template(4, 7)]
    for prints, counts in (([(5, 7), (4, 7)], "A-1"), ([(4, 7), (5, 7)], "A-0")):
        answer = search(gallery_of(A=prints), probe)
        assert answer.scores.tolist() == [3.0]
        assert answer[0].reference_ids == [counts]
    made = Gallery()
    for name in ("B", "A", "C"):
        made.enrol([name], [template(4, 7)], subject_ids=["S"])
    assert search(made, probe)[0].reference_ids == ["A"]


def test_a_reference_without_a_subject_stands_alone() -> None:
    made = gallery_of(A=[(1, 2)], nobody=[(1, 2), (3, 3)])
    answer = search(made)
    assert answer.n_compared == 3
    found = {c.subject_id: (c.is_reference, c.reference_ids) for c in answer}
    assert found == {
        "A": (False, ["A-0"]),
        "nobody-0": (True, ["nobody-0"]),
        "nobody-1": (True, ["nobody-1"]),
    }


def test_equal_scores_are_in_the_order_of_the_ids_and_a_subject_goes_first() -> None:
    made = Gallery()
    ids = ["B", "C", "x", "y"]
    made.enrol(ids, [template(1, 2)] * 4, subject_ids=[None, None, "C", "A"])
    answer = search(made)
    assert [(c.subject_id, c.is_reference) for c in answer] == [
        ("A", False),
        ("B", True),
        ("C", False),
        ("C", True),
    ]
    cut = search(made, limit=3)
    assert cut.subject_ids == ["A", "B", "C"]
    assert (cut.truncated, cut.n_found) == (True, 4)
    assert repr(cut).endswith("truncated>")


def test_a_transaction_caps_subjects() -> None:
    made = gallery_of(**TWO)
    answer = search(made, policy=TRANSACTIONS["TP/TP"])
    assert (answer.subject_ids, answer.n_found) == (["A"], 2)
    assert search(made, policy=TRANSACTIONS["TP/UL"]).subject_ids == []


def test_palms_are_not_compared() -> None:
    made = gallery_of(A=[(1, 21)], B=[(1, 2)])
    answer = search(made, any_finger=True)
    assert (answer.subject_ids, answer.examined, answer.n_compared) == (["B"], 2, 1)


def test_prints_of_a_single_hand() -> None:
    made = gallery_of(A=[(1, 2), (3, 3)], B=[(5, 7)])
    assert search(made, PROBE.hand("left")).subject_ids == ["B"]
    assert search(made, PROBE.only([2])).subject_ids == ["A"]


def test_searches_without_comparable_prints_are_empty() -> None:
    answer = search(Gallery())
    assert (len(answer), answer.examined, answer.n_compared, answer.truncated) == (0, 0, 0, False)
    assert search(gallery_of(A=[(1, 5)])).n_compared == 0


def test_pairs_that_the_cascade_does_not_compare_add_nothing() -> None:
    made = gallery_of(A=[(1, 2), (3, 3)], **{f"N{i}": [(5, 2), (5, 3)] for i in range(9)})
    cascade = Policy(mode="cascade", keep=0.1)
    answer = search(made, policy=cascade)
    assert answer.subject_ids[0] == "A"
    assert answer[0].reference_ids == ["A-0", "A-1"]
    assert answer.n_compared < 10
    everyone = search(made, policy=replace(cascade, keep=1.0))
    assert everyone.scores.tolist() == search(made).scores.tolist()


def test_shipped_calibrations_are_the_default() -> None:
    made = gallery_of(**TWO)
    answer = made.search_subjects([template(1, 2)], limit=1)
    assert answer.subject_ids == ["A"]
    assert answer.scores[0] > 0


def test_erased_references_cannot_be_explained() -> None:
    made = gallery_of(**TWO)
    answer = search(made)
    made.erase(["A-1"])
    with pytest.raises(UnknownReference) as caught:
        answer[0].explain()
    assert caught.value.code == "erased"
    assert answer[0].reference_ids == ["A-0", "A-1"]
    assert answer[1].explain().score == answer[1].score
    again = search(made)
    assert again[again.subject_ids.index("A")].reference_ids == ["A-0"]
    assert again.examined == 4


def test_an_explanation_survives_the_erasure_of_other_references() -> None:
    made = gallery_of(A=[(1, 2), (5, 2)])
    answer = search(made)
    made.erase(["A-1"])
    assert answer[0].explain().score == answer[0].score


def test_a_reader_sees_erasures_at_once(tmp_path: Path) -> None:
    gallery_of(**TWO).save(tmp_path / "g")
    with Gallery.open(tmp_path / "g", "rw") as writer, Gallery.open(tmp_path / "g") as reader:
        assert search(reader).subject_ids == ["A", "B"]
        writer.erase(["A-0", "A-1"])
        answer = search(reader)
    assert (answer.subject_ids, answer.examined) == (["B"], 3)


LATENTS = [template(0, latent=True)]
WRONG = replace(CALIBRATIONS["TP/TP"], stratum="LT/TP")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"limit": None}, "unbounded_search"),
        ({"limit": 0}, "bad_limit"),
        ({"threads": 0}, "bad_limit"),
        ({"probe": []}, "no_prints"),
        ({"probe": [template(0, 21)]}, "not_a_finger"),
        ({"eligible": Eligible(labels=["x"])}, "unknown_label"),
        ({"eligible": Eligible(reference_ids=["A-0", "x"])}, "unknown_reference"),
        ({"policy": face.Policy(threshold=0.5)}, "foreign_policy"),
        ({"policy": TRANSACTIONS["LT/TP"]}, "other_transaction"),
        ({"probe": LATENTS, "policy": TRANSACTIONS["TP/TP"]}, "other_transaction"),
        ({"calibrations": {}}, "no_calibration"),
        ({"calibrations": {"TP/TP": WRONG}}, "other_stratum"),
        (
            {"calibrations": {"TP/TP": replace(CALIBRATIONS["TP/TP"], model="x")}},
            "other_model",
        ),
        (
            {"calibrations": {"TP/TP": replace(CALIBRATIONS["TP/TP"], category="face")}},
            "other_category",
        ),
    ],
)
def test_invalid_arguments_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises((InvalidInput, ComparisonMismatch, UnknownReference)) as caught:
        search(gallery_of(**TWO), **options)
    assert caught.value.code == code


def test_a_damaged_print_of_the_probe_is_named() -> None:
    palm = Template(x=[], y=[], angle=[], width=9, height=9, ppi=500, position=0, impression=12)
    with pytest.raises(InvalidInput) as caught:
        search(Gallery(), [template(0, 2), palm])
    assert (caught.value.code, caught.value.index) == ("not_a_finger", 1)

"""Scores of an earlier version detect changes of the print score.

To change the rule on purpose, give CODES another name and run make_print_scores.py.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import prum_match
from oracles.dactyloscopy import pairs as print_pairs
from oracles.dactyloscopy import score as print_score
from prum_match.dactyloscopy import compare
from prum_match.dactyloscopy.features import CODES
from support.dactyloscopy.prints import of_units
from support.dna import tier

GOLDEN = json.loads(Path(__file__).with_name("print_scores.json").read_text("utf-8"))


def test_the_scores_belong_to_the_current_codes() -> None:
    assert GOLDEN["codes"] == CODES


def test_some_pairs_are_shipped_for_the_self_test() -> None:
    path = files("prum_match.dactyloscopy") / "data" / "golden_scores.json"
    shipped = json.loads(path.read_text("utf-8"))
    assert shipped == {"codes": CODES, "comparisons": GOLDEN["comparisons"][::5]}


def test_golden_scores_cover_all_sizes() -> None:
    scores = [float.fromhex(each["score"]) for each in GOLDEN["comparisons"]]
    assert len(scores) == 40
    assert min(scores) < 6
    assert max(scores) > 100


@pytest.mark.parametrize("golden", GOLDEN["comparisons"])
def test_oracle_and_library_give_the_golden_score(golden: dict[str, Any]) -> None:
    score = float.fromhex(golden["score"])
    a, b = of_units(*golden["a"]), of_units(*golden["b"])
    assert print_score.compare(a, b).score == score
    for name in prum_match.cpu_tiers():
        with tier(name):
            # Codes are kept with the template: each tier makes its own.
            found = compare(of_units(*golden["a"]), of_units(*golden["b"]))
        assert found.score == score
        assert len(found.pairs) == golden["pairs"]
        assert list(found.overlap) == golden["overlap"]


# Two numbers that only thousands of minutiae or a chance in a million bring into play are left out.
NUMBERS = [
    *((print_pairs, name) for name in ("RELAXATIONS", "NEAR_SQUARE", "PLACE_GROWTH")),
    *((print_pairs, name) for name in ("FLOOR", "LENGTH_GROWTH", "TURN_SQUARE", "REACH_SQUARE")),
    *((print_score, name) for name in ("MOTIONS_TRIED", "DIRECTION_LEVER", "FIRST_GRACE")),
    *((print_score, name) for name in ("MATE_SQUARE", "MATE_GROWTH", "MATE_MOST")),
    *((print_score, name) for name in ("MATE_TURN_SQUARE", "LIKENESS_GAIN", "OUTLINE_MARGIN")),
    *((print_score, name) for name in ("EDGE_SQUARE", "EDGE_GROWTH", "EDGE_REACH")),
    *((print_score, name) for name in ("WORTH_OF_MATES", "WORTH_IN_CROWD", "WORTH_OF_FIT")),
    *((print_score, name) for name in ("OVERLAP_OFFSET", "SCALE")),
]


@pytest.mark.parametrize(("module", "name"), NUMBERS)
def test_each_constant_of_the_rule_affects_the_scores(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raising a constant by two per cent, or a small count by one, changes some score."""
    number = getattr(module, name)
    more = number + 1 if isinstance(number, int) and number < 100 else type(number)(number * 1.02)
    monkeypatch.setattr(module, name, more)
    assert any(
        print_score.compare(of_units(*golden["a"]), of_units(*golden["b"])).score
        != float.fromhex(golden["score"])
        for golden in GOLDEN["comparisons"]
    )

"""Costs learned from reads: results, reads left out, and refusals."""

from __future__ import annotations

import os
import random
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.vehicle import OCR_COSTS, UNIT_COSTS, Costs, edits, learn_costs
from prum_match.vehicle.numbers.alphabet import CODE_OF
from prum_match.vehicle.reads.learning import LEAST, LIKE

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("PRUM_SHARED") or ROOT.parent / "shared")
READS = sorted((SHARED / "data/vehicle/ocr_reads").glob("tesseract_*.csv"))

RANDOM = random.Random(3)
LETTERS, DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
PLATES = ["".join(RANDOM.choices(LETTERS, k=3) + RANDOM.choices(DIGITS, k=4)) for _ in range(300)]


def pair(costs: Costs, symbols: str) -> int:
    return int(costs.substitution[CODE_OF[symbols[0]], CODE_OF[symbols[1]]])


def same(one: Costs, other: Costs) -> bool:
    return one.to_json() == other.to_json()


def test_errors_seen_more_often_cost_less() -> None:
    reads = [
        plate.replace("7", "Y") if i % 2 else plate.replace("3", "P") if i % 9 == 0 else plate
        for i, plate in enumerate(PLATES)
    ]
    costs = learn_costs(PLATES, reads)
    assert 100 <= pair(costs, "7Y") < pair(costs, "3P") < 1000
    assert pair(costs, "5X") == pair(costs, "X5") == 1000


def test_both_ways_of_a_pair_count_together() -> None:
    costs = learn_costs(PLATES, [plate.replace("7", "Y") for plate in PLATES])
    assert pair(costs, "7Y") == pair(costs, "Y7") < 500


def test_symbols_that_look_alike_are_cheap_before_they_were_seen() -> None:
    costs = learn_costs(PLATES, PLATES)
    for group in LIKE:
        assert pair(costs, group[:2]) < 500
    assert pair(costs, "X5") == 1000


def test_a_band_before_the_plate_is_learned_as_such() -> None:
    reads = [f"E{plate}" if i % 2 else plate for i, plate in enumerate(PLATES)]
    costs = learn_costs(PLATES, reads)
    e, x = CODE_OF["E"], CODE_OF["X"]
    assert 200 <= costs.leading[e] < 300 < costs.leading[x]
    assert costs.insertion[e] > 2 * costs.leading[e]
    assert costs.counts["leading"] == {"E": 150}


def test_scripts_are_found_anew_with_the_costs() -> None:
    # The first plate alone cannot say whether E was added and A lost or A and B were misread.
    shifted = ["EABC123"] + ["E" + plate for plate in PLATES]
    costs = learn_costs(["ABC1234", *PLATES], shifted)
    assert costs.counts["leading"]["E"] == 301
    assert costs.counts["deletion"] == {"4": 1}


def test_no_error_is_free_and_none_costs_more_than_an_unlisted_one() -> None:
    for reads in (PLATES, [p[1:] for p in PLATES], ["E" + p.replace("0", "O") for p in PLATES]):
        costs = learn_costs(PLATES, reads)
        for kind, least in LEAST.items():
            values = getattr(costs, kind)
            values = values[~np.eye(62, dtype=bool)] if kind == "substitution" else values
            assert values.min() >= 1000 * least
            assert values.max() <= 1000


def test_the_order_of_the_reads_does_not_matter() -> None:
    reads = [plate.replace("8", "B")[i % 3 == 0 :] for i, plate in enumerate(PLATES)]
    order = random.Random(1).sample(range(len(PLATES)), len(PLATES))
    shuffled = learn_costs([PLATES[i] for i in order], [reads[i] for i in order])
    costs = learn_costs(PLATES, reads)
    assert (costs.substitution == shuffled.substitution).all()
    assert {k: dict(v) for k, v in costs.counts.items()} == shuffled.counts


def test_counts_list_the_observed_events() -> None:
    costs = learn_costs(["B-AB 120", "K A.77", "M 5"], ["bab12o", "KA77", "XYZ99"])
    assert costs.counts["reads"] == {"used": 2, "right": 1, "left out": 1}
    assert costs.counts["substitution"] == {"0O": 1}
    assert costs.counts["plates"]["A"] == 2
    assert sum(costs.counts["plates"].values()) == 10


def test_more_errors_are_learned_from_where_that_is_asked_for() -> None:
    truth, read = ["AB12345"] * 9, ["AB12345"] * 8 + ["XX99945"]
    assert learn_costs(truth, read).counts["reads"]["left out"] == 1
    assert learn_costs(truth, read, max_errors=5).counts["reads"]["left out"] == 0


def test_a_camera_that_is_mostly_wrong_still_gives_a_table() -> None:
    costs = learn_costs(["AB"] * 50, ["AX"] * 50)
    assert pair(costs, "BX") < pair(costs, "AY") == 1000


def test_names_the_table() -> None:
    costs = learn_costs(PLATES, PLATES, name="gate 4", version="2031-05", source="own reads")
    assert (costs.name, costs.version, costs.source) == ("gate 4", "2031-05", "own reads")
    assert same(costs, Costs.from_json(costs.to_json()))


def test_plates_are_folded_as_those_of_queries() -> None:
    plain = learn_costs(["CB-0000 HP"] * 9, ["C8 0000HP"] * 9)
    # Cyrillic letters, an accent, a seal between the groups.
    folded = learn_costs(["СВ●0000 НР"] * 9, ["c\u03258 0000нр"] * 9)  # noqa: RUF001
    assert same(folded, plain)


@pytest.mark.parametrize(
    ("truth", "read", "code", "index"),
    [
        (["A1"], [], "length_mismatch", None),
        (["A1", "A?"], ["A1", "A1"], "bad_plate", 1),
        (["A1", "A1"], ["A1", None], "bad_plate", 1),
        (["A1", " - "], ["A1", "A1"], "bad_plate", 1),
        (["A1", "A1"], ["A1", "A\x00"], "bad_plate", 1),
        (["A1", "SS1"], ["A1", "ß1"], "bad_plate", 1),
        ("A1", "A1", "bad_plate", None),
        (None, ["A1"], "bad_plate", None),
        (["A1"], iter(["A1"]), "bad_plate", None),
        ([], [], "no_reads", None),
        (["A1"], ["B2"], "no_reads", None),
    ],
)
def test_uninformative_reads_are_refused(
    truth: Any, read: Any, code: str, index: int | None
) -> None:
    with pytest.raises(InvalidInput) as refused:
        learn_costs(truth, read)
    assert (refused.value.code, refused.value.index) == (code, index)


@pytest.mark.parametrize("errors", [0, True, 1.5, None])
def test_refuses_another_number_of_errors(errors: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        learn_costs(["A1"], ["A1"], max_errors=errors)
    assert refused.value.code == "bad_option"


def test_the_shipped_table_takes_a_misread_for_its_plate() -> None:
    def cost(read: str, truth: str) -> float:
        return sum(edit.cost for edit in edits(OCR_COSTS, read, truth))

    assert cost("EBAO1Z3", "BA0123") < 1.2 < cost("EBAO1Z3", "BAX193")
    assert OCR_COSTS.counts["reads"]["used"] == 220
    assert not same(OCR_COSTS, UNIT_COSTS)


@pytest.mark.skipif(not READS, reason="the reads are not here; PRUM_SHARED names their folder")
def test_the_tool_reproduces_the_shipped_table() -> None:
    fit = runpy.run_path(str(ROOT / "tools" / "fit_ocr_costs.py"))["fit"]
    assert same(fit(READS), OCR_COSTS)

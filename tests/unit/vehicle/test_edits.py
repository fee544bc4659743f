"""Least-cost scripts of errors."""

from __future__ import annotations

from typing import Any

import pytest

from oracles.vehicle.distance import levenshtein
from prum_match.errors import InvalidInput
from prum_match.vehicle.reads.costs import UNIT_COSTS, Costs
from prum_match.vehicle.reads.edit_script import Edit, cost, edits

CHEAP_ENDS = Costs.from_pairs({"0O": 0.2}, leading={"E": 0.3}, trailing=0.4, deletion=0.9)


def text(read: str, truth: str, costs: Costs = CHEAP_ENDS) -> list[str]:
    return [str(edit) for edit in edits(costs, read, truth)]


def test_a_correct_read_is_free() -> None:
    assert edits(UNIT_COSTS, "AB123", "AB123") == []
    assert cost(UNIT_COSTS, "AB123", "AB123") == 0


def test_errors_are_listed_in_the_order_of_the_plate() -> None:
    assert text("EABXO13", "AB012") == [
        "leading E 0.3", "X inside 1", "0 read as O 0.2", "2 read as 3 1",
    ]  # fmt: skip
    assert text("AB01", "AB012") == ["2 not read 0.9"]
    assert text("AB0127", "AB012") == ["trailing 7 0.4"]


def test_names_place_and_symbols() -> None:
    assert edits(CHEAP_ENDS, "EA0", "AO2") == [
        Edit("leading", "", "E", 0, 0.3),
        Edit("substitution", "O", "0", 1, 0.2),
        Edit("deletion", "2", "", 2, 0.9),
    ]


def test_insertions_before_the_plate_have_their_own_cost() -> None:
    assert cost(CHEAP_ENDS, "EAB", "AB") == 300
    assert cost(CHEAP_ENDS, "AEB", "AB") == 1000
    assert cost(CHEAP_ENDS, "ABE", "AB") == 400


def test_goes_round_a_dear_substitution() -> None:
    costs = Costs.from_pairs({"AB": 5.0}, deletion=0.5, insertion=0.5)
    assert sorted(text("XBX", "XAX", costs)) == ["A not read 0.5", "B inside 0.5"]


def test_prefers_a_pair_of_symbols_among_equals() -> None:
    assert text("BA", "AB", UNIT_COSTS) == ["A read as B 1", "B read as A 1"]
    assert text("AAB", "AB", UNIT_COSTS) == ["leading A 1"]


def test_an_empty_read() -> None:
    assert cost(UNIT_COSTS, "", "AB12") == 4000


@pytest.mark.parametrize(("read", "truth"), [("KITTEN", "SITTING"), ("ABC", "CAB"), ("Ä", "A")])
def test_unit_costs_are_the_levenshtein_distance(read: str, truth: str) -> None:
    assert cost(UNIT_COSTS, read, truth) == 1000 * levenshtein(read, truth)


@pytest.mark.parametrize(
    ("read", "truth", "field"),
    [
        ("A-1", "A1", "read"),
        ("a1", "A1", "read"),
        ("A" * 65, "A1", "read"),
        (None, "A1", "read"),
        ("A1", "", "truth"),
        ("A1", "?", "truth"),
        ("A1", 5, "truth"),
    ],
)
def test_invalid_plates_are_refused(read: Any, truth: Any, field: str) -> None:
    for function in (cost, edits):
        with pytest.raises(InvalidInput) as refused:
            function(UNIT_COSTS, read, truth)
        assert (refused.value.code, refused.value.field) == ("bad_plate", field)


def test_invalid_tables_of_costs_are_refused_by_name() -> None:
    for function in (edits, cost):
        with pytest.raises(InvalidInput) as caught:
            function(None, "A1", "A1")  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.field) == ("bad_costs", "costs")

"""Tables of costs: what they hold, what they refuse, and how they travel."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.vehicle.numbers.alphabet import CODE_OF, SYMBOLS
from prum_match.vehicle.reads.costs import UNIT_COSTS, Costs

ROWS = ("deletion", "insertion", "leading", "trailing")


def tables(**changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = {name: np.full(62, 700) for name in ROWS}
    made["substitution"] = np.full((62, 62), 900)
    np.fill_diagonal(made["substitution"], 0)
    return {**made, "name": "made up", **changed}


def price(costs: Costs, pair: str) -> int:
    return int(costs.substitution[CODE_OF[pair[0]], CODE_OF[pair[1]]])


def test_unit_costs_are_one_for_every_error() -> None:
    assert (UNIT_COSTS.substitution == 1000 * (1 - np.eye(62))).all()
    assert all((getattr(UNIT_COSTS, name) == 1000).all() for name in ROWS)


def test_arrays_are_read_only_copies() -> None:
    given = tables()
    costs = Costs(**given)
    given["deletion"][0] = 1
    assert costs.deletion[0] == 700
    for made in (costs, pickle.loads(pickle.dumps(costs)), copy.deepcopy(costs)):
        for name in ("substitution", *ROWS):
            array = getattr(made, name)
            assert array.dtype == np.uint32
            assert array.flags.c_contiguous
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_a_pickle_is_the_same_table() -> None:
    costs = Costs.from_pairs({"0O": 0.2}, leading=0.3, counts={"deletion": {"A": 3}})
    back = pickle.loads(pickle.dumps(costs))
    assert back.to_json() == costs.to_json()
    assert back == costs
    assert hash(back) == hash(costs)
    for change in ({"name": "x"}, {"counts": {}}, {"deletion": UNIT_COSTS.deletion * 2}):
        assert dataclasses.replace(costs, **change) != costs  # type: ignore[arg-type]


def test_pairs_hold_both_ways_unless_the_other_way_is_listed() -> None:
    costs = Costs.from_pairs({"0O": 0.25, "8B": 0.4, "B8": 0.6, "*": 1.2})
    assert [price(costs, pair) for pair in ("0O", "O0", "8B", "B8", "AB")] == [
        250, 250, 400, 600, 1200,
    ]  # fmt: skip


def test_the_order_of_the_list_does_not_matter() -> None:
    one, other = {"B8": 0.6, "8B": 0.4, "*": 2}, {"*": 2, "8B": 0.4, "B8": 0.6}
    assert Costs.from_pairs(one).to_json() == Costs.from_pairs(other).to_json()


def test_insertions_at_the_ends_follow_those_inside() -> None:
    costs = Costs.from_pairs({}, deletion={"1": 0.5}, insertion=0.8, leading={"E": 0.3, "*": 0.4})
    e, one = CODE_OF["E"], CODE_OF["1"]
    assert (costs.leading[e], costs.leading[one], costs.insertion[e]) == (300, 400, 800)
    assert (costs.trailing == 800).all()
    assert (costs.deletion[one], costs.deletion[e]) == (500, 1000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("substitution", np.zeros((62, 61), int)),
        ("substitution", np.full((62, 62), 5)),
        ("substitution", np.zeros((62, 62), int)),
        ("substitution", 1.0 - np.eye(62)),
        ("deletion", np.full(61, 5)),
        ("deletion", np.full(62, 16_001)),
        ("insertion", np.full(62, -1)),
        ("leading", [0] + [5] * 61),
        ("trailing", "cheap"),
        ("name", ""),
        ("name", None),
        ("version", "1\n"),
        ("source", 5),
        ("counts", 5),
        ("counts", {"deletion": 5}),
        ("counts", {"deletion": {"A": -1}}),
        ("counts", {"deletion": {"A": 1.5}}),
    ],
)
def test_invalid_tables_are_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        Costs(**tables(**{field: value}))
    assert (refused.value.code, refused.value.field) == ("bad_costs", field)


BAD_COSTS: list[Any] = [0, 16.001, -1, float("nan"), 10**400, 0.0001, True, "1", None]
BAD_KEYS: list[Any] = ["00", "0", "0o", "0O1", "", 5]


@pytest.mark.parametrize(
    "listed", [*({"0O": cost} for cost in BAD_COSTS), *({key: 1} for key in BAD_KEYS), 5, {"*": 0}]
)
def test_lists_of_costs_that_are_invalid_are_refused(listed: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Costs.from_pairs(listed)
    assert (refused.value.code, refused.value.field) == ("bad_costs", "substitution")


@pytest.mark.parametrize("listed", [0, None, "1", {"AB": 1}, {"a": 1}, {"": 1}, {"E": 0}])
def test_invalid_costs_of_symbols_are_refused(listed: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Costs.from_pairs({}, deletion=listed)
    assert (refused.value.code, refused.value.field) == ("bad_costs", "deletion")


def test_json_holds_every_number() -> None:
    random = np.random.default_rng(5)
    made = {name: random.integers(1, 16_000, 62) for name in ROWS}
    swaps = random.integers(1, 16_000, (62, 62))
    np.fill_diagonal(swaps, 0)
    costs = Costs(**tables(substitution=swaps, counts={"right": {"Ä": 2}}, **made))
    back = Costs.from_json(costs.to_json())
    for name in ("substitution", *ROWS):
        assert (getattr(back, name) == getattr(costs, name)).all()
    assert (back.name, back.counts) == ("made up", {"right": {"Ä": 2}})


def test_json_keeps_one_directional_pairs() -> None:
    costs = Costs.from_pairs({"0O": 0.25, "O0": 1.0})
    back = Costs.from_json(costs.to_json())
    assert (price(back, "0O"), price(back, "O0")) == (250, 1000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        None,
        UNIT_COSTS.to_json().replace("costs", "prices"),
        UNIT_COSTS.to_json().replace('"format_version": 1', '"format_version": 2'),
        UNIT_COSTS.to_json().replace('"*": 1.0', '"*": NaN'),
        json.dumps({**json.loads(UNIT_COSTS.to_json()), "more": 1}),
        json.dumps({**json.loads(UNIT_COSTS.to_json()), "counts": [1]}),
        json.dumps({**json.loads(UNIT_COSTS.to_json()), "leading": None, "name": None}),
    ],
)
def test_refuses_other_json(text: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Costs.from_json(text)
    assert refused.value.code == "bad_costs"


def test_the_error_text_omits_the_refused_value() -> None:
    with pytest.raises(InvalidInput) as refused:
        Costs.from_pairs({"SECRET": 1})
    assert "SECRET" not in str(refused.value)
    assert refused.value.value == "SECRET"


def test_every_symbol_has_its_place() -> None:
    costs = Costs.from_pairs({}, deletion={symbol: 0.1 for symbol in SYMBOLS})
    assert (costs.deletion == 100).all()

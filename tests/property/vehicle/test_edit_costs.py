"""Laws of costs and edit scripts for any table, plate and read."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.vehicle.distance import distance, levenshtein
from prum_match.vehicle import OCR_COSTS, UNIT_COSTS, Costs, Edit, edits, learn_costs
from prum_match.vehicle.numbers.alphabet import CODE_OF, SYMBOLS
from prum_match.vehicle.reads.edit_script import cost
from support.examples import examples

# Few symbols, so that plates and reads have much in common.
TEXT = st.text(st.sampled_from("0O1IABÄ"), max_size=9)
PLATE = TEXT.filter(bool)


@st.composite
def tables(draw: st.DrawFn) -> Costs:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    most = draw(st.sampled_from([3, 1000, 16_000]))
    made = {
        name: random.integers(1, most + 1, 62)
        for name in ("deletion", "insertion", "leading", "trailing")
    }
    swaps = random.integers(1, most + 1, (62, 62))
    np.fill_diagonal(swaps, 0)
    return Costs(name="any", substitution=swaps, **made)


@st.composite
def metrics(draw: st.DrawFn) -> Costs:
    """Draw tables that are metrics: symbols are points, and a further point means "no symbol"."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    points = random.integers(0, 400, (len(SYMBOLS) + 1, 2))
    apart = np.abs(points[:, None] - points).sum(axis=2) + 1
    np.fill_diagonal(apart, 0)
    none = apart[-1, :-1]
    return Costs(
        name="metric", substitution=apart[:-1, :-1], deletion=none, insertion=none,
        leading=none, trailing=none,
    )  # fmt: skip


def applied(script: list[Edit], truth: str) -> str:
    """Apply the errors of a script, from the last to the first."""
    symbols = list(truth)
    for edit in reversed(script):
        assert edit.truth == "" or symbols[edit.place] == edit.truth
        symbols[edit.place : edit.place + len(edit.truth)] = edit.read
    return "".join(symbols)


def priced(costs: Costs, edit: Edit) -> int:
    table = getattr(costs, edit.kind)
    return int(table[tuple(CODE_OF[symbol] for symbol in edit.truth + edit.read)])


@given(tables(), TEXT, PLATE)
def test_costs_equal_the_oracle(costs: Costs, read: str, truth: str) -> None:
    rows = {
        name: lambda symbol, name=name: int(getattr(costs, name)[CODE_OF[symbol]])
        for name in ("deletion", "insertion", "leading", "trailing")
    }
    swap = lambda a, b: int(costs.substitution[CODE_OF[a], CODE_OF[b]])  # noqa: E731
    assert cost(costs, read, truth) == distance(truth, read, swap, **rows)


@given(TEXT, PLATE)
def test_unit_costs_are_the_levenshtein_distance(read: str, truth: str) -> None:
    assert cost(UNIT_COSTS, read, truth) == 1000 * levenshtein(read, truth)


@given(PLATE, PLATE)
def test_unit_costs_are_the_same_both_ways_and_backwards(a: str, b: str) -> None:
    there = cost(UNIT_COSTS, a, b)
    assert there == cost(UNIT_COSTS, b, a) == cost(UNIT_COSTS, a[::-1], b[::-1])


@given(metrics(), PLATE, PLATE, PLATE)
def test_metric_tables_obey_the_triangle_inequality(costs: Costs, a: str, b: str, c: str) -> None:
    assert cost(costs, a, c) <= cost(costs, a, b) + cost(costs, b, c)


@given(tables(), TEXT, PLATE)
def test_a_script_turns_the_plate_into_the_read_at_that_cost(
    costs: Costs, read: str, truth: str
) -> None:
    script = edits(costs, read, truth)
    assert applied(script, truth) == read
    prices = [priced(costs, edit) for edit in script]
    assert [round(1000 * edit.cost) for edit in script] == prices
    assert sum(prices) == cost(costs, read, truth)
    assert [edit.place for edit in script] == sorted(edit.place for edit in script)
    assert script == edits(costs, read, truth)


@given(tables(), PLATE)
def test_only_a_right_read_is_free(costs: Costs, truth: str) -> None:
    assert cost(costs, truth, truth) == 0
    assert cost(costs, truth + "X", truth) > 0


@given(tables(), TEXT, PLATE, st.integers(0, 61))
def test_a_higher_table_never_lowers_a_cost(costs: Costs, read: str, truth: str, code: int) -> None:
    dearer = {name: getattr(costs, name) + 0 for name in ("deletion", "insertion", "leading")}
    for row in dearer.values():
        row[code] = 16_000
    made = Costs(name="dearer", substitution=costs.substitution, trailing=costs.trailing, **dearer)
    assert cost(made, read, truth) >= cost(costs, read, truth)


@given(TEXT, PLATE)
def test_the_shipped_costs_find_what_unit_costs_find(read: str, truth: str) -> None:
    assert cost(OCR_COSTS, read, truth) <= cost(UNIT_COSTS, read, truth)


@settings(max_examples=examples(30))
@given(st.lists(st.tuples(PLATE, TEXT), min_size=1, max_size=12))
def test_any_valid_reads_give_a_table(pairs: list[tuple[str, str]]) -> None:
    # One right read, so that there is something.
    truth, read = zip(*pairs, ("AB01", "AB01"), strict=True)
    costs = learn_costs(truth, read)
    counted = costs.counts["reads"]
    assert counted["used"] + counted["left out"] == len(pairs) + 1
    for a, b in pairs:
        assert cost(costs, b, a) <= cost(UNIT_COSTS, b, a)

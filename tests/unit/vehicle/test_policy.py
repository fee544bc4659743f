"""Policies: which queries may be asked."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from prum_match import engine, vehicle
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.vehicle.policy import check_query

EXACT = vehicle.ExactQuery("DE", "B-AB 123")
FUZZY = vehicle.FuzzyQuery("B-AB 123", max_cost=1)
PATTERN = vehicle.PatternQuery("B-AB*")
CAR = vehicle.Registration("DE", "B-AB 123")


def test_all_may_be_asked_at_home() -> None:
    for query in (EXACT, FUZZY, PATTERN, CAR):
        check_query(query, vehicle.NATIONAL)


def test_only_complete_keys_between_states() -> None:
    check_query(EXACT, vehicle.PRUM_2024)
    check_query(CAR, vehicle.PRUM_2024)
    for query in (FUZZY, PATTERN):
        with pytest.raises(InvalidInput, match="complete") as caught:
            check_query(query, vehicle.PRUM_2024)
        assert caught.value.code == "incomplete_key"
        assert "Art. 16(2)" in str(caught.value)
        assert "AB" not in str(caught.value)
        assert caught.value.value is query


@pytest.mark.parametrize("query", ["B-AB 123", None, 7])
def test_invalid_queries_are_refused(query: Any) -> None:
    with pytest.raises(ComparisonMismatch) as caught:
        check_query(query, vehicle.NATIONAL)
    assert caught.value.code == "foreign_probe"


def test_a_policy_of_another_category() -> None:
    other = engine.Policy(name="x", version="1", source="x")
    with pytest.raises(ComparisonMismatch) as caught:
        check_query(EXACT, other)  # type: ignore[arg-type]
    assert caught.value.code == "foreign_policy"


@pytest.mark.parametrize(
    ("field", "value"), [("history", "some"), ("history", None), ("complete_only", "no")]
)
def test_options(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        vehicle.Policy(**{field: value})
    assert (caught.value.code, caught.value.field) == ("bad_option", field)


def test_policies_say_where_they_come_from() -> None:
    assert "2024/982" in vehicle.PRUM_2024.source
    assert "interpretation" in vehicle.PRUM_2024.source
    current = dataclasses.replace(vehicle.PRUM_2024, history="none")
    assert (current.complete_only, current.name) == (True, "prum-2024")

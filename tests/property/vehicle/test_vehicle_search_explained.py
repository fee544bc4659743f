"""A search finds exactly the candidates of `compare`, with the same grade and cost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import vehicle
from prum_match.testing.strategies import vehicle as vehicles

pytestmark = pytest.mark.native

POLICIES = st.sampled_from((vehicle.NATIONAL, vehicle.Policy(history="none")))
QUERIES = st.one_of(
    vehicles.exact_queries(),
    vehicles.exact_queries(),
    vehicles.fuzzy_queries(),
    vehicles.pattern_queries(),
    vehicles.registrations(),
)


@given(st.lists(vehicles.registrations(), min_size=1, max_size=30), QUERIES, POLICIES)
def test_a_search_finds_what_compare_calls_a_candidate(
    registrations: list[vehicle.Registration], query: Any, policy: vehicle.Policy
) -> None:
    gallery = vehicle.Gallery()
    ids = [f"R{i:02}" for i in range(len(registrations))]
    gallery.enrol(ids, registrations)
    answer = gallery.search(query, policy=policy)
    found = {c.reference_id: (c.grade, c.cost) for c in answer}
    expected = {
        reference_id: (comparison.grade, comparison.cost or 0.0)
        for reference_id, registration in zip(ids, registrations, strict=True)
        if (comparison := vehicle.compare(query, registration, policy=policy)).is_candidate
    }
    assert found == expected
    for candidate in answer:
        explained = candidate.explain()
        assert (explained.grade, explained.cost or 0.0) == found[candidate.reference_id]

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.dna import chance as dna_chance
from oracles.dna import rules as dna_rules
from prum_match.dna.statistics.frequencies import Frequencies, MinimumFrequency
from prum_match.dna.statistics.locus_pairs import OUTCOMES, WildcardSides, outcome_probabilities

# Two of the three alleles are one base apart.
THREE_ALLELES = Frequencies({"FGA": {"9": 0.1, "9.1": 0.05, "12": 0.85}})


@pytest.mark.parametrize("theta", [0.0, 0.05])
def test_best_order_needs_four_different_alleles(theta: float) -> None:
    # 9/10 beside 9.1/9.3: a crossed order and micro-variants on both sides must compete.
    p = {"9": 0.2, "9.1": 0.2, "9.2": 0.1, "9.3": 0.2, "10": 0.3}
    lengths = {"9": 36, "9.1": 37, "9.2": 38, "9.3": 39, "10": 40}
    table = Frequencies({"FGA": p})
    by_oracle: dict[tuple[int, int, int], float] = {}
    shares = {lengths[name]: share for name, share in p.items()}
    for key, share in dna_chance.enumerated_locus(shares, theta, False, False).items():
        counts = dna_rules.Counts(*key)
        outcome = (counts.wild_alleles, counts.micro_alleles, counts.mismatch_alleles)
        by_oracle[outcome] = by_oracle.get(outcome, 0.0) + share
    found = dict(zip(OUTCOMES, outcome_probabilities(table, "FGA", theta), strict=True))
    for outcome in OUTCOMES:
        assert found[outcome] == pytest.approx(by_oracle.get(outcome, 0.0), rel=1e-9)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=12),
    st.floats(0.0, 0.9),
    st.sampled_from(WildcardSides),
)
def test_sum_up_to_one(weights: list[int], theta: float, sides: WildcardSides) -> None:
    p = {f"{10 + k // 2}.{k % 2}": w / sum(weights) for k, w in enumerate(weights)}
    found = outcome_probabilities(Frequencies({"SE33": p}), "SE33", theta, sides)
    assert sum(found) == pytest.approx(1.0, rel=1e-12)
    assert all(0.0 <= probability <= 1.0 + 1e-12 for probability in found)


@given(st.permutations(range(6)), st.sampled_from([0.0, 0.03]))
def test_order_of_the_table_makes_no_difference(order: list[int], theta: float) -> None:
    rows = [("9", 0.1), ("9.1", 0.2), ("10", 0.3), ("11", 0.2), ("OL", 0.1), ("12", 0.1)]
    shuffled = Frequencies({"FGA": dict(rows[k] for k in order)})
    straight = Frequencies({"FGA": dict(rows)})
    assert outcome_probabilities(shuffled, "FGA", theta) == outcome_probabilities(
        straight, "FGA", theta
    )


def test_shortfall_is_one_more_allele() -> None:
    short = Frequencies({"FGA": {"9": 0.5, "12": 0.4}}, tolerance=0.2)
    full = Frequencies({"FGA": {"9": 0.5, "12": 0.4, "20": 0.1}})
    said = Frequencies({"FGA": {"9": 0.5, "12": 0.4, "OL": 0.1}})
    expected = outcome_probabilities(full, "FGA", 0.02)
    assert outcome_probabilities(short, "FGA", 0.02) == pytest.approx(expected)
    assert outcome_probabilities(said, "FGA", 0.02) == pytest.approx(expected)


def test_a_sum_above_one_is_scaled() -> None:
    above = Frequencies({"FGA": {"9": 0.6, "12": 0.6}}, tolerance=0.2)
    even = Frequencies({"FGA": {"9": 0.5, "12": 0.5}})
    assert outcome_probabilities(above, "FGA", 0.0) == pytest.approx(
        outcome_probabilities(even, "FGA", 0.0)
    )


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_equal_genotypes_grow_with_theta(one: float, two: float) -> None:
    low, high = (
        outcome_probabilities(THREE_ALLELES, "FGA", theta)[0] for theta in sorted((one, two))
    )
    assert low <= high * (1 + 1e-12)


def test_minimum_frequencies_are_not_applied() -> None:
    raised = THREE_ALLELES.with_minimum(MinimumFrequency.fixed(0.3))
    assert outcome_probabilities(raised, "FGA", 0.0) == outcome_probabilities(
        THREE_ALLELES, "FGA", 0.0
    )

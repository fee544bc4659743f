"""The sampling formula and the states of readings, by hand-computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from prum_match.dna import Reading
from prum_match.dna.statistics.balding_nichols import at_least_one, checked_theta, next_allele
from prum_match.dna.statistics.reading_states import reading_states
from prum_match.errors import InvalidInput


def test_the_sampling_formula_gives_nrc2_4_10a() -> None:
    found = next_allele(0.1, 2, 2, 0.03) * next_allele(0.1, 3, 3, 0.03)
    p, theta = 0.1, 0.03
    expected = (2 * theta + (1 - theta) * p) * (3 * theta + (1 - theta) * p)
    assert found == pytest.approx(expected / ((1 + theta) * (1 + 2 * theta)), rel=1e-14)
    assert found == pytest.approx(0.026890456127, abs=1e-12)


def test_a_carrier_has_the_allele_at_least_once() -> None:
    assert at_least_one(0.1, 0, 0, 0.0) == pytest.approx(0.19, rel=1e-14)
    assert at_least_one(1.0, 0, 0, 0.01) == 1


@pytest.mark.parametrize("theta", [-0.01, 1, math.nan, True, "0.1", None])
def test_invalid_theta_is_refused(theta: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_theta(theta)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("bad_theta", "theta")


def test_theta_becomes_a_float() -> None:
    assert type(checked_theta(0)) is float
    assert checked_theta(np.float32(0.5)) == 0.5


def test_a_reading_without_budget_counts_its_loci() -> None:
    states = reading_states(Reading("two equal loci", 2, budget=0))
    assert len(states.following) == 3
    assert states.accepting.tolist() == [False, False, True]

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.dna.statistics.population import compare_match_matrices, expected_match_matrix
from prum_match.errors import InvalidInput

TWO_LOCI = Frequencies({"TH01": {"6": 0.5, "9.3": 0.5}, "FGA": {"21": 0.2, "22": 0.3, "23": 0.5}})


def read_matrix(path: Path) -> NDArray[np.float64]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(value) for value in row[1:]] for row in rows])


class TestExpected:
    @pytest.mark.parametrize("theta", ["0", "0.03"])
    def test_dnatools(self, shared: Callable[[str], Path], theta: str) -> None:
        golden = read_matrix(
            shared(f"data/dna/golden/dnatools_dbExample_expected_theta{theta}.csv")
        )
        table = Frequencies.from_csv(shared("data/dna/golden/dbExample_freqs.csv"))
        found = expected_match_matrix(table, 1000, theta=float(theta))
        # The golden matrix has twelve digits.
        np.testing.assert_allclose(found, golden, rtol=1e-11, atol=0.0)

    @pytest.mark.parametrize(("theta", "pairs"), [(0.0, 7.7067), (0.01, 11.590), (0.03, 24.805)])
    def test_six_or_more_full_matches(
        self, shared: Callable[[str], Path], theta: float, pairs: float
    ) -> None:
        table = Frequencies.from_csv(shared("data/dna/golden/dbExample_freqs.csv"))
        found = expected_match_matrix(table, 1000, theta=theta)[6:].sum()
        assert found == pytest.approx(pairs, rel=5e-5)

    def test_by_enumeration(self) -> None:
        probabilities = {}
        for name in TWO_LOCI.loci:
            p = TWO_LOCI.alleles(name)
            shared = [0.0, 0.0, 0.0]
            for a, b, c, d in itertools.product(p, repeat=4):
                crossed = max((a == c) + (b == d), (a == d) + (b == c))
                shared[crossed] += math.prod(p[allele] for allele in (a, b, c, d))
            probabilities[name] = shared
        expected = np.zeros((3, 3))
        for one, two in itertools.product(range(3), repeat=2):
            place = ([one, two].count(2), [one, two].count(1))
            expected[place] += probabilities["TH01"][one] * probabilities["FGA"][two] * 45
        np.testing.assert_allclose(expected_match_matrix(TWO_LOCI, 10), expected, rtol=1e-13)

    @given(st.integers(0, 10**6), st.floats(0.0, 0.9))
    def test_total(self, n: int, theta: float) -> None:
        found = expected_match_matrix(TWO_LOCI, n, theta=theta)
        assert found.shape == (3, 3)
        assert found.sum() == pytest.approx(n * (n - 1) / 2)
        assert (found >= 0.0).all()
        assert (found[[1, 2, 2], [2, 1, 2]] == 0.0).all()

    @given(st.floats(0.0, 0.5), st.floats(0.0, 0.5))
    def test_full_matches_grow_with_theta(self, one: float, two: float) -> None:
        low, high = (
            expected_match_matrix(TWO_LOCI, 100, theta=theta)[2, 0] for theta in sorted((one, two))
        )
        assert low <= high * (1 + 1e-12)

    def test_order_of_loci_makes_no_difference(self) -> None:
        found = [
            expected_match_matrix(TWO_LOCI, 50, loci=loci, theta=0.01)
            for loci in (["TH01", "FGA"], ["FIBRA", "TC11"])
        ]
        np.testing.assert_allclose(found[0], found[1], rtol=1e-14)

    @pytest.mark.parametrize(
        ("code", "n", "options"),
        [
            ("no_frequencies", 10, {"loci": ["VWA"]}),
            ("no_loci", 10, {"loci": []}),
            ("duplicate_locus", 10, {"loci": ["FGA", "FIBRA"]}),
            ("bad_theta", 10, {"theta": 1.0}),
            ("bad_option", -1, {}),
            ("bad_option", 2.5, {}),
        ],
    )
    def test_refusals(self, code: str, n: int, options: dict[str, object]) -> None:
        with pytest.raises(InvalidInput) as caught:
            expected_match_matrix(TWO_LOCI, n, **options)  # type: ignore[arg-type]
        assert caught.value.code == code


class TestComparison:
    def test_against_itself(self) -> None:
        expected = expected_match_matrix(TWO_LOCI, 100)
        report = compare_match_matrices(expected, expected)
        assert report.statistic == 0.0
        assert report.cells == 6
        assert report.degrees_of_freedom == 5
        np.testing.assert_array_equal(report.tail_ratio, [1.0, 1.0, 1.0])
        assert compare_match_matrices(expected, expected, fitted=1).degrees_of_freedom == 4

    def test_tails_and_statistic(self) -> None:
        expected = np.array([[60.0, 20.0, 8.0], [6.0, 3.0, 0.0], [3.0, 0.0, 0.0]])
        observed = np.array([[58, 22, 7], [6, 2, 0], [5, 0, 0]])
        report = compare_match_matrices(observed, expected)
        np.testing.assert_array_equal(report.tail_observed, [100, 13, 5])
        np.testing.assert_array_equal(report.tail_expected, [100, 12, 3])
        # The two cells of 3 make one class of 6 expected and 7 observed pairs.
        parts = [(58, 60), (22, 20), (7, 8), (6, 6), (7, 6)]
        assert report.statistic == pytest.approx(sum((o - e) ** 2 / e for o, e in parts))
        assert (report.cells, report.degrees_of_freedom) == (5, 4)
        assert repr(report).startswith("<MatchMatrixComparison: 100 pairs, statistic 0.6")

    def test_a_small_rest_joins_the_smallest_class(self) -> None:
        expected = np.array([[90.0, 8.0], [2.0, 0.0]])
        report = compare_match_matrices([[88, 8], [4, 0]], expected)
        assert report.statistic == pytest.approx(4 / 90 + 4 / 10)
        assert report.cells == 2

    def test_too_few_pairs_for_any_class(self) -> None:
        report = compare_match_matrices([[1, 0], [0, 0]], [[0.5, 0.25], [0.25, 0.0]])
        assert (report.statistic, report.cells, report.degrees_of_freedom) == (0.0, 1, 0)

    def test_dnatools_example(self, shared: Callable[[str], Path]) -> None:
        observed = read_matrix(shared("data/dna/golden/dnatools_dbExample_M.csv"))
        table = Frequencies.from_csv(shared("data/dna/golden/dbExample_freqs.csv"))
        fits = [
            compare_match_matrices(observed, expected_match_matrix(table, 1000, theta=theta))
            for theta in (0.0, 0.03)
        ]
        assert fits[0].statistic < fits[1].statistic / 100
        assert fits[0].tail_observed[6] == 5
        assert fits[0].tail_expected[6] == pytest.approx(7.7067, rel=1e-4)

    def test_read_only(self) -> None:
        expected = expected_match_matrix(TWO_LOCI, 100)
        report = compare_match_matrices(expected, expected)
        for array in (report.observed, report.expected, report.tail_ratio):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
        with pytest.raises(AttributeError):
            report.statistic = 0.0  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("observed", "expected"),
        [
            ([[1, 0], [0, 0]], [[2.0, 0.0], [0.0, 0.0]]),
            ([[1]], [[0.5, 0.5], [0.0, 0.0]]),
            ([[-1, 2], [0, 0]], [[0.5, 0.5], [0.0, 0.0]]),
            ([[0, 0], [0, 1]], [[0.5, 0.5], [0.0, 0.0]]),
            ([[math.nan, 0], [0, 0]], [[0.5, 0.5], [0.0, 0.0]]),
            ([1], [1.0]),
        ],
    )
    def test_refusals(self, observed: list[object], expected: list[object]) -> None:
        with pytest.raises(InvalidInput) as caught:
            compare_match_matrices(observed, expected)  # type: ignore[arg-type]
        assert caught.value.code == "bad_matrix"

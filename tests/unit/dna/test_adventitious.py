from __future__ import annotations

import csv
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.dna import chance as dna_chance
from oracles.dna import rules as dna_rules
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.rules.policy import Reading
from prum_match.dna.statistics.adventitious import (
    TypedPattern,
    expected_adventitious_hits,
    expected_hits_per_search,
    expected_hits_within,
    match_chance,
    typed_patterns,
)
from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.dna.statistics.locus_pairs import outcome_probabilities
from prum_match.errors import InvalidInput
from support.examples import examples

STRICT6 = Reading("strict6", 6, False, False, 0, 1)
LITERAL = Reading("literal", 6, True, True, 1, 1)
LENIENT = Reading("lenient", 6, True, True, 0, 1)
ESS_7 = ("D3S1358", "VWA", "D8S1179", "D21S11", "D18S51", "TH01", "FGA")
SGM_PLUS = (*ESS_7, "D16S539", "D2S1338", "D19S433")
ESS_12 = (*ESS_7, "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045")
COMMON_SETS = {
    6: ESS_7[:-1],
    7: ESS_7,
    8: (*ESS_7, "D16S539"),
    10: SGM_PLUS,
    12: ESS_12,
    15: (*ESS_12, "D16S539", "D2S1338", "D19S433"),
}
# Two of the three alleles are one base apart, and one is so common that hits are frequent.
THREE_ALLELES = {"9": 0.1, "9.1": 0.05, "12": 0.85}
LENGTHS = {"9": 36, "9.1": 37, "12": 48}
SEVEN = ("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51")
EIGHT = (*SEVEN, "TPOX")


@dataclass(frozen=True)
class Policy:
    readings: tuple[Reading, ...]


UNION = Policy((STRICT6, LITERAL))
ALL_THREE = Policy((STRICT6, LITERAL, LENIENT))


def small_population(loci: tuple[str, ...]) -> Frequencies:
    return Frequencies(dict.fromkeys(loci, THREE_ALLELES))


READINGS = st.builds(
    Reading,
    st.just("drawn"),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1),
    st.integers(0, 4),
)


class TestAgainstEnumeration:
    @settings(max_examples=examples(40), deadline=None)
    @given(
        st.lists(READINGS, min_size=1, max_size=3),
        st.sampled_from([0.0, 0.01, 0.2]),
        st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3),
        st.lists(st.integers(1, 9), min_size=3, max_size=3),
    )
    def test_any_readings(
        self,
        readings: list[Reading],
        theta: float,
        wildcards: list[tuple[bool, bool]],
        weights: list[int],
    ) -> None:
        names = SEVEN[: len(wildcards)]
        p = {name: weight / sum(weights) for name, weight in zip(LENGTHS, weights, strict=True)}
        table = Frequencies(dict.fromkeys(names, p))
        found = match_chance(
            table,
            names,
            Policy(tuple(readings)),
            theta,
            wildcard_a=[name for name, wild in zip(names, wildcards, strict=True) if wild[0]],
            wildcard_b=[name for name, wild in zip(names, wildcards, strict=True) if wild[1]],
        )
        lengths = {LENGTHS[name]: share for name, share in p.items()}
        tables = [dna_chance.enumerated_locus(lengths, theta, *wild) for wild in wildcards]
        expected = dna_chance.enumerated_chance(tables, tuple(readings))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)

    @pytest.mark.parametrize("theta", [0.0, 0.1])
    @pytest.mark.parametrize(
        ("wild_a", "wild_b"),
        [((), ()), (("VWA",), ()), (("VWA",), ("VWA",)), (("VWA", "FGA"), ("FGA", "TH01"))],
    )
    def test_monte_carlo(
        self, theta: float, wild_a: tuple[str, ...], wild_b: tuple[str, ...]
    ) -> None:
        """Pairs of people drawn allele by allele and compared by the oracle."""
        generator = random.Random(20240982)
        policies = [*(Policy((reading,)) for reading in ALL_THREE.readings), UNION, ALL_THREE]
        hits = [0] * len(policies)
        shares = {LENGTHS[name]: share for name, share in THREE_ALLELES.items()}
        trials = 4000
        for _ in range(trials):
            a: dict[str, tuple[object, ...]] = {}
            b: dict[str, tuple[object, ...]] = {}
            for name in EIGHT:
                drawn = dna_chance.draw_alleles(generator, shares, theta)
                a[name], b[name] = drawn[:2], drawn[2:]
            for profile, wild in ((a, wild_a), (b, wild_b)):
                for name in wild:
                    profile[name] = (generator.choice(profile[name]), dna_rules.WILD)
            counts = dna_rules.compare(dna_chance.normal(a), dna_chance.normal(b))
            for place, policy in enumerate(policies):
                hits[place] += any(dna_chance.holds(counts, reading) for reading in policy.readings)
        assert max(hits) > 100
        table = small_population(EIGHT)
        for policy, seen in zip(policies, hits, strict=True):
            chance = match_chance(table, EIGHT, policy, theta, wildcard_a=wild_a, wildcard_b=wild_b)
            deviation = math.sqrt(trials * chance * (1 - chance))
            assert abs(seen - trials * chance) <= 4 * deviation

    def test_readings_disagree_as_in_the_golden_vectors(self) -> None:
        # With equal alleles everywhere only the number of loci and of wildcards matters:
        # six loci, one (a, *): D14; eight loci, two (a, *): D15.
        certain = Frequencies({name: {"9": 1.0} for name in EIGHT})
        for loci, wild, expected in (
            (SEVEN[:6], SEVEN[:1], (0.0, 1.0, 1.0)),
            (EIGHT, SEVEN[:2], (1.0, 0.0, 1.0)),
            (SEVEN[:5], (), (0.0, 0.0, 0.0)),
        ):
            found = tuple(
                match_chance(certain, loci, reading, wildcard_a=wild)
                for reading in ALL_THREE.readings
            )
            assert found == expected


class TestGolden:
    """Chance hits of unrelated, fully typed people; ENFSI STRbase of 2015, Europe."""

    @pytest.fixture
    def europe(self, shared: Callable[[str], Path]) -> Frequencies:
        path = shared("data/dna/frequencies/enfsi_strbase_2015_europe_freqs.csv")
        return Frequencies.from_csv(path)

    def test_loci(self, europe: Frequencies, shared: Callable[[str], Path]) -> None:
        with shared("data/dna/golden/locus_p2_p1_enfsi_europe.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                equal, micro, mismatch, *_ = outcome_probabilities(europe, row["locus"], 0.0)
                # The table is printed with six digits.
                assert equal == pytest.approx(float(row["p2_full"]), rel=1e-5)
                one_differs = float(row["p1_one_allele_differs"])
                assert micro + mismatch == pytest.approx(one_differs, rel=1e-5)

    def test_common_sets(self, europe: Frequencies, shared: Callable[[str], Path]) -> None:
        with shared("data/dna/golden/adventitious_prum_enfsi_europe.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(COMMON_SETS)
        for row in rows:
            loci = COMMON_SETS[int(row["c"])]
            all_equal = Reading("all", len(loci), False, False, 0, 0)
            found = match_chance(europe, loci, all_equal)
            assert found == pytest.approx(float(row["P_full_all"]), rel=5e-6)
            found = match_chance(europe, loci, STRICT6)
            assert found == pytest.approx(float(row["P_hit_prum"]), rel=5e-6)
            # Without wildcards the readings differ only where a micro-variant is the sixth locus.
            literal = match_chance(europe, loci, LITERAL)
            assert match_chance(europe, loci, UNION) == pytest.approx(literal, rel=1e-12)
            ratio = 1.06064 if len(loci) == 6 else 1.0
            assert literal / found == pytest.approx(ratio, rel=1e-5)
            pattern = TypedPattern(loci)
            expected = expected_adventitious_hits(
                {pattern: 50_000}, {pattern: 1_000_000}, europe, STRICT6
            )
            assert expected == pytest.approx(float(row["E_hits_50k_x_1M"]), rel=5e-6)
            expected = expected_hits_per_search(pattern, {pattern: 10_000_000}, europe, STRICT6)
            assert expected == pytest.approx(float(row["E_hits_1_x_10M"]), rel=5e-6)

    def test_as_the_golden_numbers_were_made(self, shared: Callable[[str], Path]) -> None:
        """Off-ladder rows as alleles of their own, each locus scaled to 1: all digits agree."""
        folder = "data/dna/frequencies/enfsi_strbase_2015_freqs.csv"
        alleles: dict[str, dict[str, float]] = {}
        with shared(folder).open(newline="") as file:
            for row in csv.DictReader(file):
                if row["population"] == "Europe":
                    allele = {"1": "2", "99": "98"}.get(row["allele"], row["allele"])
                    alleles.setdefault(row["locus"], {})[allele] = float(row["frequency"])
        scaled = Frequencies(
            {
                name: {allele: p / sum(found.values()) for allele, p in found.items()}
                for name, found in alleles.items()
            }
        )
        with shared("data/dna/golden/adventitious_prum_enfsi_europe.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                found = match_chance(scaled, COMMON_SETS[int(row["c"])], STRICT6)
                assert found == pytest.approx(float(row["P_hit_prum"]), rel=1e-12)

    @pytest.mark.parametrize(
        ("loci", "theta", "expected"),
        [
            (ESS_7, 0.01, 1.09e-7),
            (ESS_7, 0.03, 2.95e-7),
            (SGM_PLUS, 0.01, 3.74e-11),
            (SGM_PLUS, 0.03, 1.60e-10),
        ],
    )
    def test_theta(
        self, europe: Frequencies, loci: tuple[str, ...], theta: float, expected: float
    ) -> None:
        assert match_chance(europe, loci, STRICT6, theta) == pytest.approx(expected, rel=5e-3)

    def test_wildcards_everywhere(self, europe: Frequencies) -> None:
        # The rule book: six loci of the form (a, *) hit at about one in a thousand profiles.
        chance = match_chance(europe, ESS_7[:6], LENIENT, wildcard_a=ESS_7[:6])
        assert 0.8e-3 < chance < 1.3e-3


class TestPatterns:
    def test_of_profiles(self) -> None:
        profiles = [
            Profile({"FGA": (21, 22), "TH01": ("6", "OL"), "AMEL": "X"}),
            Profile({"FGA": (19, 20), "TH01": (7, "*"), "VWA": ("*", "*")}),
            Profile({"FGA": (19, 20)}),
        ]
        assert typed_patterns(profiles) == {
            TypedPattern(["FGA", "TH01"], ["TH01"]): 2,
            TypedPattern(["FGA"]): 1,
        }

    def test_refusals(self) -> None:
        for code, loci, wildcards in (
            ("bad_pattern", ["FGA"], ["TH01"]),
            ("unknown_locus", ["D0S0"], []),
            ("not_compared", ["AMEL"], []),
        ):
            with pytest.raises(InvalidInput) as caught:
                TypedPattern(loci, wildcards)
            assert caught.value.code == code
        with pytest.raises(AttributeError):
            TypedPattern(["FGA"]).loci = frozenset()  # type: ignore[misc]

    def test_sum_over_pairs_of_patterns(self) -> None:
        generator = random.Random(7)
        table = small_population(SEVEN)

        def gallery() -> dict[TypedPattern, int]:
            found: Counter[TypedPattern] = Counter()
            for _ in range(12):
                loci = [name for name in SEVEN if generator.random() < 0.95]
                wildcards = [name for name in loci if generator.random() < 0.1]
                found[TypedPattern(loci, wildcards)] += generator.randrange(1, 9)
            return dict(found)

        a, b = gallery(), gallery()
        slow = 0.0
        for (one, m), (two, n) in itertools.product(a.items(), b.items()):
            common = one.loci & two.loci
            slow += (
                m
                * n
                * match_chance(
                    table,
                    common,
                    UNION,
                    0.02,
                    wildcard_a=one.wildcards & common,
                    wildcard_b=two.wildcards & common,
                )
            )
        assert expected_adventitious_hits(a, b, table, UNION, 0.02) == pytest.approx(slow)
        assert expected_adventitious_hits(b, a, table, UNION, 0.02) == pytest.approx(slow)
        searches = sum(
            m * expected_hits_per_search(one, b, table, UNION, 0.02) for one, m in a.items()
        )
        assert searches == pytest.approx(slow)

        people = [pattern for pattern, count in a.items() for _ in range(count)]
        within = sum(
            expected_hits_per_search(one, {two: 1}, table, UNION)
            for one, two in itertools.combinations(people, 2)
        )
        assert expected_hits_within(a, table, UNION) == pytest.approx(within)

    def test_nothing_to_compare_gives_zero_hits(self) -> None:
        table = small_population(SEVEN)
        one = {TypedPattern(["FGA"]): 5}
        assert expected_adventitious_hits({}, one, table, STRICT6) == 0.0
        assert expected_adventitious_hits(one, {}, table, STRICT6) == 0.0
        assert expected_adventitious_hits(one, {TypedPattern(["VWA"]): 5}, table, STRICT6) == 0.0
        assert expected_hits_within({TypedPattern([]): 5}, table, STRICT6) == 0.0

    def test_loci_without_frequencies(self) -> None:
        table = small_population(("FGA", "TH01"))
        pattern = TypedPattern(["FGA", "TH01", "CD4", "VWA"])
        with pytest.raises(InvalidInput) as caught:
            expected_hits_within({pattern: 5}, table, STRICT6)
        assert caught.value.code == "no_frequencies"
        assert "VWA, CD4" in str(caught.value)
        # A locus that only one side has does not matter.
        other = TypedPattern(["FGA"])
        assert expected_adventitious_hits({pattern: 1}, {other: 1}, table, STRICT6) == 0.0
        one = Reading("one", 1, False, False, 0, 0)
        chance = expected_hits_per_search(pattern.restricted(table.loci), {other: 1}, table, one)
        assert chance == match_chance(table, ["FGA"], one)

    def test_bad_numbers(self) -> None:
        table = small_population(("FGA",))
        with pytest.raises(InvalidInput) as caught:
            expected_hits_within({TypedPattern(["FGA"]): -1}, table, STRICT6)
        assert caught.value.code == "bad_pattern"
        with pytest.raises(InvalidInput) as caught:
            match_chance(table, ["FGA"], STRICT6, 1.0)
        assert caught.value.code == "bad_theta"

    def test_policy_without_readings(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            match_chance(small_population(("FGA",)), ["FGA"], Policy(()))
        assert caught.value.code == "no_readings"


class TestProperties:
    @settings(max_examples=examples(30), deadline=None)
    @given(
        st.integers(1, 7),
        st.sets(st.sampled_from(SEVEN)),
        st.sets(st.sampled_from(SEVEN)),
        st.sampled_from([0.0, 0.02]),
    )
    def test_order_sides_and_unions(
        self, n: int, wild_a: set[str], wild_b: set[str], theta: float
    ) -> None:
        loci = SEVEN[:n]
        table = small_population(SEVEN)

        def chance(policy: Reading | Policy, swap: bool = False, backwards: bool = False) -> float:
            sides = [sorted(wild_a & set(loci)), sorted(wild_b & set(loci))]
            return match_chance(
                table,
                loci[::-1] if backwards else loci,
                policy,
                theta,
                wildcard_a=sides[swap],
                wildcard_b=sides[not swap],
            )

        single = [chance(reading) for reading in ALL_THREE.readings]
        both = chance(UNION)
        assert max(single[:2]) - 1e-15 <= both <= sum(single[:2]) + 1e-15
        assert chance(ALL_THREE) == pytest.approx(single[2], rel=1e-12, abs=1e-18)
        assert 0.0 <= both <= 1.0 + 1e-12
        assert chance(UNION, swap=True) == both
        assert chance(UNION, backwards=True) == both

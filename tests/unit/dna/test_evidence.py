from __future__ import annotations

import csv
import itertools
import math
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.dna.profiles.loci import loci
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.statistics.balding_nichols import next_allele
from prum_match.dna.statistics.frequencies import Frequencies, MinimumFrequency
from prum_match.dna.statistics.likelihood_ratio import (
    likelihood_ratio,
    match_probability_by_locus,
    random_match_probability,
)
from prum_match.errors import InvalidInput
from prum_match.samples import NIST_GENOTYPES
from support.examples import examples

DATA = NIST_GENOTYPES.parent
THETAS = st.floats(0.0, 0.5)
# Designations of D18S51; the test populations use some of them.
ALLELES = ("12", "13", "13.2", "14")


def one_locus(*alleles: str) -> Profile:
    return Profile({"D18S51": alleles})


@st.composite
def populations(draw: st.DrawFn) -> Frequencies:
    weights = draw(st.lists(st.integers(1, 50), min_size=2, max_size=4))
    p = {allele: weight / sum(weights) for allele, weight in zip(ALLELES, weights, strict=False)}
    return Frequencies({"D18S51": p})


def ordered_probability(p: dict[str, float], drawn: tuple[str, ...], theta: float) -> float:
    """The Dirichlet-multinomial probability of alleles in this order, by gamma functions."""
    if theta == 0.0:
        return math.prod(p[allele] for allele in drawn)
    scale = (1 - theta) / theta
    log = math.lgamma(scale) - math.lgamma(scale + len(drawn))
    for allele, share in p.items():
        log += math.lgamma(scale * share + drawn.count(allele)) - math.lgamma(scale * share)
    return math.exp(log)


def fits(pair: tuple[str, ...], genotype: tuple[str, ...]) -> bool:
    if "*" in pair:
        return pair[0] in genotype
    return sorted(pair) == sorted(genotype)


def enumerated_ratio(
    p: dict[str, float], one: tuple[str, str], two: tuple[str, str], theta: float
) -> float:
    genotypes = list(itertools.product(p, repeat=2))
    same = sum(ordered_probability(p, g, theta) for g in genotypes if fits(one, g) and fits(two, g))
    apart = sum(
        ordered_probability(p, g + h, theta)
        for g in genotypes
        for h in genotypes
        if fits(one, g) and fits(two, h)
    )
    return same / apart


def nist_people() -> dict[str, Profile]:
    with (DATA / "nist1036_genotypes.csv").open(newline="") as file:
        return {
            row["sample"]: Profile(
                {name[:-2]: (row[name], row[name[:-2] + "_2"]) for name in row if name[-2:] == "_1"}
            )
            for row in csv.DictReader(file)
        }


NIST_CAUCASIAN = Frequencies.from_csv(DATA / "nist1036_freqs.csv", population="Cauc")


class TestMatchProbability:
    def test_formula_4_10(self, shared: Callable[[str], Path]) -> None:
        with shared("data/dna/golden/nrc2_4_10_grid.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                p, q, theta = float(row["pa"]), float(row["pb"]), float(row["theta"])
                rest = {"14": 1.0 - p - q} if p + q < 1.0 else {}
                table = Frequencies({"D18S51": {"12": p, "13": q, **rest}})
                homozygote = random_match_probability(one_locus("12", "12"), table, theta)
                assert homozygote == pytest.approx(float(row["hom_a"]), rel=1e-12)
                heterozygote = random_match_probability(one_locus("12", "13"), table, theta)
                assert heterozygote == pytest.approx(float(row["het_ab"]), rel=1e-12)

    def test_formula_4_10_written_out(self) -> None:
        table = Frequencies({"D18S51": {"12": 0.1, "13": 0.1, "14": 0.8}})
        found = [
            random_match_probability(one_locus("12", other), table, 0.03) for other in ("12", "13")
        ]
        # Closed form at p = q = 0.1, theta = 0.03.
        assert found == pytest.approx([0.02689045612749588, 0.02954570434145448], rel=1e-13)

    def test_nist_person(self) -> None:
        # DNAprofiles 0.3.2 (mkruijver/DNAprofiles at 0c9926a) for person BC11352, 29 loci.
        profile = nist_people()["BC11352"]
        expected = {
            0.0: 7.50942955698588e-40,
            0.01: 6.47512073629745e-38,
            0.03: 4.55140621779299e-35,
        }
        for theta, probability in expected.items():
            found = random_match_probability(profile, NIST_CAUCASIAN, theta)
            assert found == pytest.approx(probability, rel=1e-12)

    def test_twenty_nist_people(self, shared: Callable[[str], Path]) -> None:
        people = nist_people()
        with shared("data/dna/golden/dnaprofiles_rmp_nist20.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 20
        for row in rows:
            for theta in ("0", "0.01", "0.03"):
                found = random_match_probability(
                    people[row["sample"]], NIST_CAUCASIAN, float(theta)
                )
                assert found == pytest.approx(float(row[f"cmp_theta_{theta}"]), rel=1e-12)

    @given(populations(), THETAS)
    def test_genotypes_sum_up_to_one(self, table: Frequencies, theta: float) -> None:
        p = list(table.alleles("D18S51").values())
        for a, b in itertools.combinations_with_replacement(range(len(p)), 2):
            total = 0.0
            for c, d in itertools.product(range(len(p)), repeat=2):
                seen = [a, b]
                first = next_allele(p[c], seen.count(c), 2, theta)
                seen.append(c)
                total += first * next_allele(p[d], seen.count(d), 3, theta)
            assert total == pytest.approx(1.0, rel=1e-12)

    @given(populations())
    def test_product_rule_sums_up_to_one(self, table: Frequencies) -> None:
        genotypes = itertools.combinations_with_replacement(
            ALLELES[: len(table.alleles("D18S51"))], 2
        )
        total = sum(random_match_probability(one_locus(*g), table, 0.0) for g in genotypes)
        assert total == pytest.approx(1.0, rel=1e-12)

    @given(populations(), THETAS, THETAS)
    def test_a_homozygote_grows_with_theta(
        self, table: Frequencies, one: float, two: float
    ) -> None:
        # Heterozygotes and wildcards need not: theta also takes away from the second allele.
        smaller, larger = (
            random_match_probability(one_locus("12", "12"), table, theta)
            for theta in sorted((one, two))
        )
        assert 0.0 < smaller <= larger * (1 + 1e-12)
        assert larger <= 1.0

    @given(populations(), THETAS, st.sampled_from([("12", "12"), ("12", "13"), ("13", "*")]))
    def test_is_a_probability(
        self, table: Frequencies, theta: float, pair: tuple[str, str]
    ) -> None:
        assert 0.0 < random_match_probability(one_locus(*pair), table, theta) <= 1.0

    @given(populations(), THETAS)
    def test_allele_order_makes_no_difference(self, table: Frequencies, theta: float) -> None:
        found = {
            random_match_probability(one_locus(*pair), table, theta)
            for pair in (("12", "13"), ("13", "12"))
        }
        assert len(found) == 1

    def test_wildcard_takes_the_larger_condition(self) -> None:
        table = Frequencies({"D18S51": {"12": 0.2, "13": 0.8}})
        partial = one_locus("12", "*")
        alone = random_match_probability(partial, table, 0.03)
        for other in ("12", "13"):
            ratio = likelihood_ratio(partial, one_locus("12", other), table, 0.03)
            assert 1.0 / ratio.value <= alone * (1 + 1e-12)
        assert random_match_probability(partial, table, 0.0) == pytest.approx(1 - 0.8**2)

    def test_by_locus(self) -> None:
        profile = nist_people()["BC11352"]
        factors = match_probability_by_locus(profile, NIST_CAUCASIAN, 0.01)
        assert list(factors) == list(NIST_CAUCASIAN.loci)
        assert math.prod(factors.values()) == pytest.approx(
            random_match_probability(profile, NIST_CAUCASIAN, 0.01)
        )

    def test_missing_frequencies(self) -> None:
        table = Frequencies({"TH01": {"6": 1.0}}, minimum=MinimumFrequency.fixed(0.01))
        profile = Profile({"TH01": ("6", "6"), "FGA": (21, 22), "VWA": (14, 15)})
        with pytest.raises(InvalidInput) as caught:
            random_match_probability(profile, table)
        assert caught.value.code == "no_frequencies"
        assert "VWA, FGA" in str(caught.value)
        assert random_match_probability(profile, table, 0.0, loci=["th01"]) == 1.0
        with pytest.raises(InvalidInput) as caught:
            random_match_probability(profile, table, loci=["D18S51"])
        assert caught.value.code == "no_loci"

    def test_unseen_allele_is_never_guessed(self) -> None:
        table = Frequencies({"TH01": {"6": 1.0}})
        with pytest.raises(InvalidInput) as caught:
            random_match_probability(Profile({"TH01": ("6", "7")}), table)
        assert caught.value.code == "unseen_allele"
        covered = table.with_minimum(MinimumFrequency.nrc2(250))
        assert random_match_probability(Profile({"TH01": ("6", "7")}), covered, 0.0) == 0.02

    @pytest.mark.parametrize("theta", [-0.01, 1.0, math.nan, math.inf, True, "0.01"])
    def test_bad_theta(self, theta: float) -> None:
        table = Frequencies({"D18S51": {"12": 1.0}})
        with pytest.raises(InvalidInput) as caught:
            random_match_probability(one_locus("12", "12"), table, theta)
        assert caught.value.code == "bad_theta"

    def test_forty_loci_do_not_underflow(self) -> None:
        names = [item.name for item in loci()[:40]]
        profile = Profile(dict.fromkeys(names, (10, 10)))
        for rare, log10 in ((1e-3, -240.0), (1e-9, -720.0)):
            table = Frequencies({name: {10: rare, 11: 1.0 - rare} for name in names})
            probability = random_match_probability(profile, table, 0.0)
            assert probability > 0.0
            ratio = likelihood_ratio(profile, profile, table, 0.0)
            assert ratio.log10 == pytest.approx(-log10, rel=1e-12)
            if -log10 < math.log10(sys.float_info.max):
                assert ratio.value == pytest.approx(1.0 / probability, rel=1e-9)
            else:
                assert ratio.value == math.inf


class TestLikelihoodRatio:
    def test_complete_profiles_give_the_inverse(self) -> None:
        profile = nist_people()["GT36864"]
        ratio = likelihood_ratio(profile, profile, NIST_CAUCASIAN, 0.03)
        assert ratio.value == pytest.approx(
            1.0 / random_match_probability(profile, NIST_CAUCASIAN, 0.03), rel=1e-12
        )
        assert ratio.notes == ()
        assert repr(ratio) == "<LikelihoodRatio: log10 33.064 over 29 loci>"

    @settings(max_examples=examples(60))
    @given(populations(), THETAS, st.data())
    def test_against_enumeration(
        self, table: Frequencies, theta: float, data: st.DataObject
    ) -> None:
        names = ALLELES[: len(table.alleles("D18S51"))]
        p = dict(zip(names, table.alleles("D18S51").values(), strict=True))
        sides = [
            (data.draw(st.sampled_from(names)), data.draw(st.sampled_from((*names, "*"))))
            for _ in range(2)
        ]
        theta = 0.0 if theta < 1e-6 else theta
        one, two = (one_locus(*side) for side in sides)
        found = likelihood_ratio(one, two, table, theta)
        assert found.value == pytest.approx(
            enumerated_ratio(p, sides[0], sides[1], theta), rel=1e-6
        )
        assert found.value == pytest.approx(likelihood_ratio(two, one, table, theta).value)

    def test_exclusion_names_the_locus(self) -> None:
        table = Frequencies({"D18S51": dict.fromkeys(ALLELES, 0.25), "TH01": {"6": 1.0}})
        trace = Profile({"D18S51": ("12", "13"), "TH01": ("6", "6")}, kind="stain")
        for pair in (("12", "14"), ("14", "*")):
            ratio = likelihood_ratio(trace, Profile({"D18S51": pair, "TH01": ("6", "6")}), table)
            assert (ratio.value, ratio.log10) == (0.0, -math.inf)
            assert ratio.by_locus["D18S51"] == 0.0
            assert ratio.by_locus["TH01"] == 1.0
            assert ratio.notes == ("D18S51: the two profiles cannot come from one person",)

    def test_notes(self) -> None:
        table = Frequencies(
            {"D18S51": dict.fromkeys(ALLELES, 0.25), "TH01": {"6": 0.5, "7": 0.25, "8": 0.25}}
        )
        trace = Profile({"D18S51": ("12", "13", "14"), "TH01": ("6", "7", "8")}, kind="stain")
        person = Profile({"D18S51": ("12", "13"), "FGA": (21, 22)})
        assert likelihood_ratio(trace, person, table).notes == (
            "D18S51: wildcard, counted as one allele present",
            "TH01: typed in one profile only, not used",
            "FGA: typed in one profile only, not used",
            "the trace is a suspected mixture; the ratio takes it as one person's",
        )

    def test_restricted_to_loci(self) -> None:
        table = Frequencies({"TH01": {"6": 0.5, "7": 0.5}})
        profile = Profile({"TH01": ("6", "6"), "FGA": (21, 22)})
        with pytest.raises(InvalidInput) as caught:
            likelihood_ratio(profile, profile, table)
        assert caught.value.code == "no_frequencies"
        assert likelihood_ratio(profile, profile, table, 0.0, loci=["TH01"]).value == 4.0

    def test_profiles_without_common_loci(self) -> None:
        table = Frequencies({"TH01": {"6": 1.0}})
        with pytest.raises(InvalidInput) as caught:
            likelihood_ratio(Profile({"TH01": (6, 6)}), Profile({"FGA": (21, 22)}), table)
        assert caught.value.code == "no_loci"

    def test_minimum_frequencies_of_two_wildcards(self) -> None:
        table = Frequencies({"D18S51": {"12": 1.0}}, minimum=MinimumFrequency.fixed(0.7))
        ratio = likelihood_ratio(one_locus("12", "*"), one_locus("13", "*"), table, 0.0)
        assert 0.0 < ratio.value < math.inf

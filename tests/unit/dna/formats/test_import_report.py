from __future__ import annotations

import csv

import pytest

from prum_match.dna import read_csv
from prum_match.dna.formats import (
    AlleleRange,
    Ladder,
    OutOfRange,
    ProfileFile,
    import_report,
    nist_1036_observed,
)
from prum_match.dna.profiles.alleles import parse_allele
from prum_match.dna.profiles.loci import ESS_7, ESS_12, locus
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.rules.inclusion import INCLUSION_PRUM2
from prum_match.errors import InvalidInput
from prum_match.samples import NIST_GENOTYPES as NIST

FULL = dict.fromkeys(ESS_7, ("15", "16"))


def file_of(**profiles: Profile) -> ProfileFile:
    return ProfileFile(tuple(profiles), tuple(profiles.values()), ())


def test_the_population_sample_is_clean() -> None:
    file = read_csv(NIST)
    report = import_report(file, ladder=nist_1036_observed())
    assert report.n_profiles == 1036
    assert report.ladder == "alleles observed at NIST 1036"
    assert report.out_of_ladder == ()
    assert report.duplicate_genotypes == ()
    assert report.suspected_mixtures == ()
    assert dict(report.under_floor) == {}
    assert report.problems == file.problems
    assert report.refused == ()


def test_the_observed_ranges_are_those_of_the_population_sample() -> None:
    lengths: dict[str, set[int]] = {}
    with NIST.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            for column, allele in row.items():
                if column not in ("sample", "pop") and allele:
                    item = locus(column[:-2])
                    length = parse_allele(item, allele)
                    assert length is not None
                    lengths.setdefault(item.name, set()).add(length)
    ranges = {name: AlleleRange(min(found), max(found)) for name, found in lengths.items()}
    assert dict(nist_1036_observed().ranges) == ranges
    assert "NIST" in nist_1036_observed().source


def test_alleles_outside_the_ladder() -> None:
    ladder = Ladder.of("house", "kit insert", {"th 01": ("5", "13.3"), "vWA": (10, 25)})
    file = file_of(
        A=Profile({"TH01": ("4", "13.3"), "VWA": (10, 26), "FGA": (60, 61)}),
        B=Profile({"TH01": ("5", "9.3"), "VWA": ("9", "OL")}),
        C=Profile({"TH01": ("5", "9.3")}),
    )
    assert import_report(file, ladder=ladder).out_of_ladder == (
        OutOfRange("A", "TH01", True),
        OutOfRange("A", "VWA", False),
        OutOfRange("B", "VWA", True),
    )
    without = import_report(file)
    assert without.ladder is None
    assert without.out_of_ladder == ()


@pytest.mark.parametrize(
    ("ranges", "code"),
    [
        ({"TH01": ("9", "5")}, "bad_ladder"),
        ({"TH01": ("<5", "9")}, "bad_ladder"),
        ({"TH01": ("5", "9.4")}, "bad_allele"),
        ({"NOPE": ("5", "9")}, "unknown_locus"),
    ],
)
def test_invalid_ladders_are_refused(ranges: dict[str, tuple[str, str]], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Ladder.of("house", "kit insert", ranges)
    assert caught.value.code == code


def test_duplicate_genotypes_are_groups_across_kinds() -> None:
    file = file_of(
        A=Profile(FULL),
        B=Profile({**FULL, "FGA": ("16", "15")}, kind="stain"),
        C=Profile({**FULL, "TPOX": ("8", "9")}),
        D=Profile({**FULL, "AMEL": "X"}),
        E=Profile({}),
        F=Profile({"AMEL": "X"}),
    )
    assert import_report(file).duplicate_genotypes == (("A", "B", "D"),)


def test_mixtures_and_profiles_under_the_floor() -> None:
    triple = ("14", "15", "16")
    file = file_of(
        A=Profile({**FULL, "TPOX": triple}),
        B=Profile({**FULL, "TPOX": triple, "D7S820": triple}),
        C=Profile(dict.fromkeys(ESS_12[5:], ("15", "16"))),
        D=Profile(dict.fromkeys(ESS_7[:5], ("15", "16")), kind="stain"),
    )
    report = import_report(file)
    assert report.suspected_mixtures == ("B",)
    assert {name: [note.rule for note in notes] for name, notes in report.under_floor.items()} == {
        "C": ["min_core"],
        "D": ["min_loci"],
    }
    assert report.rule == "prum-2008-inclusion"
    other = import_report(file, inclusion=INCLUSION_PRUM2)
    assert set(other.under_floor) == {"D"}
    assert other.rule == "prum2-inclusion"


def test_refused_profiles_are_listed_apart() -> None:
    file = read_csv(b"sample,pop,FGA_1,FGA_2\nA,x,21,24\nB,x,21,777\n")
    report = import_report(file)
    assert [problem.code for problem in report.problems] == ["ignored_column", "bad_allele"]
    assert [problem.reference_id for problem in report.refused] == ["B"]

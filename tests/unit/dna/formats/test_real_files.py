"""Files written by programs of laboratories; their licence keeps them out of this repository."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from prum_match.dna import read_codis, read_csv, read_genemapper
from prum_match.dna.formats import ProfileFile, import_report, nist_1036_observed
from prum_match.errors import InvalidInput, PrumError

SHARED = Path(os.environ.get("PRUM_SHARED", Path(__file__).parents[5] / "shared"))
DNA = SHARED / "data" / "dna"
SAMPLES = DNA / "exchange_samples"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the sample files are not here; PRUM_SHARED names their folder"
)

READERS: dict[str, Callable[[Path | bytes], ProfileFile]] = {
    "csv": read_csv,
    "codis": read_codis,
    "genemapper": read_genemapper,
}
# Reader, profiles, problems that refuse a profile, problems that do not, fewest and most loci.
EXPECTED: dict[str, tuple[str, int, dict[str, int], dict[str, int], tuple[int, int] | None]] = {
    "lrmixstudio__5716083_RAAK1234NL.txt": ("csv", 1, {}, {"ignored_column": 8}, (15, 15)),
    "lrmixstudio__eDNASample.csv": ("csv", 1, {}, {"ignored_column": 6}, (15, 15)),
    "lrmixstudio__genemapperSample.txt": (
        "genemapper",
        0,
        {"mixture": 1},
        {"ignored_column": 1},
        None,
    ),
    "lrmixstudio__sampleProfile.csv": ("csv", 0, {"mixture": 2}, {}, None),
    "lrmixstudio__sampleProfile_duplicateAlleles.csv": ("csv", 0, {"mixture": 2}, {}, None),
    "smartrank_databases_codis__database_codis_generated_10.csv": ("csv", 10, {}, {}, (11, 17)),
    "smartrank_databases_codis__database_codis_generated_10_2fields.csv": (
        "csv",
        10,
        {},
        {},
        (11, 17),
    ),
    "smartrank_databases_codis__database_codis_generated_10_3fields.csv": (
        "csv",
        10,
        {},
        {},
        (11, 17),
    ),
    "smartrank_databases_codis__database_codis_generated_44.csv": ("csv", 44, {}, {}, (23, 23)),
    "smartrank_samples_codis__Codis-Single-Profile.xml": ("codis", 1, {}, {}, (15, 15)),
    "smartrank_samples_codis__no-profiles.xml": ("codis", 0, {}, {}, None),
    "smartrank_samples_codis__sample.csv": ("csv", 0, {"mixture": 4}, {}, None),
    "smartrank_samples_genemapper__GeneMapperExample.txt": (
        "genemapper",
        0,
        {"mixture": 4},
        {},
        None,
    ),
    "smartrank_samples_genemapper__GeneMapperExampleWithHeights.txt": (
        "genemapper",
        3,
        {"mixture": 1},
        {"ignored_column": 1},
        (15, 15),
    ),
    "smartrank_samples_lrmix__suspect.csv": ("csv", 1, {}, {}, (16, 16)),
    "smartrank_samples_lrmix__suspect.tsv": ("csv", 1, {}, {}, (16, 16)),
    "smartrank_samples_lrmix__suspect2.csv": ("csv", 1, {}, {}, (16, 16)),
}
NO_PROFILES = {
    "lrmixstudio__samplePopulationStatistics.csv": "csv",
    "smartrank_samples_genemapper__GeneMapperExampleBrokenHeader.txt": "genemapper",
}


def test_every_sample_file_is_expected() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {*EXPECTED, *NO_PROFILES}


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_file(name: str) -> None:
    reader, count, refused, noted, loci = EXPECTED[name]
    file = READERS[reader](SAMPLES / name)
    assert len(file.reference_ids) == len(file) == count
    assert Counter(p.code for p in file.problems if p.refused) == refused
    assert Counter(p.code for p in file.problems if not p.refused) == noted
    if loci is not None:
        sizes = [len(profile.pairs) for profile in file.profiles]
        assert (min(sizes), max(sizes)) == loci
    import_report(file, ladder=nist_1036_observed())


@pytest.mark.parametrize("name", NO_PROFILES)
def test_files_without_profiles_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="bad_header"):
        READERS[NO_PROFILES[name]](SAMPLES / name)


def test_one_database_with_two_three_and_four_columns_a_locus() -> None:
    stem = "smartrank_databases_codis__database_codis_generated_10"
    files = [read_csv(SAMPLES / f"{stem}{end}.csv") for end in ("", "_2fields", "_3fields")]
    assert files[0].profiles == files[1].profiles == files[2].profiles


def test_one_suspect_in_three_files() -> None:
    stem = "smartrank_samples_lrmix__suspect"
    files = [read_csv(SAMPLES / f"{stem}{end}") for end in (".csv", ".tsv", "2.csv")]
    assert files[0] == files[1] == files[2]
    assert files[0].profiles[0].pairs["TH01"] == (24, 39)


def test_a_single_value_of_an_unknown_stain() -> None:
    file = read_codis(SAMPLES / "smartrank_samples_codis__Codis-Single-Profile.xml")
    singles = [note.locus for note in file.profiles[0].notes if note.rule == "N7b"]
    assert singles
    assert all(file.profiles[0].pairs[name or ""][1] == 0xFFFF for name in singles)


def test_example_databases() -> None:
    file = read_csv(DNA / "dnatools_dbExample_1000x10loci.csv")
    assert (len(file), file.problems) == (1000, ())
    assert {len(profile.pairs) for profile in file.profiles} == {10}
    wild = read_csv(DNA / "golden" / "dnatools_wildcard_input.csv")
    assert (len(wild), wild.problems) == (300, ())
    notes = [note.rule for profile in wild.profiles for note in profile.notes]
    assert set(notes) == {"N3"}
    assert len(notes) == 60


@pytest.mark.parametrize("name", EXPECTED)
def test_truncated_sample_files(name: str) -> None:
    reader = READERS[EXPECTED[name][0]]
    data = (SAMPLES / name).read_bytes()
    for end in range(0, len(data), max(1, len(data) // 40)):
        try:
            file = reader(data[:end])
        except PrumError:
            continue
        assert len(file.reference_ids) == len(file.profiles)

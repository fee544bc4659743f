from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.dna import read_genemapper
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput, PrumError
from support.examples import examples

PLAIN = (
    "Sample File\tSample Name\tvWA\tTH01\tAMEL\tDYS391\t\r\n"
    "a.fsa\tS-1\t16, 17, , , \t6, 9.3, , , \tX, Y, , , \t10, , , , \t\r\n"
    "b.fsa\tS-2\t16, , , , \tOL, 9.3, , , \tX, , , , \t, , , , \t\r\n"
)
HEIGHTS = (
    "Sample File\tSample Name\tvWA\tHeight\tTH01\tHeight\n"
    "a.fsa\tS-1\t16, 17, , \t500, 480, , \t6, 9.3, , \t300, 310, , \n"
    "b.fsa\tS-2\t16, 17, 18, 19\t1, 2, 3, 4\t6, 7, , \t300, 310, , \n"
)


def refused(code: str, source: Any, **options: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_genemapper(source, **options)
    assert caught.value.code == code


def test_a_table_without_heights() -> None:
    file = read_genemapper(PLAIN.encode(), kind="stain")
    assert file.problems == ()
    assert file.reference_ids == ("S-1", "S-2")
    first, second = file.profiles
    assert first.pairs == {"VWA": (64, 68), "TH01": (24, 39)}
    assert first.amelogenin == ("X", "Y")
    assert [(note.rule, note.locus) for note in first.notes] == [("export", "DYS391")]
    assert second.pairs == {"VWA": (64, WILDCARD), "TH01": (39, WILDCARD)}
    assert second.kind is Kind.STAIN
    assert read_genemapper(PLAIN.encode()).profiles[1].pairs["VWA"] == (64, 64)
    dropped = read_genemapper(PLAIN.encode(), single_allele="drop")
    assert "VWA" not in dropped.profiles[1].pairs


def test_a_table_with_heights() -> None:
    file = read_genemapper(HEIGHTS.encode())
    assert file.reference_ids == ("S-1",)
    assert file.profiles[0].pairs == {"VWA": (64, 68), "TH01": (24, 39)}
    assert [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems] == [
        (1, None, "Height", "ignored_column", False),
        (3, "S-2", "VWA", "mixture", True),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    file = read_genemapper(PLAIN.replace("a.fsa", "ä.fsa").encode(encoding))
    assert len(file) == 2
    found = [problem.code for problem in file.problems]
    assert found == (["encoding"] if encoding == "latin-1" else [])


@pytest.mark.parametrize(
    "header",
    [
        "Smaple File\tSample Name\tvWA",
        "Sample File\tvWA",
        "Sample Name\tSample File\tvWA",
        "Sample File",
        "Sample File\tSample Name",
        "Sample File\tSample Name\tPanel\tDye",
        "Sample File,Sample Name,vWA",
        "a.fsa\tS-1\t16, 17",
    ],
)
def test_broken_headers_are_refused(header: str) -> None:
    refused("bad_header", f"{header}\na.fsa\tS-1\t16, 17\n".encode())


def test_headers_that_name_a_marker_twice_are_refused() -> None:
    refused("duplicate_locus", b"Sample File\tSample Name\tvWA\tVWA31\na\tS-1\t16, 17\t16, 17\n")


@pytest.mark.parametrize("source", [b"", b"\n\n", b"\xef\xbb\xbf", b'""\n'])
def test_empty_files_are_refused(source: bytes) -> None:
    refused("empty_file", source)


def test_options_are_checked() -> None:
    refused("bad_kind", PLAIN.encode(), kind="?")
    refused("bad_option", PLAIN.encode(), single_allele="?")
    refused("too_large", PLAIN.encode(), max_bytes=10)


def test_columns_and_rows_that_are_not_read_are_reported() -> None:
    text = (
        "Sample File\tSample Name\tPanel\tD99S1\tFGA_1\tTH01\n"
        "a\tS-1\tNGM\t1, 2\t5\t6, 7\n"
        "a\tS-1\tNGM\t1, 2\t5\t6, 8\n"
        "a\t\tNGM\t1, 2\t5\t6, 8\n"
        "a\tS-3\tNGM\t1, 2\t5\n"
        "a\tS-4\tNGM\t1, 2\t5\t6, 9.4\n"
    )
    file = read_genemapper(text.encode())
    assert file.reference_ids == ("S-1",)
    assert file.profiles[0].pairs == {"TH01": (24, 28)}
    assert [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems] == [
        (1, None, "Panel", "ignored_column", False),
        (1, None, "D99S1", "unknown_locus", False),
        (1, None, "FGA_1", "ignored_column", False),
        (3, "S-1", None, "duplicate_reference", True),
        (4, None, None, "missing_id", True),
        (5, None, None, "ragged_row", True),
        (6, "S-4", "TH01", "bad_allele", True),
    ]


@pytest.mark.parametrize("whole", [PLAIN, HEIGHTS])
def test_truncation_anywhere_ends_in_an_error_or_in_problems(whole: str) -> None:
    data = whole.encode()
    for end in range(len(data)):
        try:
            file = read_genemapper(data[:end])
        except PrumError:
            continue
        assert len(file.reference_ids) == len(file.profiles)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=100) | st.text(alphabet='S-1,\t\n"9.X\r', max_size=100).map(str.encode))
def test_noise_ends_in_an_error_or_in_problems(noise: bytes) -> None:
    for source in (noise, b"Sample File\tSample Name\tFGA\tTH01\n" + noise):
        try:
            file = read_genemapper(source)
        except PrumError:
            continue
        assert len(file.reference_ids) == len(file.profiles)

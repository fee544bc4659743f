"""Rows of delimited text, and the meaning of header cells."""

from __future__ import annotations

import pytest

from prum_match.dna.formats.tables import (
    Row,
    fold,
    is_height,
    marker_column,
    rows,
    sniff,
    unknown_marker,
)
from prum_match.errors import InvalidInput


def test_rows_keep_their_line_numbers() -> None:
    assert list(rows('a,b\n\n,,\n"c",d', ",")) == [Row(1, ["a", "b"]), Row(4, ["c", "d"])]


def test_quoted_delimiters_do_not_count() -> None:
    assert sniff('sample;"a, b, c";FGA') == ";"
    with pytest.raises(InvalidInput) as caught:
        sniff("sample")
    assert caught.value.code == "bad_header"


def test_header_cells_are_folded() -> None:
    assert fold(" Sample Name") == "samplename"
    assert is_height("Height 3")
    assert not is_height("Allele 3")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("FGA_2", ("FGA", 2)),
        ("TH01", ("TH01", 0)),
        ("Penta D 1", ("Penta D", 1)),
        ("population", None),
        ("FGA" + "_" * 80, None),
    ],
)
def test_marker_columns(header: str, found: tuple[str, int] | None) -> None:
    assert marker_column(header) == found


@pytest.mark.parametrize(
    ("header", "code"),
    [("D99S1_1", "unknown_locus"), ("D5S2500", "ambiguous_locus"), ("population", None)],
)
def test_columns_of_unknown_loci_are_distinguished_from_others(
    header: str, code: str | None
) -> None:
    assert unknown_marker(header) == code

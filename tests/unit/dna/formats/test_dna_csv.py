from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.dna import read_csv
from prum_match.dna.formats import ImportProblem, ProfileFile
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.errors import InvalidInput, PrumError
from prum_match.samples import NIST_GENOTYPES as NIST
from support.examples import examples


def codes(file: ProfileFile) -> list[str]:
    return [problem.code for problem in file.problems]


def only(file: ProfileFile) -> Profile:
    assert len(file.profiles) == 1
    return file.profiles[0]


def refused(code: str, source: Any, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_csv(source, **options)
    assert caught.value.code == code
    return caught.value


# --- the wide layout ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "sample,FGA_1,FGA_2,TH01_1,TH01_2",
        "Sample Name,FGA.1,FGA.2,th01.1,th01.2",
        "SampleName,FGA 1,FGA 2,TH 01 1,TH 01 2",
        "specimenId,FIBRA-1,FIBRA-2,TC11_1,TC11_2",
        "id,FGA,FGA,TH01,TH01",
        "ID,FGA,FGA.1,TH01,TH01.1",
        "UD1,FGA _ 1,FGA _ 2,TH01_1,TH01_2",
        "reference_id,FGA_1,FGA_2,TH01_1,TH01_2",
        ",FGA_1,FGA_2,TH01_1,TH01_2",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_headers_delimiters_and_line_endings(header: str, delimiter: str, ending: str) -> None:
    text = ending.join([header, "A-17,21,24,6,9.3", ""]).replace(",", delimiter)
    file = read_csv(text.encode())
    assert file.reference_ids == ("A-17",)
    assert only(file).pairs == {"FGA": (84, 96), "TH01": (24, 39)}
    assert file.problems == ()


def test_sources(tmp_path: Path) -> None:
    data = b"sample,FGA_1,FGA_2\nA,21,24\n"
    path = tmp_path / "profiles.csv"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert read_csv(file) == read_csv(data) == read_csv(path) == read_csv(str(path))
    refused("bad_source", io.StringIO("sample,FGA_1\n"))
    refused("bad_source", 5)
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "nothing.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    file = read_csv("sample,FGA_1,FGA_2,région\nA,21,24,x\n".encode(encoding))
    assert only(file).pairs == {"FGA": (84, 96)}
    assert [(problem.code, problem.field) for problem in file.problems] == [
        ("ignored_column", "région")
    ]


def test_latin_1_is_read_and_reported() -> None:
    file = read_csv("sample,FGA_1,FGA_2,région\nA,21,24,x\n".encode("latin-1"))
    assert only(file).pairs == {"FGA": (84, 96)}
    assert [(problem.code, problem.field) for problem in file.problems] == [
        ("encoding", None),
        ("ignored_column", "région"),
    ]


def test_null_and_blank_are_missing_values() -> None:
    file = read_csv(
        b"sample,FGA_1,FGA_2,FGA_3,FGA_4,TH01_1,TH01_2,TH01_3,TH01_4\nA,21,24,NULL,null,,6,  ,9.3\n"
    )
    assert only(file).pairs == {"FGA": (84, 96), "TH01": (24, 39)}
    assert only(file).notes == ()


def test_tokens_of_the_annex_are_not_blank() -> None:
    file = read_csv(b"sample,FGA_1,FGA_2,TH01_1,TH01_2\nA,21,na,6,OL\n")
    assert only(file).pairs == {"FGA": (84, WILDCARD), "TH01": (24, WILDCARD)}


@pytest.mark.parametrize("order", ["FGA_1,FGA_2,FGA_3", "FGA_3,FGA_2,FGA_1"])
def test_the_number_of_the_column_orders_the_alleles(order: str) -> None:
    values = {"FGA_1": "24", "FGA_2": "21", "FGA_3": "26"}
    row = ",".join(values[name] for name in order.split(","))
    file = read_csv(f"sample,{order}\nA,{row}\n".encode())
    assert only(file).pairs == {"FGA": (96, WILDCARD)}


def test_columns_without_numbers_keep_the_order_of_the_file() -> None:
    file = read_csv(b"sample,FGA,FGA,FGA\nA,24,21,26\n")
    assert only(file).pairs == {"FGA": (96, WILDCARD)}


def test_four_values_are_a_mixture_and_the_others_are_read() -> None:
    file = read_csv(
        b"sample,FGA_1,FGA_2,FGA_3,FGA_4,FGA_5,FGA_6\nA,20,21,22,23,,\nB,20,21,,,,\nC,1,2,3,4,5,6\n"
    )
    assert file.reference_ids == ("B",)
    assert [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems] == [
        (2, "A", "FGA", "mixture", True),
        (4, "C", "FGA", "mixture", True),
    ]


def test_decimal_commas() -> None:
    text = 'sample;TH01_1;TH01_2\nA;6;9,3\nB;6;9.3\nC;6;"n.a."\nD;6;10,0\n'
    file = read_csv(text.encode(), decimal=",")
    assert file.reference_ids == ("A", "C", "D")
    assert [profile.pairs["TH01"] for profile in file.profiles] == [
        (24, 39),
        (24, WILDCARD),
        (24, 40),
    ]
    assert file.profiles[1].originals["TH01"] == ("6", "n.a.")
    assert [(p.reference_id, p.code) for p in file.problems] == [("B", "bad_allele")]
    point = read_csv(text.encode())
    assert point.reference_ids == ("B", "C")
    assert codes(point) == ["bad_allele", "bad_allele"]
    quoted = read_csv(b'sample,TH01_1,TH01_2\nA,6,"9,3"\n', decimal=",")
    assert only(quoted).pairs == {"TH01": (24, 39)}


def test_columns_that_are_not_read_are_reported_once() -> None:
    file = read_csv(
        b"sample,pop,FGA_1,FGA_2,D99S123_1,D5S2500_1,Height 1,,Foo_1\n"
        b"A,x,21,24,10,11,500,,z\nB,x,21,25,10,11,500,,z\n"
    )
    assert file.reference_ids == ("A", "B")
    assert [(p.line, p.field, p.code, p.refused) for p in file.problems] == [
        (1, "pop", "ignored_column", False),
        (1, "D99S123_1", "unknown_locus", False),
        (1, "D5S2500_1", "ambiguous_locus", False),
        (1, "Height 1", "ignored_column", False),
        (1, "Foo_1", "ignored_column", False),
    ]


def test_markers_that_are_never_compared_are_noted_on_the_profile() -> None:
    file = read_csv(b"sample,FGA_1,FGA_2,DYS391_1,Yindel,QS1,DYS391_1\nA,21,24,10,1,x,12\n")
    assert file.problems == ()
    dropped = [note.locus for note in only(file).notes if note.rule == "export"]
    assert dropped == ["DYS391", "Yindel", "QS1"]


def test_amelogenin_and_single_values() -> None:
    text = b"sample,AMEL_1,AMEL_2,FGA_1,FGA_2\nA,X,Y,21,\n"
    assert only(read_csv(text)).pairs == {"FGA": (84, 84)}
    assert only(read_csv(text)).amelogenin == ("X", "Y")
    assert only(read_csv(text, kind="stain")).pairs == {"FGA": (84, WILDCARD)}
    assert only(read_csv(text, kind=Kind.STAIN, single_allele="homozygote")).pairs == {
        "FGA": (84, 84)
    }
    assert only(read_csv(text, single_allele="drop")).pairs == {}


def test_kind_and_single_allele_columns_win_over_the_parameters() -> None:
    text = (
        b"sample,kind,single_allele,FGA_1,FGA_2\n"
        b"A,,,21,\nB,P,,21,\nC,reference,drop,21,\nD,trace,homozygote,21,\nE,odd,,21,\n"
        b"F,,odd,21,\n"
    )
    file = read_csv(text, kind="stain")
    assert file.reference_ids == ("A", "B", "C", "D")
    kinds = [Kind.STAIN, Kind.REFERENCE, Kind.REFERENCE, Kind.STAIN]
    assert [profile.kind for profile in file.profiles] == kinds
    pairs = [dict(profile.pairs) for profile in file.profiles]
    assert pairs == [{"FGA": (84, WILDCARD)}, {"FGA": (84, 84)}, {}, {"FGA": (84, 84)}]
    assert [(p.line, p.reference_id, p.code) for p in file.problems] == [
        (6, "E", "bad_kind"),
        (7, "F", "bad_option"),
    ]


def test_ids() -> None:
    long = "x" * 65
    text = f"sample,FGA_1,FGA_2\n,21,24\nA,21,24\nÄ,21,24\n{long},21,24\nA,21,25\n B ,21,24\n"
    file = read_csv(text.encode())
    assert file.reference_ids == ("A", "B")
    assert file.profiles[0].pairs == {"FGA": (84, 96)}
    assert [(p.line, p.reference_id, p.code, p.refused) for p in file.problems] == [
        (2, None, "missing_id", True),
        (4, None, "bad_reference_id", True),
        (5, None, "bad_reference_id", True),
        (6, "A", "duplicate_reference", True),
    ]
    assert "Ä" not in repr(file.problems)
    assert file.problems[1].value == "Ä"


def test_ragged_rows_are_refused_and_trailing_delimiters_are_not() -> None:
    file = read_csv(b"sample,FGA_1,FGA_2\nA,21\nB,21,24,26\nC,21,24,,\nD,21,24\nE\n\n , ,\n")
    assert file.reference_ids == ("C", "D")
    assert [(p.line, p.reference_id, p.code) for p in file.problems] == [
        (2, "A", "ragged_row"),
        (3, "B", "ragged_row"),
        (6, "E", "ragged_row"),
    ]
    assert all(problem.refused for problem in file.problems)


def test_a_bad_value_is_not_in_the_text() -> None:
    file = read_csv(b"sample,FGA_1,FGA_2\nA,21,777\nB,21,24\n")
    assert file.reference_ids == ("B",)
    problem = file.problems[0]
    assert (problem.line, problem.field, problem.code) == (2, "FGA", "bad_allele")
    assert problem.value == "777"
    assert "777" not in repr(file.problems)


def test_problems_are_frozen_and_compare_without_their_value() -> None:
    a = ImportProblem(1, "A", "FGA", "x", "y", value="1")
    assert a == ImportProblem(1, "A", "FGA", "x", "y", value="2")
    with pytest.raises(AttributeError):
        a.code = "z"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty_file"),
        (b" \n\t\n", "empty_file"),
        (b"\xef\xbb\xbf", "bad_header"),
        (b"sample", "bad_header"),
        (b"pop,FGA_1,FGA_2\nx,21,24\n", "bad_header"),
        (b"sample,pop\nA,x\n", "bad_header"),
        (b"sample,marker\nA,FGA\n", "bad_header"),
        (b"FGA,21,24\n", "bad_header"),
        (b"sample,FGA_1,FGA_1\nA,21,24\n", "duplicate_locus"),
        (b"sample,vWA_1,VWA_2\nA,16,17\n", "duplicate_locus"),
        (b"sample,FGA_1," + b"x" * 200_000 + b"\n", "bad_csv"),
    ],
)
def test_files_without_a_profile_table_are_refused(source: bytes, code: str) -> None:
    refused(code, source)


def test_options_are_checked() -> None:
    data = b"sample,FGA_1\nA,21\n"
    refused("bad_option", data, decimal="'")
    refused("bad_option", data, delimiter="|")
    refused("bad_option", data, single_allele="both")
    refused("bad_kind", data, kind="suspect")
    refused("too_large", data, max_bytes=len(data) - 1)
    refused("too_large", io.BytesIO(data), max_bytes=len(data) - 1)
    assert len(read_csv(data, max_bytes=len(data))) == 1


def test_a_given_delimiter_is_not_guessed() -> None:
    data = b"sample;FGA_1;FGA_2;a,b,c,d,e,f\nA;21;24;x\n"
    refused("bad_header", data)
    assert only(read_csv(data, delimiter=";")).pairs == {"FGA": (84, 96)}


# --- the long layout ----------------------------------------------------------------------------

LONG = (
    "Sample Name,Marker,Allele 1,Height 1,Allele 2,Height 2,Allele 3,Height 3\n"
    "S-1,AMEL,X,500,Y,480,,\n"
    "S-1,vWA,16,1,17,1,,\n"
    "S-2,FGA,21,1,,,,\n"
    "S-1,FGA,21,1,OL,1,24,1\n"
    "S-2,Penta D,9,1,11,1,,\n"
)


def test_the_long_layout() -> None:
    file = read_csv(LONG.encode(), kind="S")
    assert file.reference_ids == ("S-1", "S-2")
    first, second = file.profiles
    assert first.pairs == {"VWA": (64, 68), "FGA": (84, WILDCARD)}
    assert first.amelogenin == ("X", "Y")
    assert first.originals["FGA"] == ("21", "OL", "24")
    assert second.pairs == {"FGA": (84, WILDCARD), "PentaD": (45, 55)}
    assert [(p.field, p.code) for p in file.problems] == [
        (f"Height {number}", "ignored_column") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    "header",
    [
        "SampleName,Marker,Allele1,Allele2",
        "sample,locus,allele_1,allele_2",
        "specimenId,LocusName,Allele,Allele",
        "UD1,marker name,ALLELE.1,ALLELE.2",
        "sample,Marker,Allele 2,Allele 1",
    ],
)
def test_headers_of_the_long_layout(header: str) -> None:
    file = read_csv(f"{header}\nA,TH01,6,9.3\n".encode())
    assert only(file).pairs == {"TH01": (24, 39)}
    assert file.problems == ()


def test_a_bad_row_refuses_its_profile_and_no_other() -> None:
    text = (
        "sample,marker,allele1,allele2\n"
        "A,FGA,21,24\nA,TH01,6,9.4\nB,FGA,21,24\nC,FGA,21\nC,TH01,6,7\nB,TH01,6,7\n,TH01,6,7\nD\n"
    )
    file = read_csv(text.encode())
    assert file.reference_ids == ("B",)
    assert [(p.line, p.reference_id, p.field, p.code) for p in file.problems] == [
        (5, "C", None, "ragged_row"),
        (8, None, None, "missing_id"),
        (9, "D", None, "ragged_row"),
        (3, "A", "TH01", "bad_allele"),
    ]


def test_unknown_markers_are_reported_and_left_out() -> None:
    text = "sample,marker,allele1,allele2\nA,D99S1,1,2\nA,D5S2500,1,2\nA,,6,7\nA,TH01,6,7\n"
    file = read_csv(text.encode())
    assert only(file).pairs == {"TH01": (24, 28)}
    assert [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems] == [
        (2, "A", "D99S1", "unknown_locus", False),
        (3, "A", "D5S2500", "ambiguous_locus", False),
        (4, "A", "", "unknown_locus", False),
    ]


def test_repeated_markers() -> None:
    text = (
        "sample,marker,allele1,allele2\n"
        "A,vWA,16,17\nA,VWA,17,16\nB,vWA,16,17\nB,VWA31,16,18\nB,TH01,6,7\n"
    )
    file = read_csv(text.encode())
    assert file.reference_ids == ("A",)
    assert [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems] == [
        (3, "A", "VWA", "repeated_marker", False),
        (5, "B", "VWA", "duplicate_locus", True),
    ]


def test_ignored_markers_of_the_long_layout() -> None:
    text = "sample,marker,allele1,allele2\nA,DYS391,10,\nA,DYS391,9,\nA,Yindel,1,\nA,TH01,6,7\n"
    file = read_csv(text.encode())
    assert file.problems == ()
    assert [note.locus for note in only(file).notes] == ["DYS391", "Yindel"]


def test_the_rows_of_a_profile_agree_about_its_kind() -> None:
    text = (
        "sample,marker,kind,allele1,allele2\n"
        "A,FGA,stain,21,\nA,TH01,S,6,\nB,FGA,stain,21,\nB,TH01,person,6,\n"
    )
    file = read_csv(text.encode())
    assert file.reference_ids == ("A",)
    assert only(file).kind is Kind.STAIN
    assert [(p.line, p.reference_id, p.code) for p in file.problems] == [
        (5, "B", "conflicting_kind")
    ]


def test_mixtures_of_the_long_layout_name_the_line() -> None:
    text = "sample,marker,allele1,allele2,allele3,allele4\nA,TH01,6,7,,\nA,FGA,20,21,22,23\n"
    file = read_csv(text.encode())
    assert [(p.line, p.field, p.code) for p in file.problems] == [(3, "FGA", "mixture")]


# --- whole files --------------------------------------------------------------------------------


def test_the_nist_population_sample() -> None:
    file = read_csv(NIST)
    assert len(file) == 1036
    assert [(p.line, p.field, p.code) for p in file.problems] == [(1, "pop", "ignored_column")]
    typed = sum(len(profile.pairs) for profile in file.profiles)
    assert typed == 1036 * 29 - 2
    notes = {(note.rule, note.locus) for profile in file.profiles for note in profile.notes}
    assert notes == {("N7", "TPOX"), ("N7", "PentaD")}
    with NIST.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert file.reference_ids == tuple(row["sample"] for row in rows)
    for profile, row in zip(file.profiles, rows, strict=True):
        assert profile.originals["SE33"] == (row["SE33_1"], row["SE33_2"])


WIDE = b'sample;kind;FGA_1;FGA_2;"pop";AMEL_1\r\n"A";S;21;9,9;x;X\r\nB;P;21;24;"y;z";Y\r\n'


@pytest.mark.parametrize("whole", [WIDE, LONG.encode(), LONG.encode("utf-16")])
def test_truncation_anywhere_ends_in_an_error_or_in_problems(whole: bytes) -> None:
    for end in range(len(whole)):
        try:
            file = read_csv(whole[:end])
        except PrumError:
            continue
        assert len(file.reference_ids) == len(file.profiles)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(alphabet='sample,;\t\n"FGA_12.TH0 kind\r\ufeff*<9é\0', max_size=200).map(str.encode),
    st.sampled_from([".", ","]),
)
def test_noise_ends_in_an_error_or_in_problems(noise: bytes, decimal: str) -> None:
    for source in (noise, b"sample,FGA_1,FGA_2\n" + noise, b"id,marker,allele1\n" + noise):
        try:
            file = read_csv(source, decimal=decimal)
        except PrumError:
            continue
        assert len(set(file.reference_ids)) == len(file.profiles)


def test_hostile_headers_are_read_quickly() -> None:
    header = ",".join(["sample", "FGA_1", *["_" * 120_000] * 5, *["a" + " " * 100_000 + "_"] * 5])
    file = read_csv(f"{header}\nA,21\n".encode())
    assert codes(file).count("ignored_column") == 10
    assert codes(file)[-1] == "ragged_row"

"""Profiles in tables: a column an allele, or one column of packed profiles."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from prum_match import dna
from prum_match.dna.columns.tables import columns_of
from prum_match.errors import InvalidInput
from support.galleries.tables import LAYOUTS, laid_out, pyarrow, sliced

pytest.importorskip("nanoarrow")

SIX = {
    "VWA": ("16", "17"),
    "TH01": ("6", "9.3"),
    "D21S11": ("29", "30.2"),
    "FGA": ("21", "24"),
    "D8S1179": ("13", "14"),
    "SE33": ("9", "36.2"),
}


def enrol(columns: dict[str, Any], **options: Any) -> tuple[dna.Gallery, Any]:
    gallery = dna.Gallery()
    n = len(next(iter(columns.values())))
    ids = {"reference_id": [f"R{i}" for i in range(n)]}
    return gallery, gallery.enrol_table(pyarrow().table({**ids, **columns}), **options)


def one(columns: dict[str, Any], **options: Any) -> dna.Profile:
    gallery, _ = enrol({name: [value] for name, value in columns.items()}, **options)
    return gallery["R0"]


def refused(code: str, columns: dict[str, Any], **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        enrol(columns, **options)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("layout", LAYOUTS)
def test_plain_alleles(layout: str) -> None:
    columns = {
        f"{name}_{i + 1}": sliced(laid_out([pair[i], None, pair[i]], layout), (1,))
        for name, pair in SIX.items()
        for i in range(2)
    }
    gallery, report = enrol(columns)
    assert gallery["R0"] == gallery["R2"] == dna.Profile(SIX)
    assert gallery["R1"] == dna.Profile({})
    assert report.notes == {}


def test_more_rows_than_are_read_at_once() -> None:
    n = 10_000
    first = [str(5 + i % 20) for i in range(n)]
    second = ["OL" if i % 4097 == 0 else str(5 + i % 7) for i in range(n)]
    gallery, report = enrol({"TH01_1": first, "TH01_2": second})
    assert report.notes["N2"] == 3
    for i in (0, 1, 4095, 4096, 4097, 8191, 8192, 9999):
        assert gallery[f"R{i}"] == dna.Profile({"TH01": (first[i], second[i])})


def test_any_spelling_of_a_locus() -> None:
    found = one(
        {"vwa_1": "16", "VWA_2": "17", "Penta D_1": "9", "PENTA_D_2": "9", "CSF1P0_1": "8"}
        | {"csf1po_2": "9"}
    )
    assert found == dna.Profile({"VWA": (16, 17), "PentaD": (9, 9), "CSF1PO": (8, 9)})


@pytest.mark.parametrize("kind", ["reference", "P", " Person ", "stain", "TRACE", None])
def test_kinds(kind: str | None) -> None:
    found = one({"TH01_1": "6", "TH01_2": None, "kind": kind})
    assert found == dna.Profile({"TH01": ("6", None)}, kind=kind or "reference")


def test_kinds_in_one_table() -> None:
    kinds = ["stain", None, "P", "S", "someone", "P"]
    columns = {"TH01_1": ["6"] * 5 + ["OL"], "TH01_2": [None] * 6, "kind": kinds}
    assert refused("bad_kind", columns).index == 4
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.code, e.field) for e in report.refused] == [(4, "bad_kind", "kind")]
    for i, kind in enumerate(kinds):
        if i != 4:
            given = (columns["TH01_1"][i], None)
            assert gallery[f"R{i}"] == dna.Profile({"TH01": given}, kind=kind or "P")
    assert report.notes == {"N7b": 5, "N2": 1, "N8": 1}


@pytest.mark.parametrize(
    "values",
    [("X", "Y"), ("x", None), ("*", "X"), (None, None), ("", None), ("X", "OL"), ("Y", " ")],
)
def test_amelogenin(values: tuple[str | None, str | None]) -> None:
    gallery, report = enrol(
        {"TH01_1": ["6"], "TH01_2": ["7"], "Amelogenin_1": [values[0]], "AMEL_2": [values[1]]}
    )
    loci = {"TH01": ("6", "7")} | ({"AMEL": values} if any(v is not None for v in values) else {})
    profile = dna.Profile(loci)
    assert gallery["R0"] == profile
    assert report.notes == {note.rule: 1 for note in profile.notes}


def test_a_number_at_amelogenin() -> None:
    columns = {"TH01_1": ["6"], "TH01_2": ["7"], "AMEL_1": ["1"], "AMEL_2": ["2"]}
    assert refused("bad_allele", columns).field == "AMEL"


def test_third_alleles() -> None:
    columns: dict[str, Any] = {"TPOX_1": ["8", "8", "8"], "TPOX_2": ["9", "9", "9"]}
    columns |= {"TPOX_3": ["11", "", None], "TPOX_4": ["", None, "12"]}
    gallery, report = enrol(columns)
    assert gallery["R0"] == dna.Profile({"TPOX": ("8", "9", "11")})
    assert gallery["R1"] == dna.Profile({"TPOX": ("8", "9")})
    assert gallery["R2"] == dna.Profile({"TPOX": ("8", "9", "12")})
    assert report.notes == {"N4": 2}
    columns["TPOX_3"][2] = "10"
    assert refused("mixture", columns).index == 2


def test_markers_that_are_never_compared() -> None:
    columns = {
        "TH01_1": ["6", "OL"],
        "TH01_2": ["7", "7"],
        "DYS391_1": ["1", "1"],
        "QS1_1": ["x"] * 2,
    }
    gallery, report = enrol(columns)
    assert gallery["R0"] == dna.Profile({"TH01": (6, 7)})
    assert report.notes == {"export": 4, "N2": 1}


@pytest.mark.parametrize(
    ("names", "code", "field"),
    [
        (["TH01_1"], "missing_column", "TH01_2"),
        (["TH01_2"], "missing_column", "TH01_1"),
        (["vWA_1", "vWA_2", "vWA_4"], "missing_column", "VWA_3"),
        (["AMEL_1", "AMEL_2"], "missing_column", "profile"),
        ([], "missing_column", "profile"),
        (["TH01_1", "TH01_2", "TH 01_2"], "duplicate_locus", "TH01"),
        (["D5S2500_1", "D5S2500_2"], "ambiguous_locus", "locus"),
        (["TH01_1", "TH01_2", "TH01_0"], "unknown_column", "table"),
        (["TH01_1", "TH01_2", "TH99_1"], "unknown_column", "table"),
        (["TH01_1", "TH01_2", "TH01"], "unknown_column", "table"),
        (["TH01_1", "TH01_2", "_1"], "unknown_column", "table"),
    ],
)
def test_columns_that_do_not_fit(names: list[str], code: str, field: str) -> None:
    columns = {name: ["6"] for name in names}
    assert refused(code, {**columns, "subject_id": ["s"]}).field == field


def test_alleles_are_text() -> None:
    assert refused("bad_column_type", {"TH01_1": [6.0], "TH01_2": ["7"]}).field == "TH01_1"
    assert (
        refused("bad_column_type", {"TH01_1": ["6"], "TH01_2": ["7"], "kind": [1]}).field == "kind"
    )


def test_a_bad_allele_is_reported_with_its_place() -> None:
    columns = {"TH01_1": ["6", "6", "7"], "TH01_2": ["7", "9.4", "8"], "FGA_1": ["20", "x", "2,1"]}
    columns["FGA_2"] = ["20"] * 3
    error = refused("bad_allele", columns)
    assert (error.index, error.field, error.value) == (1, "TH01", "9.4")
    assert "9.4" not in str(error)
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.field) for e in report.refused] == [(1, "TH01"), (2, "FGA")]
    assert list(gallery) == ["R0"]


# --- packed profiles ----------------------------------------------------------------------------


def test_packed_profiles() -> None:
    profiles = [
        dna.Profile({**SIX, "AMEL": ("X", "Y")}),
        dna.Profile({"TH01": ("6", "OL"), "FGA": (20, 21, 22)}, kind="stain"),
        dna.Profile({"TH01": (6, 7, 8), "FGA": (20, 21, 22)}),
        dna.Profile({"TH01": "6"}, single_allele="drop"),
        dna.Profile({}),
    ]
    for type_ in (pyarrow().binary(), pyarrow().large_binary(), pyarrow().binary_view()):
        array = pyarrow().array([profile.packed for profile in profiles], type_)
        gallery, report = enrol({"profile": sliced(array, (2,))})
        assert [gallery[f"R{i}"] for i in range(5)] == profiles
        assert report.notes == {"N5b": 1}
        found = gallery.search_many(pyarrow().table({"profile": array}))
        assert found[0].reference_ids == ["R0"]


def test_invalid_packed_profiles_are_refused() -> None:
    good = dna.Profile(SIX).packed
    bad = [None, b"", good[:-1], good[:4] + b"\xff\xff" + good[6:], b"\x02" + good[1:]]
    gallery, report = enrol({"profile": [good, *bad]}, on_error="report")
    codes = ["bad_packed", "bad_packed", "bad_packed", "unknown_locus", "bad_packed"]
    assert [(e.index, e.code) for e in report.refused] == list(enumerate(codes, 1))
    assert gallery["R0"] == dna.Profile(SIX)
    assert refused("bad_packed", {"profile": [good, *bad]}).index == 1


@pytest.mark.parametrize(
    "record",
    [
        (1, 4, 24, 4, 24, 0),
        (1, 396, 396, 396, 0, 0),
        (1, 0, 0, 24, 24, 0),
        (1, 0, 0, 39, 24, 0),
        (1, 24, 0xFFFF, 24, 24, 0),
        (1, 24, 0xFFFF, 24, 0, 39),
        (1, 24, 39, 24, 0, 0),
        (1, 39, 24, 24, 39, 0),
        (1, 0xFFFF, 0xFFFF, 24, 0, 0),
        (1, 0, 24, 24, 0, 0),
        (1, 0, 0, 0, 0, 0),
        (1, 0, 0, 24, 28, 32),
    ],
)
def test_contradictory_views_are_refused(record: tuple[int, ...]) -> None:
    packed = b"\0\0\0\1" + struct.pack("<6H", *record)
    error = refused("bad_packed", {"profile": [dna.Profile(SIX).packed, packed]})
    assert (error.index, error.field) == (1, "packed")


def test_a_packed_profile_holds_its_kind() -> None:
    packed = [dna.Profile(SIX).packed]
    assert refused("unknown_column", {"profile": packed, "kind": ["P"]}).value == "kind"
    assert refused("unknown_column", {"profile": packed, "TH01_1": ["6"]}).value == "TH01_1"
    assert refused("bad_column_type", {"profile": ["text"]}).field == "profile"


# --- probes -------------------------------------------------------------------------------------


def test_probes_are_profiles() -> None:
    columns: dict[str, Any] = {
        f"{name}_{i + 1}": [pair[i]] * 2 for name, pair in SIX.items() for i in (0, 1)
    }
    gallery, _ = enrol({**columns, "kind": ["P", "S"]})
    probes = pyarrow().table({**columns, "kind": ["S", "P"]})
    answers = gallery.search_many(probes)
    assert [answer.reference_ids for answer in answers] == [["R0", "R1"]] * 2
    assert answers[0][0].explain().quality == 1
    columns["TH01_2"] = ["9.3", "9.9"]
    with pytest.raises(InvalidInput) as caught:
        gallery.search_many(pyarrow().table(columns))
    assert (caught.value.code, caught.value.index) == ("bad_allele", 1)


def test_heights_and_columns_of_no_locus_are_not_read() -> None:
    named = ["reference_id", "TH01_1", "TH01_2", "TH01_height", "kind", "note"]
    assert sorted(columns_of(named)) == ["TH01_1", "TH01_2", "kind"]
    assert columns_of(["profile", "TH01_1"]) == {"profile"}

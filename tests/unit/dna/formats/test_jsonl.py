from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.dna import read_jsonl
from prum_match.dna.formats import ProfileFile
from prum_match.dna.formats.detect import format_of
from prum_match.dna.formats.jsonl import jsonl_batches
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.profile import Kind
from prum_match.errors import InvalidInput


def lines(*records: Any) -> bytes:
    texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
    return "\n".join(texts).encode()


def read(*records: Any, **options: Any) -> ProfileFile:
    return read_jsonl(lines(*records), **options)


def problems(file: ProfileFile) -> list[tuple[int | None, str | None, str | None, str, bool]]:
    return [(p.line, p.reference_id, p.field, p.code, p.refused) for p in file.problems]


def test_one_object_a_profile() -> None:
    file = read(
        {"reference_id": "A", "loci": {"vWA": [16, 17], "TH01": ["6", 9.3], "AMEL": ["X", "Y"]}},
        "",
        {"reference_id": "B", "loci": {"vWA": 16, "TH01": None}, "kind": "stain"},
    )
    assert file.problems == ()
    assert file.reference_ids == ("A", "B")
    first, second = file.profiles
    assert first.pairs == {"VWA": (64, 68), "TH01": (24, 39)}
    assert first.amelogenin == ("X", "Y")
    assert (first.kind, second.kind) == (Kind.REFERENCE, Kind.STAIN)
    assert second.pairs == {"VWA": (64, WILDCARD)}


def test_numbers_are_designations() -> None:
    file = read(
        '{"reference_id": "A", "loci": {"TH01": [9.30, 6]}}',
        '{"reference_id": "B", "loci": {"TH01": [9.35, 6]}}',
        '{"reference_id": "C", "loci": {"TH01": [1e999, 6]}}',
        '{"reference_id": "D", "loci": {"TH01": [true, 6]}}',
    )
    assert file.profiles[0].originals["TH01"] == ("9.3", "6")
    assert [p.code for p in file.problems] == ["bad_allele"] * 3


def test_parameters_apply_where_a_line_states_nothing() -> None:
    file = read(
        {"reference_id": "A", "loci": {"vWA": 16}},
        {"reference_id": "B", "loci": {"vWA": 16}, "kind": "person", "single_allele": "drop"},
        kind="stain",
        single_allele="homozygote",
    )
    assert [p.kind for p in file.profiles] == [Kind.STAIN, Kind.REFERENCE]
    assert [dict(p.pairs) for p in file.profiles] == [{"VWA": (64, 64)}, {}]


def test_only_the_bad_line_is_refused() -> None:
    file = read(
        "{",
        "[1]",
        {"loci": {}},
        {"reference_id": "x" * 65, "loci": {}},
        {"reference_id": "C", "loci": [1]},
        {"reference_id": "D", "loci": {"vWA": [16, "9,3"]}},
        {"reference_id": "E", "loci": {"vWA": [16, 17]}, "kind": False},
        {"reference_id": "F", "loci": {"vWA": [16, 17]}, "single_allele": ["drop"]},
        {"reference_id": "G", "loci": {"vWA": [16, 17]}},
        {"reference_id": "G", "loci": {"vWA": [16, 18]}},
    )
    assert problems(file) == [
        (1, None, None, "bad_json", True),
        (2, None, None, "bad_json", True),
        (3, None, None, "missing_id", True),
        (4, None, None, "bad_reference_id", True),
        (5, "C", "loci", "bad_profile", True),
        (6, "D", "VWA", "bad_allele", True),
        (7, "E", "kind", "bad_kind", True),
        (8, "F", "single_allele", "bad_option", True),
        (10, "G", None, "duplicate_reference", True),
    ]
    assert file.reference_ids == ("G",)
    assert not any("9,3" in repr(problem) for problem in file.problems)


@pytest.mark.parametrize(
    "line",
    [
        '{"reference_id": "A", "reference_id": "B", "loci": {}}',
        '{"reference_id": "A", "loci": {"TH01": 6, "TH01": 7}}',
        '{"reference_id": "A", "loci": {"TH01": NaN}}',
        '{"reference_id": "A", "loci": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"reference_id": "A", "loci": {"TH01": "\udcff"}}',
    ],
)
def test_faults_that_json_accepts_silently_are_refused(line: str) -> None:
    file = read_jsonl(line.encode("utf-8", "surrogateescape"))
    assert [p.code for p in file.problems] == ["bad_json"]
    assert len(file) == 0


def test_unread_elements_are_reported() -> None:
    file = read(
        {"reference_id": "A", "loci": {"TH01": [6, 7], "D99S1": [1, 2]}, "lab": "x"},
        {"reference_id": "B", "loci": {"TH01": [6, 7], "DYS391": 10}, "lab": "y"},
    )
    assert problems(file) == [
        (1, None, "lab", "ignored_element", False),
        (1, "A", "D99S1", "unknown_locus", False),
    ]
    assert [note.rule for note in file.profiles[1].notes] == ["export"]


def test_one_locus_under_two_spellings() -> None:
    file = read({"reference_id": "A", "loci": {"vWA": [16, 17], "VWA": [16, 17]}})
    assert problems(file) == [(1, "A", "VWA", "duplicate_locus", True)]


@pytest.mark.parametrize(
    ("code", "source", "options"),
    [
        ("empty_file", b" \n", {}),
        ("too_large", b"{}" * 10, {"max_bytes": 3}),
        ("too_large", b'{"reference_id": "' + b"x" * (1 << 16), {}),
        ("bad_kind", b"{}", {"kind": "dog"}),
        ("bad_option", b"{}", {"single_allele": "double"}),
        ("bad_source", 7, {}),
    ],
)
def test_unreadable_files_are_refused(code: str, source: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_jsonl(source, **options)
    assert caught.value.code == code


def test_batches_go_on_with_the_lines() -> None:
    data = lines(*({"reference_id": f"A{i}", "loci": {"TH01": 6}, "lab": 1} for i in range(5)), "{")
    files = list(jsonl_batches(io.BytesIO(data), 2))
    assert [file.reference_ids for file in files] == [("A0", "A1"), ("A2", "A3"), ("A4",)]
    # An element is reported once a file, not once a batch.
    assert [problems(file) for file in files] == [
        [(1, None, "lab", "ignored_element", False)],
        [],
        [(6, None, None, "bad_json", True)],
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("reference_id", "loci", "kind", "single_allele", "x"), JSON)
        )
    )
)
def test_any_json_is_read_or_refused(records: list[Any]) -> None:
    file = read(*records, "{")
    assert len(file) + sum(p.refused for p in file.problems) == len(records) + 1


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"\n  <?xml version='1.0'?>", "codis"),
        ("<CODISImportFile>".encode("utf-16"), "codis"),
        (b'\xef\xbb\xbf{"reference_id"', "jsonl"),
        (b"Sample File\tSample Name\tTH01\tAMEL\n", "genemapper"),
        ("Sample File\tSample Name\tTH01".encode("utf-16"), "genemapper"),
        (b"Sample File\tSample Name\tPanel\tMarker\tAllele 1\n", "csv"),
        (b"sample,FGA_1,FGA_2\n", "csv"),
        (b"\x00\xff", "csv"),
    ],
)
def test_a_format_shows_at_the_beginning(head: bytes, wanted: str) -> None:
    assert format_of(head) == wanted

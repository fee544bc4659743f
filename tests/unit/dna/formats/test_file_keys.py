"""What a file says of its references besides their profiles."""

from __future__ import annotations

from prum_match.dna import read_csv, read_jsonl


def test_of_rows() -> None:
    file = read_csv(
        b"sample;subject_id; expires ;Label;TH01_1;TH01_2\n"
        b"A;S-1; 2031-01-01 ;x;6;9.3\nB;NULL;;x;7;8\nC;S-3;;x;6;9.4\nB;S-4;;x;7;8\n"
    )
    # Only names as they are written here; refused profiles have none.
    assert file.reference_ids == ("A", "B")
    assert file.keys == (
        {"subject_id": "S-1", "expires": "2031-01-01"},
        {"subject_id": "", "expires": ""},
    )
    assert [p.field for p in file.problems if p.code == "ignored_column"] == ["Label"]


def test_of_rows_for_markers() -> None:
    file = read_csv(
        b"sample,marker,allele1,allele2,label\n"
        b"A,TH01,6,9.3,known\nB,TH01,6,9.3,a\nA,FGA,21,24,known\nB,FGA,21,24,b\n"
    )
    assert (file.reference_ids, file.keys) == (("A",), ({"label": "known"},))
    (problem,) = (p for p in file.problems if p.refused)
    assert (problem.line, problem.reference_id) == (5, "B")
    assert (problem.code, problem.field) == ("conflicting_keys", "label")


def test_of_json_lines() -> None:
    file = read_jsonl(
        b'{"reference_id": "A", "loci": {"TH01": [6, 9.3]}, "label": null, "subject_id": 5}\n'
        b'{"reference_id": "B", "loci": {"TH01": [6, 9.3]}}\n'
    )
    assert file.keys == ({"label": None, "subject_id": 5}, {})
    assert file.problems == ()


def test_a_file_without_them() -> None:
    file = read_csv(b"sample,TH01_1,TH01_2\nA,6,9.3\nB,7,8\n")
    assert file.keys == ({}, {})

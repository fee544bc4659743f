"""``search``: candidates, and the coverage of each answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.cli import search
from prum_match.dactyloscopy import TRANSACTIONS
from support.cli import HEADER, Run, row


@pytest.fixture
def probes(tmp_path: Path) -> Path:
    path = tmp_path / "probes.csv"
    path.write_text(HEADER + row("T-1") + row("T-2", "12"))
    return path


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    path = tmp_path / "faces"
    gallery = face.Gallery(face.Model("example", "1", 4, normalise="apply"))
    gallery.enrol(["P-0", "P-1", "P-2"], np.eye(3, 4, dtype=np.float32) + 0.5)
    gallery.save(path)
    return path


def test_candidates_and_answers(run: Run, gallery: Path, probes: Path) -> None:
    done = run("search", gallery, probes)
    assert (done.code, done.err) == (0, "")
    with dna.Gallery.open(gallery) as found:
        wanted = list(found.search_many(dna.read_csv(probes).profiles))
    by_probe = {name: answer for name, answer in zip(("T-1", "T-2"), wanted, strict=True)}
    assert [
        (c["probe"], c["rank"], c["reference_id"], c["grade"]) for c in done.of("candidate")
    ] == [(n, c.rank, c.reference_id, c.grade) for n, a in by_probe.items() for c in a]
    first = done.of("candidate")[0]
    assert (first["reference_id"], first["readings"]) == ("A-1", ["lenient", "literal", "strict6"])
    assert first["columns"] == {
        **dict.fromkeys(("compared", "exact"), 6),
        **dict.fromkeys(("wildcard", "micro_variant", "mismatch_loci", "mismatch_alleles"), 0),
        "amelogenin_differs": 0,
    }
    answers = done.of("answer")
    assert [(a["probe"], a["examined"], a["truncated"]) for a in answers] == [
        ("T-1", 3, False),
        ("T-2", 3, False),
    ]
    assert [a["n_found"] for a in answers] == [len(a) for a in wanted]
    policy = dna.PRUM_2008
    assert answers[0]["policy"] == {
        "name": policy.name,
        "version": policy.version,
        "source": policy.source,
    }
    # An answer closes the candidates of its probe.
    kinds = [(r["probe"], r["type"]) for r in done.records]
    assert kinds == sorted(kinds, key=lambda kind: (kind[0], kind[1] == "answer"))


def test_a_truncated_list_is_marked(run: Run, gallery: Path, probes: Path) -> None:
    done = run("search", gallery, probes, "--limit", 1, "--threads", 1)
    full = run("search", gallery, probes)
    assert [a["truncated"] for a in done.of("answer")] == [
        a["n_found"] > 1 for a in full.of("answer")
    ]
    assert {c["rank"] for c in done.of("candidate")} == {1}


@pytest.mark.parametrize(
    "name", sorted(set(search._POLICIES) - {*TRANSACTIONS, "NATIONAL", "PRUM_2024"})
)
def test_policies_by_their_names(run: Run, gallery: Path, probes: Path, name: str) -> None:
    done = run("search", gallery, probes, "--policy", name)
    assert {a["policy"]["name"] for a in done.of("answer")} == {getattr(dna, name).name}


def test_explain_prints_the_explanation(run: Run, gallery: Path, probes: Path) -> None:
    assert "explanation" not in run("search", gallery, probes).of("candidate")[0]
    first = run("search", gallery, probes, "--explain").of("candidate")[0]
    with dna.Gallery.open(gallery) as found:
        answer = found.search(dna.read_csv(probes).profiles[0])
        assert "\n".join(first["explanation"]) == str(answer[0].explain())


def test_a_probe_that_cannot_have_a_candidate(run: Run, tmp_path: Path, gallery: Path) -> None:
    file = tmp_path / "probe.csv"
    file.write_text("sample,TH01_1,TH01_2\nT-1,6,9.3\n")
    (answer,) = run("search", gallery, file).of("answer")
    assert (answer["n_found"], answer["unsuitable"]) == (0, "too_few_loci")
    file.write_text(HEADER + row("T-1"))
    (answer,) = run("search", gallery, file).of("answer")
    assert answer["unsuitable"] is None


def test_a_refused_probe_is_reported(run: Run, tmp_path: Path, gallery: Path) -> None:
    file = tmp_path / "probes.csv"
    file.write_text(HEADER + row("T-1", "6.7") + row("T-2"))
    done = run("search", gallery, file)
    assert done.code == 1
    assert [(r["reference_id"], r["code"]) for r in done.of("refused")] == [("T-1", "bad_allele")]
    assert [a["probe"] for a in done.of("answer")] == ["T-2"]
    assert "6.7" not in done.out + done.err


def test_batches_make_no_difference(
    run: Run, gallery: Path, probes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("search", gallery, probes)
    monkeypatch.setattr(search, "_BATCH", 1)
    pieces = run("search", gallery, probes, "--progress")
    assert pieces.out == whole.out
    assert "searched with 1 probes" in pieces.err


def test_faces(run: Run, tmp_path: Path, faces: Path) -> None:
    file, ids = tmp_path / "probes.npy", tmp_path / "ids.txt"
    np.save(file, np.eye(2, 4, dtype=np.float32) + 0.5)
    ids.write_text("T-0\nT-1\n")
    done = run("search", faces, file, "--ids", ids, "--threshold", "0.9")
    assert (done.code, done.err) == (0, "")
    assert [(c["probe"], c["reference_id"]) for c in done.of("candidate")] == [
        ("T-0", "P-0"),
        ("T-1", "P-1"),
    ]
    first, answer = done.of("candidate")[0], done.of("answer")[0]
    assert first["score"] == pytest.approx(1.0)
    assert (first["columns"], first["readings"]) == ({}, [])
    assert answer["policy"]["threshold"] == 0.9
    assert answer["unsuitable"] is None
    np.save(file, np.load(file)[1])
    numbered = run("search", faces, file, "--limit", 1)
    assert [(c["probe"], c["reference_id"]) for c in numbered.of("candidate")] == [("0", "P-1")]
    assert numbered.of("answer")[0]["policy"]["threshold"] is None


def test_a_bad_vector_has_its_row(
    run: Run, tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_BATCH", 1)
    file = tmp_path / "probes.npy"
    np.save(file, np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.float32))
    done = run("search", faces, file, "--limit", 1)
    assert done.code == 1
    assert "[zero_vector; item 1; field vector]" in done.err
    assert [a["probe"] for a in done.of("answer")] == ["0"]


def test_rules_of_another_category(run: Run, tmp_path: Path, gallery: Path, probes: Path) -> None:
    assert "[foreign_policy" in run("search", gallery, probes, "--threshold", 1).err


def test_a_search_of_faces_needs_a_bound(run: Run, tmp_path: Path, faces: Path) -> None:
    file = tmp_path / "probes.npy"
    np.save(file, np.ones((1, 4), np.float32))
    assert "[unbounded_search" in run("search", faces, file).err
    assert "[foreign_policy" in run("search", faces, file, "--policy", "PRUM_2008").err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--policy", "PRUM_1066"), 2),
        (("--policy", "PRUM_2008", "--threshold", "1"), 2),
        (("--threshold", "much"), 2),
        (("--limit", "0"), 1),
        (("--threads", "0"), 1),
    ],
)
def test_words_and_numbers_that_are_off(
    run: Run, gallery: Path, probes: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = run("search", gallery, probes, *arguments)
    assert (done.code, done.out) == (code, "")


def test_a_search_beside_a_writer(run: Run, gallery: Path, probes: Path) -> None:
    with dna.Gallery.open(gallery, "rw"):
        assert run("search", gallery, probes).code == 0

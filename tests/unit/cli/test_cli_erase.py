"""``erase``, ``compact``, ``purge``, ``recover``."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prum_match import dna
from prum_match.cli import erase
from prum_match.engine.store.receipts import Receipt
from support.cli import Run

PROFILE = dna.Profile({"TH01": (6, 7)})


def left(gallery: Path) -> list[str]:
    with dna.Gallery.open(gallery) as found:
        return sorted(found)


def test_receipts_have_their_salts(run: Run, gallery: Path) -> None:
    done = run("erase", gallery, "A-3", "A-1")
    assert (done.code, done.err) == (0, "")
    assert left(gallery) == ["A-2"]
    receipts = [Receipt(**{**r, "salt": bytes.fromhex(r["salt"])}) for r in done.records]
    assert [r.is_about(i) for r, i in zip(receipts, ("A-3", "A-1"), strict=True)] == [True, True]
    # What the gallery kept is the same, but for the salt.
    with dna.Gallery.open(gallery) as found:
        kept = {receipt.to_json() for receipt in found.receipts()}
    assert {receipt.to_json() for receipt in receipts} == kept
    assert "A-1" not in done.out


def test_receipts_in_a_file_are_for_their_owner(run: Run, tmp_path: Path, gallery: Path) -> None:
    ids, out = tmp_path / "ids.txt", tmp_path / "receipts.jsonl"
    ids.write_text("A-2\nA-3\n")
    before = os.umask(0)
    try:
        done = run("erase", gallery, "A-1", "--ids-file", ids, "--receipts", out)
    finally:
        os.umask(before)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert left(gallery) == []
    assert len(out.read_text().splitlines()) == 3
    assert out.stat().st_mode & 0o777 == 0o600


def test_an_unknown_id_erases_nothing(run: Run, tmp_path: Path, gallery: Path) -> None:
    out = tmp_path / "receipts.jsonl"
    done = run("erase", gallery, "A-1", "A-9", "--receipts", out)
    assert (done.code, done.out) == (1, "")
    assert "[unknown_reference; item 1; field reference_id]" in done.err
    assert "A-9" not in done.err
    assert left(gallery) == ["A-1", "A-2", "A-3"]
    assert not out.exists()


def test_receipts_never_overwrite_others(run: Run, tmp_path: Path, gallery: Path) -> None:
    out = tmp_path / "receipts.jsonl"
    out.write_text("those of yesterday")
    done = run("erase", gallery, "A-1", "--receipts", out)
    assert (done.code, "[exists; field --receipts]" in done.err) == (1, True)
    assert out.read_text() == "those of yesterday"
    assert left(gallery) == ["A-1", "A-2", "A-3"]


def test_nothing_is_erased_if_receipts_cannot_be_written(
    run: Run, tmp_path: Path, gallery: Path
) -> None:
    done = run("erase", gallery, "A-1", "--receipts", tmp_path / "no" / "receipts.jsonl")
    assert (done.code, "[ENOENT]" in done.err) == (1, True)
    assert left(gallery) == ["A-1", "A-2", "A-3"]


def test_receipts_survive_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError, match="No space left"), open("/dev/full", "w") as full:
        erase._hand_over(["one\n", "two\n"], full)
    assert capsys.readouterr().out == "one\ntwo\n"


def test_no_id_is_a_call_that_is_off(run: Run, tmp_path: Path, gallery: Path) -> None:
    assert run("erase", gallery).code == 2
    ids = tmp_path / "ids.txt"
    ids.write_text("")
    done = run("erase", gallery, "--ids-file", ids)
    assert (done.code, done.out) == (0, "")


def test_a_second_writer_is_refused(run: Run, gallery: Path) -> None:
    with dna.Gallery.open(gallery, "rw"):
        for command in (["erase", gallery, "A-1"], ["compact", gallery], ["purge", gallery]):
            done = run(*command)
            assert (done.code, done.out) == (1, "")
            assert "[locked; field path; path " in done.err
    assert left(gallery) == ["A-1", "A-2", "A-3"]


def test_compact_leaves_one_segment(run: Run, gallery: Path) -> None:
    with dna.Gallery.open(gallery, "rw") as found:
        found.enrol(["B-1"], [PROFILE])
        found.erase(["A-1"])
        assert len(found._core.segments()) == 2
    done = run("compact", gallery)
    assert done.records == [{"type": "total", "references": 3, "segments": 1}]
    assert done.code == 0


def test_purge_erases_expired_references(run: Run, gallery: Path) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    far = datetime(9999, 1, 1, tzinfo=UTC)
    with dna.Gallery.open(gallery, "rw") as found:
        found.enrol(["B-1", "B-2"], [PROFILE] * 2, expires=[noon, far])
    before = run("purge", gallery, "--now", "2026-07-01T11:59:59+00:00")
    assert before.of("purged") == []
    done = run("purge", gallery, "--now", "2026-07-01T14:00:00+02:00")
    assert [r["reference_id"] for r in done.of("purged")] == ["B-1"]
    assert done.of("total")[0]["references"] == 4
    assert left(gallery) == ["A-1", "A-2", "A-3", "B-2"]


def test_purge_goes_by_the_clock(run: Run, gallery: Path) -> None:
    with dna.Gallery.open(gallery, "rw") as found:
        found.enrol(["B-1"], [PROFILE], expires=[datetime(2001, 1, 1, tzinfo=UTC)])
    assert [r["reference_id"] for r in run("purge", gallery).of("purged")] == ["B-1"]


@pytest.mark.parametrize(("now", "code"), [("yesterday", 2), ("2026-07-01T12:00:00", 1)])
def test_an_invalid_moment_is_refused(run: Run, gallery: Path, now: str, code: int) -> None:
    assert run("purge", gallery, "--now", now).code == code

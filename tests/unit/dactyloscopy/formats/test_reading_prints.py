"""Recognition of the edition of a record by its content."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from prum_match import dactyloscopy
from prum_match.dactyloscopy.formats import Transaction, ansi_nist
from prum_match.dactyloscopy.formats.detect import edition_of
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, FILES, a_print, golden

every_edition = pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS)


def refusal(source: Any, strict: bool = True) -> str:
    with pytest.raises(InvalidInput) as caught:
        dactyloscopy.read(source, strict=strict)
    return caught.value.code


@pytest.mark.parametrize("edition", [*EDITIONS.values(), ansi_nist], ids=[*EDITIONS, "ansi_nist"])
def test_templates_through_every_edition(edition: Any) -> None:
    prints = [a_print(), a_print(position=7), a_print(position=0)]
    found = edition.decode(edition.encode(prints))
    assert list(found) == list(dactyloscopy.read(edition.encode(prints))) == prints
    assert (found.problems, found.notes) == ((), ())
    assert found.templates == tuple(prints)


def test_transactions(tmp_path: Path) -> None:
    sent = ansi_nist.encode([a_print(), a_print(position=7)])
    assert edition_of(sent) is ansi_nist
    path = tmp_path / "prints.an2"
    path.write_bytes(sent)
    for source in (sent, memoryview(sent), path):
        found = dactyloscopy.read(source, strict=True)
        assert isinstance(found, Transaction)
        assert list(found) == [a_print(), a_print(position=7)]
        assert (found.problems, found.notes) == ((), ())
    assert refusal(sent + b"x") == "trailing_bytes"
    assert [problem.code for problem in dactyloscopy.read(sent + b"x").problems] == [
        "trailing_bytes"
    ]


@every_edition
@pytest.mark.parametrize("count", [1, 2, 16])
def test_editions(edition: Any, count: int) -> None:
    prints = [a_print()] * count
    data = edition.encode(prints)
    assert edition_of(data) is edition
    assert list(dactyloscopy.read(data)) == prints


@every_edition
def test_editions_of_damaged_records_are_recognised(edition: Any) -> None:
    data = edition.encode([a_print()])
    for damaged in (data + b"\0", data + bytes(64), data[:8] + data[8:].replace(b"\2\0", b"\2\1")):
        assert edition_of(damaged) is edition
    # A wrong length of the record, and a right one of a record with bytes to spare.
    wide = 2 if edition is EDITIONS["ansi378_2004"] else 4
    assert edition_of(data[:8] + b"\0\1".rjust(wide, b"\0") + data[8 + wide :]) is edition
    spare = (len(data) + 3).to_bytes(wide, "big")
    if edition not in (EDITIONS["ansi378_2009"], EDITIONS["iso19794_2_2011"]):
        assert edition_of(data[:8] + spare + data[8 + wide :] + b"abc") is edition


@pytest.mark.parametrize("name", FILES)
def test_genuine_files(name: str) -> None:
    assert edition_of(golden(name)) is EDITIONS[FILES[name]]


def test_ambiguous() -> None:
    # Neither layout ends where the record does, and both have the length in one place.
    data = b"FMR\x00030\0" + (60).to_bytes(4, "big") + b"\0\1" + bytes([255]) * 46
    assert refusal(data) == refusal(data, strict=False) == "ambiguous_edition"
    assert refusal(b"FMR\0 20\0") == "ambiguous_edition"
    assert refusal(b"FMR\x00030\0") == "ambiguous_edition"


def test_other_data_are_not_a_record() -> None:
    assert refusal(b"") == refusal(b"\0" * 40) == refusal(b"FIR\x00010\0") == "not_a_record"
    assert refusal(b"FMR\x00040\0" + bytes(40)) == "bad_version"
    assert refusal(io.BytesIO(b"FMR")) == refusal(None) == "bad_source"


def test_strict_and_lenient() -> None:
    data = EDITIONS["iso19794_2_2005"].encode([a_print()]) + b"x"
    assert refusal(data) == "bad_length"
    record = dactyloscopy.read(data)
    assert record[0] == a_print()
    assert isinstance(record, dactyloscopy.formats.Record)
    assert [problem.code for problem in record.problems] == ["bad_length", "trailing_bytes"]


def test_paths(tmp_path: Path) -> None:
    path = tmp_path / "print.fmr"
    path.write_bytes(EDITIONS["ansi378_2009"].encode([a_print()]))
    assert dactyloscopy.read(path)[0] == dactyloscopy.read(str(path))[0] == a_print()
    with pytest.raises(FileNotFoundError):
        dactyloscopy.read(tmp_path / "none")


def test_reading_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prum_match.dactyloscopy.formats.detect.MAX_BYTES", 64)
    path = tmp_path / "large"
    path.write_bytes(bytes(65))
    assert refusal(path) == refusal(bytes(65)) == "too_large"
    path.write_bytes(bytes(64))
    assert refusal(path) == "not_a_record"

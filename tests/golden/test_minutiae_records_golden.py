"""Records of other programs: minutiae and headers are read, and the bytes are written again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from oracles.dactyloscopy.minutiae_records import plain_views
from prum_match import dactyloscopy
from prum_match.dactyloscopy.formats import FingerQuality, Record
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, FILES, GOLDEN, SHARED, golden

MINUTIAE: dict[str, list[Any]] = json.loads((GOLDEN / "minutiae.json").read_text("utf-8"))
# What a strict reader says of each, and what a lenient one repairs.
DEPARTURES: dict[str, tuple[str, list[str]]] = {
    "fmr.ansi2004": ("trailing_bytes", ["trailing_bytes"]),
    "fmr.iso2005": ("truncated", ["bad_length", "bad_extended_data"]),
    "ansi378v2004-sample.dat": (
        "bad_version",
        ["bad_version", "bad_length", "bad_angle", "bad_angle"],
    ),
    "ansi378v2009-sample.dat": ("bad_length", ["bad_length"]),
    "iso19794p2v2005-sample.dat": ("bad_extended_data", ["bad_extended_data"]),
}
FINGERPRINTS = sorted((SHARED / "data" / "dactyloscopy" / "formats").glob("*.ist"))


def lenient(name: str) -> Record:
    record = dactyloscopy.read(golden(name))
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("name", FILES)
def test_every_minutia_is_read(name: str) -> None:
    record = lenient(name)
    edition = EDITIONS[FILES[name]].EDITION
    assert record.edition == edition.name
    assert len(record) == len(MINUTIAE[name])
    for template, rows in zip(record, MINUTIAE[name], strict=True):
        kind, x, y, angle, quality = np.array(rows).T
        assert np.array_equal(template.type, kind)
        assert np.array_equal(template.x, x)
        assert np.array_equal(template.y, y)
        assert np.array_equal(template.quality, quality)
        degrees = np.where(angle * edition.angle_step < 360, angle * edition.angle_step, np.nan)
        assert np.array_equal(template.angle, degrees, equal_nan=True)


@pytest.mark.parametrize("name", FILES)
def test_headers_are_read(name: str) -> None:
    record = lenient(name)
    third = [(3, 1)] if name == "fmr.ansi2004" else []
    fingers = [(t.position, t.impression) for t in record]
    assert fingers == [(7, 0), (2, 0), *third]
    assert {(t.width, t.height, t.ppi) for t in record} == {(512, 512, 197 * 2.54)}
    iso = FILES[name].startswith("iso")
    assert record.product == (None if iso else (0x42, 0x11))
    scores = [view.qualities[0].score for view in record.views]
    assert scores == [0x5A, 0x46, 0x45][: len(record)]


# The oracle is for records that end where they say.
@pytest.mark.parametrize("name", sorted(FILES.keys() - {"fmr.ansi2004", "fmr.iso2005"}))
def test_the_oracle_reads_the_same(name: str) -> None:
    record = lenient(name)
    for view, plain in zip(record.views, plain_views(golden(name), FILES[name]), strict=True):
        codes = (view.position, view.number, view.impression)
        assert codes == (plain.position, plain.number, plain.impression)
        assert (*view.size, *view.resolution) == plain.image
        places = zip(view.template.type, view.template.x, view.template.y, strict=True)
        assert list(places) == [row[:3] for row in plain.minutiae]


def test_capture_devices_are_read() -> None:
    assert lenient("fmr.iso2005").equipment == 0xB5
    assert lenient("ansi378v2009-sample.dat").equipment == 0xB5
    assert lenient("ansi378v2009-sample.dat").views[0].qualities == (FingerQuality(0x5A, 6, 0x37),)
    view = lenient("iso19794p2v2011-sample.dat").views[0]
    assert view.qualities == (FingerQuality(0x5A, 0xABCD, 0x123),)
    assert view.captured == (2005, 12, 15, 17, 35, 20, 0)
    assert (view.technology, view.device_vendor, view.device) == (0, 0xABCD, 0xB5)


def test_extended_data_are_read() -> None:
    (block,) = lenient("ansi378v2009-sample.dat").views[1].extended
    assert (block.type, block.data) == (1, bytes.fromhex("01121403151301"))
    counts, cores = lenient("fmr.ansi2004").views[2].extended
    assert (counts.type, len(counts.data), cores.type, len(cores.data)) == (1, 673, 2, 38)
    # Its length leaves out type and length.
    (block,) = lenient("iso19794p2v2005-sample.dat").views[1].extended
    assert (block.type, block.data) == (0x221, bytes.fromhex("0144bc362143"))
    assert lenient("fmr.iso2005").views[1].extended == ()


@pytest.mark.parametrize("name", DEPARTURES)
def test_departures_from_the_standard_are_reported(name: str) -> None:
    strict, repaired = DEPARTURES[name]
    with pytest.raises(InvalidInput) as caught:
        dactyloscopy.read(golden(name), strict=True)
    assert caught.value.code == strict
    assert [problem.code for problem in lenient(name).problems] == repaired


@pytest.mark.parametrize("name", sorted(FILES.keys() - DEPARTURES.keys()))
def test_valid_records_are_rewritten_byte_for_byte(name: str) -> None:
    data = golden(name)
    record = dactyloscopy.read(data, strict=True)
    assert isinstance(record, Record)
    assert record.problems == ()
    assert EDITIONS[FILES[name]].encode(record) == data


def test_repaired_records_are_written_without_their_faults() -> None:
    # Byte by byte what the repair says: see PROVENANCE.md beside the files.
    data = golden("ansi378v2009-sample.dat")
    written = EDITIONS["ansi378_2009"].encode(lenient("ansi378v2009-sample.dat"))
    assert written == data[:8] + len(data).to_bytes(4, "big") + data[12:]
    data = golden("fmr.ansi2004")
    written = EDITIONS["ansi378_2004"].encode(lenient("fmr.ansi2004"))
    assert written == data[:8] + (len(data) - 2).to_bytes(2, "big") + data[10:-2]
    data = golden("fmr.iso2005")
    written = EDITIONS["iso19794_2_2005"].encode(lenient("fmr.iso2005"))
    kept = data[12:-43]
    assert written == data[:8] + (len(data) - 41).to_bytes(4, "big") + kept + b"\0\0"
    data = golden("iso19794p2v2005-sample.dat")
    written = EDITIONS["iso19794_2_2005"].encode(lenient("iso19794p2v2005-sample.dat"))
    assert written == data[:-8] + b"\0\x0a" + data[-6:]


def test_angles_of_two_editions_agree_within_their_units() -> None:
    # One finger, written by NIST in both.
    for ansi, iso in zip(lenient("fmr.ansi2004"), lenient("fmr.iso2005"), strict=False):
        apart = (ansi.angle - iso.angle + 180) % 360 - 180
        assert np.abs(apart).max() <= 2


@pytest.mark.skipif(
    not FINGERPRINTS, reason="the templates are not here; PRUM_SHARED names their folder"
)
def test_templates_of_fingerjet() -> None:
    records = [dactyloscopy.read(path, strict=True) for path in FINGERPRINTS]
    assert [len(record[0]) for record in records] == [68, 68, 37, 64, 68]
    for path, record in zip(FINGERPRINTS, records, strict=True):
        assert EDITIONS["iso19794_2_2005"].encode(record) == path.read_bytes()

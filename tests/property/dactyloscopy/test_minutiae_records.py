"""Any minutiae survive all editions; any bytes give a record or an `InvalidInput`."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.dactyloscopy.minutiae_records import plain_views
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import Record
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, FILES, a_print, golden
from support.examples import examples

every_edition = pytest.mark.parametrize("name", EDITIONS)


@st.composite
def prints(draw: st.DrawFn, whole: bool = False) -> Template:
    """Draw prints that every edition can hold; with `whole`, values that it holds exactly."""
    width, height = draw(st.integers(1, 1500)), draw(st.integers(1, 1500))
    n = draw(st.integers(0, 60))
    # The values of one print come from a seed: failures seldom depend on a single minutia.
    values = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, y = values.uniform(0, width, n), values.uniform(0, height, n)
    angle = values.uniform(0, 360, n)
    if whole:
        x, y = np.floor(x), np.floor(y)
        angle = values.integers(0, 8, n) * 45.0
    per_cm = draw(st.integers(99, 788))
    return Template(
        x=x,
        y=y,
        angle=angle,
        type=values.integers(0, 3, n),
        quality=values.integers(0, 101, n),
        width=width,
        height=height,
        ppi=per_cm * 2.54 if whole else draw(st.floats(250, 2000)),
        position=draw(st.integers(0, 10)),
        impression=draw(st.sampled_from([0, 1, 2, 3, 8])),
    )


@every_edition
@given(st.data())
def test_values_come_back_within_one_unit(name: str, data: st.DataObject) -> None:
    edition, one = EDITIONS[name], data.draw(prints())
    (read,) = edition.decode(edition.encode([one]), strict=True)
    # In the order of the template, at most a pixel away: half of one but at the border.
    assert len(read) == len(one)
    for size, before, after in ((one.width, one.x, read.x), (one.height, one.y, read.y)):
        assert (np.abs(after - np.minimum(before, size - 1)) <= 0.5).all()
    turned = np.abs((read.angle - one.angle + 180) % 360 - 180)
    assert turned.max(initial=0) <= edition.EDITION.angle_step / 2 + 1e-9
    assert np.array_equal(read.type, one.type)
    assert np.array_equal(read.quality, one.quality)
    assert abs(read.ppi - one.ppi) <= 2.54 / 2 + 1e-9
    for field in ("width", "height", "position", "impression"):
        assert getattr(read, field) == getattr(one, field)


@every_edition
@given(one=prints(whole=True))
def test_representable_values_come_back_exactly(name: str, one: Template) -> None:
    edition = EDITIONS[name]
    data = edition.encode([one])
    step = edition.EDITION.angle_step
    rounded = np.floor(one.angle / step + 0.5) % (360 / step) * step
    record = edition.decode(data, strict=True)
    assert np.array_equal(record[0].angle, rounded)
    assert all(np.array_equal(getattr(record[0], axis), getattr(one, axis)) for axis in "xy")
    assert edition.encode(record) == data
    assert edition.encode([record[0]]) == data
    assert edition.decode(edition.encode(record)) == record
    assert dactyloscopy.read(data, strict=True) == record


@every_edition
@given(st.lists(prints(whole=True), min_size=1, max_size=3))
def test_the_oracle_reads_the_same_record(name: str, given_prints: list[Template]) -> None:
    edition = EDITIONS[name]
    if name in ("iso19794_2_2005", "ansi378_2004"):
        given_prints = given_prints[:1]
    found = plain_views(edition.encode(given_prints), name)
    assert len(found) == len(given_prints)
    for one, plain in zip(given_prints, found, strict=True):
        assert (plain.position, plain.impression) == (one.position, one.impression)
        per_cm = round(one.ppi / 2.54)
        assert plain.image == (one.width, one.height, per_cm, per_cm)
        kind, x, y, angle, _ = np.array(plain.minutiae, object).reshape(-1, 5).T
        assert (kind.tolist(), x.tolist(), y.tolist()) == (
            one.type.tolist(),
            one.x.tolist(),
            one.y.tolist(),
        )
        # 0, 45 and so on to 315 degrees, in either unit, halves up.
        steps = round(360 / edition.EDITION.angle_step)
        expected = [int(degrees / 360 * steps + 0.5) for degrees in one.angle]
        assert angle.tolist() == expected


@given(prints(whole=True))
@settings(max_examples=examples(50))
def test_conversion_through_all_editions(one: Template) -> None:
    first = one
    for edition in EDITIONS.values():
        (one,) = edition.decode(edition.encode([one]))
    assert np.array_equal(one.x, first.x)
    # Angles were rounded twice: to 360/256 degrees, then to 2.
    turned = np.abs((one.angle - first.angle + 180) % 360 - 180)
    assert turned.max(initial=0) <= 2


def read_all_ways(data: bytes) -> None:
    """Read as every edition, strictly and leniently: a record or an `InvalidInput`."""
    for strict in (True, False):
        for decode in (dactyloscopy.read, *(edition.decode for edition in EDITIONS.values())):
            try:
                record: Any = decode(data, strict=strict)
            except InvalidInput:
                continue
            assert isinstance(record, Record)
            assert not (strict and record.problems)
            assert len(record) <= len(data)
            assert all(len(template) <= 255 for template in record)


@given(st.sampled_from(sorted(EDITIONS)), st.binary(max_size=120))
def test_random_bytes_after_a_valid_beginning(name: str, tail: bytes) -> None:
    read_all_ways(tail)
    read_all_ways(b"FMR\0" + EDITIONS[name].EDITION.version + tail)
    data: bytes = EDITIONS[name].encode([a_print()])
    read_all_ways(data[:24] + tail)


@pytest.mark.parametrize("name", FILES)
def test_mutations_of_genuine_files(name: str) -> None:
    data, chance = golden(name), random.Random(7)
    for _ in range(150):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(mutated))
            match chance.randrange(4):
                case 0:
                    mutated[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
                case 1:
                    del mutated[at : at + chance.randint(1, 9)]
                case 2:
                    mutated[at:at] = chance.randbytes(chance.randint(1, 9))
                case _:
                    mutated[at : at + 4] = chance.randbytes(4)
        read_all_ways(bytes(mutated))


@pytest.mark.parametrize("name", FILES)
def test_every_byte_of_the_headers(name: str) -> None:
    data = golden(name)
    for at in range(48):
        for value in (0, 1, 0x7F, 0xFF):
            read_all_ways(data[:at] + bytes([value]) + data[at + 1 :])


@every_edition
def test_repaired_records_are_written_validly_or_refused(name: str) -> None:
    edition, chance = EDITIONS[name], random.Random(3)
    data = edition.encode([a_print(), a_print(position=9)])
    written = 0
    for _ in range(400):
        mutated = bytearray(data)
        mutated[chance.randrange(len(data))] = chance.randrange(256)
        try:
            record = edition.decode(bytes(mutated))
            again = edition.encode(record)
        except InvalidInput:
            continue
        written += 1
        assert edition.decode(again, strict=True).templates == record.templates
    assert written > 100

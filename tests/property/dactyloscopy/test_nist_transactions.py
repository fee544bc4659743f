"""Any template comes back from a transaction within one unit; damage only leads to a refusal."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import ansi_nist
from prum_match.dactyloscopy.positions import KNOWN_POSITIONS
from prum_match.dactyloscopy.template import MAX_MINUTIAE
from prum_match.errors import InvalidInput

MOMENT = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
GENUINE = Path(__file__).parents[2] / "golden" / "dactyloscopy"
# Half a unit of the block: in degrees here, in pixels or units of 10 micrometres below.
NEAR = {"incits": 1, "efs": 0.5, "legacy": 0.5}


@st.composite
def templates(draw: st.DrawFn) -> Template:
    n = draw(st.integers(0, 12))
    width, height = draw(st.integers(1, 900)), draw(st.integers(1, 900))
    ppi = draw(st.sampled_from([250.0, 500.0, 1000.0, 2540.0, 197 * 2.54]))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=n, max_size=n))

    return Template(
        x=column(st.floats(0, width)),
        y=column(st.floats(0, height)),
        angle=column(st.floats(0, 360)),
        type=column(st.integers(0, 2)),
        quality=column(st.integers(0, 100)),
        width=width,
        height=height,
        ppi=ppi,
        position=draw(st.sampled_from(sorted(KNOWN_POSITIONS))),
        impression=draw(st.integers(0, 255)),
    )


def image_of(template: Template, idc: int) -> ansi_nist.TaggedRecord:
    whole = template.ppi == round(template.ppi)
    scale = f"{template.ppi if whole else template.ppi / 2.54:.0f}"
    size = {6: str(template.width), 7: str(template.height), 8: "1" if whole else "2"}
    return ansi_nist.TaggedRecord.of(
        13, {2: f"{idc:02d}", **size, 9: scale, 10: scale, 999: b"\x1c"}
    )


def build(prints: list[Template], **options: Any) -> ansi_nist.Transaction:
    return ansi_nist.build(
        prints,
        tot="CPS",
        tcn="2600000004F",
        origin="NL/NAFIS",
        destination="DE/BKA",
        moment=MOMENT,
        type2={3: "0422", 10: "A-17", 320: "1"},
        **options,
    )


def near(a: NDArray[Any], b: NDArray[Any], tolerance: float, around: int | None = None) -> bool:
    difference = np.abs(a.astype(int) - b.astype(int))
    if around:
        difference = np.minimum(difference, around - difference)
    # Both ends are rounded to a unit of their own.
    return bool((difference <= tolerance + 1).all())


@pytest.mark.parametrize("block", NEAR)
@given(prints=st.lists(templates(), max_size=3))
def test_a_template_comes_back(block: str, prints: list[Template]) -> None:
    images = [image_of(template, idc) for idc, template in enumerate(prints, 1)]
    sent = build(prints, block=block, images=images)
    data = ansi_nist.encode(sent)
    found = ansi_nist.decode(data, strict=True)
    assert ansi_nist.encode(found) == data
    assert found.templates == sent.templates
    assert len(found) == len(prints)
    for before, after in zip(prints, found, strict=True):
        (x, y, angle), (x2, y2, angle2) = before.units(), after.units()
        half = 1270 / before.ppi if block == "incits" else 0.5
        assert near(x, x2, half)
        assert near(y, y2, half)
        assert near(angle, angle2, NEAR[block] * 65536 / 360, around=65536)
        assert np.array_equal(before.type, after.type)
        assert (before.width, before.height) == (after.width, after.height)
        assert before.ppi == pytest.approx(after.ppi)
        assert (before.position, before.impression) == (after.position, after.impression)
        if block != "efs":
            assert near(before.quality, after.quality, 1)


@pytest.mark.parametrize("block", NEAR)
@given(template=templates())
def test_a_second_writing_changes_nothing(block: str, template: Template) -> None:
    images = [image_of(template, 1)]
    once = build([template], block=block, images=images)
    twice = build(list(once), block=block, images=images)
    assert [record.to_bytes() for record in twice.records] == [
        record.to_bytes() for record in once.records
    ]


@pytest.mark.parametrize("strict", [True, False])
@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"1.001:99\x1d", b"1.001:9\x1d"]))
def test_any_bytes_are_read_or_refused(strict: bool, data: bytes, start: bytes) -> None:
    attempt(start + data, strict=strict)


@pytest.mark.parametrize("name", ["type9.an2k", "type9-13.an2k", "type9-efs.an2k"])
def test_damaged_files_are_read_or_refused(name: str) -> None:
    genuine = (GENUINE / name).read_bytes()
    chance = random.Random(name)
    read = 0
    for _ in range(400):
        data = damaged(genuine[: chance.choice([2500, 6000, len(genuine)])], chance)
        attempt(data, strict=True)
        read += attempt(data, strict=False)
    # Damage to the text is repaired more often than not.
    assert read > 100


def damaged(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(found), 4000))
        match chance.randrange(5):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                found[at] = chance.choice(b"\x1c\x1d\x1e\x1f0129.:,")
            case 2:
                del found[at : at + chance.randint(1, 30)]
            case 3:
                found[at:at] = found[at : at + chance.randint(1, 300)]
            case _:
                found[at:at] = chance.choice([b"9" * 12, b"\x1d" * 50, b"\x1c2.001:5\x1c", b"\xff"])
    return bytes(found)


def attempt(data: bytes, *, strict: bool) -> bool:
    """Read; if that succeeds, write the result and check that it reads back equal."""
    try:
        found = ansi_nist.decode(data, strict=strict)
    except InvalidInput:
        return False
    again = ansi_nist.encode(found)
    if strict:
        assert again == data
    assert ansi_nist.decode(again).templates == found.templates
    assert all(len(template) <= MAX_MINUTIAE for template in found)
    return True

"""Bytes of a single minutia in each block, and the numbers, positions and frames around it."""

from __future__ import annotations

from types import ModuleType

import pytest

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats.ansi_nist import TaggedRecord, efs, incits, legacy
from prum_match.dactyloscopy.formats.ansi_nist.images import frame_of
from prum_match.dactyloscopy.formats.ansi_nist.items import Frame, number_of, position_of
from prum_match.dactyloscopy.formats.ansi_nist.records import Field
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.positions import UNKNOWN_FINGER

PIXELS = Frame(width=300, height=400, ppi=500)
ENDING_UP = Template(x=[100], y=[50], angle=[90], width=300, height=400, ppi=500)
ENDING_DOWN = Template(x=[100], y=[350], angle=[270], width=300, height=400, ppi=500)


def test_extended_features_are_written_in_units_of_ten_micrometres() -> None:
    assert [(field.number, field.value) for field in efs.fields_of(ENDING_UP)] == [
        (300, b"1524\x1f2032"),
        (302, b"0"),
        (331, b"508\x1f254\x1f90\x1fX"),
    ]


def test_the_block_of_incits_is_written_in_pixels_and_even_degrees() -> None:
    last = incits.fields_of(ENDING_UP)[-1]
    assert (last.number, last.value) == (137, b"1\x1f100\x1f50\x1f45\x1f0\x1f0")


def test_legacy_fields_count_up_from_the_bottom_and_point_into_the_ridge() -> None:
    last = legacy.fields_of(ENDING_DOWN)[-1]
    assert (last.number, last.value) == (12, b"001\x1f05080254090\x1f00\x1fD")


@pytest.mark.parametrize(
    ("block", "fields", "frame", "minutia"),
    [
        (efs, {300: "1524\x1f2032", 302: "2", 331: "508\x1f254\x1f90\x1fE"}, None, (508, 254, 90)),
        (
            incits,
            {
                **{128: "300", 129: "400", 130: "1", 131: "500", 132: "500"},
                **{134: "2", 136: "1", 137: "1\x1f100\x1f50\x1f45\x1f1\x1f60"},
            },
            None,
            (100, 50, 90),
        ),
        (legacy, {6: "02", 10: "1", 12: "001\x1f05080254090\x1f2\x1fA"}, PIXELS, (100, 350, 270)),
    ],
    ids=["efs", "incits", "legacy"],
)
def test_a_record_with_one_minutia_becomes_a_template(
    block: ModuleType,
    fields: dict[int, str],
    frame: Frame | None,
    minutia: tuple[int, int, int],
) -> None:
    found = block.template_of(TaggedRecord.of(9, fields), frame=frame)
    assert found.position == 2
    assert [*zip(found.x, found.y, found.angle, strict=True)] == [minutia]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("007", 7), ("0", 0), ("359", 359)),
        *(("360", None), ("", None), ("-1", None), ("1.0", None), ("٣", None)),
        ("0" * 10, None),
    ],
)
def test_numbers_are_digits_within_bounds(text: str, number: int | None) -> None:
    assert number_of(text, 0, 359) == number


def test_only_the_first_item_of_a_position_counts() -> None:
    problems = Problems()
    assert position_of(Field("9.302", b"3\x1f\x1f"), problems) == 3
    assert problems.notes == []


def test_two_possible_fingers_are_an_unknown_finger() -> None:
    problems = Problems()
    assert position_of(Field("9.006", b"1\x1e3"), problems) == UNKNOWN_FINGER
    assert [note.code for note in problems.notes] == ["several_positions"]


def test_an_image_of_a_latent_need_not_state_a_position() -> None:
    size = {6: "300", 7: "400", 8: "1", 9: "500", 10: "500"}
    record = TaggedRecord.of(13, {2: "01", **size})
    assert frame_of(record, None, Problems()) == PIXELS
    assert PIXELS.position is PIXELS.impression is None
    assert frame_of(TaggedRecord.of(9, {2: "01", **size}), None, Problems()) is None

"""Records that depart from their standard: errors in strict reading, else reported repairs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from prum_match.dactyloscopy.formats import ExtendedData, Record, iso19794_2_2005, iso19794_2_2011
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, a_print

# A record of ISO/IEC 19794-2:2005 with one view, 3 minutiae: where its fields are.
LENGTH, WIDTH, RESOLUTION, VIEWS, RESERVED = 8, 14, 18, 22, 23
POSITION, IMPRESSION, QUALITY, COUNT, MINUTIAE, EXTENDED = 24, 25, 26, 27, 28, 46


def plain() -> bytes:
    return iso19794_2_2005.encode([a_print()])


def patched(at: int, *values: int, data: bytes | None = None) -> bytes:
    data = plain() if data is None else data
    return data[:at] + bytes(values) + data[at + len(values) :]


def with_extended(area: bytes, stated: int | None = None) -> bytes:
    size = len(area) if stated is None else stated
    data = plain()[:EXTENDED] + size.to_bytes(2, "big") + area
    return data[:LENGTH] + len(data).to_bytes(4, "big") + data[LENGTH + 4 :]


def refusal(data: bytes, edition: Any = iso19794_2_2005, strict: bool = True) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        edition.decode(data, strict=strict)
    return caught.value


def repaired(data: bytes, code: str) -> Record:
    """Return the record; strict reading raises the same as the only problem of lenient reading."""
    error = refusal(data)
    record = iso19794_2_2005.decode(data)
    (problem,) = record.problems
    assert (error.code, error.field, error.index) == (code, problem.field, problem.index)
    assert (problem.code, problem.rule) == (code, error.rule)
    assert error.rule is not None
    assert error.rule.startswith("ISO/IEC 19794-2:2005, 7.")
    return record


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS)
def test_a_sound_record(edition: Any) -> None:
    record = edition.decode(edition.encode([a_print(), a_print(position=7)]), strict=True)
    assert record.templates == (a_print(), a_print(position=7))
    assert (record.problems, record.notes) == ((), ())
    assert list(record) == [record[0], record[1]] == list(record[0:2])
    assert record == edition.decode(edition.encode(record))


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS)
@pytest.mark.parametrize("strict", [True, False])
def test_every_beginning_is_truncated(edition: Any, strict: bool) -> None:
    data = edition.encode([a_print(), a_print(position=7)])
    for end in range(len(data) - 1 if strict else len(data) - 3):
        code = refusal(data[:end], edition, strict).code
        expected = {"truncated", "bad_length"} if end >= 8 else {"truncated", "not_a_record"}
        assert code in expected


@pytest.mark.parametrize("data", [b"", b"FMR", b"FIR\0 20\0", b"\0" * 99])
def test_not_a_record(data: bytes) -> None:
    assert refusal(data).code == "not_a_record"
    assert refusal(data, strict=False).code == "not_a_record"


def test_no_bytes() -> None:
    assert refusal("FMR").code == "bad_source"  # type: ignore[arg-type]
    assert len(iso19794_2_2005.decode(memoryview(plain()))) == 1  # type: ignore[arg-type]


def test_another_version_is_refused_in_lenient_reading_too() -> None:
    assert refusal(patched(4, *b"030\0"), strict=False).code == "bad_version"


def test_length() -> None:
    record = repaired(patched(LENGTH, 0, 0, 0, 99), "bad_length")
    assert record.problems[0].offset == LENGTH
    assert record.templates == (a_print(),)


def test_trailing_bytes() -> None:
    data = patched(LENGTH, 0, 0, 0, len(plain()) + 2) + b"ab"
    assert repaired(data, "trailing_bytes").problems[0].offset == len(plain())


def test_reserved_byte() -> None:
    repaired(patched(RESERVED, 7), "reserved_bits")


def test_no_views() -> None:
    data = patched(LENGTH, 0, 0, 0, 24)[:24]
    record = repaired(patched(VIEWS, 0, data=data), "no_views")
    assert (len(record), record.templates) == (0, ())


def test_unknown_size() -> None:
    record = repaired(patched(WIDTH, 0, 0), "bad_size")
    assert (record[0].width, record[0].height) == (0, 400)
    assert len(record[0]) == 3


@pytest.mark.parametrize(("x", "y"), [(0, 197), (197, 19), (7875, 197)])
def test_resolution(x: int, y: int) -> None:
    data = patched(RESOLUTION, *x.to_bytes(2, "big"), *y.to_bytes(2, "big"))
    assert refusal(data).code == refusal(data, strict=False).code == "bad_resolution"


def test_pixels_that_are_not_square() -> None:
    data = patched(RESOLUTION, 0, 200, 0, 100)
    record = iso19794_2_2005.decode(data)
    assert [note.code for note in record.notes] == ["pixels_not_square"]
    assert record[0].ppi == 508
    assert record[0].y.tolist() == [80, 100, 120]
    assert record[0].height == 800
    assert iso19794_2_2005.encode(record) == data


def test_image_too_high_in_pixels_of_x() -> None:
    data = patched(WIDTH, 1, 44, 255, 255, 0, 200, 0, 100)
    assert refusal(data, strict=False).code == "bad_size"


def test_position_and_impression_without_a_code() -> None:
    record = repaired(patched(POSITION, 11), "bad_position")
    assert (record[0].position, record.views[0].position) == (0, 11)
    record = repaired(patched(IMPRESSION, 9), "bad_impression")
    assert (record[0].impression, record.views[0].impression) == (29, 9)


def test_finger_quality() -> None:
    record = repaired(patched(QUALITY, 101), "bad_quality")
    assert record.views[0].qualities[0].score == 101


def test_view_twice() -> None:
    data = iso19794_2_2005.encode([a_print(), a_print()])
    second = len(plain())
    assert data[second + 1] >> 4 == 1
    repaired(patched(second + 1, 0, data=data), "bad_view_number")
    # Views of unknown fingers may be of several.
    data = iso19794_2_2005.encode([a_print(position=0), a_print(position=0)])
    assert len(iso19794_2_2005.decode(patched(second + 1, 0, data=data))) == 2


def test_view_number_of_a_byte() -> None:
    edition = EDITIONS["ansi378_2009"]
    data = edition.encode([a_print()])
    assert refusal(patched(22, 16, data=data), edition).code == "bad_view_number"


def test_minutia_type() -> None:
    record = repaired(patched(MINUTIAE + 6, 0xC0), "bad_type")
    assert record[0].type.tolist() == [0, 0, 2]
    assert (record.problems[0].minutia, record.problems[0].offset) == (1, MINUTIAE + 6)


@pytest.mark.parametrize("bits", [0x40, 0x80, 0xC0])
def test_reserved_bits_of_a_minutia(bits: int) -> None:
    record = repaired(patched(MINUTIAE + 2, bits), "reserved_bits")
    assert record[0] == a_print()


@pytest.mark.parametrize(("at", "values"), [(0, (1, 44)), (2, (1, 144))])
def test_minutia_outside_of_the_image(at: int, values: tuple[int, int]) -> None:
    record = repaired(patched(MINUTIAE + 12 + at, *values), "outside_image")
    assert record[0].x.tolist() == [10, 20]
    assert record.views[0].minutia_quality == bytes([1, 50])
    assert record.problems[0].minutia == 2
    # The last pixel is inside.
    inside = values[0], values[1] - 1
    assert len(iso19794_2_2005.decode(patched(MINUTIAE + at, *inside))[0]) == 3


def test_minutia_beyond_any_hand() -> None:
    # 300 mm at 20 pixels a centimetre are 600 of them; x is 660.
    data = patched(WIDTH, 255, 255, 1, 144, 0, 20, 0, 20)
    assert len(repaired(patched(MINUTIAE, 2, 148, data=data), "outside_image")[0]) == 2


def test_minutia_quality() -> None:
    record = repaired(patched(MINUTIAE + 5, 254), "bad_quality")
    assert record[0].quality.tolist() == [0, 50, 100]
    assert record.views[0].minutia_quality == bytes([0, 50, 100])


def test_unstated_quality() -> None:
    edition = EDITIONS["ansi378_2009"]
    data = edition.encode([a_print(quality=[0, 50, 100])])
    assert data[38 + 5] == 254
    for value in (0, 254, 255):
        record = edition.decode(patched(38 + 5, value, data=data))
        assert record[0].quality.tolist() == [0, 50, 100]
        assert [note.code for note in record.notes] == ["quality_not_kept"]
        assert edition.encode(record) == patched(38 + 5, value, data=data)
    assert refusal(patched(38 + 5, 253, data=data), edition).code == "bad_quality"


def test_angle_beyond_a_turn() -> None:
    edition = EDITIONS["ansi378_2004"]
    data = edition.encode([a_print()])
    at = 30 + 4
    assert edition.decode(patched(at, 179, data=data))[0].angle[0] == 358
    bad = patched(at, 180, data=data)
    assert refusal(bad, edition).code == "bad_angle"
    record = edition.decode(bad)
    assert math.isnan(record[0].angle[0])
    assert record[0].not_compared == 1


def test_group_of_fingers() -> None:
    edition = EDITIONS["ansi378_2009am1"]
    record = edition.decode(patched(21, 40, data=edition.encode([a_print()])), strict=True)
    assert record[0] == a_print(position=40)
    assert record.notes == ()


def test_the_number_of_problems_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prum_match.dactyloscopy.formats.records.problems.MAX_PROBLEMS", 2)
    data = patched(MINUTIAE, 0xFF, data=patched(RESERVED, 7))
    assert refusal(data, strict=False).code == "too_many_problems"
    assert len(iso19794_2_2005.decode(patched(MINUTIAE, 0xFF)).problems) == 2


def test_length_of_ansi_2004() -> None:
    edition = EDITIONS["ansi378_2004"]
    data = edition.encode([a_print()])
    long = data[:8] + b"\0\0" + (len(data) + 4).to_bytes(4, "big") + data[10:]
    assert refusal(long, edition).code == "bad_length"
    assert edition.decode(long).templates == (a_print(),)
    view = replace(edition.decode(data).views[0], extended=(ExtendedData(256, bytes(65000)),))
    record = replace(edition.decode(data), views=(view, replace(view, number=1)))
    large = edition.encode(record)
    assert large[8:10] == b"\0\0"
    assert len(large) == int.from_bytes(large[10:14], "big") > 0x10000
    assert edition.decode(large) == record


def test_extended_data() -> None:
    area = bytes.fromhex("0001000701020300020004") + bytes.fromhex("0100000507")
    record = iso19794_2_2005.decode(with_extended(area))
    assert record.views[0].extended == (
        ExtendedData(1, b"\1\2\3"),
        ExtendedData(2, b""),
        ExtendedData(256, b"\7"),
    )
    assert iso19794_2_2005.encode(record) == with_extended(area)


@pytest.mark.parametrize(
    "area", ["00", "000100", "00010003", "0001000801", "0001000400", "00010000"]
)
def test_extended_data_that_do_not_fit(area: str) -> None:
    record = repaired(with_extended(bytes.fromhex(area)), "bad_extended_data")
    # A block of one byte, whose length leaves out type and length, is the one that can be read.
    assert record.views[0].extended in ((), (ExtendedData(1, b""),))
    assert record.templates == (a_print(),)


def test_the_number_of_blocks_is_bounded() -> None:
    block = bytes.fromhex("0100000507")
    assert len(iso19794_2_2005.decode(with_extended(block * 255)).views[0].extended) == 255
    assert repaired(with_extended(block * 256), "bad_extended_data").views[0].extended == ()


def test_extended_data_longer_than_the_record() -> None:
    data = with_extended(bytes.fromhex("0100000507"), stated=9)
    assert refusal(data).code == "truncated"
    record = iso19794_2_2005.decode(data)
    assert [problem.code for problem in record.problems] == ["bad_length"]
    assert record.views[0].extended == (ExtendedData(256, b"\7"),)
    # If a view follows, the end of the data is unknown.
    two = iso19794_2_2005.encode([a_print(), a_print(position=7)])
    assert refusal(patched(EXTENDED, 1, 0, data=two), strict=False).code == "truncated"


def test_ridge_counts_of_dropped_minutiae() -> None:
    counts, cores = bytes.fromhex("000100080001020a"), bytes.fromhex("000200060000")
    data = patched(MINUTIAE, 0xFF, data=with_extended(counts + cores))
    record = iso19794_2_2005.decode(patched(MINUTIAE, 0x3F, data=data))
    codes = [problem.code for problem in record.problems]
    assert codes == ["outside_image", "ridge_counts_dropped"]
    assert record.views[0].extended == (ExtendedData(2, b"\0\0"),)


# A record of ISO/IEC 19794-2:2011: where the fields of its view are.
FLAG, VIEW, MOMENT, BLOCKS, KIND = 14, 15, 19, 33, 45


def of_2011() -> bytes:
    return iso19794_2_2011.encode([a_print()])


@pytest.mark.parametrize(
    ("at", "values", "code"),
    [
        (FLAG, (2,), "bad_field"),
        (KIND, (0x40,), "bad_field"),
        (KIND, (0x62,), "bad_field"),
        (VIEW, (0, 0, 0, 10), "bad_length"),
        (VIEW, (0, 0, 9, 9), "truncated"),
        (VIEW, (255, 255, 255, 255), "truncated"),
    ],
)
def test_fields_of_2011_without_a_repair(at: int, values: tuple[int, ...], code: str) -> None:
    data = patched(at, *values, data=of_2011())
    assert refusal(data, iso19794_2_2011).code == code
    assert refusal(data, iso19794_2_2011, strict=False).code == code


def test_moment() -> None:
    data = patched(MOMENT, 7, 232, 12, 31, 23, 59, 59, 3, 231, data=of_2011())
    assert iso19794_2_2011.decode(data).views[0].captured == (2024, 12, 31, 23, 59, 59, 999)
    bad = patched(MOMENT + 2, 13, data=data)
    error = refusal(bad, iso19794_2_2011)
    assert (error.code, error.field) == ("bad_date", "month")
    record = iso19794_2_2011.decode(bad)
    assert record.views[0].captured[1] == 13
    assert iso19794_2_2011.decode(of_2011()).views[0].captured == (None,) * 7


def test_representation_with_surplus_bytes() -> None:
    data = of_2011() + b"ab"
    data = patched(LENGTH, *len(data).to_bytes(4, "big"), data=data)
    data = patched(VIEW, *(len(data) - VIEW).to_bytes(4, "big"), data=data)
    assert refusal(data, iso19794_2_2011).code == "trailing_bytes"
    record = iso19794_2_2011.decode(data)
    assert [problem.code for problem in record.problems] == ["trailing_bytes"]
    assert iso19794_2_2011.encode(record) == of_2011()


def test_minutiae_without_quality() -> None:
    data = iso19794_2_2011.encode([a_print(quality=None)])
    assert (data[KIND], len(data)) == (0x50, len(of_2011()) - 3)
    record = iso19794_2_2011.decode(data)
    assert record.views[0].minutia_quality is None
    assert record.notes == ()
    assert iso19794_2_2011.encode(record) == data


def test_errors_name_the_clause() -> None:
    spare = patched(VIEW, 0, 0, 0, 66, data=of_2011() + b"ab")
    spare = patched(LENGTH, *len(spare).to_bytes(4, "big"), data=spare)
    for data, edition, clause in (
        (patched(RESERVED, 1), iso19794_2_2005, "ISO/IEC 19794-2:2005, 7.3"),
        (patched(POSITION, 99), iso19794_2_2005, "ISO/IEC 19794-2:2005, 7.4.1"),
        (patched(MINUTIAE, 0xFF), iso19794_2_2005, "ISO/IEC 19794-2:2005, 7.4.2"),
        (with_extended(b"\0"), iso19794_2_2005, "ISO/IEC 19794-2:2005, 7.5"),
        (spare, iso19794_2_2011, "ISO/IEC 19794-2:2011, 8.4"),
    ):
        assert refusal(data, edition).rule == clause
    of_2009 = EDITIONS["ansi378_2009"]
    error = refusal(of_2009.encode([a_print()]) + b"x", of_2009)
    assert error.rule == "ANSI/INCITS 378-2009, record header"


def test_offsets_of_five_byte_minutiae() -> None:
    data = iso19794_2_2011.encode([a_print(quality=None)])
    record = iso19794_2_2011.decode(patched(KIND + 2 + 5, 0xC0, data=data))
    (problem,) = record.problems
    assert (problem.code, problem.minutia, problem.offset) == ("bad_type", 1, KIND + 7)


def test_errors_keep_the_value_out_of_the_text() -> None:
    error = refusal(patched(POSITION, 222))
    assert error.value == 222
    assert "222" not in str(error)
    assert "222" not in repr(iso19794_2_2005.decode(patched(POSITION, 222)).problems)

"""Transactions from templates: limits of each block, and the fields of the Prüm decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import ansi_nist, iso19794_2_2011
from prum_match.dactyloscopy.formats.ansi_nist import TaggedRecord, Transaction, legacy
from prum_match.errors import InvalidInput

MOMENT = dt.datetime(2026, 1, 5, 0, 30, 7, tzinfo=dt.timezone(dt.timedelta(hours=1)))
BLOCKS = ["incits", "efs", "legacy"]
PRINT = Template(
    x=[100, 200],
    y=[350, 50],
    angle=[270, 120],
    type=[1, 2],
    width=300,
    height=400,
    ppi=500,
    position=2,
)
TYPE_2 = {3: "0422", 7: "C-1", 10: "A-17", 64: "CPS\x1eN\x1e001/001\x1e0", 74: "999", 320: "1"}


def build(*templates: Template, **options: Any) -> Transaction:
    given: dict[str, Any] = {"tot": "CPS", "tcn": "2600000004F", "moment": MOMENT}
    given |= {"origin": "NL/NAFIS", "destination": "DE/BKA", "type2": TYPE_2}
    return ansi_nist.build(templates, **given | options)


def image(idc: int = 1, **more: str) -> TaggedRecord:
    values = {3: "1", 6: "300", 7: "400", 8: "1", 9: "500", 10: "500", 13: "2"}
    values |= {int(name[1:]): value for name, value in more.items()}
    return TaggedRecord.of(14, {2: f"{idc:02d}", **values, 999: b"\x1c\x1d"})


def one(angle: float = 0, **more: Any) -> Template:
    given: dict[str, Any] = {"x": [10], "y": [10], "width": 300, "height": 400, "ppi": 500}
    return Template(angle=[angle], **given | more)


def type_9(transaction: Transaction) -> TaggedRecord:
    record = transaction.records[2]
    assert isinstance(record, TaggedRecord)
    return record


def test_the_header_of_the_decision() -> None:
    sent = build(PRINT, PRINT, reply_to="2500000001A")
    assert {field.number: field.text for field in sent.header.fields if field.number > 1} == {
        2: "0300",
        3: "1\x1f3\x1e2\x1f00\x1e9\x1f01\x1e9\x1f02",
        4: "CPS",
        5: "20260105",
        6: "4",
        7: "DE/BKA",
        8: "NL/NAFIS",
        9: "2600000004F",
        10: "2500000001A",
        11: "00.00",
        12: "00.00",
        13: "INT-I\x1f4.22",
        14: "20260104233007Z",
    }
    assert build(PRINT, block="efs").header.text(2) == "0500"
    assert build(PRINT, version="0502").header.text(2) == "0502"


def test_the_block_of_the_decision() -> None:
    record = type_9(build(PRINT))
    assert [(field.number, field.value) for field in record.fields[1:]] == [
        (2, b"01"),
        (3, b"29"),
        (4, b"U"),
        (126, b"27\x1f513\x1f0"),
        (127, b"NONE\x1f0"),
        (128, b"300"),
        (129, b"400"),
        (130, b"1"),
        (131, b"500"),
        (132, b"500"),
        (133, b"0"),
        (134, b"2"),
        (136, b"2"),
        (137, b"1\x1f100\x1f350\x1f135\x1f1\x1f0\x1e2\x1f200\x1f50\x1f60\x1f2\x1f0"),
    ]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_strict_reader_finds_the_templates(block: str) -> None:
    sent = build(PRINT, block=block, images=[image()])
    found = ansi_nist.decode(ansi_nist.encode(sent), strict=True)
    assert found == sent
    assert found.problems == ()
    assert found[0].units()[0].tolist() == PRINT.units()[0].tolist()
    assert (found[0].position, found[0].impression, found[0].ppi) == (2, 29, 500)


@pytest.mark.parametrize("block", BLOCKS)
def test_an_image_of_another_size(block: str) -> None:
    finer = image(_6="600", _7="801", _9="1000", _10="1000")
    assert len(build(PRINT, block=block, images=[finer, image(2, _7="1")])) == 1
    assert len(build(one(width=0, height=0), block=block, images=[finer])) == 1
    for size in ({"_6": "302"}, {"_7": "398"}, {"_9": "1000", "_10": "1000"}):
        with pytest.raises(InvalidInput, match="other_size; item 1; field images"):
            build(PRINT, PRINT, block=block, images=[image(), image(2, **size)])


def test_nistitl_reads_it() -> None:
    nistitl = pytest.importorskip("nistitl")
    for block in BLOCKS:
        message = nistitl.Message()
        message.parse(ansi_nist.encode(build(PRINT, block=block, images=[image()])))
        assert message.TOT == "CPS"
        assert [record.type for record in list(message)[1:]] == [2, 9, 14]


@pytest.mark.parametrize("block", BLOCKS)
def test_no_templates_and_no_minutiae(block: str) -> None:
    assert len(build(block=block, tot="SRE")) == 0
    empty = Template(x=[], y=[], angle=[], width=300, height=400, ppi=500)
    (found,) = ansi_nist.decode(ansi_nist.encode(build(empty, block=block)), strict=True)
    assert len(found) == 0


@pytest.mark.parametrize("block", BLOCKS)
def test_an_unknown_size_becomes_the_smallest(block: str) -> None:
    (found,) = build(one(width=0, height=0, ppi=2540), block=block)
    assert (found.x.tolist(), found.ppi) == ([10], 2540)
    # The legacy block has no origin then.
    assert found.y.tolist() == [0 if block == "legacy" else 10]
    empty = Template(x=[], y=[], angle=[], width=0, height=0, ppi=500)
    assert len(build(empty, block=block)[0]) == 0


def test_an_unknown_size_is_noted() -> None:
    for block, field in (("incits", "9.128"), ("efs", "9.300")):
        sent = build(PRINT, one(width=0), block=block)
        assert [(note.code, note.index, note.field) for note in sent.notes] == [
            ("size_needed", 3, field)
        ]
    assert [note.code for note in build(one(height=0), block="legacy").notes] == ["no_image"]


def test_templates_become_a_transaction_for_storage() -> None:
    plain = one(angle=90)
    data = ansi_nist.encode([plain, PRINT])
    found = ansi_nist.decode(data, strict=True)
    assert found.templates == (plain, PRINT)
    assert (found.problems, found.notes) == ((), ())
    assert ansi_nist.encode(found) == data
    assert [field.text for field in found.header.fields if field.number in (4, 7, 8, 9)] == [
        "CPS",
        "UNKNOWN",
        "UNKNOWN",
        "0000000000A",
    ]
    made = dt.datetime.strptime(found.header.text(14), "%Y%m%d%H%M%S%z")
    assert abs(dt.datetime.now(dt.UTC) - made) < dt.timedelta(days=1)
    type_2 = found.records[1]
    assert isinstance(type_2, TaggedRecord)
    assert [(field.number, field.text) for field in type_2.fields[2:]] == [
        (3, "0"),
        (10, "0"),
        (320, "0"),
    ]
    assert len(ansi_nist.decode(ansi_nist.encode([]), strict=True)) == 0


@pytest.mark.parametrize(
    ("source", "code", "index"),
    [
        (PRINT, "bad_template", None),
        (None, "bad_template", None),
        (b"1.001", "bad_template", 0),
        ([PRINT, "x"], "bad_template", 1),
        ([PRINT, one(np.nan)], "unknown_direction", 1),
        ([PRINT, one(width=0)], "size_needed", 1),
        ([one(height=0)], "size_needed", 0),
        ([PRINT] * 100, "bad_idc", 99),
    ],
)
def test_templates_that_cannot_be_stored_are_refused(
    source: Any, code: str, index: int | None
) -> None:
    with pytest.raises(InvalidInput) as error:
        ansi_nist.encode(source)
    assert (error.value.code, error.value.index) == (code, index)


def test_a_record_of_minutiae_is_of_another_edition() -> None:
    record = iso19794_2_2011.decode(iso19794_2_2011.encode([PRINT]))
    with pytest.raises(InvalidInput, match="other_edition; field source"):
        ansi_nist.encode(record)
    found = ansi_nist.decode(ansi_nist.encode(record.templates), strict=True)
    assert found[0].x.tolist() == PRINT.x.tolist()


def test_an_unknown_direction() -> None:
    for block in ("incits", "legacy"):
        with pytest.raises(InvalidInput, match=r"minutia 0.*unknown_direction; item 0"):
            build(one(np.nan), block=block)
    assert build(one(np.nan), block="efs")[0].not_compared == 1


@pytest.mark.parametrize(
    ("block", "angle", "read"),
    [
        ("incits", 359.4, 0),
        ("incits", 358.9, 358),
        ("incits", 1, 2),
        ("efs", 359.5, 0),
        ("efs", 0.49, 0),
        ("legacy", 359.5, 0),
        ("legacy", 179.4, 179),
    ],
)
def test_angles_are_rounded(block: str, angle: float, read: float) -> None:
    sent = build(one(angle), block=block)
    assert sent[0].angle.tolist() == [read]
    assert b"360" not in type_9(sent).to_bytes()


@pytest.mark.parametrize("height", range(25, 1000, 50))
def test_an_edge_that_is_rounded_by_half_a_unit(height: int) -> None:
    # 25 pixels of 1000 ppi are 63.5 units, and so on: 0 is half a unit outside when read.
    edge = Template(x=[0], y=[0], angle=[0], width=height, height=height, ppi=1000)
    sizes = {"_6": str(height), "_7": str(height), "_9": "1000", "_10": "1000"}
    assert build(edge, block="legacy", images=[image(**sizes)])[0].y.tolist() == [0]


def test_quality() -> None:
    quality = np.arange(101)
    many = Template(
        x=quality, y=quality, angle=quality, quality=quality, width=300, height=400, ppi=500
    )
    assert build(many)[0].quality.tolist() == quality.tolist()
    read = build(many, block="legacy")[0].quality.astype(int)
    assert np.abs(read - quality).max() <= 1
    assert read[[0, 1, 100]].tolist() == [0, 1, 100]
    lost = build(many, block="efs")
    assert [(note.code, note.index, note.field) for note in lost.notes] == [
        ("not_written", 2, "9.331")
    ]


def test_a_resolution_in_pixels_a_centimetre() -> None:
    sent = build(one(ppi=197 * 2.54))
    assert [type_9(sent).text(number) for number in (130, 131, 132)] == ["2", "197", "197"]
    assert sent[0].ppi == pytest.approx(197 * 2.54)
    with pytest.raises(InvalidInput, match=r"not_representable; item 0; field 9\.131"):
        build(one(ppi=500.3))


@pytest.mark.parametrize(
    ("block", "template", "code"),
    [
        ("incits", {"x": [1] * 256, "y": [1] * 256}, "too_many_minutiae"),
        ("legacy", {"x": [1] * 1000, "y": [1] * 1000}, "too_many_minutiae"),
        ("legacy", {"x": [10000], "y": [1], "ppi": 2540}, "not_representable"),
        ("legacy", {"x": [1], "y": [1], "ppi": 2540, "height": 10002}, "not_representable"),
        ("efs", {"x": [1], "y": [1], "ppi": 50, "height": 985}, "not_representable"),
    ],
)
def test_data_that_a_block_cannot_hold_are_refused(
    block: str, template: dict[str, Any], code: str
) -> None:
    given: dict[str, Any] = {"width": 0, "height": 0, "ppi": 500, "angle": [0] * len(template["x"])}
    with pytest.raises(InvalidInput, match=code):
        build(Template(**given | template), block=block)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"tot": "LTS"}, "bad_transaction_type", "tot"),
        ({"tcn": "260000004F"}, "bad_control_number", "tcn"),
        ({"tcn": "2600000004f"}, "bad_control_number", "tcn"),
        ({"reply_to": ""}, "bad_control_number", "reply_to"),
        ({"moment": dt.datetime(2026, 1, 5)}, "bad_moment", "moment"),
        ({"moment": dt.date(2026, 1, 5)}, "bad_moment", "moment"),
        ({"priority": 0}, "bad_priority", "priority"),
        ({"origin": "NL\x1dAFIS"}, "bad_field", "origin"),
        ({"destination": ""}, "bad_field", "destination"),
        ({"block": "m1"}, "bad_option", "block"),
        ({"images": [TaggedRecord.of(10, {2: "01"})]}, "bad_record_type", "images"),
        ({"images": [TaggedRecord.of(13, {3: "4"})]}, "missing_field", "13.002"),
        ({"type2": {**TYPE_2, 20: 7}}, "bad_field", "2.020"),
        ({"type2": {2: "01", **TYPE_2}}, "bad_field", "type2"),
        ({"type2": {**TYPE_2, 20: "A\x1d2.030:B"}}, "bad_field", "2.020"),
    ],
)
def test_invalid_options_are_refused(options: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        build(PRINT, **options)
    assert (error.value.code, error.value.field) == (code, field)


@pytest.mark.parametrize(
    ("tot", "needed"),
    [
        ("CPS", [3, 10, 320]),
        ("PMS", [3, 10, 320]),
        ("MPS", [3, 7, 320]),
        ("MMS", [3, 7, 320]),
        ("SRE", [3, 64]),
        ("ERR", [3, 74]),
    ],
)
def test_mandatory_fields_of_the_type_2_record(tot: str, needed: list[int]) -> None:
    assert build(tot=tot, type2={number: TYPE_2[number] for number in needed}).tot == tot
    for missing in needed:
        rest = {number: value for number, value in TYPE_2.items() if number != missing}
        with pytest.raises(InvalidInput, match=rf"missing_field; field 2\.{missing:03d}"):
            build(tot=tot, type2=rest)


def test_the_index_of_an_unwritable_template_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"minutia 0.*item 2"):
        build(PRINT, PRINT, one(np.nan))


def test_as_many_templates_as_there_are_idcs() -> None:
    assert len(build(*[PRINT] * 99)) == 99
    with pytest.raises(InvalidInput, match="bad_idc"):
        build(*[PRINT] * 100)


def test_a_record_with_more_in_it() -> None:
    cores = {139: "150\x1f200\x1f"}
    record = ansi_nist.record_of(PRINT, idc=7, extra=cores)
    assert (record.idc, record.text(139)) == (7, "150\x1f200\x1f")
    assert [field.number for field in record.fields[-2:]] == [137, 139]
    with pytest.raises(InvalidInput, match=r"duplicate_field; field 9\.134"):
        ansi_nist.record_of(PRINT, idc=7, extra={134: "3"})


def test_system_and_method_of_legacy_fields() -> None:
    fields = legacy.fields_of(PRINT, system="EXAMINER", method="M")
    assert fields[0].value == b"EXAMINER\x1fM"
    with pytest.raises(InvalidInput, match="bad_option; field method"):
        legacy.fields_of(PRINT, method="X")

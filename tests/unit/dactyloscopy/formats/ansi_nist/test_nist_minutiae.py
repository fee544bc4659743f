"""The three blocks of minutiae: units, directions, sizes, and unreadable data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import ansi_nist
from prum_match.dactyloscopy.formats.ansi_nist import Frame, TaggedRecord, efs, incits
from prum_match.dactyloscopy.formats.ansi_nist import legacy as legacy_block
from prum_match.dactyloscopy.formats.records.problems import Problems, RecordProblem
from prum_match.errors import InvalidInput
from support.dactyloscopy import nist
from support.dactyloscopy.nist import Values, tagged, transaction

FRAME = Frame(width=300, height=400, ppi=500, position=7, impression=1)


def legacy(minutiae: str, **more: str) -> bytes:
    count = str(minutiae.count("\x1e") + 1)
    values: Values = {2: "00", 3: "4", 4: "S", 6: "02", 10: count, 12: minutiae}
    return tagged(9, values | {int(name[1:]): value for name, value in more.items()})


def m1(minutiae: str, **more: str) -> bytes:
    count = str(minutiae.count("\x1e") + 1)
    values: Values = {2: "00", 3: "1", 4: "U", 128: "300", 129: "400", 130: "1", 131: "500"}
    values |= {132: "500", 134: "2", 136: count, 137: minutiae}
    return tagged(9, values | {int(name[1:]): value for name, value in more.items()})


def latent(**more: str) -> bytes:
    values: Values = {2: "00", 3: "4", 6: "300", 7: "400", 8: "1", 9: "500", 10: "500", 13: "7"}
    return tagged(13, values | {int(name[1:]): value for name, value in more.items()})


def type_4(resolution: int = 0, positions: bytes = b"\x03\xff\xff\xff\xff\xff") -> bytes:
    rest = b"\x00\x01" + positions + bytes([resolution]) + b"\x01\x2c\x01\x90\x01"
    return (4 + len(rest)).to_bytes(4, "big") + rest


def read(*records: bytes, strict: bool = True, **header: str) -> ansi_nist.Transaction:
    # Type-4 records have no tag that says their type.
    types = [9 if record[1:2] == b"." else 13 if record[2:3] == b"." else 4 for record in records]
    contents = "\x1e".join([f"1\x1f{len(records)}", *(f"{type_}\x1f00" for type_ in types)])
    return ansi_nist.decode(transaction(*records, contents=contents, **header), strict=strict)


def codes(found: ansi_nist.Transaction) -> list[str]:
    return [problem.code for problem in (*found.problems, *found.notes)]


def place(problem: RecordProblem) -> tuple[int | None, str, int | None]:
    return problem.index, problem.field, problem.minutia


def rows(template: Template) -> list[tuple[float, ...]]:
    columns = template.x, template.y, template.angle, template.type, template.quality
    return [tuple(map(float, row)) for row in zip(*columns, strict=True)]


LEGACY = "\x1e".join(
    [
        "001\x1f05080254090\x1f2\x1fA",
        "002\x1f10161778300\x1f63\x1fB\x1f1,5",
        "003\x1f00000000000\x1f1\x1fD",
    ]
)
M1 = "\x1e".join(
    [
        "1\x1f100\x1f350\x1f135\x1f1\x1f100",
        "2\x1f200\x1f50\x1f60\x1f2\x1f1",
        "3\x1f0\x1f400\x1f90\x1f0\x1f0",
    ]
)
EFS = "\x1e".join(
    [
        "508\x1f1778\x1f270\x1fE",
        "1016\x1f254\x1f120\x1fB\x1f12\x1f7",
        "0\x1f2032\x1f180\x1fX\x1f\x1f",
    ]
)
SAME = [(100, 350, 270, 1), (200, 50, 120, 2), (0, 400, 180, 0)]


@pytest.mark.parametrize("block", [legacy(LEGACY), m1(M1), nist.efs(EFS)], ids=["L", "M1", "EFS"])
def test_one_print_in_three_blocks(block: bytes) -> None:
    (template,) = read(latent(), block)
    assert [row[:4] for row in rows(template)] == SAME
    assert (template.width, template.height, template.ppi) == (300, 400, 500)
    assert template.position == 2


def test_qualities() -> None:
    for block in (legacy(LEGACY), m1(M1)):
        (template,) = read(latent(), block)
        assert template.quality.tolist() == [100, 1, 0]
    assert not read(nist.efs(EFS))[0].quality.any()
    scale = [1 + round((63 - q) * 99 / 61) for q in range(2, 64)]
    assert len(set(scale)) == 62


def test_without_an_image() -> None:
    alone = read(legacy(LEGACY))
    assert codes(alone) == ["no_image"]
    assert [row[:3] for row in rows(alone[0])] == [(508, 1524, 270), (1016, 0, 120), (0, 1778, 180)]
    assert (alone[0].width, alone[0].height, alone[0].ppi) == (0, 0, 2540)
    region = read(nist.efs(EFS))
    assert codes(region) == []
    assert rows(region[0])[0][:3] == (508, 1778, 270)
    assert (region[0].width, region[0].height, region[0].ppi) == (2000, 3000, 2540)


def test_the_region_lies_in_its_image() -> None:
    (template,) = read(latent(), nist.efs(EFS, _300="1016\x1f2032\x1f508\x1f0"))
    assert [row[:2] for row in rows(template)] == [(200, 350), (300, 50), (100, 400)]
    moved = read(latent(), nist.efs(EFS, _300="1016\x1f2032\x1f508\x1f254"), strict=False)
    assert codes(moved) == ["outside_image"]
    assert place(moved.problems[0]) == (2, "9.331", 2)
    assert rows(moved[0])[0][:2] == (200, 400)


@pytest.mark.parametrize(
    ("image", "header", "ppi"),
    [
        (latent(), {}, 500),
        (latent(_8="2", _9="197", _10="197"), {}, 197 * 2.54),
        (type_4(), {}, 500),
        (type_4(resolution=1), {"_11": "39.37"}, 39.37 * 25.4),
    ],
)
def test_resolution_of_an_image(image: bytes, header: dict[str, str], ppi: float) -> None:
    found = read(image, legacy("001\x1f05080254090\x1f0\x1fA"), **header)
    assert found[0].ppi == pytest.approx(ppi)
    assert found[0].height == 400
    assert found[0].units()[0].tolist() == [508]


@pytest.mark.parametrize(
    "image", [latent(_8="0"), latent(_10="250"), latent(_9="x"), type_4(resolution=1)]
)
def test_no_resolution_of_an_image(image: bytes) -> None:
    found = read(image, legacy(LEGACY))
    assert codes(found) == ["no_resolution", "no_image"]
    assert found[0].ppi == 2540


def test_an_image_without_a_size() -> None:
    with pytest.raises(InvalidInput, match=r"bad_size; item 1; field 13\.006"):
        read(latent(_6="0"), legacy(LEGACY))
    assert codes(read(latent(_7="70000"), legacy(LEGACY), strict=False)) == ["bad_size", "no_image"]


def test_a_position_of_the_image_serves_where_the_record_has_none() -> None:
    values: Values = {2: "00", 300: "2000\x1f3000", 331: EFS}
    block = {k: v for k, v in fields(m1(M1)).items() if k != 134}
    for image, position, impression in ((latent(), 7, 4), (type_4(), 3, 1)):
        for more in (values, {2: b"00", **block}):
            (template,) = read(image, tagged(9, more))
            assert (template.position, template.impression) == (position, impression)
    (template,) = read(type_4(positions=b"\x03\x04\xff\xff\xff\xff"), tagged(9, values))
    assert template.position == 0
    (template,) = read(tagged(9, values))
    assert (template.position, template.impression) == (0, 29)


def test_an_image_of_a_foot_or_of_an_unknown_position() -> None:
    for position, code in (("60", "not_a_hand"), ("99", "bad_position")):
        found = read(latent(_13=position), nist.efs(EFS))
        assert codes(found) == [code]
        assert found[0].position == 2


@pytest.mark.parametrize(
    ("stated", "position"), [("2\x1e3", 0), ("21\x1e23", 20), ("2\x1e21", 18), ("18\x1e2", 18)]
)
def test_several_possible_positions(stated: str, position: int) -> None:
    found = read(nist.efs(EFS, _302=stated))
    assert codes(found) == ["several_positions"]
    assert found[0].position == position


def test_the_first_image_of_an_idc_counts() -> None:
    found = read(latent(), latent(_7="800"), legacy(LEGACY))
    assert found[0].height == 400
    assert [(note.code, *place(note)) for note in found.notes] == [
        ("other_image", 2, "13.002", None)
    ]
    assert codes(read(latent(), latent(), legacy(LEGACY))) == []


def test_a_position_that_was_rounded_over_the_edge() -> None:
    # 333 pixels are 1691.64 units of 0.01 mm; the topmost row is 1692 of them from the bottom.
    top = "001\x1f00001692090\x1f0\x1fA"
    (template,) = read(latent(_7="333"), legacy(top))
    assert template.y.tolist() == [0]
    with pytest.raises(InvalidInput, match="outside_image"):
        read(latent(_7="333"), legacy(top.replace("1692", "1693")))


def test_palms() -> None:
    (template,) = read(nist.efs(EFS, _3="10", _302="22\x1f\x1f\x1f"))
    assert template.is_palm
    assert template.position == 22


def test_prints_of_feet_are_noted() -> None:
    found = read(nist.efs(EFS, _302="61"), nist.efs(EFS))
    assert codes(found) == ["not_a_hand"]
    assert found.sources == (2,)


@pytest.mark.parametrize("stated", ["x", "", "17\x1e99", "256"])
def test_invalid_positions_are_refused(stated: str) -> None:
    record = nist.efs(EFS, _302=stated)
    with pytest.raises(InvalidInput, match=r"bad_position; item 1; field 9\.302"):
        read(record)
    found = read(record, strict=False)
    assert (codes(found), len(found)) == (["bad_position"], 0)


def test_unknown_directions_are_nan() -> None:
    (template,) = read(nist.efs("5\x1f6\x1f90\x1fE\x1f\x1f180\x1e7\x1f8\x1f360\x1fU\x1f\x1f30"))
    assert math.isnan(template.angle[0])
    assert template.angle[1] == 0
    assert template.not_compared == 1


def test_one_block_is_read() -> None:
    record = tagged(
        9, {2: "00", 3: "1", **fields(m1(M1)), **fields(nist.efs(EFS)), **fields(legacy(LEGACY))}
    )
    found = read(record)
    assert codes(found) == ["other_block", "other_block"]
    assert [place(note) for note in found.notes] == [(1, "9.331", None), (1, "9.012", None)]
    assert found[0].quality.tolist() == [100, 1, 0]


def fields(record: bytes) -> Values:
    found = ansi_nist.decode(transaction(record)).records[1]
    assert isinstance(found, TaggedRecord)
    return {field.number: field.value for field in found.fields if field.number > 4}


@pytest.mark.parametrize(
    "record", [tagged(9, {2: "00", 23: "x"}), tagged(9, {2: "00", 300: "1\x1f1"})]
)
def test_other_blocks_are_kept_and_not_read(record: bytes) -> None:
    found = read(record)
    assert (codes(found), len(found)) == (["no_minutiae"], 0)
    assert found.records[1].to_bytes() == record


def test_no_minutiae_at_all() -> None:
    none = tagged(9, {2: "00", 6: "02", 10: "0"}), tagged(9, {2: "00", 300: "9\x1f9", 334: "Y"})
    size: Values = {128: "300", 129: "400", 130: "2", 131: "197", 132: "197", 136: "0"}
    found = read(*none, tagged(9, {2: "00", **size}))
    assert [len(template) for template in found] == [0, 0, 0]
    assert found[2].ppi == pytest.approx(197 * 2.54)


# A minutia of which something cannot be read: what is left of it, or None.
X = "100\x1f200\x1f90\x1fE"
TORN = [
    (nist.efs("x\x1f200\x1f90\x1fE"), None),
    (nist.efs("2001\x1f200\x1f90\x1fE"), None),
    (nist.efs("100\x1f-1\x1f90\x1fE"), None),
    (nist.efs("100"), None),
    (nist.efs("100\x1f200\x1f361\x1fE"), (100, 200, math.nan, 1, 0)),
    (nist.efs("100\x1f200\x1f90\x1fA"), (100, 200, 90, 0, 0)),
    (nist.efs("100\x1f200\x1f90\x1fE\x1f\x1f181"), (100, 200, 90, 1, 0)),
    (m1("1\x1f\x1f200\x1f45\x1f1\x1f9"), None),
    (m1("1\x1f100\x1f401\x1f45\x1f1\x1f9"), None),
    (m1("1\x1f100\x1f200\x1f180\x1f1\x1f9"), (100, 200, math.nan, 1, 9)),
    (m1("1\x1f100\x1f200\x1f45\x1f3\x1f9"), (100, 200, 90, 0, 9)),
    (m1("1\x1f100\x1f200\x1f45\x1f1\x1f101"), (100, 200, 90, 1, 0)),
    (legacy("1\x1f0100020009\x1f0\x1fA"), None),
    (legacy("1\x1f01000x00090\x1f0\x1fA"), None),
    (legacy("1\x1f01000200360\x1f0\x1fA"), (100, 0, math.nan, 1, 0)),
    (legacy("1\x1f01000200090\x1f64\x1fA"), (100, 0, 270, 1, 0)),
    (legacy("1\x1f01000200090\x1f0\x1fE"), (100, 0, 270, 0, 0)),
    (legacy("1\x1f01000200090"), (100, 0, 270, 0, 0)),
]


@pytest.mark.parametrize(("record", "left"), TORN)
def test_unreadable_items_of_a_minutia_become_unknown(
    record: bytes, left: tuple[float, ...] | None
) -> None:
    with pytest.raises(InvalidInput, match=r"minutia 0?|outside"):
        read(record)
    found = read(record, strict=False)
    assert {*codes(found)} - {"no_image"} <= {"bad_minutia", "outside_image"}
    assert codes(found)[0] != "no_image"
    wanted = np.array([] if left is None else [left]).reshape(-1, 5)
    assert np.array_equal(np.array(rows(found[0])).reshape(-1, 5), wanted, equal_nan=True)


@pytest.mark.parametrize(
    ("record", "code", "kept"),
    [
        (legacy(LEGACY, _10="4"), "count_mismatch", True),
        (m1(M1, _136="x"), "count_mismatch", True),
        (m1(M1, _128=""), "missing_field", True),
        (m1(M1, _132="250"), "no_resolution", False),
        (m1(M1, _130="0"), "no_resolution", False),
        (m1(M1, _131="20001", _132="20001"), "bad_resolution", False),
        (nist.efs(EFS, _300=""), "bad_region", False),
        (nist.efs(EFS, _300="1\x1f50001"), "bad_region", False),
        (nist.efs(EFS, _300="1\x1f1\x1f-1"), "bad_region", False),
        (nist.efs(EFS, _3="256"), "bad_impression", True),
        (nist.efs("\x1e".join([X] * 4097)), "too_many_minutiae", False),
    ],
)
def test_faults_of_a_record_are_reported(record: bytes, code: str, kept: bool) -> None:
    with pytest.raises(InvalidInput) as error:
        read(record)
    assert (error.value.code, error.value.index) == (code, 1)
    found = read(record, strict=False)
    assert code in codes(found)
    assert (len(found) == 1) is kept


def test_a_block_without_a_resolution_takes_that_of_its_image() -> None:
    found = read(latent(), m1(M1, _131="", _128=""), strict=False)
    assert codes(found) == ["missing_field", "no_resolution"]
    assert (found[0].width, found[0].ppi) == (300, 500)


def test_a_reversed_print_is_noted() -> None:
    assert codes(read(nist.efs(EFS, _315="L"))) == ["reversed"]
    assert codes(read(nist.efs(EFS, _315="U"))) == []


def test_blocks_on_their_own() -> None:
    record = TaggedRecord.of(9, fields(legacy(LEGACY)))
    assert legacy_block.template_of(record, frame=FRAME).height == 400
    assert efs.template_of(TaggedRecord.of(9, fields(nist.efs(EFS)))).height == 3000
    assert incits.template_of(TaggedRecord.of(9, fields(m1(M1))), frame=FRAME).position == 2
    problems = Problems(strict=False)
    efs.template_of(TaggedRecord.of(9, {300: "9\x1f9", 331: "x"}), problems=problems)
    assert place(problems.found[0]) == (None, "9.331", 0)

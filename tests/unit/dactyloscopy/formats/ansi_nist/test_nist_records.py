"""Fields, records, their lengths, and reading of a whole transaction."""

from __future__ import annotations

import re

import pytest

from prum_match.dactyloscopy.formats import ansi_nist
from prum_match.dactyloscopy.formats.ansi_nist import BinaryRecord, Field, TaggedRecord, Transaction
from prum_match.errors import InvalidInput
from support.dactyloscopy.nist import efs, tagged, transaction

TYPE_2 = tagged(2, {2: "00", 3: "0422"})
ONE = "100\x1f200\x1f90\x1fE"
FIELDS = ansi_nist.MAX_FIELDS


def type_4(image: bytes, idc: int = 0) -> bytes:
    header = bytes([idc, 1, 2, *[255] * 5, 0]) + b"\x01\x2c\x01\x90\x01"
    return (4 + len(header) + len(image)).to_bytes(4, "big") + header + image


def codes(data: bytes) -> list[str]:
    found = ansi_nist.decode(data)
    return [problem.code for problem in (*found.problems, *found.notes)]


def refusal(data: bytes, *, strict: bool = True) -> InvalidInput:
    with pytest.raises(InvalidInput) as error:
        ansi_nist.decode(data, strict=strict)
    return error.value


@pytest.mark.parametrize(
    "name", ["", "9", "9.", ".012", "123.1", "9.1234567890", "9.\u0661", "9.1 "]
)
def test_invalid_field_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"bad_field; field name"):
        Field(name, b"")


@pytest.mark.parametrize("separator", [b"\x1c", b"\x1d"])
def test_separators_inside_a_field_are_refused(separator: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"bad_field; field 2\.010"):
        Field("2.010", b"A" + separator)
    assert Field("13.999", b"A" + separator).value


def test_values_stay_out_of_repr_and_errors() -> None:
    assert "secret" not in repr(TaggedRecord.of(2, {2: "00", 30: "secret"}))
    error = refusal(transaction(efs(ONE, _3="secret")))
    assert "secret" not in repr(error) + str(error)
    assert (error.code, error.value, error.index) == ("bad_impression", "secret", 1)


def test_text_of_a_field() -> None:
    assert Field("2.030", "Müller".encode()).text == "Müller"
    assert Field("2.030", "Müller".encode("latin-1")).text == "Müller"


@pytest.mark.parametrize("type_", [0, 3, 8, 100])
def test_types_without_tags(type_: int) -> None:
    with pytest.raises(InvalidInput, match="bad_record_type"):
        TaggedRecord.of(type_, {2: "00"})


@pytest.mark.parametrize("size", [*range(70, 90), 970, 979, 980, 990, 9970, 9979, 9980])
def test_a_length_counts_its_own_digits(size: int) -> None:
    record = tagged(2, {2: "00", 3: "x" * size})
    stated = re.match(rb"2\.001:(\d+)\x1d", record)
    assert stated is not None
    assert int(stated[1]) == len(record)


def test_a_length_stays_as_it_was_written() -> None:
    data = transaction(TYPE_2.replace(b"2.001:29", b"2.001:0031"))
    assert ansi_nist.encode(ansi_nist.decode(data, strict=True)) == data


def test_binary_records_begin_with_their_length() -> None:
    assert BinaryRecord(4, type_4(b"image")).idc == 0
    for wrong in (b"", b"\x00\x00\x00\x05", b"\x00\x00\x00\x07\x00x"):
        with pytest.raises(InvalidInput, match="bad_length"):
            BinaryRecord(4, wrong)
    with pytest.raises(InvalidInput, match="bad_record_type"):
        BinaryRecord(9, type_4(b""))


def test_image_bytes_are_not_interpreted() -> None:
    image = b"\x1c\x1d13.999:\x1e\x1f" * 3 + b"\x1c"
    latent = tagged(13, {2: "00", 6: "300", 7: "400", 8: "1", 9: "500", 10: "500", 999: image})
    data = transaction(
        TYPE_2, latent, type_4(image), efs(ONE), contents=contents("2", "13", "4", "9")
    )
    found = ansi_nist.decode(data, strict=True)
    assert [record.type for record in found.records] == [1, 2, 13, 4, 9]
    assert isinstance(found.records[2], TaggedRecord)
    field = found.records[2].get(999)
    assert field is not None
    assert field.value == image
    assert ansi_nist.encode(found) == data


def contents(*types: str) -> str:
    return "\x1e".join([f"1\x1f{len(types)}", *(f"{type_}\x1f00" for type_ in types)])


def test_a_transaction_is_a_sequence_of_templates() -> None:
    found = ansi_nist.decode(transaction(TYPE_2, efs(ONE), efs(ONE, _302="3")), strict=True)
    assert [template.position for template in found] == [2, 3]
    assert found.sources == (2, 3)
    assert found[-1] == found[:][1]
    assert (found.tot, found.tcn, len(found)) == ("CPS", "2600000004F", 2)
    assert found.edition == "ANSI/NIST-ITL"
    assert repr(found) == "<Transaction: 4 records, 2 templates, 0 problems>"
    with pytest.raises(InvalidInput, match="not_a_record"):
        Transaction((found.records[1],), (), (), ())


@pytest.mark.parametrize(
    "data", [b"", b"1.002:x\x1d", b"FMR\x00 20\x00", b"1.001:abc\x1d", b"2.001:9\x1d"]
)
def test_other_data_are_not_a_transaction(data: bytes) -> None:
    assert not ansi_nist.recognises(data)
    assert refusal(data).code == "not_a_record"
    assert refusal(data, strict=False).code == "not_a_record"


def test_only_bytes() -> None:
    with pytest.raises(InvalidInput, match="bad_source"):
        ansi_nist.decode("1.001:134")  # type: ignore[arg-type]
    data = transaction(TYPE_2)
    assert ansi_nist.decode(memoryview(data)) == ansi_nist.decode(bytearray(data))  # type: ignore[arg-type]


# What the standard does not allow, and is clear all the same: refused if strict, else listed.
REPAIRED = {
    "bad_length": transaction(TYPE_2.replace(b":29", b":30")),
    "truncated": transaction(TYPE_2)[:-1],
    "bad_field": transaction(TYPE_2.replace(b"2.003:0422", b"without")),
    "foreign_field": transaction(TYPE_2.replace(b"2.003", b"9.003")),
    "duplicate_field": transaction(TYPE_2.replace(b"2.003", b"2.002")),
    "missing_field": transaction(tagged(2, {3: "0422"}), contents="1\x1f0"),
    "count_mismatch": transaction(TYPE_2, contents="1\x1f1\x1e2\x1f01"),
    "trailing_bytes": transaction(TYPE_2) + b"\x00\x00",
}


@pytest.mark.parametrize("code", REPAIRED)
def test_refused_or_listed(code: str) -> None:
    data = REPAIRED[code]
    error = refusal(data)
    assert error.code == code if code != "bad_field" else error.code in ("bad_field", "bad_length")
    assert code in codes(data)


@pytest.mark.parametrize(
    "stated",
    [
        "2\x1f1\x1e2\x1f00",
        "1\x1f2\x1e2\x1f00",
        "1\x1f2\x1e2\x1f00\x1e2\x1f00",
        "1\x1f0",
        "1\x1f1\x1e2",
        "1\x1f1\x1e2\x1f00\x1f",
        "1\x1f1\x1e9\x1f00",
        "x",
    ],
)
def test_contents_must_match_the_records(stated: str) -> None:
    data = transaction(TYPE_2, contents=stated)
    assert refusal(data).code == "count_mismatch"
    assert {*codes(data)} == {"count_mismatch"}


def test_fields_of_another_record_type_are_not_found() -> None:
    record = ansi_nist.decode(REPAIRED["foreign_field"]).records[1]
    assert isinstance(record, TaggedRecord)
    assert (record.text(3), record.fields[-1].text) == ("", "0422")


def test_items_are_not_split_further_than_asked() -> None:
    field = Field("9.331", b"1\x1f2\x1f3\x1e4\x1e5")
    assert field.items(2, 2) == [["1", "2"], ["4"]]
    assert field.items(9, 9) == [["1", "2", "3"], ["4"], ["5"]]
    assert field.subfields == (("1", "2", "3"), ("4",), ("5",))


def test_readable_records_are_kept() -> None:
    twice = TYPE_2.replace(b"2.003:0422", b"2.003:0422\x1d2.003:0423")
    found = ansi_nist.decode(transaction(twice))
    record = found.records[1]
    assert isinstance(record, TaggedRecord)
    assert [field.text for field in record.fields] == ["29", "00", "0422", "0423"]
    assert record.text(3) == "0422"
    again = ansi_nist.encode(found)
    assert b"2.001:40\x1d" in again
    assert [p.code for p in ansi_nist.decode(again).problems] == ["duplicate_field"]


def test_a_problem_keeps_what_was_dropped() -> None:
    found = ansi_nist.decode(REPAIRED["trailing_bytes"])
    assert [problem.value for problem in found.problems] == [b"\x00\x00"]
    assert (found.problems[0].index, found.problems[0].field) == (2, "1.003")


IMAGE = tagged(13, {2: "00", 6: "300", 7: "400", 8: "1", 9: "500", 10: "500", 999: b"x" * 90})


def stating(record: bytes, length: int) -> bytes:
    return re.sub(rb"001:\d+", b"001:%d" % length, record)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (transaction(stating(IMAGE, 140)), "bad_length"),
        (transaction(stating(IMAGE, 20)), "bad_length"),
        (transaction(type_4(b"image")[:-1], contents=contents("4")), "truncated"),
        (transaction(b"\x00\x00\x00\x04", contents=contents("4")), "bad_length"),
        (transaction(b"\xff\xff\xff\xff\x00", contents=contents("7")), "truncated"),
        (transaction(b"no record", contents=contents("2")), "not_a_record"),
        (transaction(b"0.001:9\x1c", contents=contents("2")), "not_a_record"),
        (transaction(b"4.001:9\x1c", contents=contents("2")), "not_a_record"),
        (transaction(TYPE_2, contents="1\x1f1\x1e" + "2\x1f00\x1e" * 1000), "too_many_records"),
        (transaction(*[TYPE_2] * 1000, contents="1\x1f1"), "too_many_records"),
        (transaction(TYPE_2.replace(b"2.003", b"2.9:\x1d" * FIELDS + b"2.003")), "too_many_fields"),
    ],
)
def test_faults_without_repair_are_errors(data: bytes, code: str) -> None:
    error = refusal(data, strict=False)
    assert error.code == code
    assert error.index == 1 or code.startswith("too_many")
    assert isinstance(refusal(data), InvalidInput)


def test_an_image_that_was_cut_off() -> None:
    data = transaction(IMAGE, contents=contents("13"))
    assert refusal(data[:-10]).code == "truncated"
    found = ansi_nist.decode(data[:-10])
    assert [problem.code for problem in found.problems] == ["truncated"]
    assert isinstance(found.records[1], TaggedRecord)
    field = found.records[1].get(999)
    assert field is not None
    assert field.value == b"x" * 81


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prum_match.dactyloscopy.formats.ansi_nist.reading.MAX_BYTES", 100)
    assert refusal(transaction(TYPE_2)).code == "too_large"


@pytest.mark.parametrize("separator", ["\x1e", "\x1f"])
@pytest.mark.parametrize("field", ["_300", "_302"])
def test_a_million_separators(field: str, separator: str) -> None:
    assert codes(transaction(efs(ONE, **{field: separator * 1_000_000})))
    assert codes(transaction(efs(separator * 1_000_000)))


def test_the_number_of_problems_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prum_match.dactyloscopy.formats.records.problems.MAX_PROBLEMS", 10)
    minutiae = "\x1e".join(["x"] * 11)
    assert refusal(transaction(efs(minutiae)), strict=False).code == "too_many_problems"

"""Reading of transactions. Every stated length is checked against the data before use."""

from __future__ import annotations

import re
from collections import Counter

from prum_match.dactyloscopy.formats.ansi_nist.items import number_of
from prum_match.dactyloscopy.formats.ansi_nist.records import (
    BINARY_TYPES,
    FS,
    IMAGE_DATA,
    RS,
    BinaryRecord,
    Field,
    Record,
    TaggedRecord,
)
from prum_match.dactyloscopy.formats.ansi_nist.transaction import Transaction, assemble
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.errors import InvalidInput

MAX_BYTES = 1 << 26
MAX_RECORDS = 1000
MAX_FIELDS = 1000
"""Most fields of a record."""

_ANNEX_B = "ANSI/NIST-ITL 1-2011 Annex B"
_START = re.compile(rb"1\.0{0,7}1:[0-9]{1,10}[\x1c\x1d]")
_NAME = re.compile(rb"([0-9]{1,2})\.([0-9]{1,9}):")
_FIRST = re.compile(rb"([0-9]{1,2})\.0{0,7}1:")
_SEPARATOR = re.compile(rb"[\x1c\x1d]")
_HEADER_FIELDS = (2, 3, 4, 5, 7, 8, 9, 11, 12)

Contents = list[tuple[int, int]]


def recognises(data: bytes) -> bool:
    r"""Tell whether data begin like a transaction of ANSI/NIST-ITL, traditional encoding.

    Examples
    --------
    >>> recognises(b"1.001:134\x1d1.002:0300\x1d"), recognises(b"FMR\x00 20\x00")
    (True, False)
    """
    return _START.match(bytes(data[:32])) is not None


def decode(data: bytes, *, strict: bool = False) -> Transaction:
    """Read a transaction.

    Parameters
    ----------
    data : bytes
        The file, traditional encoding, up to 64 MiB.
    strict : bool, default False
        Whether any departure of records, fields and minutiae from the standard is an error. By
        default faults are repaired where possible, and otherwise the faulty part is left out; both
        are listed in the problems of the transaction. Other fields are not interpreted.

    Returns
    -------
    Transaction
        Its records and templates. Its notes are not violations, and strict reading has them too:
        ``"no_image"``, ``"other_image"``, ``"other_block"``, ``"no_minutiae"``,
        ``"several_positions"``, ``"reversed"``, ``"not_a_hand"``, and of an image
        ``"no_resolution"`` and ``"bad_position"``.

    Raises
    ------
    InvalidInput
        Codes ``"bad_source"``, ``"not_a_record"``, ``"too_large"``, ``"too_many_records"``,
        ``"too_many_fields"``, ``"too_many_problems"``, ``"truncated"``, ``"bad_length"``, and if
        strict ``"bad_field"``, ``"foreign_field"``, ``"duplicate_field"``, ``"missing_field"``,
        ``"count_mismatch"``, ``"trailing_bytes"``, ``"bad_minutia"``, ``"outside_image"``,
        ``"too_many_minutiae"``, ``"bad_position"``, ``"bad_impression"``, ``"bad_size"``,
        ``"bad_region"``, ``"no_resolution"``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.dactyloscopy import Template
    >>> from prum_match.dactyloscopy.formats import ansi_nist
    >>> print_ = Template(x=[100], y=[50], angle=[90], width=300, height=400, ppi=500, position=2)
    >>> sent = ansi_nist.build([print_], tot="CPS", tcn="2600000004F", origin="NL/NAFIS",
    ...     destination="DE/BKA", moment=datetime(2026, 1, 5, tzinfo=UTC),
    ...     type2={3: "0422", 10: "A-17", 320: "1"})
    >>> transaction = decode(ansi_nist.encode(sent))
    >>> transaction, transaction.tot, transaction[0]
    (<Transaction: 3 records, 1 templates, 0 problems>, 'CPS', <Template: 1 minutiae, right index>)
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InvalidInput("a transaction is bytes", code="bad_source", field="data")
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"a transaction has up to {MAX_BYTES} bytes", code="too_large", field="data"
        )
    problems = Problems(strict=strict)
    records = _Reader(bytes(data), problems).records()
    return assemble(records, problems)


class _Reader:
    """Reads one transaction from its beginning to its end."""

    def __init__(self, data: bytes, problems: Problems) -> None:
        self._data = data
        self._problems = problems
        self._at = 0
        self._cut = False

    def records(self) -> list[Record]:
        if not recognises(self._data):
            raise InvalidInput(
                "a transaction begins with the length of its Type-1 record",
                code="not_a_record",
                field="1.001",
                rule=_ANNEX_B,
            )
        self._problems.index = 0
        header = self._tagged()
        stated = _contents(header, self._problems)
        records: list[Record] = [header]
        while self._at < len(self._data):
            if len(records) == MAX_RECORDS:
                raise InvalidInput(
                    f"a transaction has up to {MAX_RECORDS} records",
                    code="too_many_records",
                    field="1.003",
                )
            self._problems.index = len(records)
            record = self._next(stated[len(records) - 1][0] if len(records) <= len(stated) else 0)
            if record is None:
                break
            records.append(record)
        self._compare(stated, records)
        return records

    def _next(self, expected: int) -> Record | None:
        """Return the next record; None if the data behind the last record are not a record."""
        first = _FIRST.match(self._data, self._at)
        if first and int(first[1]) not in (0, *BINARY_TYPES):
            return self._tagged()
        if expected in BINARY_TYPES:
            return self._binary(expected)
        if expected:
            message = "a record is missing at this place"
            raise self._error(message, "not_a_record", f"{expected}.001")
        self._problems.add(
            "bytes after the last record",
            code="trailing_bytes",
            field="1.003",
            rule=_ANNEX_B,
            value=self._data[self._at :],
        )
        return None

    def _binary(self, type_: int) -> BinaryRecord:
        length = int.from_bytes(self._data[self._at : self._at + 4], "big")
        rest = len(self._data) - self._at
        if length < 5 or length > rest:
            message = "the length of a binary record is invalid or exceeds the data"
            code = "truncated" if length > rest else "bad_length"
            raise self._error(message, code, f"{type_}.001")
        start, self._at = self._at, self._at + length
        return BinaryRecord(type_, self._data[start : self._at])

    def _tagged(self) -> TaggedRecord:
        start = self._at
        fields: list[Field] = []
        more = True
        while more:
            if len(fields) == MAX_FIELDS:
                raise InvalidInput(
                    f"a record has up to {MAX_FIELDS} fields", code="too_many_fields", field="001"
                )
            more = self._field(start, fields)
        record = TaggedRecord(fields[0].type, tuple(fields))
        stated = number_of(fields[0].text, 1, 999_999_999)
        if stated != self._at - start and not self._cut:
            self._add("the stated length is not that of the record", "bad_length", fields[0])
        self._check(record)
        return record

    def _field(self, start: int, fields: list[Field]) -> bool:
        """Read one field; tell whether another follows in this record."""
        name = _NAME.match(self._data, self._at)
        if name and int(name[2]) == IMAGE_DATA and fields:
            end = self._image_end(start, name.end(), fields[0])
            more = False
        else:
            separator = _SEPARATOR.search(self._data, self._at)
            end = separator.start() if separator else len(self._data)
            more = separator is not None and separator[0] != FS
            if separator is None:
                self._cut = True
                self._problems.add(
                    "the record has no end", code="truncated", field=_name(fields), rule=_ANNEX_B
                )
        chunk = self._data[self._at : end]
        self._at = min(end + 1, len(self._data))
        if name is None:
            self._problems.add(
                "a field begins with its number and a colon",
                code="bad_field",
                field=_name(fields),
                rule=_ANNEX_B,
                value=chunk,
            )
        else:
            written = name[0][:-1].decode("ascii")
            fields.append(Field(written, chunk[len(name[0]) :]))
        return more

    def _image_end(self, start: int, data_start: int, length: Field) -> int:
        """Return the end of an image, which only the length of its record tells."""
        stated = number_of(length.text, 1, 999_999_999)
        end = -1 if stated is None else start + stated - 1
        if end >= len(self._data):
            self._cut = True
            self._add("the stated length exceeds the data", "truncated", length)
            return len(self._data) - self._data.endswith(FS)
        if end < data_start or self._data[end : end + 1] != FS:
            message = "the record does not end at its stated length"
            raise self._error(message, "bad_length", length.name)
        return end

    def _check(self, record: TaggedRecord) -> None:
        """Compare the fields of a record with each other."""
        for one in record.fields:
            if one.type != record.type:
                self._add("the field belongs to another record type", "foreign_field", one)
        counts = Counter((one.type, one.number) for one in record.fields)
        for (type_, number), count in counts.items():
            if count > 1:
                self._problems.add(
                    "the field occurs more than once",
                    code="duplicate_field",
                    field=f"{type_}.{number:03d}",
                    rule=_ANNEX_B,
                )
        for number in _HEADER_FIELDS if record.type == 1 else (2,):
            if record.get(number) is None:
                self._problems.add(
                    "the field is missing",
                    code="missing_field",
                    field=f"{record.type}.{number:03d}",
                )

    def _compare(self, stated: Contents, records: list[Record]) -> None:
        """Compare the contents stated in the Type-1 record with the actual records."""
        self._problems.index = 0
        there = [(record.type, record.idc) for record in records[1:]]
        if len(there) != len(stated):
            self._problems.add(
                "the number of records is not the stated one", code="count_mismatch", field="1.003"
            )
        for index, (record, said) in enumerate(zip(there, stated, strict=False), 1):
            if record != said:
                self._problems.index = index
                self._problems.add(
                    "type or IDC of a record is not the stated one",
                    code="count_mismatch",
                    field="1.003",
                    value=(record, said),
                )

    def _error(self, message: str, code: str, field: str) -> InvalidInput:
        index = self._problems.index
        return InvalidInput(message, code=code, field=field, index=index, rule=_ANNEX_B)

    def _add(self, message: str, code: str, field: Field) -> None:
        self._problems.add(message, code=code, field=field.name, rule=_ANNEX_B, value=field.value)


def _name(fields: list[Field]) -> str:
    """Return the name of the last field that was read."""
    return fields[-1].name if fields else "001"


def _contents(header: TaggedRecord, problems: Problems) -> Contents:
    """Return the readable types and IDCs of the records that follow (1.003)."""
    field = header.get(3)
    if field is None:
        return []
    if field.value.count(RS) >= MAX_RECORDS:
        raise InvalidInput(
            f"a transaction has up to {MAX_RECORDS} records",
            code="too_many_records",
            field=field.name,
        )
    pairs = [
        tuple(number_of(item, 0, 9999) for item in items) if len(items) == 2 else (None, None)
        for items in field.items(MAX_RECORDS, 3)
    ]
    first, rest = pairs[0], pairs[1:]
    stated = [(type_, idc) for type_, idc in rest if type_ is not None and idc is not None]
    if first != (1, len(rest)) or len(stated) < len(rest):
        problems.add(
            "the contents are 1 and a count, then a type and an IDC for each record",
            code="count_mismatch",
            field=field.name,
            rule=_ANNEX_B,
            value=field.value,
        )
    return stated

"""Records of a transaction: tagged ones as fields, binary ones as bytes.

Traditional encoding, ANSI/NIST-ITL 1-2011 Update 2015, Annex B. A tagged record is a run of fields
``type.number:value`` with GS between them and FS at its end; the value of a field is subfields
with RS between them, a subfield is items with US between them. Field 001 is the length of the
record. Field 999 is an image and the last field: its bytes are never interpreted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from prum_match.errors import InvalidInput

FS, GS, RS, US = b"\x1c", b"\x1d", b"\x1e", b"\x1f"
BINARY_TYPES = range(3, 9)
IMAGE_DATA = 999
_NAME = re.compile(r"(\d{1,2})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    r"""One field of a tagged record.

    Attributes
    ----------
    name : str
        Type and number as they are written, for example ``"9.012"``.
    value : bytes
        The bytes behind the colon, with the separators RS and US. Kept out of `repr`: it may name
        a person.
    type, number : int
        The parts of the name.

    Raises
    ------
    InvalidInput
        Code ``"bad_field"`` for an invalid name, or a value with a separator GS or FS.

    Examples
    --------
    >>> Field("1.003", b"1\x1f1\x1e9\x1f00").subfields
    (('1', '1'), ('9', '00'))
    """

    name: str
    value: bytes = field(repr=False)
    type: int = field(init=False, repr=False, compare=False)
    number: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = _NAME.fullmatch(self.name)
        if parts is None:
            raise InvalidInput(
                "the name of a field is type.number",
                code="bad_field",
                field="name",
                value=self.name,
            )
        if not isinstance(self.value, bytes):
            raise InvalidInput("the value of a field is bytes", code="bad_field", field=self.name)
        object.__setattr__(self, "type", int(parts[1]))
        object.__setattr__(self, "number", int(parts[2]))
        if self.number != IMAGE_DATA and (GS in self.value or FS in self.value):
            raise InvalidInput(
                "the value holds a field or record separator",
                code="bad_field",
                field=self.name,
            )

    @property
    def text(self) -> str:
        """The value as text: UTF-8, or Latin-1 if it is not."""
        try:
            return self.value.decode("utf-8")
        except UnicodeDecodeError:
            return self.value.decode("latin-1")

    @property
    def subfields(self) -> tuple[tuple[str, ...], ...]:
        """The items of each subfield."""
        return tuple(tuple(part.split("\x1f")) for part in self.text.split("\x1e"))

    def items(self, most_subfields: int, most_items: int) -> list[list[str]]:
        """Return the first items of the first subfields; the rest is not split."""
        parts = self.value.split(RS, most_subfields)[:most_subfields]
        return [
            [item.decode("latin-1") for item in part.split(US, most_items)[:most_items]]
            for part in parts
        ]

    def to_bytes(self) -> bytes:
        """Return name, colon and value."""
        return self.name.encode("ascii") + b":" + self.value


@dataclass(frozen=True, slots=True)
class TaggedRecord:
    r"""A record of fields: types 1, 2, 9 and above.

    Attributes
    ----------
    type : int
        Record type.
    fields : tuple of Field
        In the order of the file, the length first.

    Examples
    --------
    >>> record = TaggedRecord.of(2, {2: "00", 3: "0422"})
    >>> record.to_bytes()
    b'2.001:29\x1d2.002:00\x1d2.003:0422\x1c'
    >>> record.idc, record.text(3)
    (0, '0422')
    """

    type: int
    fields: tuple[Field, ...]

    @classmethod
    def of(cls, type: int, values: Mapping[int, str | bytes]) -> Self:
        """Return a record of these fields, by number, with its length before them."""
        if not 1 <= type <= 99 or type in BINARY_TYPES:
            raise InvalidInput(
                "tagged records have types 1, 2 and 9 to 99", code="bad_record_type", field="type"
            )
        fields = [
            Field(f"{type}.{number:03d}", value.encode() if isinstance(value, str) else value)
            for number, value in values.items()
            if number != 1
        ]
        return cls(type, _with_length((Field(f"{type}.001", b""), *fields)))

    @property
    def idc(self) -> int | None:
        """The information designation character, which links records; Type-1 has none."""
        text = self.text(2) if self.type != 1 else ""
        return int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else None

    def get(self, number: int) -> Field | None:
        """Return the first field of this number and of the record's own type."""
        for one in self.fields:
            if one.number == number and one.type == self.type:
                return one
        return None

    def text(self, number: int) -> str:
        """Return the value of a field as text, empty if there is none."""
        found = self.get(number)
        return found.text if found else ""

    def to_bytes(self) -> bytes:
        """Return the record with its length corrected."""
        return GS.join(one.to_bytes() for one in _with_length(self.fields)) + FS


@dataclass(frozen=True, slots=True)
class BinaryRecord:
    """A record without tags: types 3 to 8. Kept unchanged.

    Attributes
    ----------
    type : int
        Record type, as the Type-1 record states it.
    data : bytes
        The whole record. Kept out of `repr`.
    """

    type: int
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.type not in BINARY_TYPES:
            raise InvalidInput(
                "binary records have types 3 to 8", code="bad_record_type", field="type"
            )
        if len(self.data) < 5 or int.from_bytes(self.data[:4], "big") != len(self.data):
            raise InvalidInput(
                "a binary record begins with its length",
                code="bad_length",
                field=f"{self.type}.001",
            )

    @property
    def idc(self) -> int | None:
        """The information designation character."""
        return self.data[4]

    def to_bytes(self) -> bytes:
        """Return the record as it was."""
        return self.data


Record = TaggedRecord | BinaryRecord


def _with_length(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the fields with the length of the record, which counts its own digits."""
    first, *rest = fields
    others = sum(len(one.name) + 1 + len(one.value) + 1 for one in rest)
    bare = len(first.name) + 2
    if first.value.isdigit() and int(first.value[:12]) == others + bare + len(first.value):
        return fields
    digits = 1
    while len(str(others + bare + digits)) != digits:
        digits += 1
    return (Field(first.name, b"%d" % (others + bare + digits)), *rest)

"""One canonical encoding: UTF-8 JSON whose bounds are checked before it is parsed.

A record is a frozen dataclass; the `Codec` in each field's metadata says how the field looks in
JSON. The dataclass therefore *is* the closed list of fields, and no second list can drift away
from it.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from prum_match.errors import ExchangeError

__all__ = [
    "BYTES",
    "FLAG",
    "TIME",
    "Codec",
    "check_fields",
    "dumps",
    "from_json",
    "integer",
    "loads",
    "member",
    "one_of",
    "optional",
    "record",
    "text",
    "to_json",
    "tuple_of",
]

_Record = TypeVar("_Record")

# Strings are taken out whole, so that brackets inside them do not count. The possessive quantifiers
# and the optional closing quote keep the scan linear on strings that never end.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b"[]{},"))
# Half a surrogate pair: JSON can spell it (``\ud800``), UTF-8 cannot.
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")

_MEMBERS = 256
"""Most members of a record, and most values of a list of plain values."""
# One character beyond the BMP makes Python hold each character of a text in four bytes: 32 MiB
# become 256. Only facts and core data have text beyond ASCII, and they are far below this.
_WIDE_BYTES = 1 << 20
# An odd number of backslashes: one that is itself escaped may have a plain letter u behind it.
_ESCAPED = re.compile(rb"\\(?<!\\\\)(?:\\\\)*+u")

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


@dataclass(frozen=True, slots=True)
class Codec:
    """How one field looks in JSON.

    Parameters
    ----------
    check : callable
        Says whether a Python value may stand in the field.
    load, dump : callable
        JSON value to Python value and back; `load` may raise TypeError or ValueError, and `dump`
        sees checked values only.

    Examples
    --------
    >>> integer(1, 9).check(10)
    False
    """

    check: Callable[[Any], bool]
    load: Callable[[Any], Any] = lambda raw: raw
    dump: Callable[[Any], Any] = lambda value: value

    @property
    def meta(self) -> Mapping[str, Codec]:
        """The codec as the metadata of a dataclass field."""
        return {"codec": self}


def text(pattern: str) -> Codec:
    """Return the codec of text that matches `pattern` as a whole and can be written in UTF-8."""
    matches = re.compile(pattern).fullmatch
    return Codec(
        lambda value: (
            isinstance(value, str)
            and matches(value) is not None
            and (value.isascii() or _HALF_A_PAIR.search(value) is None)
        )
    )


def integer(low: int, high: int) -> Codec:
    """Return the codec of integers from `low` to `high`, both included."""
    return Codec(lambda value: type(value) is int and low <= value <= high)


def one_of(values: Collection[str]) -> Codec:
    """Return the codec of text from a closed set."""
    return Codec(lambda value: isinstance(value, str) and value in values)


def member(members: type[Enum]) -> Codec:
    """Return the codec of the members of an enumeration."""
    return Codec(lambda value: isinstance(value, members), members, lambda value: value.value)


def record(record_type: type[Any]) -> Codec:
    """Return the codec of a record inside another."""
    return Codec(
        lambda value: type(value) is record_type, lambda raw: from_json(record_type, raw), to_json
    )


def optional(codec: Codec) -> Codec:
    """Return the codec of a field that may be null."""
    return Codec(
        lambda value: value is None or codec.check(value),
        lambda raw: None if raw is None else codec.load(raw),
        lambda value: None if value is None else codec.dump(value),
    )


def tuple_of(item: Codec, most: int | None = None) -> Codec:
    """Return the codec of a tuple of at most so many values, an array in JSON."""

    def load(raw: Any) -> tuple[Any, ...]:
        if not isinstance(raw, list):
            raise TypeError
        return tuple(item.load(entry) for entry in raw)

    return Codec(
        lambda value: (
            isinstance(value, tuple)
            and (most is None or len(value) <= most)
            and all(map(item.check, value))
        ),
        load,
        lambda value: [item.dump(entry) for entry in value],
    )


FLAG = Codec(lambda value: isinstance(value, bool))
"""Yes or no."""


def _is_utc(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() == timedelta(0)


TIME = Codec(
    _is_utc,
    datetime.fromisoformat,
    lambda value: value.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z",
)
"""An instant in UTC, always written with six decimals of a second and ``Z``."""

BYTES = Codec(
    lambda value: isinstance(value, bytes),
    lambda raw: b64decode(raw, validate=True),
    lambda value: b64encode(value).decode("ascii"),
)
"""Bytes, written in base64 with padding (RFC 4648, section 4)."""


_CODECS: dict[type[Any], Mapping[str, Codec]] = {}


def _codecs(record_type: type[Any]) -> Mapping[str, Codec]:
    known = _CODECS.get(record_type)
    if known is None:
        known = {field.name: field.metadata["codec"] for field in fields(record_type)}
        _CODECS[record_type] = known
    return known


def check_fields(value: Any) -> None:
    """Check every field of a record against its codec.

    Raises
    ------
    ExchangeError
        ``invalid_field``, with the name of the field and never its value.
    """
    for name, codec in _codecs(type(value)).items():
        if not codec.check(getattr(value, name)):
            raise _invalid(name)


def to_json(value: Any) -> dict[str, Any]:
    """Turn a record into a JSON object."""
    return {name: codec.dump(getattr(value, name)) for name, codec in _codecs(type(value)).items()}


def from_json(record_type: type[_Record], raw: Any) -> _Record:
    """Turn a JSON object into a record that has exactly its fields.

    Raises
    ------
    ExchangeError
        ``malformed``, ``unknown_field``, ``missing_field`` or ``invalid_field``.
    """
    if not isinstance(raw, dict):
        raise ExchangeError("not a JSON object", code="malformed")
    codecs = _codecs(record_type)
    for name in raw.keys() - codecs.keys():
        # The name of a stray field comes from outside: it can itself be personal data.
        raise ExchangeError(
            "a field that the closed list does not have",
            code="unknown_field",
            rule="Reg. (EU) 2024/982 Art. 9",
            value=name,
        )
    values = {}
    for name, codec in codecs.items():
        if name not in raw:
            raise ExchangeError("a field is missing", code="missing_field", field=name)
        try:
            values[name] = codec.load(raw[name])
        except (TypeError, ValueError):
            raise _invalid(name) from None
    return record_type(**values)


def dumps(value: Mapping[str, Any]) -> bytes:
    """Write a JSON object in its one canonical form.

    Examples
    --------
    >>> dumps({"b": 1, "a": []})
    b'{"a":[],"b":1}'
    """
    return _CANONICAL.encode(value).encode()


def loads(data: bytes, *, max_bytes: int, max_depth: int, max_containers: int) -> Any:
    """Parse JSON after its bounds were checked on the bytes.

    Parameters
    ----------
    data : bytes
        What came in.
    max_bytes : int
        Most bytes that are looked at.
    max_depth : int
        Most objects and arrays inside one another.
    max_containers : int
        Most objects and arrays altogether; it bounds their members too.

    Returns
    -------
    object
        The parsed value. Whether `data` is canonical is for the caller to see, by writing it
        again: that one comparison covers order, spacing, escapes, numbers and repeated names.

    Raises
    ------
    ExchangeError
        ``too_large``, ``too_deep``, ``too_many_candidates``, ``too_many_values`` or ``malformed``.

    Examples
    --------
    >>> loads(b'{"a":[]}', max_bytes=100, max_depth=2, max_containers=2)
    {'a': []}
    """
    if not isinstance(data, bytes):
        raise ExchangeError("not bytes", code="malformed")
    if len(data) > max_bytes:
        raise ExchangeError("more bytes than allowed", code="too_large")
    if len(data) > _WIDE_BYTES and _is_wide(data):
        raise ExchangeError("not JSON in ASCII", code="malformed")
    _check_structure(data, max_depth, max_containers)
    try:
        return json.loads(data.decode())
    except ValueError:  # bad UTF-8, bad JSON, or an integer with thousands of digits
        raise ExchangeError("not JSON in UTF-8", code="malformed") from None


def _is_wide(data: bytes) -> bool:
    return not data.isascii() or (b"\\u" in data and _ESCAPED.search(data) is not None)


def _check_structure(data: bytes, max_depth: int, max_containers: int) -> None:
    """Refuse what would take many times its own size once it is parsed.

    An object of 32 MiB of small members takes 700 MiB, and so do its strings if each is taken out.
    """
    most = _MEMBERS * max_containers
    # Most messages have few of either, those inside text among them: then there is no need to tell
    # the one kind from the other.
    opened = data.count(b"{") + data.count(b"[")
    if opened <= min(max_depth, max_containers) and data.count(b",") <= most:
        return
    structure, strings = _STRING.subn(b"", data, count=2 * most + 1)
    structure = structure.translate(None, _ALL_BUT_STRUCTURE)
    if strings > 2 * most or structure.count(b",") > most:
        raise ExchangeError("more values than allowed", code="too_many_values")
    depth = containers = 0
    for bracket in structure.translate(None, b","):
        if bracket in b"[{":
            depth += 1
            containers += 1
            if depth > max_depth:
                raise ExchangeError("nested deeper than allowed", code="too_deep")
            if containers > max_containers:
                raise ExchangeError("more candidates than allowed", code="too_many_candidates")
        else:
            depth -= 1
            if depth < 0:
                raise ExchangeError("closed before it was opened", code="malformed")


def _invalid(field: str) -> ExchangeError:
    return ExchangeError("not a value that this field can hold", code="invalid_field", field=field)

"""One canonical encoding: UTF-8 JSON whose bounds are checked before it is parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from prum_match.errors import ExchangeError

# Strings are removed whole, so that brackets inside them do not count. The possessive quantifiers
# and the optional closing quote keep the scan linear on strings that never end.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b"[]{},"))

_MEMBERS = 256
"""Most members of a record, and most values of a list of plain values."""
# One character beyond the BMP makes Python hold each character of a text in four bytes: 32 MiB
# become 256. Only facts and core data have text beyond ASCII, and they are far below this.
_WIDE_BYTES = 1 << 20
# An odd number of backslashes: an escaped backslash may be followed by a plain letter u.
_ESCAPED = re.compile(rb"\\(?<!\\\\)(?:\\\\)*+u")

_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def dumps(value: Mapping[str, Any]) -> bytes:
    """Write a JSON object in its one canonical form."""
    return _CANONICAL.encode(value).encode()


def loads(data: bytes, *, max_bytes: int, max_depth: int, max_containers: int) -> Any:
    """Parse JSON after checking its bounds on the bytes."""
    if not isinstance(data, bytes):
        raise ExchangeError("a message must be bytes", code="malformed")
    if len(data) > max_bytes:
        raise ExchangeError("the message is larger than allowed", code="too_large")
    if len(data) > _WIDE_BYTES and _is_wide(data):
        raise ExchangeError("large messages must be JSON in ASCII", code="malformed")
    _check_structure(data, max_depth, max_containers)
    try:
        return json.loads(data.decode())
    except ValueError:  # bad UTF-8, bad JSON, or an integer with thousands of digits
        raise ExchangeError("not JSON in UTF-8", code="malformed") from None


def is_small(data: bytes, max_bytes: int, max_containers: int) -> bool:
    """Tell cheaply that bytes are within bounds; False: a full check has to decide."""
    return (
        len(data) <= max_bytes
        and data.count(b"{") + data.count(b"[") <= max_containers
        and data.count(b",") <= _MEMBERS * max_containers
    )


def _is_wide(data: bytes) -> bool:
    return not data.isascii() or (b"\\u" in data and _ESCAPED.search(data) is not None)


def _check_structure(data: bytes, max_depth: int, max_containers: int) -> None:
    """Refuse JSON that would take many times its own size once parsed.

    An object of 32 MiB of small members takes 700 MiB, and so do its strings if each is extracted.
    """
    # Most messages have few brackets and commas, even counting those inside strings: then there is
    # no need to tell them apart.
    if is_small(data, len(data), min(max_depth, max_containers)):
        return
    most = _MEMBERS * max_containers
    structure, strings = _STRING.subn(b"", data, count=2 * most + 1)
    structure = structure.translate(None, _ALL_BUT_STRUCTURE)
    if strings > 2 * most or structure.count(b",") > most:
        raise ExchangeError("the message has more values than allowed", code="too_many_values")
    depth = containers = 0
    for bracket in structure.translate(None, b","):
        if bracket in b"[{":
            depth += 1
            containers += 1
            if depth > max_depth:
                raise ExchangeError("the message is nested deeper than allowed", code="too_deep")
            if containers > max_containers:
                raise ExchangeError(
                    "the message has more candidates than allowed", code="too_many_candidates"
                )
        else:
            depth -= 1
            if depth < 0:
                raise ExchangeError("a bracket closes before it opens", code="malformed")

"""Registrations as JSON records, and the part that gallery columns do not hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from prum_match.errors import InvalidInput
from prum_match.values.dates import PartialDate
from prum_match.vehicle.registrations.registration import Holder, Insurance, Registration

MAX_BYTES = 65_536
"""A registration at its bounds is smaller."""

# Elements that columns hold, and those that `Registration` derives from them.
_COLUMNS = frozenset(("country", "plate", "vin", "valid_from", "valid_to"))
_DERIVED = frozenset(("key", "chassis", "interval"))

Made = TypeVar("Made")


def details_to_bytes(registration: Registration) -> bytes:
    """Return the elements that gallery columns do not hold as canonical JSON."""
    record = record_of(registration)
    details = {name: value for name, value in record.items() if name not in _COLUMNS}
    return dump(details) if details else b""


def details_from_bytes(
    data: bytes,
    country: str,
    plate: str | None = None,
    vin: str | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Registration:
    """Return the registration from column values and the bytes of :func:`details_to_bytes`."""

    def make(record: dict[str, Any]) -> Registration:
        if _COLUMNS & record.keys():
            raise _bad("the details repeat an element of a column", "registration")
        found = registration_of(
            record
            | {"country": country, "plate": plate, "vin": vin}
            | {"valid_from": text_of(valid_from), "valid_to": text_of(valid_to)}
        )
        if found.vin != vin:
            raise _bad("the chassis number differs from that of the column", "registration", "vin")
        return found

    if data == b"":
        return make({})
    return load(data, make, details_to_bytes, "registration")


def record_of(registration: Registration) -> dict[str, Any]:
    """Return the known elements of a registration as a JSON record."""
    record = _record(registration)
    chassis = registration.chassis
    if chassis is not None and chassis.raw != chassis.value:
        record["vin_raw"] = chassis.raw
    return record


def registration_of(record: dict[str, Any]) -> Registration:
    """Return the registration from a record of :func:`record_of`."""
    values = dict(record)
    for name in ("valid_from", "valid_to"):
        values[name] = moment_from(values.get(name))
    if "vin_raw" in values:
        values["vin"] = values.pop("vin_raw")
    return Registration(**values)


def text_of(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 text in UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def moment_from(text: Any) -> datetime | None:
    """Return the moment from its text."""
    return None if text is None else datetime.fromisoformat(text)


def dump(record: dict[str, Any]) -> bytes:
    """Return canonical JSON."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def load(
    data: bytes,
    make: Callable[[dict[str, Any]], Made],
    back: Callable[[Made], bytes],
    what: Literal["query", "registration"],
    most: int = MAX_BYTES,
) -> Made:
    """Return the object from canonical JSON; refuse any other bytes."""
    if not isinstance(data, bytes):
        raise _bad("not bytes", what)
    if len(data) > most:
        raise _bad(f"larger than any {what}", what)
    try:
        record = json.loads(data.decode("utf-8"))
        if not isinstance(record, dict):
            raise _bad(f"not a {what}", what)
        made = make(record)
        canonical = back(made) == data
    except InvalidInput as error:
        raise _bad(f"not a {what}", what, error.field) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # These errors quote the input, which can be personal data.
        raise _bad(f"not a {what}", what) from None
    if not canonical:
        raise _bad("not in canonical form", what)
    return made


def _record(part: Registration | Holder | Insurance) -> dict[str, Any]:
    found = {f.name: getattr(part, f.name) for f in fields(part) if f.name not in _DERIVED}
    return {name: _plain(value) for name, value in found.items() if value not in (None, ())}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, PartialDate):
        return str(value)
    if isinstance(value, Holder | Insurance):
        return _record(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _bad(message: str, what: str, field: str | None = None) -> InvalidInput:
    code = "bad_query_bytes" if what == "query" else "bad_registration_bytes"
    return InvalidInput(message, code=code, field=field or what)

"""Queries and registrations as the canonical bytes that are exchanged.

Queries with a complete number, or with complete data of a holder, are sent to other states. Fuzzy
and partial queries are not, nor are registrations as probes, which name their holders. A reply
carries the elements of Decision 2008/616/JHA, Annex, chapter 3, that the register has; the
register's own key of the vehicle is not among them.
"""

from __future__ import annotations

from typing import Any

from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.queries import ExactQuery
from prum_match.vehicle.registrations.details import (
    dump,
    load,
    moment_from,
    record_of,
    registration_of,
    text_of,
)
from prum_match.vehicle.registrations.moments import moment_of
from prum_match.vehicle.registrations.registration import Registration

# A first name and a family name, four bytes a character; dates, a state, a role; their names.
_MAX_QUERY = 2048
# Every query by owner has this member, and no query by number has.
_ROLE = "role"
_HOUSE = "vehicle_id"


def probe_to_bytes(query: Any) -> bytes | None:
    """Return the canonical bytes of a query by complete number or by owner.

    None for probes that must not be sent.
    """
    if isinstance(query, ExactQuery):
        record = _record(query, "country", "plate", "vin")
    elif isinstance(query, OwnerQuery):
        record = _record(query, "country", "family_name", "first_name", "legal_name", _ROLE)
        if query.birth_date is not None:
            record["birth_date"] = str(query.birth_date)
    else:
        return None
    return dump(record)


def _record(query: ExactQuery | OwnerQuery, *names: str) -> dict[str, Any]:
    record = {name: getattr(query, name) for name in names}
    if query.at is not None:
        record["at"] = text_of(moment_of(query.at, "at"))
    return {name: value for name, value in record.items() if value is not None}


def probe_from_bytes(data: bytes) -> ExactQuery | OwnerQuery:
    """Read a query from its canonical bytes."""

    def make(record: dict[str, Any]) -> ExactQuery | OwnerQuery:
        kind = OwnerQuery if _ROLE in record else ExactQuery
        return kind(**record | {"at": moment_from(record.get("at"))})

    return load(data, make, lambda query: probe_to_bytes(query) or b"", "query", _MAX_QUERY)


def item_to_bytes(registration: Registration) -> bytes:
    """Return the canonical bytes of a registration."""
    record = record_of(registration)
    record.pop(_HOUSE, None)
    return dump(record)


def item_from_bytes(data: bytes) -> Registration:
    """Read a registration from its canonical bytes."""
    return load(data, registration_of, item_to_bytes, "registration")

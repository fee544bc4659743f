"""Canonical bytes of an encoded person: pseudonyms and the fields that the law leaves clear.

Persons in clear are never sent. A reply carries no data of a person at all, only reference
numbers and match quality, Regulation (EU) 2024/982, Art. 28(2) and 44(4).
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from typing import Any

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.clear_fields import GENDERS
from prum_match.police_record.persons.elements import birth_date_of, country_of, nationalities_of
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms

MAX_BYTES = 1 << 19
"""Room for more than 255 names under two keys, with their blocking tokens."""

MEMBERS = frozenset(
    (
        *("birth_date", "country_of_birth", "gender", "has_family", "has_first"),
        *("nationalities", "parameters", "pseudonyms"),
    )
)
"""Keys of an encoded person in its canonical bytes."""

_NAMES = frozenset(("aliases", "family_names", "first_names", "names"))


def probe_to_bytes(person: Any) -> bytes | None:
    """Return the canonical bytes of an encoded person; None for a person in clear."""
    if not isinstance(person, EncodedPerson):
        return None
    data = _dump(person)
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"an encoded person has more than {MAX_BYTES} bytes", code="too_large", field="probe"
        )
    return data


def probe_from_bytes(data: bytes) -> EncodedPerson:
    """Read an encoded person from its canonical bytes."""
    if not isinstance(data, bytes):
        raise _bad("not bytes")
    if len(data) > MAX_BYTES:
        raise _bad("more bytes than any person has")
    try:
        record = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        # Such errors quote what they could not read.
        raise _bad("not a person") from None
    if not isinstance(record, dict):
        raise _bad("not a person")
    if _NAMES & record.keys():
        raise InvalidInput(
            "names and aliases must be pseudonymised",
            code="clear_text_names",
            field="probe",
            rule="Reg. (EU) 2024/982, Art. 25(2) and 43(3)",
        )
    if record.keys() - MEMBERS:
        raise _bad("an element that queries do not have")
    try:
        person = _person_of(record)
        canonical = _dump(person) == data
    except InvalidInput as error:
        raise _bad("not a person", error.field) from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise _bad("not a person") from None
    if not canonical:
        raise _bad("not in canonical form")
    return person


def item_to_bytes(person: Any) -> bytes:
    """Return no bytes: a reply carries nothing but reference number and match quality."""
    return b""


def item_from_bytes(data: bytes) -> Any:
    """Refuse to read a person from a reply, which holds none."""
    raise InvalidInput("a reply holds no data of a person", code="not_exchanged", field="item")


def _dump(person: EncodedPerson) -> bytes:
    record = {
        "birth_date": person.birth_date and str(person.birth_date),
        "country_of_birth": person.country_of_birth,
        "gender": person.gender,
        "has_family": person.has_family,
        "has_first": person.has_first,
        "nationalities": person.nationalities or None,
        "parameters": person.parameters,
        "pseudonyms": [
            {
                "filters": [b64encode(bits).decode("ascii") for bits in under.filters],
                "key_id": under.key_id,
                "tokens": under.tokens,
            }
            for under in person.pseudonyms
        ],
    }
    known = {name: value for name, value in record.items() if value is not None}
    return json.dumps(known, sort_keys=True, separators=(",", ":")).encode("ascii")


def _person_of(record: dict[str, Any]) -> EncodedPerson:
    gender = record.get("gender")
    _check(gender in GENDERS, "gender")
    # Python takes 1 for true, and the other way round.
    flags = record["has_first"], record["has_family"]
    _check(all(type(flag) is bool for flag in flags), "has_first")
    # A value that reading normalises would be written differently, and so is refused.
    changed = list[str]()
    return EncodedPerson(
        record["parameters"],
        tuple(_pseudonyms_of(entry) for entry in record["pseudonyms"]),
        birth_date_of(record.get("birth_date"), "birth_date", changed),
        country_of(record.get("country_of_birth"), "country_of_birth", changed),
        nationalities_of(record.get("nationalities"), "nationalities", changed),
        gender,
        *flags,
    )


def _pseudonyms_of(entry: dict[str, Any]) -> Pseudonyms:
    _check(entry.keys() == {"filters", "key_id", "tokens"}, "pseudonyms")
    _check(all(type(token) is int for token in entry["tokens"]), "tokens")
    try:
        filters = tuple(b64decode(bits, validate=True) for bits in entry["filters"])
    except binascii.Error:
        raise _bad("not base 64", "filters") from None
    return Pseudonyms(entry["key_id"], filters, tuple(entry["tokens"]))


def _check(holds: bool, field: str) -> None:
    if not holds:
        raise _bad("not a person", field)


def _bad(message: str, field: str | None = None) -> InvalidInput:
    return InvalidInput(message, code="bad_person_bytes", field=field or "probe")

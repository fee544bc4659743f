"""Holders and owners: their identity, their time, and the keys of their index.

A search by owner must not look at every registration. Each holder and each owner that can be found
therefore has a key of 24 symbols, 120 bits of a BLAKE2b digest over role and identity, and the keys
are indexed like chassis numbers. Among 10^11 different people, the probability that two share a key
is below 10^-14; to construct such a pair, an attacker has to try 2^60 names.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Columns
from prum_match.engine.damage import damaged
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.values.dates import PartialDate
from prum_match.values.text import clean, strip_diacritics
from prum_match.vehicle.registrations.moments import moment_of, seconds_of
from prum_match.vehicle.registrations.registration import Holder, Registration

Role: TypeAlias = Literal["holder", "owner"]
Interval: TypeAlias = tuple[int, int]

ROLES: tuple[Role, ...] = ("holder", "owner")

KEY_SYMBOLS = 24
"""Symbols of five bits that a key has; `owner_symbols` in csrc/vehicle/matcher.hpp."""

_SYMBOL_BITS = 5
_KEY_BYTES = KEY_SYMBOLS * _SYMBOL_BITS // 8
_DAY = 86_400
# Apostrophes and what keyboards have for them; Unicode takes some of them for letters.
_APOSTROPHES = dict.fromkeys(map(ord, "'`\u2018\u2019\u02bb\u02bc\u02b9"))
# Of the codes that a holder can have as `legal_entity`, the one of a natural person.
_INDIVIDUAL = "individual"


class Identity(NamedTuple):
    """Identity of a holder: names as `fold_name` folds them, and a date of birth."""

    name: str
    first_name: str = ""
    birth_date: str = ""


def fold_name(text: str) -> str:
    """Return the form that all spellings of a name share.

    By the rules of `prum_match.values.text`: NFKC without invisible characters, letters without
    their diacritics. Besides, case does not count, apostrophes are left out, and whatever else is
    neither letter nor digit parts words. Nothing is transliterated, and the order of words counts.
    """
    cased = clean(text)[0].translate(_APOSTROPHES).casefold()
    bare = strip_diacritics(clean(cased)[0])
    # Most names are one word: this halves the time that one takes.
    if bare.isalnum():
        return bare
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in bare)
    return " ".join("".join(kept).split())


def identity_of(holder: Holder) -> Identity | None:
    """Return the identity of a holder or an owner; None if no query can find that person.

    A natural person needs family name, first name and complete date of birth. A holder with
    nothing but a name who is not called an individual is a legal person.
    """
    name = fold_name(holder.name or "")
    if not name:
        return None
    if holder.first_name is None and holder.birth_date is None:
        individual = holder.gender is not None or (
            (holder.legal_entity or "").casefold() == _INDIVIDUAL
        )
        return None if individual else Identity(name)
    first = fold_name(holder.first_name or "")
    born = holder.birth_date
    if not first or not isinstance(born, PartialDate) or born.day is None:
        return None
    return Identity(name, first, str(born))


def people_of(registration: Registration, role: Role) -> tuple[Holder, ...]:
    """Return the holders of a registration, or its owners."""
    return registration.holders if role == "holder" else registration.owners


def held(holder: Holder, interval: Interval) -> Interval:
    """Return the interval in which a person held, or owned, the vehicle of a registration."""
    begin, end = interval
    if isinstance(holder.start, PartialDate):
        begin = max(begin, _seconds(holder.start.first))
    # Registers write an open end as the last day of year 9999.
    if isinstance(holder.end, PartialDate) and holder.end.last < date.max:
        end = min(end, _seconds(holder.end.last) + _DAY)
    return begin, end


def owner_keys(people: Iterable[tuple[Role, Identity]]) -> NDArray[np.uint8]:
    """Return one key a row for people in a role."""
    digests = b"".join(
        # Folded names have no line ends, so different identities have different texts.
        blake2b("\n".join((role, *identity)).encode(), digest_size=_KEY_BYTES).digest()
        for role, identity in paced(people, counted=False)
    )
    bits = np.unpackbits(np.frombuffer(digests, np.uint8)).reshape(-1, KEY_SYMBOLS, _SYMBOL_BITS)
    return bits @ (1 << np.arange(_SYMBOL_BITS, dtype=np.uint8)[::-1])


def owner_columns(registrations: Sequence[Registration]) -> Columns:
    """Return the unsealed columns of holders and owners."""
    return _columns(
        [
            [(role, holder) for role in ROLES for holder in people_of(one, role)]
            for one in paced(registrations, counted=False)
        ],
        [one.interval for one in paced(registrations, counted=False)],
    )


def owner_columns_of_details(details: Sequence[bytes], valid: NDArray[np.int64]) -> Columns:
    """Return the columns of holders and owners from the details that a segment holds.

    Segments that earlier versions wrote have no index of holders; the first merge makes one.
    """
    try:
        people = [_people_in(data) for data in paced(details, counted=False)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # These errors quote the input, which can be personal data.
        raise damaged() from None
    return _columns(people, [(begin, end) for begin, end in valid.tolist()])


def _people_in(details: bytes) -> list[tuple[Role, Holder]]:
    record = json.loads(details) if details else {}
    return [(role, Holder(**part)) for role in ROLES for part in record.get(f"{role}s", ())]


def _columns(
    people: Sequence[Sequence[tuple[Role, Holder]]], intervals: Sequence[Interval]
) -> Columns:
    counts, identities, times = list[int](), list[tuple[Role, Identity]](), list[Interval]()
    for those, interval in zip(paced(people, counted=False), intervals, strict=True):
        before = len(identities)
        for role, holder in those:
            identity = identity_of(holder)
            if identity is not None:
                identities.append((role, identity))
                times.append(held(holder, interval))
        counts.append(len(identities) - before)
    return {
        "owner.offsets": offsets_of(counts),
        "owner.keys": owner_keys(identities),
        "owner.held": np.array(times, np.int64).reshape(-1, 2),
    }


def _seconds(day: date) -> int:
    return seconds_of(moment_of(day, "start"))

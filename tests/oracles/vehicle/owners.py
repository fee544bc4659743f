"""The search by owner: compares every holder and owner of every registration.

It uses only value classes of the library: names are folded here, and moments are whole seconds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from prum_match.values.dates import PartialDate
from prum_match.vehicle import Holder, OwnerQuery, Registration

_STROKES = {"ø": "o", "ł": "l", "đ": "d"}


def folded(name: str) -> str:
    """Fold to lower case without marks and apostrophes; other punctuation separates words."""
    letters = ""
    for letter in unicodedata.normalize("NFD", name.replace("ß", "ss")).lower():
        if letter in "'\u2019" or unicodedata.combining(letter):
            continue
        letters += _STROKES.get(letter, letter) if letter.isalnum() else " "
    return " ".join(letters.split())


def search(
    register: Mapping[str, Registration], query: OwnerQuery, now: datetime, history: bool
) -> list[tuple[int, str]]:
    """Return grades and ids of all candidates, in order."""
    found = []
    for name, car in register.items():
        if query.country is not None and car.country != query.country:
            continue
        people = []
        if query.role in ("holder", "either"):
            people += car.holders
        if query.role in ("owner", "either"):
            people += car.owners
        grades = [_grade(query, one, car, now, history) for one in people if _is(query, one)]
        known = [grade for grade in grades if grade is not None]
        if known:
            found.append((min(known), name))
    return sorted(found, key=lambda one: (one[0], one[1].encode()))


def _is(query: OwnerQuery, one: Holder) -> bool:
    if one.name is None:
        return False
    if query.legal_name is not None:
        person = (
            one.first_name is not None
            or one.birth_date is not None
            or one.gender is not None
            or one.legal_entity in ("individual", "Individual")
        )
        return not person and folded(one.name) == folded(query.legal_name)
    return (
        one.first_name is not None
        and one.birth_date == query.birth_date
        and folded(one.name) == folded(query.family_name or "")
        and folded(one.first_name) == folded(query.first_name or "")
    )


def _grade(
    query: OwnerQuery, one: Holder, car: Registration, now: datetime, history: bool
) -> int | None:
    """Return 1 if held at the date, 3 for current data without history."""
    begins = [car.valid_from] if car.valid_from else []
    ends = [car.valid_to] if car.valid_to else []
    if isinstance(one.start, PartialDate):
        begins.append(_midnight(one.start.first))
    if isinstance(one.end, PartialDate) and str(one.end) not in ("9999", "9999-12", "9999-12-31"):
        ends.append(_midnight(one.end.last) + timedelta(days=1))
    asked = query.at
    at = now if asked is None else asked
    if not isinstance(at, datetime):
        at = _midnight(at)
    if any(end <= at for end in map(_moment, ends)):
        return None
    if asked is not None and not begins:
        return 3
    if all(begin <= at for begin in map(_moment, begins)):
        return 1
    return 3 if asked is not None and not history else None


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else _midnight(value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

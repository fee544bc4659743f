"""Elements of a person: how each is read, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code, successors
from prum_match.values.dates import PartialDate
from prum_match.values.text import clean

DateLike: TypeAlias = PartialDate | str | date
Parts: TypeAlias = str | Iterable[str] | None

MAX_CHARACTERS = 200
"""Most characters of a field."""

_MAX_NATIONALITIES = 32
_YEARS = range(1800, 2101)

# Control characters, line ends and surrogates; direction marks are removed and reported.
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Registers fill unknown parts with zeros or with X.
_DASHES = re.compile(r"([0-9]{4}|XXXX)-([0-9]{2}|XX)-([0-9]{2}|XX)", re.IGNORECASE)
_DIGITS = re.compile(r"([0-9]{4}|XXXX)([0-9]{2}|XX)([0-9]{2}|XX)", re.IGNORECASE)
_UNKNOWN = frozenset(("0000", "XXXX", "00", "XX"))

_GENDERS = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M", "X": "X"}
_NO_GENDERS = frozenset(("U", "UNKNOWN"))
# 9 is "not applicable", as for a company; it is not a third gender.
_ISO_5218 = {"0": None, "1": "M", "2": "F", "9": None}

# Between the codes of nationalities that are given as one text.
_SEPARATORS = re.compile(r"[\s,;]+")
# Stateless, refugees, nationality unspecified: ICAO Doc 9303-3, 5, part D.
_NO_STATE = frozenset(("XXA", "XXB", "XXC", "XXX"))


def name_parts(value: Parts, field: str, changed: list[str]) -> tuple[str, ...]:
    """Return the parts of a name, or of all first or all family names of a person."""
    if value is None:
        return ()
    if type(value) is str and len(value) <= MAX_CHARACTERS and value.isascii() and value.isalpha():
        return (value,)
    texts = (value,) if isinstance(value, str) else entries(value, field, "bad_name")
    cleaned = " ".join(_text(text, field, "bad_name", changed) for text in texts)
    parts = tuple(cleaned.split())
    if parts and not any(map(str.isalpha, cleaned)):
        raise InvalidInput("a name has a letter", code="bad_name", field=field, value=value)
    if len(cleaned) > MAX_CHARACTERS:
        raise _too_long(field, "bad_name", value)
    return parts


def place_of(value: str | None, field: str, changed: list[str]) -> str | None:
    """Return a place, its parts one space apart."""
    if value is None:
        return None
    return " ".join(_text(value, field, "bad_place", changed).split()) or None


def birth_date_of(value: DateLike | None, field: str, changed: list[str]) -> PartialDate | None:
    """Return a birth date; parts filled with zeros or X are unknown."""
    found = _date_of(value, field, changed)
    if found is not None and found.year not in _YEARS:
        raise InvalidInput(
            f"a birth date is from {_YEARS[0]} to {_YEARS[-1]}",
            code="bad_birth_date",
            field=field,
            value=value,
        )
    return found


def gender_of(value: str | int | None, field: str, changed: list[str]) -> str | None:
    """Return ``"F"``, ``"M"``, ``"X"``, or None if unknown.

    Numbers are those of ISO/IEC 5218.
    """
    if value is None:
        return None
    word = ""
    if isinstance(value, str) and value.isascii():
        word = value.strip().upper()
        if not word or word in _NO_GENDERS:
            return None
    elif isinstance(value, int) and not isinstance(value, bool):
        word = str(value)
    if word in _GENDERS:
        return _GENDERS[word]
    if word in _ISO_5218:
        changed.append(f"{field}: ISO/IEC 5218")
        return _ISO_5218[word]
    raise InvalidInput(
        "not a gender",
        code="bad_gender",
        field=field,
        rule="F, M, X, unknown, or a number of ISO/IEC 5218",
        value=value,
    )


def country_of(value: str | None, field: str, changed: list[str]) -> str | None:
    """Return the alpha-2 code of a country.

    A former country with one successor becomes that one; with several it keeps its own code
    (``SU``, ``YU``), since the successor cannot be known.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = value.strip() if isinstance(value, str) else ""
    after = successors(text)
    if len(after) == 1:
        changed.append(f"{field}: former country")
        return after[0]
    if after:
        return text.upper()
    try:
        return country_code(text, "iso")
    except InvalidInput:
        raise InvalidInput(
            "not the code of a country",
            code="unknown_country",
            field=field,
            rule="ISO 3166-1 alpha-2, or such a code of a former country",
            value=value,
        ) from None


def nationalities_of(
    values: str | Iterable[str] | None, field: str, changed: list[str]
) -> tuple[str, ...]:
    """Return the alpha-2 codes of nationalities, sorted and distinct.

    The codes of ICAO Doc 9303 for stateless persons and unspecified nationalities are left out.
    """
    if values is None:
        return ()
    if isinstance(values, str):
        values = [value for value in _SEPARATORS.split(values) if value]
    codes = []
    for value in entries(values, field, "unknown_country", _MAX_NATIONALITIES):
        if isinstance(value, str) and value.strip().upper() in _NO_STATE:
            changed.append(f"{field}: no state")
        elif (code := country_of(value, field, changed)) is not None:
            codes.append(code)
    found = tuple(sorted(set(codes)))
    if len(found) < len(codes):
        changed.append(f"{field}: given twice")
    return found


def entries(values: Any, field: str, code: str, most: int = MAX_CHARACTERS) -> Sequence[Any]:
    """Return the entries of a bounded list."""
    if not isinstance(values, Iterable) or isinstance(values, bytes | bytearray | dict):
        raise InvalidInput("a text or a list is needed", code=code, field=field, value=values)
    found = tuple(values)
    if len(found) > most:
        raise InvalidInput(f"at most {most} entries", code="too_many", field=field, value=values)
    return found


def _text(value: object, field: str, code: str, changed: list[str]) -> str:
    if not isinstance(value, str) or _UNPRINTABLE.search(value):
        raise InvalidInput("a text of one line is needed", code=code, field=field, value=value)
    if len(value) > MAX_CHARACTERS:
        raise _too_long(field, code, value)
    text, notes = clean(value)
    # In compatibility forms, one character can stand for many.
    if len(text) > MAX_CHARACTERS:
        raise _too_long(field, code, value)
    changed.extend(f"{field}: {note}" for note in notes)
    return text


def _too_long(field: str, code: str, value: object) -> InvalidInput:
    return InvalidInput(f"at most {MAX_CHARACTERS} characters", code=code, field=field, value=value)


def _date_of(value: object, field: str, changed: list[str]) -> PartialDate | None:
    if value is None or isinstance(value, PartialDate):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return PartialDate(value.year, value.month, value.day)
    if not isinstance(value, str):
        raise _no_date(field, value)
    text = value.strip()
    if not text:
        return None
    filled = _DASHES.fullmatch(text) or _DIGITS.fullmatch(text)
    try:
        if filled is None:
            return PartialDate.parse(text)
        return _filled(filled.groups(), field, changed)
    except InvalidInput:
        raise _no_date(field, value) from None


def _filled(parts: Sequence[str], field: str, changed: list[str]) -> PartialDate | None:
    """Return the date of parts, some of which can mean *unknown*."""
    known = [None if part.upper() in _UNKNOWN else int(part) for part in parts]
    if None in known:
        changed.append(f"{field}: unknown parts")
    if known == [None, None, None]:
        return None
    return PartialDate(*known)  # type: ignore[arg-type]


def _no_date(field: str, value: object) -> InvalidInput:
    return InvalidInput(
        "not a date",
        code="bad_date",
        field=field,
        rule="ISO 8601: YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD; 00 or XX where not known",
        value=value,
    )

"""Checks of the elements of a registration."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar

from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of
from prum_match.values.dates import PartialDate

DateLike: TypeAlias = PartialDate | str | date

Part = TypeVar("Part")

# Control characters, line ends, surrogates, and marks of direction.
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def text(value: object, field: str, length: int) -> str | None:
    """Return a text of one line."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= length or _UNPRINTABLE.search(value):
        raise InvalidInput(
            f"{field} is text of 1 to {length} characters in one line",
            code="bad_text",
            field=field,
            value=value,
        )
    return str(value)


def partial_date(value: object, field: str) -> PartialDate | None:
    """Return a date of which the day, or day and month, may be unknown."""
    if value is None or isinstance(value, PartialDate):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if not isinstance(value, str):
        raise InvalidInput(f"{field} is a date", code="bad_date", field=field, value=value)
    try:
        return PartialDate.parse(value)
    except InvalidInput as error:
        error.field = field
        raise


def number(value: object, field: str, most: int, *, whole: bool = False) -> float | None:
    """Return a number from 0 up; whole ones as int. Registers hand over `Decimal` as well."""
    if value is None:
        return None
    kind = "whole number" if whole else "number"
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if (
        isinstance(value, bool | str | bytes | bytearray)
        or not 0 <= found <= most
        or (whole and not found.is_integer())
    ):
        raise InvalidInput(
            f"{field} is a {kind} from 0 to {most}", code="bad_number", field=field, value=value
        )
    return int(found) if found.is_integer() else found


def option(value: object, field: str, options: Collection[str]) -> None:
    """Refuse a value that is not in a closed list; None means unknown."""
    if value is not None:
        one_of(value, field, options, code="bad_option")


def parts(kind: type[Part], values: object, field: str, most: int) -> tuple[Part, ...]:
    """Return parts of a registration, made of mappings where such are given."""
    return tuple(
        _part(kind, value, f"{field}[{i}]") for i, value in enumerate(listed(values, field, most))
    )


def listed(values: object, field: str, most: int) -> tuple[Any, ...]:
    """Return the entries of a bounded list."""
    if isinstance(values, tuple) and not values:
        return ()
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        raise InvalidInput(f"{field} is a list", code="bad_part", field=field, value=values)
    found = tuple(values)
    if len(found) > most:
        raise InvalidInput(
            f"{field} has at most {most} entries", code="too_many", field=field, value=values
        )
    return found


def _part(kind: type[Part], value: object, field: str) -> Part:
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        raise InvalidInput(
            f"{field} is a {kind.__name__} or a mapping", code="bad_part", field=field, value=value
        )
    unknown = [name for name in value if name not in getattr(kind, "__dataclass_fields__", ())]
    if unknown:
        raise InvalidInput(
            f"{field} has a member that a {kind.__name__} does not have",
            code="unknown_field",
            field=field,
            value=unknown,
        )
    try:
        return kind(**value)
    except InvalidInput as error:
        error.field = f"{field}.{error.field}"
        raise

"""Moments of registrations: whole seconds of coordinated universal time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from prum_match.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def moment_of(value: datetime | date, field: str) -> datetime:
    """Return a moment in universal time, without parts of a second.

    Intervals begin and end at whole seconds, so parts of a second in a reference date cannot
    change a result.
    """
    # NaT of pandas is a datetime that does not equal itself.
    if isinstance(value, datetime) and value == value:
        if value.utcoffset() is None:
            raise _bad(f"{field} needs a time zone", field, value)
        try:
            return from_seconds(seconds_of(value))
        except OverflowError:
            raise _bad(f"{field} must lie in the years 1 to 9999", field, value) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    raise _bad(f"{field} is a datetime or a date", field, value)


def whole_seconds(value: datetime | date | None, field: str) -> datetime | None:
    """Return the end of an interval in universal time; None is open."""
    if value is None:
        return None
    moment = moment_of(value, field)
    # Not by `microsecond`: moments of pandas have nanoseconds.
    if isinstance(value, datetime) and value != moment:
        raise _bad(f"{field} must be a whole second", field, value)
    return moment


def seconds_of(moment: datetime) -> int:
    """Return whole seconds since 1970, rounded down."""
    return (moment - _EPOCH) // _SECOND


def from_seconds(seconds: int) -> datetime:
    """Return the moment of a number of seconds since 1970."""
    return _EPOCH + timedelta(seconds=seconds)


def _bad(message: str, field: str, value: object) -> InvalidInput:
    return InvalidInput(message, code="bad_moment", field=field, value=value)

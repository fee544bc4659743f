"""Dates with a known year; month and day may be unknown."""

from __future__ import annotations

import datetime
import re
from calendar import monthrange
from dataclasses import dataclass

from prum_match.errors import InvalidInput

_RULE = "ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD"
_WRITTEN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True)
class PartialDate:
    """A year, a month of a year, or a day.

    A partial date stands for all its days: two of them are in order only if all days of the one
    are before all days of the other. 1 January is taken as that day; where a register writes it
    for an unknown day, give the year alone.

    Parameters
    ----------
    year : int
        1 to 9999.
    month : int, optional
        1 to 12; None: not known.
    day : int, optional
        A day of that month; None: not known.

    Raises
    ------
    InvalidInput
        ``bad_date``: no such date, or a day without its month.

    Examples
    --------
    >>> born = PartialDate.parse("1984-02")
    >>> str(born), born.first.isoformat(), born.last.isoformat()
    ('1984-02', '1984-02-01', '1984-02-29')
    >>> born.is_before(PartialDate(1985)), born.overlaps(PartialDate(1984))
    (True, True)
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        parts = (self.year, self.month, self.day)
        known = [part for part in parts if part is not None]
        # Known parts come first: no day without its month.
        if not known or (*known,) != parts[: len(known)] or {*map(type, known)} != {int}:
            raise _refused(parts)
        try:
            datetime.date(*[*known, 1, 1][:3])
        except (ValueError, OverflowError):
            raise _refused(parts) from None

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read a date.

        Parameters
        ----------
        text : str
            ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

        Returns
        -------
        PartialDate

        Raises
        ------
        InvalidInput
            ``bad_date``: another format, or no such date.

        Examples
        --------
        >>> PartialDate.parse("1984")
        PartialDate(year=1984, month=None, day=None)
        """
        match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise _refused(text)
        try:
            return cls(*(int(part) for part in match.groups() if part is not None))
        except InvalidInput:
            raise _refused(text) from None

    @property
    def first(self) -> datetime.date:
        """First possible day."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> datetime.date:
        """Last possible day."""
        month = self.month or 12
        return datetime.date(self.year, month, self.day or monthrange(self.year, month)[1])

    def is_before(self, other: PartialDate) -> bool:
        """Tell whether this date is certainly before the other.

        Examples
        --------
        >>> PartialDate(1984).is_before(PartialDate(1984, 12))
        False
        """
        return self.last < other.first

    def overlaps(self, other: PartialDate) -> bool:
        """Tell whether both can be the same day.

        Examples
        --------
        >>> PartialDate(1984).overlaps(PartialDate(1984, 12))
        True
        """
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        return text if self.day is None else f"{text}-{self.day:02d}"


def _refused(value: object) -> InvalidInput:
    return InvalidInput("not a date", code="bad_date", field="date", rule=_RULE, value=value)

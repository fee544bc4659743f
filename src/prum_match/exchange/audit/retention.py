"""Retention of entries."""

from __future__ import annotations

from datetime import datetime, timedelta

RETENTION_YEARS = 3
"""Regulation (EU) 2024/982, Arts. 18(2), 33(3), 40(3) and 45(3)."""


def erase_before(now: datetime) -> datetime:
    """Return the moment before which entries are at least three years old.

    Parameters
    ----------
    now : datetime
        The present.

    Returns
    -------
    datetime
        For `SqliteAudit.erase`. On 29 February it is the beginning of 1 March: an entry of 28
        February is three years old by then, and what is made on 29 February is three years old
        when 28 February is over (Regulation (EEC, Euratom) No 1182/71, Art. 3(2)(c); memory).

    Examples
    --------
    >>> from datetime import UTC
    >>> erase_before(datetime(2033, 1, 1, 9, tzinfo=UTC)).isoformat()
    '2030-01-01T09:00:00+00:00'
    """
    year = now.year - RETENTION_YEARS
    try:
        return now.replace(year=year)
    except ValueError:  # 29 February; the year before year 1 fails again
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight.replace(year=year, day=28) + timedelta(days=1)

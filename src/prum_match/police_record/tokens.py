"""Blocking tokens: what two records of one person have in common though most of it was misspelt.

A search that is not exhaustive compares a probe with the persons that share a token with it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from prum_match.police_record.folding import fold_name
from prum_match.police_record.person import Person
from prum_match.police_record.phonetics import phonetic_key
from prum_match.values.dates import PartialDate

__all__ = [
    "Half",
    "date_tokens",
    "name_token",
    "read_half",
    "tokens",
    "year_token",
]

# Which tokens: of the 5,000 true pairs of FEBRL 4, with names and birth date alone, 4,842 agree to
# two letters in two of first name, family name and date. 99.9 % of these share a token, as 0.2 %
# of all pairs do. Without n it is 92 %; m adds one pair in 4,842 and a third of the others.
_CACHED = 2**17


class Half(NamedTuple):
    """What is known of all first names, or of all family names."""

    keys: tuple[str, ...]
    initials: tuple[str, ...]


def tokens(person: Person) -> tuple[str, ...]:
    """Return the blocking tokens of a person, of all names.

    ========== =================================================================================
    token      made of
    ========== =================================================================================
    ``p:K:Y``  phonetic key of a part of a name, first or family, and year of birth
    ``n:K:I``  such a key, and the initial of a part of the other half of that name; no date
    ``d:D``    birth date; day and month in ascending order where either can be the month
    ``m:M``    year and month of birth
    ========== =================================================================================

    A key is made of each spelling and of each part of it, and of all parts run together. First
    and family names have the same tokens, so that exchanged ones meet, and so do days and months.

    Parameters
    ----------
    person : Person
        A person in clear.

    Returns
    -------
    tuple of str
        Sorted and distinct; empty for a person of whom neither a name nor a month is known.

    Examples
    --------
    >>> tokens(Person(birth_date="1984-12-03"))
    ('d:1984-03-12', 'm:1984-12')
    >>> tokens(Person(birth_date="1984-12-13"))
    ('d:1984-12-13', 'm:1984-12')
    """
    return tuple(sorted({*_all(person)}))


def _all(person: Person) -> list[str]:
    """Return the tokens of a person, some of them more than once."""
    date = person.birth_date
    found = [] if date is None else [*date_tokens(date)]
    # A person without aliases has one name, which need not be made for that.
    for name in person.names if person.aliases else (person,):
        first, family = name.first_names, name.family_names
        found += _of_name(first, family)
        if date is not None:
            found += _of_year(first, date.year)
            found += _of_year(family, date.year)
    return found


@lru_cache(_CACHED)
def date_tokens(date: PartialDate) -> tuple[str, ...]:
    """Return the tokens of a birth date."""
    if date.month is None:
        return ()
    month = f"m:{date.year}-{date.month:02d}"
    if date.day is None:
        return (month,)
    low, high = date.month, date.day
    if high <= 12:
        low, high = sorted((low, high))
    return (f"d:{date.year}-{low:02d}-{high:02d}", month)


def year_token(key: str, year: int) -> str:
    """Return the token of a phonetic key and a year of birth."""
    return f"p:{key}:{year}"


def name_token(key: str, initial: str) -> str:
    """Return the token of a phonetic key and an initial of the other half of a name."""
    return f"n:{key}:{initial}"


@lru_cache(_CACHED)
def _of_year(half: tuple[str, ...], year: int) -> tuple[str, ...]:
    return tuple(year_token(key, year) for key in read_half(half).keys)


@lru_cache(_CACHED)
def _of_name(first: tuple[str, ...], family: tuple[str, ...]) -> tuple[str, ...]:
    halves = read_half(first), read_half(family)
    return tuple(
        name_token(key, initial)
        for one, other in (halves, halves[::-1])
        for key in one.keys
        for initial in other.initials or ("",)
    )


@lru_cache(_CACHED)
def read_half(half: tuple[str, ...]) -> Half:
    """Return the phonetic keys of all first names or all family names, and their initials."""
    forms = fold_name(" ".join(half)).forms
    parts = dict.fromkeys(part for form in forms for part in form.split())
    whole = (form.replace(" ", "") for form in forms)
    keys = dict.fromkeys(phonetic_key(text) for text in (*parts, *whole))
    return Half(tuple(key for key in keys if key), tuple({part[0]: None for part in parts}))

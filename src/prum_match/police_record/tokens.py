"""Blocking tokens: what two records of one person have in common though most of it was misspelt.

A search that is not exhaustive compares a probe with the persons that share a token with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import PrumError
from prum_match.police_record.folding import fold_name
from prum_match.police_record.person import Person
from prum_match.police_record.phonetics import phonetic_key
from prum_match.values.dates import PartialDate

__all__ = [
    "Half",
    "date_tokens",
    "name_token",
    "read_half",
    "token_hashes",
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


def token_hashes(persons: Iterable[Person]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the blocking tokens of many persons as numbers, for a gallery in clear.

    The numbers are CRC-32 and hide nothing; those of a gallery of pseudonyms are made with a key.

    Parameters
    ----------
    persons : iterable of Person
        Persons in clear.

    Returns
    -------
    hashes : numpy.ndarray of uint32
        32 bits a token, sorted and distinct within a person; the same in every process.
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Where the tokens of each person begin.

    Examples
    --------
    >>> hashes, offsets = token_hashes([Person(birth_date="1984-12-03"), Person()])
    >>> len(hashes), offsets
    (2, array([0, 2, 2]))
    """
    lists = list[list[str]]()
    for index, person in enumerate(persons):
        try:
            lists.append(_all(person))
        except PrumError as error:
            raise error.at(index) from None
    owners = np.repeat(np.arange(len(lists), dtype=np.uint64), [len(found) for found in lists])
    encoded = map(str.encode, chain.from_iterable(lists))
    numbers = np.fromiter(map(crc32, encoded), np.uint64, len(owners))
    # The owner stands above the number: one sort orders the tokens of each.
    ordered = np.sort(owners << np.uint64(32) | numbers)
    distinct = ordered[np.diff(ordered, prepend=~np.uint64(0)) != 0]
    ends = np.searchsorted(distinct >> np.uint64(32), np.arange(len(lists) + 1, dtype=np.uint64))
    return distinct.astype(np.uint32), ends.astype(np.int64)


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

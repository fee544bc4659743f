"""Blocking tokens of many persons as numbers; each distinct token is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import PrumError
from prum_match.police_record.clear import ClearFields, pack_date, unpack_date
from prum_match.police_record.person import Person
from prum_match.police_record.tokens import date_tokens, name_token, read_half, year_token
from prum_match.values.dates import PartialDate

__all__ = ["TokenNumbers", "token_hash", "token_hashes"]

Parts: TypeAlias = tuple[str, ...]
Numbers: TypeAlias = NDArray[np.int64]

# A key, and behind it a year or the place of an initial: no birth is in the first 64 years.
_BEHIND = 12
_INITIALS = ("", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_PLACE = {initial: place for place, initial in enumerate(_INITIALS)}
_KEPT = 2**20
# Packed dates of one year.
_YEAR = pack_date(PartialDate(1))


def token_hash(token: str) -> int:
    """Return the number of a token in a gallery in clear; it hides nothing."""
    return crc32(token.encode("utf-8"))


class TokenNumbers:
    """Make the numbers of tokens.

    Parameters
    ----------
    number_of : callable
        Returns the number of a token, 32 bits.

    Examples
    --------
    >>> dates = np.array([pack_date(PartialDate(1984, 12, 3)), 0], np.uint32)
    >>> TokenNumbers(len).of([[((), ())], [((), ())]], dates)
    (array([ 9, 12], dtype=uint32), array([0, 2, 2]))
    """

    def __init__(self, number_of: Callable[[str], int]) -> None:
        self._number_of = number_of
        self.forget()

    def forget(self) -> None:
        """Forget all tokens."""
        self._keys: dict[str, int] = {}
        self._half_of: dict[Parts, int] = {}
        self._half_keys = _Lists()
        self._half_initials = _Lists()
        self._numbers: dict[int, int] = {}
        self._dates: dict[int, tuple[int, ...]] = {}

    def of(
        self, names: Sequence[Sequence[tuple[Parts, Parts]]], birth_dates: NDArray[np.uint32]
    ) -> tuple[NDArray[np.uint32], Numbers]:
        """Return the numbers of persons' tokens, and where those of each begin.

        Parameters
        ----------
        names : sequence of sequences of pairs
            First and family names of each name of each person.
        birth_dates : numpy.ndarray of uint32
            One a person, packed.

        Returns
        -------
        numbers : numpy.ndarray of uint32
            Sorted and distinct within a person.
        offsets : numpy.ndarray of int64, shape (n + 1,)
        """
        if max(len(self._half_of), len(self._numbers)) > _KEPT:
            self.forget()
        person_of = np.repeat(np.arange(len(names)), [len(n) for n in names])
        flat = list(chain.from_iterable(names))
        first = self._halves([name[0] for name in flat])
        family = self._halves([name[1] for name in flat])
        years = birth_dates[person_of].astype(np.int64) // _YEAR
        found = [self._dated(birth_dates)]
        for half, other in ((first, family), (family, first)):
            for owners, codes in (self._initialled(half, other), self._with_year(half, years)):
                found.append((person_of[owners], self._numbered(codes)))
        owners, numbers = (np.concatenate(parts) for parts in zip(*found, strict=True))
        # The owner stands above the number: one sort orders the tokens of each.
        ordered = np.sort(owners.astype(np.uint64) << np.uint64(32) | numbers)
        ordered = ordered[np.diff(ordered, prepend=~np.uint64(0)) != 0]
        ends = np.searchsorted(ordered >> np.uint64(32), np.arange(len(names) + 1, dtype=np.uint64))
        return ordered.astype(np.uint32), ends.astype(np.int64)

    def _halves(self, values: Sequence[Parts]) -> Numbers:
        half_of = self._half_of
        for parts in dict.fromkeys(v for v in values if v not in half_of):
            read = read_half(parts)
            half_of[parts] = len(half_of)
            keys = [self._keys.setdefault(key, len(self._keys)) for key in read.keys]
            self._half_keys.append(keys)
            self._half_initials.append([_PLACE[initial] for initial in read.initials or ("",)])
        return np.fromiter(map(half_of.__getitem__, values), np.int64, len(values))

    def _initialled(self, half: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
        """Return whose they are, and the codes of a half's keys with the initials of the other."""
        owners, keys = self._half_keys.of(half)
        items, initials = self._half_initials.of(other[owners])
        return owners[items], keys[items] << _BEHIND | initials

    def _with_year(self, half: Numbers, years: Numbers) -> tuple[Numbers, Numbers]:
        owners, keys = self._half_keys.of(half)
        known = years[owners] > 0
        owners, keys = owners[known], keys[known]
        return owners, keys << _BEHIND | years[owners]

    def _numbered(self, codes: Numbers) -> NDArray[np.uint64]:
        distinct, where = np.unique(codes, return_inverse=True)
        numbers = self._numbers
        missing = [code for code in distinct.tolist() if code not in numbers]
        texts = list(self._keys) if missing else []
        for code in missing:
            key, behind = texts[code >> _BEHIND], code & (1 << _BEHIND) - 1
            is_initial = behind < len(_INITIALS)
            numbers[code] = self._number_of(
                name_token(key, _INITIALS[behind]) if is_initial else year_token(key, behind)
            )
        found = np.fromiter(map(numbers.__getitem__, distinct.tolist()), np.uint64, len(distinct))
        return found[where]

    def _dated(self, birth_dates: NDArray[np.uint32]) -> tuple[Numbers, NDArray[np.uint64]]:
        distinct, where = np.unique(birth_dates, return_inverse=True)
        lists = _Lists()
        for packed in distinct.tolist():
            if packed not in self._dates:
                date = unpack_date(packed)
                texts = () if date is None else date_tokens(date)
                self._dates[packed] = tuple(map(self._number_of, texts))
            lists.append(self._dates[packed])
        owners, numbers = lists.of(where)
        return owners, numbers.astype(np.uint64)


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

    Raises
    ------
    PrumError
        What folding a name raises, with the index of the person.

    Examples
    --------
    >>> hashes, offsets = token_hashes([Person(birth_date="1984-12-03"), Person()])
    >>> len(hashes), offsets
    (2, array([0, 2, 2]))
    """
    persons = list(persons)
    names = [[(n.first_names, n.family_names) for n in person.names] for person in persons]
    for index, halves in enumerate(names):
        try:
            for half in chain.from_iterable(halves):
                read_half(half)
        except PrumError as error:
            raise error.at(index) from None
    return TokenNumbers(token_hash).of(names, ClearFields.of(persons).birth_date)


class _Lists:
    """Lists of numbers, one behind the other."""

    def __init__(self) -> None:
        self._ends: list[int] = [0]
        self._items: list[int] = []
        self._arrays: tuple[Numbers, Numbers] | None = None

    def append(self, items: Sequence[int]) -> None:
        self._items += items
        self._ends.append(len(self._items))
        self._arrays = None

    def of(self, which: Numbers) -> tuple[Numbers, Numbers]:
        """Return the items of some lists, and before them whose they are."""
        if self._arrays is None:
            self._arrays = np.array(self._ends, np.int64), np.array(self._items, np.int64)
        ends, items = self._arrays
        counts = np.diff(ends)[which]
        owners = np.repeat(np.arange(len(which)), counts)
        begins = ends[which] - (np.cumsum(counts) - counts)
        return owners, items[np.arange(len(owners)) + begins[owners]]

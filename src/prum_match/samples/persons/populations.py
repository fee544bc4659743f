"""A population: columns of any number of synthetic persons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.persons.clear_fields import (
    GENDERS,
    ClearFields,
    pack_country,
    unpack_date,
)
from prum_match.police_record.persons.person import Name, Person
from prum_match.samples.persons.drawing import ALIAS_KINDS, BLOCK, NONE, draw
from prum_match.samples.persons.lexicon import lexicon, locales
from prum_match.samples.persons.urns import Numbers
from prum_match.values.checks import whole_number

# What the second name of a pair takes in a number for both.
_SHIFT = 1 << 24


@dataclass(frozen=True, eq=False, repr=False)
class Population(Sequence[Person]):
    """Persons by columns of numbers; single ones and slices are :class:`Person`.

    Attributes
    ----------
    locale : numpy.ndarray of uint8
        Where the names are from: the row of ``data/locales.csv``.
    first, family : numpy.ndarray of int32
        Two names of each person, as numbers; -1: none. :meth:`values` gives them as text.
    birth_date : numpy.ndarray of uint32
        As ``police_record.clear.pack_date`` has it.
    gender : numpy.ndarray of uint8
        Numbers of ``police_record.clear.GENDERS``.
    birth_country : numpy.ndarray of int8
        Number of a country; -1: not known. :meth:`clear` gives its code.
    nationalities : numpy.ndarray of int8
        Two of each person; -1: none.
    birth_place : numpy.ndarray of int16
        Number of a place; -1: not known.
    alias_of : numpy.ndarray of int32
        Whose each alias is; in order.
    aliases : numpy.ndarray of int32
        A row for each alias: kind, first name, family name.

    Examples
    --------
    >>> from prum_match.samples import persons
    >>> drawn = persons.population(1000, seed=5)
    >>> drawn[0]
    <Person: 1 name, ...>
    >>> len(drawn[10:15])
    5
    """

    locale: NDArray[np.uint8]
    first: Numbers
    family: Numbers
    birth_date: NDArray[np.uint32]
    gender: NDArray[np.uint8]
    birth_country: NDArray[np.int8]
    nationalities: NDArray[np.int8]
    birth_place: NDArray[np.int16]
    alias_of: Numbers
    aliases: Numbers

    def __len__(self) -> int:
        return len(self.locale)

    @overload
    def __getitem__(self, index: int) -> Person: ...
    @overload
    def __getitem__(self, index: slice) -> list[Person]: ...
    def __getitem__(self, index: int | slice) -> Person | list[Person]:
        if isinstance(index, slice):
            return [self._person(i) for i in range(*index.indices(len(self)))]
        return self._person(range(len(self))[index])

    def __iter__(self) -> Iterator[Person]:
        return map(self._person, range(len(self)))

    def __repr__(self) -> str:
        return f"<Population: {len(self):,} persons, {len(self.aliases):,} aliases>"

    def values(self, field: Literal["first", "family"]) -> tuple[list[str], Numbers]:
        """Return the distinct first, or family, names and the index of each person's name.

        Aliases are not among them.

        Parameters
        ----------
        field : {"first", "family"}
            Which names; two of a person are one value.

        Returns
        -------
        values : list of str
            Distinct values.
        numbers : numpy.ndarray of int32
            The number of the value for each person.

        Examples
        --------
        >>> from prum_match.samples import persons
        >>> values, numbers = persons.population(50, seed=5).values("family")
        >>> len(numbers), len(set(values)) == len(values)
        (50, True)
        """
        hyphen = np.array([field == "family" and each.hyphen for each in locales()])
        pairs = self.first if field == "first" else self.family
        joined = hyphen[self.locale] & (pairs[:, 1] != NONE)
        keys = (pairs[:, 0].astype(np.int64) * _SHIFT + pairs[:, 1] + 1) * 2 + joined
        distinct, numbers = np.unique(keys, return_inverse=True)
        one, rest = np.divmod(distinct, 2 * _SHIFT)
        two = np.stack([one, rest // 2 - 1], axis=1)
        return list(map(_text, two.tolist(), (rest % 2).tolist())), numbers.astype(np.int32)

    def clear(self) -> ClearFields:
        """Return the clear-text fields as columns, without a :class:`Person` for each row.

        Examples
        --------
        >>> from prum_match.samples import persons
        >>> persons.population(50, seed=5).clear().at(0)
        (PartialDate(...), ...)
        """
        code = np.array([0, *map(pack_country, lexicon().countries)], np.uint16)
        held = np.sort(code[self.nationalities.astype(np.int64) + 1], axis=1)
        counts = np.count_nonzero(held, axis=1)
        return ClearFields(
            self.birth_date,
            self.gender,
            code[self.birth_country.astype(np.int64) + 1],
            np.concatenate([[0], np.cumsum(counts)]),
            held[held > 0],
        )

    def aliases_of(self, index: int) -> list[tuple[str, Name | str]]:
        """Return the aliases of a person with their kinds."""
        begin, end = np.searchsorted(self.alias_of, (index, index + 1))
        return [_alias(*row) for row in self.aliases[begin:end].tolist()]

    def family_names_of(self, index: int) -> list[str]:
        """Return the one or two family names of a person."""
        return [lexicon().names[each] for each in self.family[index].tolist() if each != NONE]

    def _person(self, index: int) -> Person:
        words = lexicon()
        locale = locales()[self.locale[index]]
        born, place = int(self.birth_country[index]), int(self.birth_place[index])
        first, family = self.first[index].tolist(), self.family[index].tolist()
        return Person(
            _text(first, False),
            _text(family, locale.hyphen),
            [alias for _, alias in self.aliases_of(index)],
            birth_date=unpack_date(int(self.birth_date[index])),
            birth_place=words.places[place] if place != NONE else None,
            country_of_birth=words.countries[born] if born != NONE else None,
            nationalities=[
                words.countries[each] for each in self.nationalities[index].tolist() if each != NONE
            ],
            gender=GENDERS[self.gender[index]],
        )


def population(n: int, seed: int) -> Population:
    """Draw persons.

    The first rows are the same whatever n is, and the same on every machine.

    Parameters
    ----------
    n : int
        Number of persons.
    seed : int
        A whole number of at least 0.

    Returns
    -------
    Population

    Raises
    ------
    InvalidInput
        Code ``"bad_option"``.

    Examples
    --------
    >>> from prum_match.samples import persons
    >>> persons.population(100_000, seed=1)
    <Population: 100,000 persons, ... aliases>
    """
    n = whole_number(n, "n", least=0, code="bad_option")
    return drawn(n, whole_number(seed, "seed", least=0, code="bad_option"), 0)


def drawn(n: int, *seed: int) -> Population:
    """Draw persons from a separate random stream."""
    blocks = []
    for begin in range(0, max(n, 1), BLOCK):
        random = np.random.Generator(np.random.PCG64([*seed, begin // BLOCK]))
        block = draw(random, min(BLOCK, n - begin))
        block["alias_of"] += begin
        blocks.append(block)
    return Population(**{name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]})


def _text(pair: Sequence[int], hyphen: bool | int) -> str:
    names = lexicon().names
    one, two = pair
    if two == NONE:
        return names[one]
    return f"{names[one]}{'-' if hyphen else ' '}{names[two]}"


def _alias(kind: int, first: int, family: int) -> tuple[str, Name | str]:
    names = lexicon().names
    name = ALIAS_KINDS[kind]
    given = names[first] if first != NONE else ""
    if name == "undivided":
        return name, f"{given} {names[family]}"
    return name, Name(given, names[family] if family != NONE else "")

"""Errors and differences between a record and a search for the same person, by their kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from prum_match.errors import InvalidInput
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.names.nicknames import ENGLISH
from prum_match.police_record.persons.person import Name, Person
from prum_match.samples.persons.populations import Population
from prum_match.samples.persons.scripts import plain, transliterations
from prum_match.samples.persons.slips import slip
from prum_match.samples.persons.urns import Chance
from prum_match.values.dates import PartialDate

NO_ERROR = "none"

Error: TypeAlias = Callable[[Person, Population, int, Chance], Person | None]


def with_error(
    kind: str, person: Person, population: Population, index: int, chance: Chance
) -> Person | None:
    """Return a person with an error; None where that error cannot occur for the person."""
    if kind == NO_ERROR:
        return person
    return _KINDS[kind](person, population, index, chance)


def _alias(person: Person, population: Population, index: int, chance: Chance) -> Person | None:
    aliases = population.aliases_of(index)
    if not aliases:
        return None
    _, alias = aliases[chance.below(len(aliases))]
    if isinstance(alias, str):
        first, family = alias.split(" ", 1)
        alias = Name(first, family)
    first_names = alias.first_names or person.first_names
    return replace(
        person, first_names=first_names, family_names=alias.family_names or person.family_names
    )


def _nickname(person: Person, population: Population, index: int, chance: Chance) -> Person | None:
    name, *others = person.first_names
    known = [nickname for form in fold_name(name).forms for nickname in ENGLISH.of(form)]
    if not known:
        return None
    nickname = known[chance.below(len(known))].title()
    return replace(person, first_names=(nickname, *others))


def _second_name(person: Person, *_: object) -> Person | None:
    if len(person.first_names) < 2:
        return None
    return replace(person, first_names=person.first_names[:-1])


def _double_name(
    person: Person, population: Population, index: int, chance: Chance
) -> Person | None:
    names = population.family_names_of(index)
    return replace(person, family_names=(names[chance.below(2)],)) if len(names) == 2 else None


def _transliteration(
    person: Person, population: Population, index: int, chance: Chance
) -> Person | None:
    # All parts by the same rule, which are in the same order for all of a script.
    rule = chance.random()

    def rewritten(names: Sequence[str]) -> tuple[str, ...]:
        ways = [transliterations(name) or (name,) for name in names]
        return tuple(each[int(rule * len(each))] for each in ways)

    return _renamed(person, rewritten)


def _diacritics(person: Person, *_: object) -> Person | None:
    return _renamed(person, lambda names: tuple(map(plain, names)))


def _renamed(
    person: Person, rewritten: Callable[[Sequence[str]], tuple[str, ...]]
) -> Person | None:
    first, family = rewritten(person.first_names), rewritten(person.family_names)
    if (first, family) == (person.first_names, person.family_names):
        return None
    return replace(person, first_names=first, family_names=family)


def _typing(person: Person, population: Population, index: int, chance: Chance) -> Person | None:
    first = chance.happens(0.5)
    names = person.first_names if first else person.family_names
    at = chance.below(len(names))
    typed = slip(names[at], chance)
    if typed is None:
        return None
    names = (*names[:at], typed, *names[at + 1 :])
    return replace(person, first_names=names) if first else replace(person, family_names=names)


def _names_exchanged(person: Person, *_: object) -> Person | None:
    return replace(person, first_names=person.family_names, family_names=person.first_names)


def _date_swapped(person: Person, *_: object) -> Person | None:
    born = person.birth_date
    if born is None or born.day is None or born.month == born.day or born.day > 12:
        return None
    return replace(person, birth_date=PartialDate(born.year, born.day, born.month))


def _date_digit(
    person: Person, population: Population, index: int, chance: Chance
) -> Person | None:
    digits = str(person.birth_date).replace("-", "")
    if len(digits) < 8:
        return None
    # The century is right.
    at, digit = 2 + chance.below(6), str(chance.below(10))
    try:
        born = PartialDate(*_split(digits[:at] + digit + digits[at + 1 :]))
    except InvalidInput:
        return None
    return replace(person, birth_date=born) if born != person.birth_date else None


def _split(digits: str) -> tuple[int, int, int]:
    return int(digits[:4]), int(digits[4:6]), int(digits[6:])


def _date_year(person: Person, *_: object) -> Person | None:
    born = person.birth_date
    if born is None or born.month is None:
        return None
    return replace(person, birth_date=PartialDate(born.year))


def _date_placeholder(person: Person, *_: object) -> Person | None:
    born = person.birth_date
    if born is None or born.day is None or (born.month, born.day) == (1, 1):
        return None
    return replace(person, birth_date=PartialDate(born.year, 1, 1))


# In order of occurrence: a name that is left out or replaced is not mistyped before.
_KINDS: Mapping[str, Error] = MappingProxyType(
    {
        "alias": _alias,
        "nickname": _nickname,
        "second_name": _second_name,
        "double_name": _double_name,
        "transliteration": _transliteration,
        "diacritics": _diacritics,
        "typing": _typing,
        "names_exchanged": _names_exchanged,
        "date_swapped": _date_swapped,
        "date_digit": _date_digit,
        "date_year": _date_year,
        "date_placeholder": _date_placeholder,
    }
)

ERRORS: Mapping[str, float] = MappingProxyType(
    {
        NO_ERROR: 0.25,
        "alias": 0.05,
        "nickname": 0.03,
        "second_name": 0.07,
        "double_name": 0.05,
        "transliteration": 0.1,
        "diacritics": 0.08,
        "typing": 0.18,
        "names_exchanged": 0.04,
        "date_swapped": 0.04,
        "date_digit": 0.06,
        "date_year": 0.03,
        "date_placeholder": 0.02,
    }
)
"""Kinds of errors in order of occurrence, with their shares, which are assumed."""

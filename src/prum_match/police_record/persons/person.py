"""Persons as police records describe them, in clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.elements import (
    DateLike,
    Parts,
    birth_date_of,
    country_of,
    entries,
    gender_of,
    name_parts,
    nationalities_of,
    place_of,
)
from prum_match.values.dates import PartialDate

MAX_ALIASES = 100
"""Most aliases of a person."""

MAX_NAMES = 255
"""Most names of a person, aliases included."""


@dataclass(frozen=True, init=False, repr=False, slots=True)
class Name:
    """First names and family names that belong together.

    Parameters
    ----------
    first_names, family_names : str or iterable of str, optional
        Parts are split at white space. Either can be missing.

    Attributes
    ----------
    first_names, family_names : tuple of str
        The parts in the order that they came in, in Unicode's NFKC.
    changed : tuple of str
        Names of the changes that were made; never the name itself.

    Raises
    ------
    InvalidInput
        Code ``"bad_name"``: no letter, more than 200 characters, control characters, not text.

    Examples
    --------
    >>> maiden = Name("Catharina", "Bolnes")
    >>> maiden.family_names
    ('Bolnes',)
    >>> maiden
    <Name: 1 first name, 1 family name>
    """

    first_names: tuple[str, ...]
    family_names: tuple[str, ...]
    changed: tuple[str, ...] = field(init=False, compare=False)

    def __init__(self, first_names: Parts = (), family_names: Parts = ()) -> None:
        changed = list[str]()
        _set(
            self,
            first_names=name_parts(first_names, "first_names", changed),
            family_names=name_parts(family_names, "family_names", changed),
            changed=_distinct(changed),
        )

    def __repr__(self) -> str:
        first, family = len(self.first_names), len(self.family_names)
        return f"<Name: {_counted(first, 'first name')}, {_counted(family, 'family name')}>"


Alias: TypeAlias = Name | str
AliasLike: TypeAlias = Name | str | tuple[str, str]


@dataclass(frozen=True, init=False, repr=False, slots=True)
class Person:
    """One person of a police record: the elements of Regulation (EU) 2024/982, Art. 25(1).

    Every element can be missing; blanks are the same as nothing. `birth_place` is no element of
    the Regulation and serves searches at home alone.

    Parameters
    ----------
    first_names, family_names : str or iterable of str, optional
        Parts are split at white space; those of one field can stand in any order.
    aliases : str or Name or iterable of them, optional
        Aliases and previous names: a text whose parts nobody has told apart, a :class:`Name`, or
        a pair of first and family names inside a list. At most 100.
    birth_date : PartialDate or str or date, optional
        ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or ``YYYYMMDD``; zeros or X for parts that are not
        known, as registers have them (``1984-05-00``). From 1800 to 2100. 1 January stays that.
    birth_place : str, optional
        Place of birth.
    country_of_birth : str, optional
        ISO 3166-1 alpha-2; codes of former countries as well (``YU``).
    nationalities : str or iterable of str, optional
        Such codes; in one text they have blanks, commas or semicolons between them. ``XXA``,
        ``XXB``, ``XXC`` and ``XXX`` of ICAO Doc 9303 name none and are left out.
    gender : str or int, optional
        ``F``, ``M``, ``X``, *female*, *male*, *unknown*, or the number of ISO/IEC 5218.

    Attributes
    ----------
    first_names, family_names : tuple of str
        The parts, in Unicode's NFKC.
    aliases : tuple of Name or str
        In the order that they came in.
    birth_date : PartialDate or None
        Birth date.
    birth_place, country_of_birth : str or None
        As above; the country as an alpha-2 code.
    nationalities : tuple of str
        Alpha-2 codes, sorted and distinct.
    gender : {"F", "M", "X"} or None
        None: not known.
    changed : tuple of str
        What was changed or left out, without the value.

    Raises
    ------
    InvalidInput
        Codes ``"bad_name"``, ``"bad_place"``, ``"bad_date"``, ``"bad_birth_date"``,
        ``"unknown_country"``, ``"bad_gender"``, ``"too_many"``.

    Examples
    --------
    >>> from prum_match.police_record.persons.person import Name, Person
    >>> person = Person("Hedda", "Tesman", Name(family_names="Gabler"), birth_date="1861-00-00")
    >>> person
    <Person: 1 name, 1 alias, birth date>
    >>> [name.family_names for name in person.names]
    [('Tesman',), ('Gabler',)]
    >>> person.birth_date, person.changed
    (PartialDate(year=1861, month=None, day=None), ('birth_date: unknown parts',))
    """

    first_names: tuple[str, ...]
    family_names: tuple[str, ...]
    aliases: tuple[Alias, ...]
    birth_date: PartialDate | None
    birth_place: str | None
    country_of_birth: str | None
    nationalities: tuple[str, ...]
    gender: str | None
    changed: tuple[str, ...] = field(init=False, compare=False)

    def __init__(
        self,
        first_names: Parts = (),
        family_names: Parts = (),
        aliases: AliasLike | Iterable[AliasLike] | None = (),
        *,
        birth_date: DateLike | None = None,
        birth_place: str | None = None,
        country_of_birth: str | None = None,
        nationalities: str | Iterable[str] | None = (),
        gender: str | int | None = None,
    ) -> None:
        changed = list[str]()
        _set(
            self,
            first_names=name_parts(first_names, "first_names", changed),
            family_names=name_parts(family_names, "family_names", changed),
            aliases=_aliases(aliases, changed) if aliases else (),
            birth_date=birth_date_of(birth_date, "birth_date", changed),
            birth_place=place_of(birth_place, "birth_place", changed),
            country_of_birth=country_of(country_of_birth, "country_of_birth", changed),
            nationalities=nationalities_of(nationalities, "nationalities", changed),
            gender=gender_of(gender, "gender", changed),
            changed=_distinct(changed),
        )
        if self.aliases and len(self.names) > MAX_NAMES:
            raise InvalidInput(
                f"aliases stand for at most {MAX_NAMES} names", code="too_many", field="aliases"
            )

    @property
    def has_first(self) -> bool:
        """Whether the person's own name has first names; an alias does not count."""
        return bool(self.first_names)

    @property
    def has_family(self) -> bool:
        """Whether the person's own name has family names; an alias does not count."""
        return bool(self.family_names)

    @property
    def names(self) -> tuple[Name, ...]:
        """All names that the person can be found by, without doubles.

        The person's own is always the first, even where nothing of it is known. An alias that
        lacks one half takes it from there: it is a previous family name, or another first name. A
        text whose parts nobody has told apart stands for each way to split it in two; a single
        part is a first name as well as a family name.

        Examples
        --------
        >>> person = Person("Eva", "Gabler", "Ada Maria Brack")
        >>> [(*name.first_names, "|", *name.family_names) for name in person.names[1:]]
        [('Ada', '|', 'Maria', 'Brack'), ('Ada', 'Maria', '|', 'Brack')]
        """
        own = _name(self.first_names, self.family_names)
        if not self.aliases:
            return (own,)
        meant = (half for alias in self.aliases for half in _splits(alias))
        return (own, *(n for n in dict.fromkeys(_filled(half, own) for half in meant) if n != own))

    def __repr__(self) -> str:
        known = {
            _counted(1, "name"): self.first_names or self.family_names,
            _counted(len(self.aliases), "alias", "aliases"): self.aliases,
            "birth date": self.birth_date,
            "birth place": self.birth_place,
            "country of birth": self.country_of_birth,
            _counted(len(self.nationalities), "nationality", "nationalities"): self.nationalities,
            "gender": self.gender,
        }
        return f"<Person: {', '.join(name for name, value in known.items() if value) or 'nothing'}>"


def _aliases(values: Any, changed: list[str]) -> tuple[Alias, ...]:
    if isinstance(values, str | Name):
        values = (values,)
    given = entries(values, "aliases", "bad_name", MAX_ALIASES)
    found = (_alias(value, f"aliases[{i}]", changed) for i, value in enumerate(given))
    return tuple(alias for alias in found if alias is not None)


def _alias(value: Any, where: str, changed: list[str]) -> Alias | None:
    """Return an alias, None for a blank one."""
    notes = list[str]()
    found: Alias
    if isinstance(value, str):
        found = " ".join(name_parts(value, where, notes))
    else:
        found = value if isinstance(value, Name) else _pair(value, where)
        notes.extend(found.changed)
    # Which of the aliases it was would make each change one of its own.
    changed.extend(f"aliases: {note.partition(': ')[2]}" for note in notes)
    return found if found not in ("", Name()) else None


def _pair(value: Any, where: str) -> Name:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InvalidInput(
            "a text, a Name or a pair of first and family names is needed",
            code="bad_name",
            field=where,
            value=value,
        )
    try:
        return Name(*value)
    except InvalidInput as error:
        error.field = f"{where}.{error.field}"
        raise


def _splits(alias: Alias) -> Iterator[Name]:
    """Yield what an alias can mean; a half of it may be missing."""
    if isinstance(alias, Name):
        yield alias
        return
    parts = tuple(alias.split(" "))
    if len(parts) == 1:
        yield _name(parts, ())
        yield _name((), parts)
    for cut in range(1, len(parts)):
        yield _name(parts[:cut], parts[cut:])


def _filled(name: Name, own: Name) -> Name:
    return _name(name.first_names or own.first_names, name.family_names or own.family_names)


def _name(first_names: tuple[str, ...], family_names: tuple[str, ...]) -> Name:
    """Return a name of parts that were read before."""
    name = object.__new__(Name)
    _set(name, first_names=first_names, family_names=family_names, changed=())
    return name


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _distinct(changed: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(changed)) if changed else ()


def _set(part: object, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(part, name, value)

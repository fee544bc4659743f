"""Hypothesis strategies of persons in clear, of their names and birth dates.

They draw from few names and days, so that two persons often are alike, and what registers do to
names more often than what is common: transliterations, particles, nicknames, exchanged halves,
typing errors, dates of which a part is not known or stands for one that is not.

Examples
--------
>>> from hypothesis import given, settings
>>> from prum_match import police_record
>>> from prum_match.testing.strategies import police_record as persons
>>> @settings(max_examples=5)
... @given(persons.persons(), persons.persons())
... def a_gallery_takes_both(one, other):
...     gallery = police_record.Gallery()
...     assert gallery.enrol(["1", "2"], [one, other]).enrolled == 2
>>> a_gallery_takes_both()
"""

from __future__ import annotations

from functools import cache
from typing import Any

from prum_match.police_record import Name, Person
from prum_match.testing.strategies.drawing import DrawFn, SearchStrategy, st

_FIRST = ("Anna", "Ana", "Robert", "Bob", "Bob", "Jürgen", "Juergen", "Мария", "Σοφία", "Li")
_FAMILY = (
    *("Müller", "Mueller", "Muller", "Мюллер", "van der Berg", "Bergmann", "García López", "López"),
    *("Ó Briain", "Παπαδόπουλος", "Anna", "Ng"),
)
_PLACES = ("Bergen", "Bremen", "Den Haag", "Łódź")
_COUNTRIES = ("DE", "FR", "GR", "YU")
_SIGNS = "aZéßŁñжΩ'-\u2019.,;\"\\/{}%<>& "


def _typed(names: SearchStrategy[str]) -> SearchStrategy[str]:
    """Return names, some with a letter more, less, another or two exchanged."""
    kinds = st.sampled_from((*[""] * 8, "insert", "delete", "replace", "swap"))
    return st.builds(_mistyped, names, kinds, st.integers(1, 30))


def _mistyped(name: str, kind: str, place: int) -> str:
    at = place % max(len(name) - 1, 1)
    before, rest = name[:at], name[at:]
    return {
        "": name,
        "insert": f"{before}x{rest}",
        "delete": before + rest[1:] if at else name,
        "replace": f"{before}x{rest[1:]}" if at else name,
        "swap": before + rest[1:2] + rest[:1] + rest[2:],
    }[kind]


@cache
def first_names() -> SearchStrategy[str]:
    """Return a strategy of first names, none to two."""
    one = _typed(st.sampled_from(_FIRST))
    return st.one_of(one, one, st.builds("{} {}".format, one, one), st.just(""))


@cache
def family_names() -> SearchStrategy[str]:
    """Return a strategy of family names, none to two, with and without particles."""
    one = _typed(st.sampled_from(_FAMILY))
    return st.one_of(one, one, one, st.builds("{}-{}".format, one, one), st.just(""))


@cache
def birth_dates() -> SearchStrategy[str | None]:
    """Return a strategy of birth dates: near each other, exchanged, partial, or of no day."""
    return st.sampled_from(
        (
            *(None, "1984", "1984-02", "1984-02-00", "1984-02-01", "1984-01-02", "1984-01-01"),
            *("1984-02-07", "1985-02-01", "1984-XX-XX", "19840201"),
        )
    )


@cache
def aliases() -> SearchStrategy[Name | str]:
    """Return a strategy of aliases: told apart, in one piece, or one half alone."""
    pieces = st.builds("{} {}".format, first_names(), family_names())
    return st.builds(Name, first_names(), family_names()) | pieces | family_names()


@cache
def _elements() -> dict[str, SearchStrategy[Any]]:
    """Return strategies of all elements; made once, for making them takes longer than drawing."""
    return {
        "first_names": first_names(),
        "family_names": family_names(),
        "aliases": st.lists(aliases(), max_size=2),
        "birth_date": birth_dates(),
        "birth_place": st.none() | _typed(st.sampled_from(_PLACES)),
        "country_of_birth": st.none() | st.sampled_from(_COUNTRIES),
        "nationalities": st.lists(st.sampled_from(_COUNTRIES), max_size=2),
        "gender": st.sampled_from((None, "F", "M", "X")),
    }


_EXCHANGED = st.sampled_from((*[False] * 7, True))


@st.composite
def persons(draw: DrawFn, *, two_elements: bool = False) -> Person:
    """Return a strategy of persons, with and without optional elements."""
    elements = {name: draw(strategy) for name, strategy in _elements().items()}
    if draw(_EXCHANGED):
        halves = elements["family_names"], elements["first_names"]
        elements["first_names"], elements["family_names"] = halves
    if two_elements:
        likely = {"first_names": "Anna", "family_names": "Berg", "birth_date": "1984-02-01"}
        missing = [name for name in likely if elements[name] in (None, "", "1984-XX-XX")]
        elements |= {name: likely[name] for name in missing[1:]}
    return Person(**elements)


def unusual_names() -> SearchStrategy[str]:
    """Return a strategy of names with signs that files, formats and shells give a meaning."""
    return st.text(_SIGNS, min_size=4, max_size=40).filter(lambda text: any(map(str.isalpha, text)))

"""Names and places, and their frequencies."""

from __future__ import annotations

import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import TypeAlias

from prum_match.samples.persons.urns import Chance, Urns
from prum_match.values.packagedata import package_rows

PACKAGE = "prum_match.samples.persons"
SEXES = "FM"

# Persons whose name is on the lists; the others bear one that was made of two of them. Half of the
# Germans have a family name that fewer than one in 10,000 bear; of first names few are rare.
_KNOWN_FIRST, _KNOWN_FAMILY = 0.95, 0.6
_MADE_FIRST, _MADE_FAMILY = 2_000, 15_000
# A name of rank r weighs 1 / (r + q), after Zipf and Mandelbrot, where no frequency is known. The
# most frequent first name has 2 %, the most frequent family name 1 %, as Müller in Germany.
_FLAT_FIRST, _FLAT_FAMILY, _FLAT_MADE = 10, 20, 1_000

_VOWELS = frozenset("AEIOUYÆŒØIАЕИОУЪЮЯΑΕΗΙΟΥΩ")  # noqa: RUF001

Weighted: TypeAlias = tuple[list[str], list[float]]


@dataclass(frozen=True)
class Locale:
    """A locale: the origin of names, and their rules."""

    code: str
    names: str
    country: str
    people: float
    second_given: float
    double_family: float
    hyphen: bool
    feminine: tuple[str, ...]
    masculine: tuple[str, ...]

    def bears(self, sex: str, family: str) -> bool:
        """Tell whether a family name fits a sex."""
        feminine = family.endswith(self.feminine)
        masculine = family.endswith(self.masculine) or (self.masculine == ("*",) and not feminine)
        return not (masculine if sex == "F" else feminine)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All names and places by their number, and urns to draw them from.

    There is an urn of first and of family names for each locale and sex, ``2 * locale + sex``,
    and one of places for each country.
    """

    names: tuple[str, ...]
    first: Urns
    family: Urns
    places: tuple[str, ...]
    countries: tuple[str, ...]
    place: Urns


@cache
def locales() -> tuple[Locale, ...]:
    """Return all locales."""
    return tuple(
        Locale(
            code=row["locale"],
            names=row["names"],
            country=row["country"],
            people=float(row["people"]),
            second_given=float(row["second_given"]),
            double_family=float(row["double_family"]),
            hyphen=row["hyphen"] == "yes",
            feminine=tuple(row["feminine"].split()),
            masculine=tuple(row["masculine"].split()),
        )
        for row in package_rows(PACKAGE, "locales.csv")
    )


@cache
def lexicon() -> Lexicon:
    """Read the tables and make the rare names."""
    lists = _lists()
    numbers: dict[str, int] = {}

    def urn(weighted: Weighted) -> tuple[list[int], list[float]]:
        names, weights = weighted
        return [numbers.setdefault(name, len(numbers)) for name in names], weights

    first = Urns.of(urn(_first(lists, locale, sex)) for locale in locales() for sex in SEXES)
    family = Urns.of(urn(_family(lists, locale, sex)) for locale in locales() for sex in SEXES)
    countries = tuple(sorted({locale.country for locale in locales()}))
    places = package_rows(PACKAGE, "places.csv")
    by_country = [
        [i for i, row in enumerate(places) if row["country"] == country] for country in countries
    ]
    place = Urns.of((found, [1 / (i + 2) for i in range(len(found))]) for found in by_country)
    return Lexicon(
        tuple(numbers), first, family, tuple(row["place"] for row in places), countries, place
    )


Lists: TypeAlias = dict[tuple[str, str], Weighted]


def _lists() -> Lists:
    """Return the known names by locale and kind; F and M are first names, S family names."""
    lists: Lists = defaultdict(lambda: ([], []))
    for file in ("names.csv", "more_names.csv"):
        for row in package_rows(PACKAGE, file):
            names, weights = lists[row["locale"], row["kind"]]
            names.append(row["name"])
            weights.append(float(row.get("weight") or 0))
    return lists


def _first(lists: Lists, locale: Locale, sex: str) -> Weighted:
    known, weights = lists[locale.names, sex]
    return _with_made(
        (known, weights), _FLAT_FIRST, _KNOWN_FIRST, _MADE_FIRST, f"{locale.names} {sex}"
    )


def _family(lists: Lists, locale: Locale, sex: str) -> Weighted:
    known, weights = lists[locale.names, "S"]
    borne = [i for i, name in enumerate(known) if locale.bears(sex, name)]
    # Where both sexes bear the same names the rare ones are the same too.
    seed = f"{locale.names} S {sex}" if len(borne) < len(known) else f"{locale.names} S"
    return _with_made(
        ([known[i] for i in borne], [weights[i] for i in borne]),
        _FLAT_FAMILY,
        _KNOWN_FAMILY,
        _MADE_FAMILY,
        seed,
    )


def _with_made(known: Weighted, flat: int, share: float, made: int, seed: str) -> Weighted:
    """Give known names their share of all persons, and made names the rest."""
    chance = Chance(zlib.crc32(seed.encode()))
    names, weights = known
    if not all(weights):
        weights = [1 / (rank + flat) for rank in chance.order(len(names))]
    rare = list(_made(names, made, chance))
    rare_weights = [1 / (rank + _FLAT_MADE) for rank in range(made)]
    return names + rare, _scaled(weights, share) + _scaled(rare_weights, 1 - share)


def _scaled(weights: Sequence[float], share: float) -> list[float]:
    scale = share / fsum(weights)
    return [weight * scale for weight in weights]


def _made(names: Sequence[str], n: int, chance: Chance) -> Iterator[str]:
    """Make names from the beginning of one and the end of another; known names may result."""
    cuts = [(name[:at], name[at:]) for name in names if (at := _cut(name))]
    drawn = (chance.random(2 * n) * len(cuts)).astype(int).tolist()
    for begin, end in zip(drawn[:n], drawn[n:], strict=True):
        yield cuts[begin][0] + cuts[end][1]


@cache
def _cut(name: str) -> int:
    """Return where to cut a name: after the vowel nearest to its middle; 0: nowhere."""
    if not name.isalpha():
        return 0
    letters = unicodedata.normalize("NFD", name.upper())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if len(bare) != len(name):
        return 0
    found = [
        at for at in range(2, len(name) - 1) if bare[at - 1] in _VOWELS and bare[at] not in _VOWELS
    ]
    return min(found, key=lambda at: abs(2 * at - len(name)), default=0)

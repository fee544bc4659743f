"""The agreement of two persons and its weight, straight from the text of the rules.

Neither native code nor the library is used; levels are plain numbers. Names are given folded: the
exact form and the spellings. Weights are whole 1024ths of a bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import NamedTuple, Protocol

MISSING, DIFFERENT = 0, 1
PARTIAL, FAR, NEAR, CLOSE, NICKNAME, EQUIVALENT, EXACT = range(2, 9)
DATE_NEAR, DATE_PLACEHOLDER, DATE_SWAPPED, SAME_YEAR, SAME_MONTH, DATE_EXACT = range(2, 8)
SAME = 2
EXCHANGED_NAMES = 81


class Folded(Protocol):
    """A name or a place in the form for comparison."""

    @property
    def exact(self) -> str: ...
    @property
    def forms(self) -> tuple[str, ...]: ...


class Spelling(NamedTuple):
    """A plain `Folded`."""

    exact: str
    forms: tuple[str, ...]


class FullName(NamedTuple):
    first: Folded | None
    family: Folded | None


class Subject(NamedTuple):
    """A person: own name first, then aliases. Unknown parts of a date are 0."""

    names: tuple[FullName, ...] = ()
    birth_date: tuple[int, int, int] | None = None
    birth_place: Folded | None = None
    country_of_birth: str | None = None
    nationalities: tuple[str, ...] = ()
    gender: str | None = None


class Weights(NamedTuple):
    """The weight of each level, by its number; MISSING has the weight 0."""

    family: Sequence[int]
    first: Sequence[int]
    exchanged: int
    alias: int
    date: Sequence[int]
    place: Sequence[int]
    country: Sequence[int]
    nationality: Sequence[int]
    gender: Sequence[int]


Others = Callable[[str], Iterable[str]]
"""The forms that are nicknames of a form, or that it is a nickname of."""
Rarity = Callable[[str], int]
"""What is added where a name is exactly the same, by what it is exactly."""
Level = Callable[[Folded | None, Folded | None], int]


def nobody(_: str) -> tuple[str, ...]:
    """Return no nicknames."""
    return ()


def nothing(_: str) -> int:
    """Return no frequencies."""
    return 0


def edits(a: str, b: str) -> int:
    """Return the optimal string alignment distance.

    >>> edits("KITTEN", "SITTING"), edits("AB", "BA"), edits("CA", "ABC")
    (3, 1, 3)
    """
    table = [[max(i, j) for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i, j in product(range(1, len(a) + 1), range(1, len(b) + 1)):
        table[i][j] = min(
            table[i - 1][j] + 1,
            table[i][j - 1] + 1,
            table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
        )
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def form_level(a: str, b: str) -> int:
    """Return the level of two different spellings."""
    x, y = a.replace(" ", ""), b.replace(" ", "")
    d, shorter, longer = edits(x, y), *sorted((len(x), len(y)))
    if d <= 1 and shorter >= 3:
        return CLOSE
    if d <= 2 and 2 * d <= shorter and shorter >= 4:
        return NEAR
    if d <= 3 and 3 * d <= longer and shorter >= 6:
        return FAR
    if any(len(part) >= 3 for part in {*a.split()} & {*b.split()}):
        return PARTIAL
    return DIFFERENT


def absent(name: Folded | None) -> bool:
    return name is None or not name.exact


def name_level(a: Folded | None, b: Folded | None, others: Others = nobody) -> int:
    """Return the level of two first names, or of family names or places without nicknames."""
    if a is None or b is None or absent(a) or absent(b):
        return MISSING
    if a.exact == b.exact:
        return EXACT
    pairs = list(product(a.forms, b.forms))
    if any(x == y for x, y in pairs):
        return EQUIVALENT
    if any(x in others(y) or y in others(x) for x, y in pairs):
        return NICKNAME
    return max(form_level(x, y) for x, y in pairs)


def date_level(a: tuple[int, int, int] | None, b: tuple[int, int, int] | None) -> int:
    """Return the level of two birth dates."""
    if a is None or b is None:
        return MISSING
    a, b = sorted((a, b))
    if a == b and a[2]:
        return DATE_EXACT
    if a[:2] == b[:2] and a[1] and not a[2]:
        return SAME_MONTH
    if a[0] == b[0] and not a[1]:
        return SAME_YEAR
    if not a[2] or not b[2]:
        # A month says that it is not January: as good as another day.
        return DATE_PLACEHOLDER if (a[0], 1, 1) in (a, b) and a[0] == b[0] else DIFFERENT
    if a == (b[0], b[2], b[1]):
        return DATE_SWAPPED
    if a[0] == b[0] and a[1:] == (1, 1):
        return DATE_PLACEHOLDER
    if sum(x == y for x, y in zip(a, b, strict=True)) == 2:
        return DATE_NEAR
    return DIFFERENT


def country_level(a: Iterable[str] | None, b: Iterable[str] | None) -> int:
    """Return the level of two lists of countries; gender or country of birth is a list of one."""
    if not a or not b:
        return MISSING
    return SAME if {*a} & {*b} else DIFFERENT


def one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


class Names(NamedTuple):
    """The best reading of the names of two persons."""

    weight: int
    code: int
    alias: int
    probe_name: int
    reference_name: int


def best_names(
    a: Sequence[FullName],
    b: Sequence[FullName],
    weights: Weights,
    level: Level = name_level,
    first_level: Level = name_level,
    family_rarity: Rarity = nothing,
    first_rarity: Rarity = nothing,
) -> Names:
    """Return the reading with the highest weight, of all pairs of names in both orders."""
    readings = []
    for (i, x), (j, y) in product(enumerate(a), enumerate(b)):
        alias = int(i > 0 or j > 0)
        penalty = weights.alias * alias
        family, first = level(x.family, y.family), first_level(x.first, y.first)
        weight = weights.family[family] + weights.first[first] + penalty
        if family == EXACT and x.family is not None:
            weight += family_rarity(x.family.exact)
        if first == EXACT and x.first is not None:
            weight += first_rarity(x.first.exact)
        readings.append((-weight, 0, alias, i, j, family * 9 + first))
        if min(level(x.family, y.first), level(x.first, y.family)) >= CLOSE:
            readings.append((-weights.exchanged - penalty, 1, alias, i, j, EXCHANGED_NAMES))
    if not readings:
        return Names(0, 0, 0, 0, 0)
    weight, _, alias, i, j, code = min(readings)
    return Names(-weight, code, alias, i, j)


class Agreement(NamedTuple):
    """The pattern of two persons, as one number, and its weight."""

    code: int
    weight: int


def agreement(
    a: Subject,
    b: Subject,
    weights: Weights,
    others: Others = nobody,
    family_rarity: Rarity = nothing,
    first_rarity: Rarity = nothing,
) -> Agreement:
    """Compare two persons in clear."""

    def first_level(x: Folded | None, y: Folded | None) -> int:
        return name_level(x, y, others)

    names = best_names(
        a.names, b.names, weights, name_level, first_level, family_rarity, first_rarity
    )
    return with_clear_fields(names, a, b, weights)


def with_clear_fields(names: Names, a: Subject, b: Subject, weights: Weights) -> Agreement:
    """Add the fields that are the same for persons in clear and for pseudonyms."""
    date = date_level(a.birth_date, b.birth_date)
    place = name_level(a.birth_place, b.birth_place)
    country = country_level(one(a.country_of_birth), one(b.country_of_birth))
    nationality = country_level(a.nationalities, b.nationalities)
    gender = country_level(one(a.gender), one(b.gender))
    code = names.code * 2 + names.alias
    for level, levels in ((date, 8), (place, 9), (country, 3), (nationality, 3), (gender, 3)):
        code = code * levels + level
    weight = (
        names.weight
        + weights.date[date]
        + weights.place[place]
        + weights.country[country]
        + weights.nationality[nationality]
        + weights.gender[gender]
    )
    return Agreement(code, weight)

"""Probes for persons of a population, and for others, with known errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import Person
from prum_match.samples.persons.errors import ERRORS, NO_ERROR, with_error
from prum_match.samples.persons.populations import Population, drawn
from prum_match.samples.persons.urns import Chance
from prum_match.values.checks import whole_number

# Persons that are tried for an error before it is given up.
_ATTEMPTS = 5_000


@dataclass(frozen=True, eq=False, repr=False)
class Probes:
    """Probes, with the persons that they are of and their errors.

    Attributes
    ----------
    persons : tuple of Person
        As they are searched for.
    references : numpy.ndarray of int64
        The number of the person in the population; -1: not there.
    kinds : tuple of tuple of str
        The errors of each, of :data:`ERRORS`; none at all for ``()``.
    """

    persons: tuple[Person, ...]
    references: NDArray[np.int64]
    kinds: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.persons)

    def __repr__(self) -> str:
        return f"<Probes: {len(self):,}, {np.count_nonzero(self.references >= 0):,} of them mated>"


def probes(
    population: Population,
    n: int,
    *,
    seed: int,
    mated: float = 0.5,
    errors: Mapping[str, float] = ERRORS,
    twice: float = 0.1,
    birth_place: bool = False,
) -> Probes:
    """Draw probes.

    A kind of error is drawn with its share, then persons until it can happen to one: to bear two
    family names, or a letter that there are two ways to write.

    Parameters
    ----------
    population : Population
        Where mated probes are from; the others are drawn by the same law.
    n : int
        Number of probes.
    seed : int
        A whole number of at least 0.
    mated : float, default 0.5
        Share of probes whose person is in the population; the two kinds take turns.
    errors : mapping of str to float, optional
        Weights of the kinds of errors of :data:`ERRORS`.
    twice : float, default 0.1
        Share of mated probes with a second error, where one is possible.
    birth_place : bool, default False
        Whether probes say it: the Regulation leaves no room for it.

    Returns
    -------
    Probes
        Without aliases.

    Raises
    ------
    InvalidInput
        Code ``"bad_option"``; also for an error that is possible for no person.

    Examples
    --------
    >>> from prum_match.samples import persons
    >>> drawn = persons.population(1000, seed=5)
    >>> searches = persons.probes(drawn, 100, seed=6, errors={"date_swapped": 1}, twice=0)
    >>> searches
    <Probes: 100, 50 of them mated>
    >>> sorted(set(searches.kinds))
    [(), ('date_swapped',)]
    """
    n = whole_number(n, "n", least=0, code="bad_option")
    seed = whole_number(seed, "seed", least=0, code="bad_option")
    _check(population, mated, errors, twice)
    chances, chance = _Kinds(errors), Chance(seed, 1)
    strangers = iter(drawn(n, seed, 1))
    found = list[tuple[Person, int, tuple[str, ...]]]()
    for i in range(n):
        if int((i + 1) * mated) > int(i * mated):
            found.append(_mated(population, chances, twice, chance))
        else:
            found.append((next(strangers), -1, ()))
    return Probes(
        tuple(_searched(person, birth_place) for person, _, _ in found),
        np.array([reference for _, reference, _ in found], np.int64),
        tuple(kinds for _, _, kinds in found),
    )


def _searched(person: Person, birth_place: bool) -> Person:
    """Return a person as a probe: one name, and the birth place only where it is allowed."""
    return replace(person, aliases=(), birth_place=person.birth_place if birth_place else None)


class _Kinds:
    """Kinds of errors by their weights."""

    def __init__(self, errors: Mapping[str, float]) -> None:
        self.names = [name for name in ERRORS if errors.get(name)]
        self.upto = np.cumsum([errors[name] for name in self.names])

    def draw(self, chance: Chance) -> str:
        at = np.searchsorted(self.upto, chance.random() * self.upto[-1], side="right")
        return self.names[int(at)]


def _mated(
    population: Population, kinds: _Kinds, twice: float, chance: Chance
) -> tuple[Person, int, tuple[str, ...]]:
    kind = kinds.draw(chance)
    for _ in range(_ATTEMPTS):
        index = chance.below(len(population))
        probe = with_error(kind, population[index], population, index, chance)
        if probe is not None:
            break
    else:
        raise InvalidInput(
            f"the error {kind} is not possible for any person of the population",
            code="bad_option",
            field="errors",
        )
    had = [kind] if kind != NO_ERROR else []
    other = kinds.draw(chance) if chance.happens(twice) else NO_ERROR
    if had and other != NO_ERROR and other.partition("_")[0] != kind.partition("_")[0]:
        both = sorted((kind, other), key=list(ERRORS).index)
        again = _all(both, population, index, chance)
        if again is not None:
            return again, index, tuple(both)
    return probe, index, tuple(had)


def _all(kinds: list[str], population: Population, index: int, chance: Chance) -> Person | None:
    probe: Person | None = population[index]
    for kind in kinds:
        if probe is not None:
            probe = with_error(kind, probe, population, index, chance)
    return probe


def _check(population: Population, mated: float, errors: Mapping[str, float], twice: float) -> None:
    known = set(errors) <= set(ERRORS) and min(errors.values(), default=0) >= 0
    wrong = [
        ("mated", mated, not 0 <= mated <= 1, "a share from 0 to 1"),
        ("twice", twice, not 0 <= twice <= 1, "a share from 0 to 1"),
        ("errors", errors, not known, f"weights of some of: {', '.join(ERRORS)}"),
        (
            "errors",
            errors,
            not 0 < sum(errors.values()) < inf,
            "the sum of the weights is finite and not 0",
        ),
        (
            "population",
            population,
            mated > 0 and not len(population),
            "at least one person for mated probes",
        ),
    ]
    for field, value, refused, rule in wrong:
        if refused:
            raise InvalidInput(
                f"{field} of probes: {rule}", code="bad_option", field=field, rule=rule, value=value
            )

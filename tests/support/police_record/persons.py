"""Persons for tests in the oracle's form, and all pairs of two registers by the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from oracles.police_record import levels as oracle
from oracles.police_record.search import pattern_counts
from prum_match.police_record.linkage.pairs import Found
from prum_match.police_record.linkage.weights import Weights
from prum_match.police_record.names.folding import Folded, fold_name, fold_place
from prum_match.police_record.names.nicknames import Nicknames
from prum_match.police_record.persons.person import Person


def subject(person: Person) -> oracle.Subject:
    """Return a person in the oracle's form."""
    born = person.birth_date
    return oracle.Subject(
        names=tuple(
            oracle.FullName(_folded(name.first_names), _folded(name.family_names))
            for name in person.names
        ),
        birth_date=None if born is None else (born.year, born.month or 0, born.day or 0),
        birth_place=None if person.birth_place is None else fold_place(person.birth_place),
        country_of_birth=person.country_of_birth,
        nationalities=person.nationalities,
        gender=person.gender,
    )


def oracle_weights(weights: Weights) -> oracle.Weights:
    """Return weights in the oracle's form, as plain numbers."""
    plain = (np.asarray(getattr(weights, name)).tolist() for name in oracle.Weights._fields)
    return oracle.Weights(*plain)


class Comparisons:
    """The oracle for many persons with few names: each pair of names is compared once."""

    def __init__(self, others: oracle.Others = oracle.nobody) -> None:
        self.level: oracle.Level = cache(oracle.name_level)
        self.first_level: oracle.Level = cache(partial(oracle.name_level, others=others))

    def agreement(
        self,
        a: oracle.Subject,
        b: oracle.Subject,
        weights: oracle.Weights,
        family_rarity: oracle.Rarity = oracle.nothing,
        first_rarity: oracle.Rarity = oracle.nothing,
    ) -> oracle.Agreement:
        rarities = family_rarity, first_rarity
        names = oracle.best_names(
            a.names, b.names, weights, self.level, self.first_level, *rarities
        )
        return oracle.with_clear_fields(names, a, b, weights)


class PlainPairs:
    """The expected result of `prum_match.police_record.linkage.pairs`, pair by pair, in clear."""

    def __init__(
        self,
        left: Sequence[Person],
        right: Sequence[Person] | None,
        nicknames: Nicknames | None = None,
    ) -> None:
        self.same = right is None
        self.left = [subject(person) for person in left]
        self.right = self.left if right is None else [subject(person) for person in right]
        others = oracle.nobody if nicknames is None else nicknames.of
        self.agreement = Comparisons(others).agreement

    @property
    def n_left(self) -> int:
        return len(self.left)

    @property
    def n_right(self) -> int:
        return len(self.right)

    @property
    def n_pairs(self) -> int:
        n = self.n_left
        return n * (n - 1) // 2 if self.same else n * self.n_right

    def names(self, component: str) -> tuple[Sequence[Hashable], NDArray[np.int64]]:
        persons = self.left if self.same else self.left + self.right
        names = [getattr(name, component) for person in persons for name in person.names]
        found = Counter(name.exact for name in names if name is not None)
        return list(found), np.array(list(found.values()), np.int64)

    def _pairs(self) -> list[tuple[int, int]]:
        return [
            (i, j)
            for i in range(self.n_left)
            for j in range(i + 1 if self.same else 0, self.n_right)
        ]

    def pattern_counts(
        self, weights: Weights, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        plain = oracle_weights(weights)

        found: Counter[int] = Counter()
        for i in range(self.n_left) if rows is None else rows.tolist():
            others = self.right[i + 1 :] if self.same else self.right
            found.update(pattern_counts([self.left[i]], others, plain, compare=self.agreement))
        codes = sorted(found)
        return np.array(codes, np.int64), np.array([found[code] for code in codes], np.int64)

    def link(self, weights: Weights, least: int, rarity: Mapping[str, NDArray[np.int32]]) -> Found:
        plain = oracle_weights(weights)
        added = {
            component: dict(zip(self.names(component)[0], rarity[component].tolist(), strict=True))
            for component in ("family", "first")
        }
        found = []
        for i, j in self._pairs():
            weight = self.agreement(
                self.left[i],
                self.right[j],
                plain,
                added["family"].__getitem__,
                added["first"].__getitem__,
            ).weight
            if weight >= least:
                found.append((i, j, weight))
        left, right, total = np.array(found, np.int64).reshape(-1, 3).T
        return Found(left, right, total.astype(np.int32))


def _folded(parts: Sequence[str]) -> Folded | None:
    return fold_name(" ".join(parts)) if parts else None

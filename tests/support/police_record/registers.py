"""Registers of persons with few names: a gallery, and the same persons for the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from oracles.police_record import levels as oracle
from prum_match import _native
from prum_match.engine import CandidateList
from prum_match.police_record import Gallery, LinkagePolicy
from prum_match.police_record.linkage.frequencies import TermFrequencies
from prum_match.police_record.linkage.levels import NameLevel
from prum_match.police_record.persons.person import Name, Person
from support.dna import TIERS, tier
from support.police_record.persons import subject

FIRST = (
    *("Anna", "Ana", "Hanna", "Anna Maria", "Maria Anna", "Jean-Pierre", "Jean", "Bob", "Robert"),
    *("Bobby", "William", "Bill", "Li", "Łukasz", "Lukas", "Юлия", "Julia", "Yuliya", "", ""),
)
FAMILY = (
    *("Müller", "Mueller", "Muller", "Мюллер", "MÜLLER", "Miller", "Li", "Lie", "de la Cruz"),
    *("Cruz", "García López", "López García", "Lopez Peres", "Garcia", "Robert", "Anna", "Berg"),
    *("Bergmann", "Bergman", "van den Berg", "O'Brien", "Obrien", "Øresund", "Oeresund", "", ""),
)
DATES = ("1984", "1984-02", "1984-02-01", "1984-01-02", "1984-01-01", "1985-02-01", "1984-02-11")
PLACES = (None, "Bergen", "Bremen", "Köln", "Koeln")
LABELS = ("l0", "l1")
Entry = tuple[int, str, int]
Agree = Callable[[oracle.Subject, oracle.Subject], oracle.Agreement]


def few(random: np.random.Generator, values: Sequence[Any], n: int) -> list[Any]:
    return [values[i] for i in random.choice(len(values), min(n, len(values)), replace=False)]


def one_of(random: np.random.Generator, values: Sequence[Any]) -> Any:
    return values[int(random.integers(len(values)))]


class People:
    """Draws persons from few names, dates and places."""

    def __init__(self, random: np.random.Generator, most_aliases: int) -> None:
        self.random = random
        self.most_aliases = most_aliases
        self.first, self.family = few(random, FIRST, 6), few(random, FAMILY, 8)
        self.dates = few(random, DATES, 3)

    def person(self) -> Person:
        random = self.random
        n = int(one_of(random, (0, 0, 0, 1, random.integers(self.most_aliases + 1))))
        return Person(
            one_of(random, self.first),
            one_of(random, self.family),
            [self.alias() for _ in range(n)],
            birth_date=one_of(random, [None, *self.dates]),
            birth_place=one_of(random, PLACES),
            country_of_birth=one_of(random, (None, "DE", "FR")),
            nationalities=few(random, ("DE", "FR", "IT"), int(random.integers(4))),
            gender=one_of(random, (None, "F", "M", "X")),
        )

    def alias(self) -> Name | str:
        first, family = one_of(self.random, self.first), one_of(self.random, self.family)
        return f"{first} {family}" if self.random.random() < 0.4 else Name(first, family)


class Register:
    """A gallery of several segments, partly erased, and its content."""

    def __init__(self, seed: int, size: int, most_aliases: int) -> None:
        self.random = np.random.default_rng(seed)
        self.people = People(self.random, most_aliases)
        self.persons: dict[str, Person] = {}
        self.subjects: dict[str, str | None] = {}
        self.labels: dict[str, str] = {}
        self.gallery = Gallery(labels=LABELS)
        # Segments of different sizes, none of them merged with another unless drawn so.
        for part in (size, max(1, size // 3)):
            self._enrol(part)
        dead = few(self.random, sorted(self.persons), len(self.persons) // 8)
        self.gallery.erase(dead)
        for name in dead:
            del self.persons[name]
        if self.random.random() < 0.3:
            self.gallery.compact()
        self.seen = {name: subject(person) for name, person in self.persons.items()}

    def _enrol(self, n: int) -> None:
        # Bytes decide between candidates that weigh the same, and not when they came.
        ids = [f"R{len(self.persons) + i:04}"[:: 1 if n % 2 else -1] for i in range(n)]
        persons = [self.people.person() for _ in ids]
        subjects = [one_of(self.random, (None, f"S{i % 5}", f"T{i}")) for i in range(n)]
        labels = [one_of(self.random, LABELS) for _ in ids]
        self.gallery.enrol(ids, persons, subject_ids=subjects, labels=labels)
        self.persons |= dict(zip(ids, persons, strict=True))
        self.subjects |= dict(zip(ids, subjects, strict=True))
        self.labels |= dict(zip(ids, labels, strict=True))

    def expected(self, probe: Person, agree: Agree) -> list[Entry]:
        """Compare everybody: return weight, id and pattern, best first."""
        probe_seen = subject(probe)
        found = ((name, agree(probe_seen, other)) for name, other in self.seen.items())
        entries = [(each.weight, name, each.code) for name, each in found]
        return sorted(entries, key=lambda entry: (-entry[0], entry[1].encode()))

    def fused(self, entries: Sequence[Entry]) -> list[Entry]:
        """Keep the best of each subject; references without a subject stay single."""
        best: dict[str, Entry] = {}
        for entry in entries:
            best.setdefault(self.subjects[entry[1]] or f"alone {entry[1]}", entry)
        return list(best.values())


def read(answer: CandidateList[Any]) -> list[Entry]:
    weights = _native.police_weights(answer._rows.rank).tolist()
    return list(zip(weights, answer.reference_ids, answer._rows.detail.tolist(), strict=True))


def searched(
    gallery: Any, probes: Sequence[Any], policy: Any, **options: Any
) -> list[CandidateList[Any]]:
    """Search on every instruction set, with one and two threads; check that answers agree."""
    answers = []
    for name, threads in product(TIERS, (1, 2)):
        with tier(name):
            answers.append(
                list(gallery.search_many(probes, policy=policy, threads=threads, **options))
            )
    first = [_bytes(each) for each in answers[0]]
    assert all([_bytes(each) for each in others] == first for others in answers[1:])
    return answers[0]


def _bytes(answer: CandidateList[Any]) -> tuple[Any, ...]:
    rows = answer._rows
    return answer.reference_ids, rows.rank.tobytes(), rows.detail.tobytes(), answer.truncated


def drawn_frequencies(random: np.random.Generator, people: People) -> TermFrequencies:
    """Draw frequencies for some names: some are common, some as rare as possible."""
    tables = [
        {
            name: int(10.0 ** random.integers(0, 12))
            for name in names
            if name and random.random() < 0.7
        }
        for names in (people.family, people.first)
    ]
    return TermFrequencies.from_counts(tables[0] or {"Berg": 1}, tables[1] or {"Anna": 1})


def rarities(policy: LinkagePolicy) -> tuple[oracle.Rarity, oracle.Rarity]:
    """Return the bonus of the frequencies of a policy, by name."""

    def rarity(component: str, table: Mapping[Any, float]) -> oracle.Rarity:
        by_chance = policy.model.u[component][NameLevel.EXACT]

        def added(exact: str) -> int:
            share = table.get(exact, min(table.values()) / 2)
            return max(-65536, min(65536, round(1024 * math.log2(by_chance / share))))

        return added

    if policy.frequencies is None:
        return oracle.nothing, oracle.nothing
    tables = policy.frequencies
    return rarity("family", tables.family), rarity("first", tables.first)

"""The comparison of two persons equals the oracle, for any names and weights."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.police_record import levels as oracle
from oracles.police_record.levels import FullName, Spelling, Subject
from prum_match import _native
from prum_match.police_record.linkage.model import START
from prum_match.police_record.linkage.patterns import pattern_of
from support.dna import TIERS, tier
from support.examples import examples
from support.police_record.persons import Comparisons, oracle_weights
from support.police_record.spelled import (
    ANY_WEIGHT,
    drawn_weights,
    found_pairs,
    matcher_of,
    segment_of_subjects,
)

pytestmark = pytest.mark.native

ALPHABETS = ("AB", "ABC", "ABZ09", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
LENGTHS = ((1, 4), (3, 6), (5, 8), (6, 10), (8, 13))
KINDS = ("any", "most", "few", "equal", "round")


def misspelt(random: np.random.Generator, text: str, alphabet: str, edits: int) -> str:
    """Insert, drop, replace or swap letters; the ends are as likely as all places between."""
    read = list(text)
    for _ in range(edits):
        places = [0, len(read) - 1, int(random.integers(len(read) + 1))] if read else [0]
        at = max(0, int(random.choice(places)))
        how = random.integers(4)
        if how == 0:
            read.insert(at, str(random.choice(list(alphabet))))
        elif how == 1 and len(read) > 1:
            del read[min(at, len(read) - 1)]
        elif how == 2 and read:
            read[min(at, len(read) - 1)] = str(random.choice(list(alphabet)))
        elif len(read) > 1:
            at = min(at, len(read) - 2)
            read[at], read[at + 1] = read[at + 1], read[at]
    return "".join(read)


def spaced(random: np.random.Generator, text: str) -> str:
    """Cut a text into parts, some of them of two and three letters."""
    parts = []
    while len(text) > 2 and random.random() < 0.7:
        n = int(random.choice([2, 3, 4, len(text) - 1]))
        parts.append(text[:n])
        text = text[n:]
    return " ".join(part for part in [*parts, text] if part)


def vocabulary(
    random: np.random.Generator, n: int, alphabet: str, lengths: tuple[int, int]
) -> list[Spelling]:
    """Draw names that lie near each other, each of one to three spellings."""
    roots = [
        "".join(random.choice(list(alphabet), random.integers(*lengths, endpoint=True)))
        for _ in range(3)
    ]
    names = []
    for number in range(n):
        forms = {}
        for _ in range(int(random.choice([1, 1, 2, 3]))):
            root = str(random.choice(roots))
            text = misspelt(random, root, alphabet, int(random.integers(5)))
            forms[spaced(random, text) if random.random() < 0.4 else text] = None
        # The same spellings, and yet not the same name.
        names.append(Spelling(f"{random.integers(2)} {'|'.join(forms)}", tuple(forms)))
        if number % 5 == 0:
            names.append(names[-1])
    return names


def levels(names: list[Spelling], others: oracle.Others, of: str) -> dict[tuple[int, int], int]:
    """Return the levels of all pairs of names, by the native core."""
    subjects = [Subject((FullName(**{"first": None, "family": None, of: name}),)) for name in names]
    matcher = matcher_of(subjects, START.weights(), others=others)
    found = found_pairs(matcher, segment_of_subjects(subjects))
    return {pair: int(getattr(pattern_of(code), of)) for pair, (code, _) in found.items()}


def assert_levels(random: np.random.Generator, names: list[Spelling]) -> None:
    forms = [form for name in names for form in name.forms]
    one, other = random.choice(forms, 2)
    nicknames = {one: (other,), other: (one,)} if one != other else {}

    def others(form: str) -> tuple[str, ...]:
        return nicknames.get(form, ())

    families, firsts = levels(names, others, "family"), levels(names, others, "first")
    for (i, a), (j, b) in combinations_with_replacement(enumerate(names), 2):
        family, first = oracle.name_level(a, b), oracle.name_level(a, b, others)
        assert families[i, j] == families[j, i] == family, (a, b)
        assert firsts[i, j] == firsts[j, i] == first, (a, b)


@settings(max_examples=examples(60))
@given(st.integers(0, 2**32), st.sampled_from(ALPHABETS), st.sampled_from(LENGTHS))
def test_levels_of_names_equal_the_oracle(
    seed: int, alphabet: str, lengths: tuple[int, int]
) -> None:
    random = np.random.default_rng(seed)
    assert_levels(random, vocabulary(random, 20, alphabet, lengths))


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("length", [66, 200])
def test_levels_of_long_names_equal_the_oracle(length: int, alphabet: str) -> None:
    random = np.random.default_rng(length)
    for _ in range(3):
        assert_levels(random, vocabulary(random, 3, alphabet, (length, length)))


@given(st.text("AABCZ019", max_size=12), st.randoms(use_true_random=False))
def test_an_edit_changes_at_most_two_bits_of_a_bag(text: str, random: Any) -> None:
    """This holds for any number of equal letters; otherwise similar names would be ruled out."""
    numbers = np.random.default_rng(random.getrandbits(32))
    other = misspelt(numbers, text, "ABCZ019", 1)
    joined = np.frombuffer((text + other).encode(), np.uint8)
    ends = np.array([0, len(text), len(text) + len(other)], np.uint64)
    (one, two), _ = _native.police_signatures(ends, joined).tolist()
    assert (one ^ two).bit_count() <= 2


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        # As many letters of the bags differ as edits can change: three of one letter by another.
        ("ABCXYZ", "DEFXYZ", oracle.DIFFERENT),
        ("ABCXYZGHI", "DEFXYZGHI", oracle.FAR),
        ("AABBCCXYZ", "ADBECFXYZ", oracle.FAR),
        ("123456789", "023056709", oracle.FAR),
        ("ABCDEFGHI", "DEFGHI", oracle.FAR),
        ("ABCDEFGH", "EFGH", oracle.DIFFERENT),
        ("ABCDEFGHI", "BADCFEGHI", oracle.FAR),
        ("GHIABCDEF", "GHIBADCFE", oracle.FAR),
        ("AB CD EFGH", "BA DC FE GH", oracle.DIFFERENT),
        ("ABC", "AB", oracle.DIFFERENT),
        ("ABC", "ABCD", oracle.CLOSE),
        ("ABCD", "AXCY", oracle.NEAR),
        ("ABCD", "CDAB", oracle.DIFFERENT),
        ("XX ABC", "ABC YYYYYY", oracle.PARTIAL),
        ("XX AB", "AB YYYYYY", oracle.DIFFERENT),
    ],
)
def test_levels_at_their_limits(a: str, b: str, level: int) -> None:
    names = [Spelling(form.lower(), (form,)) for form in (a, b)]
    assert oracle.name_level(*names) == level
    assert levels(names, oracle.nobody, "family")[0, 1] == level


# --- whole persons ------------------------------------------------------------------------------

DATES = [
    (year, month, day)
    for year, month in product((1984, 1985), (0, 1, 2, 7))
    for day in ((0,) if month == 0 else (0, 1, 2, 7))
]


@pytest.mark.parametrize("name", TIERS)
def test_levels_of_birth_dates_equal_the_oracle(name: str) -> None:
    subjects = [Subject((FullName(None, None),), birth_date=date) for date in (None, *DATES)]
    matcher = matcher_of(subjects, START.weights())
    with tier(name):
        found = found_pairs(matcher, segment_of_subjects(subjects))
    for (i, a), (j, b) in product(enumerate(subjects), enumerate(subjects)):
        level = oracle.date_level(a.birth_date, b.birth_date)
        assert pattern_of(found[i, j][0]).date == level, (a.birth_date, b.birth_date)


class Persons:
    """Persons with few names, places and dates: many agree, in many ways, and equally well."""

    def __init__(self, seed: int, size: int, most_names: int) -> None:
        self.random = np.random.default_rng(seed)
        names = vocabulary(self.random, 8, "ABCZ", (2, 7))
        self.names = [None, *names]
        self.forms = [form for name in names for form in name.forms]
        self.most_names = most_names
        self.subjects = [self.subject() for _ in range(size)]

    def subject(self) -> Subject:
        random = self.random
        n = int(random.choice([1, 1, 2, 3, random.integers(1, self.most_names, endpoint=True)]))
        dates = [None, *DATES] if random.random() < 0.5 else DATES[-3:]
        states = random.choice(["DE", "FR", "IT", "NL"], int(random.integers(0, 4)))
        return Subject(
            tuple(FullName(self.name(), self.name()) for _ in range(n)),
            dates[random.integers(len(dates))],
            self.name(),
            random.choice([None, "DE", "FR"]),
            tuple(sorted({str(state) for state in states})),
            random.choice([None, "F", "M", "X"]),
        )

    def name(self) -> Spelling | None:
        return self.names[self.random.integers(len(self.names))]


@settings(max_examples=examples(40))
@given(st.integers(0, 2**32), st.sampled_from(KINDS), st.sampled_from((1, 4, 16, 17, 20)))
def test_weights_of_persons_equal_the_oracle(seed: int, kind: str, most_names: int) -> None:
    """Compare weights, patterns and thresholds of all pairs."""
    persons = Persons(seed, 14, most_names)
    random, subjects = persons.random, persons.subjects
    weights = drawn_weights(random, kind)
    plain = oracle_weights(weights)
    one, other = random.choice(persons.forms, 2)
    nicknames = {one: (other,), other: (one,)} if one != other else {}
    added = [0] if kind == "round" else [0, -65536, 65536, 5]
    rarity = {name.exact: int(random.choice(added)) for name in persons.names[1:]}

    def others(form: str) -> tuple[str, ...]:
        return nicknames.get(form, ())

    rarities = (lambda exact: rarity[exact], lambda exact: -rarity[exact] // 2)
    compare = Comparisons(others).agreement
    expected = {
        (i, j): compare(a, b, plain, *rarities)
        for (i, a), (j, b) in product(enumerate(subjects), enumerate(subjects))
    }
    segment = segment_of_subjects(subjects)
    reached = sorted({weight for _, weight in expected.values()})
    for least in (ANY_WEIGHT, *random.choice(reached, 6), reached[-1], reached[-1] + 1):
        wanted = {pair: found for pair, found in expected.items() if found.weight >= least}
        for name in TIERS:
            with tier(name):
                matcher = matcher_of(subjects, weights, least, others, *rarities)
                assert found_pairs(matcher, segment) == wanted

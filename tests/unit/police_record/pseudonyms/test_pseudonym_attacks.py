"""Attacks on filters, without the key and with it.

``PRUM_POPULATIONS`` sets the number of drawn populations.
"""

from __future__ import annotations

import hmac
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPersons
from prum_match.police_record.pseudonyms.encoder import Encoder
from prum_match.police_record.pseudonyms.parameters import FIELD_PARAMETERS, LEGAL_PARAMETERS
from support.police_record.pattern_mining import Bits, bigrams_of, guess, mine

N = 4000
POPULATIONS = range(1, int(os.environ.get("PRUM_POPULATIONS", "1")) + 1)
each_population = pytest.mark.parametrize("seed", POPULATIONS)
STARTS = (
    *("BA", "BE", "BRO", "DA", "DE", "FI", "GRA", "HA", "HO", "JA", "KE", "KLA"),
    *("LI", "MA", "MO", "NE", "PE", "RO", "SCHA", "TO", "VA", "WE", "ZI"),
)
MIDDLES = ("BER", "DA", "GEN", "KO", "LEN", "MA", "NI", "RA", "SO", "TE", "VI")
ENDS = ("CK", "D", "FER", "HL", "KE", "LD", "MANN", "N", "RT", "SEN", "SKI", "TZ")
NAMES = sorted({a + b + c for a in STARTS for b in MIDDLES for c in ENDS})


def key_of(period: str) -> bytes:
    return sha256(period.encode()).digest()


def population(seed: int) -> tuple[list[str], list[Person]]:
    """Return family names as often as Zipf has them, and the persons of those names."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(NAMES)[:400].tolist()
    share = 1 / np.arange(1, 401)
    family, first = rng.choice(names, (2, N), p=share / share.sum())
    days = [
        f"{y}-{m:02d}-{d:02d}" for y, m, d in rng.integers((1940, 1, 1), (2008, 13, 29), (N, 3))
    ]
    return names, [
        Person(*parts, birth_date=day) for *parts, day in zip(first, family, days, strict=True)
    ]


def unhardened(persons: Sequence[Person], bits: int = 1000, k: int = 15) -> Bits:
    """Return filters of one field as they were first published: keyed, double hashing, no more."""
    filters = np.zeros((len(persons), bits), np.bool_)
    for row, person in zip(filters, persons, strict=True):
        for bigram in bigrams_of(person.family_names[0]):
            digest = hmac.digest(key_of("1"), bigram.encode(), "sha256")
            one, two = (int.from_bytes(digest[i : i + 8], "big") for i in (0, 8))
            row[[(one + i * two) % bits for i in range(k)]] = True
    return filters


def bits_of(encoded: EncodedPersons) -> Bits:
    return np.unpackbits(encoded.filters, axis=1, bitorder="little").astype(np.bool_)


def share_read(filters: Bits, names: Sequence[str], persons: Sequence[Person]) -> float:
    """Return how many family names are read by who knows how often each bigram occurs."""
    held = ({b for name in _names(person) for b in bigrams_of(name)} for person in persons)
    found = mine(filters, Counter(bigram for bigrams in held for bigram in bigrams))
    guesses = guess(filters, names, found)
    right = [g == p.family_names[0] for g, p in zip(guesses, persons, strict=True)]
    return float(np.mean(right))


def _names(person: Person) -> tuple[str, ...]:
    return person.first_names + person.family_names


Attack = Callable[[list[str], list[Person]], float]


def mean_read(attack: Attack) -> float:
    """Return the average success of an attack, because populations differ by chance."""
    return float(np.mean([attack(*population(seed)) for seed in POPULATIONS]))


def on_plain_filters(names: list[str], persons: list[Person]) -> float:
    families = [Person(None, person.family_names) for person in persons]
    return share_read(unhardened(families), names, families)


def on_folded_filters(names: list[str], persons: list[Person]) -> float:
    families = [Person(None, person.family_names) for person in persons]
    folded = bits_of(Encoder(LEGAL_PARAMETERS, key_of).encode(families))
    return share_read(folded, names, families)


def on_filters_without_a_date(names: list[str], persons: list[Person]) -> float:
    dateless = Encoder(replace(LEGAL_PARAMETERS, birth_date=0), key_of).encode(persons)
    return share_read(bits_of(dateless), names, persons)


@each_population
def test_pattern_mining_reads_no_name_of_the_default(seed: int) -> None:
    """Two names and a date in one filter: next to no name is read."""
    names, persons = population(seed)
    filters = bits_of(Encoder(LEGAL_PARAMETERS, key_of).encode(persons))
    assert share_read(filters, names, persons) < 0.01


def test_pattern_mining_reads_filters_of_one_field() -> None:
    """The attack works: of filters as first published it reads a quarter of the names."""
    assert mean_read(on_plain_filters) > 0.15


def test_single_parts_of_the_default_protect_little() -> None:
    """The exclusive or by itself hides little, and a date with known bits hides nothing."""
    assert mean_read(on_folded_filters) > 0.15
    assert mean_read(on_filters_without_a_date) > 0.05


@each_population
def test_filters_of_names_show_who_shares_a_name(seed: int) -> None:
    """Counting is enough: the commonest half of a filter is the commonest name."""
    _, persons = population(seed)
    halves = Encoder(FIELD_PARAMETERS, key_of).encode(persons).filters[:, :64]
    counted = Counter(half.tobytes() for half in halves).most_common()
    families = Counter(person.family_names[0] for person in persons).most_common()
    assert [n for _, n in counted] == [n for _, n in families]
    legal = Encoder(LEGAL_PARAMETERS, key_of).encode(persons).filters
    assert len({row.tobytes() for row in legal}) > 0.99 * N


@each_population
def test_a_holder_of_the_key_reads_every_name(seed: int) -> None:
    """Pseudonymised data are personal data: the key and a list of names are all it takes."""
    names, persons = population(seed)
    secret = Encoder(LEGAL_PARAMETERS, key_of).encode_one(persons[0])
    (first,), (family,) = persons[0].first_names, persons[0].family_names
    guesses = [(one, other) for one in names for other in names if family in (one, other)]
    day = secret.birth_date
    tried = Encoder(LEGAL_PARAMETERS, key_of).encode(
        [Person(*pair, birth_date=day) for pair in guesses]
    )
    same = (tried.filters == np.frombuffer(secret.pseudonyms[0].filters[0], np.uint8)).all(axis=1)
    read = {frozenset(guesses[i]) for i in np.flatnonzero(same)}
    assert read == {frozenset((first, family))}

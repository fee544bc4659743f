"""All pairs of two registers: native code equals the oracle, in clear and by field."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.police_record import levels as oracle
from oracles.police_record.search import Filters, field_agreement
from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.model import START
from prum_match.police_record.linkage.pairs import DICE_LEVELS, Pairs, compare
from prum_match.police_record.names.nicknames import ENGLISH
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons, Pseudonyms
from prum_match.values.dates import PartialDate
from support.police_record.persons import PlainPairs, oracle_weights

pytestmark = pytest.mark.native

PARTS = [
    *("Anna", "Ana", "Hanna", "Bob", "Robert", "Müller", "Mueller", "Мюллер", "van", "Bergmann"),
    *("Bergman", "Lopez", "López", "Ng", "Schmidtke", "Smitke"),
]
DATES = ["1984", "1984-02", "1984-02-01", "1984-01-02", "1984-01-01", "1985-02-01"]
WEIGHTS = START.weights()

texts = st.lists(st.sampled_from(PARTS), max_size=2).map(" ".join)
dates = st.sampled_from([None, *DATES])
countries = st.lists(st.sampled_from(["DE", "FR", "IT"]), max_size=2)
genders = st.sampled_from([None, "F", "M", "X"])
persons = st.builds(
    Person,
    texts,
    texts,
    st.lists(texts, max_size=2),
    birth_date=dates,
    birth_place=st.sampled_from([None, "Bergen", "Bremen"]),
    country_of_birth=st.sampled_from([None, "DE", "FR"]),
    nationalities=countries,
    gender=genders,
)
registers = st.lists(persons, min_size=1, max_size=6)

halves = st.sampled_from([bytes(64), *(bytes([*[k] * 3, 255]) * 16 for k in (1, 2, 3, 7, 15, 17))])
filters = st.tuples(halves, halves).map(b"".join)


@st.composite
def encoded(draw: st.DrawFn) -> EncodedPerson:
    born = draw(dates)
    names = draw(st.lists(filters, min_size=1, max_size=3))
    return EncodedPerson(
        "0" * 64,
        (Pseudonyms("0" * 16, tuple(names)),),
        None if born is None else PartialDate.parse(born),
        draw(st.sampled_from([None, "DE", "FR"])),
        tuple(draw(countries)),
        draw(genders),
    )


pseudonyms = st.lists(encoded(), min_size=1, max_size=5).map(EncodedPersons.of)


def counted(pairs: Pairs | PlainPairs, rows: Any = None) -> dict[int, int]:
    codes, counts = pairs.pattern_counts(WEIGHTS, rows)
    return dict(zip(codes.tolist(), counts.tolist(), strict=True))


@given(registers, st.one_of(st.none(), registers), st.data())
def test_pairs_in_clear_equal_the_oracle(
    left: list[Person], right: list[Person] | None, data: st.DataObject
) -> None:
    native = compare(left, right, ENGLISH)
    plain = PlainPairs(left, right, ENGLISH)
    assert native.n_pairs == plain.n_pairs
    if native.n_pairs == 0:
        return
    assert counted(native) == counted(plain)
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, len(left) - 1)))), np.int64)
    assert counted(native, rows) == counted(plain, rows)

    added = {}
    for half in ("family", "first"):
        names, counts = native.names(half)
        assert dict(zip(names, counts.tolist(), strict=True)) == dict(
            zip(*plain.names(half), strict=True)
        )
        added[half] = {name: data.draw(st.integers(-9000, 9000)) for name in names}

    def rarity(pairs: Pairs | PlainPairs) -> dict[str, Any]:
        return {
            half: np.array([added[half][name] for name in pairs.names(half)[0]], np.int32)
            for half in added
        }

    least = data.draw(st.integers(-20_000, 40_000))
    found, expected = (each.link(WEIGHTS, least, rarity(each)) for each in (native, plain))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@given(pseudonyms, st.one_of(st.none(), pseudonyms), st.integers(-20_000, 40_000))
def test_pairs_by_field_equal_the_oracle(
    left: EncodedPersons, right: EncodedPersons | None, least: int
) -> None:
    native = compare(left, right)
    if native.n_pairs == 0:
        return
    others = left if right is None else right
    expected = {}
    for i, a in enumerate(left):
        for j, b in enumerate(others):
            if right is not None or i < j:
                expected[i, j] = field_agreement(
                    _filters(a), _filters(b), oracle_weights(WEIGHTS), _levels()
                )
    assert counted(native) == dict(Counter(each.code for each in expected.values()))
    none = {half: np.zeros(len(native.names(half)[0]), np.int32) for half in ("family", "first")}
    links = native.link(WEIGHTS, least, none)
    found = zip(links.left.tolist(), links.right.tolist(), links.weight.tolist(), strict=True)
    assert list(found) == [(i, j, e.weight) for (i, j), e in expected.items() if e.weight >= least]


def test_empty_registers_have_no_pairs() -> None:
    for left, right in (([], None), ([Person("Anna")], None), ([], [Person("Anna")])):
        pairs = compare(left, right)
        none = {half: np.zeros(len(pairs.names(half)[0]), np.int32) for half in ("family", "first")}
        assert pairs.n_pairs == 0
        assert pairs.link(WEIGHTS, 0, none).left.size == 0


def test_registers_in_two_encodings_are_refused() -> None:
    def one(parameters: str = "0" * 64, key: str = "0" * 16) -> EncodedPersons:
        return EncodedPersons.of([EncodedPerson(parameters, (Pseudonyms(key, (bytes(128),)),))])

    for left, right, code in (
        (one(), [Person("Anna")], "not_a_person"),
        ([Person("Anna")], one(), "not_a_person"),
        (one(), one(parameters="1" * 64), "other_encoding"),
        (one(), one(key="1" * 16), "other_key"),
    ):
        with pytest.raises(InvalidInput) as refused:
            compare(left, right)
        assert refused.value.code == code


def _filters(person: EncodedPerson) -> Filters:
    born = person.birth_date
    clear = oracle.Subject(
        birth_date=None if born is None else (born.year, born.month or 0, born.day or 0),
        country_of_birth=person.country_of_birth,
        nationalities=person.nationalities,
        gender=person.gender,
    )
    return Filters(person.pseudonyms[0].filters, clear)


def _levels() -> list[tuple[int, Fraction]]:
    close, near, far = (Fraction(str(each)) for each in DICE_LEVELS)
    return [
        (oracle.EXACT, Fraction(1)),
        (oracle.CLOSE, close),
        (oracle.NEAR, near),
        (oracle.FAR, far),
    ]

"""Any person is read or refused by a `PrumError`, found in any order, and sent unchanged."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oracles.police_record.tokens import tokens
from prum_match.errors import InvalidInput
from prum_match.police_record.persons.clear_fields import ClearFields, pack_date, unpack_date
from prum_match.police_record.persons.person import MAX_NAMES, Name, Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms
from prum_match.police_record.pseudonyms.wire import probe_from_bytes, probe_to_bytes
from prum_match.values.dates import PartialDate

LETTERS = "abcdeéßøžAÅÆ'-" + "αΩяЖı"
PARTS = st.text(LETTERS, min_size=1, max_size=8).filter(lambda part: any(map(str.isalpha, part)))
FIELDS = st.lists(PARTS, max_size=3).map(tuple)
DAYS = st.dates(date(1800, 1, 1), date(2100, 12, 31))
DATES = DAYS.flatmap(
    lambda day: st.sampled_from(
        [
            PartialDate(day.year),
            PartialDate(day.year, day.month),
            PartialDate(day.year, day.month, day.day),
        ]
    )
)
COUNTRIES = st.sampled_from(["NL", "BE", "DE", "GR", "SU", "YU", "XK"])
ALIASES = st.lists(st.builds(Name, FIELDS, FIELDS) | FIELDS.map(" ".join), max_size=3)
PERSONS = st.builds(
    Person,
    FIELDS,
    FIELDS,
    ALIASES,
    birth_date=st.none() | DATES,
    birth_place=st.none() | PARTS,
    country_of_birth=st.none() | COUNTRIES,
    nationalities=st.lists(COUNTRIES, max_size=3),
    gender=st.sampled_from([None, "F", "M", "X"]),
)
ANYTHING = st.none() | st.text() | st.integers() | st.floats() | st.lists(st.text(), max_size=3)
FILTERS = st.binary(min_size=8, max_size=8)


@given(PERSONS)
def test_reading_again_changes_nothing(person: Person) -> None:
    again = dataclasses.replace(person)
    assert again == person
    assert again.changed == ()


@given(PERSONS)
def test_names_are_distinct_and_the_own_name_is_first(person: Person) -> None:
    own, *others = person.names
    assert (own.first_names, own.family_names) == (person.first_names, person.family_names)
    assert len({own, *others}) == len(others) + 1 <= MAX_NAMES
    # A half that the person's own name has is missing from none.
    assert all(name.first_names or not person.has_first for name in others)
    assert all(name.family_names or not person.has_family for name in others)


@given(
    st.dictionaries(st.sampled_from([f.name for f in dataclasses.fields(Person)][:-1]), ANYTHING)
)
def test_anything_is_read_or_refused(values: dict[str, Any]) -> None:
    with suppress(InvalidInput):
        person = Person(**values)
        assert dataclasses.replace(person) == person


def error_of(**values: Any) -> InvalidInput | None:
    try:
        Person(**values)
    except InvalidInput as error:
        return error
    return None


@given(st.text(min_size=4))
def test_errors_do_not_contain_the_text(text: str) -> None:
    for field, message in (("birth_date", "not a date"), ("gender", "not a gender")):
        error = error_of(**{field: text})
        assert error is None or (error.value, error.args) == (text, (message,))


@given(st.lists(PERSONS, max_size=4))
def test_clear_fields_come_back(persons: list[Person]) -> None:
    fields = ClearFields.of(persons)
    for i, person in enumerate(persons):
        clear = (person.birth_date, person.gender, person.country_of_birth, person.nationalities)
        assert fields.at(i) == clear


@given(DATES, DATES)
def test_dates_sort_like_their_numbers(one: PartialDate, other: PartialDate) -> None:
    assert unpack_date(pack_date(one)) == one
    if one.is_before(other):
        assert pack_date(one) < pack_date(other)


@given(PERSONS)
def test_exchanged_names_have_the_same_tokens(person: Person) -> None:
    alone = dataclasses.replace(person, aliases=())
    exchanged = dataclasses.replace(
        alone, first_names=person.family_names, family_names=person.first_names
    )
    assert tokens(exchanged) == tokens(alone)


@given(st.permutations(["Anna", "Berta", "Carla", "Dora"]))
def test_the_order_of_the_parts_does_not_matter(parts: list[str]) -> None:
    assert tokens(Person(parts, "Gabler")) == tokens(Person("Anna Berta Carla Dora", "Gabler"))


@given(DAYS)
def test_exchanged_day_and_month_have_the_same_token(day: date) -> None:
    if day.day <= 12:
        written = tokens(Person(birth_date=day))[0]
        assert written.startswith("d:")
        assert tokens(Person(birth_date=date(day.year, day.day, day.month)))[0] == written


@given(PERSONS)
def test_an_alias_never_removes_a_token(person: Person) -> None:
    assert {*tokens(dataclasses.replace(person, aliases=()))} <= {*tokens(person)}


@given(PERSONS, st.lists(FILTERS, min_size=1, max_size=3), st.sets(st.integers(0, 2**32 - 1)))
def test_encoded_persons_come_back(person: Person, filters: list[bytes], found: set[int]) -> None:
    names = Pseudonyms("0123456789abcdef", tuple(filters), tuple(sorted(found)))
    sent = EncodedPerson(
        "f" * 64,
        (names,),
        person.birth_date,
        person.country_of_birth,
        person.nationalities,
        person.gender,
        person.has_first,
        person.has_family,
    )
    data = probe_to_bytes(sent)
    assert data is not None
    assert probe_from_bytes(data) == sent
    assert probe_to_bytes(person) is None


@given(st.binary() | st.text().map(str.encode) | st.just(b'{"pseudonyms":[{}]}'))
def test_any_bytes_are_refused(data: bytes) -> None:
    with suppress(InvalidInput):
        raise AssertionError(probe_from_bytes(data))

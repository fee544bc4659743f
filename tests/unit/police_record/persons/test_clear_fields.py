"""The clear fields of persons, as columns and back."""

from __future__ import annotations

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.clear_fields import (
    GENDERS,
    ClearFields,
    pack_country,
    pack_date,
    unpack_country,
    unpack_date,
)
from prum_match.police_record.persons.person import Person
from prum_match.values.dates import PartialDate

PERSONS = [
    Person(birth_date="1984-02-29", gender="F", country_of_birth="NL", nationalities=["NL", "BE"]),
    Person(),
    Person(birth_date="1984", gender="X", nationalities="SU"),
    Person(birth_date="1800-01", gender="M", country_of_birth="ZW"),
]


def test_columns_come_back() -> None:
    fields = ClearFields.of(iter(PERSONS))
    assert len(fields) == len(PERSONS)
    for i, person in enumerate(PERSONS):
        assert fields.at(i) == (
            person.birth_date,
            person.gender,
            person.country_of_birth,
            person.nationalities,
        )
    assert fields.at(-1) == fields.at(3)
    with pytest.raises(IndexError):
        fields.at(4)


def test_columns_have_their_types() -> None:
    for persons in (PERSONS, []):
        fields = ClearFields.of(persons)
        assert fields.birth_date.dtype == np.uint32
        assert fields.gender.dtype == np.uint8
        assert fields.country_of_birth.dtype == fields.nationalities.dtype == np.uint16
        assert fields.nationality_offsets.dtype == np.int64
        assert len(fields.nationality_offsets) == len(persons) + 1


def test_packed_numbers_are_as_documented() -> None:
    assert pack_date(PartialDate(1984, 2, 29)) == (1984 * 13 + 2) * 32 + 29
    assert pack_date(PartialDate(1984, 2)) == (1984 * 13 + 2) * 32
    assert pack_country("NL") == ord("N") * 256 + ord("L")
    assert GENDERS == (None, "F", "M", "X")


def test_the_order_of_dates_is_that_of_their_numbers() -> None:
    dates = ["1984", "1984-01", "1984-01-01", "1984-01-31", "1984-02", "1984-12-31", "1985"]
    numbers = [pack_date(PartialDate.parse(date)) for date in dates]
    assert numbers == sorted(set(numbers))


def test_an_invalid_number_of_a_date_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        unpack_date((1984 * 13 + 2) * 32 + 30)
    assert caught.value.code == "bad_date"
    assert unpack_country(0) is None

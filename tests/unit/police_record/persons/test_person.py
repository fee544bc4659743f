"""Persons: elements, their normalisation, and refused values."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import traceback
from datetime import UTC, date, datetime
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import MAX_ALIASES, MAX_NAMES, Name, Person
from prum_match.values.dates import PartialDate

FULL = Person(
    "Anna Maria",
    "de Vries",
    ["Zorro", Name(family_names="Bakker"), ("Ana", "Vries")],
    birth_date="1984-02-29",
    birth_place="Den Haag",
    country_of_birth="NL",
    nationalities=["NL", "BE"],
    gender="F",
)


def refused(field: str, code: str, value: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        Person(**{field: value})
    assert (caught.value.field or "").startswith(field)
    assert caught.value.code == code
    return caught.value


def halves(person: Person) -> list[tuple[str, str]]:
    return [(" ".join(n.first_names), " ".join(n.family_names)) for n in person.names]


@pytest.mark.parametrize("given", ["Anna  Maria", [" Anna", "Maria "], ("Anna Maria", "")])
def test_names_are_their_parts(given: Any) -> None:
    assert Person(given).first_names == ("Anna", "Maria")


@pytest.mark.parametrize("blank", [None, "", "  ", (), [""], ["", " "]])
def test_blank_lists_and_names_are_missing(blank: Any) -> None:
    names = ("first_names", "family_names", "aliases", "nationalities")
    assert Person(**dict.fromkeys(names, blank)) == Person()
    assert Person(**dict.fromkeys(names, blank)).changed == ()


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blank_elements_are_missing(blank: Any) -> None:
    names = ("birth_date", "birth_place", "country_of_birth", "gender")
    assert Person(**dict.fromkeys(names, blank)) == Person()


def test_names_are_normalised_and_changes_are_listed() -> None:
    # A letter and its accent, a joiner, and full-width letters.
    person = Person("Jose\u0301", "Gar\u200dcía", "Ａｎａ Ruiz")  # noqa: RUF001
    assert person == Person("José", "García", "Ana Ruiz")
    assert person.changed == ("family_names: invisible characters", "aliases: compatibility forms")


@pytest.mark.parametrize("field", ["first_names", "family_names", "aliases"])
@pytest.mark.parametrize(
    "bad",
    [
        *("-", "123", ".", "A\0", "A\nB", "A\u2028", "\ud800A", "A" * 201),
        *("A" + "\ufdfa" * 20, 7, b"Anna", [7], [None], {"Anna": 1}),
    ],
)
def test_invalid_names_are_refused(field: str, bad: Any) -> None:
    text = "".join(traceback.format_exception(refused(field, "bad_name", bad)))
    assert "AAAA" not in text


def test_all_names_of_a_field_have_a_bound() -> None:
    refused("first_names", "bad_name", ["A" * 150, "B" * 50])
    assert len(Person(["A" * 150, "B" * 49]).first_names) == 2
    assert len(Person(aliases=["A" * 150, "B" * 150]).aliases) == 2


def test_the_longest_name_is_taken() -> None:
    assert Person("A" * 200).first_names == ("A" * 200,)


def test_the_own_name_is_the_first() -> None:
    assert halves(Person("Eva", "Gabler", "Ada Brack")) == [("Eva", "Gabler"), ("Ada", "Brack")]
    assert halves(Person(aliases="Ada Brack")) == [("", ""), ("Ada", "Brack")]
    assert halves(Person()) == [("", "")]


def test_a_half_is_taken_from_the_own_name() -> None:
    person = Person("Eva", "Gabler", [("", "Brack"), ("Ada", ""), Name()])
    assert halves(person) == [("Eva", "Gabler"), ("Eva", "Brack"), ("Ada", "Gabler")]
    assert len(person.aliases) == 2


def test_an_undivided_alias_is_each_way_to_divide_it() -> None:
    assert halves(Person(aliases="A B C D"))[1:] == [("A", "B C D"), ("A B", "C D"), ("A B C", "D")]


def test_an_alias_of_one_part_is_either_half() -> None:
    assert halves(Person("Eva", "Gabler", "Zorro"))[1:] == [("Zorro", "Gabler"), ("Eva", "Zorro")]
    assert halves(Person(aliases="Zorro"))[1:] == [("Zorro", ""), ("", "Zorro")]


def test_no_name_is_there_twice() -> None:
    again = Person("Eva", "Gabler", ["Eva Gabler", "Gabler", ("Eva", "Brack"), "Eva Brack"])
    assert halves(again) == [
        *(("Eva", "Gabler"), ("Gabler", "Gabler"), ("Eva", "Brack")),
    ]


def test_aliases_are_counted() -> None:
    assert len(Person(aliases=["A"] * MAX_ALIASES).aliases) == MAX_ALIASES
    assert refused("aliases", "too_many", ["A"] * (MAX_ALIASES + 1)).field == "aliases"


def test_names_that_aliases_stand_for_are_counted() -> None:
    letters = [chr(ord("A") + i) for i in range(26)]
    many = [" ".join(letters[i:] + letters[:i]) for i in range(10)]
    pairs = [(letter, "Z") for letter in "ABCDE"]
    assert len(Person(aliases=many + pairs[:4]).names) == MAX_NAMES == 255
    refused("aliases", "too_many", many + pairs)


def test_a_bad_alias_is_reported_by_position() -> None:
    assert refused("aliases", "bad_name", ["Eva", "-"]).field == "aliases[1]"
    assert refused("aliases", "bad_name", [("Eva", "-")]).field == "aliases[0].family_names"
    assert refused("aliases", "bad_name", [("Eva",)]).field == "aliases[0]"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        *(("1984", "1984"), ("1984-02", "1984-02"), ("1984-02-29", "1984-02-29")),
        *(("19840229", "1984-02-29"), (" 1984 ", "1984"), ("1984-01-01", "1984-01-01")),
        *((date(1984, 2, 29), "1984-02-29"), (PartialDate(1984, 2), "1984-02")),
    ],
)
def test_dates_are_read(given: Any, read: str) -> None:
    person = Person(birth_date=given)
    assert str(person.birth_date) == read
    assert person.changed == ()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        *(("1984-00-00", "1984"), ("1984-05-00", "1984-05"), ("1984-XX-XX", "1984")),
        *(("19840000", "1984"), ("19840500", "1984-05"), ("1984xxXX", "1984")),
        *(("1984-05-xx", "1984-05"), ("0000-00-00", "None"), ("XXXXXXXX", "None")),
    ],
)
def test_filled_parts_are_not_known(given: str, read: str) -> None:
    person = Person(birth_date=given)
    assert str(person.birth_date) == read
    assert person.changed == ("birth_date: unknown parts",)


@pytest.mark.parametrize(
    "bad",
    [
        *("1984-02-30", "1983-02-29", "1984-13-01", "84-01-01", "198402", "29.02.1984"),
        *("1984-2-9", "1984-00-05", "0000-05-05", "XXXX-05-00", "1984-0X-01", "abc", "١٩٨٤"),
        *(1984, 1984.0, True, datetime(1984, 2, 29, tzinfo=UTC), ["1984"]),
    ],
)
def test_invalid_dates_are_refused(bad: Any) -> None:
    assert refused("birth_date", "bad_date", bad).value == bad


@pytest.mark.parametrize("year", ["1799", "2101-01-01", "9999", "0001"])
def test_birth_years_out_of_range_are_refused(year: str) -> None:
    refused("birth_date", "bad_birth_date", year)


def test_the_first_and_the_last_year() -> None:
    assert Person(birth_date="1800").birth_date == PartialDate(1800)
    assert Person(birth_date="2100-12-31").birth_date == PartialDate(2100, 12, 31)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        *(("F", "F"), ("female", "F"), ("m", "M"), ("Male", "M"), ("x", "X"), (" f ", "F")),
        *(("U", None), ("unknown", None)),
    ],
)
def test_genders_are_read(given: str, read: str | None) -> None:
    assert Person(gender=given).gender == read
    assert Person(gender=given).changed == ()


@pytest.mark.parametrize(("number", "read"), [(0, None), (1, "M"), (2, "F"), (9, None)])
def test_numbers_are_those_of_iso_5218(number: int, read: str | None) -> None:
    for given in (number, str(number)):
        assert Person(gender=given).gender == read
        assert Person(gender=given).changed == ("gender: ISO/IEC 5218",)


@pytest.mark.parametrize("bad", ["W", "3", 3, True, 1.0, b"F", "ｆ", ["F"]])  # noqa: RUF001
def test_invalid_genders_are_refused(bad: Any) -> None:
    refused("gender", "bad_gender", bad)


def test_countries_are_alpha_2_codes() -> None:
    person = Person(country_of_birth="el", nationalities=("uk", "XK", " de "))
    assert (person.country_of_birth, person.nationalities) == ("GR", ("DE", "GB", "XK"))
    assert person.changed == ()


def test_a_sign_of_vehicles_is_not_a_country_of_birth() -> None:
    refused("country_of_birth", "unknown_country", "D")
    assert Person(country_of_birth="ES").country_of_birth == "ES"


@pytest.mark.parametrize("bad", ["ZZ", "DEU", "Germany", "XXA", "ß", 7, ["DE"]])
def test_invalid_countries_are_refused(bad: Any) -> None:
    refused("country_of_birth", "unknown_country", bad)


@pytest.mark.parametrize("bad", ["ZZ", ["DE", 7], 7])
def test_invalid_nationalities_are_refused(bad: Any) -> None:
    refused("nationalities", "unknown_country", bad)


def test_former_countries() -> None:
    assert Person(country_of_birth="yu").country_of_birth == "YU"
    assert Person(country_of_birth="yu").changed == ()
    person = Person(nationalities=["DD", "DE"])
    assert person.nationalities == ("DE",)
    assert person.changed == ("nationalities: former country", "nationalities: given twice")


@pytest.mark.parametrize("code", ["XXA", "XXB", "XXC", "XXX", "xxa"])
def test_codes_of_stateless_persons_are_left_out(code: str) -> None:
    person = Person(nationalities=[code, "NL"])
    assert person.nationalities == ("NL",)
    assert person.changed == ("nationalities: no state",)


def test_nationalities_are_counted() -> None:
    refused("nationalities", "too_many", ["NL"] * 33)


@pytest.mark.parametrize("bad", ["A\0", "A" * 201, "\ufdfa" * 20, 7, "\ud800"])
def test_invalid_places_are_refused(bad: Any) -> None:
    refused("birth_place", "bad_place", bad)


def test_personal_data_are_not_shown() -> None:
    shown = f"{FULL!r}{FULL}{FULL.names!r}{FULL.aliases[1]!r}".lower()
    for secret in ("anna", "vries", "zorro", "bakker", "1984", "haag", "nl"):
        assert secret not in shown
    assert repr(FULL) == (
        "<Person: 1 name, 3 aliases, birth date, birth place, country of birth, 2 nationalities, "
        "gender>"
    )
    assert repr(Person()) == "<Person: nothing>"
    assert repr(Name("A B", "C")) == "<Name: 2 first names, 1 family name>"


def test_persons_are_values() -> None:
    again = Person(
        ["Anna", "Maria"],
        ["de", "Vries"],
        FULL.aliases,
        birth_date=date(1984, 2, 29),
        birth_place=" Den  Haag",
        country_of_birth="nl",
        nationalities=["BE", "NL"],
        gender=2,
    )
    assert again == FULL
    assert hash(again) == hash(FULL)
    assert again.changed != FULL.changed
    assert dataclasses.replace(FULL, gender="M") != FULL
    assert pickle.loads(pickle.dumps(FULL)) == copy.deepcopy(FULL) == FULL
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.gender = "M"  # type: ignore[misc]


def test_only_the_own_name_has_halves() -> None:
    person = Person("A", aliases="B C")
    assert (person.has_first, person.has_family) == (True, False)


def test_nationalities_in_one_text_are_read_as_in_tables() -> None:
    for text in ("NO,DK", "NO DK", " no; dk "):
        assert Person("Hedda", "Gabler", nationalities=text).nationalities == ("DK", "NO")
    with pytest.raises(InvalidInput, match="unknown_country"):
        Person("Hedda", "Gabler", nationalities="NO,Danmark")

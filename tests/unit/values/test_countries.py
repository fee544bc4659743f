# ruff: noqa: RUF001
from __future__ import annotations

import pytest

from prum_match.errors import InvalidInput
from prum_match.values.countries import country, country_code, distinguishing_sign, successors
from prum_match.values.packagedata import package_rows
from prum_match.values.parties import PARTIES

ROWS = package_rows("prum_match.values", "countries.csv")


def test_the_table_is_iso_3166_1_and_kosovo():
    codes = [row["code"] for row in ROWS]
    assert codes == sorted(set(codes))
    assert len(codes) == 249 + 1
    assert "user-assigned" in country("XK").source
    assert all(row["name"] and row["source"] for row in ROWS)


def test_every_sign_is_one_country_s():
    signs = [s for row in ROWS for s in (row["sign"], *row["other_signs"].split()) if s]
    assert len(signs) == len(set(signs))


def test_parties_are_countries_with_signs():
    for code, party in PARTIES.items():
        if code != "EUROPOL":
            assert country(code).name == party.name
            assert country_code(distinguishing_sign(code), "sign") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("D", "DE"), ("A", "AT"), ("F", "FR"), ("E", "ES"), ("EST", "EE"), ("SLO", "SI")),
        *(("EL", "GR"), ("UK", "GB"), ("GB", "GB"), ("de", "DE"), ("S", "SE"), ("L", "LU")),
        *(("FL", "LI"), ("RKS", "XK"), ("MK", "MK"), ("NMK", "MK")),
    ],
)
def test_readings(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "iso", "sign"),
    [
        *(("ES", "ES", "SV"), ("MS", "MS", "MU"), ("ET", "ET", "EG"), ("DE", "DE", "DE")),
        *(("EL", "GR", "GR"), ("UK", "GB", "GB")),
    ],
)
def test_the_systems_differ(text, iso, sign):
    assert country_code(text) == iso
    assert country_code(text, "iso") == iso
    assert country_code(text, "sign") == sign


def test_signs_are_refused_as_iso_codes():
    with pytest.raises(InvalidInput) as caught:
        country_code("E", "iso")
    assert caught.value.code == "unknown_country"


@pytest.mark.parametrize("text", ["", " DE", "QQ", "DEU", "ß", "ſe", "Ｄ", None, 49, ["DE"]])
def test_anything_else_is_refused_without_showing_it(text):
    with pytest.raises(InvalidInput) as caught:
        country_code(text)
    assert (caught.value.code, caught.value.field) == ("unknown_country", "country")
    assert caught.value.value == text
    assert text != "QQ" or "QQ" not in str(caught.value)


@pytest.mark.parametrize("system", ["ISO", "", ["iso"]])
def test_an_unknown_system(system):
    with pytest.raises(InvalidInput) as caught:
        country_code("DE", system)
    assert caught.value.code == "bad_option"


def test_a_country_without_a_sign_is_refused():
    with pytest.raises(InvalidInput) as caught:
        distinguishing_sign("AQ")
    assert caught.value.code == "no_sign"


FORMER = package_rows("prum_match.values", "former_countries.csv")


def test_former_countries_have_no_code_of_another():
    codes = [row["code"] for row in FORMER]
    assert codes == sorted(set(codes))
    assert len(codes) == 25
    assert not {*codes} & {row["code"] for row in ROWS}


def test_successors_are_countries():
    for row in FORMER:
        after = row["successors"].split()
        assert after == sorted(set(after))
        assert after
        assert successors(row["code"].lower()) == (*map(country_code, after),)
        assert row["source"].startswith("ISO 3166-3")


def test_a_country_that_there_is_has_no_successor():
    assert successors("DE") == successors("") == successors("ﬀ") == ()

# ruff: noqa: RUF001
from __future__ import annotations

import pytest

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code
from prum_match.values.packagedata import package_rows
from prum_match.vehicle.numbers.alphabet import MAX_VIN
from prum_match.vehicle.numbers.vin import normalise_vin

REPAIRED = "I, O and Q to 1 and 0"


@pytest.mark.parametrize(
    ("text", "value", "raw", "changed"),
    [
        ("1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788", ()),
        ("1m8-gdm9a.xkp 042788", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788",
         ("lower case", "separators")),
        ("IM8GDM9AXKPO4278Q", "1M8GDM9AXKP042780", "IM8GDM9AXKPO4278Q", (REPAIRED,)),
        ("115-2 OIQ", "1152OIQ", "1152OIQ", ("separators",)),
        ("IM8GDM9AXKPO4278", "IM8GDM9AXKPO4278", "IM8GDM9AXKPO4278", ()),
        ("115/2", "115/2", "115/2", ()),
        ("ÄÖ/2", "ÄÖ/2", "ÄÖ/2", ()),
        ("ВМВ1", "BMB1", "BMB1", ("Cyrillic or Greek lookalikes",)),
        ("\u200f1152\u200d", "1152", "1152", ("invisible characters",)),
        ("A:1_2", "A12", "A12", ("other separators", "separators")),
        ("7", "7", "7", ()),
    ],
)  # fmt: skip
def test_value_and_changes(text, value, raw, changed):
    vin = normalise_vin(text)
    assert (vin.value, vin.raw, vin.changed) == (value, raw, changed)
    assert normalise_vin(vin.value).value == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " - ", "\x00", "😀", "A😀", "Ж1", "ß", "A,1", "A" * (MAX_VIN + 1), "A" * 10_240),
        *(None, 17, b"A"),
    ],
    ids=lambda text: repr(text)[:16],
)
def test_hostile_text_is_refused(text):
    with pytest.raises(InvalidInput) as caught:
        normalise_vin(text)
    assert (caught.value.code, caught.value.field) == ("bad_vin", "vin")
    assert caught.value.value == text


@pytest.mark.parametrize("text", ["WVW*", "WVW?ZZ1JZXW000001", "[A]1"])
def test_wildcards_are_an_incomplete_key(text):
    with pytest.raises(InvalidInput) as caught:
        normalise_vin(text)
    assert caught.value.code == "incomplete_key"
    assert "Art. 16(2)(a)" in caught.value.rule
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "check_digit", "expected"),
    [
        ("1M8GDM9AXKP042788", "ok", "X"),
        ("1M8GDM9A1KP042788", "mismatch", "X"),
        ("WVWZZZ1J7XW000001", "mismatch", "0"),
        ("WVWZZZ1JZXW000001", "not_applicable", None),
        ("1M8GDM9AXKP04278", "not_applicable", None),
        ("1M8GDM9AXKP04278/", "not_applicable", None),
        ("1M8GDM9AXKP04278Ä", "not_applicable", None),
    ],
)
def test_check_digit(text, check_digit, expected):
    vin = normalise_vin(text)
    assert (vin.check_digit, vin.check_digit_expected) == (check_digit, expected)


def test_a_changed_symbol_changes_the_check_digit():
    vin = "1M8GDM9AXKP042788"
    others = [vin[:i] + ("2" if c != "2" else "3") + vin[i + 1 :] for i, c in enumerate(vin)]
    wrong = [normalise_vin(text).check_digit for text in others]
    # K is worth 2 as well.
    assert wrong.count("ok") == 1
    assert wrong[vin.index("K")] == "ok"


@pytest.mark.parametrize(
    ("text", "maker", "country", "region"),
    [
        ("WVWZZZ1JZXW000001", "Volkswagen", "DE", "Europe"),
        ("1N4BL3AP5DN508203", "Nissan", "US", "North America"),
        ("ZA9ZZZZZZZZZZZZZ1", None, "IT", "Europe"),
        ("TRUSC28N711268458", "Audi", "HU", "Europe"),
        ("7SAYGDEE0NF000001", "Tesla Motors USA", "US", "North America"),
        ("7A3ZZZZZZZZZZZZZ1", "Honda", "NZ", "Oceania"),
        ("ZUZZZZZZZZZZZZZZZ", None, None, "Europe"),
        ("00000000000000000", None, None, None),
        ("115210123", None, None, None),
    ],
)
def test_maker(text, maker, country, region):
    vin = normalise_vin(text)
    assert (vin.maker, vin.country, vin.region) == (maker, country, region)
    assert vin.wmi == (text[:3] if len(text) == 17 else None)


def test_the_tables():
    makers = package_rows("prum_match.vehicle", "wmi.csv")
    assert len(makers) == len({row["wmi"] for row in makers}) == 696
    assert all(row["maker"] and row["source"] for row in makers)
    assert all(2 <= len(row["wmi"]) <= 3 and not set(row["wmi"]) & set("IOQ") for row in makers)
    ranges = package_rows("prum_match.vehicle", "wmi_ranges.csv")
    assert all(row["first"][0] == row["last"][0] and row["source"] for row in ranges)
    assert all(country_code(row["country"], "iso") == row["country"] for row in ranges)

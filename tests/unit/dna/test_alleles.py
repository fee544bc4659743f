from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from prum_match.dna.profiles.alleles import WILDCARD, format_allele, parse_allele
from prum_match.dna.profiles.loci import loci, locus
from prum_match.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "value", "length"),
    [
        ("TH01", "9.3", 39),
        ("TH01", "6", 24),
        ("TH01", " 6 ", 24),
        ("TH01", "06", 24),
        ("TH01", "9.0", 36),
        ("TH01", 9.0, 36),
        ("TH01", 9.3, 39),
        ("TH01", np.float64(9.3), 39),
        ("TH01", np.int16(9), 36),
        ("TH01", np.uint8(9), 36),
        ("TH01", Decimal("9.3"), 39),
        ("TH01", np.str_("9.3"), 39),
        ("PentaE", "12.4", 64),
        ("D22S1045", "14.2", 44),
        ("D21S11", "30.2", 122),
        ("FGA", "1.2", 6),
        ("FGA", "0.1", 1),
        ("FGA", "99.3", 399),
        ("FGA", "98", 392),
    ],
)
def test_lengths(name: str, value: Any, length: int) -> None:
    assert parse_allele(locus(name), value) == length


@pytest.mark.parametrize(
    "value",
    [
        *("o", "f", "r", "na", "nr", "un", "F", "<18", ">30", "OL", "XX", "*", "?", "NULL", "abc1"),
        *("0", "1", "99", "00", "01", "0.0", "1.0", "99.0", 0, 1, 99, 0.0, 1.0, Decimal("99")),
    ],
)
def test_values_that_become_a_wildcard(value: Any) -> None:
    assert parse_allele(locus("FGA"), value) is None


@pytest.mark.parametrize(
    "value",
    [
        *("9,3", "9.30", "100", "9.", ".3", ",3", "-9", "+9", "9 .3", "9.3.1", "12OL", "12.X"),
        *("1e1", "1_0", "0x9", "9.4", "9.5", "21.9", "", "   ", None, True, False, np.bool_(True)),
        # Full-width, superscript, fraction and Arabic digits, and a minus sign.
        *("\uff19", "9.\uff13", "\u00b2", "\u00bd", "\u0663", "\u221212"),
        *(np.float32(9.5), np.float16(9), 9.25, 9.300000001, 1e22, 100, -1, 100.0, -0.0),
        *(float("nan"), float("inf"), Decimal("9.30"), Decimal("NaN"), Decimal("Infinity")),
        *(Decimal("-0"), b"9", [9], 9j, object),
    ],
)
def test_values_that_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_allele(locus("TH01"), value)
    error = caught.value
    assert (error.code, error.field, error.rule) == ("bad_allele", "TH01", "N9")
    shown = str(value).strip()
    if len(shown) > 1:
        assert shown not in f"{error} {error!r} {error.args}"


def test_fraction_must_stay_below_the_period() -> None:
    for item in loci()[:42]:
        assert parse_allele(item, f"9.{item.period - 1}") == 10 * item.period - 1
        if item.period < 10:
            with pytest.raises(InvalidInput, match="bad_allele"):
                parse_allele(item, f"9.{item.period}")


def test_formatting_is_the_inverse() -> None:
    for item in loci()[:42]:
        for length in range(1, 100 * item.period):
            parsed = parse_allele(item, format_allele(item, length))
            whole = length in (item.period, 99 * item.period)
            assert parsed == (None if whole else length)
    assert format_allele(locus("TH01"), WILDCARD) == "*"
    assert format_allele(locus("TH01"), 36) == "9"


@pytest.mark.parametrize("length", [0, -1, 400, 0xFFFE, 0x10000])
def test_lengths_without_a_designation_are_refused(length: int) -> None:
    with pytest.raises(InvalidInput, match="bad_allele"):
        format_allele(locus("TH01"), length)


def test_amelogenin_has_no_length() -> None:
    for call in (lambda: parse_allele(locus("AMEL"), "X"), lambda: format_allele(locus("AM"), 4)):
        with pytest.raises(InvalidInput, match="bad_allele"):
            call()

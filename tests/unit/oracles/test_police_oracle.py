"""The oracle of comparisons and searches of persons, on cases that were worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from oracles.police_record import levels
from oracles.police_record import search as searches
from oracles.police_record.levels import FullName, Spelling, Subject, Weights

WEIGHTS = Weights(
    family=(0, -9, 1, 2, 3, 5, 4, 8, 9),
    first=(0, -7, 1, 2, 3, 5, 4, 6, 7),
    exchanged=11,
    alias=-2,
    date=(0, -20, 1, 2, 3, 4, 5, 30),
    place=(0, -1, 1, 2, 3, 5, 0, 6, 7),
    country=(0, -3, 1),
    nationality=(0, -2, 1),
    gender=(0, -4, 1),
)


def spelled(*forms: str) -> Spelling:
    return Spelling(forms[0].lower(), forms)


def full(first: str | None, family: str | None) -> FullName:
    return FullName(*(spelled(name) if name else None for name in (first, family)))


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("", "AB", 2), ("ABCD", "ACBD", 1), ("CA", "ABC", 3), ("KITTEN", "SITTING", 3)],
)
def test_edits(a: str, b: str, distance: int) -> None:
    assert levels.edits(a, b) == levels.edits(b, a) == distance


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        (spelled("MEYER"), None, levels.MISSING),
        (spelled("MEYER"), Spelling("", ()), levels.MISSING),
        (spelled("MEYER"), spelled("MEYER"), levels.EXACT),
        (spelled("MULLER", "MUELLER"), Spelling("müller", ("MUELLER",)), levels.EQUIVALENT),
        (spelled("BOB"), spelled("ROBERT"), levels.NICKNAME),
        (spelled("ANNA MARIA"), spelled("ANNAMARIA"), levels.CLOSE),
        (spelled("MEYER"), spelled("MEIER"), levels.CLOSE),
        (spelled("NG"), spelled("NGO"), levels.DIFFERENT),
        (spelled("MARC"), spelled("MORK"), levels.NEAR),
        (spelled("TOMAS"), spelled("THOMASS"), levels.NEAR),
        (spelled("SCHMIDT"), spelled("SMITH"), levels.DIFFERENT),
        (spelled("SCHMIDTKE"), spelled("SMITKE"), levels.FAR),
        (spelled("GARCIA LOPEZ"), spelled("LOPEZ PEREZ"), levels.PARTIAL),
        (spelled("LI WANG"), spelled("CHANG LI"), levels.DIFFERENT),
        (spelled("MEYER", "SOMETHING"), spelled("ZZZZZ", "MEIER"), levels.CLOSE),
    ],
)
def test_names(a: Spelling, b: Spelling | None, level: int) -> None:
    def others(form: str) -> tuple[str, ...]:
        return ("ROBERT",) if form == "BOB" else ()

    assert levels.name_level(a, b, others) == levels.name_level(b, a, others) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        (None, (1984, 2, 1), levels.MISSING),
        ((1984, 2, 1), (1984, 2, 1), levels.DATE_EXACT),
        ((1984, 2, 0), (1984, 2, 1), levels.SAME_MONTH),
        ((1984, 2, 0), (1984, 2, 0), levels.SAME_MONTH),
        ((1984, 0, 0), (1984, 2, 1), levels.SAME_YEAR),
        ((1984, 0, 0), (1984, 0, 0), levels.SAME_YEAR),
        ((1984, 0, 0), (1985, 0, 0), levels.DIFFERENT),
        ((1984, 2, 0), (1984, 3, 1), levels.DIFFERENT),
        ((1984, 2, 1), (1984, 1, 2), levels.DATE_SWAPPED),
        ((1984, 1, 1), (1984, 7, 9), levels.DATE_PLACEHOLDER),
        ((1984, 1, 1), (1984, 1, 9), levels.DATE_PLACEHOLDER),
        ((1984, 1, 1), (1984, 7, 0), levels.DATE_PLACEHOLDER),
        ((1984, 1, 1), (1984, 1, 0), levels.SAME_MONTH),
        ((1984, 1, 1), (1985, 1, 1), levels.DATE_NEAR),
        ((1984, 2, 1), (1984, 2, 9), levels.DATE_NEAR),
        ((1984, 2, 1), (1985, 2, 9), levels.DIFFERENT),
    ],
)
def test_dates(a: tuple[int, int, int] | None, b: tuple[int, int, int], level: int) -> None:
    assert levels.date_level(a, b) == levels.date_level(b, a) == level


def test_countries() -> None:
    assert levels.country_level(("DE", "FR"), ("FR", "TR")) == levels.SAME
    assert levels.country_level(("DE",), ("FR",)) == levels.DIFFERENT
    assert levels.country_level((), ("FR",)) == levels.country_level(None, None) == levels.MISSING


def test_a_pattern_is_one_number() -> None:
    a = Subject((full("ANNA", "MEYER"),), (1984, 2, 1), spelled("ROMA"), "IT", ("IT", "DE"), "F")
    b = Subject((full("ANNE", "MEYER"),), (1984, 2, 1), spelled("RODA"), "IT", ("FR",), None)
    names = levels.EXACT * 9 + levels.CLOSE
    code = (((((names * 2 + 0) * 8 + 7) * 9 + levels.CLOSE) * 3 + 2) * 3 + 1) * 3 + 0
    assert levels.agreement(a, b, WEIGHTS) == (code, 9 + 5 + 30 + 5 + 1 - 2)
    assert levels.agreement(Subject(), Subject(), WEIGHTS) == (0, 0)


def test_names_change_places() -> None:
    a, b = (full("ANNA", "MEYER"),), (full("MEIER", "ANNA"),)
    assert levels.best_names(a, b, WEIGHTS) == (11, levels.EXCHANGED_NAMES, 0, 0, 0)
    # As good straight as swapped: straight.
    one = (full("ANNA", "ANNE"),)
    both = WEIGHTS._replace(exchanged=9 + 7)
    assert levels.best_names(one, one, both).code == levels.EXACT * 9 + levels.EXACT


def test_an_alias_counts_where_it_weighs_more() -> None:
    a = (full("ANNA", "MEYER"),)
    b = (full("ANNA", "SCHULZ"), full("ANNA", "MEIER"))
    found = levels.best_names(a, b, WEIGHTS)
    assert found == (5 + 7 - 2, levels.CLOSE * 9 + levels.EXACT, 1, 0, 1)
    # Own names first, then the lower index.
    assert levels.best_names(a, a + a, WEIGHTS._replace(alias=0))[2:] == (0, 0, 0)
    assert levels.best_names(a, b[:1] + a + a, WEIGHTS)[2:] == (1, 0, 1)


def test_a_rare_name_weighs_more() -> None:
    a = (full("ANNA", "MEYER"),)
    family, first = {"meyer": 100}, {"anna": 7}
    found = levels.best_names(
        a, a, WEIGHTS, family_rarity=family.__getitem__, first_rarity=first.__getitem__
    )
    assert found.weight == 9 + 7 + 107


def test_a_search_looks_at_everybody() -> None:
    probe = Subject((full("ANNA", "MEYER"),))
    register = {"b": probe, "a": probe, "c": Subject((full("OTTO", "KRAUSE"),)), "ä": Subject()}
    assert searches.search(probe, register, WEIGHTS, 0) == [
        (16, "a", (8 * 9 + 8) * 2 * 8 * 9 * 27),
        (16, "b", (8 * 9 + 8) * 2 * 8 * 9 * 27),
        (0, "ä", 0),
    ]


def test_filters() -> None:
    a, b, none = (bytes(63) + bytes([bits]) for bits in (0b11111, 0b11110, 0))
    assert searches.dice(a, b) == Fraction(8, 9)
    assert searches.dice(none, none) == 0
    assert searches.filter_level(a, a) == levels.EXACT
    assert searches.filter_level(a, b) == levels.CLOSE
    assert searches.filter_level(a, none) == levels.MISSING
    anna, anne = searches.Filters((a + a,)), searches.Filters((a + b, none + a))
    found = searches.search_fields(anna, {"x": anne, "y": anna}, WEIGHTS, 10)
    assert [each[:2] for each in found] == [(16, "y"), (14, "x")]
    other = searches.Filters((b + none,))
    register = {"x": other, "y": anna}
    assert searches.search_records(anna, register, Fraction(1, 2)) == [
        (Fraction(1), "y"),
        (Fraction(4 * 2, 14), "x"),
    ]


def test_patterns_are_counted_once_a_pair() -> None:
    anna, otto = Subject((full("ANNA", None),)), Subject((full("OTTO", None),))
    per_level = 2 * 8 * 9 * 27
    assert searches.pattern_counts([anna, otto], [anna], WEIGHTS) == {
        levels.DIFFERENT * per_level: 1,
        levels.EXACT * per_level: 1,
    }
    same = [anna, anna, otto]
    assert searches.pattern_counts(same, same, WEIGHTS, same=True) == {
        levels.DIFFERENT * per_level: 2,
        levels.EXACT * per_level: 1,
    }

"""Searches for drawn persons have exactly the stated errors."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import Name, Person
from prum_match.samples import persons
from prum_match.samples.persons.scripts import plain, transliterations
from prum_match.samples.persons.slips import slip
from prum_match.samples.persons.urns import Chance


@cache
def drawn() -> persons.Population:
    return persons.population(20_000, seed=1)


def names() -> st.SearchStrategy[str]:
    return st.deferred(
        lambda: st.sampled_from(
            [name for field in ("first", "family") for name in drawn().values(field)[0][:400]]
        )
    )


def pairs(kind: str, n: int = 60) -> list[tuple[Person, Person]]:
    """Return persons and searches for them, with one error of a kind."""
    probes = persons.probes(drawn(), n, seed=2, mated=1, errors={kind: 1}, twice=0)
    assert set(probes.kinds) == {(kind,)}
    references = [drawn()[int(index)] for index in probes.references]
    return list(zip(references, probes.persons, strict=True))


def changed(one: Person, other: Person) -> set[str]:
    fields = ("first_names", "family_names", "birth_date", "country_of_birth", "nationalities")
    return {name for name in (*fields, "gender") if getattr(one, name) != getattr(other, name)}


def edits(one: str, other: str) -> int:
    """Return the distance by insertions, deletions, substitutions and swaps of neighbours."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        rows.append([i])
        for j, b in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and (a, one[i - 2]) == (other[j - 2], b):
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


def test_a_seed_gives_the_same_probes() -> None:
    one, same, other = (persons.probes(drawn(), 100, seed=seed) for seed in (4, 4, 5))
    assert one.persons == same.persons
    assert one.kinds == same.kinds
    assert one.persons != other.persons


def test_shares_are_those_asked_for() -> None:
    probes = persons.probes(drawn(), 3_000, seed=4, mated=0.4)
    mated = probes.references >= 0
    assert repr(probes) == "<Probes: 3,000, 1,200 of them mated>"
    assert not any(kinds for kinds, true in zip(probes.kinds, mated, strict=True) if not true)
    had = [kinds for kinds, true in zip(probes.kinds, mated, strict=True) if true]
    first = Counter(kinds[0] if kinds else "none" for kinds in had)
    assert set(first) <= set(persons.ERRORS)
    assert 0.19 < first["none"] / 1_200 < 0.31
    assert 0.12 < first["typing"] / 1_200 < 0.24
    assert 0.01 < np.mean([len(kinds) == 2 for kinds in had]) < 0.08
    assert sum(persons.ERRORS.values()) == pytest.approx(1)


def test_strangers_are_not_those_of_the_population() -> None:
    same_seed = persons.probes(drawn(), 200, seed=1, mated=0)
    assert (same_seed.references == -1).all()
    assert not {(*p.names, p.birth_date) for p in same_seed.persons} & {
        (*p.names[:1], p.birth_date) for p in drawn()
    }


def test_searches_say_one_name_and_no_place() -> None:
    for probe in persons.probes(drawn(), 200, seed=1).persons:
        assert (probe.aliases, probe.birth_place) == ((), None)
    assert any(p.birth_place for p in persons.probes(drawn(), 9, seed=1, birth_place=True).persons)


def test_without_errors_the_probe_is_the_person() -> None:
    for person, probe in pairs_without():
        assert changed(person, probe) == set()


def pairs_without() -> list[tuple[Person, Person]]:
    probes = persons.probes(drawn(), 30, seed=2, mated=1, errors={"none": 1}, twice=1)
    assert set(probes.kinds) == {()}
    references = (drawn()[int(index)] for index in probes.references)
    return list(zip(references, probes.persons, strict=True))


def test_typing_is_one_edit_of_one_name() -> None:
    for person, probe in pairs("typing"):
        (field,) = changed(person, probe)
        names = zip(getattr(person, field), getattr(probe, field), strict=True)
        assert [edits(a.lower(), b.lower()) for a, b in names if a != b] == [1]


def test_transliterations_are_in_ascii() -> None:
    scripts = set()
    for person, probe in pairs("transliteration", 200):
        assert changed(person, probe) <= {"first_names", "family_names"}
        before, after = "".join(person.names[0].family_names), "".join(probe.family_names)
        if before != after:
            assert after.replace("-", "").replace("'", "").isascii()
        scripts.add(max(before) > "\u0370")
    assert scripts == {True, False}


def test_lost_diacritics_only_change_diacritics() -> None:
    for person, probe in pairs("diacritics"):
        assert changed(person, probe) <= {"first_names", "family_names"}
        assert tuple(map(plain, person.family_names)) == probe.family_names


def test_wrong_dates_match_their_kind_of_error() -> None:
    for kind in ("date_swapped", "date_digit", "date_year", "date_placeholder"):
        for person, probe in pairs(kind):
            assert changed(person, probe) == {"birth_date"}
            born, said = person.birth_date, probe.birth_date
            assert born is not None
            assert said is not None
            if kind == "date_swapped":
                assert (said.year, said.month, said.day) == (born.year, born.day, born.month)
            elif kind == "date_digit":
                assert sum(a != b for a, b in zip(str(born), str(said), strict=True)) == 1
                assert str(born)[:2] == str(said)[:2]
            elif kind == "date_year":
                assert (said.year, said.month) == (born.year, None)
            else:
                assert (said.year, said.month, said.day) == (born.year, 1, 1)


def test_names_are_left_out_or_exchanged() -> None:
    for person, probe in pairs("names_exchanged"):
        assert (probe.first_names, probe.family_names) == (person.family_names, person.first_names)
    for person, probe in pairs("second_name"):
        assert probe.first_names == person.first_names[:-1] != ()
    for person, probe in pairs("double_name"):
        whole, half = " ".join(person.family_names), " ".join(probe.family_names)
        assert whole.startswith(half) or whole.endswith(half)


def test_an_alias_belongs_to_the_person() -> None:
    for person, probe in pairs("alias"):
        assert Name(probe.first_names, probe.family_names) in person.names[1:]


def test_a_nickname_takes_the_place_of_the_first_name() -> None:
    for person, probe in pairs("nickname"):
        assert changed(person, probe) == {"first_names"}
        assert probe.first_names[1:] == person.first_names[1:]


def test_two_errors_are_two_errors() -> None:
    probes = persons.probes(
        drawn(), 50, seed=2, mated=1, errors={"date_year": 1, "diacritics": 1}, twice=1
    )
    both = [i for i, kinds in enumerate(probes.kinds) if len(kinds) == 2]
    assert both
    for i in both:
        assert probes.kinds[i] == ("diacritics", "date_year")
        person = drawn()[int(probes.references[i])]
        assert "birth_date" in changed(person, probes.persons[i])
        assert changed(person, probes.persons[i]) - {"birth_date"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"n": -1}, "n"),
        ({"mated": 1.1}, "mated"),
        ({"twice": float("nan")}, "twice"),
        ({"errors": {"flood": 1}}, "errors"),
        ({"errors": {"typing": -1, "none": 2}}, "errors"),
        ({"errors": {}}, "errors"),
        ({"errors": {"typing": float("nan")}}, "errors"),
        ({"errors": {"typing": float("inf")}}, "errors"),
        ({"population": persons.population(0, seed=1)}, "population"),
        ({"seed": -2}, "seed"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        persons.probes(**{"population": drawn(), "n": 5, "seed": 1, **wrong})
    assert (refused.value.code, refused.value.field) == ("bad_option", field)


def test_an_error_that_no_person_can_have_is_refused() -> None:
    lonely = persons.population(1, seed=1)
    assert not lonely[0].aliases
    with pytest.raises(InvalidInput, match="not possible for any person") as refused:
        persons.probes(lonely, 3, seed=1, mated=1, errors={"alias": 1})
    assert refused.value.field == "errors"


@given(names(), st.integers(0, 2**32))
def test_a_slip_is_one_edit(name: str, seed: int) -> None:
    slipped = slip(name, Chance(seed))
    assert slipped is None or edits(name.lower(), slipped.lower()) == 1


@given(names())
def test_plain_names_stay(name: str) -> None:
    assert plain(plain(name)) == plain(name)
    for way in transliterations(name):
        assert transliterations(way) == ()
        assert plain(way) == way


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("Мария", ("Maria", "Mariia", "Mariia")),
        ("Цветан", ("Tsvetan", "Tsvetan", "Tzvetan")),
        ("ЯНЧЕВ", ("YANCHEV", "IANCHEV", "IANTCHEV")),
        ("Αγγέλου", ("Angelou", "Angelou")),
        ("Χαρά", ("Chara", "Hara")),
        ("Ταΰγετος", ("Taygetos", "Taigetos")),
        ("Ødegård", ("Oedegaard",)),
        ("Weiß", ()),
    ],
)
def test_ways_to_write_names(name: str, ways: tuple[str, ...]) -> None:
    assert transliterations(name) == ways


def test_the_plain_name_keeps_its_script() -> None:
    assert plain("Łukasz Ødegård") == "Lukasz Odegard"
    assert plain("Γιώργος") == "Γιωργος"
    # A letter of its own, for all that it has a breve.
    assert plain("Андрей") == "Андрей"


def test_a_seed_slips_where_it_always_did() -> None:
    assert slip("Vermeer", Chance(3)) == "Vgermeer"

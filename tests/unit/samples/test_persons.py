"""Drawn persons: the same from the same seed, and as the tables say that they are."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.persons.person import Name, Person
from prum_match.samples import persons
from prum_match.samples.persons.drawing import ALIAS_KINDS, BLOCK
from prum_match.samples.persons.lexicon import SEXES, lexicon, locales

COLUMNS = (
    "locale",
    "first",
    "family",
    "birth_date",
    "gender",
    "birth_country",
    "nationalities",
    "birth_place",
    "alias_of",
    "aliases",
)
DRAWN = persons.population(20_000, seed=1)


def shares(numbers: np.ndarray) -> np.ndarray:
    counts: np.ndarray = np.unique(numbers, return_counts=True)[1]
    return np.sort(counts)[::-1] / counts.sum()


def test_a_seed_gives_the_same_persons_everywhere() -> None:
    """The digest is one of all columns and of the names that their numbers stand for."""
    drawn = persons.population(500, seed=7)
    digest = hashlib.sha256()
    for name in COLUMNS:
        digest.update(np.ascontiguousarray(getattr(drawn, name)).tobytes())
    digest.update("\n".join(drawn.values("family")[0]).encode())
    assert digest.hexdigest()[:16] == "0bfeb4e3fdc8bc66"


def test_another_seed_gives_other_persons() -> None:
    assert not np.array_equal(persons.population(500, seed=8).family, DRAWN.family[:500])


def test_a_smaller_population_is_the_beginning_of_a_larger_one() -> None:
    whole, part = persons.population(BLOCK + 300, seed=3), persons.population(BLOCK + 10, seed=3)
    for name in COLUMNS[:-2]:
        assert np.array_equal(getattr(whole, name)[: len(part)], getattr(part, name))
    kept = whole.alias_of < len(part)
    assert np.array_equal(whole.alias_of[kept], part.alias_of)
    assert np.array_equal(whole.aliases[kept], part.aliases)


def test_the_blocks_of_a_population_differ() -> None:
    whole = persons.population(2 * BLOCK, seed=3)
    assert not np.array_equal(whole.first[:BLOCK], whole.first[BLOCK:])
    assert (np.diff(whole.alias_of) >= 0).all()


def test_an_empty_population_is_valid() -> None:
    nobody = persons.population(0, seed=1)
    assert (len(nobody), nobody[:], len(nobody.clear())) == (0, [], 0)
    assert nobody.values("first")[0] == []


@pytest.mark.parametrize(("n", "seed", "field"), [(-1, 1, "n"), (1.5, 1, "n"), (1, -1, "seed")])
def test_numbers_are_whole(n: int, seed: int, field: str) -> None:
    with pytest.raises(InvalidInput, match="whole number") as refused:
        persons.population(n, seed)
    assert (refused.value.code, refused.value.field) == ("bad_option", field)


def test_persons_are_those_of_the_columns() -> None:
    first, family = DRAWN.values("first"), DRAWN.values("family")
    for i in [*range(300), -1]:
        person = DRAWN[i]
        assert " ".join(person.first_names) == first[0][first[1][i]]
        assert " ".join(person.family_names) == family[0][family[1][i]]
    assert DRAWN[5:8] == [DRAWN[5], DRAWN[6], DRAWN[7]]
    assert [person for person, _ in zip(DRAWN, range(3), strict=False)] == DRAWN[:3]
    with pytest.raises(IndexError):
        DRAWN[len(DRAWN)]


def test_the_clear_columns_are_those_of_the_persons() -> None:
    clear, made = DRAWN.clear(), ClearFields.of(DRAWN[:400])
    assert [clear.at(i) for i in range(400)] == [made.at(i) for i in range(400)]


def test_a_person_shows_no_name() -> None:
    assert repr(DRAWN) == f"<Population: 20,000 persons, {len(DRAWN.aliases):,} aliases>"


def test_names_are_borne_by_the_sex_that_bears_them() -> None:
    czech = [locale.code for locale in locales()].index("cs_CZ")
    women = lexicon().family.draw(2 * czech, np.linspace(0, 0.999, 500))
    men = lexicon().family.draw(2 * czech + 1, np.linspace(0, 0.999, 500))
    assert all(lexicon().names[name].endswith("á") for name in women)
    assert not any(lexicon().names[name].endswith("á") for name in men)
    assert SEXES == "FM"


def test_some_names_are_frequent_and_most_are_rare() -> None:
    german = DRAWN.locale == [locale.code for locale in locales()].index("de_DE")
    first, family = shares(DRAWN.first[german, 0]), shares(DRAWN.family[german, 0])
    assert 0.005 < first[0] < 0.03
    assert 0.005 < family[0] < 0.03
    # Half of the persons have a name that fewer than one in a thousand bears.
    assert family[family < 0.001].sum() > 0.5


def test_frequencies_of_the_tables_are_those_of_the_persons() -> None:
    weighted = persons.population(400_000, seed=2)
    finnish = weighted.locale == [locale.code for locale in locales()].index("fi_FI")
    name = lexicon().names.index("Virtanen")
    # 0.6 of what the table says: the others have rare names.
    share = np.mean(weighted.family[finnish, 0] == name)
    assert 0.5 * 0.011 < share < 0.7 * 0.0111


def test_dates_are_days_that_there_were() -> None:
    born = [person.birth_date for person in DRAWN]
    known = [date for date in born if date is not None]
    assert len(known) == len(born)
    assert min(date.year for date in known) == 1930
    assert max(date.year for date in known) == 2010
    assert any((date.month, date.day) == (2, 29) for date in known)
    assert 0.01 < sum((date.month, date.day) == (1, 1) for date in known) / len(known) < 0.018
    assert 0.003 < sum(date.month is None for date in known) / len(known) < 0.01


def test_most_are_born_where_their_names_are_from() -> None:
    home = [locales()[number].country for number in DRAWN.locale]
    born = [person.country_of_birth for person in DRAWN]
    at_home = [a == b for a, b in zip(home, born, strict=True) if b is not None]
    assert 0.8 < np.mean(at_home) < 0.86
    assert 0.02 < born.count(None) / len(born) < 0.04
    genders = [person.gender for person in DRAWN]
    assert 0.47 < genders.count("F") / len(genders) < 0.51
    assert {"F", "M", "X", None} == set(genders)


def test_places_are_in_the_country_of_birth() -> None:
    sofia = [p for p in DRAWN if p.birth_place == "София"]
    assert sofia
    assert {person.country_of_birth for person in sofia} <= {"BG", None}


def test_aliases_are_of_all_kinds() -> None:
    assert 0.13 < len(DRAWN.aliases) / len(DRAWN) < 0.17
    assert set(DRAWN.aliases[:, 0].tolist()) == set(range(len(ALIAS_KINDS)))
    for i in np.unique(DRAWN.alias_of)[:300].tolist():
        for kind, alias in DRAWN.aliases_of(i):
            assert alias in DRAWN[i].aliases
            if isinstance(alias, Name):
                halves = bool(alias.first_names), bool(alias.family_names)
                assert halves == (kind != "family", kind != "first")
            else:
                assert kind == "undivided"


def test_two_names_are_joined_as_their_country_does() -> None:
    codes = [locale.code for locale in locales()]
    spanish = next(i for i in range(999) if DRAWN.locale[i] == codes.index("es_ES"))
    assert len(DRAWN[spanish].family_names) >= len(DRAWN.family_names_of(spanish))
    german = (DRAWN.locale == codes.index("de_DE")) & (DRAWN.family[:, 1] >= 0)
    i = int(np.flatnonzero(german)[0])
    assert "-".join(DRAWN.family_names_of(i)) == " ".join(DRAWN[i].family_names)
    assert isinstance(DRAWN[i], Person)

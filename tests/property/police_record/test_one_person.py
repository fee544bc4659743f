"""A person is found once, for any spelling of the name and any order of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.police_record.search import dice
from prum_match.errors import ComparisonMismatch
from prum_match.police_record import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    DicePolicy,
    Encoder,
    Gallery,
    LinkagePolicy,
    Name,
    Parameters,
    Person,
)
from support.examples import examples
from support.police_record.registers import DATES, FAMILY, FIRST

pytestmark = pytest.mark.native

BLOCKS: tuple[Parameters | None, ...] = (None, FIELD_PARAMETERS, LEGAL_PARAMETERS)
IDS = ("clear", "field", "record")


def key(period: str) -> bytes:
    return period.encode().ljust(32, b"-")


def gallery_of(block: Parameters | None, period: str = "1") -> Gallery:
    return Gallery(None if block is None else Encoder(block, key, period=period))


def everybody(block: Parameters | None) -> Any:
    """Return a policy under which all persons with anything in common are candidates."""
    return (
        DicePolicy(threshold=5e-324)
        if block is LEGAL_PARAMETERS
        else LinkagePolicy(threshold=-1000)
    )


# --- the names of one man -----------------------------------------------------------------------

WRITTEN = (
    Person("Jürgen", "Müller", birth_date="1971-08-05", gender="M"),
    Person("JUERGEN", "MUELLER", birth_date="1971-05-08", gender="M"),
    Person("Юрген", "Мюллер", birth_date="1971-08-05"),
    Person("Hans", "Schmidt", ["Jürgen Müller"], birth_date="1971-08-05"),
    Person("Müller", "Jürgen", birth_date="1971-08-05"),
)
OTHERS = (
    Person("Jürgen", "Schröder", birth_date="1950-01-17", gender="M"),
    Person("Hans", "Schmidt", birth_date="1966-11-30"),
    Person("Maria", "Müller", birth_date="1992-03-14", gender="F"),
)


@pytest.mark.parametrize("probe", WRITTEN, ids=range(len(WRITTEN)))
def test_all_spellings_of_a_name_are_found_and_count_once(probe: Person) -> None:
    gallery = gallery_of(None)
    ids = [f"DE-{i}" for i in range(len(WRITTEN))]
    gallery.enrol(ids, WRITTEN, subject_ids=["S-1"] * len(ids))
    gallery.enrol(["A", "B", "C"], OTHERS)
    # One who goes by the name of another agrees with him by the alias alone.
    by_alias = bool(probe.aliases)
    one_by_one = gallery.search(probe, fuse_subjects=False)
    assert {*ids} <= {*one_by_one.reference_ids}
    assert not {"A", "C"} & {*one_by_one.reference_ids}
    assert ("B" in one_by_one.reference_ids) <= by_alias
    answer = gallery.search(probe)
    assert [name for name in answer.reference_ids if name in ids] == one_by_one.reference_ids[:1]
    assert answer.reference_ids[0] == ids[WRITTEN.index(probe)]
    assert gallery.search(probe, limit=1).reference_ids == answer.reference_ids[:1]


@pytest.mark.parametrize("block", BLOCKS, ids=IDS)
def test_all_names_of_a_person_are_one_candidate(block: Parameters | None) -> None:
    person = Person(
        "Jürgen",
        "Müller",
        ["Мюллер", ("JUERGEN", "MUELLER"), "Jürgen Müller", Name("Hans", "Schmidt")],
        birth_date="1971-08-05",
    )
    gallery = gallery_of(block)
    gallery.enrol(["DE-1"], [person])
    for probe in (person, *WRITTEN):
        answer = gallery.search(
            probe, policy=DicePolicy(threshold=0.6) if block is LEGAL_PARAMETERS else None
        )
        assert answer.reference_ids == ["DE-1"]
        assert answer.n_found == 1


def test_another_key_makes_unrelated_pseudonyms() -> None:
    for block in (FIELD_PARAMETERS, LEGAL_PARAMETERS):
        one, same, other = (
            Encoder(block, key, period=period).encode_one(WRITTEN[0]) for period in "112"
        )
        filters = [each.pseudonyms[0].filters[0] for each in (one, same, other)]
        assert dice(filters[0], filters[1]) == 1
        # As two filters of so many bits agree by chance.
        share = sum(byte.bit_count() for byte in filters[0]) / (8 * len(filters[0]))
        assert abs(dice(filters[0], filters[2]) - share) < 0.1
        gallery = gallery_of(block)
        gallery.enrol(["DE-1"], [one])
        with pytest.raises(ComparisonMismatch) as caught:
            gallery.search(other)
        assert caught.value.code == "other_key"
        # Through the change of the key, the register answers both.
        gallery.enrol(["DE-2"], [one.with_key(other)])
        gallery.erase(["DE-1"])
        assert gallery.search(one).reference_ids == ["DE-2"]
        assert gallery.search(other).reference_ids == ["DE-2"]


# --- any persons --------------------------------------------------------------------------------

names = st.lists(st.sampled_from([n for n in (*FIRST, *FAMILY) if " " not in n]), max_size=3)
aliases = st.builds(lambda a, b: Name(a, b), names, names).filter(lambda name: name != Name())


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    first, family = draw(names), draw(names)
    return {
        # Nothing to make a pseudonym of would be refused.
        "first_names": first if any(first + family) else ["Anna"],
        "family_names": family,
        "aliases": draw(st.lists(aliases, max_size=2)),
        "birth_date": draw(st.sampled_from((None, *DATES))),
        "nationalities": draw(st.sampled_from(((), ("DE",), ("DE", "FR")))),
        "gender": draw(st.sampled_from((None, "F", "M"))),
    }


def scores(block: Parameters | None) -> Callable[[Person, Person], float]:
    def score(probe: Person, reference: Person) -> float:
        gallery = gallery_of(block)
        gallery.enrol(["R"], [reference])
        found = gallery.search(probe, policy=everybody(block))
        return float(found.scores[0]) if found.reference_ids else 0.0

    return score


@settings(max_examples=examples(50))
@pytest.mark.parametrize("block", BLOCKS, ids=IDS)
@given(people(), people())
def test_scores_are_symmetric(
    block: Parameters | None, one: dict[str, Any], other: dict[str, Any]
) -> None:
    score, a, b = scores(block), Person(**one), Person(**other)
    assert score(a, b) == score(b, a)


@settings(max_examples=examples(50))
@pytest.mark.parametrize("block", BLOCKS, ids=IDS)
@given(people(), people(), aliases)
def test_an_alias_never_lowers_a_score(
    block: Parameters | None, one: dict[str, Any], other: dict[str, Any], alias: Name
) -> None:
    score, b = scores(block), Person(**other)
    more = {**one, "aliases": [*one["aliases"], alias]}
    assert score(Person(**more), b) >= score(Person(**one), b)
    assert score(b, Person(**more)) >= score(b, Person(**one))


@settings(max_examples=examples(50))
@pytest.mark.parametrize("block", BLOCKS, ids=IDS)
@given(people(), people(), st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(
    block: Parameters | None, one: dict[str, Any], other: dict[str, Any], random: Any
) -> None:
    shuffled = dict(one)
    for half in ("first_names", "family_names"):
        shuffled[half] = random.sample(one[half], len(one[half]))
    score, b = scores(block), Person(**other)
    assert score(Person(**shuffled), b) == score(Person(**one), b)

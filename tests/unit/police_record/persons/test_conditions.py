"""Conditions of a search between states, and texts of refusals."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.conditions import (
    Conditions,
    check_elements,
    check_pseudonymised,
)
from prum_match.police_record.persons.person import Person

ALLOWED = Conditions(max_sentence_months=12, requesting_participates=True)


def refusal(conditions: Conditions, query: Person | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        conditions.check(query)
    return caught.value


def test_allowed_searches_pass() -> None:
    ALLOWED.check()
    Conditions(max_sentence_months=None, requesting_participates=None).check()


def test_both_conditions_have_to_be_said() -> None:
    with pytest.raises(TypeError):
        Conditions(max_sentence_months=12)  # type: ignore[call-arg]


def test_the_state_comes_before_the_offence_and_that_before_the_query() -> None:
    nobody = Person("Hedda")
    neither = Conditions(max_sentence_months=0, requesting_participates=False)
    assert refusal(neither, nobody).code == "no_reciprocity"
    minor = Conditions(max_sentence_months=11, requesting_participates=True)
    assert refusal(minor, nobody).code == "minor_offence"
    assert refusal(ALLOWED, nobody).code == "clear_text_names"
    assert refusal(ALLOWED, Person(birth_date="1984")).code == "too_few_elements"


def test_a_refusal_names_its_rule_but_no_person() -> None:
    error = refusal(ALLOWED, Person("Hedda", "Gabler", birth_date="1984"))
    assert error.rule == "Reg. (EU) 2024/982, Art. 25(2) and 43(3)"
    assert "gabler" not in f"{error}{error!r}{error.value}".lower()


def test_an_alias_is_a_name_in_clear() -> None:
    with pytest.raises(InvalidInput):
        check_pseudonymised(Person(aliases="Gabler", birth_date="1984"))
    check_pseudonymised(Person(birth_date="1984"))


def test_a_birth_date_counts_though_a_part_is_not_known() -> None:
    check_elements(Person("Hedda", birth_date="1984-00-00"))


def test_an_alias_does_not_make_up_for_a_name() -> None:
    for person in (Person("Hedda", aliases=[("Hedda", "Gabler")]), Person(aliases="A B")):
        with pytest.raises(InvalidInput) as caught:
            check_elements(person)
        assert caught.value.code == "too_few_elements"


@pytest.mark.parametrize("months", [-1, 12.0, True, "12"])
def test_months_are_a_whole_number(months: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        Conditions(max_sentence_months=months, requesting_participates=True)
    assert (caught.value.code, caught.value.field) == ("bad_condition", "max_sentence_months")


def test_taking_part_is_true_or_false() -> None:
    with pytest.raises(InvalidInput) as caught:
        Conditions(max_sentence_months=12, requesting_participates=1)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("bad_condition", "requesting_participates")

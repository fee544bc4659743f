"""The justification that each category requires for a search."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import (
    Conversation,
    CoreData,
    FollowUp,
    HitKey,
    Justification,
    Purpose,
    SubjectClass,
)
from prum_match.exchange.category_rules import CATEGORY_RULES
from prum_match.exchange.messages import Facts, decode_follow_up, encode


def why(**changes: Any) -> Justification:
    fields: dict[str, Any] = {
        "case": "2026/17",
        "offence": "0101 00",
        "official": "insp-7",
        "maximum_sentence": 12,
    }
    return Justification(**{**fields, **changes})


def code_of(justification: Justification, category: str) -> str | None:
    try:
        justification.check(category)
    except ExchangeError as error:
        return error.code
    return None


@pytest.mark.parametrize("category", [*CATEGORY_RULES, "toy"])
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("empowered", [False, True])
def test_purposes(category: str, purpose: Purpose, empowered: bool) -> None:
    """DNA only for the investigation of offences (6(1)); missing persons and remains: Art. 29."""
    about_persons = purpose in {Purpose.MISSING_PERSON, Purpose.HUMAN_REMAINS}
    crime_only = category in {"vehicle", "police_record"}
    if (category == "dna" and purpose in {Purpose.PREVENTION, Purpose.DETECTION}) or (
        crime_only and about_persons
    ):
        expected = "purpose_not_allowed"
    elif about_persons and not empowered:
        expected = "not_empowered"
    else:
        expected = None
    assert code_of(why(purpose=purpose, empowered=empowered), category) == expected


@pytest.mark.parametrize("purpose", Purpose)
def test_an_offence_is_optional_for_missing_persons(purpose: Purpose) -> None:
    """Missing persons and remains: Art. 29. Such a case can be a crime as well."""
    assert why(purpose=purpose).offence == "0101 00"
    if purpose in {Purpose.MISSING_PERSON, Purpose.HUMAN_REMAINS}:
        missing = why(offence=None, maximum_sentence=None, purpose=purpose, empowered=True)
        assert [code_of(missing, name) for name in ("dna", "dactyloscopy", "face")] == [None] * 3
    else:
        with pytest.raises(ExchangeError) as caught:
            why(offence=None, purpose=purpose)
        assert (caught.value.code, caught.value.field) == ("offence_missing", "offence")
        assert "Art. 33" in str(caught.value.rule)


def test_facts_of_a_case_can_do_without_an_offence_too(clock: Any) -> None:
    missing = why(offence=None, purpose=Purpose.MISSING_PERSON)
    key = HitKey(category="dna", requesting="AT", requested="DE", request="q1", reference="DE-1")
    head: dict[str, Any] = {"hit": key, "number": "f1", "time": clock()}
    facts = Facts(offence=missing.offence, description="Last seen on a ferry.", **head)
    assert decode_follow_up(encode(facts)) == facts
    with pytest.raises(TypeError):  # none has to be said: it is never a field that was forgotten
        Facts(description="Last seen on a ferry.", **head)


def test_no_offence_is_the_default() -> None:
    remains = Justification(case="1", official="insp-7", purpose=Purpose.HUMAN_REMAINS)
    assert remains.offence is None
    assert code_of(remains, "dna") == "not_empowered"


@pytest.mark.parametrize(
    ("category", "months", "code"),
    [
        *((category, None, "sentence_missing") for category in ("face", "police_record")),
        *((category, 11, "minor_offence") for category in ("face", "police_record")),
        *((category, 12, None) for category in ("face", "police_record")),
        *((category, None, None) for category in ("dna", "dactyloscopy", "vehicle", "toy")),
        *((category, 0, None) for category in ("dna", "dactyloscopy", "vehicle", "toy")),
    ],
)
def test_how_serious_the_offence_is(category: str, months: int | None, code: str | None) -> None:
    assert code_of(why(maximum_sentence=months), category) == code


def test_empowerment_for_persons_does_not_lower_the_bar_for_offences() -> None:
    assert code_of(why(maximum_sentence=6, empowered=True), "face") == "minor_offence"
    missing = why(maximum_sentence=None, empowered=True, purpose=Purpose.MISSING_PERSON)
    assert code_of(missing, "face") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"case": ""},
        {"case": "a\nb"},
        {"offence": "101 00"},
        {"official": ""},
        {"purpose": "investigation"},
        {"subject": "suspect"},
        {"maximum_sentence": -1},
        {"to_identify": 1},
    ],
)
def test_invalid_justifications_are_refused(changes: dict[str, Any]) -> None:
    if isinstance(changes.get("purpose"), str) or isinstance(changes.get("subject"), str):
        assert not isinstance(next(iter(changes.values())), Purpose | SubjectClass)
    with pytest.raises(ExchangeError) as caught:
        why(**changes)
    assert (caught.value.code, caught.value.field) == ("invalid_field", next(iter(changes)))


def test_it_is_checked_before_anything_is_sent(toy: Any, clock: Any) -> None:
    follow_up = FollowUp("AT", clock=clock)
    conversation = Conversation("AT", "toy", clock, follow_up=follow_up)
    with pytest.raises(ExchangeError):
        conversation.submit(
            toy.Item("apple"), parties=["DE"], justification=why(purpose=Purpose.HUMAN_REMAINS)
        )
    assert conversation.searches() == conversation.tick() == []


def test_the_class_of_the_person_is_asked_of_the_category(conversation: Any, toy: Any) -> None:
    for subject, refused in ((SubjectClass.VICTIM, True), (SubjectClass.SUSPECT, False)):
        try:
            conversation.submit(
                toy.Item("owner"), parties=["DE"], justification=why(subject=subject)
            )
        except ValueError:
            assert refused
        else:
            assert not refused


def test_neither_case_nor_person_is_printed() -> None:
    assert "2026/17" not in repr(why())
    assert "Nobody" not in repr(CoreData(identified=True, first_names=("Nobody",)))

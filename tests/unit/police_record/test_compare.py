"""`police_record.compare` agrees with a search about two persons."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from prum_match import police_record
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.police_record import Encoder, Parameters, Person

ASKED = Person("Jürgen", "Müller", birth_date="1971-05-08", gender="M")
PERSONS = [
    Person("Juergen", "Mueller", birth_date="1971-08-05"),
    Person("Jürgen", "Müller", birth_date="1971-05-08"),
    Person("Jorge", "Molina", birth_date="1971-05-08"),
    Person("Ana", "García López", ["Ana Ruiz"], birth_date="1980-12-01"),
]
BLOCKS = [
    None,
    police_record.LEGAL_PARAMETERS,
    police_record.NATIONAL_PARAMETERS,
    police_record.FIELD_PARAMETERS,
    replace(police_record.LEGAL_PARAMETERS, name="own", birth_date=9),
]


def encoder_of(block: Parameters | None) -> Encoder | None:
    return None if block is None else Encoder(block, lambda period: bytes(range(32)))


def loose(block: Parameters | None) -> Any:
    """The default rule of such persons with a threshold that everybody reaches who can."""
    if block is None or block.scheme == "field":
        return police_record.LinkagePolicy(threshold=-1e5)
    return police_record.DicePolicy(threshold=1e-6)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name if block else "clear")
def test_compare_and_search_agree(block: Parameters | None) -> None:
    encoder = encoder_of(block)
    gallery = police_record.Gallery(encoder)
    ids = [str(number) for number in range(len(PERSONS))]
    gallery.enrol(ids, PERSONS)
    by_rule = {c.reference_id for c in gallery.search(ASKED)}
    assert by_rule
    assert by_rule != set(ids)
    for candidate in gallery.search(ASKED, policy=loose(block)):
        person = PERSONS[int(candidate.reference_id)]
        found = police_record.compare(ASKED, person, encoder=encoder, policy=loose(block))
        assert (found.score, found.quality) == (candidate.score, candidate.quality)
        assert found.match_quality is candidate.match_quality
        assert found.is_candidate
        assert str(found) == str(candidate.explain())
        assert (found.policy, found.policy.threshold) == (loose(block), loose(block).threshold)
    for number, person in zip(ids, PERSONS, strict=True):
        found = police_record.compare(ASKED, person, encoder=encoder)
        assert found.is_candidate == (number in by_rule)
        assert not hasattr(found, "grade")
        assert "score" in dict(inspect.getmembers(found))


@pytest.mark.parametrize("block", BLOCKS[1:4], ids=lambda block: block.name)
def test_pseudonyms_of_shipped_blocks_need_no_parameters(block: Parameters) -> None:
    encoder = encoder_of(block)
    assert encoder is not None
    one, other = encoder.encode([ASKED, PERSONS[0]])
    found = police_record.compare(one, other)
    assert str(found) == str(police_record.compare(ASKED, PERSONS[0], encoder=encoder))
    assert str(found) == str(police_record.compare(one, other, encoder=block))


def test_pseudonyms_of_other_blocks_need_theirs() -> None:
    block = BLOCKS[-1]
    encoder = encoder_of(block)
    assert encoder is not None
    assert block is not None
    one, other = encoder.encode([ASKED, PERSONS[1]])
    with pytest.raises(InvalidInput, match="pass it as `encoder`") as caught:
        police_record.compare(one, other)
    assert (caught.value.code, caught.value.field) == ("bad_parameters", "encoder")
    assert police_record.compare(one, other, encoder=block).is_candidate


@pytest.mark.parametrize(
    ("probe", "reference", "options", "code"),
    [
        (ASKED, "Müller", {}, "not_a_person"),
        (None, ASKED, {}, "not_a_person"),
        (ASKED, PERSONS[0], {"policy": police_record.NATIONAL_DICE}, "foreign_policy"),
        (Person("Ana"), ASKED, {"policy": police_record.PRUM_2024}, "too_few_elements"),
        (ASKED, PERSONS[0], {"encoder": police_record.LEGAL_PARAMETERS}, "clear_text_names"),
    ],
)
def test_incomparable_persons_are_refused(
    probe: Any, reference: Any, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        police_record.compare(probe, reference, **options)
    assert caught.value.code == code


def test_persons_in_clear_and_pseudonyms_are_not_compared() -> None:
    encoder = encoder_of(police_record.LEGAL_PARAMETERS)
    assert encoder is not None
    (encoded,) = encoder.encode([ASKED])
    with pytest.raises(ComparisonMismatch) as caught:
        police_record.compare(ASKED, encoded)
    assert caught.value.code == "other_encoding"
    with pytest.raises(InvalidInput) as caught:
        police_record.compare(encoded, ASKED)
    assert caught.value.code == "clear_text_names"

"""Pseudonyms of several periods in one gallery: incomparable probes are errors, not no-hits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match.engine import Eligible, Gallery, Policy
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.police_record import (
    PRUM_2024,
    PRUM_2024_DICE,
    EncodedPerson,
    EncodedPersons,
    Encoder,
    Parameters,
    Person,
)
from prum_match.police_record import Gallery as PoliceGallery
from support.police_record import families as police

pytestmark = pytest.mark.native

SCHEMES = sorted(police.PSEUDONYMS)
PERIODS = ("1", "2", "3")
N = 30
NAMES = [f"R{i:02d}" for i in range(N)]


@pytest.fixture(params=SCHEMES)
def block(request: pytest.FixtureRequest) -> Parameters:
    return police.PSEUDONYMS[request.param]


def encoded(block: Parameters, i: int, *periods: str) -> EncodedPerson:
    first, *others = (police.encoder(block, p).encode_one(police.person(i)) for p in periods)
    for other in others:
        first = first.with_key(other)
    return first


def filled(block: Parameters, *periods: str) -> PoliceGallery:
    gallery = PoliceGallery(block)
    gallery.enrol(NAMES, [encoded(block, i, *periods) for i in range(N)])
    return gallery


def refused(call: Callable[[], object]) -> str | None:
    with pytest.raises((ComparisonMismatch, InvalidInput)) as caught:
        call()
    return caught.value.code


def test_another_key_is_an_error_rather_than_a_no_hit(block: Parameters) -> None:
    gallery = filled(block, "1")
    probe, late = encoded(block, 3, "2"), encoded(block, 3, "1")
    assert refused(lambda: gallery.search(probe)) == "other_key"
    assert refused(
        lambda: gallery.search(probe, limit=1, eligible=Eligible(reference_ids=NAMES[:2]))
    ) == ("other_key")
    assert refused(lambda: gallery.search_many([late, probe])) == "other_key"
    assert refused(lambda: list(gallery.join(filled(block, "2")))) == "other_key"
    # One of many is enough, if it is asked for.
    gallery.enrol(["new"], [encoded(block, 40, "2")])
    assert refused(lambda: gallery.search(late)) == "other_key"
    assert refused(lambda: gallery.search(probe)) == "other_key"
    eligible = Eligible(reference_ids=NAMES)
    assert gallery.search(late, eligible=eligible).reference_ids == ["R03"]
    gallery.erase(["new"])
    assert gallery.search(late).reference_ids == ["R03"]


def test_by_tokens_too(block: Parameters) -> None:
    gallery = filled(block, "1")
    policy: Policy = type(gallery.category.matching.default_policy)(by_tokens=True)
    assert refused(lambda: gallery.search(encoded(block, 3, "2"), policy=policy)) == "other_key"
    assert gallery.search(encoded(block, 3, "1"), policy=policy).reference_ids == ["R03"]


def test_a_register_goes_from_one_period_to_the_next(block: Parameters) -> None:
    gallery = filled(block, "1")
    old, new, both = (encoded(block, 7, *periods) for periods in ("1", "2", "12"))
    for part in range(0, N, 10):
        names = NAMES[part : part + 10]
        assert gallery.search(old).reference_ids == ["R07"]
        assert refused(lambda: gallery.search(new)) == "other_key"
        gallery.replace(names, [encoded(block, int(name[1:]), "1", "2") for name in names])
    for probe in (old, new, both):
        assert gallery.search(probe).reference_ids == ["R07"]
    # Of a batch, the key that all have.
    found = gallery.search_many([both, new, encoded(block, 8, "2")])
    assert [answer.reference_ids for answer in found] == [["R07"], ["R07"], ["R08"]]
    assert gallery["R07"] == both
    gallery.replace(NAMES, [encoded(block, i, "2") for i in range(N)])
    assert refused(lambda: gallery.search(old)) == "other_key"
    assert gallery.search(new).reference_ids == ["R07"]
    gallery.compact()
    (segment,) = gallery._core.segments()
    key = int(police.encoder(block, "2").key_id, 16)
    assert segment.columns["keys"].tolist() == [key]
    assert gallery.search(new).reference_ids == ["R07"]


def test_as_many_periods_as_years_go_by(block: Parameters) -> None:
    """A gallery holds few keys at a time, and any number one after the other."""
    gallery = filled(block, "0")
    for period in range(1, 12):
        gallery.replace(NAMES, [encoded(block, i, str(period)) for i in range(N)])
    gallery.compact()
    assert gallery.search(encoded(block, 7, "11")).reference_ids == ["R07"]


def test_keys_have_other_numbers_in_other_segments(block: Parameters) -> None:
    """All persons keep their own pseudonyms, whichever segments are merged."""
    choices = [c for n in (1, 2) for c in combinations(PERIODS, n)]
    items = {f"M{i:02d}": encoded(block, i, *choices[i % len(choices)]) for i in range(36)}
    gallery = PoliceGallery(block)
    names = list(items)
    for begin in range(0, 36, 3):
        part = names[begin : begin + 3]
        gallery.enrol(part, [items[name] for name in part])
    assert {name: gallery[name] for name in gallery} == items
    gallery.erase(names[::5])
    gallery.compact()
    left = {name: item for name, item in items.items() if name not in names[::5]}
    assert {name: gallery[name] for name in gallery} == left
    for period in PERIODS:
        key = police.encoder(block, period).key_id
        having = [name for name, item in left.items() if item.under(key) is not None]
        for name in having:
            probe = encoded(block, int(name[1:]), period)
            answer = gallery.search(probe, eligible=Eligible(reference_ids=having))
            assert answer.reference_ids == [name]


def test_more_keys_than_a_gallery_holds(block: Parameters) -> None:
    gallery = PoliceGallery(block)
    many = [encoded(block, i, str(i)) for i in range(9)]
    assert refused(lambda: gallery.enrol(NAMES[:9], many)) == "too_many_keys"
    assert len(gallery) == 0
    assert gallery.enrol(NAMES[:8], many[:8]).enrolled == 8


def test_an_opened_gallery_has_no_encoder_until_it_is_given_one(
    block: Parameters, tmp_path: Path
) -> None:
    filled(block, "1").save(tmp_path / "register")
    with PoliceGallery.open(tmp_path / "register", mode="rw") as gallery:
        person = police.person(3)
        assert refused(lambda: gallery.search(person)) == "clear_text_names"
        assert refused(lambda: gallery.enrol(["new"], [person])) == "clear_text_names"
        assert gallery.search(encoded(block, 3, "1")).reference_ids == ["R03"]
        (other,) = (b for b in police.PSEUDONYMS.values() if b is not block)
        assert refused(lambda: gallery.set_encoder(police.encoder(other))) == "other_encoding"
        assert gallery.set_encoder(police.encoder(block)) is gallery
        assert gallery.search(person).reference_ids == ["R03"]
        assert gallery.enrol(["new"], [police.person(50)]).enrolled == 1
        assert gallery["new"] == encoded(block, 50, "1")
        # The encoder of the next period is one of the same block.
        gallery.set_encoder(police.encoder(block, "2"))
        assert refused(lambda: gallery.search(person)) == "other_key"
    with PoliceGallery.open(tmp_path / "register") as gallery:
        assert gallery.verify().passed
        assert refused(lambda: gallery.search(person)) == "clear_text_names"


def test_galleries_of_other_blocks_are_others(block: Parameters) -> None:
    gallery = filled(block, "1")
    (other,) = (b for b in police.PSEUDONYMS.values() if b is not block)
    strange = encoded(other, 3, "1")
    assert refused(lambda: gallery.search(strange)) == "other_encoding"
    assert refused(lambda: gallery.enrol(["new"], [strange])) == "other_encoding"
    assert refused(lambda: gallery.join(filled(other, "1"))) == "other_encoding"
    assert refused(lambda: PoliceGallery().search(strange)) == "other_encoding"
    persons: Any = EncodedPersons.of([strange])
    assert refused(lambda: gallery.enrol(["new"], persons)) == "other_encoding"


def test_many_at_once_are_the_same_as_one_by_one(block: Parameters) -> None:
    """The columns of an encoder, and its persons."""
    persons = [police.person(i, i % 3) for i in range(N)]
    many = police.encoder(block).encode(persons)
    one, other = PoliceGallery(block), PoliceGallery(block)
    one.enrol(NAMES, many)
    other.enrol(NAMES, list(many))
    in_clear = PoliceGallery(police.encoder(block))
    in_clear.enrol(NAMES, persons)
    columns = [_columns(gallery) for gallery in (one, other, in_clear)]
    assert columns[0] == columns[1] == columns[2]


def _columns(gallery: Gallery[Any]) -> dict[str, bytes]:
    (segment,) = gallery._core.segments()
    return {name: array.tobytes() for name, array in segment.columns.items()}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_query_between_states_has_two_elements(scheme: str) -> None:
    block = police.PSEUDONYMS[scheme]
    policy = {"field": PRUM_2024, "record": PRUM_2024_DICE}[scheme]
    encoder: Encoder = police.encoder(block)
    gallery = filled(block, "1")
    for person in (Person("Ana", gender="F"), Person(None, "Ruiz")):
        assert refused(lambda p=person: gallery.search(encoder.encode_one(p), policy=policy)) == (
            "too_few_elements"
        )
    gallery.search(encoder.encode_one(Person("Ana", "Ruiz")), policy=policy)
    gallery.search(encoder.encode_one(Person("Ana", birth_date="1984")), policy=policy)


def test_filters_of_another_length_are_refused(block: Parameters) -> None:
    gallery = PoliceGallery(block)
    many = police.encoder(block).encode([police.person(0)])
    short: Any = EncodedPersons(
        many.parameters,
        many.key_id,
        np.ascontiguousarray(many.filters[:, :64]),
        many.name_offsets,
        many.tokens,
        many.token_offsets,
        many.clear,
        many.has_first,
        many.has_family,
    )
    assert refused(lambda: gallery.enrol(["a"], short)) == "other_encoding"
    assert refused(lambda: gallery.enrol(["a"], [short[0]])) == "other_encoding"

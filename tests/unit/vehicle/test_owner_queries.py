"""Searches by holder or owner: identification of persons, results, and refusals."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import _native, vehicle
from prum_match.engine import category
from prum_match.errors import InvalidInput, PrumError, StorageError
from prum_match.values.dates import PartialDate
from prum_match.vehicle import Holder, OwnerQuery, Registration
from prum_match.vehicle import columns as layout
from prum_match.vehicle.registrations.owners import (
    Identity,
    fold_name,
    held,
    identity_of,
    owner_columns,
    owner_keys,
)

pytestmark = pytest.mark.native

NAME = ("Vermeer", "Johannes", "1632-10-31")
PAINTER = Holder("VERMEER", "Johannes", birth_date="1632-10-31")
WORDS = ("Vermeer", "Johannes", "1632", "ACME")
OPEN = (-(2**63), 2**63 - 1)


def refused(code: str, *given: Any, **named: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        OwnerQuery(*given, **named)
    assert caught.value.code == code
    assert not any(word in str(caught.value) for word in WORDS)
    return caught.value


def searched(
    query: OwnerQuery, *cars: Registration, policy: vehicle.Policy = vehicle.NATIONAL
) -> tuple[str, list[int]]:
    gallery = vehicle.Gallery()
    gallery.enrol([f"{i}" for i in range(len(cars))], cars)
    answer = gallery.search(query, policy=policy)
    grades = [vehicle.compare(query, car, policy=policy).grade for car in cars]
    assert sorted(answer.grades.tolist()) == sorted(g for g in grades if g is not None)
    return answer.status, answer.grades.tolist()


# --- what a query holds -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "family_name"),
        ({"first_name": "Johannes", "birth_date": "1632-10-31"}, "family_name"),
        ({"family_name": "Vermeer", "birth_date": "1632-10-31"}, "first_name"),
        ({"family_name": "Vermeer", "first_name": "Johannes"}, "birth_date"),
    ],
)
def test_a_natural_person_needs_all_three(given: dict[str, str], field: str) -> None:
    error = refused("incomplete_owner", **given)
    assert error.field == field
    assert "Art. 16(3)" in str(error)


@pytest.mark.parametrize("born", ["1632", "1632-10"])
def test_a_date_of_birth_is_complete(born: str) -> None:
    assert refused("incomplete_owner", *NAME[:2], born).field == "birth_date"


def test_other_invalid_values_are_refused() -> None:
    refused("bad_query", *NAME, legal_name="ACME")
    refused("bad_query", "Vermeer", legal_name="ACME")
    refused("bad_option", *NAME, role="driver")
    refused("bad_query", *NAME, role=None)
    refused("bad_date", *NAME[:2], "31.10.1632")
    refused("bad_moment", *NAME, at=datetime(2024, 5, 1))
    refused("unknown_country", *NAME, country="Atlantis")
    refused("bad_text", "Vermeer\n", *NAME[1:])
    assert refused("bad_text", "Vermeer", "-", NAME[2]).field == "first_name"
    assert refused("bad_text", legal_name="'\u00ad").field == "legal_name"
    refused("bad_text", legal_name="A" * 201)
    refused("bad_text", legal_name=7)


def test_a_query_is_normalised() -> None:
    query = OwnerQuery(*NAME[:2], date(1632, 10, 31), country="NL", at=date(2024, 5, 1))
    assert query == OwnerQuery(*NAME, country="NL", at=datetime(2024, 5, 1, tzinfo=UTC))
    assert hash(query) == hash(dataclasses.replace(query))
    assert query.birth_date == PartialDate(1632, 10, 31)
    assert query.roles == ("holder", "owner")
    assert not query.is_legal
    assert OwnerQuery(legal_name="ACME", role="owner", country="UK").country == "GB"


def test_a_name_is_in_no_repr() -> None:
    for query in (OwnerQuery(*NAME), OwnerQuery(legal_name="ACME")):
        texts = [repr(query), str(query), repr(vehicle.compare(query, Registration("NL", "A1")))]
        assert not any(word in text for text in texts for word in WORDS)


# --- how names are compared ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MULLER"),
        ("Müller", "Mu\u0308ller"),
        ("D'Angelo", "D\u2019ANGELO"),
        ("Anna-Maria", " anna  maria "),
        ("Straße", "STRASSE"),
        ("Søren Łódź", "SOREN LODZ"),
        ("İnönü", "INONU"),
        ("A.C.M.E. (Deutschland) GmbH & Co", "a c m e deutschland gmbh co"),
        ("\uff21\uff23\uff2d\uff25", "acme"),
        ("Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Mueller"),
        ("van der Berg", "Berg van der"),
        ("Anna Maria", "Anna"),
        ("Папа", "Papa"),
        ("कि", "का"),
        ("O", "0"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once
    assert once == " ".join(once.split())
    assert "\n" not in once


@pytest.mark.parametrize(
    ("holder", "is_legal"),
    [
        (Holder("ACME"), True),
        (Holder("ACME", legal_entity="company", id_number="7"), True),
        (Holder("ACME", legal_entity="Individual"), None),
        (Holder("ACME", gender="F"), None),
        (Holder("ACME", birth_date="1980-02-29"), None),
        (Holder("ACME", "A", birth_date="1980-02"), None),
        (Holder("ACME", "A"), None),
        (Holder("ACME", "?", birth_date="1980-02-29"), None),
        (Holder("...", "A", birth_date="1980-02-29"), None),
        (Holder(first_name="A", birth_date="1980-02-29"), None),
        (Holder("ACME", "A", birth_date="1980-02-29", legal_entity="company"), False),
        (Holder(), None),
    ],
)
def test_persons_with_complete_data_can_be_found(holder: Holder, is_legal: bool | None) -> None:
    """`is_legal` is None if identifying data are missing, so that no query finds the holder."""
    identity = identity_of(holder)
    assert (identity and not identity.first_name) == is_legal


# --- keys ---------------------------------------------------------------------------------------


def test_keys_tell_people_and_roles_apart() -> None:
    one, company = identity_of(PAINTER), identity_of(Holder("Vermeer"))
    assert one
    assert company
    asked: list[Any] = [(role, who) for role in ("holder", "owner") for who in (one, company)]
    keys = owner_keys(asked)
    assert keys.shape == (4, 24)
    assert keys.max() < 32
    assert len({key.tobytes() for key in keys}) == 4
    assert np.array_equal(keys, owner_keys(asked))
    assert owner_keys([]).shape == (0, 24)


def test_keys_are_those_of_earlier_galleries() -> None:
    """Keys are stored on disk, so a changed digest would find nobody."""
    (key,) = owner_keys([("holder", Identity("vermeer", "johannes", "1632-10-31"))])
    digest = hashlib.blake2b(b"holder\nvermeer\njohannes\n1632-10-31", digest_size=15).digest()
    written = "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[symbol] for symbol in key)
    assert written == base64.b32encode(digest).decode() == "IKK4LBR5VK5SMMBQIJPWQYAP"


def test_a_segment_of_an_earlier_version_gets_its_keys_from_the_details() -> None:
    cars = [
        Registration("NL", "A1", holders=[PAINTER, Holder("ACME")], owners=[PAINTER]),
        Registration("NL", "A2"),
        Registration("NL", "A3", make="DAF", valid_from=date(2020, 1, 1)),
        Registration("NL", "A4", owners=[Holder("ACME", end="2021")]),
    ]
    gallery = vehicle.Gallery()
    gallery.enrol(list("1234"), cars)
    (segment,) = gallery._core.segments()
    old = {n: c for n, c in segment.columns.items() if not n.startswith("owner.")}
    rows = np.array([3, 0, 2], np.uint32)
    found, known = layout.unseal(old, rows), layout.unseal(segment.columns, rows)
    assert found.keys() == known.keys()
    assert layout.seal(found)[1].keys() == layout.seal(known)[1].keys()
    for name, column in layout.seal(found)[1].items():
        assert np.array_equal(column, layout.seal(known)[1][name]), name
    old["details.bytes"] = np.full_like(old["details.bytes"], ord("{"))
    with pytest.raises(StorageError) as caught:
        layout.unseal(old, rows)
    assert caught.value.code == "damaged_segment"


# --- what is found ------------------------------------------------------------------------------


def test_roles() -> None:
    cars = [
        Registration("NL", "A1", holders=[PAINTER]),
        Registration("NL", "A2", owners=[PAINTER]),
        Registration("NL", "A3", holders=[PAINTER], owners=[PAINTER, PAINTER]),
        Registration("NL", "A4", holders=[Holder("Vermeer")]),
    ]
    gallery = vehicle.Gallery()
    gallery.enrol(list("1234"), cars)
    roles: dict[Any, list[str]] = {"holder": ["1", "3"], "owner": ["2", "3"]}
    roles["either"] = ["1", "2", "3"]
    for role, wanted in roles.items():
        answer = gallery.search(OwnerQuery(*NAME, role=role))
        assert answer.reference_ids == wanted
        assert answer.n_found == len(wanted)
    assert gallery.search(OwnerQuery(legal_name="vermeer")).reference_ids == ["4"]
    assert gallery.search(OwnerQuery(*NAME), limit=2).reference_ids == ["1", "2"]


def test_countries() -> None:
    cars = [Registration(country, "A1", holders=[PAINTER]) for country in ("NL", "DE")]
    assert searched(OwnerQuery(*NAME), *cars)[1] == [1, 1]
    assert searched(OwnerQuery(*NAME, country="D"), *cars)[1] == [1]
    assert searched(OwnerQuery(*NAME, country="FR"), *cars) == ("not_found", [])


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (date(2020, 2, 29), "not_registered_then"),
        (date(2020, 3, 1), "found"),
        (date(2021, 5, 31), "found"),
        (datetime(2021, 5, 31, 23, 59, 59, tzinfo=UTC), "found"),
        (date(2021, 6, 1), "not_registered_then"),
        (None, "not_registered_then"),
    ],
)
def test_a_former_owner_is_not_a_candidate(at: date | None, status: str) -> None:
    seller = dataclasses.replace(PAINTER, start="2020-03", end="2021-05")
    car = Registration("NL", "A1", valid_from=date(2019, 1, 1), owners=[seller])
    assert searched(OwnerQuery(*NAME, at=at), car)[0] == status


def test_the_registration_bounds_the_time_as_well() -> None:
    car = Registration(
        "NL", "A1", valid_from=date(2020, 3, 1), valid_to=date(2021, 3, 1), owners=[PAINTER]
    )
    assert searched(OwnerQuery(*NAME, at=date(2021, 2, 28)), car) == ("found", [1])
    assert searched(OwnerQuery(*NAME, at=date(2021, 3, 1)), car) == ("not_registered_then", [])


def test_a_person_who_bought_a_vehicle_back_has_both_times() -> None:
    times = [dataclasses.replace(PAINTER, start=y, end=y) for y in ("2018", "2020")]
    car = Registration("NL", "A1", owners=times)
    for year, status in ((2018, "found"), (2019, "not_registered_then"), (2020, "found")):
        assert searched(OwnerQuery(*NAME, at=date(year, 7, 1)), car)[0] == status


def test_current_data_without_history() -> None:
    car = Registration("NL", "A1", owners=[PAINTER])
    assert searched(OwnerQuery(*NAME, at=date(2020, 1, 1)), car) == ("current_data", [3])
    assert searched(OwnerQuery(*NAME), car) == ("found", [1])
    later = Registration("NL", "A1", valid_from=date(2021, 1, 1), owners=[PAINTER])
    current = vehicle.Policy(history="none")
    query = OwnerQuery(*NAME, at=date(2020, 1, 1))
    assert searched(query, later, policy=current) == ("current_data", [3])
    assert searched(query, later) == ("not_registered_then", [])


def test_times_of_registers() -> None:
    assert held(Holder("ACME"), OPEN) == OPEN
    for end in ("9999", "9999-12", "9999-12-31"):
        assert held(Holder("ACME", end=end), OPEN) == OPEN
    car = Registration("NL", "A1", owners=[Holder("ACME", start="0001", end="9999-12-30")])
    comparison = vehicle.compare(OwnerQuery(legal_name="ACME"), car)
    assert comparison.grade == 1
    assert "0001-01-01T00:00:00Z to 9999-12-31T00:00:00Z" in str(comparison)


def test_an_erased_or_filtered_vehicle_leaves_no_remark() -> None:
    gallery = vehicle.Gallery()
    old = Registration("NL", "A1", valid_to=date(2020, 1, 1), owners=[PAINTER])
    gallery.enrol(["1"], [old], labels=["x"])
    assert gallery.search(OwnerQuery(*NAME)).status == "not_registered_then"
    gallery.erase(["1"])
    assert gallery.search(OwnerQuery(*NAME)).status == "not_found"


def test_tables_have_no_owners_and_are_merged_with_those_that_do() -> None:
    import pyarrow as pa

    gallery = vehicle.Gallery()
    table = pa.table({"reference_id": ["1", "2"], "country": ["NL"] * 2, "plate": ["A1", "A2"]})
    gallery.enrol_table(table)
    assert gallery.search(OwnerQuery(*NAME)).status == "not_found"
    gallery.enrol(["3"], [Registration("NL", "A3", owners=[PAINTER])])
    gallery.enrol_table(table.set_column(0, "reference_id", pa.array(["4", "5"])))
    gallery.compact()
    assert len(gallery._core.segments()) == 1
    assert gallery.search(OwnerQuery(*NAME)).reference_ids == ["3"]


def test_explanations() -> None:
    car = Registration("NL", "A1", holders=[Holder("Bolnes", "Catharina")], owners=[PAINTER])
    assert str(vehicle.compare(OwnerQuery(*NAME), car)).splitlines()[2:] == [
        "  owner: same, all that identifies a person, names as folded "
        "[Vermeer, Johannes, 1632-10-31 / VERMEER, Johannes, 1632-10-31]",
        *str(vehicle.compare(OwnerQuery(*NAME), car)).splitlines()[3:],
    ]
    found = vehicle.compare(OwnerQuery(*NAME, role="holder"), car)
    assert found.grade is None
    assert found.findings[1].outcome == "differs"
    # Who is not meant is not shown.
    assert "Bolnes" not in str(found)
    nobody = vehicle.compare(OwnerQuery(legal_name="ACME"), Registration("NL", "A1"))
    assert nobody.findings[1].outcome == "missing"


# --- what the law allows ------------------------------------------------------------------------


def test_policies() -> None:
    query = OwnerQuery(*NAME)
    vehicle.check_query(query, vehicle.NATIONAL)
    vehicle.check_query(query, dataclasses.replace(vehicle.PRUM_2024, owner_search=True))
    gallery = vehicle.Gallery()
    for search in (gallery.search, lambda q, policy: gallery.search_many([q], policy=policy)):
        with pytest.raises(InvalidInput) as caught:
            search(query, policy=vehicle.PRUM_2024)
        assert caught.value.code == "owner_search_not_allowed"
        assert "Art. 16(2)(c)" in str(caught.value)
        assert not any(word in str(caught.value) for word in WORDS)


@pytest.mark.parametrize("subject", ["victim", "missing", "remains", "", "Suspect", "witness"])
def test_whom_a_query_by_owner_is_not_about(subject: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        vehicle.VEHICLE.wire.check_subject(OwnerQuery(*NAME), subject)
    assert caught.value.code == "subject_not_allowed"
    vehicle.VEHICLE.wire.check_subject(vehicle.ExactQuery("NL", "A1"), subject)
    with pytest.raises(InvalidInput) as caught:
        vehicle.check_owner_query(OwnerQuery(*NAME), subject=subject, allowed=True)
    assert caught.value.code == "subject_not_allowed"


@pytest.mark.parametrize("subject", ["suspect", "convicted"])
def test_whom_it_is_about(subject: str) -> None:
    vehicle.VEHICLE.wire.check_subject(OwnerQuery(*NAME), subject)
    vehicle.check_owner_query(OwnerQuery(*NAME), subject=subject, allowed=True)
    with pytest.raises(InvalidInput) as caught:
        vehicle.check_owner_query(OwnerQuery(*NAME), subject=subject, allowed=False)
    assert caught.value.code == "owner_search_not_allowed"


@pytest.mark.parametrize(
    ("query", "party"),
    [
        (vehicle.ExactQuery("GR", "ABP-1234"), "EL"),
        (vehicle.ExactQuery("EL", "ABP-1234"), "GR"),
        (vehicle.ExactQuery("UK", "AB12 CDE"), "GB"),
        (vehicle.ExactQuery("E", "1234 BCD"), "ES"),
        (vehicle.ExactQuery(vin="WVWZZZ1JZXW000001"), "AT"),
        (vehicle.ExactQuery("AT", vin="WVWZZZ1JZXW000001"), "AT"),
        (OwnerQuery(legal_name="ACME"), "AT"),
        (OwnerQuery(legal_name="ACME", country="A"), "AT"),
        (vehicle.PatternQuery("*", ["NL"]), "AT"),
    ],
)
def test_the_register_that_is_asked(query: Any, party: str) -> None:
    vehicle.check_party(query, party)


@pytest.mark.parametrize(
    "query",
    [
        vehicle.ExactQuery("DE", "B-AB 123"),
        vehicle.ExactQuery("DE", vin="WVWZZZ1JZXW000001"),
        vehicle.ExactQuery("XK", "01-123-AB"),
        OwnerQuery(legal_name="ACME", country="DE"),
    ],
)
@pytest.mark.parametrize("party", ["AT", "EUROPOL"])
def test_another_register(query: Any, party: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        vehicle.check_party(query, party)
    assert (caught.value.code, caught.value.field) == ("other_register", "party")
    assert "B-AB" not in str(caught.value)


def test_a_party_that_there_is_not() -> None:
    with pytest.raises(PrumError) as caught:
        vehicle.check_party(vehicle.ExactQuery("DE", "B-AB 123"), "XK")
    assert caught.value.code == "unknown_party"


def test_other_categories_accept_every_subject() -> None:
    import prum_match.dna

    dna = category("dna")
    dna.required_wire().check_subject(prum_match.dna.Profile({}), "victim")


# --- the native core ----------------------------------------------------------------------------


def test_a_key_of_another_width_is_refused() -> None:
    matcher = _native.VehicleMatcher()
    with pytest.raises(InvalidInput) as caught:
        matcher.add_owner(np.zeros((1, 20), np.uint8), 0, None, 0, True)
    assert caught.value.code == "bad_shape"


def test_unsealed_columns_of_no_rows() -> None:
    found = owner_columns([])
    assert found["owner.offsets"].tolist() == [0]
    assert found["owner.held"].shape == (0, 2)

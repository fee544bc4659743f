"""The encoder: contents of filters, refused persons, and secrecy of keys and names."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from oracles.police_record.tokens import tokens
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.gallery import Gallery
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoder import Encoder
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    NATIONAL_PARAMETERS,
    Parameters,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EVA = Person("Eva Maria", "Müller", birth_date="1984-02-11", birth_place="Graz", gender="F")


def key_of(period: str) -> bytes:
    return hashlib.sha256(period.encode()).digest()


def encoder(parameters: Parameters = LEGAL_PARAMETERS, period: str = "1") -> Encoder:
    return Encoder(parameters, key_of, period=period)


def dice(one: bytes, other: bytes) -> float:
    a, b = (int.from_bytes(f, "little") for f in (one, other))
    return 2 * (a & b).bit_count() / (a.bit_count() + b.bit_count())


def filter_of(person: Person, parameters: Parameters = LEGAL_PARAMETERS) -> bytes:
    return encoder(parameters).encode_one(person).pseudonyms[0].filters[0]


@pytest.mark.parametrize(
    ("parameters", "digest"),
    [
        (LEGAL_PARAMETERS, "adeb3f2451499c0d"),
        (NATIONAL_PARAMETERS, "682685a6191588b4"),
        (FIELD_PARAMETERS, "4ba3075586dfbcd0"),
    ],
)
def test_filters_that_others_have(parameters: Parameters, digest: str) -> None:
    """A change of these makes filters incompatible with other versions: raise ENCODER_VERSION."""
    assert hashlib.sha256(filter_of(EVA, parameters)).hexdigest()[:16] == digest


def test_clear_fields_are_kept() -> None:
    one = encoder().encode_one(EVA)
    assert (one.birth_date, one.gender, one.nationalities) == (EVA.birth_date, "F", ())
    assert one.parameters == LEGAL_PARAMETERS.fingerprint
    assert (one.has_first, one.has_family) == (True, True)
    halves = encoder().encode([Person("Eva"), Person(None, "Müller")])
    assert (halves.has_first.tolist(), halves.has_family.tolist()) == ([True, False], [False, True])


def test_a_place_that_is_not_encoded_is_reported() -> None:
    assert encoder().encode([EVA]).omitted == ("birth_place",)
    assert encoder(NATIONAL_PARAMETERS).encode([EVA]).omitted == ()
    assert encoder().encode([Person("Eva")]).omitted == ()


def test_an_alias_is_one_more_filter() -> None:
    both = encoder().encode_one(Person("Eva", "Brack", "Ada Gabler"))
    ada = encoder().encode_one(Person("Ada", "Gabler"))
    assert len(both.pseudonyms[0].filters) == 2
    assert both.pseudonyms[0].filters[1] == ada.pseudonyms[0].filters[0]


def test_an_own_name_that_is_not_known_is_empty() -> None:
    for parameters in (LEGAL_PARAMETERS, FIELD_PARAMETERS):
        one = encoder(parameters).encode_one(Person(aliases="Ada Gabler", birth_date="1984-02-11"))
        assert [any(f) for f in one.pseudonyms[0].filters] == [False, True]


def test_the_halves_of_a_filter_of_names() -> None:
    both = filter_of(Person("Eva", "Brack"), FIELD_PARAMETERS)
    assert filter_of(Person(None, "Brack"), FIELD_PARAMETERS) == both[:64] + bytes(64)
    assert filter_of(Person("Eva"), FIELD_PARAMETERS) == bytes(64) + both[64:]
    swapped = filter_of(Person("Brack", "Eva"), FIELD_PARAMETERS)
    assert swapped == both[64:] + both[:64]


@pytest.mark.parametrize("spelling", ["Mueller", "Muller", "MÜLLER", "Мюллер"])
def test_spellings_are_near_each_other(spelling: str) -> None:
    near = filter_of(Person("Eva Maria", spelling), FIELD_PARAMETERS)
    assert dice(near[:64], filter_of(EVA, FIELD_PARAMETERS)[:64]) >= FIELD_PARAMETERS.thresholds[1]
    assert dice(near[:64], filter_of(Person(None, "Nowak"), FIELD_PARAMETERS)[:64]) < 0.5


def test_day_and_month_exchanged_is_nearer_than_another_day() -> None:
    born = {
        day: filter_of(Person("Eva", "Brack", birth_date=day))
        for day in ("1984-03-12", "1984-12-03", "1990-07-21")
    }
    one, exchanged, other = born.values()
    assert 1 > dice(one, exchanged) > dice(one, other) + 0.1


@pytest.mark.parametrize("parameters", [LEGAL_PARAMETERS, FIELD_PARAMETERS])
def test_a_person_without_a_name_has_an_empty_filter(parameters: Parameters) -> None:
    many = encoder(parameters).encode([EVA, Person(birth_date="1984")])
    assert many.has_first.tolist() == many.has_family.tolist() == [True, False]
    assert many.filters.any(axis=1).tolist() == [True, False]
    gallery = Gallery(parameters)
    assert gallery.enrol(["1", "2"], many).notes == {"no own name": 1}
    assert gallery.enrol(["3"], [many[1]]).notes == {"no own name": 1}
    assert gallery.search(many[0]).reference_ids == ["1"]


@pytest.mark.parametrize("parameters", [LEGAL_PARAMETERS, FIELD_PARAMETERS])
def test_tables_in_clear_are_encoded(parameters: Parameters) -> None:
    rows = {"first_names": ["Eva", "Ida", "Bo"], "birth_date": ["1984-02-01", "1984-13-01", None]}
    table = pa.table({"reference_id": ["1", "2", "3"], "family_names": ["Ruiz"] * 3} | rows)
    gallery = Gallery(encoder(parameters))
    report = gallery.enrol_table(table, on_error="report")
    assert [(error.index, error.code) for error in report.refused] == [(1, "bad_date")]
    assert gallery.search(Person("Eva", "Ruiz", birth_date="1984-02-01")).reference_ids[0] == "1"
    with pytest.raises(InvalidInput) as error:
        Gallery(parameters).enrol_table(table)
    assert error.value.code == "no_tables"


def test_persons_that_cannot_be_encoded_are_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        encoder().encode([EVA, Person(gender="F")])
    assert (error.value.code, error.value.index) == ("no_name", 1)
    with pytest.raises(InvalidInput) as error:
        encoder().encode([EVA, "Eva"])  # type: ignore[list-item]
    assert (error.value.code, error.value.index) == ("not_a_person", 1)
    with pytest.raises(InvalidInput) as error:
        Encoder("legal", key_of)  # type: ignore[arg-type]
    assert error.value.code == "bad_parameters"


@pytest.mark.parametrize("parameters", [LEGAL_PARAMETERS, NATIONAL_PARAMETERS, FIELD_PARAMETERS])
def test_a_name_that_cannot_be_folded_is_reported_by_index(parameters: Parameters) -> None:
    persons = [Person("Eva", "Brack", ["Ada Brack"])] * 5000
    # A glottal stop has no spelling in A-Z.
    persons[4711] = Person("Eva", "Brack", ["Ada \u0294"])
    with pytest.raises(InvalidInput) as error:
        encoder(parameters).encode(persons)
    assert (error.value.code, error.value.index) == ("no_romanisation", 4711)
    assert "\u0294" not in str(error.value)


def test_a_place_that_cannot_be_folded_is_reported_when_encoded() -> None:
    persons = [Person("Eva", "Brack", ["Ada Brack"], birth_place="Graz")] * 2100
    persons[2077] = Person("Eva", "Brack", birth_place="\u0294")
    with pytest.raises(InvalidInput) as error:
        encoder(NATIONAL_PARAMETERS).encode(persons)
    assert (error.value.code, error.value.index) == ("no_romanisation", 2077)
    assert len(encoder().encode(persons)) == 2100


def test_tokens_are_keyed_and_as_many_as_in_clear() -> None:
    person = Person("Eva", "Brack", ["Ada Gabler"], birth_date="1984-02-11")
    one, other = (encoder(period=p).encode_one(person).pseudonyms[0].tokens for p in "12")
    assert len(one) == len(other) == len(tokens(person))
    assert not {*one} & {*other}


def test_batches_are_as_good_as_single_persons() -> None:
    persons = [
        Person(
            f"Eva{chr(97 + i % 26)}",
            f"Bra{chr(97 + i // 26 % 26)}ck",
            birth_date=f"{1940 + i % 60}",
        )
        for i in range(70_000)
    ]
    many = encoder().encode(persons)
    for i in (0, 1, 2047, 2048, 65_535, 65_536, 69_999):
        assert many[i] == encoder().encode_one(persons[i])


def test_no_persons_give_no_encodings() -> None:
    nobody = encoder().encode([])
    assert len(nobody) == 0
    assert nobody.filters.shape == (0, 128)
    assert (nobody.tokens.tolist(), nobody.token_offsets.tolist()) == ([], [0])


def test_every_process_makes_the_same() -> None:
    program = (
        "import hashlib\n"
        "from prum_match.police_record.pseudonyms.encoder import Encoder\n"
        "from prum_match.police_record.pseudonyms.parameters import LEGAL_PARAMETERS\n"
        "from prum_match.police_record.persons.person import Person\n"
        "secret = lambda period: hashlib.sha256(period.encode()).digest()\n"
        "one = Encoder(LEGAL_PARAMETERS, secret).encode_one(\n"
        "    Person('Eva Maria', 'Müller', birth_date='1984-02-11')).pseudonyms[0]\n"
        "print(hashlib.sha256(repr((one.filters, one.tokens)).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_closed_encoder() -> None:
    with encoder() as closed:
        closed.encode_one(EVA)
    with pytest.raises(PrumError) as error:
        closed.encode_one(EVA)
    assert error.value.code == "keys_closed"


def test_it_is_neither_pickled_nor_shown() -> None:
    one = encoder()
    one.encode_one(EVA)
    assert repr(one) == f"<Encoder: legal 1, key {one.key_id}>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(one)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
@pytest.mark.parametrize("parameters", [LEGAL_PARAMETERS, FIELD_PARAMETERS])
def test_several_threads_have_one_encoder(parameters: Parameters) -> None:
    names = [a + b + c for a in LETTERS[:8] for b in "AEIOU" for c in LETTERS]
    persons = [Person(one, other) for one, other in zip(names, names[::-1], strict=True)]
    expected = encoder(parameters).encode(persons)
    shared = encoder(parameters)

    def encode(start: int) -> int:
        for first in range(start, len(persons), 10):
            some = shared.encode(persons[first : first + 10])
            rows = slice(first, first + len(some))
            tokens = slice(*expected.token_offsets[[rows.start, rows.stop]])
            assert np.array_equal(some.filters, expected.filters[rows])
            assert np.array_equal(some.tokens, expected.tokens[tokens])
        return start

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(encode, range(4))) == [0, 1, 2, 3]


def test_a_child_encodes_though_a_thread_of_its_parent_did() -> None:
    program = """
import os
from prum_match.police_record import LEGAL_PARAMETERS, Encoder, Person

encoder = Encoder(LEGAL_PARAMETERS, lambda period: bytes(32))
eva = Person("Eva", "Gabler")
expected = encoder.encode_one(eva)
with encoder._turn:
    child = os.fork()
    if child == 0:
        os._exit(encoder.encode_one(eva) != expected)
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

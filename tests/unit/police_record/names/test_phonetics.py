"""The coarse key: what it does not hear, and what it does."""

from __future__ import annotations

import pytest

from oracles.police_record.phonetics import phonetic_key
from prum_match.police_record.names.folding import fold_name


@pytest.mark.parametrize(
    "names",
    [
        "MULLER MUELLER MIULLER MILLER MULER",
        "MEYER MAIER MAYR MAJER",
        "SCHMIDT SHMIT SMITH SCHMITT",
        "PHILIPP FILIP VILIP",
        "CHRISTOS KRISTOS HRISTOS",
        "SHTARBANOV SHCHIERBANOV SZCZERBANOW",
        "YIANNIS GIANNIS IOANNIS JANIS",
        "DJOKOVIC DOKOVIC DZOKOVIC",
        "KOWALSKI KOVALSKY COWALSKI",
        "NOVAK NOWACK",
        "FRITZ FRIZ FRITS",
        "MOHAMMED MUHAMMAD MOHAMED",
    ],
)
def test_one_sound(names: str) -> None:
    assert len({phonetic_key(name) for name in names.split()}) == 1


def test_other_sounds() -> None:
    names = ["MULLER", "NOVAK", "EVANS", "GARCIA", "ROSSI", "LARSEN", "DVORAK", "SILVA"]
    assert len({phonetic_key(name) for name in names}) == len(names)


def test_the_longest_part_counts() -> None:
    assert phonetic_key("GARCIA LOPEZ") == phonetic_key("GARCIA")
    assert phonetic_key("ANNA BELLA") == phonetic_key("BELLA")
    assert phonetic_key("ABBA BELL") == phonetic_key("ABBA")


@pytest.mark.parametrize(("form", "key"), [("", ""), ("A", "A"), ("H", "A"), ("3", "3")])
def test_short(form: str, key: str) -> None:
    assert phonetic_key(form) == key


@pytest.mark.parametrize("name", ["Müller", "Ødegård", "Мюллер", "Милошевић", "Ђоковић"])
def test_one_key_for_all_spellings(name: str) -> None:
    assert len({phonetic_key(form) for form in fold_name(name).forms}) == 1

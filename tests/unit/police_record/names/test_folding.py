# ruff: noqa: RUF001, RUF003
"""One person's name as two registers write it, in the languages of the Union and around it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import prum_match
from prum_match.police_record.names.folding import MAX_FORMS, capitals_of, fold_name, fold_place


def forms(name: str) -> set[str]:
    return set(fold_name(name).forms)


# Each pair is one person in two registers.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Христо Стоичков", "Hristo Stoichkov"),  # Bulgarian
        ("Щерю Цветков", "Shteryu Tsvetkov"),
        ("Đurđica Šimić", "Djurdjica Simic"),  # Croatian
        ("Jiří Dvořák", "JIRI DVORAK"),  # Czech
        ("Nováková", "Novák"),
        ("Søren Kjær", "Soeren Kjaer"),  # Danish
        ("Søren Kjær", "SOREN KJAER"),
        ("Åge", "Aage"),
        ("van der Meer", "Vandermeer"),  # Dutch
        ("van der Meer", "Meer, van der"),
        ("ĳssel", "IJssel"),
        ("O’Connor", "OConnor"),  # English
        ("McDonald", "MacDonald"),
        ("Õunapuu Jüri", "OUNAPUU JURI"),  # Estonian
        ("Hämäläinen", "Haemaelaeinen"),  # Finnish
        ("Hämäläinen", "Hamalainen"),
        ("Anne-Marie", "Annemarie"),  # French
        ("Lefèvre Noël", "LEFEVRE NOEL"),
        ("D'Estaing", "Destaing"),
        ("Müller", "MUELLER"),  # German
        ("Müller", "Muller"),
        ("MUELLER", "Muller"),
        ("Müller", "Мюллер"),
        ("MUELLER", "Мюллер"),
        ("Weiß", "WEISS"),
        ("Παπαδόπουλος Χρήστος", "Papadopoulos Christos"),  # Greek
        ("Χατζής", "Hatzis"),
        ("Nagy Ferenc", "Ferenc Nagy"),  # Hungarian
        ("Erdős", "ERDOS"),
        ("Ó Briain", "O'Briain"),  # Irish
        ("Ní Bhriain", "Ó Briain"),
        ("Nic Chárthaigh", "Mac Cárthaigh"),
        ("De Luca", "Deluca"),  # Italian
        ("Niccolò", "NICCOLO"),
        ("Bērziņš", "BERZINS"),  # Latvian
        ("Kazlauskienė", "Kazlauskas"),  # Lithuanian
        ("Stankevičiūtė", "Stankevičius"),
        ("Ħabib Żammit Għigo", "Habib Zammit Ghigo"),  # Maltese
        ("Łukasz Świątek", "LUKASZ SWIATEK"),  # Polish
        ("João da Conceição", "Joao Conceicao"),  # Portuguese
        ("Șerban Țuțea", "Şerban Ţuţea"),  # Romanian: comma and cedilla
        ("Ľubomír Ďurica", "Lubomir Durica"),  # Slovak
        ("Žiga Črnič", "Ziga Crnic"),  # Slovene
        ("García López", "López García"),  # Spanish
        ("García-López", "Garcia Lopez"),
        ("Muñoz de la Cruz", "Munoz Delacruz"),
        ("Muñoz", "MUNXXOZ"),
        ("Göran Åström", "Goeran Aastroem"),  # Swedish
        ("Þórður Guðmundsson", "Thordur Gudmundsson"),  # Icelandic
        ("Ødegård", "Oedegaard"),  # Norwegian
        ("Ђорђе Жарковић", "Đorđe Žarković"),  # Serbian
        ("Володимир", "Volodymyr"),  # Ukrainian
        ("İbrahim", "IBRAHIM"),  # Turkish
        ("Mohammed", "Muhammad"),  # Arabic
        ("Mohamed", "Muhammad"),
        ("Youssef", "Yusuf"),
        ("Al-Assad", "El Assad"),
        ("Abd al-Rahman", "Abdelrahman"),
        ("Abdul Rahman", "Abderrahmane"),
        ("Aïcha", "Aisha"),
    ],
)
def test_one_person_in_two_registers(one: str, other: str) -> None:
    assert forms(one) & forms(other)


# Different men, or names that no register exchanges.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jónsson", "Jónsdóttir"),
        ("Ivanova", "Ivan"),
        ("Petraitis", "Petrauskas"),
        ("Joe", "Jo"),
        ("Miguel", "Migul"),
        ("Mac Briain", "Ó Briain"),
        ("Hassan", "Hussein"),
        ("Marie", "Maria"),
        ("Anna", "Hannah"),
        ("Mucha", "Moussa"),
        ("Hamid", "Ahmed"),
        ("Petru", "Petra"),
    ],
)
def test_not_merged(one: str, other: str) -> None:
    assert not forms(one) & forms(other)


@pytest.mark.parametrize(
    "spellings",
    [
        "Mohammed Muhammad Mohamed Mohammad Mohamad Muhammed Muhamad",
        "Youssef Yusuf Yousef Yousuf Yousif Jusuf",
        "Hussein Hussain Husayn Hossein Huseyin Houssein",
        "Othman Osman Uthman Ousmane Otmane",
        "Djamel Jamal Gamal Djamal",
        "Suleiman Sulayman Soliman Slimane Suleyman Souleymane",
        "Abdullah Abdallah Abdellah Abdulla",
        "Abdelrahman Abdurrahman Abderrahmane Abdulrahman",
        "Rachid Rashid Rasheed",
        "Fatima Fatma Fatimah",
    ],
)
def test_spellings_of_arabic_names(spellings: str) -> None:
    assert set.intersection(*map(forms, spellings.split()))


@pytest.mark.parametrize(
    ("character", "capitals"),
    [
        *(("ß", "SS"), ("é", "É"), ("ю", "Ю"), ("ﬁ", "FI")),
        *(("’", "'"), ("´", "'"), ("-", "-"), (".", " "), ("\u200b", "")),
    ],
)
def test_every_character_has_its_capitals_or_is_a_gap(character: str, capitals: str) -> None:
    assert capitals_of(character) == capitals


def test_exact_keeps_script_and_diacritics() -> None:
    folded = fold_name("  LÓPEZ-García,  O'Neill ")
    assert folded.exact == "garcía lópez oneill"
    assert fold_name("Мюллер").exact == "мюллер"
    assert fold_name("Weiß").exact == fold_name("WEISS").exact == "weiss"
    assert fold_name("O´Neill").exact == fold_name("O’Neill").exact == "oneill"
    assert fold_name("Διονύσιος").exact == fold_name("ΔΙΟΝΎΣΙΟΣ").exact
    assert fold_name("ışık").exact == fold_name("IŞIK").exact


def test_the_plain_form_is_the_first() -> None:
    assert fold_name("Müller").forms == ("MULLER", "MUELLER")
    assert fold_name("von Müller").forms[:2] == ("MULLER", "MUELLER")


def test_a_name_of_only_particles_is_kept() -> None:
    assert fold_name("Le").forms == ("LE",)
    assert fold_name("De La").forms == ("DE LA", "DELA")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("P\u0430vel", "lookalikes of another script"),  # Cyrillic а in a Latin name
        ("Ив\u0061нов", "lookalikes of another script"),  # and the other way round
        ("Nov\u00adak", "invisible characters"),
        ("Ｎovak", "compatibility forms"),
        ("Novak (Jr)", "punctuation"),
        ("van Dam", "particles"),
        ("Nováková", "ending of a woman's name"),
        ("MUXXLLER", "NXX and UXX of machine-readable zones"),
        ("Łuk", "written in A-Z"),
    ],
)
def test_changes_are_listed(name: str, what: str) -> None:
    assert what in fold_name(name).changed


def test_lookalikes_become_the_other_letters() -> None:
    assert fold_name("P\u0430vel").forms == ("PAVEL",)
    assert fold_name("Ив\u0061нов").exact == "иванов"


def test_texts_without_letters_have_no_forms() -> None:
    assert fold_name("").forms == fold_name(" - ").forms == ()
    assert fold_name(" - ").changed == ("punctuation",)


def test_more_spellings_than_are_kept() -> None:
    folded = fold_name("Müller-Георгий Юлия")
    assert len(folded.forms) == MAX_FORMS
    assert f"spellings beyond {MAX_FORMS}" in folded.changed


def test_no_name_in_a_repr() -> None:
    assert repr(fold_name("Müller")) == "<Folded: 2 forms>"


def test_places() -> None:
    assert set(fold_place("München").forms) & set(fold_place("Muenchen").forms)
    assert set(fold_place("Den Haag").forms) & set(fold_place("Haag").forms)
    assert set(fold_place("София").forms) & set(fold_place("Sofia").forms)


def test_the_same_in_every_process() -> None:
    code = (
        "from prum_match.police_record.names.folding import fold_name; "
        "print(ascii(fold_name('Юлия Ó-Müller Ђ').forms))"
    )
    home = str(Path(prum_match.__file__).parents[1])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": home, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {ascii(fold_name("Юлия Ó-Müller Ђ").forms) + "\n"}

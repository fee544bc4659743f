# ruff: noqa: RUF001
"""Native spellings of any name equal those of the rule in Python."""

from __future__ import annotations

import unicodedata
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oracles.police_record.tokens import tokens
from prum_match._native import NameFolding
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.names.arabic import names_by_sounds
from prum_match.police_record.names.folding import PARTICLES, fold_name
from prum_match.police_record.names.spelled import _folding, spell
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.token_numbers import token_hashes
from prum_match.samples import persons
from prum_match.samples.persons.lexicon import lexicon

pytestmark = pytest.mark.native

# What rules are about: letters in pairs, endings, particles, prefixes, punctuation.
_PIECES = """
    A E I O U Y AE OE UE QUE GUE AUE Ä Ö Ü ä ö ü Å å Ø ø Æ Œ Đ đ Þ ß ẞ ı İ Ə Ł É š Č Ż ő ñ
    SH CH KH GH DH TH DJ PH PF Q C NE OU OO W WA EE AI EY YE H AH SCH TSCH SZCZ SHCH SHT DZ DZH
    TZ TS SZ ZS CZ ZH X XX NXX UXXL GI GIA RH HR MM LL NN B F K L M N R S T V Z
    MC MAC NIC NI UI MHIC ABD ABDUL ABDER OVÁ ČIENĖ ČIŪTĖ IENĖ AITĖ YTĖ UTĖ NOV KAZLAUSK
    VAN DER DE D L O AL EL BIN MOHAMED MOUHAMMED YOUSSEF DJAMEL ALI OSMAN UMAR RASHEED
    ' ’ ` - ‐ . , ; ( ) _ · 1 9 ² Я ия Юлия Γ Γιάννης Μπάυ ŉ ĳ ﬁ 王
"""
_INVISIBLE = ["a\u0301", "o\u0308", "\u00ad", "\u200b"]
PIECES = st.sampled_from([*_PIECES.split(), *_INVISIBLE, " ", "-", "'"])
ODD_NAMES = st.lists(PIECES, max_size=7).map("".join)
# What `arabic_sounds` hears as one.
_HEARD = {
    "S": ["S", "SH", "CH", "SS"],
    "K": ["K", "KH", "Q", "C"],
    "T": ["T", "TH"],
    "D": ["D", "DH"],
    "J": ["J", "DJ"],
    "F": ["F", "PH"],
    "U": ["U", "OU", "OO", "O", "W"],
    "I": ["I", "EE", "Y"],
    "A": ["A", "E", "AA"],
    "N": ["N", "NN", "NE"],
    "H": ["H", "HH"],
}
ARABIC = (
    st.sampled_from(sorted(names_by_sounds()))
    .flatmap(lambda name: st.tuples(*(st.sampled_from(_HEARD.get(c, [c])) for c in name)))
    .map("".join)
)
ARABIC |= st.builds(lambda name, end: name + end, ARABIC, st.sampled_from(["H", "AH", "WI", "WA"]))
LATIN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x24F)
    | st.characters(min_codepoint=0x1E00, max_codepoint=0x1EFF),
    max_size=12,
)


def forms_of(text: str) -> list[str] | str:
    try:
        return list(fold_name(text).forms)
    except PrumError as error:
        return error.code


def spelled(text: str) -> list[str] | str:
    try:
        return spell([(text,)], [0])[0]
    except PrumError as error:
        return error.code


@given(ARABIC)
@example("Fatimah")
@example("Marouan")
@example("Fouad")
def test_names_of_arabic_origin_equal_the_rule(text: str) -> None:
    assert spelled(text) == forms_of(text)


@given(ODD_NAMES | LATIN | st.text(max_size=10))
@example("Mhic Dhonnchadha")
@example("Nic Chárthaigh")
@example("Müller-Ørsted Đorđević")
@example("Kazlauskienė Ó Briain")
@example("MUELLER-QUEEN GUERRA")
@example("McDonald d'McArthur MC")
@example("D'-A 'T D''Arc")
@example("van der 'S-Gravesande-")
@example("I-N")
@example("Weiß İbrahim ışık")
def test_spellings_equal_the_rule(text: str) -> None:
    assert spelled(text) == forms_of(text)
    composed = unicodedata.normalize("NFKC", text)
    assert spelled(composed) == forms_of(composed)


@given(st.lists(ODD_NAMES, max_size=4))
def test_parts_are_one_space_apart(parts: list[str]) -> None:
    try:
        [found] = [spell([tuple(parts)], [0])[0]]
    except PrumError:
        return
    assert found == forms_of(" ".join(parts))


@given(ODD_NAMES, ODD_NAMES)
def test_tokens_equal_the_rule(first: str, family: str) -> None:
    try:
        person = Person(first, family, birth_date="1984-02-11")
        expected = sorted({crc32(token.encode()) for token in tokens(person)})
    except PrumError:
        return
    assert token_hashes([person])[0].tolist() == expected


@pytest.mark.slow
def test_all_names_of_the_languages_of_the_union() -> None:
    names = [(name,) for name in dict.fromkeys(lexicon().names)]
    found = spell(names, range(len(names)))
    for i, (name,) in enumerate(names):
        assert found[i] == list(fold_name(name).forms)


def test_particles_and_letters_equal_the_rule() -> None:
    letters = [chr(code) for code in (*range(0x20, 0x2100),)]
    for text in (
        *PARTICLES,
        *letters,
        *(f"A{c}B" for c in letters),
        *(f"{c}-{c}" for c in letters),
    ):
        assert spelled(text) == forms_of(text)


@pytest.mark.parametrize(
    "name",
    [
        "Anna",
        "Jürgen Müller",
        "Joerg",
        "van der Meer",
        "D’Angelo",
        "Łukasz Świątek",
        "Nováková",
        "Kazlauskienė",
        "Mohammed",
        "McDonald",
        "José-María",
        "Weiß",
        "Nguyễn Văn",
        "J. R.",
        "",
    ],
)
def test_names_in_latin_letters_are_spelled_without_python(name: str) -> None:
    assert _folding().fold([(name,)])[1] == []


def test_few_names_are_folded_in_python() -> None:
    names = [p.family_names for p in persons.population(5_000, seed=81)[:]]
    latin = [name for name in names if ord(max("".join(name))) < 0x370]
    assert len(latin) > 4_000
    assert len(_folding().fold(latin)[1]) < len(latin) / 200


def test_invalid_names_are_refused() -> None:
    with pytest.raises(TypeError):
        _folding().fold([("Eva", 1)])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        _folding().fold(["Eva"])  # type: ignore[list-item]
    found = spell([("Eva",)], [0])
    for index in (1, 2**40):
        with pytest.raises(IndexError):
            found[index]
        with pytest.raises(IndexError):
            found.put(index, ["EVA"])


@pytest.mark.parametrize(
    ("capitals", "spellings"),
    [
        ([("a", "AAA")], []),
        ([("é", "É")], []),
        ([("é", "É")], [("É", ("EEE", "E"))]),
        ([("a", "\uffff")], []),
    ],
)
def test_mismatched_tables_are_refused(
    capitals: list[tuple[str, str]], spellings: list[tuple[str, tuple[str, str]]]
) -> None:
    with pytest.raises(InvalidInput) as error:
        NameFolding(capitals, spellings, [], [], {}, 8)
    assert error.value.code == "bad_shape"

# ruff: noqa: RUF001
"""Letters to A-Z, against the tables of the standards."""

from __future__ import annotations

import sys

import pytest

from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.names.romanisation import latin_spellings, romanise

# Doc 9303-3 (eighth edition), section 6, table A.
LATIN = """
À A|Á A|Â A|Ã A|Ä AE A|Å AA A|Æ AE|Ç C|È E|É E|Ê E|Ë E|Ì I|Í I|Î I|Ï I|Ð D|Ñ N NXX|Ò O|Ó O|Ô O|Õ O
Ö OE O|Ø OE|Ù U|Ú U|Û U|Ü UE UXX U|Ý Y|Þ TH|Ā A|Ă A|Ą A|Ć C|Ĉ C|Ċ C|Č C|Ď D|Đ D|Ē E|Ĕ E|Ė E|Ę E|Ě E
Ĝ G|Ğ G|Ġ G|Ģ G|Ĥ H|Ħ H|Ĩ I|Ī I|Ĭ I|Į I|İ I|ı I|Ĳ IJ|Ĵ J|Ķ K|Ĺ L|Ļ L|Ľ L|Ŀ L|Ł L|Ń N|Ņ N|Ň N|Ŋ N
Ō O|Ŏ O|Ő O|Œ OE|Ŕ R|Ŗ R|Ř R|Ś S|Ŝ S|Ş S|Š S|Ţ T|Ť T|Ŧ T|Ũ U|Ū U|Ŭ U|Ů U|Ű U|Ų U|Ŵ W|Ŷ Y|Ÿ Y|Ź Z
Ż Z|Ž Z|ẞ SS
"""
# Table B, the value for all languages. 0402 is printed with the letter of 040B; both are here.
CYRILLIC = """
Ё E|Ђ D|Є IE|Ѕ DZ|І I|Ї I|Ј J|Љ LJ|Њ NJ|Ќ K|Ў U|Џ DZ|А A|Б B|В V|Г G|Д D|Е E|Ж ZH|З Z|И I|Й I|К K
Л L|М M|Н N|О O|П P|Р R|С S|Т T|У U|Ф F|Х KH|Ц TS|Ч CH|Ш SH|Щ SHCH|Ъ IE|Ы Y|Э E|Ю IU|Я IA|Ѫ U|Ѵ Y
Ґ G
"""


def rows(table: str) -> list[tuple[str, list[str]]]:
    return [(row.split()[0], row.split()[1:]) for line in table.split("\n") for row in line.split("|") if row]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(("letter", "written"), rows(LATIN))
def test_icao_latin(letter: str, written: list[str]) -> None:
    forms = fold_name(f"Xb{letter}bo").forms
    for spelling in written:
        # What a machine-readable zone says is read as the letter.
        assert set(fold_name(f"XB{spelling}BO").forms) & set(forms)


@pytest.mark.parametrize(("letter", "written"), rows(CYRILLIC))
def test_icao_cyrillic(letter: str, written: list[str]) -> None:
    assert f"D{written[0]}D" in romanise(f"Д{letter}Д")


# Transliteration Act 2009, Art. 4 and 5 with its examples.
@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Щърбанов", "SHTARBANOV"),
        ("Юлия", "YULIA"),
        ("Илиян", "ILIYAN"),
        ("Кърджали", "KARDZHALI"),
        ("Христо", "HRISTO"),
        ("Горна Оряховица", "GORNA ORYAHOVITSA"),
        ("Йорданова", "YORDANOVA"),
        ("Жельо", "ZHELYO"),
    ],
)
def test_bulgarian_law_comes_first(name: str, latin: str) -> None:
    assert fold_name(name).forms[0] == latin


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Юлия", "IULIIA"),
        ("Милошевић", "MILOSEVIC"),
        ("Ђоковић", "DJOKOVIC"),
        ("Ђоковић", "DOKOVIC"),
        ("Ѓорѓи", "GJORGJI"),
        ("Ќосев", "KJOSEV"),
        ("Юрій", "YURII"),
        ("Олександр", "OLEKSANDR"),
        ("Згурський", "ZGHURSKYI"),
        ("Достоевский", "DOSTOEVSKY"),
        ("Достоевский", "DOSTOEVSKII"),
        ("Горбачёв", "GORBACHEV"),
        ("Васіль Быкаў", "BYKAU VASIL"),
        ("Цветан", "CVETAN"),
    ],
)
def test_other_cyrillic_registers(name: str, latin: str) -> None:
    assert latin in fold_name(name).forms


# ELOT 743, as in resolution V/19 of the United Nations: the first spelling.
@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Χριστόφιας", "CHRISTOFIAS"),
        ("Ευάγγελος", "EVANGELOS"),
        ("Ευτυχία", "EFTYCHIA"),
        ("Παύλος", "PAVLOS"),
        ("Σταύρος", "STAVROS"),
        ("Παπαδοπούλου", "PAPADOPOULOU"),
        ("Μπακογιάννη", "BAKOGIANNI"),
        ("Λάμπρος", "LAMPROS"),
        ("Αγγελική", "ANGELIKI"),
        ("Μελαχροινός", "MELACHROINOS"),
        ("Ψαράς", "PSARAS"),
        ("Ραφαήλ", "RAFAIL"),
        ("Μαΐου", "MAIOU"),
        ("Ντίνος", "NTINOS"),
        ("Ξάνθη", "XANTHI"),
    ],
)
def test_elot_743_comes_first(name: str, latin: str) -> None:
    assert fold_name(name).forms[0] == latin
    # Capitals carry no accents.
    assert fold_name("".join(c for c in name.upper() if c != "Ϊ")).forms


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Χριστόφιας", "CHRISTOPHIAS"),
        ("Χατζής", "HATZIS"),
        ("Παύλος", "PAULOS"),
        ("Ευγενία", "EUGENIA"),
        ("Γιάννης", "YIANNIS"),
        ("Ντίνος", "DINOS"),
        ("Διονύσιος", "DIONISIOS"),
    ],
)
def test_older_greek_spellings(name: str, latin: str) -> None:
    assert latin in fold_name(name).forms


@pytest.mark.parametrize(
    ("letter", "spellings"),
    [
        *(("Ø", ("O", "OE")), ("É", ("E", "E")), ("ẞ", ("SS", "SS"))),
        *(("Я", None), ("Σ", None), ("-", None)),
    ],
)
def test_a_latin_letter_has_a_plain_and_an_expanded_spelling(
    letter: str, spellings: tuple[str, str] | None
) -> None:
    assert latin_spellings(letter) == spellings


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("MÜLLER-ØRSTED", ("MULLER-ORSTED", "MUELLER-OERSTED")),
        ("МЮЛЛЕР", ("MYULLER", "MIULLER", "MULLER")),
        ("ΧΑΤΖΗΣ", ("CHATZIS", "HATZIS")),
    ],
)
def test_the_plain_spelling_comes_first(name: str, written: tuple[str, ...]) -> None:
    assert romanise(name) == written


def test_a_stress_keeps_two_greek_vowels_apart() -> None:
    assert romanise("ΆΥΛΟΣ")[0] == "AYLOS"
    assert romanise("ΑΎΛΟΣ")[0] == "AVLOS"
    # Nothing begins behind an accent.
    assert romanise("ΒΑΛΆΝΤΗΣ") == ("VALANTIS",)


def test_a_scheme_is_kept_throughout_a_name() -> None:
    assert romanise("ЮЛИЯ ЮЛИЯ") == tuple(f"{name} {name}" for name in romanise("ЮЛИЯ"))


def test_scripts_mixed_in_one_name() -> None:
    assert romanise("MÜLLER МИЛОШ") == (
        "MULLER MILOSH", "MULLER MILOS", "MULLER MYLOSH",
        "MUELLER MILOSH", "MUELLER MILOS", "MUELLER MYLOSH",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ნინო", "NINO"),
        ("Արամ", "ARAM"),
        ("דוד", "DVD"),
        ("محمد", "MUHAMAD"),
        ("محـمد", "MHMD"),
        ("عمر", "UMAR"),
        ("王", "WANG"),
        ("Қасым", "QASYM"),
    ],
)
def test_other_scripts(name: str, form: str) -> None:
    pytest.importorskip("anyascii")
    assert form in fold_name(name).forms


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anyascii", None)
    with pytest.raises(PrumError) as caught:
        romanise("ჟ")
    assert (caught.value.code, caught.value.field) == ("missing_extra", "names")
    assert romanise("ΖÄЖ")


@pytest.mark.parametrize("name", ["\u0787", "Ana \u0787", "ء"])
def test_no_letter_is_lost(name: str) -> None:
    pytest.importorskip("anyascii")
    with pytest.raises(InvalidInput) as caught:
        fold_name(name)
    assert caught.value.code == "no_romanisation"
    assert name not in str(caught.value)
    assert str(caught.value.value) in name

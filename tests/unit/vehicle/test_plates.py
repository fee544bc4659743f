# ruff: noqa: RUF001
from __future__ import annotations

import pytest

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code
from prum_match.vehicle.encoding import codes_of, spelling_bits, spelling_of
from prum_match.vehicle.numbers import syntax
from prum_match.vehicle.numbers.alphabet import MAX_PLATE, SYMBOLS
from prum_match.vehicle.numbers.folding import fold, folded_character
from prum_match.vehicle.numbers.plates import normalise_plate

LOWER, LOOKS, ACCENTS = "lower case", "Cyrillic or Greek lookalikes", "diacritics"
INVISIBLE, OTHER, MORE = "invisible characters", "other separators", "superfluous separators"
FORMS = "compatibility forms"


def refusal(country, text) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        normalise_plate(country, text)
    assert caught.value.value == text
    return caught.value


@pytest.mark.parametrize(
    ("text", "spelling", "changed"),
    [
        ("B-AB 123", "B-AB 123", ()),
        ("F1", "F1", ()),
        ("b-ab 123", "B-AB 123", (LOWER,)),
        ("  B AB  123 ", "B AB 123", (MORE,)),
        ("AB - 12", "AB-12", (MORE,)),
        ("AB .-12", "AB.12", (MORE,)),
        ("-.AB-", "AB", (MORE,)),
        ("AB\u00a012\u2003C", "AB 12 C", (FORMS,)),
        ("AB\u168012", "AB 12", (OTHER,)),
        ("AB–12—C−D", "AB-12-C-D", (OTHER,)),
        ("AB·12•C", "AB.12.C", (OTHER,)),
        ("AB/12:C_D|E", "AB-12-C-D-E", (OTHER,)),
        ("W●12345A", "W-12345A", (OTHER,)),
        ("AB\n123", "AB 123", (OTHER,)),
        ("TÖL-BA218", "TÖL-BA218", ()),
        ("töl-ba218", "TÖL-BA218", (LOWER,)),
        ("TO\u0308L", "TÖL", ()),
        ("ŠI Đ Å Ñ Ő", "ŠI Đ Å Ñ Ő", ()),
        ("ŘŤ Ë", "RT E", (ACCENTS,)),
        ("Ǟ1", "Ä1", (ACCENTS,)),
        ("Ä\u03021", "Ä1", (ACCENTS,)),
        ("Ħ1", "H1", (ACCENTS,)),
        ("İ1", "I1", (ACCENTS,)),
        ("ı1", "I1", (LOWER,)),
        ("ſ1", "S1", (FORMS, LOWER)),
        ("СВ 0000 НР", "CB 0000 HP", (LOOKS,)),
        ("св 0000 нр", "CB 0000 HP", (LOWER, LOOKS)),
        ("ΑΒΕ-1234", "ABE-1234", (LOOKS,)),
        ("Έ1", "E1", (ACCENTS, LOOKS)),
        ("ＡＢ１２", "AB12", (FORMS,)),
        ("\u200eA\u200fB\u202e1\u200d2\ufeff\xad", "AB12", (INVISIBLE,)),
        ("A\ufe0f1", "A1", (INVISIBLE,)),
    ],
)
def test_spelling_and_changes(text, spelling, changed):
    key = normalise_plate(None, text)
    assert (key.spelling, key.changed) == (spelling, changed)
    assert key.compact == "".join(c for c in spelling if c not in " -.")
    again = normalise_plate(None, key.spelling)
    assert (again.spelling, again.changed) == (spelling, ())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "-",
            "\u200f",
            "\u0308",
            "A\x00",
            "\x00",
            "😀1",
            "A😀",
            "1\ufe0f\u20e3",
            "ß1",
            "ẞ1",
        ),
        *("Ж1", "жд 123", "ΔΣ123", "Ω1", "Й1", "٣", "A,1", "A'1", "A(1)", "A#1", "漢1", "Œ1", "Ŋ1"),
        *("1\u0308", "-\u0308A", "A\u03361", "A\x1f1", "\u0600A", "🇩🇪1", "\ud800", "A" * 17),
        *("A" * 10_240, "\u200f" * 10_240, "A\u0300" * 5_000, None, 123, b"AB1", ["AB1"]),
    ],
    ids=lambda text: repr(text)[:24],
)
def test_hostile_text_is_refused(text):
    error = refusal("DE", text)
    assert (error.code, error.field) == ("bad_plate", "plate")


def test_the_text_of_an_error_never_holds_the_plate():
    assert "SECRET" not in str(refusal("DE", "SECRET'1"))
    assert "SECRET" not in repr(refusal("DE", "SECRET*"))
    assert "QQX" not in str(refusal_of_country("QQX"))


def refusal_of_country(country) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        normalise_plate(country, "AB 123")
    return caught.value


@pytest.mark.parametrize("text", ["AB?12", "AB*", "[AB]12", "AB]", "？1", "＊1"])
def test_wildcards_are_an_incomplete_key(text):
    error = refusal("DE", text)
    assert error.code == "incomplete_key"
    assert "Art. 16(2)(b)" in error.rule


@pytest.mark.parametrize("country", ["QQ", "", "ß", 49, "de "])
def test_an_unknown_country(country):
    assert refusal_of_country(country).code == "unknown_country"


def test_countries_are_read_as_elsewhere():
    assert [normalise_plate(c, "AB 1").country for c in ("D", "E", "UK", "EL", "ie", None)] == [
        "DE",
        "ES",
        "GB",
        "GR",
        "IE",
        None,
    ]


def test_as_long_as_a_plate_can_be():
    assert normalise_plate(None, "A" * MAX_PLATE).compact == "A" * MAX_PLATE
    assert normalise_plate(None, " ".join("A" * MAX_PLATE)).split == tuple(range(1, MAX_PLATE))


def test_every_symbol_but_the_slash_stays():
    for symbol in SYMBOLS.replace("/", ""):
        assert normalise_plate(None, symbol).compact == symbol
        assert normalise_plate(None, symbol.lower()).compact == symbol


def test_any_single_character_is_a_symbol_or_refused():
    kept = 0
    for text in map(chr, range(0x20000)):
        try:
            key = normalise_plate(None, text + "1")
        except InvalidInput:
            continue
        assert set(key.compact) <= set(SYMBOLS) - {"/"}
        assert key.compact.endswith("1")
        kept += 1
    # Letters of Latin, Cyrillic and Greek, compatibility forms, separators, invisible characters.
    assert 1_000 < kept < 3_000


@pytest.mark.parametrize(
    ("country", "text", "district"),
    [
        ("DE", "B-AB 123", 1),
        ("DE", "BA-B 123", 2),
        ("DE", "BAB 123", 0),
        ("DE", "BAB123", 0),
        ("DE", "TÖL BA 218", 3),
        ("DE", "TOEL-BA 218", 4),
        ("DE", "B-1234", 0),
        ("DE", "0-17-5", 0),
        ("DE", "1-AB", 0),
        ("AT", "S-DXN1", 1),
        ("AT", "W-12345A", 0),
        ("SK", "B-AB 123", 0),
        (None, "B-AB 123", 0),
    ],
)
def test_district(country, text, district):
    assert normalise_plate(country, text).district == district


@pytest.mark.parametrize(
    ("country", "text", "flags"),
    [
        ("DE", "B-AB 123", {"standard"}),
        ("DE", "B-AB 12H", {"historic"}),
        ("DE", "B-AB 12E", {"electric"}),
        ("DE", "B-06123", {"dealer"}),
        ("DE", "B-04123", {"temporary"}),
        ("DE", "B-123A", {"temporary"}),
        ("DE", "Y-123456", {"military", "authority"}),
        ("DE", "0-17-5", {"diplomatic"}),
        ("DE", "BABC-D 1", set()),
        ("FR", "WW-123-AB", {"standard", "temporary"}),
        ("FR", "W-123-AB", {"dealer"}),
        ("FR", "123 AB 2A", {"former"}),
        ("GB", "123 D 456", {"diplomatic"}),
        ("IE", "131-D-12345", {"standard"}),
        ("FR", "AO-123-CD", set()),
        ("US", "ABC 123", set()),
        (None, "ABC 123", set()),
    ],
)
def test_flags(country, text, flags):
    key = normalise_plate(country, text)
    assert key.flags == flags
    assert key.valid is (bool(flags) if country in ("DE", "FR", "GB", "IE") else None)


@pytest.mark.parametrize(
    ("country", "text", "repair"),
    [
        ("CZ", "4BO 4979", "4B04979"),
        ("DE", "B-AB I23", "BAB123"),
        ("DE", "BAB I23", None),  # fits: BAB-I 23
        ("DE", "B-AB 123", None),
        ("IT", "AB I23 CD", "AB123CD"),
        ("IT", "AB IO3 CD", "AB103CD"),
        ("NL", "GB-OQ1-B", "GB001B"),
        ("FR", "A8-123-CD", None),
        ("SI", "LJ 1", None),
        ("US", "ABC 12O", None),
        (None, "ABC 12O", None),
        ("LT", "OOOOOO", "OOO000"),
        ("BE", "OOOOOO", None),  # OOO000 or 000OOO
        ("GB", "OOOOOOOOOOOOOOOO", None),
        ("ES", "OOOO" + "BBB", "0000BBB"),
        ("AT", "W-I2345", None),  # fits: a custom plate
    ],
)
def test_repair(country, text, repair):
    assert normalise_plate(country, text).repair == repair


@pytest.mark.parametrize(
    ("country", "text", "alternatives"),
    [
        ("DE", "TÖL-BA 218", "TOELBA218 TOLBA218 TOELBA218H TOLBA218H TOELBA218E TOLBA218E"
         " TÖLBA218H TÖLBA218E"),
        ("DE", "TOLBA218E", "TÖLBA218E TOELBA218E TÖLBA218 TOELBA218 TOLBA218"),
        ("DE", "BO-AB 1H", "BOAB1"),
        ("DE", "BÖ-AB 1H", "BOEAB1H BOEAB1 BÖAB1"),
        ("DE", "COE-A 1H", "COEA1"),
        ("DE", "MU-ABC", "MÜABC MUEABC"),
        ("DE", "B-1234A", ""),
        ("DE", "M-UE 12H", "MUE12"),
        ("GR", "ABR-1234", "ABP1234"),
        ("GR", "ABP-1234", ""),
        ("AT", "TÖL-BA1", ""),
        ("BG", "CB 0000 HP", ""),
        (None, "TÖL-BA 218", ""),
    ],
)  # fmt: skip
def test_national_readings(country, text, alternatives):
    key = normalise_plate(country, text)
    assert key.alternatives == tuple(alternatives.split())
    assert key.compact not in key.alternatives
    assert len(set(key.alternatives)) == len(key.alternatives)


def test_readings_know_their_district():
    readings = {key.compact: key.district for key in normalise_plate("DE", "MUE-AB 12H").readings}
    assert readings == {"MÜAB12H": 2, "MUAB12H": 2, "MÜAB12": 2, "MUAB12": 2, "MUEAB12": 3}
    assert {key.district for key in normalise_plate("DE", "MUEAB12").readings} == {0}


@pytest.mark.parametrize(
    ("country", "text", "spelled"),
    [
        ("DE", "B AB123", "B-AB 123"),
        ("DE", "BAB123", "BAB123"),  # B-AB or BA-B
        ("DE", "MYRS9999", "MY-RS 9999"),
        ("DE", "OFPS309E", "OF-PS 309E"),
        ("AT", "W12345A", "W-12345A"),
        ("AT", "SDXN1", "SDXN1"),  # S-DXN 1 or SD-XN 1
        ("AT", "S DXN1", "S-DXN1"),
        ("FR", "ab 123 cd", "AB-123-CD"),
        ("NL", "12bdfg", "12-BD-FG"),
        ("NL", "1BDF23", "1-BDF-23"),
        ("IT", "AB123CD", "AB 123 CD"),
        ("IE", "131D12345", "131-D-12345"),
        ("HR", "ŠI123AB", "ŠI 123-AB"),
        ("PL", "WA56660", "WA 56660"),
        ("PL", "WPR1234A", "WPR 1234A"),
        ("PL", "WPR1234", "WPR1234"),  # WP R1234 or WPR 1234
        ("US", "AB-123", "AB-123"),
        (None, "AB-123", "AB-123"),
    ],
)
def test_spelled(country, text, spelled):
    assert normalise_plate(country, text).spelled() == spelled


def test_spelled_for_another_country():
    assert normalise_plate(None, "AB123CD").spelled("F") == "AB-123-CD"
    assert normalise_plate("IT", "AB123CD").spelled("FR") == "AB-123-CD"


STATES = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO"


def test_the_table_of_forms_is_complete_and_every_row_has_a_source():
    rows = [(country, form) for country in syntax._table() for form in syntax.forms(country)]
    assert list(syntax._table()) == [*STATES.split(), "SE", "SI", "SK"]
    assert all(country_code(country, "iso") == country and form.source for country, form in rows)
    assert {form.form for _, form in rows} == {
        *("standard", "former", "custom", "historic", "electric", "temporary", "dealer"),
        *("diplomatic", "authority", "military", "moped", "special"),
    }
    for _, form in rows:
        groups = {int(c) for c in form.spelling if c.isdigit()}
        assert groups == set(range(1, max(groups, default=0) + 1))
        assert not groups or max(groups) == form.pattern.groups


def test_a_plate_may_fit_several_forms_of_its_country():
    assert [form.form for form in syntax.forms("LI")] == ["standard", "dealer"]
    assert [*syntax.forms("US"), *syntax.forms(None)] == []
    assert [form.form for form, _ in syntax.fitting("DE", "B-AB123H")] == ["historic"]


def test_every_country_has_a_standard_form():
    for country in syntax._table():
        assert any(form.form == "standard" for form in syntax.forms(country))


def test_districts():
    known = syntax.districts()
    assert {"B", "M", "TÖL", "MÜ", "AÖ", "ÖHR", "COE", "OE", "UE", "UEM", "AE"} <= known
    assert all(1 <= len(name) <= 3 and name.isupper() for name in known)
    assert not any("TEST" in name for name in known)
    assert {"SÄK", "ÜB"} <= known
    assert len(known) == 699


def test_symbols_have_the_codes_of_their_places_in_the_alphabet() -> None:
    assert list(codes_of("A1")) == [10, 1]
    assert list(codes_of(SYMBOLS)) == list(range(len(SYMBOLS)))


@pytest.mark.parametrize("spelling", ["B-AB 123", "BAB123", "A", "A.B C-D", "1" + "-1" * 15])
def test_a_spelling_is_kept_as_two_bits_a_gap(spelling: str) -> None:
    compact = "".join(c for c in spelling if c not in " -.")
    assert spelling_of(compact, spelling_bits(spelling)) == spelling
    assert spelling_bits("B-AB 123") == 0b010010


def test_folding_lists_changes_and_refuses_unknown_characters() -> None:
    assert fold("tölz/1 ") == ("TÖLZ-1 ", ("lower case", "other separators"))
    assert fold("tölz/1 ", slash=True) == ("TÖLZ/1 ", ("lower case",))
    assert fold("ß1") is None
    assert folded_character("ř") == ("R", ("lower case", "diacritics"))
    assert folded_character("ж") == (None, ())

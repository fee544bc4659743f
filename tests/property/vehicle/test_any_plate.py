# ruff: noqa: RUF001
"""Laws of normalisation for any text given as registration or chassis number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prum_match.errors import InvalidInput
from prum_match.values.text import clean
from prum_match.vehicle.numbers import syntax
from prum_match.vehicle.numbers.alphabet import MAX_PLATE, MAX_VIN, SYMBOLS
from prum_match.vehicle.numbers.plates import PlateKey, normalise_plate
from prum_match.vehicle.numbers.vin import normalise_vin
from support.examples import examples

T = TypeVar("T")

rules = settings(deadline=None, max_examples=examples(300))

STATES = sorted(syntax._table())
PLATE_SYMBOLS = SYMBOLS.replace("/", "")
HOSTILE = "\u200d\u200f\ufeff\xad\x00😀ßıİ\u0308\u0336СВНРΑΒЖΔ٣Ａ１·–•/:_?*[]\t\n" + PLATE_SYMBOLS

countries = st.none() | st.sampled_from([*STATES, "US", "UK", "D"])
texts = st.text() | st.text(HOSTILE, max_size=24) | st.text(PLATE_SYMBOLS + " -.", max_size=20)


@st.composite
def written(draw: st.DrawFn, alphabet: str = PLATE_SYMBOLS) -> tuple[str, str]:
    """Draw a key with one of its spellings: symbols with at most one separator between two."""
    symbols = draw(st.text(alphabet, min_size=1, max_size=MAX_PLATE))
    gaps = draw(st.lists(st.sampled_from(["", "", " ", "-", "."]), min_size=16, max_size=16))
    rest = (gap + symbol for gap, symbol in zip(gaps, symbols[1:], strict=False))
    return symbols, symbols[0] + "".join(rest)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a country, and a key of one of its forms."""
    country = draw(st.sampled_from(STATES))
    form = draw(st.sampled_from(syntax.forms(country)))
    text = draw(
        st.from_regex(form.pattern, fullmatch=True, alphabet=st.sampled_from(PLATE_SYMBOLS + "-"))
    )
    assume(re.fullmatch(r"[^/]{1,16}", text))
    return country, text


def same(key: PlateKey, other: PlateKey) -> bool:
    return (key.country, key.compact, key.spelling) == (
        other.country,
        other.compact,
        other.spelling,
    )


def tried(normalise: Callable[[str], T], text: str) -> T | InvalidInput:
    try:
        return normalise(text)
    except InvalidInput as error:
        return error


@rules
@given(countries, texts)
def test_any_text_gives_a_key_or_a_documented_error(country: str | None, text: str) -> None:
    key = tried(partial(normalise_plate, country), text)
    if isinstance(key, InvalidInput):
        assert key.code in ("bad_plate", "incomplete_key")
        assert key.value == text
        return
    assert 1 <= len(key.compact) <= MAX_PLATE
    assert set(key.compact) <= set(PLATE_SYMBOLS)
    assert re.fullmatch(r"[^ .-]+([ .-][^ .-]+)*", key.spelling)
    assert re.sub(r"[ .-]", "", key.spelling) == key.compact
    again = normalise_plate(key.country, key.spelling)
    assert same(key, again)
    assert again.changed == ()
    # Composing a letter with its accents does not count as a change.
    assert bool(key.changed) is (key.spelling != unicodedata.normalize("NFC", text))


@rules
@given(st.text("QXJKZ'#?", min_size=4, max_size=40))
def test_error_texts_never_contain_the_value(text: str) -> None:
    for normalise in (partial(normalise_plate, "DE"), normalise_vin):
        refused = tried(normalise, text)
        if isinstance(refused, InvalidInput):
            assert text not in str(refused)
            assert text not in repr(refused)


@rules
@given(countries, written())
def test_a_spelling_is_kept(country: str | None, pair: tuple[str, str]) -> None:
    symbols, spelling = pair
    key = normalise_plate(country, spelling)
    assert (key.compact, key.spelling, key.changed) == (symbols, spelling, ())
    parts = re.split(r"[ .-]", spelling)
    assert key.split == tuple(sum(map(len, parts[:n])) for n in range(1, len(parts)))


@rules
@given(written("".join(filter(str.isascii, PLATE_SYMBOLS))))
def test_normalisation_equals_the_plain_rule(pair: tuple[str, str]) -> None:
    _, spelling = pair
    padded = spelling.replace("-", " - ").replace(" ", "  ").replace(".", " .-")
    key = normalise_plate(None, f" .{padded.lower()}- ")
    assert key.spelling == spelling


@rules
@given(st.text("ABMÖ", min_size=2, max_size=5), st.integers(0, 9999), st.data())
def test_the_german_separator(letters: str, number: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(letters)))
    gap = data.draw(st.sampled_from(" -."))
    key = normalise_plate("DE", f"{letters[:place]}{gap}{letters[place:]}{number}")
    assert key.compact == f"{letters}{number}"
    assert key.district == (place if place < len(letters) else 0)
    assert len(set(key.readings)) == len(key.readings)
    for compact, district in key.readings:
        assert bool(district) is bool(key.district)
        parts = (compact[:district], compact[district:])
        other = normalise_plate("DE", "-".join(filter(None, parts)))
        assert (other.compact, other.district) == (compact, district)
        if not compact.endswith(("H", "E")):
            assert (key.compact, key.district) in other.readings


@rules
@given(st.sampled_from(STATES), st.text("OQI01AB238", min_size=1, max_size=9))
def test_a_repair_is_valid_and_exchanges_only_lookalikes(country: str, text: str) -> None:
    key = normalise_plate(country, text)
    if key.repair is None:
        return
    assert key.valid is False
    assert normalise_plate(country, key.repair).valid
    pairs = {(a, b) for a, b in zip(key.compact, key.repair, strict=True) if a != b}
    assert pairs <= {("0", "O"), ("O", "0"), ("Q", "0"), ("1", "I"), ("I", "1")}
    assert pairs


@rules
@given(fitting())
def test_numbers_of_a_known_form_are_valid_and_respelled_to_the_same_key(
    pair: tuple[str, str],
) -> None:
    key = normalise_plate(*pair)
    assert key.valid is True
    assert key.repair is None
    spelled = normalise_plate(key.country, key.spelled())
    assert (spelled.compact, spelled.valid) == (key.compact, True)
    assert spelled.spelled() == spelled.spelling
    if key.district:
        assert spelled.district == key.district


@rules
@given(countries, written())
def test_spelled_gives_the_same_key(country: str | None, pair: tuple[str, str]) -> None:
    key = normalise_plate(country, pair[1])
    assert normalise_plate(country, key.spelled()).compact == key.compact
    assert key.compact not in key.alternatives


@rules
@given(st.text() | st.text(HOSTILE + SYMBOLS, max_size=34))
def test_any_text_gives_a_chassis_number_or_a_documented_error(text: str) -> None:
    vin = tried(normalise_vin, text)
    if isinstance(vin, InvalidInput):
        assert vin.code in ("bad_vin", "incomplete_key")
        return
    assert 1 <= len(vin.value) == len(vin.raw) <= MAX_VIN
    assert set(vin.raw) <= set(SYMBOLS)
    assert normalise_vin(vin.value).value == vin.value
    assert normalise_vin(vin.raw).value == vin.value
    if len(vin.raw) == 17:
        assert not set("IOQ") & set(vin.value)
    else:
        assert vin.raw == vin.value
    assert (vin.check_digit_expected is None) is (vin.check_digit == "not_applicable")
    assert vin.country is None or vin.region is not None


@rules
@given(st.text() | st.text(HOSTILE))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned, _ = clean(text)
    assert clean(cleaned) == (cleaned, ())

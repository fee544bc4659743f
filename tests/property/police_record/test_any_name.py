"""Folding any name is stable, and never loses the name."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from oracles.police_record.phonetics import phonetic_key
from prum_match.errors import InvalidInput
from prum_match.police_record.names.folding import MAX_FORMS, PARTICLES, fold_name, fold_whole

FORM = re.compile("[A-Z0-9]+(?: [A-Z0-9]+)*")
LETTERS = [
    chr(code)
    for first, last in (
        (0x41, 0x17F),
        (0x218, 0x21B),
        (0x386, 0x3CE),
        (0x400, 0x45F),
        (0x490, 0x491),
    )
    for code in range(first, last + 1)
    if chr(code).isalpha()
] + ["ẞ", "Ə", "ә"]
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12) | st.sampled_from(
    ["MÜLLER", "Ní", "Bhriain", "Mac", "d'Arc", "Abd", "al-Rahman", "Юлия", "Γιάννης", "NXX", "von"]
)
SEPARATED = st.lists(WORDS, min_size=1, max_size=4)
NAMES = st.builds(lambda words, mark: mark.join(words), SEPARATED, st.sampled_from(" -'"))


@given(NAMES)
def test_forms_are_in_a_to_z_and_few(name: str) -> None:
    forms = fold_name(name).forms
    assert 1 <= len(forms) <= MAX_FORMS
    assert len(set(forms)) == len(forms)
    for form in forms:
        assert FORM.fullmatch(form)
        parts = form.split()
        assert parts == sorted(parts)
        assert PARTICLES.isdisjoint(parts) or PARTICLES.issuperset(parts)
        assert phonetic_key(form)


@given(NAMES)
def test_folding_a_form_gives_the_form(name: str) -> None:
    folded = fold_name(name)
    for form in folded.forms:
        assert fold_name(form).forms[0] == form
    assert fold_name(folded.exact).exact == folded.exact


@given(NAMES)
def test_case_and_composition_do_not_matter(name: str) -> None:
    folded = fold_name(name)
    # A long s and the like have no lower case that leads back.
    same = [name.upper(), unicodedata.normalize("NFD", name), "\u200b".join(name)]
    for other in same:
        again = fold_name(other)
        assert (again.exact, again.forms) == (folded.exact, folded.forms)


@given(st.data(), st.lists(st.text(st.sampled_from(LETTERS), min_size=4, max_size=9), max_size=5))
def test_order_does_not_matter(data: st.DataObject, words: list[str]) -> None:
    words = [word for word in words if word.upper() not in PARTICLES]
    moved = data.draw(st.permutations(words))
    one, other = fold_name(" ".join(words)), fold_name(" ".join(moved))
    assert (one.exact, set(one.forms)) == (other.exact, set(other.forms))


@given(st.text(max_size=20))
@example("\u0345")
def test_any_text_is_folded_or_refused(text: str) -> None:
    try:
        folded = fold_name(text)
    except InvalidInput as error:
        assert error.code == "no_romanisation"  # noqa: PT017
    else:
        assert bool(folded.forms) == bool(folded.exact)
        assert all(map(FORM.fullmatch, folded.forms))


@given(NAMES)
@example("Ó Fuada")
@example("Abd al Rahman")
@example("Mc Donald-Mueller")
def test_folding_folded_parts_gives_the_same_name(name: str) -> None:
    # Of names that are made of plain parts nothing is folded but the parts.
    folded, whole = fold_name(name), fold_whole(name)
    assert (folded.exact, folded.forms) == (whole.exact, whole.forms)
    assert set(folded.changed) == set(whole.changed)

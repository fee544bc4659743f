"""Patterns match as `fnmatch` does, over symbols that need no folding."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import example, given
from hypothesis import strategies as st

from prum_match.testing.strategies import vehicle as vehicles
from prum_match.vehicle.numbers.pattern import compile_pattern, matches, places

SYMBOLS = "AB01"
KEYS = st.text(SYMBOLS + "ZÜ", min_size=1, max_size=12)


@given(vehicles.patterns(SYMBOLS), KEYS)
@example("*A*B*", "AAAB")
@example("[!A-B]?*", "Z")
def test_a_pattern_matches_as_fnmatch_does(pattern: str, key: str) -> None:
    assert matches(compile_pattern(pattern), key) == fnmatchcase(key, pattern)


@given(vehicles.patterns(SYMBOLS), st.data())
def test_a_pattern_matches_the_key_it_was_made_from(pattern: str, data: st.DataObject) -> None:
    compiled = compile_pattern(pattern)
    key = ""
    for part in compiled:
        if part is None:
            key += data.draw(st.text(SYMBOLS, max_size=3))
        else:
            key += data.draw(st.sampled_from([s for s in SYMBOLS + "Z" if matches((part,), s)]))
    assert not key or matches(compiled, key)


@given(vehicles.patterns(SYMBOLS), KEYS)
def test_places_of_a_pattern_are_consecutive(pattern: str, key: str) -> None:
    compiled = compile_pattern(pattern)
    found = places(compiled, key)
    if found is not None:
        assert [begin for begin, _ in found] + [len(key)] == [0] + [end for _, end in found]
        assert all(
            matches((part,), key[begin:end]) if begin < end else part is None
            for part, (begin, end) in zip(compiled, found, strict=True)
        )


@given(vehicles.patterns(SYMBOLS), KEYS)
def test_case_and_separators_change_nothing(pattern: str, key: str) -> None:
    written = "-".join(pattern.lower().split("*"))
    assert matches(compile_pattern(pattern.lower()), key) == matches(compile_pattern(pattern), key)
    if "[" not in pattern and written.strip("-"):
        plain = pattern.replace("*", "")
        assert compile_pattern(written) == compile_pattern(plain)


@given(vehicles.patterns(SYMBOLS), KEYS)
def test_an_additional_star_never_loses_a_match(pattern: str, key: str) -> None:
    if matches(compile_pattern(pattern), key):
        assert matches(compile_pattern("*" + pattern + "*"), "B" + key + "A")

"""The shipped strategies draw what they document; other tests depend on it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from prum_match import dna
from prum_match.errors import PrumError
from prum_match.testing import strategies
from support.dna import compared, normal_of
from support.examples import examples

pytestmark = pytest.mark.native

# Only finding matters here: what was found need not be made small.
SEARCH = settings(
    max_examples=20_000,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


def drawn(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> None:
    find(strategy, condition, settings=SEARCH)


def lengths_of(profile: dna.Profile, name: str) -> tuple[int, ...]:
    return profile.designations.get(name, ())


# Longest lengths that a one-byte code holds at TH01, D22S1045 and PentaE: 64.3, 85.2 and 52.1.
CONTENTS: dict[str, Callable[[dna.Profile], bool]] = {
    "a wildcard": lambda p: any(dna.WILDCARD in pair for pair in p.pairs.values()),
    "a token": lambda p: any("OL" in values for values in p.originals.values()),
    "three values": lambda p: any(len(values) == 3 for values in p.originals.values()),
    "a suspected mixture": lambda p: p.suspected_mixture,
    "one value": lambda p: any(len(values) == 1 for values in p.originals.values()),
    "no pair but an allele": lambda p: bool(p.designations.keys() - p.pairs.keys()),
    "a missing locus": lambda p: 0 < len(p.originals) < len(strategies.LOCI) - 2,
    "all loci": lambda p: len(p.pairs) >= len(strategies.LOCI) - 1,
    "2.2": lambda p: 10 in lengths_of(p, "TH01"),
    "50.2": lambda p: 202 in lengths_of(p, "TH01"),
    "60": lambda p: 240 in lengths_of(p, "TH01"),
    "last code": lambda p: 259 in lengths_of(p, "TH01"),
    "first escape": lambda p: 260 in lengths_of(p, "TH01"),
    "below the first code": lambda p: 7 in lengths_of(p, "TH01"),
    "period 3, one base off": lambda p: 38 in lengths_of(p, "D22S1045"),
    "period 3, escape": lambda p: 258 in lengths_of(p, "D22S1045"),
    "period 5, one base off": lambda p: 64 in lengths_of(p, "PentaE"),
    "period 5, escape": lambda p: 262 in lengths_of(p, "PentaE"),
    "a number": lambda p: any("12.1" in values for values in p.originals.values()),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_drawn_profiles_have_the_requested_properties(content: str) -> None:
    drawn(strategies.profiles(), CONTENTS[content])


@pytest.mark.parametrize("kind", [str, int, float])
def test_allele_values_are_drawn_as_numbers_too(kind: type) -> None:
    drawn(
        strategies.raw_profiles(),
        lambda raw: any(type(value) is kind for values in raw.values() for value in values),
    )


@pytest.mark.parametrize("quality", [1, 2, 3, 4, None])
@pytest.mark.parametrize(
    "policy",
    [dna.PRUM_2008_STRICT, dna.PRUM_2008_LITERAL, dna.PRUM_2008_LENIENT, dna.CODIS_LOW],
    ids=lambda policy: policy.name,
)
def test_related_profiles_are_often_candidates(quality: int | None, policy: dna.Policy) -> None:
    if policy == dna.CODIS_LOW and quality == 4:
        policy = dna.CodisPolicy(
            name="c", version="0", source="test", stringency="low", max_mismatched_loci=1
        )
    limited = settings(SEARCH, max_examples=3000)
    find(
        strategies.related_profiles(),
        lambda drawn: any(
            dna.compare(drawn[0], r, policy=policy).quality == quality for r in drawn[1]
        ),
        settings=limited,
    )


@pytest.mark.parametrize("exact", [5, 6])
def test_pairs_near_the_floor_are_drawn(exact: int) -> None:
    drawn(
        strategies.related_profiles(),
        lambda drawn: any(
            compared(drawn[0], r, dna.PRUM_2008_LENIENT).grade
            and normal_of(r)
            and compared(drawn[0], r, dna.PRUM_2008_LENIENT).exact == exact
            for r in drawn[1]
        ),
    )


POLICIES: dict[str, Callable[[dna.Policy], bool]] = {
    "a constant": lambda p: p == dna.RESPONDER_2008,
    "Prüm II": lambda p: p.name == "prum-2",
    "a union": lambda p: isinstance(p, dna.ReadingPolicy) and len(set(p.readings)) == 3,
    "a reading twice": lambda p: (
        isinstance(p, dna.ReadingPolicy)
        and len(set(p.readings)) < len(p.readings)
        and len(p.all_readings) > len(set(p.readings))
    ),
    "a large budget": lambda p: isinstance(p, dna.ReadingPolicy) and p.readings[0].budget == 40,
    "CODIS with mismatches": lambda p: isinstance(p, dna.CodisPolicy) and p.max_mismatched_loci > 1,
    "a cap": lambda p: p.max_candidates == 2,
}


@pytest.mark.parametrize("content", POLICIES)
def test_drawn_policies_have_the_requested_properties(content: str) -> None:
    drawn(strategies.policies(max_candidates=3), POLICIES[content])


def test_policies_of_a_single_view() -> None:
    @settings(max_examples=examples(50))
    @given(strategies.policies(original_view=True), strategies.policies(original_view=False))
    def views(codis: dna.Policy, readings: dna.Policy) -> None:
        assert isinstance(codis, dna.CodisPolicy)
        assert isinstance(readings, dna.ReadingPolicy)

    views()


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_galleries_are_drawn_in_all_layouts() -> None:
    family = strategies.galleries()
    drawn(family, lambda d: len(d[0].gallery._core.segments()) >= 3)
    drawn(family, lambda d: len(d[0].gallery) > 100)
    drawn(family, lambda d: len(d[0].gallery) == 1)
    drawn(family, lambda d: any(s.live_rows < s.rows for s in d[0].gallery._core.segments()))
    drawn(family, lambda d: len(d[0].erased) > 2 and len(d[0].gallery._core.segments()) == 1)
    drawn(family, lambda d: len(d[0].gallery.search(d[1][0])) > 20)


@settings(max_examples=examples(30), deadline=None)
@given(strategies.galleries(max_size=40))
def test_drawn_galleries_list_their_content(
    drawn: tuple[strategies.FilledGallery, list[dna.Profile]],
) -> None:
    filled, probes = drawn
    assert len(filled.gallery) == len(filled.profiles)
    assert all(filled.gallery[name] == profile for name, profile in filled.profiles.items())
    assert not any(name in filled.gallery for name in filled.erased)
    assert filled.raw.keys() == filled.labels.keys() == filled.profiles.keys()
    assert probes


def test_a_missing_hypothesis_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in [name for name in sys.modules if name.startswith("prum_match.testing.strategies")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(PrumError) as caught:
        importlib.import_module("prum_match.testing.strategies")
    assert caught.value.code == "missing_extra"
    assert "prum-match[testing]" in str(caught.value)

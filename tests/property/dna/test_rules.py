"""The comparison of two profiles equals the oracle, and satisfies the laws of the rule book."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oracles.dna import policies as dna_policies
from oracles.dna import rules as dna_rules
from prum_match import dna
from prum_match.testing import strategies
from prum_match.testing.strategies.dna import LOCI, RawProfile
from support.dna import TIERS, compared, described, normal_of, tier
from support.examples import examples

pytestmark = pytest.mark.native

THREE = (dna.PRUM_2008_STRICT, dna.PRUM_2008_LITERAL, dna.PRUM_2008_LENIENT)
RULE_BOOK = dict(zip(dna_rules.POLICIES, THREE, strict=True))

# A probe and one reference that was derived from it: most of these are candidates, or nearly.
related = strategies.related_raw_profiles(max_size=1).map(lambda drawn: (drawn[0], drawn[1][0]))
# Two that have nothing to do with each other differ in both alleles of many loci.
unrelated = st.tuples(strategies.raw_profiles(), strategies.raw_profiles())
pairs_of_raw = related | related | unrelated
kinds = st.sampled_from(dna.Kind)


def quality(a: dna.Profile, b: dna.Profile, policy: dna.Policy) -> int | None:
    return dna.compare(a, b, policy=policy).quality


# --- the oracle ---------------------------------------------------------------------------------


@settings(max_examples=examples(400), deadline=None)
@given(pairs_of_raw, kinds, kinds, strategies.policies())
def test_equal_to_the_oracle_and_symmetric(
    drawn: tuple[RawProfile, RawProfile], of_a: dna.Kind, of_b: dna.Kind, policy: dna.Policy
) -> None:
    a, b = dna.Profile(drawn[0], kind=of_a), dna.Profile(drawn[1], kind=of_b)
    for left, right in ((a, b), (b, a)):
        judged = dna_policies.judge(normal_of(left), normal_of(right), described(policy))
        assert compared(left, right, policy) == judged


@settings(max_examples=examples(200), deadline=None)
@given(pairs_of_raw, kinds)
def test_the_three_readings_equal_the_rule_book(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind
) -> None:
    """Compare with the oracle of the rule book directly, without the general one in between."""
    a, b = (dna.Profile(raw, kind=kind) for raw in drawn)
    counts = dna_rules.compare(*(dna_rules.normalise(raw, kind.value) for raw in drawn))
    holding = {name for name in RULE_BOOK if dna_rules.quality(counts, name) is not None}
    for name, policy in RULE_BOOK.items():
        result = dna.compare(a, b, policy=policy)
        assert result.quality == dna_rules.quality(counts, name)
        assert result.readings == holding
        assert result.hit_count == counts.hitcount
    union = dna.compare(a, b, policy=dna.RESPONDER_2008)
    assert (union.quality is not None) == bool(holding & {"strict6", "literal"})


@settings(max_examples=examples(100), deadline=None)
@given(pairs_of_raw, kinds, st.booleans())
def test_every_locus_is_explained_as_the_oracle_classes_it(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind, original_view: bool
) -> None:
    a, b = (dna.Profile(raw, kind=kind) for raw in drawn)
    left, right = normal_of(a), normal_of(b)
    policy: dna.Policy = dna.CODIS_LOW if original_view else dna.PRUM_2008
    outcomes = {c.locus: c.outcome for c in dna.compare(a, b, policy=policy).loci}
    if original_view:
        assert outcomes.keys() == left.originals.keys() | right.originals.keys()
        levels = {k: level or "mismatch" for k, level in dna_rules.codis(left, right).items()}
        assert {k: o for k, o in outcomes.items() if o != "not_compared"} == levels
        return
    assert outcomes.keys() == left.pairs.keys() | right.pairs.keys()
    for name, outcome in outcomes.items():
        counts = dna_rules.compare(
            *(
                replace(n, pairs={k: p for k, p in n.pairs.items() if k == name})
                for n in (left, right)
            )
        )
        found = {
            "not_compared": 1 - counts.compared,
            "exact": counts.exact,
            "wildcard": counts.wild,
            "micro_variant": counts.micro,
            "mismatch": counts.mismatch_loci,
        }
        assert found == {**dict.fromkeys(found, 0), outcome: 1}


@settings(max_examples=examples(300), deadline=None)
@given(related, strategies.policies(original_view=True))
def test_codis_is_equal_to_the_oracle(
    drawn: tuple[RawProfile, RawProfile], policy: dna.CodisPolicy
) -> None:
    a, b = (dna.Profile(raw) for raw in drawn)
    judged = dna_policies.judge(normal_of(a), normal_of(b), described(policy))
    assert compared(a, b, policy) == compared(b, a, policy) == judged


@pytest.mark.parametrize(
    ("mine", "theirs", "level"),
    [
        ((14, 15), (15, 14), 1),
        ((14, 14), (14,), 1),
        ((14, 15, 16), (16, 15, 14), 1),
        (("OL", 14, 15), (15, 14), 1),
        ((14,), (14, 15), 2),
        ((14, "OL"), (14, 15), 2),
        ((14, 15, 16), (14, 16), 2),
        ((14, 15), (15, 16), 3),
        ((14, 15, 16), (16, 17), 3),
        ((14, 15), (16, 17), 4),
        ((14.1, 15), (14, 15.1), 4),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_codis_stringencies(mine: Any, theirs: Any, level: int, name: str) -> None:
    """A single locus satisfies the strictest stringency that it reaches, and every laxer one."""
    same = dict.fromkeys(dna.ESS_7, (12, 13))
    a, b = (dna.Profile({**same, "TPOX": values}) for values in (mine, theirs))
    gallery = dna.Gallery()
    gallery.enrol(["b"], [b])
    for place, policy in enumerate((dna.CODIS_HIGH, dna.CODIS_MODERATE, dna.CODIS_LOW), start=1):
        wanted = level if level <= place else None
        assert quality(a, b, policy) == quality(b, a, policy) == wanted
        with tier(name):
            assert [c.grade for c in gallery.search(a, policy=policy)] == [wanted] * (
                wanted is not None
            )


# --- order --------------------------------------------------------------------------------------


@settings(max_examples=examples(150), deadline=None)
@given(pairs_of_raw, kinds, strategies.policies(), st.randoms(use_true_random=False))
def test_neither_the_order_of_loci_nor_of_two_alleles_matters(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind, policy: dna.Policy, random: Any
) -> None:
    a, b = drawn
    order = list(b)
    random.shuffle(order)
    # Of three values the first is kept (N4), so their order does matter.
    turned = {name: b[name] if len(b[name]) > 2 else b[name][::-1] for name in order}
    profile, one, other = (dna.Profile(raw, kind=kind) for raw in (a, b, turned))
    assert one == other
    assert dna.compare(profile, one, policy=policy) == dna.compare(profile, other, policy=policy)


def test_the_order_of_three_values_does_matter() -> None:
    base = {name: ("12", "13") for name in dna.ESS_7}
    kept = dna.Profile({**base, "FGA": ("12", "13", "14")})
    first = dna.Profile({**base, "FGA": ("14", "12", "13")})
    assert quality(dna.Profile(base), kept, dna.PRUM_2008) == 2
    assert quality(dna.Profile(base), first, dna.PRUM_2008) == 4


# --- what more data do --------------------------------------------------------------------------

MORE = ("CSF1PO", "D13S317", "D2S1338", "D1S1627", "PentaC")


@settings(max_examples=examples(200), deadline=None)
@given(pairs_of_raw, kinds, strategies.raw_profiles(loci=MORE), st.sampled_from(THREE))
def test_more_equal_loci_never_lose_or_worsen_a_hit(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind, more: RawProfile, policy: dna.Policy
) -> None:
    # Equal means two alleles on both sides: a wildcard equals nothing for sure.
    alleles = {
        name: pair
        for name, pair in normal_of(dna.Profile(more)).pairs.items()
        if dna_rules.WILD not in pair
    }
    equal = {
        name: [dna.format_allele(dna.locus(name), length) for length in pair]
        for name, pair in alleles.items()
    }
    a, b = (dna.Profile(raw, kind=kind) for raw in drawn)
    wider_a, wider_b = (dna.Profile({**raw, **equal}, kind=kind) for raw in drawn)
    before, after = dna.compare(a, b, policy=policy), dna.compare(wider_a, wider_b, policy=policy)
    assert after.compared == before.compared + len(equal)
    assert after.exact == before.exact + len(equal)
    if before.quality is not None:
        assert after.quality is not None
        assert after.quality <= before.quality


@settings(max_examples=examples(300), deadline=None)
@given(pairs_of_raw, kinds, st.sampled_from(LOCI), st.booleans())
def test_a_wildcard_in_place_of_an_allele_keeps_a_lenient_hit(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind, name: str, first: bool
) -> None:
    a, b = drawn
    assume(len(b.get(name, ())) == 2)
    values = ["*", b[name][1]] if first else [b[name][0], "*"]
    one, before, after = (dna.Profile(raw, kind=kind) for raw in (a, b, {**b, name: values}))
    assume(name in after.pairs)  # `*,*` takes the locus out of the comparison
    if quality(one, before, dna.PRUM_2008_LENIENT) is not None:
        assert quality(one, after, dna.PRUM_2008_LENIENT) is not None


def test_two_wildcards_at_a_locus_remove_a_lenient_hit() -> None:
    six = {name: ("12", "13") for name in dna.ESS_7[:6]}
    blank = dna.Profile({**six, "FGA": ("*", "*")})
    assert quality(dna.Profile(six), dna.Profile(six), dna.PRUM_2008_LENIENT) == 1
    assert quality(dna.Profile(six), blank, dna.PRUM_2008_LENIENT) is None


@settings(max_examples=examples(150), deadline=None)
@given(pairs_of_raw, kinds)
def test_a_full_match_satisfies_every_reading(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind
) -> None:
    a, b = (dna.Profile(raw, kind=kind) for raw in drawn)
    qualities = {quality(a, b, policy) for policy in THREE}
    assert 1 not in qualities or qualities == {1}


@settings(max_examples=examples(100), deadline=None)
@given(strategies.raw_profiles(), kinds)
def test_a_profile_matches_itself_where_it_has_six_pairs(raw: RawProfile, kind: dna.Kind) -> None:
    profile = dna.Profile(raw, kind=kind)
    pairs = profile.pairs.values()
    result = dna.compare(profile, profile, policy=dna.PRUM_2008_LENIENT)
    assert result.mismatch_loci == result.micro_variant == 0
    assert (result.quality is not None) == (len(pairs) >= 6)


@settings(max_examples=examples(100), deadline=None)
@given(pairs_of_raw, kinds, st.sampled_from(("X", "Y", "*", "r")), st.sampled_from(("X", "Y")))
def test_amelogenin_is_reported_but_not_counted(
    drawn: tuple[RawProfile, RawProfile], kind: dna.Kind, of_a: str, of_b: str
) -> None:
    a, b = (dna.Profile(raw, kind=kind) for raw in drawn)
    sexed_a, sexed_b = (
        dna.Profile({**raw, "AMEL": ["X", sex]}, kind=kind)
        for raw, sex in zip(drawn, (of_a, of_b), strict=True)
    )
    before, after = dna.compare(a, b), dna.compare(sexed_a, sexed_b)
    assert not before.amelogenin_differs
    assert after.amelogenin_differs == (of_a in "XY" and of_a != of_b)
    assert (after.quality, after.loci) == (before.quality, before.loci)


# --- numbers that a byte does not hold ----------------------------------------------------------


def test_counts_never_wrap_around() -> None:
    """With up to 255 loci, 256 alleles can differ; an 8-bit counter would wrap to zero."""
    script = """
from prum_match import dna
names = [f"DX{i}" for i in range(128)]
for name in names:
    dna.register_locus(name, 4)
six = dict.fromkeys(dna.ESS_7[:6], (10, 12))
a = dna.Profile(six | dict.fromkeys(names, (10, 12)))
b = dna.Profile(six | dict.fromkeys(names, (20, 22)))
assert dna.compare(a, b).quality is None
assert dna.compare(a, b).mismatch_alleles == 255
assert dna.compare(a, a).exact == 134
gallery = dna.Gallery()
gallery.enrol(["A"], [a])
gallery.enrol([f"B{i}" for i in range(300)], [b] * 300)
assert gallery.search(a).reference_ids == ["A"]
assert len(gallery.search(b)) == 300
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# --- all pairs ----------------------------------------------------------------------------------


def counted_pairs(profiles: list[dna.Profile]) -> dict[tuple[int, int], int]:
    """Count every pair of profiles by loci that match fully and by one allele, from the rules."""
    table: dict[tuple[int, int], int] = {}
    pairs = [
        {k: pair for k, pair in normal_of(p).pairs.items() if dna_rules.WILD not in pair}
        for p in profiles
    ]
    for i, mine in enumerate(pairs):
        for theirs in pairs[i + 1 :]:
            full = partial = 0
            for name in mine.keys() & theirs.keys():
                full += sorted(mine[name]) == sorted(theirs[name])
                partial += sorted(mine[name]) != sorted(theirs[name]) and bool(
                    set(mine[name]) & set(theirs[name])
                )
            table[full, partial] = table.get((full, partial), 0) + 1
    return table


@settings(max_examples=examples(60), deadline=None)
@given(strategies.galleries(max_size=70), st.sampled_from((1, 2, 5)))
def test_the_match_matrix_counts_every_pair(
    drawn: tuple[strategies.FilledGallery, list[dna.Profile]], threads: int
) -> None:
    filled, _ = drawn
    profiles = list(filled.profiles.values())
    wanted = counted_pairs(profiles)
    for name in TIERS:
        with tier(name):
            of_list = dna.match_matrix(profiles, threads=threads)
            of_gallery = dna.match_matrix(filled.gallery, threads=threads)
        for matrix in (of_list, of_gallery):
            found = {(int(m), int(p)): int(matrix[m, p]) for m, p in np.argwhere(matrix)}
            assert found == wanted
        assert of_list.sum() == len(profiles) * (len(profiles) - 1) // 2


@pytest.mark.parametrize("name", TIERS)
def test_the_match_matrix_over_several_tiles(name: str) -> None:
    """More profiles than one tile holds (4096, csrc/dna/pairs.cpp), few of them different."""
    base = np.random.default_rng(6).choice([120, 121, 130], (40, 6, 2)).astype(np.int16)
    table = dna.ProfileTable(dna.ESS_7[:6], base)
    small = dna.match_matrix(table)
    copies = 110
    # Each pair comes up copies^2 times, and each profile is paired with its own copies.
    wanted = small * copies**2
    wanted[6, 0] += 40 * copies * (copies - 1) // 2
    with tier(name):
        found = dna.match_matrix(dna.ProfileTable(dna.ESS_7[:6], np.tile(base, (copies, 1, 1))))
    assert np.array_equal(found, wanted)


def test_the_size_of_the_match_matrix_follows_the_loci_present() -> None:
    """For profiles enrolled singly or in a table, and for those left after an erasure."""
    alleles = np.zeros((3, 7, 2), np.int16)
    alleles[:, :2] = 120
    table = dna.ProfileTable(dna.ESS_7, alleles)
    gallery = dna.Gallery()
    gallery.enrol(["a", "b", "c"], table)
    gallery.enrol(["d"], [dna.Profile({"TPOX": (8, 9)})])
    gallery.erase(["d"])
    for profiles in (table, list(table), gallery):
        matrix = dna.match_matrix(profiles)
        assert matrix.shape == (3, 3)
        assert matrix[2, 0] == matrix.sum() == 3
    assert dna.match_matrix([]).tolist() == [[0]]


@pytest.mark.parametrize("threads", [0, -1, True, 2.0, 1025])
def test_bad_threads_print_no_genotypes(threads: Any) -> None:
    profile = dna.Profile({name: ("12", "13") for name in dna.ESS_7})
    with pytest.raises(ValueError, match="threads") as caught:
        dna.match_matrix([profile, profile], threads=threads)
    assert "array" not in str(caught.value)

"""The score of two prints equals the oracle's to the last bit, and has the stated symmetries.

Tolerances below were measured on generated prints, with a margin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import prum_match
from oracles.dactyloscopy import codes as print_codes
from oracles.dactyloscopy import score as print_score
from prum_match import _native, dactyloscopy
from prum_match.dactyloscopy import Template, compare, score_matrix
from prum_match.dactyloscopy.features import describe
from prum_match.dactyloscopy.template import MAX_UNITS
from prum_match.samples import prints
from support.dactyloscopy.prints import (
    DERIVED,
    FRESH,
    another,
    derived,
    fresh,
    moved,
    of_units,
    to_units,
    together,
)
from support.dna import tier
from support.examples import examples

TIERS = prum_match.cpu_tiers()
SEEDS = st.integers(0, 2**32)
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(a: Template, b: Template) -> None:
    """Check codes and score against the oracle, on every instruction set."""
    expected = print_score.compare(a, b)
    motion = expected.motion
    oracle = [print_codes.minutiae_of(template) for template in (a, b)]
    for name in TIERS:
        with tier(name):
            features = describe([a, b])
            found = _native.print_compare(features.print_at(0), features.print_at(1))
        places = []
        for offset, of in zip(features.offsets.astype(int), oracle, strict=False):
            part = slice(offset, offset + len(of))
            assert (features.codes[part] == of.codes).all()
            assert (features.crowd[part] == of.crowd).all()
            assert (features.order[part] == of.place).all()
            places.append(of.place)
        assert found["score"] == expected.score
        pairs = found["pairs"].tolist()
        assert sorted((places[0][i], places[1][j]) for i, j in pairs) == expected.pairs
        assert found["overlap"] == expected.overlap
        assert found["motion"] == (motion.c, motion.s, motion.x, motion.y)


@st.composite
def couples(draw: st.DrawFn) -> tuple[Template, Template]:
    """Draw two prints; the second may be derived from the first."""
    random = np.random.default_rng(draw(SEEDS))
    first = fresh(draw(st.sampled_from(FRESH)), random)
    return first, another(draw(st.sampled_from(FRESH + DERIVED)), first, random)


@st.composite
def few_values(draw: st.DrawFn) -> Template:
    """Draw few minutiae at few places, so that many are interchangeable."""
    places = st.sampled_from([0, 1, 80, 160, 240, MAX_UNITS])
    turns = st.sampled_from([-1, 0, 1, 4096, 8192, 32768, 65535])
    minutiae = draw(st.lists(st.tuples(places, places, turns), max_size=20))
    return of_units(*np.array(minutiae).reshape(-1, 3).T)


@given(couples())
@settings(slow, max_examples=examples(300))
def test_scores_of_drawn_prints_equal_the_oracle(couple: tuple[Template, Template]) -> None:
    check(*couple)


@given(few_values(), few_values())
@settings(slow, max_examples=examples(100))
def test_scores_with_many_ties_equal_the_oracle(a: Template, b: Template) -> None:
    check(a, b)


@given(SEEDS, st.data())
@settings(slow, max_examples=examples(25))
def test_scores_of_generated_prints_equal_the_oracle(seed: int, data: st.DataObject) -> None:
    random = np.random.default_rng(seed)
    palm = data.draw(st.integers(0, 9)) == 0
    kinds = ["palm", "latent"] if palm else ["plain", "rolled", "latent"]
    hand = prints.Palm.draw(random) if palm else prints.Finger.draw(random)
    a, b = (
        hand.impression(
            random,
            data.draw(st.sampled_from(kinds)),
            data.draw(st.sampled_from(sorted(prints.EXTRACTORS))),
        )
        for _ in range(2)
    )
    check(a, b)


def test_codes_that_rounding_made_longer() -> None:
    """Most pairs have equal codes with a product above 2^14, more than a table once held."""
    print_ = of_units([414] * 15 + [403], [603] * 15 + [72], [5829] * 15 + [45259])
    codes = print_codes.minutiae_of(print_).codes
    assert np.count_nonzero((codes**2).sum(axis=1) >= 2**14) == 15
    check(print_, print_)


def test_the_largest_number_of_minutiae() -> None:
    random = np.random.default_rng(1)
    xs, ys, turns = random.integers(0, [[9000], [9000], [65536]], (3, 4096))
    full, part = of_units(xs, ys, turns), of_units(xs[:40], ys[:40], turns[:40])
    scores = []
    for name in TIERS:
        with tier(name):
            features = describe([full, part])
            found = _native.print_compare(features.print_at(0), features.print_at(1))
        scores.append((found["score"], found["motion"], found["pairs"].tolist()))
    assert scores[0][0] > 0
    assert all(each == scores[0] for each in scores)


@given(couples())
@settings(slow, max_examples=examples(150))
def test_scores_are_the_same_in_both_directions(couple: tuple[Template, Template]) -> None:
    """Equal minutiae cannot be told apart, so their pairs may be exchanged."""
    there, back = compare(*couple), compare(*couple[::-1])
    assert there.score == back.score
    assert there.overlap == back.overlap[::-1]
    a, b = (print_codes.minutiae_of(template).key for template in couple)
    assert a == b or sorted(there.pairs.tolist()) == sorted(back.pairs[:, ::-1].tolist())


@given(couples(), SEEDS)
@settings(slow, max_examples=examples(100))
def test_the_order_of_minutiae_does_not_matter(
    couple: tuple[Template, Template], seed: int
) -> None:
    """If minutiae are equal, any of them may be the paired one."""
    random = np.random.default_rng(seed)
    shuffled = [derived("shuffled", template, random) for template in couple]
    found, again = compare(*couple), compare(*shuffled)
    assert (found.score, found.overlap, found.motion) == (again.score, again.overlap, again.motion)
    assert paired(found) == paired(again)


def paired(found: dactyloscopy.Comparison) -> list[Any]:
    sides = [
        np.column_stack(to_units(template))[found.pairs[:, side]]
        for side, template in enumerate((found.probe, found.reference))
    ]
    return sorted(np.column_stack(sides).tolist())


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_a_score_matrix_equals_the_scores_of_pairs(name: str, threads: int) -> None:
    random = np.random.default_rng(4)
    probes = [fresh(kind, random) for kind in FRESH]
    references = [derived("noisy", p, random) for p in probes] + prints.sample(35, 2, 4)[0]
    with tier(name):
        scores = score_matrix(probes, references, threads)
    expected = [[compare(a, b).score for b in references] for a in probes]
    assert scores.tolist() == expected


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Template, Template]]:
    """Return a rolled print and a latent of each of 80 fingers, in units."""
    made = [of_units(*to_units(t)) for t in prints.sample(80, ["rolled", "latent"], seed=7)[0]]
    return list(zip(made[::2], made[1::2], strict=True))


def scores_of(pairs: list[tuple[Template, Template]]) -> Any:
    return np.array([compare(a, b).score for a, b in pairs])


def test_a_shift_keeps_codes_and_nearly_keeps_the_score(
    pairs: list[tuple[Template, Template]],
) -> None:
    """Only the motion is rounded differently: it has float32 numbers of some thousand units."""
    shifted = []
    for a, b in pairs:
        x, y, turn = to_units(b)
        shifted.append((a, of_units(x + 137, y + 59, turn)))
        assert (describe([b]).codes == describe([shifted[-1][1]]).codes).all()
    assert scores_of(shifted) == pytest.approx(scores_of(pairs), rel=1e-3)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_quarter_turn_nearly_keeps_the_score(
    pairs: list[tuple[Template, Template]], degrees: int
) -> None:
    """Cosines and sines turn exactly; only the order of sums differs."""
    turned = [(a, moved(b, degrees, 100, 200)) for a, b in pairs]
    assert scores_of(turned) == pytest.approx(scores_of(pairs), rel=1e-3)


@pytest.mark.parametrize("degrees", [3, 17.3, 45, 101, 250])
def test_any_turn_changes_mated_scores_little(
    pairs: list[tuple[Template, Template]], degrees: float
) -> None:
    turned = [(moved(a, degrees, 300, 20), b) for a, b in pairs]
    before, after = scores_of(pairs), scores_of(turned)
    change = np.abs(after - before)
    assert np.median(change) < 0.5
    # Other pairs have no dominant motion, so another motion may win.
    clear = before > 25
    assert np.count_nonzero(clear) > 40
    assert (change[clear] < 0.2 * before[clear]).all()


@given(SEEDS, st.sampled_from(["finger", "latent"]), st.sampled_from(DERIVED))
@settings(slow, max_examples=examples(100))
def test_a_print_scores_highest_against_itself(seed: int, kind: str, how: str) -> None:
    """Up to the rounding of codes, if all minutiae differ."""
    random = np.random.default_rng(seed)
    print_ = fresh(kind, random)
    other = derived(how, print_, random)
    assert compare(print_, other).score <= 1.002 * compare(print_, print_).score


@pytest.mark.parametrize("kind", FRESH)
def test_a_print_without_directions_scores_zero(kind: str) -> None:
    print_ = fresh(kind, np.random.default_rng(3))
    x, y, turn = to_units(print_)
    for empty in (of_units([], [], []), of_units(x, y, np.full_like(turn, -1))):
        found = compare(print_, empty)
        assert (found.score, found.overlap, found.motion) == (0, (0, 0), None)
        check(print_, empty)


@given(couples(), SEEDS)
@settings(slow, max_examples=examples(50))
def test_minutiae_without_a_direction_change_nothing(
    couple: tuple[Template, Template], seed: int
) -> None:
    random = np.random.default_rng(seed)
    x, y, _ = to_units(fresh("scattered", random))
    a, b = couple
    more = together(a, of_units(x, y, np.full_like(x, -1)))
    found, again = compare(a, b), compare(more, b)
    assert (found.score, found.overlap, found.motion) == (again.score, again.overlap, again.motion)
    assert np.array_equal(found.pairs, again.pairs)

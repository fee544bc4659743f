"""Codes, quick passes and scores of prints are equal to the bit on every instruction set.

Also for impossible minutiae: none, thousands, all in one place or direction.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from prum_match import _native, dactyloscopy
from prum_match.dactyloscopy import Policy, Template
from prum_match.dactyloscopy.features import describe
from prum_match.dactyloscopy.template import MAX_MINUTIAE, MAX_UNITS, UNITS_PER_INCH
from support.dactyloscopy.templates import changed, taken, templates
from support.dna import TIERS, tier
from support.examples import examples
from support.galleries.kits import DACTYLOSCOPY

pytestmark = pytest.mark.native

# Around the blocks of 16 that lanes come in.
COUNTS = (0, 1, 2, 15, 16, 17, 31, 32, 33, 64, 65, 300)
# One pixel is one unit.
PPI = UNITS_PER_INCH


def made(x: Any, y: Any, angle: Any) -> Template:
    x, y, angle = np.broadcast_arrays(x, y, angle)
    return Template(x=x, y=y, angle=angle, width=0, height=0, ppi=PPI)


def scattered(n: int, most: int = 1500, seed: int = 1) -> Template:
    random = np.random.default_rng(seed)
    return made(*random.integers(0, most, (2, n)), random.integers(0, 360, n))


def adversarial() -> dict[str, Template]:
    ends = np.array([0, MAX_UNITS])
    line = np.arange(40)
    corners = [corner.ravel() for corner in np.meshgrid(ends, ends, ends)]
    return {
        "one place": made(np.full(50, 700), 700, np.arange(50)),
        "one minutia again and again": made(np.full(300, 700), 700, 90),
        "a line": made(40 * line, 20 * line, 7 * line),
        "a line of one direction": made(40 * line, 0, 45),
        "one direction": made(*np.random.default_rng(2).integers(0, 1500, (2, 60)), 180),
        "a lattice": made(100 * (line % 8), 100 * (line // 8), 90 * (line % 2)),
        "corners": made(corners[0], corners[1], corners[2] % 360),
        "twice": taken(scattered(40), np.repeat(np.arange(40), 2)),
        "alone": made([0, MAX_UNITS], [MAX_UNITS, 0], [0, 359.999]),
        "a crowd": scattered(400, most=300),
        "no directions": made(line, line, np.full(40, np.nan)),
    }


PRINTS = {
    **{f"{n} minutiae": scattered(n) for n in COUNTS},
    **adversarial(),
    "a finger": DACTYLOSCOPY.item(1),
    "another print of it": DACTYLOSCOPY.item(1, 2),
}


def fresh(template: Template) -> Template:
    """Return a copy of a template without cached codes, which some tier computed."""
    return changed(template)


def everything(prints: list[Template]) -> list[Any]:
    """Return codes, scores and the details of comparisons, as bytes."""
    prints = [fresh(template) for template in prints]
    found = describe(prints)
    said: list[Any] = [found.codes.tobytes(), found.order.tobytes()]
    said.append(dactyloscopy.score_matrix(prints, prints).tobytes())
    for a, b in combinations_with_replacement(prints, 2):
        compared = dactyloscopy.compare(a, b)
        arrays = (compared.pairs, compared.distances, compared.turns)
        said.append((compared.score, compared.motion, compared.overlap))
        said.append(tuple(array.tobytes() for array in arrays))
    gallery = dactyloscopy.Gallery()
    gallery.enrol([f"R{i:02}" for i in range(len(prints))], prints)
    for keep in (0.1, 0.3, 0.6):
        answers = gallery.search_many(
            prints, policy=Policy(mode="cascade", keep=keep), limit=len(prints)
        )
        said += [answers.reference_ids, answers.columns["score"].tobytes()]
    return said


def test_all_tiers_agree_on_samples() -> None:
    said = []
    for name in TIERS:
        with tier(name):
            said.append(everything(list(PRINTS.values())))
    assert all(one == said[0] for one in said)


@given(st.lists(templates(), min_size=1, max_size=3))
@settings(max_examples=examples(60), deadline=None)
def test_all_tiers_agree_on_any_prints(prints: list[Template]) -> None:
    said = []
    for name in TIERS:
        with tier(name):
            said.append(everything(prints))
    assert all(one == said[0] for one in said)


def scores(prints: list[Template]) -> NDArray[np.float64]:
    prints = [fresh(template) for template in prints]
    return dactyloscopy.score_matrix(prints, prints)


@pytest.mark.parametrize("name", TIERS)
def test_scores_are_finite_and_the_same_both_ways_round(name: str) -> None:
    with tier(name):
        found = scores(list(PRINTS.values()))
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert found.tobytes() == found.T.tobytes()
        for k, (title, template) in enumerate(PRINTS.items()):
            if len(template) - template.not_compared == 0:
                assert not found[k].any(), title


@pytest.mark.parametrize("name", TIERS)
def test_the_reverse_comparison_is_mirrored(name: str) -> None:
    with tier(name):
        for a, b in combinations_with_replacement(PRINTS.values(), 2):
            one, other = dactyloscopy.compare(a, b), dactyloscopy.compare(b, a)
            assert one.overlap == other.overlap[::-1]
            if a != b:
                assert sorted(map(tuple, one.pairs)) == sorted(map(tuple, other.pairs[:, ::-1]))


@given(templates(), templates(), st.sampled_from(TIERS), st.randoms(use_true_random=False))
@settings(max_examples=examples(100), deadline=None)
def test_the_order_of_minutiae_makes_no_difference(
    a: Template, b: Template, name: str, random: Any
) -> None:
    order = list(range(len(a)))
    random.shuffle(order)
    shuffled = taken(a, np.array(order, np.int64))
    with tier(name):
        found = dactyloscopy.score_matrix([fresh(a), shuffled, fresh(b)], [fresh(b)])
        back = dactyloscopy.score_matrix([fresh(b)], [fresh(a), shuffled, fresh(b)])
    assert found[0] == found[1]
    assert np.array_equal(found.T, back)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", TIERS)
def test_the_largest_number_of_minutiae(name: str) -> None:
    """They are spread over a hand, or all pairs of two prints are alike."""
    spread = scattered(MAX_MINUTIAE, most=MAX_UNITS)
    same = made(np.full(MAX_MINUTIAE, 700), 700, 90)
    few = scattered(30)
    with tier(name):
        found = scores([spread, same, few])
        assert np.isfinite(found).all()
        assert found.tobytes() == found.T.tobytes()
        assert found[0].argmax() == 0
        assert len(dactyloscopy.compare(spread, spread).pairs) > MAX_MINUTIAE // 2


@pytest.mark.parametrize("value", [-128, -1, 16, 127])
@pytest.mark.parametrize("name", TIERS)
def test_impossible_codes_do_no_harm(name: str, value: int) -> None:
    """Damaged files may have codes that are too long, with products beyond int16."""
    n = 40
    random = np.random.default_rng(1)
    x, y, turn = random.integers(0, 1500, (3, n)).astype(np.uint16)
    codes = np.full((n, 64), value, np.int8)
    crowd = np.full(n, 255, np.uint8)
    with tier(name):
        prints = [_native.Print(x[:m], y[:m], turn[:m], codes[:m], crowd[:m]) for m in (n, 3)]
        found = _native.print_scores(prints, prints)
    assert np.isfinite(found).all()

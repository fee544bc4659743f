"""Likelihood ratios never fall with the score, and do not depend on the order of prints."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from prum_match import dactyloscopy
from prum_match.dactyloscopy import Comparison, Template
from prum_match.samples import prints

SCORES = st.floats(0, 400, width=32)
FINGERS, PALMS = st.sampled_from([0, 1, 4, 29]), st.sampled_from([10, 11, 12, 15])


def scored(first: int, second: int, score: float) -> Comparison:
    a, b = (
        Template(x=[], y=[], angle=[], width=0, height=0, ppi=500, impression=impression)
        for impression in (first, second)
    )
    return replace(dactyloscopy.compare(a, b), score=score)


@given(st.one_of(st.tuples(FINGERS, FINGERS), st.tuples(PALMS, PALMS)), SCORES, SCORES)
def test_a_higher_score_never_lowers_the_ratio(
    kinds: tuple[int, int], one: float, other: float
) -> None:
    low, high = (scored(*kinds, score).log10_lr for score in sorted((one, other)))
    assert low <= high


@given(st.one_of(st.tuples(FINGERS, FINGERS), st.tuples(PALMS, PALMS)), SCORES)
def test_ratios_do_not_depend_on_the_order_of_prints(kinds: tuple[int, int], score: float) -> None:
    assert scored(*kinds, score).log10_lr == scored(*reversed(kinds), score).log10_lr


@given(st.integers(0, 200), st.sampled_from(["plain", "rolled", "latent"]))
def test_comparisons_have_the_same_ratio_in_both_directions(seed: int, kind: str) -> None:
    (a, b), _ = prints.sample(1, [kind, "rolled"], seed=8, start=seed)
    assert dactyloscopy.compare(a, b).log10_lr == dactyloscopy.compare(b, a).log10_lr

"""Generated prints are valid for any seed: inside their images, and without NaN."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.template import MAX_MINUTIAE
from prum_match.samples import prints
from support.examples import examples

SEEDS = st.integers(0, 2**64)
EXTRACTORS = st.sampled_from(sorted(prints.EXTRACTORS))
KINDS = st.sampled_from(["plain", "rolled", "latent"])


def check(template: Template, extractor: str) -> None:
    assert len(template) < MAX_MINUTIAE
    assert ((template.x >= 0) & (template.x < template.width)).all()
    assert ((template.y >= 0) & (template.y < template.height)).all()
    assert (template.x == np.floor(template.x)).all()
    assert (template.angle % prints.EXTRACTORS[extractor].angle_step == 0).all()
    assert template.not_compared == 0
    assert ((template.quality >= 1) & (template.quality <= 100)).all()
    assert (np.diff(template.y) >= 0).all()
    away = np.hypot(template.x[:, None] - template.x, template.y[:, None] - template.y)
    np.fill_diagonal(away, np.inf)
    # Positions are rounded, each by up to half a pixel across and down.
    least = prints.EXTRACTORS[extractor].least_distance - np.sqrt(2)
    assert not len(away) or away.min() >= least


@given(SEEDS, KINDS, EXTRACTORS, st.sampled_from([None, *prints.PATTERNS]), st.integers(0, 10))
@settings(max_examples=examples(150), deadline=None)
def test_impressions_of_a_finger_are_valid(
    seed: int, kind: str, extractor: str, pattern: str | None, position: int
) -> None:
    random = np.random.default_rng(seed)
    finger = prints.Finger.draw(random, pattern, position)
    template = finger.impression(random, kind, extractor)
    check(template, extractor)
    assert template.position == (0 if kind == "latent" else position)
    assert template.is_latent == (kind == "latent")


@given(SEEDS, st.sampled_from(["palm", "latent"]), EXTRACTORS)
@settings(max_examples=examples(15), deadline=None)
def test_impressions_of_a_palm_are_valid(seed: int, kind: str, extractor: str) -> None:
    random = np.random.default_rng(seed)
    template = prints.Palm.draw(random).impression(random, kind, extractor)
    check(template, extractor)
    assert template.is_palm


@given(st.integers(0, 2**64), st.integers(0, 2**40))
@settings(max_examples=examples(20), deadline=None)
def test_sampled_fingers_are_valid(seed: int, start: int) -> None:
    templates, numbers = prints.sample(2, 1, seed, start=start)
    assert prints.sample(1, 1, seed, start=start + 1)[0] == templates[1:]
    assert numbers.tolist() == [start, start + 1]

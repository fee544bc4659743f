"""Drawn prints: the same from the same seed, and of the kind that was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from prum_match.dactyloscopy import Template
from prum_match.errors import InvalidInput
from prum_match.samples import prints
from support.benchmarks import python


def of(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def counts(templates: list[Template]) -> float:
    return float(np.mean([len(template) for template in templates]))


def fingers_in(kind: str, extractor: str = "fine", n: int = 60) -> list[Template]:
    return prints.sample(n, [kind], 4, extractor=extractor)[0]


def test_a_seed_gives_the_same_prints() -> None:
    once, numbers = prints.sample(4, ["plain", "latent"], 9, extractor="keen")
    assert prints.sample(4, ["plain", "latent"], 9, extractor="keen")[0] == once
    assert prints.sample(4, ["plain", "latent"], 10, extractor="keen")[0] != once
    assert numbers.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_sample_can_be_taken_in_parts() -> None:
    whole, numbers = prints.sample(5, 2, 3)
    first, one = prints.sample(2, 2, 3)
    rest, two = prints.sample(3, 2, 3, start=2)
    assert first + rest == whole
    assert np.concatenate([one, two]).tolist() == numbers.tolist()


def test_each_print_has_the_kind_and_extractor_asked_for() -> None:
    templates, _ = prints.sample(
        2, ["plain", "rolled", "latent"], extractor=["coarse", "fine", "examiner"], position=4
    )
    assert [t.impression for t in templates] == [0, 1, 4] * 2
    assert [t.position for t in templates] == [4, 4, 0] * 2
    assert [(t.width, t.height, t.ppi) for t in templates[:3]] == [
        (388, 374, 500),
        (800, 750, 500),
        (500, 500, 500),
    ]
    assert (templates[0].angle % 11.25 == 0).all()
    assert (templates[1].angle % 11.25 != 0).any()


def test_rolled_prints_show_most_and_latents_least() -> None:
    plain, rolled, latent = (counts(fingers_in(kind)) for kind in ("plain", "rolled", "latent"))
    assert latent * 1.4 < plain < rolled / 1.8


def test_an_examiner_finds_about_twenty_minutiae_in_a_latent() -> None:
    assert 15 < counts(fingers_in("latent", "examiner")) < 28


def test_extractors_leave_types_open_as_they_do() -> None:
    shares = {}
    for name in prints.EXTRACTORS:
        types = np.concatenate([t.type for t in fingers_in("plain", name, 20)])
        shares[name] = np.bincount(types, minlength=3) / len(types)
    assert shares["fine"][0] == shares["coarse"][0] == 0
    assert 0.1 < shares["keen"][0] < 0.2
    assert shares["coarse"][1] > shares["fine"][1] > shares["fine"][2] > 0.3


def test_clearer_minutiae_have_better_quality() -> None:
    """Those that a second extractor finds as well are better than the others."""
    finger, random = prints.Finger.draw(of(2)), of(3)
    found: dict[bool, list[int]] = {True: [], False: []}
    for _ in range(20):
        touch = finger.touch(random)
        one, other = touch.read(random, "fine"), touch.read(random, "coarse")
        away = np.hypot(one.x[:, None] - other.x, one.y[:, None] - other.y)
        for quality, near in zip(one.quality.tolist(), away.min(axis=1) < 8, strict=True):
            found[bool(near)].append(quality)
    assert np.mean(found[True]) > np.mean(found[False]) + 5


@pytest.mark.parametrize("pattern", prints.PATTERNS)
def test_patterns_can_be_chosen(pattern: str) -> None:
    finger = prints.Finger.draw(of(1), pattern)
    assert finger.pattern == pattern
    assert len(finger.impression(of(2), "rolled")) > 30


def test_patterns_have_their_shares() -> None:
    drawn = [prints.Finger.draw(of(seed)).pattern for seed in range(300)]
    for pattern, share in prints.PATTERNS.items():
        assert abs(drawn.count(pattern) / 300 - share) < 0.08
    assert sum(prints.PATTERNS.values()) == pytest.approx(1)


@pytest.mark.parametrize(("position", "usual"), [(2, "right loop"), (9, "left loop")])
def test_loops_open_towards_the_little_finger(position: int, usual: str) -> None:
    drawn = [prints.Finger.draw(of(seed), position=position).pattern for seed in range(150)]
    loops = [pattern for pattern in drawn if pattern.endswith("t loop")]
    assert 70 < len(loops) < 130
    assert 0.8 < loops.count(usual) / len(loops) < 1


def test_two_prints_of_a_finger_differ() -> None:
    finger, random = prints.Finger.draw(of(1)), of(2)
    assert finger.impression(random) != finger.impression(random)


def test_one_touch_can_be_read_twice() -> None:
    finger, random = prints.Finger.draw(of(1), position=3), of(2)
    touch = finger.touch(random, "rolled")
    one, other = touch.read(of(5), "keen", 3), touch.read(of(5), "keen", 3)
    assert one == other
    assert touch.kind == "rolled"
    assert touch.read(of(6), "keen", 3) != one


def test_palms_are_large() -> None:
    random = of(3)
    palms = [prints.Palm.draw(random).impression(random, position=21) for _ in range(5)]
    assert all(500 <= len(palm) <= 1000 for palm in palms)
    assert all(palm.is_palm and not palm.is_latent and palm.impression == 10 for palm in palms)
    assert min(np.ptp(palm.x) for palm in palms) > 1300


def test_a_latent_of_a_palm_shows_a_part_of_it() -> None:
    random = of(3)
    palm = prints.Palm.draw(random)
    latents = [palm.impression(random, "latent", "examiner") for _ in range(8)]
    assert all(latent.is_palm and latent.is_latent for latent in latents)
    assert 20 < counts(latents) < 200


@pytest.mark.parametrize(
    ("call", "code", "field"),
    [
        (lambda f: f.impression(of(1), "slap"), "bad_option", "kind"),
        (lambda f: f.impression(of(1), extractor="none"), "bad_option", "extractor"),
        (lambda f: f.impression(of(1), position=99), "bad_position", "position"),
        (lambda f: prints.Finger.draw(of(1), "star"), "bad_option", "pattern"),
        (lambda f: prints.Finger.draw(of(1), position=21), "bad_position", "position"),
        (lambda f: prints.Palm.draw(of(1)).touch(of(1), "plain"), "bad_option", "kind"),
        (lambda f: prints.sample(1, 2, extractor=["fine"]), "length_mismatch", "extractor"),
        (lambda f: prints.sample(-1), "bad_count", "n_fingers"),
        (lambda f: prints.sample(1, seed=-1), "bad_count", "seed"),
        (lambda f: prints.sample(1, start=-1), "bad_count", "start"),
    ],
)
def test_invalid_values_are_refused(call: Any, code: str, field: str) -> None:
    finger = prints.Finger.draw(of(1))
    with pytest.raises(InvalidInput) as caught:
        call(finger)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_the_package_does_not_pay_for_it() -> None:
    code = "import sys, prum_match.samples; print('prum_match.samples.prints' in sys.modules)"
    assert python("-c", code).stdout.strip() == "False"

"""The tables of searches with latents and of the cascade agree with the scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.benchmarks import PRINTS, measured

pytestmark = pytest.mark.slow

SEARCHES = """
import json
import numpy as np
from benchmarks.dactyloscopy.latents import Searches, missed_more

scores = np.array([
    [5.0, 1, 2, 3],  # the mate first
    [2.0, 9, 2, 2],  # one above, two equal: rank 3 on average
    [0.0, 7, 8, 1],  # the better of two mates, first
])
mates = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]], bool)
found = Searches.of(scores, mates)
print(json.dumps({
    "rank": found.rank.tolist(),
    "mate": found.best_mate.tolist(),
    "other": found.best_other.tolist(),
    "fnir": [found.fnir(1), found.fnir(2.5), found.fnir(3)],
    "fpir": [found.fnir_at(0.0), found.fnir_at(0.4), found.fnir_at(0.7)],
    "less": missed_more(np.array([1.0, 9, 1, 1]), np.array([9.0, 9, 1, 1]), 3),
}))
"""


def test_ranks_and_rates_of_searches_are_those_computed_by_hand() -> None:
    found = measured(SEARCHES)
    assert found["rank"] == [1.0, 3.0, 1.0]
    assert (found["mate"], found["other"]) == ([5, 2, 8], [3, 9, 7])
    assert found["fnir"] == pytest.approx([1 / 3, 1 / 3, 0])
    # Thresholds just above 9, 7 and 3: mates score 5, 2 and 8.
    assert found["fpir"] == pytest.approx([1, 2 / 3, 1 / 3])
    assert found["less"] == 0.5


LATENTS = """
import json
import numpy as np
from benchmarks.dactyloscopy import generated, latents
from benchmarks.dactyloscopy.rivals.base import Rival

generated.BLOCK = 40

class Blind(Rival):
    name = latents.PEER
    packages = ("numpy",)
    conversion = "it counts minutiae"

    def prepare(self, template):
        return len(template)

    def compare(self, probe, reference):
        return -abs(probe - reference)

class Slow(Blind):
    name = "slow"

latents.seconds_for = lambda rival, *rest: 9.0 if rival.name == "slow" else 0.0

def perfect(probes, references):
    # The gallery begins with the mates, in the order of the probes.
    scores = np.zeros((len(probes), len(references)))
    scores[np.arange(len(probes)), np.arange(len(probes))] = 1
    return scores

extent = latents.Extent((20, 40), 60, 8, 8.0, 50, processes=1)
print(json.dumps(list(latents.report(None, perfect, [Blind(), Slow()], extent))))
"""


def test_latents_are_searched_in_galleries_as_large_as_there_is_time_for(tmp_path: Path) -> None:
    lines = measured(LATENTS, PRUM_BENCH_DIR=str(tmp_path))
    sizes = [line.split(";")[0] for line in lines if "gallery of" in line]
    assert sizes == ["  gallery of 20", "  gallery of 40", "  gallery of 60"]
    ours = [line.split()[1:] for line in lines if line.startswith("    prum_match  ")]
    assert ours == [["0.0"] * 7] * 3
    assert sum("slow" in line and "not run: about" in line for line in lines) == 2
    assert "    rivals: not asked at this size" in lines
    verdicts = [line for line in lines if "must: FNIR at rank 10" in line]
    assert len(verdicts) == 2
    assert all(line.endswith(": met") for line in verdicts)
    # The first galleries are the beginnings of the larger ones: nothing is compared twice.
    assert len(list(tmp_path.glob("nbis-*.npy"))) == 1


PATCH = """
import json
import numpy as np
from benchmarks.dactyloscopy import data, patches
from prum_match.dactyloscopy import Template

random = np.random.default_rng(3)
x, y = random.permutation(900)[:40] + 20.0, random.permutation(900)[:40] + 20.0
angle = random.uniform(0, 360, 40)
template = Template(x=x, y=y, angle=angle, type=[1] * 40, width=1000, height=1000, ppi=1000)
few = Template(x=[1], y=[1], angle=[0], width=9, height=9, ppi=500)
prints = data.collect("some", [("db", "1", 1, template), ("db", "2", 1, few)])
found, left_out = patches.patches(prints, 1)

patches.DROPOUT, patches.JITTER, patches.TURN, patches.SPURIOUS = 0, 0, 0, 0
rigid = patches.patch(template, np.random.default_rng(1))

def bearings(x, y, angle):
    # Directions beside those of the ways to all others: no turn changes them.
    z = x - 1j * y
    way = z - z[:, None] + np.eye(len(z))
    return np.exp(1j * np.radians(angle))[:, None] * np.abs(way) / way

def differ(near):
    x, y = template.x[near] / 2, template.y[near] / 2
    far = np.abs((x - 1j * y) - (x - 1j * y)[:, None]) > 60
    was = bearings(x, y, template.angle[near])
    return np.abs(bearings(rigid.x, rigid.y, rigid.angle) - was)[far].max()

best = min(
    differ(np.argsort(np.hypot(template.x - a, template.y - b), kind="stable")[:18])
    for a, b in zip(template.x, template.y)
)
print(json.dumps({
    "left out": left_out, "fingers": found.finger.tolist(),
    "minutiae": len(found.templates[0]), "latent": found.templates[0].is_latent,
    "again": patches.patch(template, np.random.default_rng(1)) == rigid,
    "rigid": len(rigid), "turned": bool(abs(rigid.angle - template.angle[0]).min() > 1e-6),
    "worst": float(best),
}))
"""


def test_a_patch_is_18_minutiae_turned_with_their_directions() -> None:
    found = measured(PATCH)
    assert (found["left out"], found["fingers"], found["latent"]) == (1, ["db/1"], True)
    assert 12 <= found["minutiae"] <= 20
    assert found["rigid"] == 18
    assert found["again"]
    assert found["turned"]
    # Half a pixel at either end of 60.
    assert found["worst"] < 0.03


MISSES = (
    PRINTS
    + """
from types import SimpleNamespace
from prum_match import dactyloscopy
from benchmarks.dactyloscopy import contenders
from benchmarks.dactyloscopy.speed import SearchCase

probes = some(1, 4, 1)
found = {"cascade": ["db0/0"], "exhaustive": ["db0/0", "db0/1", "db0/2"]}
cascade = dactyloscopy.Policy(mode="cascade")

def search(probe, policy=cascade):
    return SimpleNamespace(reference_ids=found[policy.mode])

print(json.dumps(contenders.misses(SearchCase(probes, probes, cascade, 1.0), search)))
"""
)


def test_a_miss_of_the_cascade_is_a_mate_that_an_exhaustive_search_finds() -> None:
    assert measured(MISSES) == {
        "probes": 4,
        "mates_among_the_first_10": 1,
        "and_by_exhaustive_search": 3,
        "missed": "66.7%",
    }


TAIL = """
import json
from types import SimpleNamespace
import numpy as np
from benchmarks.dactyloscopy import tail

scores = np.arange(100.0).reshape(10, 10)
rows, columns, weights = tail.sample(scores, tail.Extent(10, 20, 40))
print(json.dumps({
    "best": sorted(scores[rows, columns][:20].tolist()),
    "others": float(scores[rows, columns][20:].max()),
    "weights": [float(weights[:20].sum()), float(weights[20:].sum())],
    "levels": [tail._level(2, 120.0, 10_000), tail._level(2, 121.0, 10_000)],
}))
"""


def test_the_tail_weighs_a_sample_as_all_pairs() -> None:
    found = measured(TAIL)
    assert found["best"] == list(range(80, 100))
    assert found["others"] < 80
    assert found["weights"] == [20, 80]
    # 100 of 10,000 are allowed, with a deviation of 10.
    assert [line.endswith(": met") for line in found["levels"]] == [True, False]

"""Drawn prints have the statistics of real ones; and the benchmark that compares the two runs.

The ranges are those of FVC2002 DB1 and DB2 with NBIS mindtct ("coarse"), FingerJetFX ("keen") and
SourceAFIS ("fine"), some of them a little wider. The seed is fixed, so the results do not vary.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.dactyloscopy import statistics
from benchmarks.dactyloscopy.alignment import Minutiae, align, hull, inside
from benchmarks.dactyloscopy.statistics import Prints, Summary

pytestmark = pytest.mark.slow


NAMES = ("coarse", "keen", "fine")


@cache
def drawn() -> dict[str, Prints]:
    return statistics.drawn(30, 4, NAMES, seed=11)


@cache
def single(name: str) -> Summary:
    return statistics.of_single_prints(drawn()[name])


@cache
def mated(name: str) -> Summary:
    return statistics.of_mates(drawn()[name])


SINGLE = {
    "minutiae, mean": {"coarse": (43, 54), "keen": (43, 56), "fine": (29, 39)},
    "minutiae, deviation": {"coarse": (9, 15), "keen": (10, 20), "fine": (7, 12)},
    "width of the hull, 50 %": {"coarse": (215, 260), "keen": (210, 250), "fine": (180, 220)},
    "height of the hull, 50 %": {"coarse": (300, 365), "keen": (285, 330), "fine": (250, 305)},
    "minutiae in 10000 square px of the hull": {
        "coarse": (7.5, 9.5),
        "keen": (8.8, 11),
        "fine": (7.5, 9.5),
    },
    "nearest neighbour, 5 %": {"coarse": (6, 9), "keen": (5, 7), "fine": (6.5, 8.5)},
    "nearest neighbour, 50 %": {"coarse": (17, 22), "keen": (14, 18), "fine": (18.5, 23)},
    "nearest neighbour, 95 %": {"coarse": (38, 48), "keen": (36, 46), "fine": (42, 52)},
    "endings among known types": {
        "coarse": (0.6, 0.75),
        "keen": (0.54, 0.65),
        "fine": (0.53, 0.65),
    },
    "ridge angle to one 15-30 px away, median": {
        "coarse": (9, 13),
        "keen": (11, 17),
        "fine": (11, 17),
    },
    "ridge angle to one 50-80 px away, median": {
        "coarse": (20, 30),
        "keen": (22, 32),
        "fine": (22, 32),
    },
    "same way, 15-30 px away": {"coarse": (0.55, 0.67), "keen": (0.55, 0.67), "fine": (0.55, 0.7)},
    "same way, 50-80 px away": {"coarse": (0.52, 0.61), "keen": (0.52, 0.61), "fine": (0.53, 0.62)},
}
MATED = {
    "aligned pairs": {"coarse": (0.93, 1), "keen": (0.93, 1), "fine": (0.85, 1)},
    "share of minutiae in the overlap": {
        "coarse": (0.58, 0.72),
        "keen": (0.58, 0.72),
        "fine": (0.56, 0.7),
    },
    "mated in the overlap, mean": {
        "coarse": (0.78, 0.87),
        "keen": (0.81, 0.88),
        "fine": (0.8, 0.89),
    },
    "position residual, 50 %": {"coarse": (3, 4), "keen": (3, 4), "fine": (3, 4)},
    "position residual, 90 %": {"coarse": (6, 9), "keen": (6, 9), "fine": (6, 9)},
    "angle residual, 50 %": {"coarse": (3.5, 5.5), "keen": (2.8, 4), "fine": (2.4, 3.6)},
    "same type": {"coarse": (0.72, 0.85), "keen": (0.68, 0.8), "fine": (0.68, 0.8)},
    "change of a span of 20-60 px, median": {
        "coarse": (1.7, 2.6),
        "keen": (1.7, 2.6),
        "fine": (1.7, 2.6),
    },
    "change of a span of 150-220 px, median": {
        "coarse": (3, 4.5),
        "keen": (3, 4.5),
        "fine": (3, 4.5),
    },
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", SINGLE)
def test_single_prints(row: str, name: str) -> None:
    low, high = SINGLE[row][name]
    assert low < single(name)[row] < high


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", MATED)
def test_mates(row: str, name: str) -> None:
    low, high = MATED[row][name]
    assert low <= mated(name)[row] <= high


@pytest.mark.parametrize("name", NAMES)
def test_strangers_have_mates_by_chance(name: str) -> None:
    found = statistics.of_strangers(drawn()[name])
    assert 0.2 < found["strangers' mates, share of the smaller print"] < 0.27


@pytest.mark.parametrize(
    ("one", "other", "found", "ahead"),
    [
        ("coarse", "keen", (0.62, 0.8), (0.8, 2.1)),
        ("coarse", "fine", (0.5, 0.68), (0.8, 2.1)),
        ("keen", "fine", (0.52, 0.68), (-0.3, 0.5)),
    ],
)
def test_two_extractors_of_one_image(
    one: str, other: str, found: tuple[float, float], ahead: tuple[float, float]
) -> None:
    both = statistics.of_extractors(drawn()[one], drawn()[other])
    assert found[0] < both["found by the other"] < found[1]
    assert ahead[0] < both["endings lie further along by, median"] < ahead[1]
    assert 0.8 < both["beside the ridge, median"] < 1.5


def test_the_aligner_finds_a_turn_and_a_shift() -> None:
    random = np.random.default_rng(1)
    points = random.uniform(-150, 150, 40) + 1j * random.uniform(-180, 180, 40)
    one = Minutiae(points, random.uniform(0, 6, 40), np.ones(40, np.uint8))
    turned = Minutiae((points * np.exp(0.6j) + 30 - 50j)[::-1], one.direction[::-1] + 0.6, one.type)
    found = align(one, turned)
    assert len(found.first) == 40
    assert np.abs(found.points - turned.points[::-1]).max() < 1e-6


def test_hulls() -> None:
    square = np.array([0, 2, 2 + 2j, 2j, 1 + 1j])
    assert sorted(hull(square), key=np.angle) == [0, 2, 2 + 2j, 2j]
    assert inside(np.array([1 + 0.5j, 3, -0.1 + 1j, 2]), square).tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Drawn prints are written as the real ones are, and read back."""
    columns = {}
    for name in ("fine", "coarse"):
        each = [print_ for finger in drawn()[name][:5] for print_ in finger]
        theta = np.degrees(np.concatenate([m.direction for m in each]))
        points = np.concatenate([m.points for m in each])
        columns |= {
            f"{statistics.TWINS[name]}/{key}": values
            for key, values in {
                "x": points.real,
                "y": -points.imag,
                "theta": theta,
                "type": np.concatenate([m.type for m in each]),
                "offset": np.cumsum([0, *map(len, each)]),
                "finger": np.repeat(np.arange(5), 4),
                "dpi": np.full(20, 500),
            }.items()
        }
    np.savez(tmp_path / "fvc2002_db7b.npz", **columns)
    again = statistics.read(tmp_path / "fvc2002_db7b.npz", "mindtct")
    assert np.allclose(again[4][3].points, drawn()["coarse"][4][3].points)
    statistics.main(
        [str(tmp_path), "--databases", "7", "--extractors", "coarse", "fine", "--fingers", "3"]
    )
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if line.startswith("  endings lie further"))
    assert len(row.split()) == 8
    assert [line.split(":")[0] for line in lines if ":" in line][:2] == ["mindtct and coarse"] * 2

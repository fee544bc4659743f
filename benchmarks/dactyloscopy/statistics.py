"""Drawn prints beside real ones: ``python -m benchmarks.dactyloscopy.statistics FOLDER``.

FOLDER holds ``fvc2002_db1b.npz`` and its like: minutiae of FVC2002, for benchmarks only. Nothing
but the summary that is printed here went into the constants of :mod:`prum_match.samples.prints`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy.alignment import Minutiae, align, hull, inside, mates, turn_between
from prum_match.dactyloscopy import Template
from prum_match.samples import prints

# Who imitates whom.
TWINS = {"coarse": "mindtct", "keen": "fjfx", "fine": "sourceafis"}
DISTANCES = (0, 15, 30, 50, 80, 120, 180)
SPANS = (20, 60, 100, 150, 220, 400)
# Two prints are taken as aligned when so many minutiae are mates.
ALIGNED = 10
STRANGERS = 300

Prints = list[list[Minutiae]]
Summary = dict[str, float]
Floats = NDArray[np.float64]


def read(path: Path, extractor: str) -> Prints:
    """Return the prints of a file: for each finger its impressions."""
    with np.load(path) as file:
        columns = {name.split("/")[1]: file[name] for name in file if name.startswith(extractor)}
    scale = 500 / columns["dpi"].astype(float)
    fingers: dict[int, list[Minutiae]] = {}
    for row, (start, end) in enumerate(zip(columns["offset"], columns["offset"][1:], strict=False)):
        part = slice(start, end)
        points = (columns["x"][part] - 1j * columns["y"][part]) * scale[row]
        minutiae = Minutiae(points, np.radians(columns["theta"][part]), columns["type"][part])
        fingers.setdefault(int(columns["finger"][row]), []).append(minutiae)
    return list(fingers.values())


def drawn(n: int, impressions: int, extractors: Sequence[str], seed: int) -> dict[str, Prints]:
    """Return drawn prints, as each extractor reads them: for each finger its impressions."""
    random = np.random.default_rng(seed)
    out: dict[str, Prints] = {name: [] for name in extractors}
    for _ in range(n):
        finger = prints.Finger.draw(random)
        touches = [finger.touch(random) for _ in range(impressions)]
        for name, sets in out.items():
            sets.append([_minutiae(touch.read(random, name)) for touch in touches])
    return out


def _minutiae(template: Template) -> Minutiae:
    points = template.x - 1j * template.y
    return Minutiae(points, np.radians(template.angle), template.type)


def of_single_prints(sets: Prints) -> Summary:
    """Summarise what each print shows for itself."""
    each = [minutiae for finger in sets for minutiae in finger if len(minutiae) > 1]
    counts = np.array([len(minutiae) for minutiae in each])
    types = np.concatenate([minutiae.type for minutiae in each])
    out = {"minutiae, mean": counts.mean(), "minutiae, deviation": counts.std()}
    out |= {f"minutiae, {q} %": np.percentile(counts, q) for q in (5, 50, 95)}
    within = [m.std() for m in (np.array([len(i) for i in finger]) for finger in sets)]
    out["minutiae, deviation within a finger"] = np.mean(within)
    out["endings among known types"] = (types == 1).sum() / (types > 0).sum()
    corners = [hull(minutiae.points) for minutiae in each]
    areas = np.array([(np.conj(c) * np.roll(c, -1)).imag.sum() / 2 for c in corners])
    sides = np.array([(np.ptp(m.points.real), np.ptp(m.points.imag)) for m in each])
    for name, values in (("width", sides[:, 0]), ("height", sides[:, 1]), ("area", areas)):
        out |= {f"{name} of the hull, {q} %": np.percentile(values, q) for q in (10, 50, 90)}
    out["minutiae in 10000 square px of the hull"] = np.median(1e4 * counts / areas)
    nearest, apart, flow, way = [], [], [], []
    for minutiae in each:
        distance = np.abs(minutiae.points[:, None] - minutiae.points)
        first, second = np.triu_indices(len(minutiae), 1)
        apart.append(distance[first, second])
        turn = turn_between(minutiae.direction[first], minutiae.direction[second])
        flow.append(np.degrees(np.abs(np.angle(np.exp(2j * turn)) / 2)))
        way.append(np.abs(turn) < np.pi / 2)
        np.fill_diagonal(distance, np.inf)
        nearest.append(distance.min(axis=1))
    out |= {
        f"nearest neighbour, {q} %": np.percentile(np.concatenate(nearest), q)
        for q in (1, 5, 25, 50, 75, 95)
    }
    far, bend, same = map(np.concatenate, (apart, flow, way))
    for low, high in pairwise(DISTANCES):
        at = (far >= low) & (far < high)
        out[f"ridge angle to one {low}-{high} px away, median"] = np.median(bend[at])
        out[f"ridge angle to one {low}-{high} px away, 90 %"] = np.percentile(bend[at], 90)
        parallel = at & (bend < 30)
        out[f"same way, {low}-{high} px away"] = same[parallel].mean()
    return out


def of_mates(sets: Prints) -> Summary:
    """Summarise pairs of prints of one finger."""
    usable = [[each for each in finger if len(each) >= ALIGNED] for finger in sets]
    pairs = [pair for finger in usable for pair in combinations(finger, 2)]
    shared, overlap, offs, turns, types = [], [], [], [], []
    spans, changes, along, beside = [], [], [], []
    used = 0
    turned = []
    for a, b in pairs:
        found = align(a, b)
        if len(found.first) < ALIGNED:
            continue
        used += 1
        common = inside(found.points, b.points)
        shared.append(np.isin(np.flatnonzero(common), found.first).mean())
        overlap.append(common.mean())
        turned.append(np.degrees(turn_between(found.direction[:1], a.direction[:1]))[0])
        here, there = found.points[found.first], b.points[found.second]
        offs.append(np.abs(here - there))
        step = (here - there) * np.exp(-1j * b.direction[found.second])
        along.append(np.abs(step.real))
        beside.append(np.abs(step.imag))
        turn = turn_between(found.direction[found.first], b.direction[found.second])
        turns.append(np.degrees(np.abs(turn)))
        known = (a.type[found.first] > 0) & (b.type[found.second] > 0)
        types.append((a.type[found.first] == b.type[found.second])[known])
        i, j = np.triu_indices(len(here), 1)
        spans.append(np.abs(here[i] - here[j]))
        changes.append(np.abs(spans[-1] - np.abs(there[i] - there[j])))
    out = {"aligned pairs": used / len(pairs)}
    out["share of minutiae in the overlap"] = np.mean(overlap)
    out["share of minutiae in the overlap, deviation"] = np.std(overlap)
    out["mated in the overlap, mean"] = np.mean(shared)
    out["mated in the overlap, deviation"] = np.std(shared)
    out["turn, deviation"] = np.std(turned)
    for name, values in (
        ("position", offs),
        ("along the ridge", along),
        ("beside the ridge", beside),
        ("angle", turns),
    ):
        for q in (25, 50, 75, 90):
            out[f"{name} residual, {q} %"] = np.percentile(np.concatenate(values), q)
    out["same type"] = np.concatenate(types).mean()
    span, change = np.concatenate(spans), np.concatenate(changes)
    for low, high in pairwise(SPANS):
        at = (span >= low) & (span < high)
        out[f"change of a span of {low}-{high} px, median"] = np.median(change[at])
        out[f"change of a span of {low}-{high} px, 90 %"] = np.percentile(change[at], 90)
    return out


def of_strangers(sets: Prints) -> Summary:
    """Summarise pairs of prints of different fingers of a like number."""
    pairs = [pair for prints_ in zip(*sets, strict=True) for pair in combinations(prints_, 2)]
    pairs = [(a, b) for a, b in pairs if min(len(a), len(b)) >= ALIGNED]
    pairs = pairs[:: max(1, len(pairs) // STRANGERS)]
    found = np.array([len(align(a, b).first) for a, b in pairs])
    size = np.array([min(len(a), len(b)) for a, b in pairs])
    return {
        "strangers' mates, mean": found.mean(),
        "strangers' mates, 95 %": np.percentile(found, 95),
        "strangers' mates, share of the smaller print": (found / size).mean(),
    }


def of_extractors(one: Prints, other: Prints) -> Summary:
    """Summarise what two extractors make of the same images."""
    out: Summary = {}
    ahead: dict[int, list[Floats]] = {1: [], 2: []}
    beside, turns, found, types = [], [], [], []
    for a, b in zip(_flat(one), _flat(other), strict=True):
        if not len(a) or not len(b):
            continue
        first, second = mates(a.points, a.direction, b)
        step = (b.points[second] - a.points[first]) * np.exp(-1j * a.direction[first])
        for kind in (1, 2):
            ahead[kind].append(step.real[a.type[first] == kind])
        beside.append(np.abs(step.imag))
        turns.append(np.abs(turn_between(a.direction[first], b.direction[second])))
        found.append(len(first) / len(a))
        known = b.type[second] > 0
        types.append((a.type[first] == b.type[second])[known])
    for kind, name in ((1, "endings"), (2, "bifurcations")):
        out[f"{name} lie further along by, median"] = np.median(np.concatenate(ahead[kind]))
    spread = np.percentile(np.concatenate(ahead[1] + ahead[2]), (25, 75))
    out["along the ridge, quartiles apart"] = spread[1] - spread[0]
    out["beside the ridge, median"] = np.median(np.concatenate(beside))
    out["angle, median"] = np.degrees(np.median(np.concatenate(turns)))
    out["angle, 90 %"] = np.degrees(np.percentile(np.concatenate(turns), 90))
    out["found by the other"] = float(np.mean(found))
    out["same type"] = np.concatenate(types).mean()
    return out


def _flat(sets: Prints) -> Iterator[Minutiae]:
    return (minutiae for finger in sets for minutiae in finger)


def _table(title: str, columns: dict[str, Summary]) -> Iterator[str]:
    width = max(map(len, next(iter(columns.values()))))
    yield f"{title:{width}}  " + "".join(f"{name:>12}" for name in columns)
    for row in next(iter(columns.values())):
        yield f"  {row:{width}}" + "".join(f"{each[row]:12.3g}" for each in columns.values())
    yield ""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--databases", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--extractors", nargs="+", default=list(TWINS), choices=TWINS)
    parser.add_argument("--fingers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    files = {f"FVC db{n}": options.folder / f"fvc2002_db{n}b.npz" for n in options.databases}
    made = drawn(options.fingers, 8, options.extractors, options.seed)
    real = {}
    for name in options.extractors:
        real[name] = {label: read(path, TWINS[name]) for label, path in files.items()}
        columns = {**real[name], "drawn": made[name]}
        for title, summary in (
            ("prints", of_single_prints),
            ("mates", of_mates),
            ("strangers", of_strangers),
        ):
            table = _table(
                f"{TWINS[name]} and {name}: {title}", {k: summary(v) for k, v in columns.items()}
            )
            print("\n".join(table), flush=True)
    for a, b in combinations(options.extractors, 2):
        both = {label: of_extractors(real[a][label], real[b][label]) for label in files}
        both["drawn"] = of_extractors(made[a], made[b])
        print("\n".join(_table(f"{a} to {b}", both)))


if __name__ == "__main__":
    main()

"""Faces for tests: vectors that are hard to prune, and galleries with the oracle's data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

import prum_match
from oracles.face import exact as face_exact
from prum_match import Eligible, face
from prum_match.engine import CandidateList
from support.dna import tier

TIERS = prum_match.cpu_tiers()
Vector = NDArray[np.float32]

# Vectors are refused below and above (see face.Model).
LEAST_NORM, GREATEST_NORM = 2.0**-96, 2.0**96

# Those that a code of eight bits with one scale a vector holds badly, and those that are nearly
# or exactly another vector.
FRESH = (
    "normal",
    "outlier",
    "range",
    "subnormal",
    "small",
    "big",
    "integers",
    "constant",
    "signs",
    "one hot",
    "cancel",
)
DERIVED = ("copy", "near", "negated", "scaled", "half copied")
KINDS = (*FRESH, *DERIVED)


def model_of(dimension: int, **options: Any) -> face.Model:
    options = {"normalise": "none", **options}
    return face.Model("test", "1", dimension, **options)


def vector(kind: str, random: np.random.Generator, d: int, earlier: Sequence[Vector]) -> Vector:
    """Make a vector of a kind that a model with ``normalise="none"`` always accepts."""
    with np.errstate(over="ignore", under="ignore"):
        made = np.asarray(_made(kind, random, d, earlier), np.float32)
    norm = float(np.linalg.norm(made.astype(np.float64)))
    if LEAST_NORM * 2 < norm < GREATEST_NORM / 2:
        return made
    return np.eye(1, d, int(random.integers(d)), np.float32)[0]


def _made(kind: str, random: np.random.Generator, d: int, earlier: Sequence[Vector]) -> Any:
    one = int(random.integers(d))
    x = random.standard_normal(d)
    if kind in DERIVED and earlier:
        base = earlier[int(random.integers(len(earlier)))].copy()
        if kind == "near":
            for place in random.integers(d, size=int(random.integers(1, 4))):
                base[place] = np.nextafter(base[place], np.float32(random.choice([-9, 9])))
        elif kind == "negated":
            base = -base
        elif kind == "scaled":
            base = np.ldexp(base, int(random.integers(-20, 21)))
        elif kind == "half copied":
            base[d // 2 :] = x[d // 2 :] / np.sqrt(d)
        return base
    if kind == "outlier":
        x *= 10.0 ** random.uniform(-30, -3)
        x[one] = random.choice([-1.0, 1.0])
    elif kind == "range":
        x *= 2.0 ** random.uniform(-145, 60, d)
    elif kind == "subnormal":
        x = np.ldexp(random.integers(-(2**22), 2**22, d).astype(np.float64), -149)
        x[one] = 2.0 ** int(random.integers(-90, 3))
    elif kind == "small":
        x *= 2.0**-80
    elif kind == "big":
        x *= 2.0**80
    elif kind == "integers":
        x = random.integers(-8, 8, d)
    elif kind == "constant":
        x = np.full(d, random.choice([1.0, -1.0, 0.125]))
    elif kind == "signs":
        x = random.choice([-1.0, 1.0], d)
    elif kind == "one hot":
        x = np.eye(1, d, one)[0] * random.choice([-1.0, 1.0])
    elif kind == "cancel":
        # Against a constant probe the great ones cancel, and what is left is all the score.
        great = np.ldexp(random.integers(1, 2**20, d // 2).astype(np.float64), 25)
        x[: d // 2 * 2] = random.permutation(np.concatenate([great, -great]))
        x[random.random(d) < 0.1] = random.choice([0.0, 1.0, 2.0**-30])
    else:
        x /= np.sqrt(d)
    return x


def vectors(
    random: np.random.Generator, n: int, d: int, kinds: Sequence[str], earlier: Sequence[Vector]
) -> list[Vector]:
    made: list[Vector] = []
    for kind in random.choice(list(kinds), n):
        made.append(vector(str(kind), random, d, [*made, *earlier]))
    return made


@dataclass
class Faces:
    """A gallery, and the caller's data of all references."""

    gallery: face.Gallery
    vectors: dict[str, Vector]
    subjects: dict[str, str | None] = field(default_factory=dict)
    labels: dict[str, str | None] = field(default_factory=dict)
    quality: dict[str, float | None] = field(default_factory=dict)
    captured_at: dict[str, datetime | None] = field(default_factory=dict)
    probes: list[Vector] = field(default_factory=list)
    _floats: dict[str, list[float]] = field(default_factory=dict)

    def scored(self, probe: Vector) -> list[tuple[float, str]]:
        values = probe.tolist()
        for name, row in self.vectors.items():
            if name not in self._floats:
                self._floats[name] = row.tolist()
        return [(face_exact.score(values, self._floats[name]), name) for name in self.vectors]

    def forget(self, names: Collection[str]) -> None:
        for name in names:
            del self.vectors[name]

    def chosen(self, eligible: Eligible | None) -> set[str]:
        """Return the eligible references, straight from the definition."""
        chosen = set(self.vectors)
        if eligible is None:
            return chosen
        if eligible.labels is not None:
            chosen = {name for name in chosen if self.labels[name] in eligible.labels}
        if eligible.reference_ids is not None:
            chosen &= set(eligible.reference_ids)
        known: dict[str, Mapping[str, Any]] = {
            "quality": self.quality,
            "captured_at": self.captured_at,
        }
        for attribute, (low, high) in (eligible.ranges or {}).items():
            values = known[attribute]
            chosen = {
                name
                for name in chosen
                if values[name] is not None
                and (low is None or values[name] >= low)
                and (high is None or values[name] <= high)
            }
        return chosen


MOMENTS = tuple(datetime(year, 2, 3, 4, 5, 6, tzinfo=UTC) for year in (1960, 1999, 2020, 2026))
QUALITIES = (0.0, 12.5, 40.0, 99.0, 100.0)
LABELS = (None, "suspect", "stain")


def filled(
    model: face.Model,
    rows: Mapping[str, Vector],
    ends: Sequence[int] = (),
    **attributes: Mapping[str, Any],
) -> Faces:
    """Enrol all references, in calls of the given numbers of rows."""
    gallery = face.Gallery(model, labels=[label for label in LABELS if label])
    names = list(rows)
    known = {
        name: {r: attributes[name][r] if name in attributes else None for r in rows}
        for name in ("subjects", "labels", "quality", "captured_at")
    }
    begin = 0
    for end in sorted({*(e for e in ends if 0 < e < len(names)), len(names)}):
        part = names[begin:end]
        table = np.array([rows[name] for name in part], np.float32)
        table = table.reshape(len(part), model.dimension)
        taken = {name: [values[r] for r in part] for name, values in known.items()}
        items: Any = table
        if "quality" in attributes or "captured_at" in attributes:
            items = face.Embeddings(
                table, captured_at=taken["captured_at"], quality=taken["quality"]
            )
        gallery.enrol(part, items, subject_ids=taken["subjects"], labels=taken["labels"])
        begin = end
    return Faces(gallery, dict(rows), **known)


@st.composite
def dimensions(draw: st.DrawFn) -> int:
    """Draw dimensions; most are not multiples of a register or panel, one in twelve is usual."""
    return 512 if draw(st.integers(0, 11)) == 11 else draw(st.integers(1, 130))


@st.composite
def galleries(
    draw: st.DrawFn, max_size: int = 90, n_probes: int = 2, attributes: bool = True
) -> Faces:
    """Draw galleries of several segments with erased and replaced rows, and probes for them."""
    d = draw(dimensions())
    most = max_size if d < 200 else max_size // 2
    # Hypothesis likes small numbers, and small galleries prune nothing.
    n = draw(st.integers(most // 2, most) if draw(st.integers(0, 3)) else st.integers(0, most))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
    probe_kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    made = vectors(random, n, d, kinds, [])
    # Neither the order of the ids nor their length is that of the rows.
    rows = {f"{'Rr'[i % 2]}{i}": made[k] for k, i in enumerate(random.permutation(n).tolist())}
    mean = None
    if draw(st.booleans()) and n:
        mean = np.mean(np.clip(np.array(made), -4, 4), axis=0, dtype=np.float32)
    options: dict[str, Any] = {}
    if attributes:
        options = {
            "labels": dict.fromkeys(rows, None) | _picked(random, rows, LABELS),
            "quality": _picked(random, rows, (None, *QUALITIES)),
            "captured_at": _picked(random, rows, (None, *MOMENTS)),
        }
    if draw(st.booleans()):
        people = max(1, n // 3)
        options["subjects"] = _picked(random, rows, (None, *(f"S{i}" for i in range(people))))
    ends = draw(st.sampled_from(((), (0.7,), (0.6, 0.88), (0.3, 0.6))))
    with tier(draw(st.sampled_from(TIERS))):
        faces = filled(model_of(d, mean=mean), rows, [int(n * end) for end in ends], **options)
        share = draw(st.sampled_from((0.0, 0.2, 0.6)))
        gone = [name for name in rows if random.random() < share]
        faces.gallery.erase(gone)
        faces.forget(gone)
        new = [name for name in faces.vectors if random.random() < 0.1]
        if new and draw(st.booleans()):
            table = np.array(vectors(random, len(new), d, kinds, made), np.float32)
            faces.gallery.replace(new, table)
            faces.vectors |= dict(zip(new, table, strict=True))
            for name in new:
                faces.quality[name] = faces.captured_at[name] = None
    faces.probes = vectors(random, n_probes, d, probe_kinds, made)
    return faces


def _picked(
    random: np.random.Generator, names: Collection[str], values: Sequence[Any]
) -> dict[str, Any]:
    return {name: values[int(random.integers(len(values)))] for name in names}


@st.composite
def eligibles(draw: st.DrawFn, faces: Faces) -> Eligible | None:
    """Draw filters of all three kinds, alone and together."""
    labels = draw(st.none() | st.sets(st.sampled_from(("suspect", "stain"))))
    ids = None
    if faces.vectors and draw(st.booleans()):
        ids = draw(st.sets(st.sampled_from(sorted(faces.vectors))))
    ranges: dict[str, tuple[Any, Any]] = {}
    for name, values in (("quality", QUALITIES), ("captured_at", MOMENTS)):
        if draw(st.booleans()):
            ends = draw(st.lists(st.sampled_from(values), min_size=2, max_size=2).map(sorted))
            ranges[name] = draw(
                st.sampled_from(((ends[0], ends[1]), (ends[0], None), (None, ends[1])))
            )
    return Eligible(labels, ids, ranges=ranges or None)


def bits(scores: Any) -> list[int]:
    """Return the bits of scores; check that zeros are not negative."""
    array = np.asarray(scores)
    assert array.dtype == np.float64, array.dtype
    return [int(value) for value in array.view(np.uint64)]


def assert_equals(answer: CandidateList[Any], found: face_exact.Found, exact_count: bool) -> None:
    """Compare a list with the oracle's, bit by bit."""
    assert answer.reference_ids == found.reference_ids
    assert bits(answer.scores) == bits(np.array(found.scores, np.float64))
    assert answer.truncated == found.truncated
    assert answer.examined == found.examined
    if exact_count or not found.truncated:
        assert answer.n_found == found.n_above_threshold
    else:
        assert len(answer) < answer.n_found <= found.n_above_threshold


def same(a: CandidateList[Any], b: CandidateList[Any]) -> bool:
    """Tell whether two lists are equal, apart from a count that is only a bound."""
    return (
        a.reference_ids == b.reference_ids
        and bits(a.scores) == bits(b.scores)
        and (a.examined, a.truncated) == (b.examined, b.truncated)
        and (a.truncated or a.n_found == b.n_found)
    )

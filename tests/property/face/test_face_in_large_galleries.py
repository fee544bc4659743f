"""Galleries of faces above all sizes at which a search is split.

Components are small whole numbers, so that a product of matrices in float64 is the exact score of
millions of pairs, and many of them are equal: the reference id decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from oracles.face import exact as face_exact
from prum_match import face
from support.dna import tier
from support.face import TIERS, bits, model_of

pytestmark = pytest.mark.native

# csrc/face/matcher.cpp: rows of a task, of its first piece, and of the pieces of one probe, of up
# to 12 and of more; csrc/engine/gallery.cpp: probes that pass memory together.
TILE_ROWS = 65536
PIECES = (256, 512, 2048, 8192)
GROUP = 1024
ENDS = (TILE_ROWS + 700, TILE_ROWS + 3700, 70_001)
D = 24
BATCHES = (1, 2, 5, 12, 13, 31, 32, 33, 100)


def names_of(n: int) -> NDArray[np.bytes_]:
    """Return ids that are sorted neither by row nor by the number that they contain."""
    turned = np.random.default_rng(n).permutation(n)
    return np.array([f"{'Rr'[i % 2]}{i}" for i in turned.tolist()], "S8")


@dataclass
class Large:
    """A gallery of vectors of whole numbers, and its references."""

    gallery: face.Gallery
    table: NDArray[np.int64]
    ids: NDArray[np.bytes_]
    live: NDArray[np.bool_]
    subjects: NDArray[np.int64] | None = None

    @cached_property
    def by_name(self) -> NDArray[np.int64]:
        return np.argsort(self.ids)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        return np.argsort(self.by_name)

    def scores(self, probes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Score all with all, exactly: every sum stays below 2^53."""
        found = self.table.astype(np.float64) @ probes.T.astype(np.float64)
        assert np.abs(found).max() < 2**53
        return found.astype(np.int64)

    def assert_lists(
        self,
        answer: Any,
        scores: NDArray[np.int64],
        threshold: float | None,
        limit: int | None,
        fuse: bool = False,
        count: bool = False,
    ) -> None:
        """Compare one list with all scores of its probe."""
        n = len(self.table)
        reach = self.live if threshold is None else self.live & (scores >= threshold)
        rows = np.flatnonzero(reach)
        # One number that sorts as (-score, id) does.
        keys = -scores[rows] * n + self.place[rows]
        if fuse:
            assert self.subjects is not None
            best = np.full(self.subjects.max() + 1, np.iinfo(np.int64).max)
            np.minimum.at(best, self.subjects[rows], keys)
            keys = best[best < np.iinfo(np.int64).max]
        n_found, wanted = len(keys), keys
        if limit is not None and limit < len(keys):
            wanted = np.partition(keys, limit)[:limit]
        wanted = np.sort(wanted)
        assert answer.reference_ids == [
            name.decode() for name in self.ids[self.by_name[wanted % n]].tolist()
        ]
        assert bits(answer.scores) == bits((-(wanted // n)).astype(np.float64))
        assert answer.examined == np.count_nonzero(self.live)
        assert answer.truncated == (len(wanted) < n_found)
        exact = count or not answer.truncated
        assert answer.n_found == (n_found if exact else len(wanted) + 1)


def enrolled(
    table: NDArray[np.int64], ends: tuple[int, ...] = (), subjects: NDArray[np.int64] | None = None
) -> Large:
    ids = names_of(len(table))
    names = [name.decode() for name in ids.tolist()]
    gallery = face.Gallery(model_of(table.shape[1]))
    begin = 0
    for end in ends or (len(table),):
        part = slice(begin, end)
        known = None if subjects is None else [f"S{s}" for s in subjects[part].tolist()]
        gallery.enrol(names[part], table[part].astype(np.float32), subject_ids=known)
        begin = end
    assert len(gallery._core.segments()) == max(1, len(ends))
    return Large(gallery, table, ids, np.ones(len(table), bool), subjects)


def edges() -> list[int]:
    """Return the rows on both sides of every boundary."""
    ends = {16, 32, 256, 768, *PIECES, *(size + 256 for size in PIECES), TILE_ROWS, *ENDS}
    inside = {end + step for end in ends for step in (-2, -1, 0, 1)}
    return sorted(row for row in inside if row < ENDS[-1])


@pytest.fixture(scope="module")
def large() -> Large:
    """Three segments, the first of two tiles; near copies of the probes at all the edges."""
    random = np.random.default_rng(8)
    table = random.integers(-8, 9, (ENDS[-1], D))
    mates = random.integers(-8, 9, (20, D))
    rows = np.array(edges())
    table[rows] = mates[np.arange(len(rows)) % len(mates)]
    table[rows[::3], random.integers(0, D, len(rows[::3]))] += random.integers(-1, 2)
    table[40_000:41_000] = table[:1000]
    table[-3:] = mates[:3]
    table[(table == 0).all(axis=1), 0] = 1
    made = enrolled(table, ENDS, random.integers(0, 20_000, len(table)))
    # Dead ones everywhere, whole panels among them, the best of some probes too.
    dead = random.random(len(table)) < 0.1
    dead[64:96] = dead[TILE_ROWS + 32 : TILE_ROWS + 64] = True
    dead[rows[::7]] = True
    dead[-3:] = False
    made.live[dead] = False
    made.gallery.erase([name.decode() for name in made.ids[dead].tolist()])
    return made


def probes_of(large: Large, n: int) -> NDArray[np.int64]:
    """Return probes like rows at the boundaries, then like any rows."""
    random = np.random.default_rng(n)
    probes = random.integers(-8, 9, (n, D))
    planted = large.table[[-1, -2, *edges()]][:n]
    probes[: len(planted)] = planted
    probes[1::2, 0] += 1
    probes[2::5] *= -3
    probes[(probes == 0).all(axis=1), 1] = 1
    return probes


def test_the_gallery_has_the_intended_size_and_shape(large: Large) -> None:
    assert [segment.rows for segment in large.gallery._core.segments()] == np.diff(
        [0, *ENDS]
    ).tolist()
    assert ENDS[0] > TILE_ROWS
    scores = large.scores(probes_of(large, 40))
    assert all(len(np.unique(column)) < len(column) / 20 for column in scores.T)


@pytest.mark.parametrize("name", TIERS)
def test_a_single_search(large: Large, name: str) -> None:
    probes = probes_of(large, 12)
    every = large.scores(probes)
    n = len(large.table)
    for i, (probe, scores) in enumerate(zip(probes, every.T, strict=True)):
        ranked = np.sort(scores[large.live])
        for threshold, limit, fuse, threads in (
            (None, 1, False, 1),
            (None, 20, False, 3),
            (None, 1000, False, 1),
            (float(ranked[-1]), None, False, 1),
            (math.nextafter(ranked[-1], math.inf), None, False, 3),
            (float(ranked[-300]), None, False, 3),
            (float(ranked[-300]), 20, False, 1),
            (float(ranked[n // 3]), 1000, False, 1),
            (None, 20, True, 3),
            (float(ranked[-300]), 1000, True, 1),
            (float(ranked[-300]), None, True, 1),
        ):
            policy = face.Policy(threshold=threshold)
            for count in (False, True)[: 2 if i < 3 else 1]:
                with tier(name):
                    answer = large.gallery.search(
                        probe.astype(np.float32),
                        policy=policy,
                        limit=limit,
                        threads=threads,
                        fuse_subjects=fuse,
                        count_all=count,
                    )
                large.assert_lists(answer, scores, threshold, limit, fuse, count)


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
def test_all_references_are_listed_on_request(large: Large, name: str) -> None:
    probe = probes_of(large, 3)[2]
    scores = large.scores(probe[None])[:, 0]
    alive = int(np.count_nonzero(large.live))
    for limit, fuse, count in (
        (alive, False, False),
        (alive - 1, False, True),
        (alive, True, False),
    ):
        with tier(name):
            answer = large.gallery.search(
                probe.astype(np.float32), limit=limit, fuse_subjects=fuse, count_all=count
            )
        large.assert_lists(answer, scores, None, limit, fuse, count)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("size", BATCHES)
def test_many_probes_together(large: Large, name: str, size: int) -> None:
    probes = probes_of(large, size)
    every = large.scores(probes)
    threshold = float(np.sort(every[large.live, 0])[-50])
    cases: tuple[tuple[float | None, int | None, bool, bool, int], ...] = (
        (None, 20, False, False, 1),
        (threshold, None, False, False, 3),
        (threshold, 1, True, False, 1),
    )
    if size in (2, 13, 33):
        cases += ((None, 1, False, False, 3), (None, 1000, False, False, 1))
        cases += ((threshold, 20, False, True, 1), (threshold, 20, True, True, 3))
    for threshold_, limit, fuse, count, threads in cases:
        with tier(name):
            answers = large.gallery.search_many(
                probes.astype(np.float32),
                policy=face.Policy(threshold=threshold_),
                limit=limit,
                threads=threads,
                fuse_subjects=fuse,
                count_all=count,
            )
        assert len(answers) == size
        for answer, scores in zip(answers, every.T, strict=True):
            large.assert_lists(answer, scores, threshold_, limit, fuse, count)


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
def test_more_probes_than_one_pass_over_memory_takes(name: str) -> None:
    random = np.random.default_rng(3)
    table = random.integers(-8, 9, (9000, D))
    table[-5:] = table[:5]
    small = enrolled(table, (8000, 8700, 9000), random.integers(0, 3000, len(table)))
    probes = np.concatenate([table[-30:], random.integers(-8, 9, (GROUP - 24, D))])
    probes = np.concatenate([probes[6:], probes[:6]])  # mates on both sides of the end of a group
    assert len(probes) == GROUP + 6
    every = small.scores(probes)
    threshold = float(np.sort(every[:, -1])[-40])
    for threshold_, limit, fuse in ((None, 3, False), (threshold, None, False), (None, 2, True)):
        with tier(name):
            answers = small.gallery.search_many(
                probes.astype(np.float32),
                policy=face.Policy(threshold=threshold_),
                limit=limit,
                fuse_subjects=fuse,
            )
        for answer, scores in zip(answers, every.T, strict=True):
            small.assert_lists(answer, scores, threshold_, limit, fuse)


# --- orders that are worst and best for a running cut --------------------------------------------

RISING = 20_000


def rising(n: int, ties: int) -> NDArray[np.int64]:
    """Rows whose scores with (1, 128, 16384, 0, ...) rise, `ties` at a time."""
    random = np.random.default_rng(n)
    steps = np.arange(n) // ties
    table = random.integers(-8, 9, (n, D))
    table[:, 0], table[:, 1], table[:, 2] = steps % 128, steps // 128 % 128, steps // 16384
    return table


RISER = np.pad(np.array([1, 128, 16384]), (0, D - 3))


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("order", ["rising", "falling"])
@pytest.mark.parametrize("ties", [1, 7, 1000])
def test_scores_in_order_of_rows(name: str, order: str, ties: int) -> None:
    table = rising(RISING, ties)
    large = enrolled(table if order == "rising" else table[::-1].copy(), (17_000, 19_500, RISING))
    probes = np.outer([1, -1, 3] * 12, RISER)
    every = large.scores(probes[:3])
    for limit, size in product((1, 20, 1000), (1, 3, 13, 36)):
        if size > 3 and limit > 20:
            continue
        with tier(name):
            answers = large.gallery.search_many(
                probes[:size].astype(np.float32), limit=limit, threads=1 + size % 2 * 2
            )
        for i, answer in enumerate(answers):
            large.assert_lists(answer, every[:, i % 3], None, limit)
        with tier(name):
            answer = large.gallery.search(probes[0].astype(np.float32), limit=limit, threads=1)
        large.assert_lists(answer, every[:, 0], None, limit)


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("equal", ["vectors", "scores"])
def test_equal_scores_are_ordered_by_id(name: str, equal: str) -> None:
    """Only the id decides; a row that is cut has to be recognised as equally good."""
    random = np.random.default_rng(5)
    table = random.integers(-8, 9, (9001, D))
    table[:, : D // 2] = table[0, : D // 2]
    if equal == "vectors":
        table[:] = table[0]
    large = enrolled(table, (8000, 8700, 9001))
    probe = np.where(np.arange(D) < D // 2, table[0], 0)
    scores = large.scores(probe[None])[:, 0]
    assert len(np.unique(scores)) == 1
    for limit, threshold, size in product(
        (1, 20, 1000, 9001, None), (None, float(scores[0])), (1, 5, 40)
    ):
        if (limit is None and threshold is None) or (size > 1 and (limit or 9001) > 1000):
            continue
        probes = np.repeat(probe[None], size, axis=0).astype(np.float32)
        with tier(name):
            answers = large.gallery.search_many(
                probes, policy=face.Policy(threshold=threshold), limit=limit
            )
        large.assert_lists(answers[0], scores, threshold, limit)
        large.assert_lists(answers[size - 1], scores, threshold, limit)
    none = face.Policy(threshold=math.nextafter(scores[0], math.inf))
    with tier(name):
        assert len(large.gallery.search(probe.astype(np.float32), policy=none)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("fuse", [False, True])
def test_a_truncated_list_whose_next_candidate_is_far_behind(name: str, fuse: bool) -> None:
    """The candidate is not listed, but proves that the list is truncated."""
    random = np.random.default_rng(12)
    table = random.integers(-2, 3, (3000, D))
    probe = random.integers(1, 9, D)
    places = np.array([5, 255, 256, 1500, 2699, 2700, 2999])
    table[places] = np.outer([64, 1, 32, 2, 16, 4, 8], probe) * 16
    subjects = np.arange(len(table)) // 2
    # One tile: what is left of the next would do as the one beyond.
    large = enrolled(table, (3000,), subjects)
    scores = large.scores(probe[None])[:, 0]
    for limit, size in product(range(1, 9), (1, 7, 40)):
        with tier(name):
            answers = large.gallery.search_many(
                np.array([probe] * size, np.float32), limit=limit, threads=1, fuse_subjects=fuse
            )
        large.assert_lists(answers[0], scores, None, limit, fuse)
        large.assert_lists(answers[size - 1], scores, None, limit, fuse)


# --- any numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TIERS)
def test_scores_that_are_not_whole_numbers(name: str) -> None:
    """Rows that may be listed by a product in float64 are then scored exactly."""
    random = np.random.default_rng(6)
    n, limit = ENDS[-1], 20
    table = random.standard_normal((n, D)).astype(np.float32)
    table[-40:] = table[:40] + 1e-3 * random.standard_normal((40, D)).astype(np.float32)
    probes = np.concatenate([table[:34], -table[-2:]])
    ids = names_of(n)
    gallery = face.Gallery(model_of(D))
    gallery.enrol([i.decode() for i in ids.tolist()], table)
    near = table.astype(np.float64) @ probes.T.astype(np.float64)
    wanted = []
    for probe, scores in zip(probes, near.T, strict=True):
        # 1e-9 is beyond any error of such a product.
        rows = np.flatnonzero(scores >= np.partition(scores, -limit - 1)[-limit - 1] - 1e-9)
        scored = [
            (face_exact.score(probe.tolist(), table[row].tolist()), ids[row].decode())
            for row in rows.tolist()
        ]
        wanted.append(face_exact.listed(scored, None, limit))
    with tier(name):
        answers = list(gallery.search_many(probes, limit=limit))
        answers += [gallery.search(probe, limit=limit) for probe in probes]
    for answer, found in zip(answers, [*wanted, *wanted], strict=True):
        assert answer.reference_ids == found.reference_ids
        assert bits(answer.scores) == bits(np.array(found.scores))
        edge = found.scores[-1]
    with tier(name):
        reached = gallery.search(probes[-1], policy=face.Policy(threshold=edge))
    assert reached.reference_ids == wanted[-1].reference_ids

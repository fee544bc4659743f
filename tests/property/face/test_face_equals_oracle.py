"""A search of faces equals exact arithmetic, to the last bit of every score.

The oracle does not use codes or bounds; the tests include vectors that codes approximate badly.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.face import exact as face_exact
from prum_match import face
from support import face as faces_
from support.examples import examples
from support.face import TIERS, Faces, assert_equals, galleries, model_of, same, tier

pytestmark = pytest.mark.native

THREADS = (1, 3)
BATCHES = (1, 2, 3, 12, 13, 24, 40)

exact = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def cuts(draw: st.DrawFn, scores: list[float]) -> tuple[float | None, int | None]:
    """Draw a threshold at, just above or just below a score, a limit near the number, or both."""
    threshold = limit = None
    which = draw(st.sampled_from(("threshold", "limit", "both")))
    if which != "limit":
        threshold = draw(st.sampled_from([*scores, 0.0, -0.0, 0.5, -1e30, 1e30]))
        towards = draw(st.sampled_from((threshold, math.inf, -math.inf)))
        threshold = math.nextafter(threshold, towards)
    if which != "threshold":
        limit = draw(st.integers(1, len(scores) + 1))
    return threshold, limit


@settings(exact, max_examples=examples(150))
@given(galleries(attributes=False), st.data())
def test_all_candidates_with_all_counts_in_order(faces: Faces, data: st.DataObject) -> None:
    for probe in faces.probes:
        scored = faces.scored(probe)
        threshold, limit = data.draw(cuts([value for value, _ in scored]))
        policy = face.Policy(threshold=threshold)
        for fuse in (None, False):
            subjects = faces.subjects if fuse is None else None
            found = face_exact.listed(scored, threshold, limit, subjects)
            for name, threads in product(TIERS, THREADS):
                with tier(name):
                    answer = faces.gallery.search(
                        probe, policy=policy, limit=limit, threads=threads, fuse_subjects=fuse
                    )
                assert_equals(answer, found, exact_count=False)
            counted = faces.gallery.search(
                probe, policy=policy, limit=limit, fuse_subjects=fuse, count_all=True
            )
            assert_equals(counted, found, exact_count=True)


@settings(exact, max_examples=examples(60))
@given(galleries(), st.sampled_from((None, True, False)), st.sampled_from(THREADS), st.data())
def test_only_eligible_references_are_candidates(
    faces: Faces, fuse: bool | None, threads: int, data: st.DataObject
) -> None:
    probe = faces.probes[0]
    eligible = data.draw(faces_.eligibles(faces))
    chosen = faces.chosen(eligible)
    scored = [pair for pair in faces.scored(probe) if pair[1] in chosen]
    threshold, limit = data.draw(cuts([value for value, _ in scored]))
    subjects = None if fuse is False else faces.subjects
    found = face_exact.listed(scored, threshold, limit, subjects)
    for name, count in product(TIERS, (False, True)):
        with tier(name):
            answer = faces.gallery.search(
                probe,
                policy=face.Policy(threshold=threshold),
                limit=limit,
                eligible=eligible,
                threads=threads,
                count_all=count,
                fuse_subjects=fuse,
            )
        assert_equals(answer, found, exact_count=count)
    for candidate in answer:
        name = candidate.reference_id
        assert (candidate.label, candidate.subject_id) == (faces.labels[name], faces.subjects[name])
        item = faces.gallery[name]
        assert item.vector.tobytes() == faces.vectors[name].tobytes()
        assert (item.quality, item.captured_at) == (faces.quality[name], faces.captured_at[name])


@settings(exact, max_examples=examples(60))
@given(
    galleries(max_size=60, n_probes=max(BATCHES), attributes=False),
    st.sampled_from(BATCHES),
    st.sampled_from(TIERS),
    st.sampled_from(THREADS),
    st.data(),
)
def test_a_batch_equals_single_searches(
    faces: Faces, size: int, name: str, threads: int, data: st.DataObject
) -> None:
    probes = faces.probes[:size]
    threshold, limit = data.draw(cuts([value for value, _ in faces.scored(probes[0])]))
    policy = face.Policy(threshold=threshold)
    fuse = data.draw(st.sampled_from((None, False)))
    count = data.draw(st.booleans())
    options: dict[str, Any] = {"fuse_subjects": fuse, "count_all": count}
    with tier(name):
        answers = faces.gallery.search_many(
            np.array(probes), policy=policy, limit=limit, threads=threads, **options
        )
        singles = [
            faces.gallery.search(p, policy=policy, limit=limit, threads=1, **options)
            for p in probes
        ]
    assert len(answers) == size
    assert all(same(a, b) for a, b in zip(answers, singles, strict=True))
    last = face_exact.listed(
        faces.scored(probes[-1]), threshold, limit, faces.subjects if fuse is None else None
    )
    assert_equals(answers[size - 1], last, count)
    # The columns of all probes are those of each, one after the other.
    assert answers.reference_ids == [r for single in singles for r in single.reference_ids]
    assert answers.offsets.tolist() == np.cumsum([0, *(len(s) for s in singles)]).tolist()
    assert answers.columns["score"].tolist() == [v for s in singles for v in s.scores.tolist()]


@pytest.mark.parametrize("d", [1, 7, 64, 100, 512])
@pytest.mark.parametrize("name", TIERS)
def test_batches_of_every_size(name: str, d: int) -> None:
    """Each probe equals the oracle, for any number of probes that share a pass over memory."""
    random = np.random.default_rng(d)
    made = faces_.vectors(random, 70, d, ("normal", "near", "outlier", "integers"), [])
    faces = faces_.filled(model_of(d), {f"R{i}": row for i, row in enumerate(made)}, [40, 60])
    probes = np.array(
        faces_.vectors(random, max(BATCHES), d, ("normal", "copy", "range", "outlier"), made)
    )
    wanted = [face_exact.listed(faces.scored(probe), None, 9) for probe in probes]
    for size in BATCHES:
        for shift in (0, max(BATCHES) - size):
            with tier(name):
                answers = faces.gallery.search_many(
                    probes[shift : shift + size], limit=9, threads=1, count_all=True
                )
            for answer, found in zip(answers, wanted[shift : shift + size], strict=True):
                assert_equals(answer, found, exact_count=True)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129])
def test_gallery_sizes_around_a_panel(n: int) -> None:
    """A panel of codes has sixteen rows and a word of live bits sixty-four; both may be cut."""
    random = np.random.default_rng(n)
    made = faces_.vectors(random, n, 24, ("normal", "copy"), [])
    faces = faces_.filled(model_of(24), {f"R{i}": row for i, row in enumerate(made)})
    gone = [f"R{i}" for i in {0, n // 2} if n > 1]
    for _ in range(2):
        for name, probe in product(TIERS, (made[0], made[-1], -made[n // 3])):
            for threshold, limit in ((None, 3), (0.25, None), (0.25, 2)):
                found = face_exact.listed(faces.scored(probe), threshold, limit)
                with tier(name):
                    answer = faces.gallery.search(
                        probe, policy=face.Policy(threshold=threshold), limit=limit
                    )
                assert_equals(answer, found, exact_count=False)
        faces.gallery.erase(gone)
        faces.forget(gone)
        gone = []


def test_a_large_gallery_with_several_threads() -> None:
    """Enough rows for every thread, and near copies that compete for the end of a list."""
    random = np.random.default_rng(11)
    n, d = 6000, 48
    centres = random.standard_normal((40, d)) / np.sqrt(d)
    table = (centres[np.arange(n) % 40] + 1e-3 * random.standard_normal((n, d))).astype(np.float32)
    table[4000:] = table[:2000]  # ties across segments
    rows = {f"R{i}": row for i, row in enumerate(table)}
    subjects = {name: f"S{i % 700}" for i, name in enumerate(rows)}
    faces = faces_.filled(model_of(d), rows, [3500, 5000, 5700], subjects=subjects)
    assert len(faces.gallery._core.segments()) > 1
    for probe in (table[5], -table[6], centres[3].astype(np.float32)):
        scored = faces.scored(probe)
        edge = sorted(value for value, _ in scored)[-151]
        for threshold, limit, fuse in (
            (None, 1, False),
            (None, 200, False),
            (edge, None, False),
            (math.nextafter(edge, 9), 17, True),
            (None, 40, True),
        ):
            found = face_exact.listed(scored, threshold, limit, subjects if fuse else None)
            for name, threads in product(TIERS, (1, 2, 5)):
                with tier(name):
                    answer = faces.gallery.search(
                        probe,
                        policy=face.Policy(threshold=threshold),
                        limit=limit,
                        threads=threads,
                        fuse_subjects=fuse,
                    )
                assert_equals(answer, found, exact_count=False)


@settings(exact, max_examples=examples(40))
@given(galleries(max_size=30, n_probes=4, attributes=False), st.data())
def test_a_join_equals_single_searches(faces: Faces, data: st.DataObject) -> None:
    """A pair consists of two references; a join does not fuse subjects."""
    probes = faces_.filled(
        faces.gallery.model, {f"P{i}": probe for i, probe in enumerate(faces.probes)}
    )
    scored = {name: faces.scored(probe) for name, probe in probes.vectors.items()}
    every = sorted(value for pairs in scored.values() for value, _ in pairs)
    threshold = data.draw(st.sampled_from(every)) if every else 0.0
    for name in TIERS:
        with tier(name):
            blocks = list(
                probes.gallery.join(faces.gallery, policy=face.Policy(threshold=threshold))
            )
        found: dict[str, list[tuple[str, float]]] = {name: [] for name in scored}
        for block in blocks:
            pairs = zip(block.probe_ids, block.reference_ids, block.columns["score"], strict=True)
            for probe_id, reference_id, value in pairs:
                found[probe_id].append((reference_id, float(value)))
        for probe_id, pairs_found in found.items():
            wanted = face_exact.listed(scored[probe_id], threshold)
            assert [pair[0] for pair in pairs_found] == wanted.reference_ids
            assert [pair[1] for pair in pairs_found] == wanted.scores

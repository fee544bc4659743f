"""Laws of every search for faces, for any scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles.face import exact as face_exact
from prum_match import face
from support import face as faces_
from support.examples import examples
from support.face import TIERS, Faces, Vector, bits, galleries, model_of, same, tier

pytestmark = pytest.mark.native

rules = settings(
    deadline=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
limits = st.integers(1, 40)


def everyone(faces: Faces, probe: Vector, **options: Any) -> Any:
    """List all references, best first, without fusing subjects."""
    return faces.gallery.search(probe, limit=len(faces.vectors) + 1, fuse_subjects=False, **options)


@rules
@given(galleries(attributes=False), limits, st.randoms(use_true_random=False))
def test_the_order_of_enrolment_does_not_matter(faces: Faces, limit: int, turn: Any) -> None:
    names = list(faces.vectors)
    turn.shuffle(names)
    rows = {name: faces.vectors[name] for name in names}
    other = faces_.filled(faces.gallery.model, rows, [len(rows) // 3], subjects=faces.subjects)
    for probe in faces.probes:
        assert same(
            faces.gallery.search(probe, limit=limit), other.gallery.search(probe, limit=limit)
        )


@rules
@given(galleries(attributes=False), st.randoms(use_true_random=False))
def test_permuted_rows_only_permute_the_ids(faces: Faces, turn: Any) -> None:
    names = list(faces.vectors)
    to = dict(zip(names, turn.sample(names, len(names)), strict=True))
    rows = {to[name]: row for name, row in faces.vectors.items()}
    other = faces_.filled(faces.gallery.model, rows)
    for probe in faces.probes:
        one, two = everyone(faces, probe), everyone(other, probe)
        assert bits(one.scores) == bits(two.scores)
        pairs = zip(one.scores.tolist(), map(to.get, one.reference_ids), strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[0], str(pair[1]).encode()))
        assert two.reference_ids == [name for _, name in ranked]


@rules
@given(galleries(attributes=False), st.integers(-40, 40), limits)
def test_a_scaled_probe_scales_its_scores_exactly(faces: Faces, k: int, limit: int) -> None:
    for probe in faces.probes:
        with np.errstate(over="ignore", under="ignore"):
            scaled = np.ldexp(probe, k)
            assume(np.array_equal(np.ldexp(scaled, -k), probe))
        norm = math.sqrt(face_exact.score(scaled.tolist(), scaled.tolist()))
        assume(faces_.LEAST_NORM < norm < faces_.GREATEST_NORM)
        one = faces.gallery.search(probe, limit=limit)
        two = faces.gallery.search(scaled, limit=limit)
        assert two.reference_ids == one.reference_ids
        assert bits(two.scores) == bits(np.ldexp(one.scores, k))


@rules
@given(galleries(attributes=False))
def test_a_negated_probe_negates_its_scores(faces: Faces) -> None:
    for probe in faces.probes:
        one, two = everyone(faces, probe), everyone(faces, -probe)
        of_one = dict(zip(one.reference_ids, one.scores.tolist(), strict=True))
        assert of_one == dict(zip(two.reference_ids, (-two.scores).tolist(), strict=True))


@rules
@given(galleries(attributes=False), limits, st.data())
def test_the_split_into_segments_does_not_matter(
    faces: Faces, limit: int, data: st.DataObject
) -> None:
    n = len(faces.vectors)
    ends = data.draw(st.lists(st.integers(0, n), max_size=4))
    other = faces_.filled(faces.gallery.model, faces.vectors, ends, subjects=faces.subjects)
    before = [faces.gallery.search(probe, limit=limit, count_all=True) for probe in faces.probes]
    other_found = [
        other.gallery.search(probe, limit=limit, count_all=True) for probe in faces.probes
    ]
    assert all(same(a, b) for a, b in zip(before, other_found, strict=True))
    faces.gallery.compact()
    after = [faces.gallery.search(probe, limit=limit, count_all=True) for probe in faces.probes]
    assert all(same(a, b) for a, b in zip(before, after, strict=True))
    assert [a.n_found for a in before] == [b.n_found for b in after]


@rules
@given(galleries(attributes=False), limits, st.sampled_from(("threshold", "limit")))
def test_a_reference_below_the_cut_does_not_change_the_list(
    faces: Faces, limit: int, cut: str
) -> None:
    probe = faces.probes[0]
    before = faces.gallery.search(probe, limit=limit)
    assume(len(before) == limit)
    edge = float(before.scores[-1])
    new = faces.probes[1]
    value = face_exact.score(probe.tolist(), new.tolist())
    if value >= edge:
        new, value = -new, -value
    assume(value < edge)
    policy = face.Policy(threshold=edge)
    if cut == "threshold":
        before = faces.gallery.search(probe, policy=policy)
    faces.gallery.enrol(["new"], new[None])
    after = (
        faces.gallery.search(probe, policy=policy)
        if cut == "threshold"
        else faces.gallery.search(probe, limit=limit)
    )
    assert after.reference_ids == before.reference_ids
    assert bits(after.scores) == bits(before.scores)
    assert after.examined == before.examined + 1


@rules
@given(galleries(attributes=False), limits, st.sampled_from(("erase", "replace")))
def test_enrolment_and_erasure_leave_the_columns_unchanged(
    faces: Faces, limit: int, how: str
) -> None:
    """All columns of vectors, codes and bounds are equal to the byte after compaction."""
    faces.gallery.compact()
    before = [faces.gallery.search(probe, limit=limit, count_all=True) for probe in faces.probes]
    bytes_before = contents(faces.gallery)
    faces.gallery.enrol(["new 1", "new 2"], np.array(faces.probes), subject_ids=["S0", None])
    if how == "replace":
        faces.gallery.replace(["new 2"], faces.probes[0][None])
    faces.gallery.erase(["new 2", "new 1"])
    after = [faces.gallery.search(probe, limit=limit, count_all=True) for probe in faces.probes]
    assert all(same(a, b) for a, b in zip(before, after, strict=True))
    faces.gallery.compact()
    assert contents(faces.gallery) == bytes_before


def contents(gallery: face.Gallery) -> dict[str, bytes]:
    if not gallery._core.segments():
        return {}
    (segment,) = gallery._core.segments()
    return {
        column.name: segment.columns[column.name].tobytes()
        for column in gallery.category.layout.columns
        if not column.optional or column.name in segment.columns
    }


@rules
@given(galleries(attributes=False), st.data())
def test_a_higher_threshold_gives_a_prefix_of_the_list(faces: Faces, data: st.DataObject) -> None:
    for probe in faces.probes:
        full = everyone(faces, probe)
        scores = full.scores.tolist()
        for _ in range(3):
            threshold = data.draw(st.sampled_from([*scores, 0.0]))
            answer = faces.gallery.search(
                probe, policy=face.Policy(threshold=threshold), fuse_subjects=False
            )
            n = sum(value >= threshold for value in scores)
            assert answer.reference_ids == full.reference_ids[:n]
            assert bits(answer.scores) == bits(full.scores)[:n]
            assert (answer.n_found, answer.truncated) == (n, False)


MEANS = ("none", "zeros", "one row", "of all", "far away", "noise", "tiny")


def mean_of(kind: str, rows: list[Vector], random: np.random.Generator) -> Vector | None:
    d = len(rows[0])
    made: dict[str, NDArray[Any] | None] = {
        "none": None,
        "zeros": np.zeros(d),
        "one row": rows[0],
        "of all": np.mean(rows, axis=0, dtype=np.float64),
        "far away": np.full(d, 1e6),
        "noise": random.standard_normal(d),
        "tiny": np.full(d, 2.0**-140),
    }
    mean = made[kind]
    return None if mean is None else np.asarray(mean, np.float32)


@pytest.mark.parametrize("kinds", [("normal", "near"), ("integers", "outlier"), ("range", "big")])
@pytest.mark.parametrize("d", [3, 64, 128])
def test_centring_never_changes_a_score(kinds: tuple[str, ...], d: int) -> None:
    random = np.random.default_rng(d)
    made = faces_.vectors(random, 80, d, kinds, [])
    rows = {f"R{i}": row for i, row in enumerate(made)}
    probes = np.array(faces_.vectors(random, 15, d, (*kinds, "half copied"), made))
    first: list[Any] | None = None
    for kind in MEANS:
        model = model_of(d, mean=mean_of(kind, made, random))
        gallery = faces_.filled(model, rows, [50]).gallery
        for name in TIERS:
            with tier(name):
                found = [
                    (answer.reference_ids, bits(answer.scores))
                    for answer in (
                        *gallery.search_many(probes, limit=7),
                        *(
                            gallery.search(probe, policy=face.Policy(threshold=0.1))
                            for probe in probes
                        ),
                    )
                ]
            first = found if first is None else first
            assert found == first, (kind, name)


@rules
@given(galleries(attributes=False), limits)
def test_a_subject_has_the_score_of_its_best_image(faces: Faces, limit: int) -> None:
    for probe in faces.probes:
        each = everyone(faces, probe)
        fused = faces.gallery.search(probe, limit=limit, count_all=True)
        score_of = dict(zip(each.reference_ids, each.scores.tolist(), strict=True))
        images: dict[str, list[str]] = {}
        for name in each.reference_ids:
            images.setdefault(faces.subjects[name] or f"reference {name}", []).append(name)
        assert fused.n_found == len(images)
        assert len(fused) == min(limit, len(images))
        for candidate in fused:
            own = images[candidate.subject_id or f"reference {candidate.reference_id}"]
            assert candidate.score == max(score_of[name] for name in own)
            assert candidate.reference_id == own[0]
        # In the order of the list without fusing.
        places = [each.reference_ids.index(name) for name in fused.reference_ids]
        assert places == sorted(places)


@rules
@given(galleries(attributes=False))
def test_compare_and_search_give_the_same_score(faces: Faces) -> None:
    model = faces.gallery.model
    for probe in faces.probes:
        answer = everyone(faces, probe)
        for candidate in answer[:5]:
            row = faces.vectors[candidate.reference_id]
            for name in TIERS:
                with tier(name):
                    one, two = face.compare(probe, row, model), face.compare(row, probe, model)
                assert bits([float(one), float(two)]) == bits([candidate.score] * 2)
                assert one.score == one == two
            wanted = face_exact.cosine(probe.tolist(), row.tolist())
            assert math.isclose(one.cosine, wanted, rel_tol=1e-14, abs_tol=1e-15)
            assert candidate.explain() == one

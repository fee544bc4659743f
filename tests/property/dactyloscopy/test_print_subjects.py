"""A search for subjects equals trying all pairings of fingers, to the last bit."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles.dactyloscopy import subjects as oracle
from prum_match import Eligible, dactyloscopy
from prum_match.dactyloscopy.assignment import assign
from support.dactyloscopy.subjects import CALIBRATIONS, People, people, scores
from support.examples import examples


def search(gallery: dactyloscopy.Gallery, given_: People, **options: Any) -> Any:
    options.setdefault("limit", 99)
    return gallery.search_subjects(given_.templates, calibrations=CALIBRATIONS, **options)


def assert_equals(answer: dactyloscopy.SubjectCandidateList, found: oracle.Found) -> None:
    listed = zip(answer.subject_ids, answer.is_reference, answer.scores, strict=True)
    assert [(i, bool(alone), Fraction(score)) for i, alone, score in listed] == found.listed
    assert (answer.n_found, answer.truncated) == (found.n_found, found.truncated)
    assert answer.n_compared == found.compared


@given(people(), st.booleans(), st.integers(1, 3), st.sampled_from((1, 2)))
def test_all_subjects_are_listed_in_order(
    given_: People, any_finger: bool, parts: int, threads: int
) -> None:
    answer = search(given_.gallery(parts), given_, any_finger=any_finger, threads=threads)
    assert_equals(answer, given_.expected(limit=99, any_finger=any_finger))
    assert answer.examined == len(given_.references)


@given(people(), st.booleans(), st.data())
def test_thresholds_limits_and_filters(
    given_: People, any_finger: bool, data: st.DataObject
) -> None:
    threshold = data.draw(st.sampled_from([None, -1.0, *np.unique(scores()).tolist()]))
    limit = data.draw(st.integers(1, 4))
    labels = data.draw(st.sampled_from((("a", "b"), ("a",), ("b",))))
    kinds = data.draw(st.sampled_from((("TP", "UL"), ("TP",), ("UL",))))
    policy = dactyloscopy.Policy(threshold=threshold, references=kinds)
    answer = search(
        given_.gallery(),
        given_,
        policy=policy,
        limit=limit,
        eligible=Eligible(labels=labels),
        any_finger=any_finger,
    )
    assert_equals(answer, given_.expected(threshold, limit, any_finger, labels, kinds))
    assert answer.examined == sum(r.label in labels for r in given_.references)


@given(people(), st.booleans())
def test_an_explanation_adds_up(given_: People, any_finger: bool) -> None:
    for candidate in search(given_.gallery(), given_, any_finger=any_finger):
        explained = candidate.explain()
        assert explained.score == candidate.score
        assert [f.reference_id for f in explained.fingers] == candidate.reference_ids
        probes = [f.probe_index for f in explained.fingers]
        assert [f.probe for f in explained.fingers] == [given_.templates[i] for i in probes]
        pairs = [(f.probe.position, f.reference.position) for f in explained.fingers]
        for side in zip(*pairs, strict=True):
            stated = [oracle.SINGLE[position] for position in side if position in oracle.SINGLE]
            assert len(stated) == len(set(stated))
        assert len(set(probes)) == len(set(candidate.reference_ids)) == len(explained.fingers)
        for finger, (a, b) in zip(explained.fingers, pairs, strict=True):
            assert any_finger or oracle.same_skin(a, b)
            same = oracle.SINGLE.get(a, 0) == oracle.SINGLE.get(b, -1)
            assert finger.adds > 0 or (same and not any_finger)
            assert finger.comparison.score == finger.score
        fingers = {oracle.finger(p.position, i) for i, p in enumerate(given_.probe)}
        assert len(fingers) == len(explained.fingers) + len(explained.without_partner)


@given(people(), st.booleans(), st.permutations(range(12)))
def test_the_layout_does_not_change_answers(
    given_: People, any_finger: bool, order: list[int]
) -> None:
    shuffled = [given_.references[i] for i in order if i < len(given_.references)]
    one = search(given_.gallery(), given_, any_finger=any_finger)
    other = search(replace(given_, references=shuffled).gallery(3), given_, any_finger=any_finger)
    for a, b in zip(one, other, strict=True):
        assert (a.subject_id, a.score, a.reference_ids) == (b.subject_id, b.score, b.reference_ids)


@settings(max_examples=examples(25))
@given(people(), st.booleans(), st.sets(st.integers(0, 11)))
def test_searches_on_disk_and_after_erasures(
    given_: People, any_finger: bool, gone: set[int]
) -> None:
    erased = [r.id for i, r in enumerate(given_.references) if i in gone]
    left = replace(given_, references=[r for r in given_.references if r.id not in erased])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gallery"
        given_.gallery(2).save(path)
        with (
            dactyloscopy.Gallery.open(path, "rw") as writer,
            dactyloscopy.Gallery.open(path) as reader,
        ):
            assert_equals(
                search(reader, given_, any_finger=any_finger),
                given_.expected(limit=99, any_finger=any_finger),
            )
            writer.erase(erased)
            for gallery in (reader, writer):
                answer = search(gallery, given_, any_finger=any_finger)
                assert_equals(answer, left.expected(limit=99, any_finger=any_finger))


@given(st.data())
def test_pairings_of_fingers_are_optimal(data: st.DataObject) -> None:
    tables, rows, columns = (data.draw(st.integers(1, 4)) for _ in range(3))
    values = st.integers(-3, 6).map(lambda v: v / 2)
    flat = data.draw(
        st.lists(values, min_size=tables * rows * columns, max_size=tables * rows * columns)
    )
    worth = np.array(flat).reshape(tables, rows, columns)
    for table, partner in zip(worth, assign(worth), strict=True):
        made = [(row, int(column)) for row, column in enumerate(partner) if column >= 0]
        assert len({column for _, column in made}) == len(made)
        assert all(table[pair] > 0 for pair in made)
        all_ = {
            (("own", i), ("own", 99 + j)): Fraction(float(table[i, j]))
            for i in range(rows)
            for j in range(columns)
        }
        assert sum(Fraction(float(table[pair])) for pair in made) == oracle.best_pairing(all_)

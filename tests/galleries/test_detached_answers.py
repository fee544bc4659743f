"""Answers pickle, copy and compare; a pickled one is detached from its gallery."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import dactyloscopy
from prum_match.engine import Candidate, CandidateList, Eligible, Gallery
from prum_match.errors import NoSuchColumn, PrumError
from support.galleries.kits import DACTYLOSCOPY, Kit, opened


def filled(kit: Kit) -> Gallery[Any]:
    gallery = kit.gallery(labels=["old", "new"])
    ids = ["a", "b", "c", "d"]
    items = [kit.item(0), kit.item(0, 1), kit.item(0, 2), kit.item(1)]
    gallery.enrol(ids, items, subject_ids=["s", None, "t", "u"], labels=["old", "new", None, None])
    return gallery


def facts(candidate: Candidate) -> tuple[Any, ...]:
    optional = [getattr(candidate, name, None) for name in ("grade", "quality", "score", "cost")]
    return (
        candidate.reference_id,
        candidate.rank,
        candidate.columns,
        candidate.readings,
        candidate.subject_id,
        candidate.label,
        *optional,
    )


def code_of(error: pytest.ExceptionInfo[PrumError]) -> str:
    return error.value.code


def test_a_pickled_list_keeps_all_but_the_items(kit: Kit) -> None:
    gallery = filled(kit)
    answer = gallery.search(kit.item(0), policy=kit.policy)
    kept = pickle.loads(pickle.dumps(answer))
    assert type(kept) is type(answer)
    assert len(kept) >= 2
    assert kept == answer
    assert hash(kept) == hash(answer)
    assert repr(kept) == repr(answer)
    assert [facts(c) for c in kept] == [facts(c) for c in answer]
    for name in ("category", "n_found", "examined", "truncated", "generation", "policy"):
        assert getattr(kept, name) == getattr(answer, name)
    assert kept.probe == (None if kit.category == "face" else answer.probe)
    assert getattr(kept, "status", None) == getattr(answer, "status", None)
    with pytest.raises(PrumError) as refused:
        _ = kept[0].item
    assert code_of(refused) == "detached"
    with pytest.raises(PrumError) as refused:
        kept[0].explain()
    assert code_of(refused) == "detached"
    assert pickle.loads(pickle.dumps(kept)) == answer


def test_pickled_lists_of_many_probes(kit: Kit) -> None:
    answers = filled(kit).search_many([kit.item(0), kit.item(7), kit.item(1)], policy=kit.policy)
    kept = pickle.loads(pickle.dumps(answers))
    assert kept == answers
    assert hash(kept) == hash(answers)
    assert [[facts(c) for c in one] for one in kept] == [[facts(c) for c in a] for a in answers]
    assert kept[0] == answers[0] != answers[2]
    assert kept.columns.keys() == answers.columns.keys()


def test_a_pickled_candidate_takes_its_list_along(kit: Kit) -> None:
    answer = filled(kit).search(kit.item(0), policy=kit.policy)
    kept = pickle.loads(pickle.dumps(answer[1]))
    assert kept == answer[1] != answer[0]
    assert hash(kept) == hash(answer[1])
    assert facts(kept) == facts(answer[1])
    assert kept.candidate_list == answer


def test_copies_keep_the_gallery(kit: Kit) -> None:
    answers = filled(kit).search_many([kit.item(0)], policy=kit.policy)
    for found in (answers, answers[0], answers[0][0]):
        for made in (copy.copy(found), copy.deepcopy(found)):
            assert made == found
    assert copy.deepcopy(answers)[0][0].explain()


def test_equal_searches_have_equal_answers(kit: Kit) -> None:
    gallery = filled(kit)
    answer = gallery.search(kit.item(0), policy=kit.policy)
    again = gallery.search(kit.item(0), policy=kit.policy)
    assert answer == again
    assert set(answer) == set(again)
    assert answer != gallery.search(kit.item(0), policy=kit.policy, limit=1)
    assert answer != gallery.search(kit.item(0), eligible=Eligible(labels=["old"]))
    assert answer != list(answer)
    assert answer[0] != answer[0].reference_id
    gallery.erase([answer.reference_ids[-1]])
    assert answer != gallery.search(kit.item(0), policy=kit.policy)


def test_references_erased_before_pickling_stay_an_error(kit: Kit) -> None:
    gallery = filled(kit)
    answer = gallery.search(kit.item(0), policy=kit.policy)
    gallery.erase([answer.reference_ids[0]])
    kept = pickle.loads(pickle.dumps(answer))
    assert kept == answer
    for read in ("subject_id", "label"):
        with pytest.raises(PrumError) as refused:
            getattr(kept[0], read)
        assert code_of(refused) == "erased"
    assert kept[1].subject_id == answer[1].subject_id


def test_an_answer_outlives_its_closed_gallery(kit: Kit, tmp_path: Path) -> None:
    filled(kit).save(tmp_path / "gallery")
    with opened(kit, tmp_path / "gallery", "r") as gallery:
        answer = gallery.search(kit.item(0), policy=kit.policy)
    kept = pickle.loads(pickle.dumps(answer))
    assert kept == answer
    with pytest.raises(PrumError) as refused:
        _ = kept[0].subject_id
    assert code_of(refused) == "closed"


def records(answer: CandidateList) -> list[dict[str, Any]]:
    """Read a list as pandas does: a sequence of mappings."""
    assert isinstance(answer, Sequence)
    assert all(isinstance(candidate, Mapping) for candidate in answer)
    assert list(answer[0].keys()) == ["reference_id", *answer.columns]
    return [dict(candidate) for candidate in answer]


def test_a_candidate_is_a_record(kit: Kit) -> None:
    answer = filled(kit).search(kit.item(0), policy=kit.policy)
    found = records(answer)
    assert [record.pop("reference_id") for record in found] == answer.reference_ids
    assert found == [candidate.columns for candidate in answer]
    assert len(answer[0]) == 1 + len(answer.columns)
    assert "no such" not in answer[0]
    assert answer[0].get("no such") is None
    with pytest.raises(NoSuchColumn, match="no_such_column"):
        answer[0]["no such"]


def test_pandas_makes_a_table_of_an_answer(kit: Kit) -> None:
    pandas = pytest.importorskip("pandas")
    answer = filled(kit).search(kit.item(0), policy=kit.policy)
    frame = pandas.DataFrame(answer)
    assert set(frame.columns) == {"reference_id", *answer.columns}
    assert frame["reference_id"].tolist() == answer.reference_ids
    for name, column in answer.columns.items():
        assert np.array_equal(frame[name].to_numpy().astype(column.dtype), column)


def test_lists_of_subjects_pickle_copy_and_compare() -> None:
    gallery = filled(DACTYLOSCOPY)
    assert isinstance(gallery, dactyloscopy.Gallery)
    answer = gallery.search_subjects([DACTYLOSCOPY.item(0)], policy=DACTYLOSCOPY.policy)
    assert len(answer) >= 2
    assert copy.deepcopy(answer) == copy.copy(answer) == answer
    kept = pickle.loads(pickle.dumps(answer))
    assert kept == answer
    assert hash(kept) == hash(answer)
    assert [(c.subject_id, c.score, c.reference_ids) for c in kept] == [
        (c.subject_id, c.score, c.reference_ids) for c in answer
    ]
    assert kept != gallery.search_subjects([DACTYLOSCOPY.item(0)], limit=1)
    with pytest.raises(PrumError) as refused:
        kept[0].explain()
    assert code_of(refused) == "detached"

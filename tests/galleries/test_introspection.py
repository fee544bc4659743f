"""Public objects can be inspected: `hasattr` is false for attributes that a category lacks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from prum_match import dactyloscopy
from prum_match.engine import Eligible
from prum_match.errors import InvalidInput, NoSuchColumn
from support.galleries.kits import Kit

# Attributes of candidates and of lists, and the result columns that they read.
COLUMN_OF = {
    "grade": "grade",
    "score": "score",
    "cost": "cost",
    "match_quality": "match_quality",
    "probability": "probability",
}


def public_objects(kit: Kit) -> Iterator[tuple[str, Any]]:
    """Yield every kind of object that a gallery and its searches return."""
    gallery = kit.gallery(open_labels=True, labels=["old"])
    yield "gallery", gallery
    items = kit.items(range(4))
    yield "enrolment", gallery.enrol(list("abcd"), items, subject_ids=["s", None, "t", "u"])
    yield "table filter", Eligible(labels=["old"])
    candidates = gallery.search(kit.item(0))
    assert len(candidates)
    yield "list", candidates
    yield "candidate", candidates[0]
    yield "comparison", candidates[0].explain()
    yield "lists", gallery.search_many(kit.items([0, 1]))
    yield "block", next(gallery.join(gallery))
    if isinstance(gallery, dactyloscopy.Gallery):
        subjects = gallery.search_subjects([kit.item(0)], policy=kit.policy)
        yield "subjects", subjects
        yield "subject", subjects[0]
        yield "subject comparison", subjects[0].explain()
    yield "replacement", gallery.replace(["d"], kit.items([5]))
    yield "erasure", gallery.erase(["d"])
    yield "verification", gallery.verify()


def test_members_of_every_public_object_can_be_listed(kit: Kit) -> None:
    for name, found in public_objects(kit):
        members = dict(inspect.getmembers(found))
        missing = {public for public in dir(found) if not public.startswith("_")} - members.keys()
        # Attributes that the category lacks are listed by `dir` alone.
        assert missing <= {*COLUMN_OF, "quality", "grades", "scores"}, name
        assert repr(found)


def test_an_attribute_without_a_result_column_is_absent(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(["a"], [kit.item(0)])
    candidates = gallery.search(kit.item(0))
    (candidate,) = candidates
    for name, column in COLUMN_OF.items():
        if hasattr(type(candidate), name):
            assert hasattr(candidate, name) == (column in candidates.columns)
    assert hasattr(candidates, "grades") == ("grade" in candidates.columns)
    assert hasattr(candidates, "scores") == ("score" in candidates.columns)
    # Persons have a match quality of their own; elsewhere the grade is the quality.
    ranked = {"grade", "match_quality"} & candidates.columns.keys()
    assert hasattr(candidate, "quality") == bool(ranked)


@pytest.mark.parametrize("name", ["grade", "quality", "score"])
def test_the_error_names_the_attribute_as_it_was_asked_for(kit: Kit, name: str) -> None:
    gallery = kit.gallery()
    gallery.enrol(["a"], [kit.item(0)])
    (candidate,) = gallery.search(kit.item(0))
    if hasattr(candidate, name):
        assert getattr(candidate, name) is not None
        return
    with pytest.raises(NoSuchColumn) as caught:
        getattr(candidate, name)
    assert isinstance(caught.value, InvalidInput)
    assert (caught.value.code, caught.value.field) == ("no_such_column", name)

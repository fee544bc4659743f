"""A single error prevents the whole change, and is reported by position, never by value."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from prum_match import _native
from prum_match.engine import Gallery
from prum_match.errors import (
    DuplicateReference,
    InvalidInput,
    PrumError,
    UnknownReference,
)
from support.galleries.kits import Kit

pytestmark = pytest.mark.native

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = "SECRET"


def start(kit: Kit) -> Gallery[Any]:
    gallery = kit.gallery(open_labels=True, labels=["victim"])
    gallery.enrol(
        ["a", "b", "c"],
        kit.items([0, 1, 2]),
        subject_ids=["s", None, "t"],
        labels=["suspect", None, "stain"],
        expires=[NOON, None, None],
    )
    gallery.enrol(["d"], kit.items([3]))
    gallery.erase(["b"])
    return gallery


def state(kit: Kit, gallery: Gallery[Any]) -> dict[str, Any]:
    """Return the visible state of a gallery, down to the bytes of every column."""
    known = {name: gallery[name] for name in "abcdefghijk" if name in gallery}
    answers = gallery.search_many(kit.items(range(12)))
    return {
        "generation": gallery.generation,
        "len": len(gallery),
        "items": known,
        "candidates": [
            [(c.reference_id, c.label, c.subject_id, c.columns) for c in answer]
            for answer in answers
        ],
        "labels": gallery._core.storage.labels.names,
        "bytes": [
            {name: array.tobytes() for name, array in segment.columns.items()}
            for segment in gallery._core.segments()
        ],
    }


def fails(
    kit: Kit, gallery: Gallery[Any], call: Callable[[], Any], kind: type[PrumError], **expect: Any
) -> PrumError:
    before = state(kit, gallery)
    with pytest.raises(kind) as caught:
        call()
    assert state(kit, gallery) == before
    error = caught.value
    assert {name: getattr(error, name) for name in expect} == expect
    assert isinstance(error, KeyError if kind is UnknownReference else ValueError)
    # Exception text ends up in logs, and with it the chain of causes.
    text = "".join(traceback.format_exception_only(error)) + str(error) + repr(error)
    text += repr(error.args)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    text += "" if cause is None else str(cause) + repr(cause)
    assert SECRET not in text
    assert error.code in str(error)
    return error


# --- enrol --------------------------------------------------------------------------------------

BAD_IDS = ["", SECRET * 11, f"{SECRET}\n", f"{SECRET} é", f"{SECRET}\x00", f"{SECRET}\x7f"]
NO_IDS = [5, None, b"SECRET", ("SECRET",), "\ud800SECRET"]


@pytest.mark.parametrize("bad", [*BAD_IDS, *NO_IDS], ids=range(len(BAD_IDS) + len(NO_IDS)))
def test_bad_reference_ids_are_refused(one_of_few_kits: Kit, bad: Any) -> None:
    kit = one_of_few_kits
    gallery = start(kit)
    error = fails(
        kit,
        gallery,
        lambda: gallery.enrol(["f", "g", bad], kit.items([5, 6, 7])),
        InvalidInput,
        code="bad_reference_id",
        index=2,
        field="reference_id",
    )
    assert error.value == bad


@pytest.mark.parametrize("reference_id", ["x", "x" * 64, " ", "~", 'a"b\\c', "AT-123/4 (b)"])
def test_printable_ascii_ids_are_accepted(one_of_few_kits: Kit, reference_id: str) -> None:
    kit = one_of_few_kits
    gallery = start(kit)
    gallery.enrol([reference_id], [kit.item(7)])
    assert gallery.search(kit.item(7)).reference_ids == [reference_id]


def test_an_id_that_occurs_twice_in_a_call_is_refused(kit: Kit) -> None:
    gallery = start(kit)
    ids = ["f", f"{SECRET}1", "g", f"{SECRET}1", "f"]
    error = fails(
        kit,
        gallery,
        lambda: gallery.enrol(ids, kit.items(range(5, 10))),
        DuplicateReference,
        code="duplicate_reference",
        index=3,
        field="reference_id",
        value=f"{SECRET}1",
    )
    assert isinstance(error, InvalidInput)


def test_an_enrolled_id_is_refused(kit: Kit) -> None:
    gallery = start(kit)
    gallery.enrol([SECRET], [kit.item(4)])
    expect = {"code": "duplicate_reference", "index": 1, "field": "reference_id"}
    call = partial(gallery.enrol, ["f", SECRET, "a"], kit.items([5, 6, 7]))
    fails(kit, gallery, call, DuplicateReference, **expect, value=SECRET)


@pytest.mark.parametrize("labels", [None, ["new label", None, None]])
def test_bad_items_are_refused(kit: Kit, labels: Any) -> None:
    """Also with a new label, which must not become known to filters."""
    gallery = start(kit)
    items = [kit.item(5), kit.item(6), kit.bad_item]
    fails(
        kit,
        gallery,
        lambda: gallery.enrol(["f", "g", "h"], items, labels=labels),
        InvalidInput,
        code=kit.bad_code,
        index=2,
    )


@pytest.mark.parametrize(
    ("options", "code", "field", "index"),
    [
        ({"subject_ids": ["s", f"{SECRET}\n"]}, "bad_subject_id", "subject_id", 1),
        ({"subject_ids": ["s", 7]}, "bad_subject_id", "subject_id", 1),
        ({"subject_ids": ["s", ""]}, "bad_subject_id", "subject_id", 1),
        ({"labels": ["new", f"{SECRET}\n"]}, "bad_label", "label", 1),
        ({"labels": ["new", ""]}, "bad_label", "label", 1),
        ({"labels": ["new", 7]}, "bad_label", "label", 1),
        ({"labels": f"{SECRET}é"}, "bad_label", "label", 0),
        ({"expires": [NOON, NOON.replace(tzinfo=None)]}, "bad_moment", "expires", 1),
        ({"expires": [NOON, SECRET]}, "bad_moment", "expires", 1),
        ({"subject_ids": ["s"]}, "length_mismatch", "subject_ids", None),
        ({"labels": ["new"]}, "length_mismatch", "labels", None),
        ({"expires": [NOON]}, "length_mismatch", "expires", None),
        ({"on_error": SECRET}, "bad_option", "on_error", None),
    ],
)
def test_bad_subjects_labels_and_expiry_dates_are_refused(
    one_of_few_kits: Kit, options: dict[str, Any], code: str, field: str, index: int | None
) -> None:
    kit = one_of_few_kits
    gallery = start(kit)
    call = partial(gallery.enrol, ["f", "g"], kit.items([5, 6]), **options)
    fails(kit, gallery, call, InvalidInput, code=code, field=field, index=index)


def test_sequences_of_different_lengths_are_refused(kit: Kit) -> None:
    gallery = start(kit)
    for ids, items in ((["f", "g"], [5]), (["f"], [5, 6])):
        fails(
            kit,
            gallery,
            partial(gallery.enrol, ids, kit.items(items)),
            InvalidInput,
            code="length_mismatch",
            field="items",
        )


# --- on_error="report" --------------------------------------------------------------------------


def test_a_report_lists_the_errors_of_bad_items_and_enrols_the_others(kit: Kit) -> None:
    gallery = start(kit)
    rows: list[tuple[Any, Any, Any, Any, Any, str | None]] = [
        ("f", kit.item(5), "s1", "new", NOON, None),
        ("g", kit.bad_item, "s2", "other", None, kit.bad_code),
        (f"{SECRET}\n", kit.item(6), "s3", None, None, "bad_reference_id"),
        ("h", kit.item(7), None, None, None, None),
        ("a", kit.item(8), None, None, None, "duplicate_reference"),
        ("h", kit.item(9), None, None, None, "duplicate_reference"),
        ("i", kit.item(9), f"{SECRET}\n", None, None, "bad_subject_id"),
        ("j", kit.item(9), None, f"{SECRET}\n", None, "bad_label"),
        ("k", kit.item(9), None, None, NOON.replace(tzinfo=None), "bad_moment"),
        ("g", kit.item(10), "s4", "suspect", None, None),
        (5, kit.bad_item, None, None, None, kit.bad_code),
        ("b", kit.item(11), None, "victim", None, None),  # erased, so free again
    ]
    ids, items, subjects, labels, expires, codes = map(list, zip(*rows, strict=True))
    before = gallery.generation
    report = gallery.enrol(
        ids, items, subject_ids=subjects, labels=labels, expires=expires, on_error="report"
    )
    assert report.enrolled == 4
    assert report.generation == gallery.generation > before
    refused = {index: code for index, code in enumerate(codes) if code is not None}
    assert {error.index: error.code for error in report.refused} == refused
    assert [error.index for error in report.refused] == sorted(refused)
    assert all(isinstance(error, InvalidInput) for error in report.refused)
    assert all(error.field for error in report.refused)
    assert SECRET not in str(report) + "".join(map(str, report.refused))
    assert {name: gallery[name] for name in "fhgb"} == {
        "f": kit.item(5),
        "h": kit.item(7),
        "g": kit.item(10),
        "b": kit.item(11),
    }
    found = [gallery.search(kit.item(family))[0] for family in (5, 7, 10, 11)]
    assert [c.subject_id for c in found] == ["s1", None, "s4", None]
    assert [c.label for c in found] == ["new", None, "suspect", "victim"]
    assert len(gallery.search(kit.item(9))) == 0
    assert len(gallery.search(kit.item(8))) == 0
    assert gallery["a"] == kit.item(0)
    assert sorted(gallery.purge(now=NOON).reference_ids) == ["a", "f"]


def test_a_report_without_good_items_changes_nothing(kit: Kit) -> None:
    gallery = start(kit)
    before = state(kit, gallery)
    report = gallery.enrol(
        ["a", "f", ""],
        [kit.item(5), kit.bad_item, kit.item(6)],
        labels=["new", "newer", "newest"],
        on_error="report",
    )
    assert report.enrolled == 0
    assert [e.code for e in report.refused] == [
        "duplicate_reference",
        kit.bad_code,
        "bad_reference_id",
    ]
    assert state(kit, gallery) == before


def test_a_report_without_faults_is_an_enrolment(kit: Kit) -> None:
    gallery = start(kit)
    report = gallery.enrol(["f", "g"], kit.items([5, 6]), on_error="report")
    assert (report.enrolled, report.refused) == (2, ())


# --- erase, replace -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "index"),
    [
        (["a", SECRET], 1),
        ([SECRET], 0),
        (["a", "a", "c", SECRET, "d"], 3),
        (["a", "b"], 1),  # erased before
        (["a", 5], 1),
        (["a", None, "c"], 1),
        (["a", "ä"], 1),
        (["a", f"{SECRET}\ud800"], 1),
        (["a", "x" * 1000], 1),
    ],
)
def test_unknown_ids_are_refused(one_of_few_kits: Kit, ids: list[Any], index: int) -> None:
    kit = one_of_few_kits
    gallery = start(kit)
    expect = {"code": "unknown_reference", "index": index, "field": "reference_id"}
    calls: list[Callable[[], Any]] = [lambda: gallery.erase(ids)]
    if len(set(ids)) == len(ids):
        calls.append(lambda: gallery.replace(ids, kit.items(range(len(ids)))))
    for call in calls:
        error = fails(kit, gallery, call, UnknownReference, **expect)
        assert error.value == ids[index]


def test_erase_refuses_a_single_text(kit: Kit) -> None:
    gallery = start(kit)
    fails(kit, gallery, lambda: gallery.erase("ac"), InvalidInput, code="bad_reference_id")


def test_bad_replacements_are_refused(kit: Kit) -> None:
    gallery = start(kit)
    good = kit.item(9)
    fails(
        kit,
        gallery,
        lambda: gallery.replace(["a", "d"], [good, kit.bad_item]),
        InvalidInput,
        code=kit.bad_code,
        index=1,
    )
    fails(
        kit,
        gallery,
        lambda: gallery.replace(["a", "d", "a"], [good, good, good]),
        DuplicateReference,
        code="duplicate_reference",
        index=2,
        field="reference_id",
    )
    fails(
        kit,
        gallery,
        lambda: gallery.replace(["a", "d"], [good]),
        InvalidInput,
        code="length_mismatch",
        field="items",
    )


def test_purge_needs_a_time_zone(kit: Kit) -> None:
    gallery = start(kit)
    naive = datetime(2030, 1, 1)
    purge = partial(gallery.purge, now=naive)
    fails(kit, gallery, purge, InvalidInput, code="bad_moment", field="now")


def test_lookup_of_an_unknown_id_is_refused(kit: Kit) -> None:
    gallery = start(kit)
    for name in ("b", SECRET, "ä"):
        call = partial(gallery.__getitem__, name)
        fails(kit, gallery, call, UnknownReference, code="unknown_reference")


# --- the errors themselves ----------------------------------------------------------------------


def test_errors_are_subclasses_of_builtin_errors() -> None:
    options: dict[str, Any] = {"code": "c", "index": 1, "field": "f", "rule": "r", "value": SECRET}
    for kind, also in (
        (InvalidInput, ValueError),
        (DuplicateReference, ValueError),
        (UnknownReference, KeyError),
    ):
        error = kind("message", **options)
        assert isinstance(error, (PrumError, also))
        assert isinstance(error, also)
        assert (error.code, error.index, error.field, error.rule) == ("c", 1, "f", "r")
        assert error.value == SECRET
        assert str(error) == "message [c; item 1; field f; rule r]"
        assert SECRET not in repr(error) + str(error.args)


def test_the_native_core_raises_errors_of_the_library() -> None:
    calls: list[tuple[Callable[[], Any], type[PrumError], str]] = [
        (lambda: _native.use_tier(SECRET), InvalidInput, "unknown_tier"),
        (lambda: _native.Segment(1, {}), InvalidInput, "bad_segment"),
        (
            lambda: _native.Gallery().find_everywhere([SECRET]),
            UnknownReference,
            "unknown_reference",
        ),
    ]
    for call, kind, code in calls:
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.code == code
        assert SECRET not in str(caught.value)

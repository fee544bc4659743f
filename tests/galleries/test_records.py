"""The records of references: read, corrected, and equal in every process."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import prum_match
from prum_match import Eligible, PrumError, dna
from prum_match.engine import Gallery
from prum_match.errors import (
    DuplicateReference,
    InvalidInput,
    NoSuchColumn,
    StorageError,
    UnknownReference,
)
from support.galleries.kits import Kit
from toy_category import NUMBERS

NOON = datetime(2030, 7, 1, 12, tzinfo=UTC)
SUBJECTS = ["s0", None, "s2", "s3"]
LABELS = ["suspect", None, "stain", "suspect"]
EXPIRES = [NOON, None, NOON + timedelta(days=1), None]
IDS = ["a", "b", "c", "d"]


@pytest.fixture
def kit(kit_anywhere: Kit) -> Kit:
    return kit_anywhere


@pytest.fixture
def gallery(kit: Kit) -> Iterator[Gallery[Any]]:
    made = kit.gallery()
    for i, name in enumerate(IDS):
        made.enrol(
            [name],
            [kit.item(i)],
            subject_ids=SUBJECTS[i : i + 1],
            labels=LABELS[i : i + 1],
            expires=EXPIRES[i : i + 1],
        )
    yield made
    made.close()


def table(gallery: Gallery[Any]) -> dict[str, tuple[Any, ...]]:
    return {r.reference_id: (r.subject_id, r.label, r.expires) for r in gallery.records()}


WHOLE = dict(zip(IDS, zip(SUBJECTS, LABELS, EXPIRES, strict=True), strict=True))


def test_records_are_those_of_the_references(gallery: Gallery[Any]) -> None:
    assert table(gallery) == WHOLE
    for name in IDS:
        record = gallery.record(name)
        assert (record.subject_id, record.label, record.expires) == WHOLE[name]
    with pytest.raises(UnknownReference):
        gallery.record("e")


def test_records_are_columns(gallery: Gallery[Any]) -> None:
    gallery.erase(["b"])
    records = gallery.records()
    assert sorted(records.reference_ids) == ["a", "c", "d"]
    assert len(records) == len(records.subject_ids) == len(records.labels) == 3
    assert records.expires.dtype == "datetime64[s]"
    assert np.isnat(records.expires).sum() == 1
    assert records[1:] == list(records)[1:]
    assert records.generation == gallery.generation


def test_an_update_changes_what_is_given_and_leaves_the_rest(
    kit: Kit, gallery: Gallery[Any]
) -> None:
    before = gallery.generation
    gallery.update(["c", "a"], labels=[None, "convicted"])
    assert gallery.generation > before
    wanted = {**WHOLE, "a": ("s0", "convicted", EXPIRES[0]), "c": ("s2", None, EXPIRES[2])}
    assert table(gallery) == wanted
    gallery.update(["b", "d"], subject_ids=["new", None], expires=[NOON, NOON])
    wanted |= {"b": ("new", None, NOON), "d": (None, "suspect", NOON)}
    assert table(gallery) == wanted
    gallery.update(["a", "b"], labels="one for all")
    wanted |= {n: (wanted[n][0], "one for all", wanted[n][2]) for n in ("a", "b")}
    assert table(gallery) == wanted
    for i, name in enumerate(IDS):
        assert gallery[name] == kit.item(i)
        assert gallery.search(kit.item(i)).reference_ids == [name]
    found = gallery.search(kit.item(0), eligible=Eligible(labels={"one for all"}))
    assert found.reference_ids == ["a"]
    assert gallery.verify().passed


def test_a_corrected_date_of_deletion_is_kept(kit: Kit, gallery: Gallery[Any]) -> None:
    gallery.update(["a"], expires=[NOON + timedelta(days=9)])
    gallery.replace(["c"], [kit.item(7)], expires=[None])
    assert gallery.purge(now=NOON + timedelta(days=2)).reference_ids == ()
    gallery.replace(["d"], [kit.item(8)], expires=[NOON])
    assert gallery.purge(now=NOON + timedelta(days=2)).reference_ids == ("d",)


def test_a_replacement_takes_what_is_given_and_leaves_the_rest(
    kit: Kit, gallery: Gallery[Any]
) -> None:
    gallery.replace(["c", "a"], kit.items([5, 6]), subject_ids=["x", "y"], labels=["l", None])
    wanted = {**WHOLE, "c": ("x", "l", EXPIRES[2]), "a": ("y", None, EXPIRES[0])}
    assert table(gallery) == wanted
    assert gallery["c"] == kit.item(5)
    gallery.replace(["c"], [kit.item(7)])
    assert table(gallery) == wanted


@pytest.mark.parametrize(
    ("ids", "given", "code"),
    [
        (["a", "e"], {"labels": ["x", "y"]}, "unknown_reference"),
        (["a", "a"], {"labels": ["x", "y"]}, "duplicate_reference"),
        (["a", "b"], {"labels": ["x"]}, "length_mismatch"),
        (["a"], {"subject_ids": ["x" * 65]}, "bad_subject_id"),
        (["a"], {"subject_ids": "x"}, "bare_string"),
        ("a", {"labels": "x"}, "bad_reference_id"),
        (["a"], {"expires": [datetime(2030, 1, 1)]}, "bad_moment"),
    ],
)
def test_a_bad_update_changes_nothing(
    gallery: Gallery[Any], ids: Any, given: dict[str, Any], code: str
) -> None:
    before = gallery.generation
    with pytest.raises(PrumError) as caught:
        gallery.update(ids, **given)
    assert caught.value.code == code
    assert table(gallery) == WHOLE
    assert gallery.generation == before


def test_one_string_is_no_sequence_of_subjects(kit: Kit) -> None:
    gallery = kit.gallery()
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(["a", "b"], kit.items([0, 1]), subject_ids="XY")
    assert (caught.value.code, caught.value.field) == ("bare_string", "subject_ids")
    gallery.enrol(["a"], [kit.item(0)], labels="x")
    for filter_ in (Eligible(labels="x"), Eligible(reference_ids="a")):
        with pytest.raises(InvalidInput) as caught:
            gallery.search(kit.item(0), eligible=filter_)
        assert caught.value.code == "bare_string"


def test_columns_of_other_libraries_are_taken(kit: Kit) -> None:
    class Column:
        """A column of pyarrow, as far as it matters."""

        def __init__(self, values: list[Any]) -> None:
            self.values = values

        def to_pylist(self) -> list[Any]:
            return self.values

    class NotATime:
        """As pandas.NaT: it equals nothing, not even itself."""

        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = object.__hash__

    gallery = kit.gallery()
    gallery.enrol(
        (name for name in IDS),
        (kit.item(i) for i in range(4)),
        subject_ids=np.array(["s0", float("nan"), "s2", "s3"], object),
        labels=Column(LABELS),
        expires=[NOON, NotATime(), EXPIRES[2], None],
    )
    assert table(gallery) == WHOLE
    gallery.replace((name for name in IDS[:1]), (kit.item(i) for i in [9]))
    assert gallery["a"] == kit.item(9)


def test_bad_arguments_are_told_when_they_are_given(kit: Kit) -> None:
    for labels in ("", "x"):
        with pytest.raises(InvalidInput) as caught:
            kit.gallery(labels=labels)
        assert (caught.value.code, caught.value.field) == ("bare_string", "labels")
    for call in (
        lambda: kit.gallery().enrol(["a"], None),
        lambda: kit.gallery().enrol(["a"], 5),
        lambda: kit.gallery().enrol(None, [kit.item(0)]),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == "not_a_sequence"
    for now in (None, "2030-01-01", 5):
        with pytest.raises(InvalidInput) as caught:
            kit.gallery().purge(now=now)
        assert (caught.value.code, caught.value.field) == ("bad_moment", "now")


def test_a_category_that_is_not_exchanged_has_no_gallery_of_what_may_be() -> None:
    with pytest.raises(InvalidInput) as caught:
        Gallery(NUMBERS, exchangeable_only=True)
    assert caught.value.code == "not_exchanged"


def test_a_label_that_was_not_declared_is_refused(kit: Kit, tmp_path: Path) -> None:
    gallery = kit.gallery(labels=["convicted", "suspect"])
    gallery.enrol(["a"], [kit.item(0)], labels="convicted")
    for attempt in (
        lambda: gallery.enrol(["b"], [kit.item(1)], labels="convited"),
        lambda: gallery.update(["a"], labels="convited"),
        lambda: gallery.replace(["a"], [kit.item(1)], labels="convited"),
    ):
        with pytest.raises(InvalidInput) as caught:
            attempt()
        assert (caught.value.code, caught.value.field) == ("undeclared_label", "labels")
    assert gallery.search(kit.item(0), eligible=Eligible(labels={"suspect"})).examined == 0
    gallery.save(tmp_path / "saved")
    with type(gallery).open(tmp_path / "saved", mode="rw") as again:
        with pytest.raises(InvalidInput, match="undeclared_label"):
            again.enrol(["b"], [kit.item(1)], labels="convited")
        again.enrol(["b"], [kit.item(1)], labels="suspect")
    opened = kit.gallery(labels=["convicted"], open_labels=True)
    opened.enrol(["a"], [kit.item(0)], labels="new")
    assert opened.record("a").label == "new"


def test_all_processes_give_one_state_one_number(kit: Kit, tmp_path: Path) -> None:
    kit.gallery().save(tmp_path / "shared")
    kind = type(kit.gallery())
    writer, reader = kind.open(tmp_path / "shared", mode="rw"), kind.open(tmp_path / "shared")
    numbers = [writer.generation]

    def check() -> None:
        assert reader.is_outdated
        reader.refresh()
        assert not reader.is_outdated
        with kind.open(tmp_path / "shared") as other:
            assert other.generation == reader.generation == writer.generation > numbers[-1]
        probe = kit.item(0)
        assert reader.search(probe).generation == writer.search(probe).generation
        assert writer.search(probe).generation == writer.generation
        numbers.append(writer.generation)

    assert reader.generation == writer.generation
    assert not reader.is_outdated
    report = writer.enrol(["a", "b"], kit.items([0, 1]))
    assert report.generation == writer.generation
    check()
    writer.replace(["a"], [kit.item(2)])
    check()
    writer.update(["a"], labels="x")
    check()
    writer.erase(["b"])
    check()
    writer.compact()
    check()
    writer.close()
    with kind.open(tmp_path / "shared") as again:
        assert again.generation == reader.generation == numbers[-1]
    reader.close()


def test_errors_of_a_gallery_on_disk_name_its_folder(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "here"
    kit.gallery().save(path)
    kind = type(kit.gallery())
    with kind.open(path, mode="rw"), pytest.raises(StorageError) as caught:
        kind.open(path, mode="rw")
    assert (caught.value.code, caught.value.path) == ("locked", str(path))
    assert str(path) in str(caught.value)
    reader = kind.open(path)
    with pytest.raises(StorageError) as caught:
        reader.enrol(["a"], [kit.item(0)])
    assert (caught.value.code, caught.value.path) == ("read_only", str(path))
    reader.close()
    with pytest.raises(StorageError) as caught:
        reader.search(kit.item(0))
    assert (caught.value.code, caught.value.path) == ("closed", str(path))
    with pytest.raises(StorageError) as caught:
        kind.open(tmp_path / "nowhere")
    assert caught.value.path == str(tmp_path / "nowhere")
    with pytest.raises(StorageError) as caught:
        kit.gallery().save(path)
    assert (caught.value.code, caught.value.path) == ("exists", str(path))


@pytest.mark.parametrize(
    "kind",
    [
        InvalidInput,
        DuplicateReference,
        UnknownReference,
        NoSuchColumn,
        StorageError,
    ],
)
def test_errors_survive_pickle_without_the_value(kind: type[PrumError]) -> None:
    error = kind("a text", code="some_code", index=3, field="a field", rule="N9", value="secret")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (str(copy), copy.args, copy.value) == (str(error), error.args, None)
    assert (copy.code, copy.index, copy.field, copy.rule) == ("some_code", 3, "a field", "N9")
    assert b"secret" not in pickle.dumps(error)


def test_every_error_of_the_library_survives_pickle() -> None:
    from prum_match.exchange import transport

    found = {PrumError}
    while more := {k for each in found for k in each.__subclasses__()} - found:
        found |= more
    for kind in {*found, transport.TransportTimeout}:
        error = kind.__new__(kind, "text")
        PrumError.__init__(error, "text", code="c", value="secret")
        assert pickle.loads(pickle.dumps(error)).code == "c"


def test_a_bad_item_in_a_worker_process_is_an_error_and_breaks_no_pool() -> None:
    script = """
from concurrent.futures import ProcessPoolExecutor
from prum_match import PrumError, dna
def work(_):
    return dna.Profile({"FGA": ("21", "9,3")})
if __name__ == "__main__":
    with ProcessPoolExecutor(1) as pool:
        try:
            pool.submit(work, 1).result(timeout=60)
        except PrumError as error:
            print(error.code)
"""
    home = str(Path(prum_match.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-"],
        input=script,
        env={"PYTHONPATH": home},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "bad_allele", done.stderr


def test_a_gallery_of_what_may_be_exchanged_refuses_the_rest(tmp_path: Path) -> None:
    short = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3)})
    loci = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)}
    loci |= {"D8S1179": (13, 14), "D3S1358": (15, 17)}
    whole = dna.Profile(loci)
    dna.Gallery().enrol(["short"], [short])
    dna.Gallery(exchangeable_only=True).save(tmp_path / "dna")
    with dna.Gallery.open(tmp_path / "dna", mode="rw") as gallery:
        with pytest.raises(InvalidInput) as caught:
            gallery.enrol(["whole", "short"], [whole, short])
        assert (caught.value.code, caught.value.index) == ("below_floor", 1)
        assert "2008/616" in (caught.value.rule or "")
        assert len(gallery) == 0
        items = [whole, short, {"loci": {"VWA": (16, 17)}}, {"loci": loci}]
        report = gallery.enrol(["a", "b", "c", "d"], items, on_error="report")
        assert [(e.index, e.code) for e in report.refused] == [
            (1, "below_floor"),
            (2, "below_floor"),
        ]
        with pytest.raises(InvalidInput, match="below_floor"):
            gallery.replace(["a"], [short])
        assert gallery["a"] == whole
        assert sorted(gallery) == ["a", "d"]

"""Galleries of released versions can be read, searched, changed and verified."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import dactyloscopy, dna, face, police_record, vehicle
from prum_match.errors import StorageError

HERE = Path(__file__).parent / "galleries"
sys.path.insert(0, str(HERE))
import make  # noqa: E402

pytestmark = pytest.mark.native

FILES = sorted(HERE.glob("format-*.zip"))


def test_all_categories_are_covered() -> None:
    assert [path.stem for path in FILES] == [
        *("format-1-dactyloscopy", "format-1-dna", "format-1-face", "format-1-police_record"),
        *("format-1-police_record_field", "format-1-police_record_record", "format-1-vehicle"),
    ]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Any, Any, Any]:
    """Return a folder, a function that opens it, the enrolled items, and a policy."""
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path)
    if request.param.stem.endswith("dna"):
        return tmp_path, dna.Gallery.open, make.profiles(), None
    if request.param.stem.endswith("dactyloscopy"):
        policy = dactyloscopy.Policy(threshold=100)
        return tmp_path, dactyloscopy.Gallery.open, make.prints(), policy
    if request.param.stem.endswith("vehicle"):
        return tmp_path, vehicle.Gallery.open, make.registrations(), None
    if "police_record" in request.param.stem:
        scheme = request.param.stem.removeprefix("format-1-police_record_")
        block = make.BLOCKS.get(scheme)
        items = make.persons() if block is None else make.encoded(block)
        return tmp_path, police_record.Gallery.open, items, None
    return tmp_path, face.Gallery.open, make.vectors(), face.Policy(threshold=0.999)


def test_old_galleries_give_the_same_answers(case: tuple[Path, Any, Any, Any]) -> None:
    path, opening, items, policy = case
    with opening(path) as gallery:
        assert gallery.verify().passed
        assert sorted(gallery) == ["A", "C", "D", "E"]
        for name, number in {"A": 0, "C": 3, "D": 4, "E": 5}.items():
            (candidate,) = gallery.search(items[number], policy=policy)
            assert candidate.reference_id == name
        assert not list(gallery.search(items[1], policy=policy))
        assert [c.label for n in (0, 3, 4, 5) for c in gallery.search(items[n], policy=policy)] == [
            *("old", "old", "new", None)
        ]
        assert [c.subject_id for n in (0, 3) for c in gallery.search(items[n], policy=policy)] == [
            *("s1", "s2")
        ]
        assert len(gallery.receipts()) == 2


def test_old_galleries_can_be_changed(case: tuple[Path, Any, Any, Any]) -> None:
    path, opening, items, policy = case
    with opening(path, mode="rw") as gallery:
        (receipt,) = gallery.erase(["D"]).receipts
        assert receipt.sequence == 3
        gallery.enrol(["F"], items[1:2])
        gallery.compact()
        assert gallery.verify().passed
    with opening(path, verify=True) as gallery:
        assert sorted(gallery) == ["A", "C", "E", "F"]
        assert gallery.search(items[1], policy=policy).reference_ids == ["F"]


def test_the_face_model_is_kept(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "format-1-face.zip") as archive:
        archive.extractall(tmp_path)
    with face.Gallery.open(tmp_path) as gallery:
        assert gallery.model == face.Model("made up", "1", 16, normalise="apply")
        wanted = make.vectors()[0]
        wanted /= np.linalg.norm(wanted)
        assert np.allclose(gallery["A"].vector, wanted)


def test_prints_are_kept(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "format-1-dactyloscopy.zip") as archive:
        archive.extractall(tmp_path)
    with dactyloscopy.Gallery.open(tmp_path) as gallery:
        for name, number in {"A": 0, "C": 3, "D": 4, "E": 5}.items():
            assert gallery[name] == make.prints()[number]
            score = dactyloscopy.compare(make.prints()[number], gallery[name]).score
            assert gallery.search(make.prints()[number], limit=1).scores.tolist() == [score]


def test_registrations_are_kept(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "format-1-vehicle.zip") as archive:
        archive.extractall(tmp_path)
    items = make.registrations()
    with vehicle.Gallery.open(tmp_path) as gallery:
        for name, number in {"A": 0, "C": 3, "D": 4, "E": 5}.items():
            assert gallery[name] == items[number]
        queries: dict[str, Any] = {
            "A": vehicle.ExactQuery("DE", "B-AB 123", at=make.NOON),
            "C": vehicle.ExactQuery("FR", vin="WVWZZZ1KZ0W000004"),
            "D": vehicle.FuzzyQuery("A8-I23-CD", max_cost=2, costs=vehicle.UNIT_COSTS),
            "E": vehicle.PatternQuery("*42788", of="vin"),
        }
        for name, query in queries.items():
            assert gallery.search(query).reference_ids == [name]
        assert gallery.search(vehicle.ExactQuery("DE", "BA-B 123")).status == "not_found"


def test_compaction_adds_the_index_of_owners(tmp_path: Path) -> None:
    """Before that, a search by owner reports the missing index: an empty answer would be wrong."""
    with zipfile.ZipFile(HERE / "format-1-vehicle.zip") as archive:
        archive.extractall(tmp_path)
    acme = vehicle.OwnerQuery(legal_name="ACME")
    for mode in ("r", "rw"):
        with vehicle.Gallery.open(tmp_path, mode=mode) as gallery:
            with pytest.raises(StorageError) as caught:
                gallery.search(acme)
            assert caught.value.code == "no_owner_index"
            stolen = vehicle.ExactQuery("FR", vin="WVWZZZ1KZ0W000004")
            assert gallery.search(stolen).reference_ids == ["C"]
    with vehicle.Gallery.open(tmp_path, mode="rw") as gallery:
        gallery.compact()
        assert gallery.search(acme).status == "not_found"
        car = vehicle.Registration("NL", "GB-001-B", owners=[vehicle.Holder("Acme")])
        gallery.enrol(["F"], [car])
    with vehicle.Gallery.open(tmp_path, verify=True) as gallery:
        assert gallery.search(acme).reference_ids == ["F"]
        assert gallery["C"] == make.registrations()[3]


@pytest.mark.parametrize("scheme", ["", "_field", "_record"])
def test_persons_are_kept(tmp_path: Path, scheme: str) -> None:
    with zipfile.ZipFile(HERE / f"format-1-police_record{scheme}.zip") as archive:
        archive.extractall(tmp_path)
    items = make.encoded(make.BLOCKS[scheme[1:]]) if scheme else make.persons()
    with police_record.Gallery.open(tmp_path) as gallery:
        assert {name: gallery[name] for name in gallery} == {
            name: items[number] for name, number in {"A": 0, "C": 3, "D": 4, "E": 5}.items()
        }
        hedda = police_record.Person("Hedda", "Gabler")
        if scheme:
            gallery.set_encoder(make.encoder(make.BLOCKS[scheme[1:]], "2031"))
        assert gallery.search(hedda, limit=1).reference_ids == ["C"]

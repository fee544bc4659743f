"""Categories by name: registered once, and made from the settings of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prum_match import dna, engine, face
from prum_match.errors import ComparisonMismatch, InvalidInput, StorageError
from toy_category import NUMBERS, NumberLayout, NumberMatching
from toy_category.marks import MARKS

MODEL = face.Model("m", "1", 8)


def test_a_category_is_found_by_its_name() -> None:
    assert engine.category("numbers") is NUMBERS
    assert engine.register(NUMBERS) is NUMBERS
    with pytest.raises(InvalidInput) as caught:
        engine.category("no such thing")
    assert (caught.value.code, caught.value.value) == ("unknown_category", "no such thing")


def test_a_name_belongs_to_one_category_and_one_opener() -> None:
    calls: list[Any] = [
        lambda: engine.register(engine.Category("numbers", NumberLayout(), NumberMatching())),
        lambda: engine.register_opener("face", lambda settings: NUMBERS),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert (caught.value.code, caught.value.field) == ("duplicate_category", "name")


def test_a_folder_is_opened_by_the_name_in_its_catalogue(tmp_path: Path) -> None:
    face.Gallery(MODEL).save(tmp_path / "faces")
    engine.Gallery(MARKS).save(tmp_path / "marks")
    with engine.Gallery[Any].open(tmp_path / "marks") as gallery:
        assert gallery.category is MARKS
    with engine.Gallery[Any].open(tmp_path / "faces") as gallery:
        assert gallery.category.layout.settings() == {"model": MODEL.settings()}


def test_the_galleries_of_a_category_open_no_other_folder(tmp_path: Path) -> None:
    engine.Gallery(NUMBERS).save(tmp_path / "numbers")
    for kind in (dna.Gallery, face.Gallery):
        with pytest.raises(ComparisonMismatch) as caught:
            kind.open(tmp_path / "numbers")
        assert (caught.value.code, caught.value.field) == ("foreign_gallery", "path")


def test_settings_of_another_version_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.Gallery(NUMBERS).save(tmp_path / "numbers")
    monkeypatch.setattr(NUMBERS.layout, "settings", lambda: {"version": 2}, raising=False)
    with pytest.raises(StorageError) as caught:
        engine.Gallery[Any].open(tmp_path / "numbers")
    assert (caught.value.code, caught.value.field) == ("other_settings", "settings")


def test_parts_that_a_category_lacks_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        NUMBERS.required_tables()
    assert caught.value.code == "no_tables"
    with pytest.raises(InvalidInput) as caught:
        NUMBERS.required_wire()
    assert caught.value.code == "not_exchanged"
    assert MARKS.required_tables() is MARKS.tables
    assert MARKS.required_wire() is MARKS.wire


def test_a_wire_without_bytes_sends_no_items() -> None:
    wire = face.Gallery(MODEL).category.required_wire()
    assert wire.probe_to_bytes([0.0] * 8) is None
    calls: dict[str, Any] = {
        "not_exchanged": lambda: wire.probe_from_bytes(b"{}"),
        "no_features": lambda: wire.check_features(["nose"]),
    }
    for code, call in calls.items():
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == code
    with pytest.raises(InvalidInput, match="not exchanged"):
        wire.reference_to_bytes([0.0] * 8)

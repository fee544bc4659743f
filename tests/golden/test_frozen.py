"""Golden files are unchanged, and galleries are written as before to the byte."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import dactyloscopy, dna, engine, face, police_record, vehicle
from toy_category import NUMBERS

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "galleries"))
import make  # noqa: E402
import written  # noqa: E402

# As `sha256sum --check` reads it.
FROZEN: dict[str, str] = {
    name: digest
    for digest, name in map(str.split, (HERE / "frozen.sha256").read_text().splitlines())
}
WRITTEN: dict[str, dict[str, str]] = json.loads((HERE / "galleries/written.json").read_text())


@pytest.mark.parametrize("name", FROZEN)
def test_a_golden_file_is_unchanged(name: str) -> None:
    assert sha256((HERE / name).read_bytes()).hexdigest() == FROZEN[name]


def test_every_gallery_of_a_released_format_is_frozen() -> None:
    found = {f"galleries/{path.name}" for path in (HERE / "galleries").glob("format-*.zip")}
    assert found == {name for name in FROZEN if name.endswith(".zip")}


def _vectors() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return unit vectors that are equal on every machine: all components are a quarter."""
    signs = np.random.default_rng(1).integers(0, 2, (6, 16))
    return np.where(signs, 0.25, -0.25).astype(np.float32)


def _case(name: str) -> tuple[Any, Any]:
    """Return an empty gallery and six items."""
    if name == "numbers":
        return engine.Gallery(NUMBERS), [101, 205, 309, 404, 511, 602]
    if name == "dna":
        return dna.Gallery(), make.profiles()
    if name == "face":
        return face.Gallery(face.Model("made up", "1", 16)), _vectors()
    if name == "dactyloscopy":
        return dactyloscopy.Gallery(), make.prints()
    if name == "vehicle":
        return vehicle.Gallery(), make.registrations()
    scheme = name.removeprefix("police_record").removeprefix("_")
    if not scheme:
        return police_record.Gallery(), make.persons()
    return police_record.Gallery(make.BLOCKS[scheme]), make.encoded(make.BLOCKS[scheme])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_folder_is_written_as_before(name: str, tmp_path: Path) -> None:
    empty, items = _case(name)
    assert written.digests(empty, items, tmp_path / "gallery") == WRITTEN[name]

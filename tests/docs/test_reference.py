"""The reference lists every public name of these packages."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGES = {
    "prum_match.errors": "errors.md",
    "prum_match.evaluation": "evaluation.md",
    "prum_match.vehicle": "vehicle.md",
    "prum_match.samples.prints": "samples.md",
    "prum_match.samples.persons": "samples.md",
    **dict.fromkeys(
        ("prum_match.dna", "prum_match.dna.formats", "prum_match.dna.statistics"), "dna.md"
    ),
    **dict.fromkeys(
        ("prum_match.dactyloscopy", "prum_match.dactyloscopy.formats"), "dactyloscopy.md"
    ),
    "prum_match.face": "face.md",
    "prum_match.exchange": "exchange.md",
    "prum_match.exchange.audit": "exchange.md",
    "prum_match.exchange.mailbox": "exchange.md",
    "prum_match.exchange.http": "exchange_http.md",
    "prum_match.testing": "testing.md",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_public_name_is_on_its_page(name: str) -> None:
    text = (REFERENCE / PAGES[name]).read_text("utf-8")
    # Names with a page of their own stand in a list, constants in the text.
    documented = r"^(?:   |\.\. autoclass:: )(\w+)(?:\.\w+)?$"
    listed = {*re.findall(documented, text, re.MULTILINE), *re.findall(r"`(\w+)`", text)}
    assert public_names(name) - listed == set()


def public_names(name: str) -> set[str]:
    """Return what a package exports, or the classes of a module that is public itself."""
    module = importlib.import_module(name)
    if hasattr(module, "__all__"):
        return set(module.__all__)
    classes = (value for value in vars(module).values() if isinstance(value, type))
    return {each.__name__ for each in classes if each.__module__ == name}

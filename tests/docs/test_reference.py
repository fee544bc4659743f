"""The reference lists every public name of the exchange and of what a host tests it with."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGES = {
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
    listed = {
        *re.findall(r"^   (\w+)(?:\.\w+)?$", text, re.MULTILINE),
        *re.findall(r"`(\w+)`", text),
    }
    assert set(importlib.import_module(name).__all__) - listed == set()

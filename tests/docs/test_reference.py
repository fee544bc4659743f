"""The reference lists every public name of these packages; those of the exchange once."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
EXCHANGE = [
    "prum_match.exchange",
    *(
        f"prum_match.exchange.{name}"
        for name in (
            *("answering", "audit", "cases", "category_rules", "hits", "mailbox", "messages"),
            *("nightly", "requesters", "store"),
        )
    ),
]
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
    **dict.fromkeys(EXCHANGE, "exchange.md"),
    "prum_match.exchange.http": "exchange_http.md",
    "prum_match.testing": "testing.md",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_public_name_is_on_its_page(name: str) -> None:
    text = (REFERENCE / PAGES[name]).read_text("utf-8")
    # Names with a page of their own stand in a list, constants in the text.
    documented = r"^(?:   |\.\. autoclass:: )(\w+)(?:\.\w+)?$"
    named = re.findall(r"`(?:\w+\.)?(\w+)`", text)
    listed = {*re.findall(documented, text, re.MULTILINE), *named}
    assert public_names(name) - listed == set()


@pytest.mark.parametrize("name", EXCHANGE)
def test_every_public_name_of_the_exchange_has_one_entry(name: str) -> None:
    module = importlib.import_module(name)
    constants = {one for one in public_names(name) if not callable(getattr(module, one))}
    assert entries(PAGES[name], name) == Counter(public_names(name) - constants)


def test_a_public_name_belongs_to_one_package_of_the_exchange() -> None:
    names = Counter(one for name in EXCHANGE for one in public_names(name))
    assert {name for name, count in names.items() if count > 1} == set()


def test_the_root_of_the_exchange_has_what_nearly_every_host_needs() -> None:
    assert len(public_names("prum_match.exchange")) == 46


def public_names(name: str) -> set[str]:
    """Return the exports of a package, or the classes of a public module."""
    module = importlib.import_module(name)
    if name == "prum_match.exchange.category_rules":  # `Purpose` has its place in the package
        return {"CATEGORY_RULES", "CategoryRule", "Side", "rule_of"}
    if hasattr(module, "__all__"):
        return set(module.__all__)
    classes = (value for value in vars(module).values() if isinstance(value, type))
    return {each.__name__ for each in classes if each.__module__ == name}


def entries(page: str, module: str) -> Counter[str]:
    """Count the names that a page lists for a module."""
    text = (REFERENCE / page).read_text("utf-8")
    found: Counter[str] = Counter()
    for part in text.split(".. currentmodule:: ")[1:]:
        if part.split("\n", 1)[0] == module:
            found.update(re.findall(r"^   (\w+)$", part.partition("```")[0], re.MULTILINE))
    return found

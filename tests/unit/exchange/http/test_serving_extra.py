"""Without uvicorn, the error names the extra that installs it."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from prum_match.errors import PrumError

PROJECT = Path(__file__).parents[4] / "pyproject.toml"
SERVING = "prum_match.exchange.http.serving"


def test_serving_without_uvicorn_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, SERVING, raising=False)
    with pytest.raises(PrumError) as refused:
        importlib.import_module(SERVING)
    assert refused.value.code == "missing_extra"
    extra = refused.value.field
    assert f"prum-match[{extra}]" in str(refused.value)
    extras = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert any(package.startswith("uvicorn") for package in extras[extra])
    assert set(extras["http"]) < set(extras[extra])


@pytest.mark.parametrize("group", ["docs", "bench"])
def test_groups_hold_what_the_exchange_over_https_needs(group: str) -> None:
    found = tomllib.loads(PROJECT.read_text("utf-8"))
    extras, groups = found["project"]["optional-dependencies"], found["dependency-groups"]
    assert {*extras["serving"], *extras["pseudonyms"]} <= set(groups[group])

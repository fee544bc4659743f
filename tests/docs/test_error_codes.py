"""The page on errors lists every code that the sources can give, and none that they cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from prum_match.exchange.messages import RequestHead

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
CODE = re.compile(r"[a-z][a-z0-9_]+")
# Where a code is an argument without a name: the function, and the position of the code.
POSITIONS = {"problem": 3, "_Stop": 1, "_guard": 0, "_reject": 2}
# Codes that are put together: `pack_strings` names the field, a reply that does not fit the field.
BUILT = {"bad_reference_id", "bad_subject_id", "bad_label"}
BUILT |= {f"wrong_{field.name}" for field in fields(RequestHead)}


def codes_of(tree: ast.Module) -> Iterator[object]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (k.value for k in node.keywords if k.arg == "code")
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name in POSITIONS and len(node.args) > POSITIONS[name]:
                yield node.args[POSITIONS[name]]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(target, "id", "") == "default_code" for target in targets):
                yield node.value


def source_codes() -> set[str]:
    found = set(BUILT)
    for path in (ROOT / "src").rglob("*.py"):
        for node in codes_of(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.IfExp | ast.BoolOp):
                values = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
                found |= {value for value in values if isinstance(value, str)}
    for path in (ROOT / "csrc").rglob("*.[ch]pp"):
        found |= set(re.findall(r'ErrorKind::\w+,\s*"(\w+)"', path.read_text("utf-8")))
    return {code for code in found if CODE.fullmatch(code)}


def page_codes() -> set[str]:
    rows = re.findall(r"^\| (`[^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z][a-z0-9_]+)`", row)}


@pytest.mark.skipif(not (ROOT / "src").exists(), reason="the sources are not here")
def test_the_page_and_the_sources_agree() -> None:
    in_sources, on_page = source_codes(), page_codes()
    # Some codes reach an error by way of a table: they stand in the text all the same.
    text = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    unknown = {code for code in on_page - in_sources if f'"{code}"' not in text}
    assert (in_sources - on_page, unknown) == (set(), set())

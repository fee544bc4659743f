"""Mutants of Python: places that are changed, and places that never are."""

from __future__ import annotations

import ast

import pytest

from tools.proof.mutation.python_mutants import python_mutants

TOY = '''"""A docstring with 1 < 2 and return True."""

from __future__ import annotations

LIMIT: int = 3  # 3 < 4 and not 5
TEXT = "a < b" + "c"
NAMED = f"{1 + 2} of {TEXT}"


@decorated(True, 7)
def f(a: int | None = 1, *, b: tuple[int, ...] = (2,)) -> Literal[9]:
    """Return 8, or raise."""
    if a < LIMIT and not b:
        raise ValueError("é 1 < 2")
    for x in b:
        if g(a, x):
            continue
    return a + 1
'''


def of(source: str) -> list[tuple[str, str, str]]:
    found = python_mutants(source.encode(), "toy.py")
    return [(m.operator, m.before, m.after) for m in found]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = a < b", [("boundary", "a < b", "a <= b"), ("comparison", "a < b", "a >= b")]),
        ("x = a is None", [("comparison", "a is None", "a is not None")]),
        ("x = not a", [("negation", "not a", "a")]),
        ("x = a and b", [("boolean", "a and b", "a or b")]),
        ("x = a - b", [("arithmetic", "a - b", "a + b")]),
        ("x += y", [("arithmetic", "x += y", "x -= y")]),
        ("x = 5", [("off by one", "5", "4"), ("off by one", "5", "6")]),
        ("x = 0.5", [("constant", "0.5", "1.0")]),
        ("x = True", [("constant", "True", "False")]),
        ("x = f(a, b)", [("arguments", "f(a, b)", "f(b, a)")]),
        ("x = f(a, a)", []),
        ("x = isinstance(a, b)", []),
        ("x = 'a' + b", []),
        ("x = int | None", []),
        ("x: int | None", []),
        ("if a:\n  pass", [("negation", "a", "not a")]),
        ("def f():\n  raise E", [("no raise", "raise E", "pass")]),
        ("def f():\n  return", [("no return", "return", "pass")]),
        ("for x in y:\n  continue", [("no continue", "continue", "pass")]),
    ],
)
def test_each_operator(code: str, expected: list[tuple[str, str, str]]) -> None:
    assert of(code) == expected


def test_comments_strings_annotations_and_decorators_stay() -> None:
    source = TOY.encode()
    found = python_mutants(source, "toy.py")
    assert len(found) > 10
    for mutant in found:
        after = mutant.applied(source).decode()
        ast.parse(after)
        assert "# 3 < 4 and not 5" in after
        for text in ('"a < b" + "c"', 'f"{1 + 2} of', "@decorated(True, 7)", "Literal[9]"):
            assert text in after
        assert after.startswith('"""A docstring with 1 < 2 and return True."""')
        assert '"""Return 8, or raise."""' in after


def test_a_mutant_only_changes_its_own_place() -> None:
    """Places are bytes: an accent before one moves it."""
    source = "x = 'é', a < b, 7\n".encode()
    after = {m.id: m.applied(source).decode() for m in python_mutants(source, "toy.py")}
    assert after == {
        "toy.py:1:boundary:a < b->a <= b": "x = 'é', (a <= b), 7\n",
        "toy.py:1:comparison:a < b->a >= b": "x = 'é', (a >= b), 7\n",
        "toy.py:1:off by one:7->6": "x = 'é', a < b, (6)\n",
        "toy.py:1:off by one:7->8": "x = 'é', a < b, (8)\n",
    }


def test_ids_are_unique_for_repeated_code_in_a_line() -> None:
    names = [m.id for m in python_mutants(b"x = f(1, 1)\n", "toy.py")]
    assert len(names) == len(set(names)) == 4
    assert "toy.py:1:off by one:1->2#2" in names

"""Mutants of C++: places that are changed, and places that never are."""

from __future__ import annotations

import pytest

from tools.proof.mutation.native_mutants import native_mutants
from tools.proof.mutation.native_tokens import tokens

UNTOUCHED = r"""// a < b && 1 + 2
/* if (x == 3) return 4; */
#include "engine/0.hpp"
#define TWICE(x) \
  ((x) + 2 < 9)
template <typename T, int N = 4>
using Pairs = std::vector<std::pair<T, 3>>;
static_assert(sizeof(int) == 4, "four");
std::array<std::array<int, 7>, 8> table{};
bool operator<(const A& a, const B* b);
const char* text = "1 < 2 \" && 3";
const char* raw = R"x(return 5; " == )x" "6";
char letter = '<';
"""


def of(source: str) -> list[tuple[str, str]]:
    """Return by mutant the operator and the whole source after it."""
    found = native_mutants(source.encode(), "toy.cpp")
    return [(m.operator, m.applied(source.encode()).decode()) for m in found]


def test_comments_strings_directives_and_templates_stay() -> None:
    assert of(UNTOUCHED) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = a < b;", [("boundary", "x = a <= b;"), ("comparison", "x = a >= b;")]),
        ("x = a == b;", [("comparison", "x = a != b;")]),
        ("x = a && b;", [("boolean", "x = a || b;")]),
        ("x = !a;", [("negation", "x = a;")]),
        ("x = a << b;", [("arithmetic", "x = a >> b;")]),
        ("x = a - b;", [("arithmetic", "x = a + b;")]),
        ("x = -a;", []),
        ("x = *a + &b;", [("arithmetic", "x = *a - &b;")]),
        ("f(T&& a, U* b);", []),
        ("x |= y;", [("arithmetic", "x &= y;")]),
        ("++x;", [("arithmetic", "--x;")]),
        ("x = 0xFFu;", [("off by one", "x = 0x100u;"), ("off by one", "x = 0xfeu;")]),
        ("x = 1'000;", [("off by one", "x = 1001;"), ("off by one", "x = 999;")]),
        ("x = 0;", [("off by one", "x = 1;")]),
        ("x = 0.5f;", [("constant", "x = 1.0f;")]),
        ("x = 1e-9;", []),
        ("x = true;", [("constant", "x = false;")]),
        (
            "if (f(a)) return b;",
            [("negation", "if (!(f(a))) return b;"), ("no return", "if (f(a)) ;")],
        ),
        ("return b;", []),
        ("if (T x = f()) g();", []),
        ("{ continue; }", [("no continue", "{ ; }")]),
        ("if (a) throw E();", [("negation", "if (!(a)) throw E();"), ("no throw", "if (a) ;")]),
    ],
)
def test_each_operator(code: str, expected: list[tuple[str, str]]) -> None:
    assert of(code) == expected


def test_lines_are_those_of_the_file() -> None:
    source = "// one\n#define A \\\n  2\n/* four\n five */ int x =\n    a < b;\n"
    found = native_mutants(source.encode(), "toy.cpp")
    assert {m.first for m in found} == {6}
    assert {m.statement for m in found} == {(5, 6)}
    assert found[0].id == "toy.cpp:6:boundary:a < b;->a <= b;"


def test_a_comment_with_an_accent_moves_no_place() -> None:
    source = "// é\nx = a < b;\n".encode()
    (first, _) = native_mutants(source, "toy.cpp")
    assert first.applied(source).decode() == "// é\nx = a <= b;\n"


def test_brackets_of_templates_are_not_comparisons() -> None:
    found = tokens("static_cast<int>(a) < b && f<2 + 3>(c) > d")
    assert [t.text for t in found if t.in_template] == ["<", "int", ">", "<", "2", "+", "3", ">"]

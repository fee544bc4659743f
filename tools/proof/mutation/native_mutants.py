"""Mutants of C++, one token or one short statement each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.proof.mutation.mutants import Mutant, numbered, shown
from tools.proof.mutation.native_tokens import Token, tokens

BINARY: dict[str, list[tuple[str, str]]] = {
    "<": [("boundary", "<="), ("comparison", ">=")],
    "<=": [("boundary", "<"), ("comparison", ">")],
    ">": [("boundary", ">="), ("comparison", "<=")],
    ">=": [("boundary", ">"), ("comparison", "<")],
    "==": [("comparison", "!=")],
    "!=": [("comparison", "==")],
    "&&": [("boolean", "||")],
    "||": [("boolean", "&&")],
    "+": [("arithmetic", "-")],
    "-": [("arithmetic", "+")],
    "*": [("arithmetic", "/")],
    "/": [("arithmetic", "*")],
    "%": [("arithmetic", "/")],
    "<<": [("arithmetic", ">>")],
    ">>": [("arithmetic", "<<")],
    "&": [("arithmetic", "|")],
    "|": [("arithmetic", "&")],
    "^": [("arithmetic", "&")],
    "+=": [("arithmetic", "-=")],
    "-=": [("arithmetic", "+=")],
    "*=": [("arithmetic", "+=")],
    "|=": [("arithmetic", "&=")],
    "&=": [("arithmetic", "|=")],
    "^=": [("arithmetic", "&=")],
    "<<=": [("arithmetic", ">>=")],
    ">>=": [("arithmetic", "<<=")],
}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_INTEGER = re.compile(r"(?P<digits>0[xX][\da-fA-F']+|0[bB][01']+|\d[\d']*)(?P<suffix>[uUlLzZ]*)")
_FLOAT = re.compile(r"(?P<digits>\d*\.\d+|\d+\.)(?P<suffix>[fF]?)")
# What is not run: nothing in these is mutated up to the mark that ends them.
_IGNORED = {"static_assert": ";", "using": ";", "namespace": "{", "operator": "("}


def native_mutants(source: bytes, path: str) -> list[Mutant]:
    """Return all mutants of a file; comments, strings, directives and templates have none."""
    text = source.decode()
    if not text.isascii():
        # Places are bytes; characters of more than one stand in comments and strings alone.
        text = "".join(c if c.isascii() else "?" * len(c.encode()) for c in text)
    found = tokens(text)
    out = []
    for i in _places(found):
        first, last = _around(found, i)
        for operator, begin, end, new in _changes(found, i, text):
            old = text[begin:end]
            out.append(
                Mutant(
                    path=path,
                    operator=operator,
                    before=shown(_context(text, begin, end, old)),
                    after=shown(_context(text, begin, end, new)),
                    begin=begin,
                    end=end,
                    text=new,
                    first=found[i].line,
                    last=found[i].line,
                    statement=(first, last),
                )
            )
    return numbered(out)


def native_files(root: Path, room: str) -> list[str]:
    files = (root / "csrc" / room).rglob("*")
    return sorted(f.relative_to(root).as_posix() for f in files if f.suffix in (".cpp", ".hpp"))


def _context(text: str, begin: int, end: int, middle: str) -> str:
    """Return a change with what stands beside it on its line, by which people find it."""
    left = text.rfind("\n", 0, begin) + 1
    right = text.find("\n", end)
    right = len(text) if right < 0 else right
    return text[max(left, begin - 12) : begin] + middle + text[end : min(right, end + 12)]


def _places(found: list[Token]) -> Iterator[int]:
    """Yield the positions of tokens that may change."""
    until = None
    for i, token in enumerate(found):
        if until is not None:
            until = None if token.text == until else until
        elif token.text in _IGNORED:
            until = _IGNORED[token.text]
        elif not token.in_template and not _in_attribute(found, i):
            yield i


def _in_attribute(found: list[Token], i: int) -> bool:
    return i >= 2 and found[i - 1].text == "[" and found[i - 2].text == "["


# An operator, where its piece begins and ends, and what takes its place.
_Change = tuple[str, int, int, str]


def _changes(found: list[Token], i: int, text: str) -> Iterator[_Change]:
    token = found[i]
    before = found[i - 1] if i else None
    if token.kind == "mark":
        for operator, new in _marks(token, before):
            yield operator, token.begin, token.end, new
    elif token.kind == "number":
        for operator, new in _numbers(token.text):
            yield operator, token.begin, token.end, new
    elif token.text in ("true", "false"):
        yield "constant", token.begin, token.end, "false" if token.text == "true" else "true"
    elif token.text == "if":
        yield from _condition(found, i, text)
    elif token.text in ("continue", "break", "return", "throw"):
        # After a condition alone: elsewhere a function would end without a value.
        end = _semicolon(found, i)
        guarded = before is not None and before.text in (")", "else")
        if end is not None and (guarded or token.text == "continue"):
            yield f"no {token.text}", token.begin, end, ""


def _marks(token: Token, before: Token | None) -> Iterator[tuple[str, str]]:
    if token.text in BINARY and _is_binary(token, before):
        yield from BINARY[token.text]
    elif token.text == "!" and not token.spaced[1]:
        yield "negation", ""
    elif token.text in ("++", "--"):
        yield "arithmetic", "--" if token.text == "++" else "++"


def _condition(found: list[Token], i: int, text: str) -> Iterator[_Change]:
    """Yield the negation of a condition that has no comparison of its own."""
    if i + 1 == len(found) or found[i + 1].text != "(":
        return
    end = _bracket(found, i + 1)
    if end is None or {t.text for t in found[i + 1 : end]} & {";", "=", *COMPARISONS}:
        return
    begin = found[i + 1].end
    yield "negation", begin, found[end].begin, f"!({text[begin : found[end].begin]})"


def _is_binary(token: Token, before: Token | None) -> bool:
    """Whether a mark stands between two values: formatted code has white space beside it."""
    if not all(token.spaced) or before is None or before.text in ("operator", "template"):
        return False
    return before.kind in ("name", "number") or before.text in (")", "]", "}", '"')


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    whole = _INTEGER.fullmatch(text)
    if whole:
        digits = whole["digits"].replace("'", "")
        octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0"
        value = int(digits, 8 if octal else 0)
        form = hex if digits[:2] in ("0x", "0X") else str
        for new in (value + 1, value - 1):
            if new >= 0:
                yield "off by one", form(new) + whole["suffix"]
        return
    part = _FLOAT.fullmatch(text)
    if part:
        value = float(part["digits"])
        yield "constant", repr(2 * value if value else 1.0) + part["suffix"]


def _semicolon(found: list[Token], i: int) -> int | None:
    """Return where the semicolon of a short statement stands; it stays, as an empty one."""
    for token in found[i:]:
        if token.text in "{}":
            return None
        if token.text == ";":
            return token.begin
    return None


def _bracket(found: list[Token], i: int) -> int | None:
    depth = 0
    for j in range(i, len(found)):
        depth += (found[j].text == "(") - (found[j].text == ")")
        if depth == 0:
            return j
    return None


def _around(found: list[Token], i: int) -> tuple[int, int]:
    """Return the lines of the statement around a token."""
    first = i
    while first and found[first - 1].text not in (";", "{", "}"):
        first -= 1
    last = i
    while last + 1 < len(found) and found[last].text not in (";", "{", "}"):
        last += 1
    return found[first].line, found[last].line

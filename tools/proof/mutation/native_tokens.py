"""C++ in tokens, as far as mutants need it: what is code, and which < is no comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
    | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    | (?P<number>\.?\d(?:[eEpP][+-]|'?[\w.])*)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<mark><=>|<<=|>>=|->\*|\.\.\.|::|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CODE = ("number", "name", "mark")


@dataclass(frozen=True)
class Token:
    """A piece of code, and what stands beside it."""

    kind: str
    text: str
    begin: int
    line: int
    # Whether there is white space, or a comment, before it and after it.
    spaced: tuple[bool, bool]
    # Whether it stands between the angle brackets of a template, or is one of them.
    in_template: bool = False

    @property
    def end(self) -> int:
        return self.begin + len(self.text)


def tokens(text: str) -> list[Token]:
    """Return the code of a file: no comment, no string, no character, no preprocessor line."""
    pieces: list[tuple[str, str, int, int]] = []
    position, line, at_line_start = 0, 1, True
    while position < len(text):
        if at_line_start and text[position] == "#":
            end = _end_of_directive(text, position)
            pieces.append(("comment", text[position:end], position, line))
        else:
            found = _TOKEN.match(text, position)
            assert found is not None
            end = found.end()
            kind = next(k for k, v in found.groupdict().items() if v is not None)
            pieces.append((kind, found[0], position, line))
        kind, piece = pieces[-1][:2]
        at_line_start = kind == "space" and ("\n" in piece or at_line_start)
        line += piece.count("\n")
        position = end
    out = []
    for i, (kind, piece, begin, at) in enumerate(pieces):
        if kind in _CODE:
            beside = tuple(
                not 0 <= j < len(pieces) or pieces[j][0] in ("space", "comment")
                for j in (i - 1, i + 1)
            )
            out.append(Token(kind, piece, begin, at, (beside[0], beside[1])))
    return _with_templates(out)


def _end_of_directive(text: str, position: int) -> int:
    while True:
        end = text.find("\n", position)
        if end < 0:
            return len(text)
        if text[end - 1] != "\\":
            return end
        position = end + 1


def _with_templates(found: list[Token]) -> list[Token]:
    """Mark what stands in angle brackets.

    The tree is formatted: a comparison has white space on both sides, a bracket never has.
    """
    marked: set[int] = set()
    i = 0
    while i < len(found):
        if _opens(found, i):
            end = _closing(found, i)
            if end is not None:
                marked.update(range(i, end + 1))
                i = end
        i += 1
    return [
        Token(t.kind, t.text, t.begin, t.line, t.spaced, True) if i in marked else t
        for i, t in enumerate(found)
    ]


def _opens(found: list[Token], i: int) -> bool:
    if found[i].text != "<" or i == 0 or found[i].spaced[1]:
        return False
    before = found[i - 1]
    if before.text in ("template", "operator"):
        return before.text == "template"
    return before.kind == "name" and not found[i].spaced[0]


def _closing(found: list[Token], i: int) -> int | None:
    depth = round_depth = 0
    for j in range(i, len(found)):
        text = found[j].text
        if text in "([{":
            round_depth += 1
        elif text in ")]}":
            round_depth -= 1
            if round_depth < 0:
                return None
        elif round_depth == 0 and text == ";":
            return None
        elif round_depth == 0 and text == "<":
            depth += 1
        elif round_depth == 0 and text in (">", ">>"):
            depth -= len(text)
            if depth <= 0:
                return j
    return None

"""Patterns of plates and chassis numbers: ``?``, ``*`` and classes, as masks of symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.values.text import clean
from prum_match.vehicle.numbers.alphabet import CODE_OF, MAX_VIN, SYMBOLS
from prum_match.vehicle.numbers.folding import fold

Of: TypeAlias = Literal["plate", "vin"]
Pattern: TypeAlias = tuple[int | None, ...]

ANY = (1 << len(SYMBOLS)) - 1
"""The mask of ``?``: bit ``i`` is the symbol of code ``i``."""

_MAX_TEXT = 1000
_TOKEN = re.compile(
    r"(?P<star>\*+)|(?P<any>\?)|\[(?P<not>!?)(?P<members>[^\]]*)\]|[^*?\[]+|.", re.DOTALL
)
_SEPARATORS = re.compile(r"[ .-]+")
# Chassis numbers of 17 symbols are kept without these letters (ISO 3779), older ones with them.
_TWIN = {"I": "1", "O": "0", "Q": "0"}


def compile_pattern(text: str, of: Of = "plate") -> Pattern:
    """Compile a pattern with the syntax of :mod:`fnmatch`.

    Parameters
    ----------
    text : str
        ``?`` is one symbol, ``*`` any number of them, ``[ABC]`` and ``[A-F]`` one of these (by
        code points), ``[!ABC]`` one of all others. Letters are folded as in plates or chassis
        numbers and separators dropped, inside classes as well.
    of : {"plate", "vin"}
        Kind of number. For a chassis number I, O and Q stand for 1 and 0 as well.

    Returns
    -------
    tuple of int or None
        None is a star; any other entry a mask of symbols, bit ``i`` for the symbol of code ``i``.

    Raises
    ------
    InvalidInput
        Code ``"bad_pattern"``: an unfinished or empty class, a character that no symbol folds
        from, nothing to match, more than 30 places of one symbol.

    Examples
    --------
    >>> pattern = compile_pattern("ab-?[12]**")
    >>> [part if part is None else part.bit_count() for part in pattern]
    [1, 1, 62, 2, None]
    """
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise _bad(f"a pattern is a text of at most {_MAX_TEXT} characters", text)
    parts: list[int | None] = []
    try:
        for token in _TOKEN.finditer(clean(text)[0]):
            if token["star"]:
                parts += [None][: parts[-1:] != [None]]
            elif token["any"]:
                parts.append(ANY)
            elif token["members"] is not None:
                parts.append(_class(token["members"], bool(token["not"]), of))
            else:
                parts += (_mask(_twins(symbol, of)) for symbol in _fold(token[0], of))
    except InvalidInput as error:
        raise _bad(error.args[0], text) from None
    if not parts:
        raise _bad("the pattern is empty", text)
    if len(parts) - parts.count(None) > MAX_VIN:
        raise _bad(f"a pattern has at most {MAX_VIN} places of one symbol", text)
    return tuple(parts)


def check_literal(text: str) -> str:
    """Return a text without wildcards; refuse any other."""
    if not isinstance(text, str) or set("?*[]") & set(clean(text)[0]):
        raise _bad("the beginning or end of a number must not contain ?, * or classes", text)
    return text


def matches(pattern: Pattern, compact: str) -> bool:
    """Tell whether a pattern matches the whole of a compact key."""
    return places(pattern, compact) is not None


def places(pattern: Pattern, compact: str) -> tuple[tuple[int, int], ...] | None:
    """Return the span of symbols of each part of a pattern, shortest for stars; None: no match."""
    rest = _rests(pattern, compact)
    if not rest[0][0]:
        return None
    found: list[tuple[int, int]] = []
    at = 0
    for i, part in enumerate(pattern):
        end = at + 1 if part is not None else rest[i + 1].index(True, at)
        found.append((at, end))
        at = end
    return tuple(found)


def _rests(pattern: Pattern, compact: str) -> list[list[bool]]:
    """Tell for all i and j whether ``pattern[i:]`` matches ``compact[j:]``."""
    n = len(compact)
    rest = [[False] * n + [True]]
    for part in reversed(pattern):
        behind = rest[-1]
        row = [part is None and behind[n]] * (n + 1)
        for j in reversed(range(n)):
            if part is None:
                row[j] = behind[j] or row[j + 1]
            else:
                row[j] = bool(part >> CODE_OF[compact[j]] & 1) and behind[j + 1]
        rest.append(row)
    return rest[::-1]


def _class(members: str, negated: bool, of: Of) -> int:
    chosen: set[str] = set()
    at = 0
    while at < len(members):
        if members[at + 1 : at + 2] == "-" and at + 2 < len(members):
            first, last = _fold(members[at], of), _fold(members[at + 2], of)
            if not len(first) == len(last) == 1:
                raise _bad("a range needs a symbol at both ends", members)
            chosen.update(symbol for symbol in SYMBOLS if first <= symbol <= last)
            at += 3
        else:
            symbols = _fold(members[at], of)
            chosen.update(symbols if negated else "".join(_twins(s, of) for s in symbols))
            at += 1
    mask = ANY & ~_mask(chosen) if negated else _mask(chosen)
    if not chosen or not mask:
        raise _bad("a class needs a symbol", members)
    return mask


def _twins(symbol: str, of: Of) -> str:
    return symbol + _TWIN.get(symbol, "") if of == "vin" else symbol


def _mask(symbols: Iterable[str]) -> int:
    return sum(1 << CODE_OF[symbol] for symbol in symbols)


def _fold(text: str, of: Of) -> str:
    """Return the symbols of a text, without separators."""
    folded = fold(text, slash=of == "vin")
    if folded is None:
        raise _bad("a character of the pattern is not a symbol", text)
    return _SEPARATORS.sub("", folded[0])


def _bad(message: str, value: str | Sequence[str]) -> InvalidInput:
    return InvalidInput(message, code="bad_pattern", field="pattern", value=value)

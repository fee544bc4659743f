"""Which plates may a read be of, which does a pattern match: searches that are never exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.task import Answer, Pass
from benchmarks.vehicle.register import Register, plain


@dataclass(frozen=True)
class SearchCase:
    """A register and what is looked for in it.

    Attributes
    ----------
    texts : list of str
        Reads, or patterns.
    most : float or None
        What a candidate may cost at most; None: the texts are patterns.
    costs : {"unit", "ocr"}
        Whose costs.
    full : bool
        Whether slow libraries search with all texts.
    """

    register: Register
    texts: list[str]
    most: float | None
    costs: Literal["unit", "ocr"]
    full: bool

    def few(self, plates: float, least: int = 1) -> int:
        """Return how many texts a library searches with that looks at so many plates a pass."""
        count = max(least, round(plates / len(self.register)))
        return len(self.texts) if self.full else min(count, len(self.texts))


Search = Callable[[Sequence[str]], Sequence[Any]]
RowsOf = Callable[[Any], Sequence[int]]


def sweep(
    case: SearchCase,
    search: Search,
    rows_of: RowsOf,
    *,
    count: int | None = None,
    detail: Callable[[Sequence[Any]], Mapping[str, object]] | None = None,
    how: str = "",
) -> Pass:
    """Return the pass over all texts of a case.

    Parameters
    ----------
    case : SearchCase
        What is searched.
    search : callable
        Gives what was found for each text.
    rows_of : callable
        Rows of the register that this is; not timed.
    count : int, optional
        Where a library works with fewer texts: its time is scaled.
    detail : callable, optional
        Further figures.
    how : str, optional
        What else is to be said.
    """
    texts = case.texts[:count]

    def answer(found: Sequence[Any]) -> Answer:
        return {text: plain(rows_of(each)) for text, each in zip(texts, found, strict=True)}

    total = len(case.texts)
    scaled = "in full"
    if len(texts) < total:
        scaled = f"{len(texts):,} texts, scaled to {total:,}"
    said = f"{scaled}; {how}" if how else scaled
    return Pass(lambda: search(texts), answer, len(texts) / total, said, detail=detail)

"""DNA profiles as laboratories write them, and small edits of them, by a source of choices.

The choices come from Hypothesis, or from a seeded generator where a gallery is filled in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol, TypeVar

from prum_match import dna
from prum_match.errors import InvalidInput

RawProfile = dict[str, list[str | int | float]]
"""Locus to values, as a laboratory would hand them over."""

LOCI = (*dna.ESS_7, "D22S1045", "PentaE", "PentaD", "SE33", "TPOX")
"""Twelve loci, with repeat periods of three, four and five bases."""

Option = TypeVar("Option")


class Choose(Protocol):
    """A function that picks an option, by Hypothesis or by a seeded generator."""

    def __call__(self, options: Sequence[Option], /) -> Option:
        """Return one of the options."""
        ...


_TOKENS: tuple[str | int, ...] = (
    *("*", "OL", "r", "o", "na", "nr", "un", "F", "<18", ">30"),
    *("0", "1", "99", 0, 1, 99),
)
# Simplest first, as Hypothesis shrinks towards it; frequent ones several times.
_FORMS = (
    *("two",) * 7,
    *("same",) * 2,
    *("wild",) * 2,
    *("rare",) * 2,
    *("one", "three", "unresolved three", "token", "tokens", "blank"),
)
_EDITS = (
    *("swap", "drop", "wild", "step", "step", "other", "triple", "homozygote", "add", "rare"),
)


@cache
def _alleles(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return common and rare designations of a locus.

    The common ones are few and hold neighbours of one base. The rare ones lie about the ends of
    what fits the library's one-byte codes (two repeats to 251 bases more), and far outside.
    """
    locus = dna.locus(name)
    period = locus.period
    last_code = 251 + 2 * period
    lengths = [
        *(2 * period, 2 * period + 1, 2 * period - 1, 1, 2 * period + min(2, period - 1)),
        *(50 * period + min(2, period - 1), 60 * period),
        *(last_code, last_code + 1, 98 * period + 1, 99 * period - 1),
    ]
    rare = [dna.format_allele(locus, n) for n in lengths if n < 99 * period]
    common = ("12", "13", "12.1", f"12.{period - 1}", "14")
    return common, tuple(text for text in dict.fromkeys(rare) if text not in ("0", "1", "99"))


def _as_given(choose: Choose, text: str) -> str | int | float:
    """Return a designation as text or as a number."""
    if choose((False, False, True)):
        return float(text) if "." in text else int(text)
    return text


def _values(choose: Choose, name: str) -> list[str | int | float]:
    common, rare = _alleles(name)
    form = choose(_FORMS)
    if form == "blank":
        return []
    if form == "tokens":
        return [choose(_TOKENS), choose(_TOKENS)]
    first = _as_given(choose, choose(rare if form == "rare" else common))
    if form == "one":
        return [first]
    if form == "same":
        return [first, first]
    if form == "wild":
        return [first, "*"]
    if form == "token":
        return [choose(_TOKENS), first]
    second = _as_given(choose, choose((*common, *common, *rare)))
    if form == "unresolved three":
        return [choose(_TOKENS), first, second]
    if form == "three":
        return [first, second, choose(common)]
    return [first, second]


def drawn_profile(choose: Choose, loci: Sequence[str]) -> RawProfile:
    """Draw a profile; half of them hold all loci, so that floors are reached."""
    complete = choose((True, False))
    return {
        name: _values(choose, name)
        for name in loci
        if complete or choose((True, True, True, False))
    }


def _stepped(choose: Choose, name: str, value: str | int | float) -> str | int | float:
    """Return an allele one base longer or shorter; a wildcard stays one."""
    locus = dna.locus(name)
    length = dna.parse_allele(locus, value)
    if length is None:
        return value
    try:
        return dna.format_allele(locus, length + choose((1, -1)))
    except InvalidInput:
        return value


def _edited(choose: Choose, raw: RawProfile, loci: Sequence[str]) -> RawProfile:
    """Return a profile that differs from another by one edit at one locus."""
    edit = choose(_EDITS)
    name = choose(loci)
    if edit == "add" or not raw.get(name):
        return {**raw, name: _values(choose, name)}
    if edit == "drop":
        return {key: values for key, values in raw.items() if key != name}
    values = list(raw[name])
    common, rare = _alleles(name)
    place = choose(range(len(values)))
    if edit == "swap":
        values.reverse()
    elif edit == "wild":
        values[place] = "*"
    elif edit == "step":
        values[place] = _stepped(choose, name, values[place])
    elif edit == "other":
        values[place] = choose(common)
    elif edit == "rare":
        values[place] = choose(rare)
    elif edit == "triple":
        values = [*values, choose(common)][:3]
    else:
        values = [values[place]] * 2
    return {**raw, name: values}


def derived_profile(choose: Choose, raw: RawProfile, loci: Sequence[str]) -> RawProfile:
    """Edit a profile up to three times."""
    for _ in range(choose((0, 1, 1, 2, 3))):
        raw = _edited(choose, raw, loci)
    return raw

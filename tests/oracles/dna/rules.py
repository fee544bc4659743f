"""The DNA rules, slow and plain, as an oracle for the library.

Written only from the rule book (Annex to Decision 2008/616/JHA, chapter 1, and its
interpretations); this file does not import the library. A normalised profile holds lengths
in bases as integers and the wildcard as ``"*"``. Simplicity matters here, not speed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WILD = "*"
POLICIES = ("strict6", "literal", "lenient")
STRINGENCIES = ("high", "moderate", "low")

FIVE = {"PentaD", "PentaE", "PentaC", "CD4", "D10S2325"}
THREE = {"D22S1045", "D1S1627", "D8S1115", "D9S2157", "D12ATA63", "D18S853", "D20S1082"}
FOUR = {
    *("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51"),
    *("TPOX", "CSF1PO", "D13S317", "D7S820", "D5S818", "D16S539", "D2S1338", "D19S433"),
    *("FES", "F13A1", "F13B", "SE33", "GABA", "D1S1656", "D2S441", "D10S1248", "D12S391"),
    *("D6S1043", "LPL", "D4S2408", "D9S1122", "D17S1301", "D20S482"),
}
PERIODS = {
    **dict.fromkeys(FIVE, 5),
    **dict.fromkeys(FOUR, 4),
    **dict.fromkeys(THREE, 3),
}


class RefusedError(ValueError):
    """The rule book refuses the profile; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Normal:
    """A profile after the rules N1 to N9."""

    kind: str
    pairs: dict[str, tuple[Any, Any]]
    originals: dict[str, set[int]]
    amelogenin: set[str]
    suspected_mixture: bool


@dataclass
class Counts:
    """The counts of a comparison of two profiles."""

    compared: int = 0
    exact: int = 0
    wild: int = 0
    micro: int = 0
    mismatch_loci: int = 0
    mismatch_alleles: int = 0
    wild_alleles: int = 0
    micro_alleles: int = 0
    hitcount: int = 0


def normalise(
    raw: Mapping[str, Any], kind: str = "reference", single_allele: str | None = None
) -> Normal:
    """Apply N1 to N9, in their order, to canonical locus names."""
    if single_allele is None:
        single_allele = "homozygote" if kind == "reference" else "wildcard"
    result = Normal(kind, {}, {}, set(), False)
    loci_with_three_values = 0
    for locus, values in raw.items():
        if not isinstance(values, list | tuple):
            values = [values]
        given = [str(value).strip() for value in values if value is not None]
        given = [text for text in given if text != ""]  # N7: a blank is a missing value

        if locus == "AMEL":  # N1
            for text in given:
                if re.match(r"[+\-.,\d]", text):
                    raise RefusedError("bad_allele")
                result.amelogenin.add(text.upper() if text.upper() in ("X", "Y") else WILD)
            continue

        if len(given) >= 4:  # N5
            raise RefusedError("mixture")
        alleles = [one_allele(text, PERIODS[locus]) for text in given]  # N2, N3, N9
        numbers = {allele for allele in alleles if allele != WILD}
        if numbers:
            result.originals[locus] = numbers

        if len(alleles) == 3:  # N4, N5b
            loci_with_three_values += 1
            alleles = [alleles[0], WILD]
        if len(alleles) == 1:  # N7b
            if single_allele == "homozygote":
                alleles = [alleles[0], alleles[0]]
            elif single_allele == "wildcard":
                alleles = [alleles[0], WILD]
            else:
                alleles = []
        if alleles and alleles != [WILD, WILD]:  # N7, N8
            low, high = sorted(alleles, key=lambda allele: (allele == WILD, allele))
            result.pairs[locus] = (low, high)
    result.suspected_mixture = loci_with_three_values >= 2
    return result


def one_allele(text: str, period: int) -> Any:
    """Return a length in bases, or the wildcard."""
    if re.fullmatch(r"[0-9]{1,2}(\.[0-9])?", text):
        repeats, _, fraction = text.partition(".")
        if int(fraction or 0) >= period:
            raise RefusedError("bad_allele")  # N9
        if float(text) in (0.0, 1.0, 99.0):
            return WILD  # N3
        return int(repeats) * period + int(fraction or 0)
    if re.match(r"[+\-.,\d]", text):
        raise RefusedError("bad_allele")  # N9
    return WILD  # N2


def compare(a: Normal, b: Normal) -> Counts:
    """Count over all loci that both profiles hold."""
    total = Counts()
    for locus, pair in a.pairs.items():
        if locus not in b.pairs:
            continue
        straight = list(zip(pair, b.pairs[locus], strict=True))
        crossed = list(zip(pair, reversed(b.pairs[locus]), strict=True))
        counted = []
        for order in (straight, crossed):
            classes = [allele_class(x, y) for x, y in order]
            counted.append(
                (
                    classes.count("micro") + classes.count("mismatch"),
                    classes.count("mismatch"),
                    classes.count("wild"),
                )
            )
        differing, mismatches, wilds = min(counted)
        micros = differing - mismatches
        total.compared += 1
        total.mismatch_alleles += mismatches
        total.micro_alleles += micros
        total.wild_alleles += wilds
        if mismatches:
            total.mismatch_loci += 1
        elif micros:
            total.micro += 1
        elif wilds:
            total.wild += 1
        else:
            total.exact += 1
    total.hitcount = 2 * total.compared - total.mismatch_alleles
    return total


def allele_class(x: Any, y: Any) -> str:
    """Return exact, wild, micro or mismatch."""
    if WILD in (x, y):
        return "wild"
    if x == y:
        return "exact"
    if abs(x - y) == 1:
        return "micro"
    return "mismatch"


def quality(counts: Counts, policy: str) -> int | None:
    """Return the match quality 1 to 4 under a policy, None for no hit."""
    deviations = counts.micro_alleles + counts.mismatch_alleles
    if policy == "strict6":
        hit = counts.exact >= 6 and deviations <= 1
    elif policy == "literal":
        matched = counts.exact + counts.wild + counts.micro
        hit = matched >= 6 and deviations + counts.wild_alleles <= 1
    elif policy == "lenient":
        matched = counts.exact + counts.wild + counts.micro
        hit = matched >= 6 and deviations <= 1
    else:
        raise ValueError(policy)
    if not hit:
        return None
    if counts.mismatch_alleles:
        return 4
    if counts.micro_alleles:
        return 3
    if counts.wild_alleles:
        return 2
    return 1


def codis(a: Normal, b: Normal) -> dict[str, str | None]:
    """Return the strictest CODIS stringency that each common locus reaches, on the originals."""
    result: dict[str, str | None] = {}
    for locus, mine in a.originals.items():
        theirs = b.originals.get(locus)
        if not theirs:
            continue
        smaller, larger = sorted((mine, theirs), key=len)
        if mine == theirs:
            result[locus] = "high"
        elif smaller <= larger:
            result[locus] = "moderate"
        elif smaller & larger:
            result[locus] = "low"
        else:
            result[locus] = None
    return result


def search(
    probe: Normal, references: Mapping[str, Normal], policy: str
) -> list[tuple[str, int, Counts]]:
    """Return all candidates in the order of the rule book (A15)."""
    found = []
    for reference_id, reference in references.items():
        counts = compare(probe, reference)
        grade = quality(counts, policy)
        if grade is not None:
            found.append((reference_id, grade, counts))
    found.sort(key=lambda hit: (hit[1], -hit[2].exact, -hit[2].compared, hit[0].encode()))
    return found

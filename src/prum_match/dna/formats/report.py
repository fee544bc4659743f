"""Report on the profiles of a file, for review before they are enrolled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from prum_match.dna.formats.reading import ImportProblem, ProfileFile
from prum_match.dna.profiles.alleles import AlleleValue, parse_allele
from prum_match.dna.profiles.loci import locus
from prum_match.dna.profiles.normalise import Note
from prum_match.dna.rules.inclusion import INCLUSION_2008, InclusionRule, inclusion_problems
from prum_match.errors import InvalidInput
from prum_match.values.packagedata import package_rows


class AlleleRange(NamedTuple):
    """The shortest and the longest allele of a ladder at one locus, in bases."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Ranges of alleles, to find designations that deserve a second look.

    Attributes
    ----------
    name, source : str
        Name and source of the ranges.
    ranges : Mapping of str to AlleleRange
        Ranges by canonical locus name; loci without one are not checked.

    Examples
    --------
    >>> ladder = Ladder.of("house ladder", "kit insert of lot 12", {"TH01": ("4", "13.3")})
    >>> ladder.ranges["TH01"]
    AlleleRange(lowest=16, highest=55)
    """

    name: str
    source: str
    ranges: Mapping[str, AlleleRange]

    @classmethod
    def of(
        cls, name: str, source: str, ranges: Mapping[str, tuple[AlleleValue, AlleleValue]]
    ) -> Ladder:
        """Make a ladder from designations.

        Parameters
        ----------
        name, source : str
            Name and source of the ranges.
        ranges : Mapping of str to a pair of designations
            Lowest and highest allele by locus, in any spelling of the locus.

        Raises
        ------
        InvalidInput
            Codes ``"unknown_locus"``, ``"bad_allele"``, and ``"bad_ladder"`` for a wildcard or a
            range that begins above its end.

        Examples
        --------
        >>> Ladder.of("house ladder", "kit insert", {"vWA": (10, 25)}).ranges["VWA"].highest
        100
        """
        found: dict[str, AlleleRange] = {}
        for name_of_locus, (low, high) in ranges.items():
            item = locus(name_of_locus)
            lowest, highest = parse_allele(item, low), parse_allele(item, high)
            if lowest is None or highest is None or lowest > highest:
                raise InvalidInput(
                    "a range is two numbers, the lower one first",
                    code="bad_ladder",
                    field=item.name,
                    value=(low, high),
                )
            found[item.name] = AlleleRange(lowest, highest)
        return cls(name, source, MappingProxyType(found))


@cache
def nist_1036_observed() -> Ladder:
    """Return the range of alleles that NIST observed in 1036 people, by locus.

    These are observations in a population sample, not the ladder of a kit: an allele outside is
    rare, not wrong. Use the ladder of your kit if you have it.

    Examples
    --------
    >>> nist_1036_observed().ranges["TH01"]
    AlleleRange(lowest=20, highest=44)
    """
    table = package_rows("prum_match.dna", "nist1036_observed.csv")
    return Ladder.of(
        "alleles observed at NIST 1036",
        table[0]["source"],
        {row["locus"]: (row["lowest"], row["highest"]) for row in table},
    )


class OutOfRange(NamedTuple):
    """An allele outside the ladder.

    Attributes
    ----------
    reference_id, locus : str
        Profile and locus of the allele; the allele itself is in the profile.
    below : bool
        Whether it is shorter than the ladder; otherwise it is longer.
    """

    reference_id: str
    locus: str
    below: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    r"""Findings about the profiles of a file; none of them has been changed or removed.

    Attributes
    ----------
    n_profiles : int
        Profiles that were read.
    problems : tuple of ImportProblem
        The content that the reader refused or left out.
    refused : tuple of ImportProblem
        The problems for which a profile was refused.
    ladder : str or None
        Name of the ladder; ``None`` if alleles were not checked.
    out_of_ladder : tuple of OutOfRange
        Alleles outside the ladder.
    duplicate_genotypes : tuple of tuple of str
        Groups of reference ids whose profiles are equal at all loci: one person twice, twins, or
        one sample under two numbers.
    suspected_mixtures : tuple of str
        Profiles with three values at two or more loci (N5b).
    rule : str
        Name of the inclusion rule.
    under_floor : Mapping of str to tuple of Note
        Profiles that the inclusion rule keeps from being sent, with the reasons.

    Examples
    --------
    >>> from prum_match.dna import read_csv
    >>> report = import_report(read_csv(b"sample,FGA_1,FGA_2\nA,21,24\nB,24,21\n"))
    >>> report.duplicate_genotypes, sorted(report.under_floor)
    ((('A', 'B'),), ['A', 'B'])
    """

    n_profiles: int
    problems: tuple[ImportProblem, ...]
    refused: tuple[ImportProblem, ...]
    ladder: str | None
    out_of_ladder: tuple[OutOfRange, ...]
    duplicate_genotypes: tuple[tuple[str, ...], ...]
    suspected_mixtures: tuple[str, ...]
    rule: str
    under_floor: Mapping[str, tuple[Note, ...]]


def import_report(
    file: ProfileFile,
    *,
    ladder: Ladder | None = None,
    inclusion: InclusionRule = INCLUSION_2008,
) -> ImportReport:
    r"""Examine the profiles of a file.

    Parameters
    ----------
    file : ProfileFile
        The result of a reader.
    ladder : Ladder, optional
        Ranges of alleles; by default alleles are not checked.
    inclusion : InclusionRule, default INCLUSION_2008
        The floor for sending a profile or making it available.

    Returns
    -------
    ImportReport
        The findings.

    Examples
    --------
    >>> from prum_match.dna import read_csv
    >>> from prum_match.dna.formats import nist_1036_observed
    >>> file = read_csv(b"sample,TH01_1,TH01_2\nA-17,6,13.3\n")
    >>> import_report(file, ladder=nist_1036_observed()).out_of_ladder
    (OutOfRange(reference_id='A-17', locus='TH01', below=False),)
    """
    outside: list[OutOfRange] = []
    genotypes: dict[bytes, list[str]] = {}
    mixtures: list[str] = []
    under: dict[str, tuple[Note, ...]] = {}
    for reference_id, profile in zip(file.reference_ids, file.profiles, strict=True):
        if ladder is not None:
            for name, lengths in profile.designations.items():
                allowed = ladder.ranges.get(name)
                if allowed is not None:
                    outside += [
                        OutOfRange(reference_id, name, length < allowed.lowest)
                        for length in lengths
                        if not allowed.lowest <= length <= allowed.highest
                    ]
        # After its header, the packed form consists of both views.
        if genotype := profile.packed[4:]:
            genotypes.setdefault(genotype, []).append(reference_id)
        if profile.suspected_mixture:
            mixtures.append(reference_id)
        if notes := inclusion_problems(profile, inclusion):
            under[reference_id] = notes
    return ImportReport(
        len(file),
        file.problems,
        tuple(problem for problem in file.problems if problem.refused),
        None if ladder is None else ladder.name,
        tuple(outside),
        tuple(tuple(ids) for ids in genotypes.values() if len(ids) > 1),
        tuple(mixtures),
        inclusion.name,
        MappingProxyType(under),
    )

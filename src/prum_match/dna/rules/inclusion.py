"""Inclusion rules: which profiles may be sent or made available.

A profile under the floor stays in the national database; it can still be enrolled. The rules are
values, because Regulation (EU) 2024/982 leaves every number to implementing acts (Article 9(3)).
"""

from __future__ import annotations

from dataclasses import dataclass

from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.loci import ESS_7, ESS_12
from prum_match.dna.profiles.normalise import Note
from prum_match.dna.profiles.profile import Kind, Profile


@dataclass(frozen=True, slots=True)
class InclusionRule:
    """A floor that a profile must reach before it is sent or made available.

    Attributes
    ----------
    name, version : str
        Identity of the rule, for reports.
    source : str
        Where the rule stands, and what of it is interpretation.
    min_loci : int
        Fully designated STR loci that every profile needs.
    core : tuple of str
        Canonical names of the loci of which a reference profile needs ``min_core``.
    min_core : int
        Fully designated core loci that a reference profile needs.

    Examples
    --------
    >>> InclusionRule("house rule", "1", "order of 3 May", min_loci=8, core=(), min_core=0).min_loci
    8
    """

    name: str
    version: str
    source: str
    min_loci: int
    core: tuple[str, ...]
    min_core: int


INCLUSION_2008 = InclusionRule(
    name="prum-2008-inclusion",
    version="1",
    source=(
        "Decision 2008/616/JHA, Annex, chapter 1: six fully designated loci, reference profiles "
        "six of the seven ESS loci; interpretation: a locus with a wildcard is not fully designated"
    ),
    min_loci=6,
    core=ESS_7,
    min_core=6,
)
"""The floor of Decision 2008/616/JHA."""

INCLUSION_PRUM2 = InclusionRule(
    name="prum2-inclusion",
    version="1",
    source=(
        "interpretation: Regulation (EU) 2024/982 Article 9(3) leaves the numbers to an "
        "implementing act; the floor of Decision 2008/616/JHA with the ESS of Council Resolution "
        "2009/C 296/01"
    ),
    min_loci=6,
    core=ESS_12,
    min_core=6,
)
"""The floor assumed for Regulation (EU) 2024/982 until its implementing act says otherwise."""


def inclusion_problems(profile: Profile, rule: InclusionRule = INCLUSION_2008) -> tuple[Note, ...]:
    """Return the reasons why a profile may not be sent or made available.

    Parameters
    ----------
    profile : Profile
        The profile; its exchange view is judged.
    rule : InclusionRule, default INCLUSION_2008
        The floor.

    Returns
    -------
    tuple of Note
        Empty if the profile reaches the floor. The rule of a note is ``"min_loci"`` or
        ``"min_core"``.

    Examples
    --------
    >>> from prum_match.dna.profiles.profile import Profile
    >>> for note in inclusion_problems(Profile({"TH01": (6, 9)})):
    ...     print(note.rule, note.message)
    min_loci 1 fully designated loci of the 6 that prum-2008-inclusion asks for
    min_core 1 fully designated core loci of the 6 that prum-2008-inclusion asks for
    """
    # The wildcard sorts last, so the second allele tells.
    designated = {name for name, (_, high) in profile.pairs.items() if high != WILDCARD}
    found: list[Note] = []
    if len(designated) < rule.min_loci:
        found.append(_note("min_loci", len(designated), "loci", rule.min_loci, rule))
    core = len(designated.intersection(rule.core))
    if profile.kind is Kind.REFERENCE and core < rule.min_core:
        found.append(_note("min_core", core, "core loci", rule.min_core, rule))
    return tuple(found)


def _note(name: str, count: int, what: str, needed: int, rule: InclusionRule) -> Note:
    message = f"{count} fully designated {what} of the {needed} that {rule.name} asks for"
    return Note(name, None, message)

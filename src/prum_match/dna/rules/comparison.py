"""Comparison of two profiles, locus by locus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dna.profiles.alleles import format_allele
from prum_match.dna.profiles.loci import locus, locus_at
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.rules.policy import (
    PRUM_2008,
    CodisPolicy,
    Policy,
    ReadingPolicy,
    native_policy,
)
from prum_match.engine.comparisons import WithoutScore
from prum_match.engine.policy import policy_of_type
from prum_match.errors import InvalidInput

_PAIR_OUTCOMES = ("", "exact", "wildcard", "micro_variant", "mismatch")
_SET_OUTCOMES = ("", "high", "moderate", "low", "mismatch")


@dataclass(frozen=True, repr=False)
class LocusComparison:
    """The comparison at one locus.

    Attributes
    ----------
    locus : str
        Canonical name.
    outcome : str
        ``exact``, ``wildcard``, ``micro_variant``, ``mismatch``; on the original view ``high``,
        ``moderate``, ``low``, ``mismatch``; ``not_compared``.
    probe, reference : tuple of str
        Alleles of the view that was compared; empty where the locus is not in it.
    reason : str
        The outcome in words.
    """

    locus: str
    outcome: str
    probe: tuple[str, ...]
    reference: tuple[str, ...]
    reason: str

    def __repr__(self) -> str:
        return f"<LocusComparison: {self.locus}, {self.outcome}>"


@dataclass(frozen=True, repr=False)
class Comparison(WithoutScore):
    """The comparison of two profiles under a policy.

    Attributes
    ----------
    policy : Policy
        The rule.
    quality : int or None
        1 full match, 2 with wildcards, 3 with a micro-variant, 4 with a mismatch (2008/616, Annex,
        from memory); for a CODIS policy its grade; None: not a candidate.
    compared : int
        Loci that both profiles hold in the policy's view, amelogenin aside.
    exact, wildcard, micro_variant, mismatch_loci : int
        Compared loci by their worst allele; on the original view ``exact`` are the loci of high
        stringency, and ``moderate`` and ``low`` count the others.
    mismatch_alleles : int
        Mismatching alleles over all loci.
    readings : frozenset of str
        Readings of the rule that hold.
    amelogenin_differs : bool
        Both are known and differ; never counted (interpretation A3).
    loci : tuple of LocusComparison
        One entry for each locus that either profile holds.
    """

    policy: Policy
    quality: int | None
    compared: int
    exact: int
    wildcard: int
    micro_variant: int
    moderate: int
    low: int
    mismatch_loci: int
    mismatch_alleles: int
    readings: frozenset[str]
    amelogenin_differs: bool
    loci: tuple[LocusComparison, ...]

    @property
    def grade(self) -> int | None:
        """The quality, by the name that all categories share; None: not a candidate."""
        return self.quality

    @property
    def is_candidate(self) -> bool:
        """Whether a search for the probe finds the reference under the policy."""
        return self.quality is not None

    @property
    def hit_count(self) -> int:
        """Matched alleles, as the legacy exchange reports them (interpretation A14)."""
        return 2 * self.compared - self.mismatch_alleles

    def __str__(self) -> str:
        verdict = "no candidate" if self.quality is None else f"quality {self.quality}"
        lines = [
            f"{verdict} under {self.policy.name} ({self.policy.version}), "
            f"{self.compared} loci compared",
            *self._summary(),
        ]
        lines += [
            f"  {c.locus:<9} {'/'.join(c.probe) or '-':<10} {'/'.join(c.reference) or '-':<10} "
            f"{c.outcome:<13} {c.reason}"
            for c in self.loci
        ]
        if self.amelogenin_differs:
            lines.append("  amelogenin differs: reported, never counted")
        return "\n".join(lines)

    def _summary(self) -> list[str]:
        if isinstance(self.policy, CodisPolicy):
            return [
                f"  {self.exact} high, {self.moderate} moderate, {self.low} low, "
                f"{self.mismatch_loci} without a shared allele"
            ]
        return [
            f"  {self.exact} exact, {self.wildcard} with a wildcard, {self.micro_variant} "
            f"micro-variant, {self.mismatch_alleles} alleles that differ",
            f"  readings that hold: {', '.join(sorted(self.readings)) or 'none'}",
        ]

    def __repr__(self) -> str:
        return f"<Comparison: quality {self.quality}, {self.compared} loci>"


def compare(probe: Profile, reference: Profile, *, policy: Policy = PRUM_2008) -> Comparison:
    """Compare two profiles; which of them is the probe makes no difference.

    Raises
    ------
    ComparisonMismatch
        Code ``"foreign_policy"``: not a DNA policy.
    InvalidInput
        Code ``"bad_profile"``: an argument is not a profile.

    Examples
    --------
    >>> from prum_match import dna
    >>> six = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...        "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)}
    >>> result = dna.compare(dna.Profile(six), dna.Profile(six | {"FGA": (21, "*")}))
    >>> result.exact, result.wildcard, result.quality, sorted(result.readings)
    (5, 1, None, ['lenient', 'literal'])
    """
    for name, value in (("probe", probe), ("reference", reference)):
        if not isinstance(value, Profile):
            raise InvalidInput("not a DNA profile", code="bad_profile", field=name)
    policy = policy_of_type(policy, Policy)
    grade, detail, by_locus = _native.dna_compare(
        probe.packed, reference.packed, native_policy(policy)
    )
    original_view = isinstance(policy, CodisPolicy)
    counts = {
        name: int(column[0]) for name, column in unpack(np.array([detail], np.uint64)).items()
    }
    second, third = counts["second"], counts["third"]
    return Comparison(
        policy=policy,
        quality=grade or None,
        compared=counts["compared"],
        exact=counts["exact"],
        wildcard=0 if original_view else second,
        micro_variant=0 if original_view else third,
        moderate=second if original_view else 0,
        low=third if original_view else 0,
        mismatch_loci=counts["mismatch_loci"],
        mismatch_alleles=counts["mismatch_alleles"],
        readings=readings_of(counts["readings"], policy),
        amelogenin_differs=bool(counts["amelogenin_differs"]),
        loci=_explain_loci(probe, reference, by_locus, original_view),
    )


def unpack(detail: NDArray[np.uint64]) -> dict[str, NDArray[Any]]:
    """Return the counts that the native core packs into 64 bits, a byte each."""
    names = (
        *("compared", "exact", "second", "third", "mismatch_loci", "mismatch_alleles"),
        *("readings", "amelogenin_differs"),
    )
    counts = np.ascontiguousarray(detail.astype("<u8").view(np.uint8).reshape(-1, 8).T)
    return dict(zip(names, counts, strict=True))


def readings_of(bits: int, policy: Policy) -> frozenset[str]:
    """Return the names of the readings whose bits are set."""
    if not isinstance(policy, ReadingPolicy):
        return frozenset()
    return frozenset(r.name for i, r in enumerate(policy.all_readings) if bits >> i & 1)


def _explain_loci(
    a: Profile,
    b: Profile,
    by_locus: list[tuple[int, int, int, int, int]],
    original_view: bool,
) -> tuple[LocusComparison, ...]:
    compared = {locus_at(entry[0]).name: entry[1:] for entry in by_locus}
    view_a = a.designations if original_view else a.pairs
    view_b = b.designations if original_view else b.pairs
    names = sorted({*view_a, *view_b}, key=lambda name: locus(name).index)
    result = []
    for name in names:
        of_a, of_b = (
            tuple(format_allele(locus(name), length) for length in view.get(name, ()))
            for view in (view_a, view_b)
        )
        if name in compared:
            worst, *alleles = compared[name]
            outcome = (_SET_OUTCOMES if original_view else _PAIR_OUTCOMES)[worst]
            reason = _set_reason(outcome) if original_view else _pair_reason(*alleles)
        else:
            outcome, reason = "not_compared", "held by one profile only"
        result.append(LocusComparison(name, outcome, of_a, of_b, reason))
    return tuple(result)


def _pair_reason(wildcards: int, micro_variants: int, mismatches: int) -> str:
    parts = [
        f"{count} {singular if count == 1 else plural}"
        for count, singular, plural in (
            (mismatches, "allele differs", "alleles differ"),
            (micro_variants, "allele is one base off", "alleles are one base off"),
            (wildcards, "wildcard", "wildcards"),
        )
        if count
    ]
    return ", ".join(parts) or "both alleles equal"


def _set_reason(outcome: str) -> str:
    return {
        "high": "the same alleles",
        "moderate": "the smaller set lies within the larger",
        "low": "at least one allele shared",
        "mismatch": "no allele shared",
    }[outcome]

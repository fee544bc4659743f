"""What a host without a join does: `Gallery.search` with one stain after the other."""

from __future__ import annotations

from benchmarks.dna.data import LOCI
from benchmarks.dna.join import POLICY, JoinCase
from benchmarks.task import Pass
from prum_match import dna

NAME = "single searches"


def missing() -> str | None:
    return None


def load(case: JoinCase) -> Pass:
    persons = case.person_gallery
    ids = case.stains.reference_ids
    table = dna.ProfileTable(LOCI, case.stains.alleles[case.sample], kind="stain")
    probes = list(zip([ids[stain] for stain in case.sample], table, strict=True))
    share = len(probes) / len(ids)
    how = "in full" if share == 1 else f"{len(probes):,} of {len(ids):,} stains, scaled"

    def run() -> dict[str, list[str]]:
        return {
            stain: persons.search(profile, policy=POLICY, threads=1).reference_ids
            for stain, profile in probes
        }

    return Pass(run, lambda found: found, share, how)

"""Ours: `Gallery.enrol` into an empty gallery."""

from __future__ import annotations

from benchmarks.dna.enrolment import EnrolmentCase
from benchmarks.dna.enrolment.stages import measure as stages
from benchmarks.task import Answer, Pass
from prum_match import dna

__all__ = ["NAME", "load", "missing", "stages"]

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: EnrolmentCase) -> Pass:
    ids = case.reference_ids
    items = case.profiles if case.as_profiles else case.table

    def run() -> dna.Gallery:
        gallery = dna.Gallery()
        gallery.enrol(ids, items)
        return gallery

    def answer(gallery: dna.Gallery) -> Answer:
        found = {"references": len(gallery)}
        return {**found, **{ids[row]: dict(gallery[ids[row]].pairs) for row in case.sample}}

    return Pass(run, answer)

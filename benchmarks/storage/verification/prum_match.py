"""Ours: `Gallery.verify`."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.storage.base import OURS
from benchmarks.storage.verification import BYTES, VerificationCase
from benchmarks.task import Pass
from prum_match import dna
from prum_match.engine.store.verification import VerificationReport

NAME = OURS


def missing() -> str | None:
    return None


def load(case: VerificationCase) -> Pass:
    path = case.room.path / "gallery"
    case.gallery.save(path)
    gallery = case.room.keep(dna.Gallery.open(path))

    def run() -> VerificationReport:
        found = gallery.verify()
        if not found.passed:
            raise ValueError(str(found))
        return found

    def detail(found: VerificationReport) -> Mapping[str, object]:
        return {"references": found.references, **case.room.facts}

    return Pass(run, lambda found: {BYTES: found.bytes_read}, detail=detail)

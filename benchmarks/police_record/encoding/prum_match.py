"""Ours: a new `Encoder` and no name that was folded before, in every pass; with blocking tokens."""

from __future__ import annotations

from benchmarks.police_record.data import encoder
from benchmarks.police_record.encoding import EncodingCase
from benchmarks.task import Pass
from prum_match.police_record.names import folding
from prum_match.police_record.pseudonyms.encoded import EncodedPersons

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: EncodingCase) -> Pass:
    def run() -> EncodedPersons:
        for cached in (folding.fold_name, folding._plain):
            cached.cache_clear()
        with encoder() as made:
            return made.encode(case.persons)

    return Pass(run, lambda found: {}, how="keys derived within, blocking tokens as well")

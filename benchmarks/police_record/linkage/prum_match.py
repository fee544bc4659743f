"""Ours: `FellegiSunter`, fitted and asked for links."""

from __future__ import annotations

from benchmarks.police_record import febrl
from benchmarks.police_record.febrl import Febrl
from benchmarks.police_record.linkage import THRESHOLD, judged
from benchmarks.task import Pass
from prum_match.police_record import FellegiSunter, Links

NAME = "prum_match"


def missing() -> str | None:
    return febrl.missing()


def load(case: Febrl) -> Pass:
    left, right = case.persons

    def run() -> Links:
        model = FellegiSunter().fit(left, right)
        return model.link(left, right, threshold=THRESHOLD)

    return Pass(
        run,
        lambda found: None,
        how="fit and link, all pairs compared",
        detail=lambda found: judged(case, found[0], found[1]),
    )

"""Ours: `Requester`, with a thread for each call."""

from __future__ import annotations

from benchmarks.exchange.fan_out import (
    ASKED,
    OURS,
    OWN,
    TIMEOUT,
    Crowd,
    Ended,
    FanOutCase,
    answer,
    detail,
    ended,
)
from benchmarks.task import Pass
from prum_match.exchange import Requester, SearchOutcome

NAME = OURS


def missing() -> str | None:
    return None


def load(case: FanOutCase) -> Pass:
    def search(crowd: Crowd) -> SearchOutcome:
        requester = Requester(crowd, OWN, category="dna")
        return requester.search(case.probe, ASKED, timeout=TIMEOUT)

    def run() -> Ended:
        return ended(search, Crowd(case))

    return Pass(
        run,
        answer,
        how="Requester: a daemon thread for each call",
        measure=lambda found: found.seconds,
        detail=detail,
    )

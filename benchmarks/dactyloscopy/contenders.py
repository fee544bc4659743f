"""Who takes part in the tasks on speed: ours, rivals that are installed, others as quoted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.counted import bytes_by_group
from benchmarks.dactyloscopy.data import Prints
from benchmarks.dactyloscopy.rivals import Rival
from benchmarks.dactyloscopy.speed import CompareCase, SearchCase
from benchmarks.task import Pass, Quoted
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template

LIMIT = 10
TRIED = 3


class Ours:
    """What our contenders have in common."""

    NAME = "prum_match"

    def missing(self) -> str | None:
        return None


class Searching(Ours):
    """`Gallery.search`, the whole call as a host makes it."""

    def load(self, case: SearchCase) -> Pass:
        gallery = dactyloscopy.Gallery()
        gallery.enrol(case.gallery.finger.tolist(), list(case.gallery.templates))
        search = partial(gallery.search, policy=case.policy, limit=LIMIT, threads=1)

        def run() -> list[Any]:
            return [search(template) for template in case.timed]

        def detail(found: list[Any]) -> Mapping[str, object]:
            return misses(case, search)

        return Pass(run, lambda found: None, detail=detail)


def misses(case: SearchCase, search: Callable[..., Any]) -> dict[str, object]:
    """Return how many mates are found, and how many an exhaustive search would find besides."""
    exhaustive = dactyloscopy.Policy(mode="exhaustive")
    mated = list(zip(case.probes.finger.tolist(), case.probes.templates, strict=True))
    lost = [(mate, probe) for mate, probe in mated if mate not in search(probe).reference_ids]
    missed = sum(mate in search(probe, policy=exhaustive).reference_ids for mate, probe in lost)
    best = len(mated) - len(lost) + missed
    return {
        "probes": len(mated),
        f"mates_among_the_first_{LIMIT}": len(mated) - len(lost),
        "and_by_exhaustive_search": best,
        "missed": f"{missed / max(best, 1):.1%}",
    }


class Comparing(Ours):
    """`compare`."""

    def load(self, case: CompareCase) -> Pass:
        def run() -> float:
            pairs = [(_copy(a), _copy(b)) for a, b in case.pairs] if case.fresh else case.pairs
            start = time.perf_counter()
            for first, second in pairs:
                dactyloscopy.compare(first, second)
            return time.perf_counter() - start

        if not case.fresh:
            run()
        return Pass(run, lambda seconds: None, measure=lambda seconds: seconds)


class Enrolling(Ours):
    """`Gallery.enrol` into an empty gallery."""

    def load(self, case: Prints) -> Pass:
        ids = case.finger.tolist()

        def run() -> float:
            templates = [_copy(template) for template in case.templates]
            start = time.perf_counter()
            dactyloscopy.Gallery().enrol(ids, templates)
            return time.perf_counter() - start

        return Pass(run, lambda seconds: None, measure=lambda seconds: seconds)


class Holding(Ours):
    """`nbytes` of the columns of all segments, by group."""

    def load(self, case: Prints) -> Pass:
        gallery = dactyloscopy.Gallery()
        gallery.enrol(case.finger.tolist(), list(case.templates))
        return Pass(
            lambda: bytes_by_group(gallery),
            lambda groups: None,
            how="counted, not timed",
            measure=lambda groups: sum(size for name, size in groups.items() if name != "ids"),
            detail=lambda groups: {"bytes_a_print": groups},
        )


def _copy(template: Template) -> Template:
    """Return an equal template of which nothing has been prepared."""
    made, arguments = template.__reduce__()[:2]
    copy: Template = made(*arguments)
    return copy


class Peer:
    """A rival of the package index: prepared templates compared one by one.

    It gets as many references as there is time for; its time is scaled to the whole.
    """

    def __init__(self, rival: Rival) -> None:
        self.rival = rival
        self.NAME = rival.name

    def missing(self) -> str | None:
        return self.rival.missing()

    def load(self, case: SearchCase) -> Pass:
        probes = [self.rival.prepare(template) for template in case.timed]
        sample = [self.rival.prepare(t) for t in case.gallery.templates[-TRIED:]]
        self.rival.compare(probes[0], sample[0])  # compiles, where it does
        start = time.perf_counter()
        for reference in sample:
            self.rival.compare(probes[0], reference)
        each = (time.perf_counter() - start) / len(sample)
        count = min(len(case.gallery), max(2, int(case.seconds / each / len(probes))))
        references = [self.rival.prepare(t) for t in case.gallery.templates[-count:]]

        def run() -> int:
            compare = self.rival.compare
            return sum(compare(p, r) is not None for p in probes for r in references)

        return Pass(
            run,
            lambda done: None,
            share=count / len(case.gallery),
            how=f"{self.rival.release}; {len(probes)} probes x {count:,} references, scaled",
        )


@dataclass
class Elsewhere:
    """A peer outside the package index: quoted."""

    NAME: str
    QUOTED: Quoted

    def missing(self) -> str:
        return "it is not installed: it is no Python package"

    def load(self, case: SearchCase) -> Pass:
        raise LookupError(self.missing())


_SOURCE = "mindtct templates of about 53 minutiae, one Zen 4 core"
QUOTED = (
    Elsewhere("SourceAFIS 3.18.1", Quoted(15_300.0, _SOURCE)),
    Elsewhere("OpenAFIS", Quoted(18_500.0, f"{_SOURCE}; 17,000 to 20,000")),
    Elsewhere("bozorth3 in C", Quoted(1_850.0, f"{_SOURCE}; 1,520 to 2,200")),
    Elsewhere("MCC LSSR, mpi-afis", Quoted(1_660.0, f"{_SOURCE}; 1,050 to 2,270")),
)

"""Where the time of an enrolment goes, per profile."""

from __future__ import annotations

import time

from benchmarks.dna.data import LOCI
from benchmarks.dna.enrolment import EnrolmentCase
from benchmarks.stopwatch import Place, Stopwatch, watching
from benchmarks.task import Stage
from prum_match import _native, dna
from prum_match.engine.galleries import gallery
from prum_match.engine.segments import enrolment
from prum_match.engine.store import storage

PASSES = 5
MADE = 2_000

PLACES: dict[str, Place] = {
    "encode: the rest of it, in Python": (type(dna.DNA.layout), "encode"),
    "encode: alleles to codes, native (arrays)": (_native, "dna_encode_tenths"),
    "encode: packed profiles to codes, native (objects)": (_native, "dna_encode_packed"),
    "ids: packing of the texts": (enrolment, "pack_strings"),
    "ids: known already?": (gallery.Gallery, "_known"),
    "seal: sort, classes, runs, native": (_native, "dna_seal"),
    "seal: ids into the order of the rows": (_native, "take_strings"),
    "seal: id index": (_native, "make_id_index"),
    "seal: the rest of it (live bits, Segment, other columns)": (storage, "seal"),
    "publish": (_native.Gallery, "publish"),
    "merge of small segments": (storage, "merge_small"),
}


def measure(case: EnrolmentCase) -> list[Stage]:
    """Return the stages of the fastest of several enrolments."""
    n = len(case.database.alleles)
    items = case.profiles if case.as_profiles else case.table
    best: tuple[float, Stopwatch] | None = None
    for _ in range(PASSES):
        with watching(PLACES) as watch:
            target = dna.Gallery()
            start = time.perf_counter()
            target.enrol(case.reference_ids, items)
            seconds = time.perf_counter() - start
        if best is None or seconds < best[0]:
            best = seconds, watch
        del target
    assert best is not None
    total, watch = best
    rest = total - sum(watch.seconds.values())
    costs = {**watch.seconds, "the rest (checks of lengths, reports)": rest}
    stages = [Stage(label, s / n * 1e9, "ns", s / total) for label, s in costs.items() if s]
    stages.append(Stage("the whole enrolment", total / n * 1e9, "ns", 1.0))
    return [*stages, *_making(case, total / n)] if case.as_profiles else stages


def _making(case: EnrolmentCase, enrolling: float) -> list[Stage]:
    """Say what it costs to make the objects, which the enrolment does not include."""
    mappings = [
        {
            name: (str(a / 10), str(b / 10))
            for name, (a, b) in zip(LOCI, pairs, strict=True)
            if a > 0 < b
        }
        for pairs in case.database.alleles[:MADE].tolist()
    ]
    best = float("inf")
    for _ in range(PASSES):
        start = time.perf_counter()
        for mapping in mappings:
            dna.Profile(mapping)
        best = min(best, time.perf_counter() - start)
    each = best / len(mappings)
    label = "not included: making a Profile of a dict of texts"
    return [Stage(label, each * 1e9, "ns", each / enrolling)]

"""NumPy: `bitwise_count` of the common bits, one probe at a time; the counts of rows kept."""

from __future__ import annotations

import numpy as np

from benchmarks.police_record.dice import THRESHOLD, DiceCase, plain, words
from benchmarks.task import Answer, Pass

NAME = "NumPy bitwise_count"
PROBES = 50
BLOCK = 1 << 14


def missing() -> str | None:
    return None if hasattr(np, "bitwise_count") else "NumPy is older than 2.0"


def load(case: DiceCase) -> Pass:
    data = case.data
    probes = min(PROBES, len(data.probes))
    register = words(data.register.filters)
    probe_words = words(data.probes.filters[data.probes.name_offsets[:-1]])[:probes]
    counts = np.bitwise_count(register).sum(axis=1, dtype=np.int32)
    probe_counts = np.bitwise_count(probe_words).sum(axis=1, dtype=np.int32).tolist()

    def run() -> dict[int, list[int]]:
        found: dict[int, list[int]] = {probe: [] for probe in range(probes)}
        for first in range(0, len(register), BLOCK):
            rows, sizes = register[first : first + BLOCK], counts[first : first + BLOCK]
            for probe in range(probes):
                common = np.bitwise_count(rows & probe_words[probe]).sum(axis=1, dtype=np.int32)
                near = np.flatnonzero(2 * common >= THRESHOLD * (sizes + probe_counts[probe]))
                found[probe].extend((near + first).tolist())
        return found

    def answer(found: dict[int, list[int]]) -> Answer:
        return plain(found, probes)

    share = probes / len(data.probes)
    return Pass(run, answer, share, f"{probes} probes, scaled" if share < 1 else "in full")

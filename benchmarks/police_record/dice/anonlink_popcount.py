"""anonlink: candidate pairs with its accelerated Dice coefficient."""

from __future__ import annotations

from typing import Any

from benchmarks.loading import unusable
from benchmarks.police_record.dice import ANONLINK, COMPARED, THRESHOLD, DiceCase, plain
from benchmarks.task import Answer, Pass

NAME = ANONLINK


def missing() -> str | None:
    return unusable("anonlink.candidate_generation", "anonlink.similarities", "bitarray")


def load(case: DiceCase) -> Pass:
    from anonlink.candidate_generation import find_candidate_pairs
    from anonlink.similarities import dice_coefficient_accelerated

    register, probes = case.data.register, case.data.probes
    rows = min(COMPARED, len(register))
    datasets = [_bits(probes.filters[probes.name_offsets[:-1]]), _bits(register.filters[:rows])]

    def run() -> Any:
        return find_candidate_pairs(datasets, dice_coefficient_accelerated, THRESHOLD)

    def answer(found: Any) -> Answer:
        _, _, (left, right) = found
        by_probe: dict[int, list[int]] = {}
        for probe, row in zip(left, right, strict=True):
            by_probe.setdefault(probe, []).append(row)
        return plain(by_probe, len(probes))

    scaled = f"{rows:,} rows, scaled" if rows < len(register) else "in full"
    return Pass(run, answer, rows / len(register), scaled)


def _bits(filters: Any) -> list[Any]:
    from bitarray import bitarray

    found = []
    for row in filters:
        bits = bitarray(endian="little")
        bits.frombytes(row.tobytes())
        found.append(bits)
    return found

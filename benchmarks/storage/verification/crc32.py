"""`zlib.crc32` of the same columns in memory: the limit of what reads and proves them."""

from __future__ import annotations

import zlib

from benchmarks.storage.verification import BYTES, VerificationCase
from benchmarks.task import Pass

NAME = "zlib.crc32 of memory"


def missing() -> str | None:
    return None


def load(case: VerificationCase) -> Pass:
    columns = case.columns

    def run() -> int:
        for column in columns:
            zlib.crc32(column.data)
        return sum(column.nbytes for column in columns)

    return Pass(run, lambda size: {BYTES: size}, how="every column in one call, nothing proved")

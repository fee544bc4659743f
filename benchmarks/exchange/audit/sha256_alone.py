"""`hashlib.sha256` alone, twice an entry: the limit of a chain with salted leaves."""

from __future__ import annotations

from hashlib import sha256

from benchmarks.exchange.audit import ENTRIES, AuditCase
from benchmarks.task import Pass
from prum_match.exchange.audit.chain import NO_SALT
from prum_match.exchange.audit.entries import to_be_kept

NAME = "hashlib.sha256"


def missing() -> str | None:
    return None


def load(case: AuditCase) -> Pass:
    contents = [NO_SALT + time + content for time, content in to_be_kept(case.entries)]

    def run() -> int:
        link = bytes(32)
        for content in contents:
            link = sha256(link + sha256(content).digest()).digest()
        return len(contents)

    return Pass(
        run,
        lambda count: {ENTRIES: count},
        how="two digests an entry, encoded before, nothing kept",
    )

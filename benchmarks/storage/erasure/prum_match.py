"""Ours: `Gallery.erase` with one id, in a gallery that stays open for writing."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.storage.base import OURS
from benchmarks.storage.erasure import Erased, ErasureCase, Store, erasing
from benchmarks.task import Pass
from prum_match import dna

NAME = OURS


def missing() -> str | None:
    return None


def load(case: ErasureCase) -> Pass:
    gallery = case.room.keep(dna.Gallery.open(case.save("gallery"), mode="rw"))

    def detail(done: Erased) -> Mapping[str, object]:
        receipts = zip(done.ids, done.given, strict=True)
        return {
            "erased": len(done.ids),
            "receipts_about_their_ids": sum(receipt.is_about(i) for i, (receipt,) in receipts),
            "slowest_ms": max(done.seconds) * 1e3,
            **case.room.facts,
        }

    store = Store(lambda i: gallery.erase([i]).receipts, gallery.__len__, gallery.__contains__)
    return erasing(case, store, "median", detail)

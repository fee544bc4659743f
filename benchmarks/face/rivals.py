"""How the rivals are loaded and asked."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.face.data import Vectors


def faiss(threads: int) -> Any:
    """Return the module, with so many threads: its OpenMP and its BLAS both go by this."""
    module = import_module("faiss")
    module.omp_set_num_threads(threads)
    return module


def nearest(index: Any, block: Vectors, limit: int | None) -> list[tuple[Any, Any]]:
    """Return the rows and scores that an index of FAISS finds for every probe of a block."""
    scores, rows = index.search(block, limit)
    return list(zip(rows, scores, strict=True))

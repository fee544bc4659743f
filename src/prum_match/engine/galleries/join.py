"""All references of one gallery against all of another, in numbered blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.policy import Policy, list_cap
from prum_match.engine.progress import Progress, reporting
from prum_match.engine.ragged import Columns
from prum_match.engine.segments.rows import ids_of
from prum_match.errors import GenerationChanged, InvalidInput, PrumError
from prum_match.values.checks import whole_number

# Probes of a block: enough to share a pass over memory, few enough to resume between blocks.
_BLOCK_ROWS = 8192


@dataclass(frozen=True, eq=False)
class JoinBlock:
    """The pairs that one block of probes found.

    Attributes
    ----------
    number, n_blocks : int
        Position of the block; resume with ``start=number + 1``.
    probe_ids, reference_ids : list of str
        Reference ids of each pair in the two galleries.
    columns : dict of str to numpy.ndarray
        Result columns of the pairs.
    examined : int
        Comparisons that the block covers.
    n_found : int
        Pairs before the policy's cap on the candidates of a probe; where counting takes time, one
        more than the cap for a probe whose candidates it cut.
    """

    number: int
    n_blocks: int
    probe_ids: list[str]
    reference_ids: list[str]
    columns: Columns
    examined: int
    n_found: int

    @property
    def truncated(self) -> bool:
        """Whether the policy's cap cut the candidates of a probe."""
        return self.n_found > len(self)

    def __len__(self) -> int:
        return len(self.probe_ids)


def join_blocks(
    probes: GalleryCore[Any],
    references: GalleryCore[Any],
    policy: Policy,
    start: int,
    threads: int | None,
    progress: Progress | None = None,
) -> Iterator[JoinBlock]:
    """Begin a join, and return its blocks from `start` on; see ``Gallery.join``."""
    if references is probes and list_cap(policy, None) is not None:
        raise InvalidInput(
            "a join of a gallery with itself finds every pair once, so the policy's cap on the "
            "candidates of a probe has no meaning; use a policy without a cap",
            code="capped_self_join",
            field="policy",
        )
    reporting(progress)
    references.category.matching.check_joinable(probes.category.matching)
    for core in (probes, references):
        core.catch_up()
    changes = probes.native.changes, references.native.changes
    plan = [
        (index, segment, begin)
        for index, segment in enumerate(probes.segments())
        for begin in range(0, segment.rows, _BLOCK_ROWS)
    ]
    start = whole_number(start, "start", least=0, most=len(plan), code="bad_start")

    def blocks() -> Iterator[JoinBlock]:
        for number in range(start, len(plan)):
            with reporting(progress and _of_block(progress, number, len(plan))):
                block = _block(
                    probes, references, policy, threads, number, len(plan), *plan[number]
                )
            if (probes.native.changes, references.native.changes) != changes:
                raise _changed()
            yield block

    return blocks()


def _of_block(progress: Progress, number: int, n_blocks: int) -> Progress:
    """Return the progress of a block as that of the whole join, in thousandths of a block."""

    def report(step: str, done: int, total: int | None) -> None:
        part = 1000 * done // total if total else 0
        progress("join", 1000 * number + part, 1000 * n_blocks)

    return report


def _block(
    probes: GalleryCore[Any],
    references: GalleryCore[Any],
    policy: Policy,
    threads: int | None,
    number: int,
    n_blocks: int,
    index: int,
    segment: _native.Segment,
    begin: int,
) -> JoinBlock:
    live = segment.live_row_numbers()
    rows = live[(live >= begin) & (live < begin + _BLOCK_ROWS)]
    try:
        matcher = references.category.prepare_rows(segment, rows, policy)
    except PrumError:
        # Rows are buried before they are overwritten, and a half overwritten row cannot be read.
        if np.isin(rows, segment.live_row_numbers()).all():
            raise
        raise _changed() from None
    origin = (index, rows) if references is probes else None
    result = references.run(matcher, policy, threads=threads, origin=origin)
    ids = ids_of(segment, rows.tolist())
    per_probe = np.diff(result.offsets).astype(np.int64)
    return JoinBlock(
        number,
        n_blocks,
        [ids[i] for i in np.repeat(np.arange(len(rows)), per_probe)],
        result.reference_ids,
        probes.category.matching.results(result.rank, result.detail, policy),
        _pairs_after(probes, index, live, rows) if origin else int(result.examined.sum()),
        int(result.found.sum()),
    )


def _changed() -> GenerationChanged:
    return GenerationChanged(
        "a gallery was changed since the join began; begin again", code="generation_changed"
    )


def _pairs_after(
    probes: GalleryCore[Any], index: int, live: NDArray[np.uint32], rows: NDArray[np.uint32]
) -> int:
    """Count the pairs of these rows with the live rows after them."""
    later = sum(s.live_rows for s in probes.segments()[index + 1 :])
    return int((len(live) - 1 - np.searchsorted(live, rows)).sum()) + later * len(rows)

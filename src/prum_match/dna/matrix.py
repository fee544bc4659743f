"""All pairs of a set of profiles: the matrix of fully and partially matching loci."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dna.category import DNA, Gallery
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.profile import Profile
from prum_match.engine import Columns
from prum_match.engine.runtime import check_threads
from prum_match.errors import InvalidInput

_CODE_FIRST = 3
_CODE_ESCAPE = 255
_PADDING = 64


def match_matrix(
    profiles: Sequence[Profile] | Gallery, *, threads: int | None = None
) -> NDArray[np.int64]:
    """Count, over all pairs of profiles, loci that match fully and loci that share one allele.

    These are the observed numbers in Weir's comparison with a population table; see
    :func:`prum_match.dna.statistics.expected_match_matrix`.

    Parameters
    ----------
    profiles : sequence of Profile, ProfileTable or Gallery
        The profiles. A locus that either profile of a pair lacks, or holds with a wildcard, is
        not compared.
    threads : int, optional
        Threads to use; by default the usable cores.

    Returns
    -------
    numpy.ndarray of int64, shape (loci + 1, loci + 1)
        ``[m, p]``: pairs with m fully matching loci and p loci with exactly one shared allele.
        The loci are those of any of the profiles.

    Examples
    --------
    >>> from prum_match import dna
    >>> a = dna.Profile({"TH01": (6, 9.3), "VWA": (16, 17)})
    >>> b = dna.Profile({"TH01": (6, 9.3), "VWA": (16, 18)})
    >>> dna.match_matrix([a, b])[1, 1]
    np.int64(1)
    """
    workers = 0 if threads is None else check_threads(threads)
    if isinstance(profiles, Gallery):
        segments = profiles._core.segments()
        parts = [DNA.layout.unseal(s.columns, s.live_row_numbers()) for s in segments]
        columns = DNA.layout.merge(parts) if parts else DNA.layout.encode([]).columns
    else:
        encoded = DNA.layout.encode(profiles)
        if encoded.refused:
            raise encoded.refused[0]
        columns = encoded.columns
    n, loci = columns["genotypes"].shape[:2]
    low = np.zeros((loci, n + _PADDING), np.uint8)
    high = np.zeros((loci, n + _PADDING), np.uint8)
    first, second = columns["genotypes"][:, :, 0].T, columns["genotypes"][:, :, 1].T
    comparable = np.minimum(first, second) >= _CODE_FIRST
    low[:, :n], high[:, :n] = np.where(comparable, first, 0), np.where(comparable, second, 0)
    _recode_escapes(columns, low, high)
    held = (first != 0).any(axis=1)
    return _native.dna_match_matrix(
        np.ascontiguousarray(low[held]), np.ascontiguousarray(high[held]), n, workers
    )


def _recode_escapes(columns: Columns, low: NDArray[np.uint8], high: NDArray[np.uint8]) -> None:
    """Give alleles outside the range of codes a free code of their locus."""
    loci = len(columns["loci"])
    for key, (a, b, *_) in zip(
        columns["escapes.key"].tolist(), columns["escapes.value"].tolist(), strict=True
    ):
        row, slot = divmod(key, loci)
        if a == 0 or b == WILDCARD:
            low[slot, row] = high[slot, row] = 0
    for slot in range(loci):
        period = int(columns["loci"][slot, 1])
        used = set(np.unique(low[slot])) | set(np.unique(high[slot]))
        used |= _plain_codes(columns, slot, period)
        free = iter([c for c in range(_CODE_FIRST, _CODE_ESCAPE) if c not in used])
        given: dict[int, int] = {}
        for row in np.flatnonzero(low[slot] == _CODE_ESCAPE).tolist():
            at = np.searchsorted(columns["escapes.key"], row * loci + slot)
            pair = columns["escapes.value"][at, :2].tolist()
            try:
                pair_codes = [_code(length, period, given, free) for length in pair]
            except StopIteration:
                raise InvalidInput(
                    "a locus has more different alleles than a comparison of all pairs can hold",
                    code="too_many_alleles",
                    field="profiles",
                ) from None
            low[slot, row], high[slot, row] = min(pair_codes), max(pair_codes)


def _plain_codes(columns: Columns, slot: int, period: int) -> set[int]:
    """Return the regular codes of alleles in pairs with an escaped one."""
    here = columns["escapes.key"] % np.uint64(len(columns["loci"])) == slot
    lengths = columns["escapes.value"][here][:, :2].astype(np.int64).ravel()
    return set((lengths - 2 * period + _CODE_FIRST).tolist())


def _code(length: int, period: int, given: dict[int, int], free: Iterator[int]) -> int:
    code = length - 2 * period + _CODE_FIRST
    if _CODE_FIRST <= code < _CODE_ESCAPE:
        return code
    if length not in given:
        given[length] = next(free)
    return given[length]

"""Reads the columns of coded vectors; csrc/kernels/face/vectors.hpp describes them.

A vector less its mean is padded with zeros to whole 64 dimensions, given the signs of a fixed
pseudo-random sequence, and sent through a Hadamard transform: over the first 2^k dimensions, the
most that fit, then over the last 2^k where they are not the same. All of it is orthogonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

PANEL = 16
GROUP = 8


@dataclass(frozen=True)
class Coded:
    """Decoded rows in rotated coordinates, and their stored norms."""

    coarse: Table
    fine: Table
    # Fine in the head, which is looked at first, coarse behind it.
    mixed: Table
    coarse_error: Table
    coarse_norm: Table
    fine_error: Table
    fine_norm: Table
    tail_error: Table


def padded_dimension(d: int) -> int:
    return -(-d // 64) * 64


def head_of(d: int) -> int:
    """Return about half of the nibbles, in whole cache lines."""
    return padded_dimension(d) // 256 * 128


def signs(n: int) -> Table:
    """Return signs: the lowest bit of MurmurHash3's finaliser of multiples of the golden ratio."""
    mask = 0xFFFFFFFF
    made = []
    for j in range(n):
        bits = (j + 1) * 0x9E3779B1 & mask
        bits = (bits ^ bits >> 16) * 0x85EBCA6B & mask
        bits = (bits ^ bits >> 13) * 0xC2B2AE35 & mask
        made.append(1.0 if (bits ^ bits >> 16) & 1 else -1.0)
    return np.array(made)


def _hadamard(rows: Table) -> Table:
    n = rows.shape[1]
    stride = 1
    while stride < n:
        pairs = rows.reshape(len(rows), -1, 2, stride)
        a, b = pairs[:, :, 0], pairs[:, :, 1]
        rows = np.stack([a + b, a - b], axis=2).reshape(len(rows), n)
        stride *= 2
    return np.asarray(rows / np.sqrt(n))


def _largest_part(n: int) -> int:
    return int(2 ** (n.bit_length() - 1))


def rotated(rows: Table) -> Table:
    n = padded_dimension(rows.shape[1])
    part = _largest_part(n)
    made = np.zeros((len(rows), n))
    made[:, : rows.shape[1]] = rows
    made *= signs(n)
    made[:, :part] = _hadamard(made[:, :part])
    if part < n:
        made[:, n - part :] = _hadamard(made[:, n - part :])
    return made


def rotated_back(rows: Table) -> Table:
    n = rows.shape[1]
    part = _largest_part(n)
    made = rows.copy()
    if part < n:
        made[:, n - part :] = _hadamard(made[:, n - part :])
    made[:, :part] = _hadamard(made[:, :part])
    return made * signs(n)


def _nibbles(bytes_: NDArray[np.uint8]) -> Table:
    """Convert bytes [row][group][4] to numbers [row][dimension]."""
    both = np.concatenate([bytes_ & 15, bytes_ >> 4], axis=2)
    return both.reshape(len(bytes_), -1).astype(np.float64)


def read(
    high: NDArray[np.uint8],
    low: NDArray[np.uint8],
    coarse: NDArray[np.float32],
    fine: NDArray[np.float32],
    n: int,
    d: int,
) -> Coded:
    """Decode `n` rows of `d` dimensions from the columns of a segment, of any shape."""
    groups = padded_dimension(d) // GROUP
    by_row = high.reshape(-1, groups, PANEL, 4).transpose(0, 2, 1, 3).reshape(-1, groups, 4)
    upper = _nibbles(by_row[:n])
    lower = _nibbles(low.reshape(-1, groups, 4)[:n])
    per_row = coarse.reshape(-1, 3, PANEL).transpose(0, 2, 1).reshape(-1, 3)[:n].astype(np.float64)
    of_both = fine.reshape(-1, 4)[:n].astype(np.float64)
    step = per_row[:, :1]
    assert np.array_equal(of_both[:, 3:], step)
    coarse_rows = step * (upper - 7.5)
    fine_rows = step / 16 * (16 * upper + lower - 127.5)
    head = head_of(d)
    return Coded(
        coarse=coarse_rows,
        fine=fine_rows,
        mixed=np.concatenate([fine_rows[:, :head], coarse_rows[:, head:]], axis=1),
        coarse_error=per_row[:, 1],
        coarse_norm=per_row[:, 2],
        fine_error=of_both[:, 0],
        fine_norm=of_both[:, 1],
        tail_error=of_both[:, 2],
    )

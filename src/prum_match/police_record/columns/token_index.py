"""Blocking tokens of the persons of a segment, with the rows that have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Column, Columns, Trace
from prum_match.engine.ragged import offsets_of
from prum_match.police_record.columns.vocabulary import Numbers

NOBODY = 2**32 - 1
"""Row number of the tokens of erased persons."""

COLUMNS = (
    Column("tokens.keys", None, optional=True),
    Column("tokens.rows", None, optional=True),
    Column("tokens.of", None, optional=True),
)
"""Tokens in ascending order, the row of each, and under which key of pseudonyms it was made."""


def encode(
    tokens: Numbers, offsets: NDArray[np.integer[Any]], made_with: NDArray[Any] | None = None
) -> Columns:
    """Return the tokens of some persons, and where those of each begin."""
    of = np.zeros(len(tokens)) if made_with is None else made_with
    return {
        "tokens": np.asarray(tokens, np.uint32),
        "tokens.of": of.astype(np.uint8),
        "tokens.offsets": offsets,
    }


def seal(columns: Columns) -> Columns:
    """Sort by token."""
    tokens = columns["tokens"]
    if not len(tokens):
        return {}
    rows = _rows(columns)
    if columns["tokens.of"].any():
        order = np.lexsort((columns["tokens.of"], rows, tokens))
        of = columns["tokens.of"][order]
        return {"tokens.keys": tokens[order], "tokens.rows": rows[order], "tokens.of": of}
    # Numbers are sorted faster than places.
    both = np.sort(tokens.astype(np.uint64) << np.uint64(32) | rows)
    keys, rows = (both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)
    return {"tokens.keys": keys, "tokens.rows": rows}


def unseal(columns: Columns, rows: Numbers) -> Columns:
    """Return the tokens of some rows, of sealed or of unsealed columns."""
    if "tokens" in columns:
        tokens, row_of = columns["tokens"], _rows(columns)
    else:
        nobody = np.zeros(0, np.uint32)
        tokens = columns.get("tokens.keys", nobody)
        row_of = columns.get("tokens.rows", nobody)
    made_with = columns.get("tokens.of", np.zeros(len(tokens), np.uint8))
    number = np.full(int(rows.max(initial=0)) + 1, -1, np.int64)
    number[rows] = np.arange(len(rows))
    within = np.flatnonzero(row_of < len(number))
    mine = number[row_of[within]]
    kept, mine = within[mine >= 0], mine[mine >= 0]
    order = np.lexsort((tokens[kept], made_with[kept], mine))
    lengths = np.bincount(mine, minlength=len(rows))
    kept = kept[order]
    return encode(tokens[kept], offsets_of(lengths), made_with[kept])


def of_row(columns: Columns, row: int) -> list[tuple[int, int]]:
    """Return the tokens of one row, sorted, and the key of each."""
    if "tokens" in columns:
        places = np.arange(*columns["tokens.offsets"][row : row + 2].tolist())
        tokens = columns["tokens"]
    else:
        places = np.flatnonzero(columns.get("tokens.rows", np.zeros(0)) == row)
        tokens = columns.get("tokens.keys", places)
    made_with = columns.get("tokens.of", np.zeros(len(tokens), np.uint8))
    return list(zip(tokens[places].tolist(), made_with[places].tolist(), strict=True))


def join(parts: Sequence[Columns], keys: Sequence[NDArray[np.uint8]] | None = None) -> Columns:
    """Join the tokens of several segments; `keys` are the new numbers of their keys."""
    lengths = [_lengths(part) for part in parts]
    made_with = [part["tokens.of"] for part in parts]
    if keys is not None:
        made_with = [new[of] for new, of in zip(keys, made_with, strict=True)]
    return encode(
        np.concatenate([part["tokens"] for part in parts]),
        offsets_of(np.concatenate(lengths)),
        np.concatenate(made_with),
    )


def _lengths(columns: Columns) -> NDArray[np.int64]:
    offsets: NDArray[np.int64] = columns["tokens.offsets"].astype(np.int64)
    return offsets[1:] - offsets[:-1]


def _rows(columns: Columns) -> Numbers:
    lengths = _lengths(columns)
    return np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)


def traces(columns: Columns, rows: Numbers) -> Iterator[Trace]:
    """Yield tokens of dead rows: each takes the value of a living neighbour, and no row."""
    if "tokens.keys" not in columns:
        return
    keys, of = columns["tokens.keys"], columns["tokens.rows"]
    dead = np.isin(of, rows)
    # A person who was erased before may hold the token of one who is erased now.
    gone = dead | (of == NOBODY)
    place = np.where(gone, -1, np.arange(len(of)))
    before = np.maximum.accumulate(place)
    places = np.flatnonzero(gone)
    if len(places) == len(of):
        tokens = np.zeros(len(of), np.uint32)
    else:
        neighbour = np.where(before < 0, np.argmin(gone), before)
        tokens = keys[neighbour[places]]
    yield "tokens.rows", (places,), NOBODY
    yield "tokens.keys", (places,), tokens
    if "tokens.of" in columns:
        yield "tokens.of", (places,), 0

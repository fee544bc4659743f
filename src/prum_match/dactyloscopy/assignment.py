"""One-to-one pairing of fingers with the greatest total worth (Hungarian algorithm)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def assign(worth: Floats) -> Places:
    """Return the column paired with each row, -1 for none, for many tables at once."""
    tables, rows, columns = worth.shape
    # One more column for each row, for a row without a partner; row 0 and column 0 begin the paths.
    cost = np.zeros((tables, rows + 1, 1 + columns + rows))
    cost[:, 1:, 1 : 1 + columns] = -np.maximum(worth, 0)
    row_price = np.zeros((tables, rows + 1))
    column_price = np.zeros((tables, cost.shape[2]))
    row_of = np.zeros((tables, cost.shape[2]), np.int64)
    for row in range(1, rows + 1):
        _add_row(row, cost, row_price, column_price, row_of)
    found = np.full((tables, rows), -1)
    table, column = np.nonzero(row_of[:, 1 : 1 + columns])
    row_found = row_of[table, column + 1] - 1
    adds = worth[table, row_found, column] > 0
    found[table[adds], row_found[adds]] = column[adds]
    return found


def _add_row(
    row: int, cost: Floats, row_price: Floats, column_price: Floats, row_of: Places
) -> None:
    """Find the cheapest path from a row to a free column, and pair rows and columns along it."""
    tables, columns = row_of.shape
    row_of[:, 0] = row
    at = np.zeros(tables, np.int64)
    came_from = np.zeros((tables, columns), np.int64)
    distance = np.full((tables, columns), np.inf)
    seen = np.zeros((tables, columns), np.bool_)
    open_ = np.arange(tables)
    while open_.size:
        seen[open_, at[open_]] = True
        last = row_of[open_, at[open_]]
        reduced = cost[open_, last] - row_price[open_, last][:, None] - column_price[open_]
        nearer = ~seen[open_] & (reduced < distance[open_])
        distance[open_] = np.where(nearer, reduced, distance[open_])
        came_from[open_] = np.where(nearer, at[open_][:, None], came_from[open_])
        ahead = np.where(seen[open_], np.inf, distance[open_])
        at[open_] = ahead.argmin(axis=1)
        step = ahead.min(axis=1)[:, None]
        passed = np.where(seen[open_], step, 0)
        # Unseen columns add 0, some of them to row 0, whose price is not used.
        row_price[open_[:, None], row_of[open_]] += passed
        column_price[open_] -= passed
        distance[open_] -= step - passed
        open_ = open_[row_of[open_, at[open_]] != 0]
    open_ = np.arange(tables)
    while open_.size:
        before = came_from[open_, at[open_]]
        row_of[open_, at[open_]] = row_of[open_, before]
        at[open_] = before
        open_ = open_[before != 0]

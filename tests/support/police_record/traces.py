"""Unique traces of a person in columns: names, filters, tokens, the birth date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def person_traces(columns: Mapping[str, NDArray[Any]], row: int) -> dict[str, bytes]:
    """Return the traces; a value that two rows share stays until both are erased."""
    facts, offsets = columns["facts"], columns["entries.offsets"]
    mine = slice(*offsets[row : row + 2].tolist())
    date, place, _ = facts[row].tolist()
    found = _tokens(columns, row)
    if np.count_nonzero(facts[:, 0] == date) == 1:
        found["birth date"] = columns["dates"][date].tobytes()
    if np.count_nonzero(facts[:, 1] == place) == 1:
        found |= _spellings(columns, "places", place)
    if "entries" not in columns:
        return found | _interleaved(columns, range(mine.start, mine.stop))
    for name in set(columns["entries"][mine].ravel().tolist()) - {0}:
        if np.count_nonzero(columns["entries"] == name) > 1:
            continue
        if "names.filters" in columns:
            found[f"filter {name}"] = columns["names.filters"][name].tobytes()
        else:
            found |= _spellings(columns, "names", name)
    return found


def _interleaved(columns: Mapping[str, NDArray[Any]], places: range) -> dict[str, bytes]:
    found = {}
    for place in places:
        panel, lane = divmod(place, 8)
        found[f"head {place}"] = columns["filters.heads"][panel, :, lane].tobytes()
        found[f"tail {place}"] = columns["filters.tails"][place].tobytes()
    return found


def _spellings(columns: Mapping[str, NDArray[Any]], name: str, number: int) -> dict[str, bytes]:
    begin, end = columns[f"{name}.of"][number : number + 2].tolist()
    places = [("written", number), ("exact", number), *(("forms", f) for f in range(begin, end))]
    return {
        f"{name} {kind} {place}": _text(columns, f"{name}.{kind}", place) for kind, place in places
    }


def _text(columns: Mapping[str, NDArray[Any]], name: str, place: int) -> bytes:
    begin, end = columns[f"{name}.offsets"][place : place + 2].tolist()
    return columns[f"{name}.bytes"][begin:end].tobytes()


def _tokens(columns: Mapping[str, NDArray[Any]], row: int) -> dict[str, bytes]:
    keys = columns["tokens.keys"]
    found = {}
    for token in keys[columns["tokens.rows"] == row]:
        begin, end = np.searchsorted(keys, [token, token + np.uint64(1)])
        if end - begin == 1:
            found[f"token {token}"] = token.tobytes()
    return found

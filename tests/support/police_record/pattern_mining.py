"""Pattern mining on filters without the key: find bits that are set together like a bigram.

After Christen, Vatsalan, Ranbaduge and Schnell, *Pattern-mining based cryptanalysis of Bloom
filters for privacy-preserving record linkage* (2018), in a small form: the attacker knows
only how often each name occurs among the persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.bool_]
Places = NDArray[np.intp]

SLACK = 0.02
MINED = 60
SEEDS = 24
LEAST_PLACES = 6


def bigrams_of(name: str) -> set[str]:
    edged = f"_{name}_"
    return {edged[i : i + 2] for i in range(len(edged) - 1)}


def mine(filters: Bits, counts: Mapping[str, int]) -> dict[str, Places]:
    """Return the places of the commonest bigrams, as far as they can be identified."""
    together = filters.T.astype(np.float32) @ filters.astype(np.float32)
    found: dict[str, Places] = {}
    for bigram, count in sorted(counts.items(), key=lambda item: -item[1])[:MINED]:
        places = _set_together(filters, together, count)
        taken = any(2 * len(np.intersect1d(places, bits)) > len(places) for bits in found.values())
        if len(places) >= LEAST_PLACES and not taken:
            found[bigram] = places
    return found


def _set_together(filters: Bits, together: NDArray[np.float32], count: int) -> Places:
    """Return the most places that are set together about as often as a bigram occurs."""
    least, most = count * (1 - SLACK), count * (1 + SLACK)
    alone = np.diag(together)
    candidates = np.flatnonzero(alone >= least)
    best = np.empty(0, np.intp)
    for seed in candidates[np.argsort(alone[candidates], kind="stable")][:SEEDS]:
        others = candidates[together[seed, candidates] >= least]
        rows, places = filters[:, seed], [seed]
        for place in others[np.argsort(-together[seed, others], kind="stable")]:
            both = rows & filters[:, place]
            if place != seed and both.sum() >= least:
                rows = both
                places.append(place)
        if rows.sum() <= most and len(places) > len(best):
            best = np.array(places)
    return best


def guess(filters: Bits, names: Sequence[str], found: Mapping[str, Places]) -> list[str]:
    """Return for each filter the single name that explains most of its bits, or ``""``."""
    has = np.array([filters[:, places].all(axis=1) for places in found.values()], np.int32)
    wants = np.array([[b in bigrams_of(name) for b in found] for name in names], np.int32)
    if not found:
        return [""] * len(filters)
    met = has.T @ wants.T
    score = np.where(met == wants.sum(axis=1), met, 0)
    best = score.max(axis=1)
    told = (best > 0) & ((score == best[:, None]).sum(axis=1) == 1)
    return [names[i] if sure else "" for i, sure in zip(score.argmax(axis=1), told, strict=True)]

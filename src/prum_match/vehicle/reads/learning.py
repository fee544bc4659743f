"""Costs learned from reads whose plates are known.

A read is taken as a plate that went through a noisy channel: each symbol is read right, as another
or not at all, and symbols are added before, inside and behind. An error costs its ``-log2 P`` less
that of a right read, on the scale on which a substitution that was never seen costs 1.0. Scripts
and costs are found in turns (Ristad and Yianilos, Learning string-edit distance, IEEE PAMI 20
(1998), with the best script in the place of all).

A few hundred reads say little about 3,700 pairs. Both ways of a pair therefore count together, and
every rate is shrunk towards a prior: that of any error of its kind, or, for symbols that look
alike, one that is given below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Sized
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.values.checks import whole_number
from prum_match.vehicle.numbers.alphabet import CODE_OF, SYMBOLS
from prum_match.vehicle.numbers.folding import fold
from prum_match.vehicle.reads.costs import SCALE, UNIT_COSTS, Costs
from prum_match.vehicle.reads.edit_script import cost, edits, symbol_codes

Floats: TypeAlias = NDArray[np.float64]
Pairs: TypeAlias = "Counter[tuple[str, str]]"

# Chosen by cross-validation by image, and by learning from one country's reads for the other's:
# benchmarks/vehicle/retrieval.py.
PRIOR_WEIGHT = 30.0
"""Symbols, or reads, that a prior counts for."""

LIKE = (
    "0ODQ", "0CG", "1IL", "1T7", "2Z", "39", "3J", "4A", "5S", "6G", "8B", "HMNW", "KX", "UV", "VY",
    "AÄÅÁ", "CČĆÇ", "DĐÐ", "EÉ", "IÍ", "LŁ", "NÑ", "OÖØÕÓŐ", "PÞ", "SŠ", "UÜÚŰ", "YÝ", "ZŽ",
)  # fmt: skip
"""Symbols that look alike: a list made before anything was measured."""

LIKE_RATE = 0.1
"""How often one symbol of a group is read as another before anything was seen."""

# How often symbols are missed or added depends on the camera and does not carry over; where either
# is cheap lists grow and the true plate is first no more often.
LEAST = {"substitution": 0.1, "deletion": 0.8, "insertion": 0.8, "leading": 0.2, "trailing": 0.8}
# Costs make no sense for a camera that is wrong more often than right.
LEAST_RIGHT = 0.5

COMMON = 36
"""Number of letters and digits that all countries use."""

ADDED = ("insertion", "leading", "trailing")
SEPARATORS = str.maketrans("", "", " -.")
MOST_TURNS = 20
N = len(SYMBOLS)


def learn_costs(
    truth: Sequence[str],
    read: Sequence[str],
    *,
    max_errors: int = 3,
    name: str = "learned",
    version: str = "1",
    source: str = "",
) -> Costs:
    """Learn the costs of a camera's errors from its reads.

    Include right reads: they tell how rare errors are. No error costs more than 1.0, so a search
    finds at least all that it finds with unit costs and the same limit.

    Parameters
    ----------
    truth, read : sequence of str
        Plates, and the read of each. They are folded as by `normalise_plate`, and separators do not
        matter.
    max_errors : int, default 3
        A read with more errors than this, or without a right symbol, is left out;
        ``counts["reads"]`` counts such reads.
    name, version, source : str, optional
        Name, version and origin of the table.

    Returns
    -------
    Costs
        The table, with all observed events in `counts`. The order of the reads does not matter.

    Raises
    ------
    InvalidInput
        Codes ``"length_mismatch"``, ``"bad_plate"`` (with the index), ``"bad_option"``,
        ``"no_reads"``, ``"bad_costs"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> truth = ["B-AB 120", "B-CD 341", "M-XY 809", "K-A 77"] * 20
    >>> read = ["EBABI20", "BCD341", "MXYB09", "EKA77"] * 20
    >>> costs = vehicle.learn_costs(truth, read)
    >>> print(*vehicle.edits(costs, "EMAI8", "MA1B"), sep=", ")
    leading E 0.232, 1 read as I 0.158, B read as 8 0.229
    >>> costs.counts["substitution"]
    mappingproxy({'1I': 20, '8B': 20})
    """
    whole_number(max_errors, "max_errors", least=1, code="bad_option")
    given = _pairs(truth, read)
    used = Counter({pair: n for pair, n in given.items() if _is_read(*pair, max_errors)})
    if not used:
        raise InvalidInput("no read resembles its plate", code="no_reads")
    costs = UNIT_COSTS
    for _ in range(MOST_TURNS):
        seen = _seen(used, costs)
        before, costs = costs, replace(UNIT_COSTS, **_fitted(seen))
        if all((getattr(costs, kind) == getattr(before, kind)).all() for kind in LEAST):
            break
    counts = seen.counts(given.total())
    return replace(costs, name=name, version=version, source=source, counts=counts)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Counts of events, and of the symbols and places where they could occur."""

    reads: int
    right: int
    plates: Floats
    places: dict[str, int]
    substitution: Floats
    deletion: Floats
    insertion: Floats
    leading: Floats
    trailing: Floats

    def counts(self, given: int) -> dict[str, dict[str, int]]:
        swaps = zip(*(axis.tolist() for axis in np.nonzero(self.substitution)), strict=True)
        rows = {kind: getattr(self, kind) for kind in ("plates", "deletion", *ADDED)}
        return {
            "reads": {"used": self.reads, "right": self.right, "left out": given - self.reads},
            "substitution": {
                SYMBOLS[i] + SYMBOLS[j]: int(self.substitution[i, j]) for i, j in swaps
            },
            **{
                kind: {SYMBOLS[i]: int(row[i]) for i in np.flatnonzero(row).tolist()}
                for kind, row in rows.items()
            },
        }


def _pairs(truth: Sequence[str], read: Sequence[str]) -> Pairs:
    for name, texts in (("truth", truth), ("read", read)):
        if isinstance(texts, str) or not isinstance(texts, Sized):
            raise InvalidInput(f"{name} is a sequence of texts", code="bad_plate", field=name)
    if len(truth) != len(read):
        raise InvalidInput("truth and read differ in length", code="length_mismatch", field="read")
    folded = [
        [_folded(text, name, index) for index, text in enumerate(texts)]
        for name, texts in (("truth", truth), ("read", read))
    ]
    if "" in folded[0]:
        index = folded[0].index("")
        raise InvalidInput("a plate needs a symbol", code="bad_plate", field="truth", index=index)
    return Counter(zip(*folded, strict=True))


def _folded(text: object, name: str, index: int) -> str:
    folded = fold(text) if isinstance(text, str) else None
    symbols = text if folded is None else folded[0].translate(SEPARATORS)
    return "".join(SYMBOLS[code] for code in symbol_codes(symbols, field=name, index=index))


def _is_read(truth: str, read: str, max_errors: int) -> bool:
    return cost(UNIT_COSTS, read, truth) <= SCALE * min(max_errors, len(truth) - 1)


def _seen(pairs: Pairs, costs: Costs) -> _Seen:
    """Count the events of the best scripts."""
    rows = {kind: np.zeros(N) for kind in ("plates", "deletion", *ADDED)}
    swaps = np.zeros((N, N))
    right = inside = 0
    for (truth, read), times in pairs.items():
        for symbol in truth:
            rows["plates"][CODE_OF[symbol]] += times
        inside += times * (len(truth) - 1)
        script = edits(costs, read, truth)
        right += 0 if script else times
        for edit in script:
            if edit.kind == "substitution":
                swaps[CODE_OF[edit.truth], CODE_OF[edit.read]] += times
            else:
                rows[edit.kind][CODE_OF[edit.truth or edit.read]] += times
    reads = pairs.total()
    places = {"insertion": inside, "leading": reads, "trailing": reads}
    return _Seen(reads=reads, right=right, places=places, substitution=swaps, **rows)


def _fitted(seen: _Seen) -> dict[str, Any]:
    """Return thousandths of each kind."""
    symbols = seen.plates.sum()
    swaps = seen.substitution + seen.substitution.T
    wrong = seen.substitution.sum() + seen.deletion.sum()
    log_right = np.log2(max(1 - wrong / symbols, LEAST_RIGHT))

    any_swap = (seen.substitution.sum() + 1) / (symbols * (COMMON - 1))
    prior = np.maximum(any_swap, LIKE_RATE * ALIKE)
    rate = _shrunk(swaps, seen.plates[:, None] + seen.plates, prior)
    bits = {"substitution": log_right - np.log2(rate)}
    # What was never seen, of two symbols that were on plates as often as the average.
    unit = log_right - np.log2(_shrunk(0, 2 * symbols / COMMON, any_swap))
    bits["substitution"][(swaps == 0) & ~ALIKE] = unit

    any_deletion = (seen.deletion.sum() + 1) / (symbols + 2)
    bits["deletion"] = log_right - np.log2(_shrunk(seen.deletion, seen.plates, any_deletion))

    added = seen.insertion + seen.leading + seen.trailing
    which = _shrunk(added, added.sum(), 1 / COMMON)
    anywhere = (added.sum() + 1) / (sum(seen.places.values()) + 1)
    for kind in ADDED:
        often = _shrunk(getattr(seen, kind).sum(), seen.places[kind], anywhere)
        bits[kind] = -np.log2(often * which)

    fitted = {
        kind: np.rint(SCALE * np.clip(bits[kind] / unit, least, 1.0)).astype(np.int64)
        for kind, least in LEAST.items()
    }
    np.fill_diagonal(fitted["substitution"], 0)
    return fitted


def _shrunk(times: Floats | float, of: Floats | float, prior: Floats | float) -> Floats:
    """Return a rate that is shrunk towards its prior."""
    return np.asarray((times + PRIOR_WEIGHT * prior) / (of + PRIOR_WEIGHT), np.float64)


def _alike() -> NDArray[np.bool_]:
    alike = np.zeros((N, N), np.bool_)
    for group in LIKE:
        for one, other in combinations((CODE_OF[symbol] for symbol in group), 2):
            alike[one, other] = alike[other, one] = True
    return alike


ALIKE = _alike()

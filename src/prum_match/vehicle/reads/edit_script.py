"""The cheapest script of read errors that turns a plate into a read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.vehicle.numbers.alphabet import CODE_OF
from prum_match.vehicle.reads.costs import SCALE, Costs

EditKind: TypeAlias = Literal["substitution", "deletion", "insertion", "leading", "trailing"]
Codes: TypeAlias = list[int]

MAX_SYMBOLS = 64


@dataclass(frozen=True)
class Edit:
    """One error of a read.

    Parameters
    ----------
    kind : {"substitution", "deletion", "insertion", "leading", "trailing"}
        Kind of error: a symbol was read as another, was not read, or was added inside, before or
        behind the plate.
    truth, read : str
        The symbol on the plate and the one that was read; empty where there is none.
    place : int
        Position on the plate, from 0; an added symbol stands before it.
    cost : float
        Cost of the error.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> error = vehicle.edits(vehicle.UNIT_COSTS, "A8", "AB")[0]
    >>> error.place, str(error)
    (1, 'B read as 8 1')
    """

    kind: EditKind
    truth: str
    read: str
    place: int
    cost: float

    def __str__(self) -> str:
        what = {
            "substitution": f"{self.truth} read as {self.read}",
            "deletion": f"{self.truth} not read",
            "insertion": f"{self.read} inside",
            "leading": f"leading {self.read}",
            "trailing": f"trailing {self.read}",
        }
        return f"{what[self.kind]} {self.cost:.3g}"


def edits(costs: Costs, read: str, truth: str) -> list[Edit]:
    """Return the cheapest errors that turn a plate into a read.

    Among scripts of equal cost the choice is fixed: from the end of the plate, a pair of symbols
    is preferred to a missing symbol, and a missing symbol to an added one.

    Parameters
    ----------
    costs : Costs
        Costs of read errors.
    read, truth : str
        What was read, and the plate: symbols of the alphabet, without separators.

    Returns
    -------
    list of Edit
        In the order of the plate; empty for a right read.

    Raises
    ------
    InvalidInput
        Codes ``"bad_plate"``: not symbols, more than 64 of them, or a plate without any;
        ``"bad_costs"``: no table.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> costs = vehicle.Costs.from_pairs({"0O": 0.25}, leading=0.31)
    >>> print(*vehicle.edits(costs, "EABO1", "AB012"), sep=", ")
    leading E 0.31, 0 read as O 0.25, 2 not read 1
    """
    r, t = _both(costs, read, truth)
    grid = _grid(costs, r, t)
    script: list[Edit] = []
    i, j = len(t), len(r)
    while i or j:
        here = grid[i][j]
        if i and j and here == grid[i - 1][j - 1] + int(costs.substitution[t[i - 1], r[j - 1]]):
            i, j = i - 1, j - 1
            if t[i] != r[j]:
                script.append(
                    Edit("substitution", truth[i], read[j], i, (here - grid[i][j]) / SCALE)
                )
        elif i and here == grid[i - 1][j] + int(costs.deletion[t[i - 1]]):
            i -= 1
            script.append(Edit("deletion", truth[i], "", i, (here - grid[i][j]) / SCALE))
        else:
            j -= 1
            script.append(Edit(_kind(i, len(t)), "", read[j], i, (here - grid[i][j]) / SCALE))
    return script[::-1]


def cost(costs: Costs, read: str, truth: str) -> int:
    """Return the cost of reading a plate so, in thousandths: the sum over `edits`."""
    r, t = _both(costs, read, truth)
    return _grid(costs, r, t)[-1][-1]


def symbol_codes(text: object, *, field: str, index: int | None = None) -> Codes:
    """Return the codes of a text that holds symbols of the alphabet alone."""
    if not isinstance(text, str) or len(text) > MAX_SYMBOLS or not all(s in CODE_OF for s in text):
        raise InvalidInput(
            f"{field} has at most {MAX_SYMBOLS} symbols of plates, without separators",
            code="bad_plate",
            field=field,
            index=index,
            value=text,
        )
    return [CODE_OF[symbol] for symbol in text]


def _both(costs: object, read: object, truth: object) -> tuple[Codes, Codes]:
    if not isinstance(costs, Costs):
        raise InvalidInput("not a table of costs", code="bad_costs", field="costs", value=costs)
    t = symbol_codes(truth, field="truth")
    if not t:
        raise InvalidInput("a plate needs a symbol", code="bad_plate", field="truth", value=truth)
    return symbol_codes(read, field="read"), t


def _kind(place: int, length: int) -> EditKind:
    """Return the kind of an addition before a place of the plate."""
    return "leading" if place == 0 else "trailing" if place == length else "insertion"


def _grid(costs: Costs, r: Codes, t: Codes) -> list[list[int]]:
    """Return the least costs, in thousandths, of the first i symbols of t read as the first j of r.

    Wagner and Fischer, The string-to-string correction problem, J. ACM 21 (1974).
    """
    line = [0]
    for added in costs.leading[r].tolist():
        line.append(line[-1] + added)
    grid = [line]
    for i, symbol in enumerate(t, 1):
        missing = int(costs.deletion[symbol])
        swaps = costs.substitution[symbol, r].tolist()
        inserts = getattr(costs, _kind(i, len(t)))[r].tolist()
        above, line = line, [line[0] + missing]
        for j, (swap, added) in enumerate(zip(swaps, inserts, strict=True), 1):
            line.append(min(above[j - 1] + swap, above[j] + missing, line[-1] + added))
        grid.append(line)
    return grid

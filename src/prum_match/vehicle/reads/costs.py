"""Costs of read errors: tables for misread plates, which a host can replace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.vehicle.numbers.alphabet import CODE_OF, SYMBOLS

Table: TypeAlias = NDArray[np.uint32]
Listed: TypeAlias = Mapping[str, float]

SCALE = 1000
"""Costs are whole thousandths inside, so that sums are exact on every machine."""

MAX_COST = 16.0
"""Most that one error can cost; no search allows more in all."""

OTHERS = "*"
"""Key for all symbols, or pairs, that are not listed."""

N = len(SYMBOLS)
SHAPES = {
    "substitution": (N, N),
    "deletion": (N,),
    "insertion": (N,),
    "leading": (N,),
    "trailing": (N,),
}
FORMAT = "prum_match.vehicle.costs"
VERSION = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Costs:
    """Costs of read errors, by kind of error and symbol.

    An error without a cost of its own costs 1.0. No error is free: plates that differ by a 0 and
    an O are different plates.

    Parameters
    ----------
    substitution : array of int, shape (62, 62)
        Thousandths for a symbol of the plate (row) that was read as another (column); zeros in the
        diagonal. Symbols are in the order of `vehicle.SYMBOLS`.
    deletion : array of int, shape (62,)
        For a symbol of the plate that is missing in the read.
    insertion, leading, trailing : array of int, shape (62,)
        For a symbol of the read that is not on the plate: inside, before the first symbol of the
        plate, behind the last.
    name, version : str
        Name and version of the table, shown in explanations.
    source : str, optional
        Origin of the table.
    counts : mapping, optional
        Numbers of observed events by kind, for learned tables.

    Raises
    ------
    InvalidInput
        Code ``"bad_costs"``: a shape, a number outside 1 to 16,000, a diagonal that is not 0.

    See Also
    --------
    Costs.from_pairs : from a list of confusions.
    learn_costs : from reads whose plates are known.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.UNIT_COSTS
    Costs(name='unit', version='1')
    >>> vehicle.UNIT_COSTS.substitution[:2, :2]
    array([[   0, 1000],
           [1000,    0]], dtype=uint32)
    """

    substitution: Table = field(repr=False)
    deletion: Table = field(repr=False)
    insertion: Table = field(repr=False)
    leading: Table = field(repr=False)
    trailing: Table = field(repr=False)
    name: str
    version: str = "1"
    source: str = field(default="", repr=False)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, shape in SHAPES.items():
            object.__setattr__(self, name, _table(name, getattr(self, name), shape))
        for name in ("name", "version", "source"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.isprintable() or not (text or name[0] == "s"):
                raise _refused(name, f"{name} is printable text", text)
        object.__setattr__(self, "counts", _counts(self.counts))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Costs):
            return NotImplemented
        return self._content == other._content and self.counts == other.counts

    def __hash__(self) -> int:
        return hash(self._content)

    @cached_property
    def _content(self) -> tuple[str | bytes, ...]:
        tables = (getattr(self, name).tobytes() for name in SHAPES)
        return self.name, self.version, self.source, *tables

    def __reduce__(self) -> tuple[Callable[..., Costs], tuple[dict[str, Any]]]:
        # A copy is checked again, and its arrays cannot be written to either.
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _remade, ({**fields, "counts": {k: dict(v) for k, v in self.counts.items()}},)

    @classmethod
    def from_pairs(
        cls,
        substitution: Listed,
        *,
        deletion: float | Listed = 1.0,
        insertion: float | Listed = 1.0,
        leading: float | Listed | None = None,
        trailing: float | Listed | None = None,
        name: str = "own",
        version: str = "1",
        source: str = "",
        counts: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Self:
        """Make a table from a list of confusions.

        Parameters
        ----------
        substitution : mapping of str to float
            Costs of pairs: ``"0O"`` is a 0 on the plate that was read as O. A pair holds both ways
            unless the other way is listed as well. ``"*"`` is any other pair, 1.0 if not listed.
        deletion, insertion : float or mapping of str to float, default 1.0
            One cost for all symbols, or costs of symbols, with ``"*"`` for the others.
        leading, trailing : float or mapping of str to float, optional
            The same; None: as `insertion`.
        name, version, source, counts
            As for the class.

        Raises
        ------
        InvalidInput
            Code ``"bad_costs"``.

        Examples
        --------
        >>> from prum_match import vehicle
        >>> costs = vehicle.Costs.from_pairs({"0O": 0.25, "8B": 0.4}, leading={"E": 0.3, "I": 0.3})
        >>> print(*vehicle.edits(costs, "EAO88", "A0B8"), sep=", ")
        leading E 0.3, 0 read as O 0.25, B read as 8 0.4
        """
        if leading is None:
            leading = insertion
        if trailing is None:
            trailing = insertion
        return cls(
            substitution=_pairs(substitution),
            deletion=_row("deletion", deletion),
            insertion=_row("insertion", insertion),
            leading=_row("leading", leading),
            trailing=_row("trailing", trailing),
            name=name,
            version=version,
            source=source,
            counts=counts or {},
        )

    def to_json(self) -> str:
        """Return the table as JSON text: the arguments of `from_pairs`, one a line.

        Examples
        --------
        >>> from prum_match import vehicle
        >>> text = vehicle.UNIT_COSTS.to_json()
        >>> vehicle.Costs.from_json(text).to_json() == text
        True
        """
        contents = {
            "format": FORMAT,
            "format_version": VERSION,
            "name": self.name,
            "version": self.version,
            "source": self.source,
            "counts": {kind: dict(events) for kind, events in self.counts.items()},
            "substitution": _listed_pairs(self.substitution),
            **{name: _listed(getattr(self, name)) for name in SHAPES if name != "substitution"},
        }
        lines = (
            f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in contents.items()
        )
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the table that `to_json` wrote.

        Raises
        ------
        InvalidInput
            Code ``"bad_costs"``: other text, or another version of the format.

        Examples
        --------
        >>> from prum_match import vehicle
        >>> vehicle.Costs.from_json(vehicle.OCR_COSTS.to_json()).name
        'eng-lstm'
        """
        try:
            contents = json.loads(text)
        except (TypeError, ValueError, RecursionError):
            raise _refused("text", "the text is not JSON") from None
        wanted = {"format", "format_version", "name", "version", "source", "counts", *SHAPES}
        if not isinstance(contents, dict) or contents.keys() != wanted:
            raise _refused("text", "the members are not those of the format")
        if (contents.pop("format"), contents.pop("format_version")) != (FORMAT, VERSION):
            raise _refused("format", "the format or its version is unknown")
        return cls.from_pairs(**contents)


def _remade(fields: dict[str, Any]) -> Costs:
    return Costs(**fields)


def _refused(name: str, rule: str, value: object = None) -> InvalidInput:
    return InvalidInput(f"not a table of costs: {rule}", code="bad_costs", field=name, value=value)


def _table(name: str, given: Any, shape: tuple[int, ...]) -> Table:
    array = np.asarray(given)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise _refused(name, f"{name} has whole thousandths in the shape {shape}", given)
    rest = array
    if len(shape) == 2:
        if array.diagonal().any():
            raise _refused(name, "the diagonal of substitution has to be 0", given)
        rest = array[~np.eye(N, dtype=np.bool_)]
    if rest.min() < 1 or rest.max() > MAX_COST * SCALE:
        raise _refused(name, f"an error costs 1 thousandth to {MAX_COST:g}", given)
    table = array.astype(np.uint32, order="C")
    table.flags.writeable = False
    return table


def _counts(given: Any) -> Mapping[str, Mapping[str, int]]:
    try:
        counts = {kind: dict(events) for kind, events in dict(given).items()}
    except (TypeError, ValueError):
        raise _refused("counts", "counts is a mapping of mappings", given) from None
    for kind, events in counts.items():
        sound = all(isinstance(e, str) and type(n) is int and n >= 0 for e, n in events.items())
        if not isinstance(kind, str) or not sound:
            raise _refused("counts", "counts maps kinds to events, these to whole numbers", given)
    return MappingProxyType({kind: MappingProxyType(events) for kind, events in counts.items()})


def _thousandths(name: str, value: object) -> int:
    number = isinstance(value, (int, float, np.integer, np.floating))
    # A whole number can be too large to become a float, or to compare as one with nan.
    if isinstance(value, bool) or not number or not 0 < value <= MAX_COST:  # type: ignore[operator]
        raise _refused(name, f"an error costs more than 0 and at most {MAX_COST:g}", value)
    return round(float(value) * SCALE)  # type: ignore[arg-type]


def _items(name: str, listed: object, length: int) -> Iterable[tuple[list[int], int]]:
    """Yield the codes of each key and its cost; no codes for the others, which come first."""
    if not isinstance(listed, Mapping):
        raise _refused(name, f"{name} is a mapping of symbols to costs", listed)
    yield [], _thousandths(name, listed.get(OTHERS, 1.0))
    for key, value in listed.items():
        if key == OTHERS:
            continue
        known = isinstance(key, str) and len(key) == length and all(s in CODE_OF for s in key)
        if not known or (length == 2 and key[0] == key[1]):
            what = "two different symbols" if length == 2 else "one symbol"
            raise _refused(name, f"a key is {what} of the alphabet, or *", key)
        yield [CODE_OF[symbol] for symbol in key], _thousandths(name, value)


def _pairs(listed: object) -> Table:
    (_, others), *items = _items("substitution", listed, 2)
    table = np.full((N, N), others, np.uint32)
    # The other way first: what is listed for itself overrides it.
    for (truth, read), cost in items:
        table[read, truth] = cost
    for (truth, read), cost in items:
        table[truth, read] = cost
    np.fill_diagonal(table, 0)
    return table


def _row(name: str, listed: object) -> Table:
    if not isinstance(listed, Mapping):
        listed = {OTHERS: listed}
    (_, others), *items = _items(name, listed, 1)
    row = np.full(N, others, np.uint32)
    for (symbol,), cost in items:
        row[symbol] = cost
    return row


def _commonest(values: NDArray[Any]) -> int:
    found, times = np.unique(values, return_counts=True)
    return int(found[times.argmax()])


def _listed(row: Table) -> dict[str, float]:
    others = _commonest(row)
    listed = {SYMBOLS[i]: int(row[i]) / SCALE for i in np.flatnonzero(row != others)}
    return {OTHERS: others / SCALE, **listed}


def _listed_pairs(table: Table) -> dict[str, float]:
    others = _commonest(table[~np.eye(N, dtype=np.bool_)])
    unlike = table != others
    np.fill_diagonal(unlike, False)
    # Both ways, wherever one way is listed: the other would follow it.
    rows, columns = np.nonzero(unlike | unlike.T)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    listed = {SYMBOLS[i] + SYMBOLS[j]: int(table[i, j]) / SCALE for i, j in pairs}
    return {OTHERS: others / SCALE, **listed}


UNIT_COSTS = Costs.from_pairs({}, name="unit", source="Levenshtein distance: every error costs 1")
"""Every error costs 1.0: the Levenshtein distance."""

OCR_COSTS = Costs.from_json(
    files("prum_match.vehicle").joinpath("data", "ocr_costs.json").read_text(encoding="utf-8")
)
"""Costs of a general text reader on plates, with cheap symbols before the plate.

The band on the left of European plates is read as an E, a B or an I; these costs are set, not
learned. Costs learned from your own cameras are better than any shipped table.
"""

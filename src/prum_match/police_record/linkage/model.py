"""Fellegi and Sunter's model: how often records of one person agree, and of two persons.

I. P. Fellegi and A. B. Sunter, A theory for record linkage, Journal of the American Statistical
Association 64 (1969): the weight of a level is ``log2(m / u)``, its share of the pairs of one
person over its share of all others, and the weights of fields add up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.patterns import LEVELS
from prum_match.police_record.linkage.weights import UNIT, Weights, in_units

Rates: TypeAlias = Mapping[str, tuple[float, ...]]
"""For each component of a pattern the share of each level; level 0, *not known*, has none."""

FORMAT = "prum_match.police_record.model"
VERSION = 1
_TEXTS = ("name", "version", "source")
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class LinkageModel:
    """Shares of levels among pairs of one person and of two, and their weights.

    Parameters
    ----------
    m, u : mapping of str to sequence of float
        For each component of `patterns.LEVELS` the share of each level among the pairs of one
        person (`m`) and of two (`u`) that both have the field; the first number is 0, the others
        are above 0 and add up to 1.
    prior : float
        Share of the pairs that are of one person, between 0 and 1.
    name, version : str
        Name and version, as explanations show them.
    source : str, optional
        Where it comes from.
    pairs, iterations : int, default 0
        Pairs and iterations of the fit; 0 for a model that was set by hand.

    Raises
    ------
    InvalidInput
        ``bad_model``.

    See Also
    --------
    prum_match.police_record.FellegiSunter : fits one.

    Examples
    --------
    >>> START
    LinkageModel(name='start', version='1')
    >>> START.weights().gender
    array([    0, -5779,  1009], dtype=int32)
    """

    m: Rates = field(repr=False)
    u: Rates = field(repr=False)
    prior: float = field(repr=False)
    name: str
    version: str = "1"
    source: str = field(default="", repr=False)
    pairs: int = field(default=0, repr=False)
    iterations: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "m", _rates("m", self.m))
        object.__setattr__(self, "u", _rates("u", self.u))
        _check(is_number(self.prior) and 0 < self.prior < 1, "prior", "between 0 and 1")
        for name in _TEXTS:
            text = getattr(self, name)
            _check(isinstance(text, str) and text.isprintable(), name, "printable text is needed")
        for name in ("pairs", "iterations"):
            number = getattr(self, name)
            _check(type(number) is int and number >= 0, name, "a whole number is needed")

    def __reduce__(self) -> tuple[Any, ...]:
        # Read-only mappings cannot be pickled.
        return type(self).from_json, (self.to_json(),)

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.prior))

    def bits(self, component: str) -> NDArray[np.float64]:
        """Return ``log2(m / u)`` of each level of a component.

        Parameters
        ----------
        component : str
            A name of `patterns.LEVELS`.

        Returns
        -------
        numpy.ndarray of float64
            0 for *not known*.

        Examples
        --------
        >>> START.bits("gender").round(1)
        array([ 0. , -5.6,  1. ])
        """
        m, u = np.array(self.m[component][1:]), np.array(self.u[component][1:])
        return np.concatenate([[0.0], np.log2(m / u)])

    def weights(self) -> Weights:
        """Return the weight of each level, in whole 1024ths of a bit.

        Names that are exchanged, and aliases, weigh against those that are not: what it says that
        names stand straight, and are the own ones, is a part of `intercept`. An alias never counts
        in favour.

        Examples
        --------
        >>> START.weights().alias
        -3751
        """
        return self._weights

    @cached_property
    def _weights(self) -> Weights:
        exchanged, alias = self.bits("exchanged"), self.bits("alias")
        tables = {
            name: _unwritable(in_units(self.bits(name)))
            for name in LEVELS
            if name not in ("exchanged", "alias")
        }
        return Weights(
            exchanged=int(in_units(exchanged[2] - exchanged[1])),
            alias=min(0, int(in_units(alias[2] - alias[1]))),
            **tables,
        )

    @property
    def intercept(self) -> float:
        """Weight in bits of a pair without any known field."""
        straight, own = self.bits("exchanged")[1], self.bits("alias")[1]
        return math.log2(self.prior / (1 - self.prior)) + float(straight + own)

    def probability(self, weight: ArrayLike) -> NDArray[np.float64]:
        """Return the probability that pairs of a weight are of one person.

        Parameters
        ----------
        weight : array_like of int
            Match weights, in 1/1024 bit.

        Returns
        -------
        numpy.ndarray of float64
            With the model's `prior`; a register of another size has another one.

        Examples
        --------
        >>> START.probability([0, 20 * 1024, 40 * 1024]).round(6)
        array([2.00000e-06, 6.19344e-01, 9.99999e-01])
        """
        bits = np.asarray(weight, dtype=np.float64) / UNIT + self.intercept
        return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -1000, 1000))))

    def weight_at(self, probability: float) -> int:
        """Return the least weight that reaches a probability.

        Parameters
        ----------
        probability : float
            Between 0 and 1.

        Returns
        -------
        int
            Match weight, in 1/1024 bit.

        Examples
        --------
        >>> weight = START.weight_at(0.5)
        >>> START.probability([weight - 1, weight]) >= 0.5
        array([False,  True])
        """
        _check(is_number(probability) and 0 < probability < 1, "probability", "between 0 and 1")
        bits = math.log2(probability / (1 - probability)) - self.intercept
        weight = math.floor(bits * UNIT) - 1
        while self.probability(weight) < probability:
            weight += 1
        return weight

    def to_json(self) -> str:
        """Return the model as JSON text.

        Examples
        --------
        >>> LinkageModel.from_json(START.to_json()) == START
        True
        """
        content = {"format": FORMAT, "format_version": VERSION}
        content |= {name: getattr(self, name) for name in self.__dataclass_fields__}
        content |= {name: {k: list(v) for k, v in getattr(self, name).items()} for name in "mu"}
        lines = (
            f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in content.items()
        )
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the model that `to_json` wrote.

        Raises
        ------
        InvalidInput
            ``bad_model``: other text, or another version of the format.

        Examples
        --------
        >>> LinkageModel.from_json(START.to_json()).name
        'start'
        """
        try:
            content = json.loads(text)
        except (TypeError, ValueError, RecursionError):
            raise _refused("text", "JSON text is needed") from None
        wanted = {"format", "format_version", *cls.__dataclass_fields__}
        _check(
            isinstance(content, dict) and content.keys() == wanted,
            "text",
            "an object with the members of the format is needed",
        )
        found = content.pop("format"), content.pop("format_version")
        _check(found == (FORMAT, VERSION), "format", "another format, or another version of it")
        return cls(**content)


def _rates(name: str, rates: Any) -> Rates:
    """Return the shares of all components, checked."""
    _check(isinstance(rates, Mapping) and rates.keys() == LEVELS.keys(), name, "all components")
    return MappingProxyType(
        {each: _shares(f"{name}.{each}", rates[each], n) for each, n in LEVELS.items()}
    )


def _shares(name: str, shares: Any, levels: int) -> tuple[float, ...]:
    _check(
        isinstance(shares, list | tuple) and len(shares) == levels and all(map(is_number, shares)),
        name,
        f"{levels} numbers are needed",
    )
    _check(shares[0] == 0 and min(shares[1:]) > 0, name, "0, then numbers above 0")
    _check(abs(sum(shares) - 1) <= _SUM_TOLERANCE, name, "numbers that add up to 1")
    return tuple(map(float, shares))


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unwritable(table: NDArray[np.int32]) -> NDArray[np.int32]:
    table.flags.writeable = False
    return table


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise _refused(name, rule)


def _refused(name: str, rule: str) -> InvalidInput:
    return InvalidInput("not a model", code="bad_model", field=name, rule=rule)


_NAMES_OF_TWO = (0.0, 0.948, 0.005, 0.015, 0.02, 0.005, 0.001, 0.001, 0.005)

START = LinkageModel(
    name="start",
    source="set by hand: where a fit starts, and what it keeps for levels that no pair shows",
    prior=1e-6,
    m={
        "family": (0.0, 0.05, 0.02, 0.02, 0.04, 0.09, 0.01, 0.05, 0.72),
        "first": (0.0, 0.05, 0.02, 0.02, 0.04, 0.08, 0.03, 0.04, 0.72),
        "exchanged": (0.0, 0.98, 0.02),
        "alias": (0.0, 0.95, 0.05),
        "date": (0.0, 0.02, 0.04, 0.01, 0.01, 0.02, 0.01, 0.89),
        "place": (0.0, 0.05, 0.02, 0.02, 0.04, 0.08, 0.01, 0.04, 0.74),
        "country": (0.0, 0.04, 0.96),
        "nationality": (0.0, 0.05, 0.95),
        "gender": (0.0, 0.01, 0.99),
    },
    u={
        "family": _NAMES_OF_TWO,
        "first": _NAMES_OF_TWO,
        "exchanged": (0.0, 0.999999, 0.000001),
        "alias": (0.0, 0.6, 0.4),
        "date": (0.0, 0.9484, 0.05, 0.0005, 0.0005, 0.0005, 0.00005, 0.00005),
        "place": _NAMES_OF_TWO,
        "country": (0.0, 0.7, 0.3),
        "nationality": (0.0, 0.7, 0.3),
        "gender": (0.0, 0.5, 0.5),
    },
)
"""Where a fit starts; set by hand."""


@cache
def default_model() -> LinkageModel:
    """Return the default model, fitted on generated European persons."""
    folder = files("prum_match.police_record").joinpath("data")
    return LinkageModel.from_json(folder.joinpath("eu_model.json").read_text(encoding="utf-8"))

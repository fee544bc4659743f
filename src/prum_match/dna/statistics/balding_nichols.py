"""The sampling formula of Balding and Nichols, on which every probability of this package rests.

Two people of one subpopulation share ancestors, so an allele that was already seen is more
likely to be seen again. With the co-ancestry coefficient theta, the probability that the next
allele is *a*, after ``copies`` of *a* among ``drawn`` alleles, is

    (copies * theta + (1 - theta) * p) / (1 + (drawn - 1) * theta)

Applied step by step it gives the match probabilities of formula 4.10 of the National Research
Council's second report and the joint probability of the four alleles of two people that Weir
uses for pairs in a database. Theta 0 is the product rule.

Sources
-------
Balding, Nichols (1994), Forensic Sci Int 64:125-140. National Research Council (1996), The
Evaluation of Forensic DNA Evidence, formulae 4.10a and 4.10b. Weir (2007), Ann Appl Stat
1:358-370.
"""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput

Floats = NDArray[np.float64]


def checked_theta(theta: float) -> float:
    """Return theta as a float, or refuse it."""
    number = isinstance(theta, int | float | np.floating) and not isinstance(theta, bool)
    if not number or not math.isfinite(theta) or not 0.0 <= theta < 1.0:
        raise InvalidInput(
            "theta must be a number from 0 up to, not including, 1",
            code="bad_theta",
            field="theta",
            value=theta,
        )
    return float(theta)


@overload
def next_allele(p: float, copies: int, drawn: int, theta: float) -> float: ...
@overload
def next_allele(p: Floats, copies: Any, drawn: int, theta: float) -> Floats: ...


def next_allele(p: Any, copies: Any, drawn: int, theta: float) -> Any:
    """Return the probability that the next allele is the one with population frequency ``p``."""
    return (copies * theta + (1.0 - theta) * p) / (1.0 + (drawn - 1) * theta)


def at_least_one(p: float, copies: int, drawn: int, theta: float) -> float:
    """Return the probability that a person carries an allele at least once."""
    first = next_allele(p, copies, drawn, theta)
    second = next_allele(p, copies + 1, drawn + 1, theta)
    # P(aa) + P(a, other) = first * second + 2 * first * (1 - second)
    return first * (2.0 - second)

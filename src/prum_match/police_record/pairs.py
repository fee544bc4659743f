"""All pairs of persons of two registers: what a model is fitted on, and what it links."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.weights import Weights

__all__ = ["Found", "Pairs"]


class Found(NamedTuple):
    """Pairs that weigh enough, in order of `left`, then of `right`."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.int32]


class Pairs(Protocol):
    """The pairs of two registers, or of one: each once, and nobody with himself."""

    @property
    def n_left(self) -> int:
        """Persons on the left."""
        ...

    @property
    def n_right(self) -> int:
        """Persons on the right; the same if there is one register alone."""
        ...

    @property
    def n_pairs(self) -> int:
        """How many pairs there are."""
        ...

    def names(self, component: str) -> tuple[Sequence[Hashable], NDArray[np.int64]]:
        """Return the distinct names of both sides, and how many names of persons each is.

        Parameters
        ----------
        component : {"family", "first"}
            Which names. In clear ``fold_name(...).exact``, else filters; those not known left out.
        """
        ...

    def pattern_counts(
        self, weights: Weights, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the patterns that there are, and how many pairs have each.

        Parameters
        ----------
        weights : Weights
            What the reading of names is chosen by.
        rows : array of int64, optional
            Only pairs with one of these persons on the left.
        """
        ...

    def link(self, weights: Weights, least: int, rarity: Mapping[str, NDArray[np.int32]]) -> Found:
        """Return the pairs that weigh at least so much.

        Parameters
        ----------
        weights : Weights
            What levels weigh.
        least : int
            In 1/1024 bit.
        rarity : mapping of str to array of int32
            What is added where names are exactly the same, in the order of `names`.
        """
        ...

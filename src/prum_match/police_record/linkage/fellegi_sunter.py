"""Linkage of two registers without labels: fit a model, then list the persons in both."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from inspect import signature
from typing import Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage import pairs
from prum_match.police_record.linkage.em import Fit, expectation_maximisation
from prum_match.police_record.linkage.frequencies import NAMES, TermFrequencies
from prum_match.police_record.linkage.levels import NameLevel
from prum_match.police_record.linkage.model import START, LinkageModel, is_number
from prum_match.police_record.linkage.patterns import LEVELS, levels_of
from prum_match.police_record.names.nicknames import Nicknames

Persons: TypeAlias = Sequence[Any]
"""Persons in clear, or `EncodedPersons` of scheme ``"field"``."""

LEAST_ROWS = 2000
"""Least persons of a sample: enough pairs of one person to estimate the shares of levels."""

MOST_HELD = 1.0
"""Bits by which odds can be lowered before it is reported as a doubt."""


class Links(NamedTuple):
    """Pairs that are probably one person.

    Parameters
    ----------
    left, right : array of int64
        Positions in the two registers, in order of `left`, then of `right`.
    probability : array of float64
        That the two are one person.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    probability: NDArray[np.float64]


class FellegiSunter:
    """Probabilistic linkage after Fellegi and Sunter, fitted without labels.

    Every pair is compared; there is no blocking. Parameters are read when `fit` is called, as
    scikit-learn's estimators do; scikit-learn itself is not needed.

    Parameters
    ----------
    frequencies : TermFrequencies or {"fit"} or None, default "fit"
        How frequent names are; ``"fit"``: counted in the registers that are fitted; None: all
        names weigh the same.
    nicknames : Nicknames or None, default None
        First names that stand for each other.
    prior : float, optional
        Share of the pairs that can be of one person; None: as many as the smaller register has
        persons.
    start : LinkageModel, default START
        Where the fit starts; levels that no pair shows keep its shares.
    max_iterations : int, default 500
        Most iterations of the fit.
    tolerance : float, default 1e-6
        The fit ends when an iteration moves a smaller share of the pairs of one person.
    max_pairs : float, default 2e9
        If there are more, those of a sample of persons of the left register are counted, of 2,000
        at least. `link` looks at all pairs in any case.
    seed : int, default 0
        Seed of that sample.

    Attributes
    ----------
    model_ : LinkageModel
        The fitted model.
    frequencies_ : TermFrequencies or None
        Frequencies by which names are weighed.
    n_iter_ : int
        Iterations of the fit.
    log_likelihoods_ : array of float64
        Before each iteration and after the last, minus the cost of the limit; never falling.
    doubts_ : tuple of str
        Reasons to doubt the model: no convergence, fields so dependent that `prior` had to limit
        the pairs of one person, a field whose agreement weighs less than its disagreement.

    Examples
    --------
    >>> from prum_match.police_record import FellegiSunter
    >>> FellegiSunter(prior=1e-4).get_params()["prior"]
    0.0001
    """

    def __init__(
        self,
        *,
        frequencies: TermFrequencies | Literal["fit"] | None = "fit",
        nicknames: Nicknames | None = None,
        prior: float | None = None,
        start: LinkageModel = START,
        max_iterations: int = 500,
        tolerance: float = 1e-6,
        max_pairs: float = 2e9,
        seed: int = 0,
    ) -> None:
        self.frequencies = frequencies
        self.nicknames = nicknames
        self.prior = prior
        self.start = start
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.max_pairs = max_pairs
        self.seed = seed

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; `deep` makes no difference: none is an estimator."""
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        InvalidInput
            ``bad_parameter``: an unknown name.
        """
        for name, value in parameters.items():
            if name not in _PARAMETERS:
                raise InvalidInput("no such parameter", code="bad_parameter", field=name)
            setattr(self, name, value)
        return self

    def fit(self, left: Persons, right: Persons | None = None) -> Self:
        """Estimate how often records of one person agree, and of two.

        Parameters
        ----------
        left, right : sequence of Person, or EncodedPersons of scheme "field"
            Two registers. None, or the same object twice: one register with duplicates.

        Raises
        ------
        InvalidInput
            ``bad_parameter``; ``no_pairs``: a register without persons.
        """
        self._check_parameters()
        compared = pairs.compare(left, _other(left, right), self.nicknames)
        n_pairs = compared.n_pairs
        if n_pairs == 0:
            raise InvalidInput("there is no pair to fit on", code="no_pairs", field="left")
        rows = self._sample(compared.n_left, n_pairs)
        codes, counts = compared.pattern_counts(self.start.weights(), rows)
        share = min(1.0, compared.n_right / compared.n_left)
        persons = share * (compared.n_left if rows is None else len(rows))
        found = expectation_maximisation(
            levels_of(codes),
            counts,
            start=self.start,
            most=persons if self.prior is None else self.prior * int(counts.sum()),
            max_iterations=self.max_iterations,
            tolerance=self.tolerance,
        )
        self.n_iter_ = len(found.objectives) - 1
        self.log_likelihoods_ = np.array(found.objectives)
        self.model_ = LinkageModel(
            m={name: tuple(found.m[name].tolist()) for name in LEVELS},
            u={name: tuple(found.u[name].tolist()) for name in LEVELS},
            prior=found.prior,
            name="fitted",
            source="expectation maximisation without labels",
            pairs=int(counts.sum()),
            iterations=self.n_iter_,
        )
        self.frequencies_ = self._counted(compared)
        self.doubts_ = _doubts(self.model_, found)
        return self

    def link(self, left: Persons, right: Persons | None = None, threshold: float = 0.5) -> Links:
        """List the pairs that are probably one person.

        Parameters
        ----------
        left, right : sequence of Person, or EncodedPersons of scheme "field"
            Two registers. None, or the same object twice: one register, each pair of it once, and
            nobody with himself.
        threshold : float, default 0.5
            Least probability, above 0 and below 1.

        Returns
        -------
        Links
            Left and right positions and the probability, ``right`` above ``left`` in one register.

        Raises
        ------
        InvalidInput
            ``not_fitted``; ``bad_parameter``: an invalid threshold.
        """
        if not hasattr(self, "model_"):
            raise InvalidInput("call `fit` first", code="not_fitted", field="model_")
        if not _between_0_and_1(threshold):
            raise _bad_parameter("threshold", "above 0 and below 1", threshold)
        compared = pairs.compare(left, _other(left, right), self.nicknames)
        rarity = {name: self._rarity(compared, name) for name in NAMES}
        least = self.model_.weight_at(threshold)
        found = compared.link(self.model_.weights(), least, rarity)
        return Links(found.left, found.right, self.model_.probability(found.weight))

    def _sample(self, n_left: int, n_pairs: int) -> NDArray[np.int64] | None:
        """Return the persons whose pairs are counted; None for all."""
        n = max(LEAST_ROWS, int(n_left * self.max_pairs / n_pairs))
        if n_pairs <= self.max_pairs or n >= n_left:
            return None
        rng = np.random.default_rng(self.seed)
        return np.sort(rng.choice(n_left, n, replace=False)).astype(np.int64)

    def _counted(self, compared: pairs.Pairs) -> TermFrequencies | None:
        if self.frequencies != "fit":
            return self.frequencies
        family, first = (_shares(*compared.names(name)) for name in NAMES)
        return TermFrequencies(family, first, name="fitted")

    def _rarity(self, compared: pairs.Pairs, component: str) -> NDArray[np.int32]:
        names, _ = compared.names(component)
        if self.frequencies_ is None:
            return np.zeros(len(names), dtype=np.int32)
        same_by_chance = self.model_.u[component][NameLevel.EXACT]
        return self.frequencies_.units(component, names, same_by_chance)

    def _check_parameters(self) -> None:
        table = self.frequencies
        if not (table is None or table == "fit" or isinstance(table, TermFrequencies)):
            raise _bad_parameter("frequencies", 'TermFrequencies, "fit" or None', table)
        if self.prior is not None and not _between_0_and_1(self.prior):
            raise _bad_parameter("prior", "above 0 and below 1, or None", self.prior)
        for name, kind in (("start", LinkageModel), ("nicknames", Nicknames | None)):
            if not isinstance(getattr(self, name), kind):
                raise _bad_parameter(name, "another type is needed", getattr(self, name))
        for name in ("max_iterations", "max_pairs"):
            if not is_number(getattr(self, name)) or getattr(self, name) < 1:
                raise _bad_parameter(name, "1 or more", getattr(self, name))
        if type(self.seed) is not int or self.seed < 0:
            raise _bad_parameter("seed", "a whole number, 0 or more", self.seed)
        if not is_number(self.tolerance) or self.tolerance < 0:
            raise _bad_parameter("tolerance", "0 or more", self.tolerance)


_PARAMETERS = tuple(signature(FellegiSunter).parameters)


def _other(left: Persons, right: Persons | None) -> Persons | None:
    """Return the other register; None if there is only one."""
    return None if right is left else right


def _shares(names: Sequence[Hashable], counts: NDArray[np.int64]) -> dict[Hashable, float]:
    return dict(zip(names, (counts / counts.sum()).tolist(), strict=True))


def _doubts(model: LinkageModel, found: Fit) -> tuple[str, ...]:
    doubts = []
    if not found.converged:
        doubts.append("the fit did not converge")
    if found.held > MOST_HELD:
        doubts.append("fields depend on each other: the pairs of one person reach their limit")
    for name in ("family", "first", "date", "place", "country", "nationality", "gender"):
        bits = model.bits(name)
        if bits[-1] <= bits[1]:
            doubts.append(f"{name}: agreement weighs no more than disagreement")
    return tuple(doubts)


def _between_0_and_1(value: Any) -> bool:
    return is_number(value) and 0 < value < 1


def _bad_parameter(name: str, rule: str, value: object) -> InvalidInput:
    return InvalidInput("not a parameter", code="bad_parameter", field=name, rule=rule, value=value)

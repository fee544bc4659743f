"""States of a policy's readings while loci are compared one after another.

A reading depends only on the number of loci that count to its floor and on the part of its budget
that is spent. Both are small numbers and independent of the order of the loci, so all readings of a
policy together have a few dozen states at most, and the chance that *any* of them holds is carried
from locus to locus exactly.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from prum_match.dna.rules.policy import Reading
from prum_match.dna.statistics.locus_pairs import OUTCOMES, Outcome
from prum_match.errors import InvalidInput


class HasReadings(Protocol):
    """A policy, of which this module needs only the readings."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings; a candidate satisfies at least one of them."""


PolicyLike = Reading | HasReadings


def reading_states(policy: PolicyLike) -> ReadingStates:
    """Return the states of a policy's readings, or of a single reading."""
    readings = (policy,) if isinstance(policy, Reading) else tuple(policy.readings)
    if not readings:
        raise InvalidInput(
            "the policy has no reading of the exchange view, so its chance is unknown",
            code="no_readings",
            field="policy",
        )
    return _explore(readings)


class ReadingStates(NamedTuple):
    """The states that the readings of a policy can be in together, after any number of loci.

    ``following[s, k]`` is the state after outcome ``k`` in state ``s``, or the number of states
    if no reading can hold any more. ``accepting`` marks the states in which some reading holds.
    """

    following: NDArray[np.int64]
    accepting: NDArray[np.bool_]

    def transition(self, probabilities: tuple[float, ...]) -> NDArray[np.float64]:
        """Return the transition matrix of one locus from its outcome probabilities."""
        size = len(self.following)
        matrix = np.zeros((size, size + 1))
        for place, probability in enumerate(probabilities):
            matrix[np.arange(size), self.following[:, place]] += probability
        return matrix[:, :size]


# Loci counted so far (up to the floor) and cost so far, or None once the budget is overdrawn.
_State = tuple[int, int] | None


@lru_cache(maxsize=64)
def _explore(readings: tuple[Reading, ...]) -> ReadingStates:
    """Find all states that can be reached."""
    start: tuple[_State, ...] = tuple((0, 0) for _ in readings)
    number = {start: 0}
    queue = [start]
    table: list[list[tuple[_State, ...]]] = []
    for states in queue:
        after = [
            tuple(
                _step(reading, state, outcome)
                for reading, state in zip(readings, states, strict=True)
            )
            for outcome in OUTCOMES
        ]
        table.append(after)
        for new in after:
            if any(new) and new not in number:
                number[new] = len(number)
                queue.append(new)
    following = [[number.get(new, len(number)) for new in after] for after in table]
    accepting = [
        any(
            state is not None and state[0] >= reading.min_loci
            for reading, state in zip(readings, states, strict=True)
        )
        for states in queue
    ]
    return ReadingStates(np.array(following), np.array(accepting))


def _step(reading: Reading, state: _State, outcome: Outcome) -> _State:
    """Return the state of one reading after one more locus."""
    if state is None:
        return None
    counted, cost = state
    cost += outcome.micro_variants + outcome.mismatches + reading.wildcard_cost * outcome.wildcards
    if cost > reading.budget:
        return None
    return min(reading.min_loci, counted + _counts(reading, outcome)), cost


def _counts(reading: Reading, outcome: Outcome) -> bool:
    """Tell whether a locus counts to the floor: the class of its worst allele decides."""
    if outcome.mismatches:
        return False
    if outcome.micro_variants:
        return reading.counts_micro
    return reading.counts_wildcard or not outcome.wildcards

"""Drawing subjects with replacement, each with all its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.evaluation.inputs import (
    Gappy,
    column,
    random_state,
    require_one_kind,
    subject_ids,
)
from prum_match.values.checks import whole_number


class Trials:
    """Rows of results with their subjects.

    Parameters
    ----------
    *columns : array_like
        Arguments of the statistic, one value a row: scores, or scores and ranks.
    subjects : array_like of str or int, shape (rows,) or (rows, 2)
        Subject of each row; two where a row compares two people.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"bad_subject"``,
        ``"length_mismatch"``.

    Examples
    --------
    >>> Trials([0.9, 0.8, 0.4], subjects=["a", "a", "b"])
    <Trials: 3 rows of 2 subjects>
    """

    def __init__(self, *columns: Gappy, subjects: ArrayLike) -> None:
        if not columns:
            raise InvalidInput("give at least one column", code="empty", field="columns")
        self.columns = tuple(column(values, "columns") for values in columns)
        self.subjects = subject_ids(subjects)
        if any(len(values) != len(self.subjects) for values in self.columns):
            raise InvalidInput(
                "columns and subjects differ in length", code="length_mismatch", field="subjects"
            )

    def take(self, rows: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
        """Return the columns at the given rows."""
        return tuple(values[rows] for values in self.columns)

    def __repr__(self) -> str:
        return f"<Trials: {len(self.subjects)} rows of {np.unique(self.subjects).size} subjects>"


Samples: TypeAlias = Trials | Sequence[Trials]


def several(samples: Samples) -> tuple[Trials, ...]:
    """Return one or several samples as a tuple."""
    found = (samples,) if isinstance(samples, Trials) else tuple(samples)
    if not found:
        raise InvalidInput("give at least one sample", code="empty", field="samples")
    return found


def resamples(
    samples: tuple[Trials, ...], seed: int, replicates: int
) -> tuple[Iterator[list[NDArray[np.intp]]], int]:
    """Return resamples, each as the rows to take of every sample, and the number of subjects."""
    replicates = whole_number(replicates, "replicates", least=1, code="bad_count")
    random = random_state(seed)
    require_one_kind(*(sample.subjects for sample in samples))
    ids, codes = np.unique(
        np.concatenate([sample.subjects.ravel() for sample in samples]), return_inverse=True
    )
    if ids.size < 2:
        raise InvalidInput(
            "at least two subjects are needed", code="too_few_subjects", field="subjects"
        )
    ends = np.cumsum([sample.subjects.size for sample in samples])[:-1]
    whose = [
        part.reshape(sample.subjects.shape)
        for part, sample in zip(np.split(codes, ends), samples, strict=True)
    ]
    return _draw(whose, ids.size, random, replicates), ids.size


def _draw(
    whose: list[NDArray[np.intp]],
    subjects: int,
    random: np.random.RandomState,
    replicates: int,
) -> Iterator[list[NDArray[np.intp]]]:
    empty = 0
    for _ in range(replicates):
        while True:
            drawn = random.randint(0, subjects, size=subjects, dtype=np.int64)
            times = np.bincount(drawn, minlength=subjects)
            rows = [np.repeat(np.arange(len(who)), _counts(times, who)) for who in whose]
            if all(part.size for part in rows):
                break
            empty += 1
            if empty > replicates:
                raise InvalidInput(
                    "too few subjects: most resamples leave a sample without a row",
                    code="too_few_subjects",
                    field="subjects",
                )
        yield rows


def _counts(times: NDArray[np.intp], who: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how often each row counts when its subjects were drawn that often."""
    if who.ndim == 1:
        return np.asarray(times[who])
    first, second = who.T
    # A row that compares two items of one person counts as that person's row.
    return np.asarray(np.where(first == second, times[first], times[first] * times[second]))

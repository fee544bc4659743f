"""Splits into fit and test parts with different people.

A calibration looks better than it is on the subjects that it was fitted on. The split is by
subject, and rows that compare subjects of both parts are set aside and counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.evaluation.inputs import random_state, require_one_kind, subject_ids


class Split(NamedTuple):
    """Row numbers of the parts; no subject is in both ``fit`` and ``test``.

    Attributes
    ----------
    fit, test : numpy.ndarray of int64
        Rows of either part, ascending.
    unused : numpy.ndarray of int64
        Rows that compare a subject of one part with a subject of the other.
    """

    fit: NDArray[np.int64]
    test: NDArray[np.int64]
    unused: NDArray[np.int64]


def split_by_subject(subjects: ArrayLike, *, seed: int, test_share: float = 0.5) -> Split:
    """Split rows so that no subject is on both sides.

    Parameters
    ----------
    subjects : array_like of str or int, shape (rows,) or (rows, 2)
        Subject of each row; two where a row compares two people.
    seed : int
        Seed, 0 to 2**32 - 1.
    test_share : float, default 0.5
        Share of subjects (not of rows) in the test part; each part gets at least one.

    Returns
    -------
    Split
        The rows of each part.

    Raises
    ------
    InvalidInput
        Codes ``"bad_seed"``, ``"bad_share"``, ``"bad_shape"``, ``"bad_subject"``, ``"empty"``,
        ``"too_few_subjects"``.

    Examples
    --------
    >>> split = split_by_subject(["a", "a", "b", "c"], seed=1)
    >>> split.fit, split.test, split.unused
    (array([2, 3]), array([0, 1]), array([], dtype=int64))
    """
    ids = subject_ids(subjects)
    random = random_state(seed)
    if not 0.0 < test_share < 1.0:
        raise InvalidInput(
            "test_share must lie between 0 and 1",
            code="bad_share",
            field="test_share",
            value=test_share,
        )
    people, who = np.unique(ids, return_inverse=True)
    if people.size < 2:
        raise InvalidInput(
            "at least two subjects are needed", code="too_few_subjects", field="subjects"
        )
    count = min(max(int(people.size * test_share), 1), people.size - 1)
    tested = np.zeros(people.size, np.bool_)
    tested[random.permutation(people.size)[:count]] = True
    on_test = tested[who.reshape(len(ids), -1)]
    every, none = on_test.all(axis=1), ~on_test.any(axis=1)
    return Split(np.flatnonzero(none), np.flatnonzero(every), np.flatnonzero(~every & ~none))


def require_disjoint_subjects(fit_subjects: ArrayLike, test_subjects: ArrayLike) -> None:
    """Refuse a test with subjects of the fit.

    Parameters
    ----------
    fit_subjects, test_subjects : array_like of str or int, shape (rows,) or (rows, 2)
        Subjects of the rows of either part.

    Raises
    ------
    InvalidInput
        Code ``"subjects_overlap"``, with the first such row of ``test_subjects`` as index; codes
        ``"bad_shape"``, ``"bad_subject"``, ``"empty"``.

    Examples
    --------
    >>> require_disjoint_subjects(["a", "b"], ["c"])
    """
    fitted = subject_ids(fit_subjects, "fit_subjects")
    tested = subject_ids(test_subjects, "test_subjects")
    require_one_kind(fitted, tested)
    known = np.isin(tested, fitted).reshape(len(tested), -1).any(axis=1)
    if known.any():
        raise InvalidInput(
            "a subject of the test is in the fit as well",
            code="subjects_overlap",
            field="test_subjects",
            index=int(np.argmax(known)),
        )

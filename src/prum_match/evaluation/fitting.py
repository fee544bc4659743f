"""Base of the calibrators: reading scores and labels, applying a map, freezing it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.engine.calibration import Calibration, Outside, interpolate
from prum_match.errors import InvalidInput, missing_extra
from prum_match.evaluation.both_kinds import warn_if_mated_below
from prum_match.evaluation.bounds import elub_of_arrays
from prum_match.evaluation.inputs import Floats, column, finite_scores, plain_array, subject_ids
from prum_match.values.checks import one_of, whole_number

try:
    # scikit-learn ships no type information.
    from sklearn.base import BaseEstimator, TransformerMixin  # type: ignore[import-untyped]
    from sklearn.exceptions import NotFittedError  # type: ignore[import-untyped]
    from sklearn.utils import ClassifierTags, Tags  # type: ignore[import-untyped]
except ImportError:
    raise missing_extra("scikit-learn", "evaluation") from None

Bounds: TypeAlias = Literal["elub"] | float | None


class NotFitted(InvalidInput, NotFittedError):  # type: ignore[misc]  # scikit-learn is untyped
    """A calibrator that was not fitted; an error of scikit-learn and of the library."""


class ScoreCalibrator(TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]  # as above
    """Base of the calibrators."""

    bounds: Bounds
    outside: Outside
    score_column: int | None
    _method: str

    @abstractmethod
    def _map(self, mated: Floats, nonmated: Floats) -> tuple[Floats, Floats]:
        """Return the knots of the map, unbounded: scores and log-likelihood ratios."""

    @abstractmethod
    def _bound(self, knots: Floats, llrs: Floats) -> tuple[Floats, Floats]:
        """Return the knots of the map within ``bounds_``."""

    def fit(
        self, scores: ArrayLike, is_mated: ArrayLike, subjects: ArrayLike | None = None
    ) -> Self:
        """Fit the map.

        Parameters
        ----------
        scores : array_like of float, shape (rows,), (rows, 1) or (rows, columns)
            Comparison scores; higher means more alike. A table of several columns needs
            ``score_column``.
        is_mated : array_like
            Whether each comparison is of one subject. Any two numbers or booleans will do; the
            greater one marks the mated.
        subjects : array_like of str or int, shape (rows,) or (rows, 2), optional
            Subjects of the rows. Kept in ``subjects_`` for
            :func:`prum_match.evaluation.require_disjoint_subjects`; a frozen calibration only
            carries their number.

        Returns
        -------
        self

        Raises
        ------
        InvalidInput
            Codes ``"empty"``, ``"bad_shape"``, ``"not_a_number"``, ``"not_finite"``,
            ``"length_mismatch"``, ``"bad_labels"``, ``"one_class"``, ``"bad_subject"``,
            ``"bad_parameter"``, and those of the class.

        Warns
        -----
        MatedBelowNonmatedWarning
            Scores labelled mated lie below the others by more than chance.
        """
        self._check_parameters()
        values, columns = self._read(scores)
        labels, self.classes_ = _labels(is_mated, len(values))
        people = None if subjects is None else subject_ids(subjects)
        if people is not None and len(people) != len(values):
            raise InvalidInput(
                "scores and subjects differ in length", code="length_mismatch", field="subjects"
            )
        self.subjects_ = None if people is None else np.unique(people)
        mated, nonmated = values[labels], values[~labels]
        warn_if_mated_below(mated, nonmated, stacklevel=2)
        self.n_features_in_ = columns
        self.n_mated_, self.n_nonmated_ = mated.size, nonmated.size
        knots, llrs = self._map(mated, nonmated)
        self.bounds_ = self._limits(mated, nonmated, knots, llrs)
        self.scores_, self.llrs_ = self._bound(knots, llrs)
        return self

    def transform(self, scores: ArrayLike) -> Floats:
        """Return the natural log-likelihood ratios of comparison scores.

        Parameters
        ----------
        scores : array_like of float, shape (rows,), (rows, 1) or (rows, columns)
            Comparison scores.

        Returns
        -------
        numpy.ndarray of float64, shape (rows,)
            The same values, bit for bit, that the frozen calibration gives.

        Raises
        ------
        InvalidInput
            Codes ``"not_fitted"``, ``"empty"``, ``"bad_shape"``, ``"not_a_number"``,
            ``"not_finite"``; ``"outside_range"`` for a score beyond those fitted on, unless
            ``outside`` is ``"clip"``.
        """
        self._require_fitted()
        values, columns = self._read(scores)
        if columns != self.n_features_in_:
            raise InvalidInput(
                f"X has {columns} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input",
                code="bad_shape",
                field="scores",
            )
        return np.asarray(interpolate(values, self.scores_, self.llrs_, self.outside))

    def to_calibration(self, *, category: str, model: str, stratum: str) -> Calibration:
        """Freeze the map, bound to category, model and stratum.

        Parameters
        ----------
        category : str
            Category of the scores, for example ``"face"``.
        model : str
            Name and version of the system that produced the scores.
        stratum : str
            The part of the population with these scores.

        Returns
        -------
        Calibration
            NumPy alone applies it, JSON keeps it.

        Raises
        ------
        InvalidInput
            Codes ``"not_fitted"``, ``"bad_text"``; ``"no_evidence"`` if the map is flat: what it
            was fitted on shows no evidential value, or the bounds left none.
        """
        self._require_fitted()
        if self.llrs_[0] == self.llrs_[-1]:
            raise InvalidInput(
                "the map is flat: the fitted scores carry no evidence",
                code="no_evidence",
                field="scores",
            )
        return Calibration(
            category=category,
            model=model,
            stratum=stratum,
            method=self._method,
            scores=tuple(self.scores_.tolist()),
            llrs=tuple(self.llrs_.tolist()),
            mated=self.n_mated_,
            nonmated=self.n_nonmated_,
            subjects=None if self.subjects_ is None else self.subjects_.size,
        )

    def _read(self, scores: Any) -> tuple[Floats, int]:
        """Return the scores and the number of columns of the table that they are from."""
        if hasattr(scores, "toarray"):
            raise InvalidInput("sparse input is not supported", code="bad_shape", field="scores")
        table = plain_array(scores, "scores")
        if self.score_column is None:
            single = table.ndim == 2 and table.shape[1] == 1
            return finite_scores(table[:, 0] if single else table, "scores"), 1
        if table.ndim != 2:
            raise InvalidInput(
                "score_column asks for a table. Reshape your data: scores[:, None]",
                code="bad_shape",
                field="scores",
            )
        if not 0 <= self.score_column < table.shape[1]:
            raise InvalidInput(
                f"{table.shape[1]} feature(s) (shape={table.shape}) while a minimum of "
                f"{self.score_column + 1} is required.",
                code="bad_shape",
                field="scores",
            )
        return finite_scores(table[:, self.score_column], "scores"), table.shape[1]

    def _limits(
        self, mated: Floats, nonmated: Floats, knots: Floats, llrs: Floats
    ) -> tuple[float, float]:
        if self.bounds is None:
            return -math.inf, math.inf
        if isinstance(self.bounds, str):
            # Every score fitted on lies on a knot or between two finite ones.
            return elub_of_arrays(_at(mated, knots, llrs), _at(nonmated, knots, llrs))
        return -float(self.bounds), float(self.bounds)

    def _check_parameters(self) -> None:
        bounds = self.bounds
        if bounds is not None and bounds != "elub" and not is_positive(bounds):
            raise bad_parameter("bounds", 'bounds is "elub", None or a positive number', bounds)
        if self.score_column is not None:
            whole_number(self.score_column, "score_column", code="bad_parameter")
        one_of(self.outside, "outside", ("raise", "clip"), code="bad_parameter")

    def _require_fitted(self) -> None:
        if not hasattr(self, "llrs_"):
            raise NotFitted("fit the calibrator first", code="not_fitted", field="scores")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.one_d_array = self.score_column is None
        tags.input_tags.two_d_array = self.score_column is not None
        # Not a classifier; this is how scikit-learn says that y has two values.
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags


def _at(scores: Floats, knots: Floats, llrs: Floats) -> Floats:
    """Return the unbounded map at scores that were fitted on; pools may be infinite there."""
    left = np.searchsorted(knots, scores, side="right") - 1
    right = np.minimum(left + 1, knots.size - 1)
    # A fitted score between two knots of one pool has the pool's ratio.
    found = llrs[left].copy()
    sloped = (knots[left] != scores) & (llrs[left] != llrs[right])
    found[sloped] = interpolate(scores[sloped], knots, llrs, "raise")
    return found


def _labels(is_mated: Any, rows: int) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Return which rows are mated, and the two labels."""
    if is_mated is None:
        raise InvalidInput(
            "fitting requires y to be passed, but the target y is None",
            code="bad_labels",
            field="is_mated",
        )
    labels = column(is_mated, "is_mated")
    if labels.dtype.kind not in "biuf" or not np.isfinite(labels).all():
        raise InvalidInput(
            "Unknown label type: not booleans or numbers", code="bad_labels", field="is_mated"
        )
    if labels.size != rows:
        raise InvalidInput(
            "scores and is_mated differ in length", code="length_mismatch", field="is_mated"
        )
    classes = np.unique(labels)
    if classes.size > 2:
        raise InvalidInput("labels have two values", code="bad_labels", field="is_mated")
    if classes.size < 2:
        raise InvalidInput(
            "only one class: both mated and non-mated comparisons are needed",
            code="one_class",
            field="is_mated",
        )
    return labels == classes[1], classes


def is_positive(value: Any) -> bool:
    """Tell whether a parameter is a finite number above 0."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(number and math.isfinite(value) and value > 0)


def bad_parameter(field: str, message: str, value: Any) -> InvalidInput:
    """Return the error for a parameter of a calibrator."""
    return InvalidInput(message, code="bad_parameter", field=field, value=value)

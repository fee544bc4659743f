"""Calibrations: fitted maps from comparison scores to likelihood ratios.

``prum_match.evaluation`` fits them to labelled data; applying them needs NumPy alone. A likelihood
ratio holds for *one comparison* in the population that the map was fitted on. The score of the best
candidate of a search is the best of N scores, so a report of its likelihood ratio has to say
"selected from a database of N".
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.values.checks import one_of, whole_number
from prum_match.values.text import unique_members

Floats: TypeAlias = NDArray[np.float64]
Outside: TypeAlias = Literal["raise", "clip"]

FORMAT = "prum_match.calibration"
VERSION = 1


@dataclass(frozen=True, kw_only=True, repr=False)
class Calibration:
    """A map from scores to natural log-likelihood ratios, for one model and one stratum.

    The map is straight between its knots and undefined outside them; an affine map has two.

    Attributes
    ----------
    category : str
        Category of the scores, for example ``"face"``.
    model : str
        Source of the scores: name *and* version in one key, as the gallery states it.
    stratum : str
        Part of the population that the map was fitted on, for example ``"frontal"``.
    method : str
        Method of fitting.
    scores : tuple of float
        Knots, strictly ascending; the first and the last are the range that was fitted.
    llrs : tuple of float
        Natural log-likelihood ratio at each knot, never falling.
    mated, nonmated : int
        Numbers of comparisons that the map was fitted on.
    subjects : int, optional
        Number of people in these comparisons, if known.

    Raises
    ------
    InvalidInput
        Codes ``"bad_text"``, ``"bad_knots"``, ``"bad_count"``.

    Examples
    --------
    >>> calibration = Calibration(
    ...     category="face", model="example 1.0", stratum="frontal", method="logistic",
    ...     scores=(0.2, 0.7), llrs=(-5.0, 5.0), mated=50, nonmated=2000,
    ... )
    >>> calibration.apply([0.45, 0.6], model="example 1.0", stratum="frontal").round(9)
    array([0., 3.])
    """

    category: str
    model: str
    stratum: str
    method: str
    scores: tuple[float, ...]
    llrs: tuple[float, ...]
    mated: int
    nonmated: int
    subjects: int | None = None

    def __post_init__(self) -> None:
        for name in ("category", "model", "stratum", "method"):
            text = getattr(self, name)
            if (
                not isinstance(text, str)
                or not text.isprintable()
                or text.strip() != text
                or not text
            ):
                raise InvalidInput(
                    f"{name} is printable text without blanks around it",
                    code="bad_text",
                    field=name,
                    value=text,
                )
        for name in ("mated", "nonmated", "subjects"):
            count = getattr(self, name)
            if name != "subjects" or count is not None:
                whole = whole_number(count, name, least=1, code="bad_count")
                object.__setattr__(self, name, whole)
        for name in ("scores", "llrs"):
            object.__setattr__(self, name, _knots(getattr(self, name), name))
        x, y = self._arrays
        if x.size != y.size or np.any(np.diff(x) <= 0) or np.any(np.diff(y) < 0):
            raise InvalidInput(
                "scores rise from knot to knot and llrs never fall", code="bad_knots", field="llrs"
            )

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        return np.array(self.scores), np.array(self.llrs)

    @overload
    def apply(
        self, scores: float, *, model: str, stratum: str, outside: Outside = "raise"
    ) -> float: ...
    @overload
    def apply(
        self, scores: ArrayLike, *, model: str, stratum: str, outside: Outside = "raise"
    ) -> float | Floats: ...
    def apply(
        self, scores: ArrayLike, *, model: str, stratum: str, outside: Outside = "raise"
    ) -> float | Floats:
        """Return the natural log-likelihood ratios of comparison scores.

        Parameters
        ----------
        scores : float or array_like of float
            Comparison scores.
        model, stratum : str
            Source and stratum of the scores; they have to equal those of the calibration.
        outside : {"raise", "clip"}, default "raise"
            For a score outside the fitted range: raise an error, or return the ratio at the end of
            the range, which never claims more than the data showed.

        Returns
        -------
        float or numpy.ndarray
            Natural logarithms; divide by ``log(10)`` for bans.

        Raises
        ------
        ComparisonMismatch
            Codes ``"other_model"``, ``"other_stratum"``.
        InvalidInput
            Codes ``"outside_range"``, ``"not_finite"``, ``"not_a_number"``, ``"bad_outside"``.

        Examples
        --------
        >>> calibration = Calibration(
        ...     category="face", model="example 1.0", stratum="frontal", method="logistic",
        ...     scores=(0.2, 0.7), llrs=(-5.0, 5.0), mated=50, nonmated=2000,
        ... )
        >>> calibration.apply(0.9, model="example 1.0", stratum="frontal", outside="clip")
        5.0
        """
        for name, given, fitted in (
            ("model", model, self.model),
            ("stratum", stratum, self.stratum),
        ):
            if given != fitted:
                raise ComparisonMismatch(
                    f"the scores are of another {name} than the calibration",
                    code=f"other_{name}",
                    field=name,
                    value=given,
                )
        return interpolate(scores, *self._arrays, outside)

    def to_json(self) -> str:
        """Return the calibration as canonical JSON: equal calibrations give equal text.

        Examples
        --------
        >>> calibration = Calibration(
        ...     category="face", model="example 1.0", stratum="frontal", method="logistic",
        ...     scores=(0.2, 0.7), llrs=(-5.0, 5.0), mated=50, nonmated=2000,
        ... )
        >>> Calibration.from_json(calibration.to_json()) == calibration
        True
        """
        content = {name: getattr(self, name) for name in self.__dataclass_fields__}
        content |= {"format": FORMAT, "version": VERSION}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a calibration that :meth:`to_json` wrote.

        Raises
        ------
        InvalidInput
            Codes ``"bad_json"``, ``"unknown_format"`` (another format or version), and those of
            the class.
        """
        try:
            content = json.loads(text, object_pairs_hook=unique_members)
        except (ValueError, TypeError, RecursionError):
            # Without the cause, because a decoding error holds the whole text.
            content = None
        if not isinstance(content, dict):
            raise InvalidInput(
                "the text is not a calibration in JSON", code="bad_json", field="text"
            )
        version = content.pop("version", None)
        if content.pop("format", None) != FORMAT or version != VERSION or version is True:
            raise InvalidInput(
                f"only version {VERSION} of {FORMAT} is read",
                code="unknown_format",
                field="version",
            )
        if content.keys() != cls.__dataclass_fields__.keys():
            raise InvalidInput("fields are missing or unknown", code="bad_json", field="text")
        return cls(**content)

    def __repr__(self) -> str:
        return f"<Calibration: {self.category}, model {self.model}, stratum {self.stratum}>"


def interpolate(scores: ArrayLike, knots: Floats, llrs: Floats, outside: Outside) -> float | Floats:
    """Return the values of a piecewise linear map, which never decreases, not even by rounding."""
    one_of(outside, "outside", ("raise", "clip"), code="bad_outside")
    x = np.asarray(scores)
    if x.dtype.kind not in "iuf":
        raise InvalidInput("scores are numbers", code="not_a_number", field="scores")
    x = x.astype(np.float64)
    _refuse(~np.isfinite(x), "a score is NaN or infinity", "not_finite")
    if outside == "raise":
        _refuse(
            (x < knots[0]) | (x > knots[-1]),
            "a score lies outside the range that was fitted",
            "outside_range",
        )
    x = np.clip(x, knots[0], knots[-1])
    left = np.maximum(np.searchsorted(knots, x, side="right") - 1, 0)
    right = np.minimum(left + 1, knots.size - 1)
    width = np.where(right > left, knots[right] - knots[left], 1.0)
    low, high = llrs[left], llrs[right]
    # Rounding could pass the value of the next knot, and a higher score would get a lower ratio.
    found = np.clip(low + (x - knots[left]) / width * (high - low), low, high)
    return float(found) if found.ndim == 0 else found


def _refuse(wrong: NDArray[np.bool_], message: str, code: str) -> None:
    if wrong.any():
        index = int(np.flatnonzero(wrong)[0]) if wrong.ndim else None
        raise InvalidInput(message, code=code, field="scores", index=index)


def _knots(values: Any, field: str) -> tuple[float, ...]:
    """Return knots as floats; minus zero becomes zero, so that equal maps have equal JSON."""
    given = values if isinstance(values, list | tuple) else ()
    try:
        knots = tuple(float(v) + 0.0 for v in given if type(v) is not bool)
        # The span is divided by, so it has to be a finite float as well.
        sound = len(knots) == len(given) > 0 and math.isfinite(max(knots) - min(knots))
    except (TypeError, ValueError, OverflowError):
        sound = False
    if not sound or not all(map(math.isfinite, knots)) or any(isinstance(v, str) for v in given):
        raise InvalidInput(f"{field} are finite numbers", code="bad_knots", field=field)
    return knots

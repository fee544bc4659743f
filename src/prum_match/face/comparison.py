"""One embedding against another, and what a score says."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import ArrayLike

from prum_match import _native
from prum_match.engine import Calibration, Candidate, CandidateList, SelectedRatio
from prum_match.errors import ComparisonMismatch
from prum_match.face.embedding import Embedding
from prum_match.face.model import Model


class Comparison(float):
    """A comparison score that explains itself.

    The number is the exact inner product of the two float32 vectors, rounded once to the nearest
    double (ties to even): the same on every machine, in every batch, with any number of threads.

    Attributes
    ----------
    score : float
        The number itself.
    cosine : float
        The score divided by both norms.
    model : Model
        What made the embeddings.
    threshold : float or None
        The threshold of the policy, where one was asked.
    """

    cosine: float
    model: Model
    threshold: float | None

    @classmethod
    def of(cls, a: Embedding, b: Embedding, threshold: float | None = None) -> Comparison:
        """Compare two embeddings of one model."""
        self = cls(_native.face_inner_product(a.vector, b.vector))
        squares = [_native.face_inner_product(x.vector, x.vector) for x in (a, b)]
        cosine = float(self) / (math.sqrt(squares[0]) * math.sqrt(squares[1]))
        self.cosine = min(1.0, max(-1.0, cosine))
        self.model = a.model
        self.threshold = threshold
        return self

    @property
    def score(self) -> float:
        """The comparison score."""
        return float(self)

    def __str__(self) -> str:
        lines = [
            f"comparison score {float(self):.6f}: inner product of two embeddings",
            f"model {self.model.key}, {self.model.dimension} dimensions",
            f"cosine {self.cosine:.6f}",
        ]
        if self.threshold is not None:
            side = "reaches" if self >= self.threshold else "does not reach"
            lines.append(f"{side} the threshold {self.threshold:.6f}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison: score {float(self):.6f}, model {self.model.key}>"


def compare(
    probe: Embedding | ArrayLike, reference: Embedding | ArrayLike, model: Model
) -> Comparison:
    """Compare two embeddings.

    Parameters
    ----------
    probe, reference : Embedding or array_like, shape (dimension,)
        What is compared; vectors are checked as :class:`Embedding` says.
    model : Model
        What made both.

    Raises
    ------
    ComparisonMismatch
        Code ``"other_model"``.
    InvalidInput
        What :class:`Embedding` refuses.

    Examples
    --------
    >>> from prum_match import face
    >>> model = face.Model(name="example", version="1", dimension=2, normalise="apply")
    >>> face.compare([3, 4], [4, 3], model)
    <Comparison: score 0.960000, model example 1>
    """
    first, second = (
        x if isinstance(x, Embedding) else Embedding(x, model) for x in (probe, reference)
    )
    if not first.model == second.model == model:
        raise ComparisonMismatch(
            "the embedding is of another model", code="other_model", field="model"
        )
    return Comparison.of(first, second)


def selected_ratio(
    candidate: Candidate, calibration: Calibration, *, stratum: str
) -> SelectedRatio:
    """Return the likelihood ratio of a candidate's score, with what it was selected from.

    Never shown unasked beside a candidate: a ratio of a score that a search picked reads as more
    than it is.

    Parameters
    ----------
    candidate : Candidate
        Of a face search.
    calibration : prum_match.engine.Calibration
        Fitted on single comparisons of this model, never on best scores of searches.
    stratum : str
        Where the two images belong; has to be what the calibration was fitted on.

    Raises
    ------
    ComparisonMismatch
        Codes ``"other_category"``, ``"other_model"``, ``"other_stratum"``: the calibration was
        fitted for something else.
    InvalidInput
        Code ``"outside_range"``: the score is outside what was fitted.
    UnknownReference
        Code ``"erased"``: the reference was erased or replaced after the search.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match import engine, face
    >>> model = face.Model(name="example", version="1", dimension=2, normalise="apply")
    >>> gallery = face.Gallery(model)
    >>> gallery.enrol(["P1", "P2"], np.array([[3, 4], [4, -3]], np.float32)).enrolled
    2
    >>> calibration = engine.Calibration(
    ...     category="face", model=model.key, stratum="frontal", method="logistic",
    ...     scores=(-1.0, 1.0), llrs=(-5.0, 5.0), mated=50, nonmated=2000,
    ... )
    >>> best = gallery.search([4, 3], limit=1)[0]
    >>> print(face.selected_ratio(best, calibration, stratum="frontal"))
    log10 likelihood ratio 2.08, selected from a database: rank 1, 2 references examined
    """
    answer: CandidateList[Any] = candidate.candidate_list
    explained = candidate.explain()
    if not isinstance(explained, Comparison) or calibration.category != answer.category:
        raise ComparisonMismatch(
            "candidate and calibration are not both of faces",
            code="other_category",
            field="calibration",
        )
    llr = calibration.apply(candidate.score, model=explained.model.key, stratum=stratum)
    return SelectedRatio(llr, candidate.rank, answer.examined)

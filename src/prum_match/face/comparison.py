"""Comparison of two embeddings, and likelihood ratios of scores."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import ArrayLike

from prum_match import _native
from prum_match.engine import Calibration, Candidate, CandidateList, SelectedRatio
from prum_match.engine.comparisons import WithoutGrade
from prum_match.errors import ComparisonMismatch
from prum_match.face.embedding import Embedding
from prum_match.face.model import Model, check_model
from prum_match.face.policy import Policy

_DEFAULT = Policy()


class Comparison(WithoutGrade, float):
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
        The model of both embeddings.
    policy : Policy
        The rule that decides `is_candidate`.
    """

    cosine: float
    model: Model
    policy: Policy

    @classmethod
    def of(cls, a: Embedding, b: Embedding, policy: Policy = _DEFAULT) -> Comparison:
        """Compare two embeddings of one model."""
        self = cls(_native.face_inner_product(a.vector, b.vector))
        squares = [_native.face_inner_product(x.vector, x.vector) for x in (a, b)]
        cosine = float(self) / (math.sqrt(squares[0]) * math.sqrt(squares[1]))
        self.cosine = min(1.0, max(-1.0, cosine))
        self.model = a.model
        self.policy = policy
        return self

    @property
    def score(self) -> float:
        """The comparison score."""
        return float(self)

    @property
    def is_candidate(self) -> bool:
        """Whether the score reaches the threshold of the policy; True without a threshold."""
        threshold = self.policy.threshold
        return threshold is None or self >= threshold

    def __str__(self) -> str:
        lines = [
            f"comparison score {float(self):.6f}: inner product of two embeddings",
            f"model {self.model.key}, {self.model.dimension} dimensions",
            f"cosine {self.cosine:.6f}",
        ]
        threshold = self.policy.threshold
        if threshold is not None:
            side = "reaches" if self.is_candidate else "does not reach"
            lines.append(f"{side} the threshold {threshold:.6f}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison: score {float(self):.6f}, model {self.model.key}>"


def compare(
    probe: Embedding | ArrayLike,
    reference: Embedding | ArrayLike,
    model: Model | None = None,
    *,
    policy: Policy = _DEFAULT,
) -> Comparison:
    """Compare two embeddings.

    Parameters
    ----------
    probe, reference : Embedding or array_like, shape (dimension,)
        The embeddings; arrays are checked like the vector of an :class:`Embedding`.
    model : Model, optional
        The model of both; may be left out where one of them is an :class:`Embedding`.
    policy : Policy, optional
        The rule that decides :attr:`Comparison.is_candidate`.

    Raises
    ------
    ComparisonMismatch
        Codes ``"other_model"``, ``"foreign_policy"``.
    InvalidInput
        Code ``"bad_model"``: no model is given and neither argument has one; and the codes of
        :class:`Embedding`.

    Examples
    --------
    >>> from prum_match import face
    >>> model = face.Model(name="example", version="1", dimension=2, normalise="apply")
    >>> face.compare([3, 4], [4, 3], model)
    <Comparison: score 0.960000, model example 1>
    >>> face.compare([3, 4], [4, 3], model, policy=face.Policy(threshold=0.97)).is_candidate
    False
    """
    if not isinstance(policy, Policy):
        raise ComparisonMismatch("not a face policy", code="foreign_policy", field="policy")
    if model is None:
        model = next((x.model for x in (probe, reference) if isinstance(x, Embedding)), None)
    model = check_model(model)
    first, second = (
        x if isinstance(x, Embedding) else Embedding(x, model) for x in (probe, reference)
    )
    if not first.model == second.model == model:
        raise ComparisonMismatch(
            "the embedding is of another model", code="other_model", field="model"
        )
    return Comparison.of(first, second, policy)


def selected_ratio(
    candidate: Candidate, calibration: Calibration, *, stratum: str
) -> SelectedRatio:
    """Return the likelihood ratio of a candidate's score, with the size of the search.

    Candidates do not show it by themselves: the ratio of a score that a search selected is easily
    taken for more than it is.

    Parameters
    ----------
    candidate : Candidate
        From a search for a face.
    calibration : prum_match.engine.Calibration
        Fitted on single comparisons of this model, never on the best scores of searches.
    stratum : str
        The part of the population that the two images belong to, as the calibration names it.

    Raises
    ------
    ComparisonMismatch
        Codes ``"other_category"``, ``"other_model"``, ``"other_stratum"``: the calibration was
        fitted for something else.
    InvalidInput
        Code ``"outside_range"``: the score is outside the fitted range.
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

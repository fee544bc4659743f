"""Facial images as a category of the engine: columns, codes, search, explanation."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match import _native, engine
from prum_match.engine import (
    Column,
    Columns,
    Encoded,
    Layout,
    Matching,
    Table,
    TableReader,
    Trace,
    Wire,
    register_opener,
)
from prum_match.engine.damage import damaged
from prum_match.engine.policy import check_bounded
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.face.candidates import CandidateList
from prum_match.face.comparison import Comparison
from prum_match.face.embedding import Admitted, Embedding, admit, quality_of, seconds_of
from prum_match.face.model import Model, check_model
from prum_match.face.policy import Policy
from prum_match.face.tables import COLUMNS, admit_table

Item = Embedding | ArrayLike

# Rows whose high nibbles lie interleaved; csrc/kernels/face/vectors.hpp.
_PANEL = 16
_ATTRIBUTES: dict[str, Callable[[Any], float]] = {"captured_at": seconds_of, "quality": quality_of}


class FaceLayout(Layout[Any]):
    """Embeddings of one model as columns.

    Notes
    -----
    A row holds the vector, an 8-bit code of it in two nibble planes, and the norms of the
    rounding errors of the codes, rounded up. Codes and norms bound the score from above (Cauchy
    and Schwarz); the vector decides it.
    """

    columns = (
        Column("vectors"),
        Column("high", row_axis=None, primary=False),
        Column("low", primary=False),
        Column("coarse", row_axis=None, primary=False),
        Column("fine", primary=False),
        Column("captured_at", optional=True, missing=math.nan),
        Column("quality", optional=True, missing=math.nan),
    )

    item_class = Embedding

    def __init__(self, model: Model) -> None:
        self.model = check_model(model)
        self.mean = None if model.mean is None else np.asarray(model.mean, np.float32)
        self._settings = {"model": self.model.settings()}

    def encode(self, items: Sequence[Any]) -> Encoded:
        found = admit(self.model, items)
        columns: Columns = {"vectors": found.vectors}
        if found.captured_at is not None:
            columns["captured_at"] = found.captured_at
        if found.quality is not None:
            columns["quality"] = found.quality
        return Encoded(columns, found.accepted, found.refused)

    def make(self, arguments: Mapping[str, Any]) -> Any:
        return super().make({"model": self.model, **arguments})

    def decode(self, segment: _native.Segment, row: int) -> Embedding:
        columns = segment.columns
        vector = columns["vectors"][row]
        if _native.face_inner_product(vector, vector) == 0:
            raise damaged()
        captured_at, quality = (
            float(columns[name][row]) if name in columns else math.nan for name in _ATTRIBUTES
        )
        try:
            return Embedding._stored(vector, self.model, captured_at, quality)
        except OverflowError:
            raise damaged() from None

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        n = len(columns["vectors"])
        high, low, coarse, fine = _native.face_encode(columns["vectors"], self.mean)
        panels, groups = len(coarse) // (3 * _PANEL * 4), -(-self.model.dimension // 64) * 8
        return np.arange(n, dtype=np.uint32), {
            **columns,
            "high": high.reshape(panels, groups, _PANEL, 4),
            "low": low.reshape(panels * _PANEL, groups * 4),
            "coarse": coarse.view(np.float32).reshape(panels, 3, _PANEL),
            "fine": fine.view(np.float32).reshape(panels * _PANEL, 4),
        }

    def may_merge(self, segment: _native.Segment) -> bool:
        """Tell whether the vectors are the gallery's own; a caller's array is never copied."""
        return bool(segment.columns["vectors"].flags.writeable)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        yield from super().traces(segment, rows)
        panel, lane = np.divmod(rows, _PANEL)
        yield "high", (panel, slice(None), lane), 0
        yield "coarse", (panel, slice(None), lane), 0

    def settings(self) -> Mapping[str, Any]:
        return self._settings


class FaceMatching(Matching[Any, Policy]):
    """Comparison of embeddings of one model."""

    default_policy = Policy()
    fuses_subjects = True
    list_type = CandidateList

    def __init__(self, layout: FaceLayout) -> None:
        self.model, self._mean = layout.model, layout.mean

    def check_probes(self, probes: Sequence[Any]) -> Admitted:
        found = admit(self.model, probes)
        if found.refused:
            raise found.refused[0]
        return found

    def prepare(self, probes: Sequence[Any], policy: Policy) -> _native.Matcher:
        vectors = self.check_probes(probes).vectors
        return _native.FaceMatcher(vectors, self._mean, policy.threshold)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: Policy
    ) -> _native.Matcher:
        return _native.FaceMatcher(segment.columns["vectors"][rows], self._mean, policy.threshold)

    def explain(self, probe: Any, reference: Any, policy: Policy) -> Comparison:
        (a,), (b,) = self.check_probes([probe]), self.check_probes([reference])
        return Comparison.of(a, b, policy)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Policy
    ) -> Columns:
        return {"score": _native.face_scores(rank)}

    def check_bounds(self, policy: Policy, limit: int | None) -> None:
        check_bounded(policy.threshold, limit)

    def check_joinable(self, other: Matching[Any, Any]) -> None:
        if not isinstance(other, FaceMatching):
            super().check_joinable(other)
        elif other.model != self.model:
            raise ComparisonMismatch(
                "the galleries belong to different models", code="other_model", field="other"
            )

    def attribute_range(self, attribute: str, low: Any, high: Any) -> tuple[float, float]:
        number_of = _ATTRIBUTES.get(attribute)
        if number_of is None:
            return super().attribute_range(attribute, low, high)
        try:
            first = -math.inf if low is None else number_of(low)
            last = math.inf if high is None else number_of(high)
        except InvalidInput as error:
            error.field = "eligible"
            raise
        if first > last:
            raise InvalidInput("a range begins after its end", code="bad_range", field="eligible")
        return first, last


class FaceTables(TableReader[Any]):
    """Embeddings of one model in tables: ``embedding``, ``captured_at``, ``quality``."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def columns(self, names: Sequence[str]) -> Collection[str]:
        return COLUMNS

    def items(self, table: Table) -> Admitted:
        return admit_table(self._model, table)


class FaceWire(Wire[Any, Policy]):
    """Images travel as samples; each party makes its own embeddings of them."""

    responder_policy = Policy()

    def __init__(self, matching: FaceMatching) -> None:
        self._matching = matching

    def check_probe(self, probe: Any) -> None:
        self._matching.check_probes([probe])


@dataclass(frozen=True, eq=False)
class FaceCategory(engine.Category[Any, Policy]):
    """The category of the embeddings of one model."""

    layout: FaceLayout


def face_category(model: Model) -> FaceCategory:
    """Return the category of the embeddings of a model."""
    layout = FaceLayout(model)
    matching = FaceMatching(layout)
    return FaceCategory("face", layout, matching, FaceTables(model), FaceWire(matching))


register_opener("face", lambda settings: face_category(Model(**settings["model"])))


class Gallery(engine.Gallery[Any, CandidateList]):
    """The enrolled facial images of one state, as embeddings of one model.

    Parameters
    ----------
    model : Model
        What makes the embeddings; probes of another are refused.
    labels : sequence of str, optional
        The labels that references may have; see :class:`prum_match.engine.Gallery`.
        Unidentified faces are kept apart from those of known people by a label of the host.
    open_labels, exchangeable_only : bool, default False
        As for :class:`prum_match.engine.Gallery`.

    Raises
    ------
    InvalidInput
        Code ``"bad_model"``.

    Notes
    -----
    Items are arrays of shape (n, dimension), :class:`Embeddings`, or sequences of
    :class:`Embedding`. The images of one subject (``subject_ids``) are one candidate, the best of
    them: limit, ``n_found`` and ``truncated`` count subjects, unless a search says
    ``fuse_subjects=False``. A search needs a threshold or a limit. ``n_found`` of a
    truncated list is a lower bound, ``limit + 1``, unless the search was asked to ``count``.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match import face
    >>> model = face.Model(name="example", version="1", dimension=4, normalise="apply")
    >>> gallery = face.Gallery(model)
    >>> images = np.array([[1, 2, 0, 0], [1, 2, 1, 0], [-3, 1, 0, 1]], np.float32)
    >>> gallery.enrol(["P1-a", "P1-b", "P2-a"], images, subject_ids=["P1", "P1", "P2"]).enrolled
    3
    >>> answer = gallery.search([1, 2, 0.5, 0], policy=face.Policy(threshold=0.5))
    >>> answer.reference_ids, answer[0].subject_id, answer.scores.round(3), answer.examined
    (['P1-b'], 'P1', array([0.98]), 3)
    """

    category_name = "face"

    category: FaceCategory

    def __init__(
        self,
        model: Model,
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        super().__init__(
            face_category(model),
            labels=labels,
            open_labels=open_labels,
            exchangeable_only=exchangeable_only,
        )

    @property
    def model(self) -> Model:
        """What makes the embeddings of this gallery."""
        return self.category.layout.model

"""Facial images as a category of the engine: columns, codes, search, explanation."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match import _native, engine
from prum_match.engine import Category, Column, Columns, Encoded, Table, Trace
from prum_match.engine.policy import check_bounded
from prum_match.engine.segments.rows import damaged
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.face.comparison import Comparison
from prum_match.face.embedding import (
    Admitted,
    Embedding,
    admit,
    quality_of,
    room_for,
    seconds_of,
)
from prum_match.face.model import Model, check_model
from prum_match.face.policy import Policy
from prum_match.face.tables import COLUMNS, admit_table

Item = Embedding | ArrayLike

# Rows whose high nibbles lie interleaved; csrc/kernels/face/vectors.hpp.
_PANEL = 16
_ATTRIBUTES: dict[str, Callable[[Any], float]] = {"captured_at": seconds_of, "quality": quality_of}


class FaceCategory(Category[Any]):
    """Embeddings of one model.

    Notes
    -----
    A row holds the vector, an 8-bit code of it in two nibble planes, and the norms of what the
    codes leave out, rounded up. Codes and norms bound the score from above (Cauchy and Schwarz);
    the vector decides it.
    """

    name = "face"
    columns = (
        Column("vectors"),
        Column("high", row_axis=None, primary=False),
        Column("low", primary=False),
        Column("coarse", row_axis=None, primary=False),
        Column("fine", primary=False),
        Column("captured_at", optional=True),
        Column("quality", optional=True),
    )
    default_policy = Policy()
    fuses_subjects = True

    def __init__(self, model: Model) -> None:
        self.model = check_model(model)
        self._settings = {"model": self.model.settings()}

    @property
    def _mean(self) -> NDArray[np.float32] | None:
        mean = self.model.mean
        return None if mean is None else np.asarray(mean, np.float32)

    def encode(self, items: Sequence[Any]) -> Encoded:
        """Check and copy vectors."""
        found = admit(self.model, items)
        columns: Columns = {"vectors": found.vectors}
        if found.captured_at is not None:
            columns["captured_at"] = found.captured_at
        if found.quality is not None:
            columns["quality"] = found.quality
        return Encoded(columns, found.accepted, found.refused)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Code the vectors."""
        n = len(columns["vectors"])
        high, low, coarse, fine = _native.face_encode(columns["vectors"], self._mean)
        panels, groups = len(coarse) // (3 * _PANEL * 4), -(-self.model.dimension // 64) * 8
        return np.arange(n, dtype=np.uint32), {
            **columns,
            "high": high.reshape(panels, groups, _PANEL, 4),
            "low": low.reshape(panels * _PANEL, groups * 4),
            "coarse": coarse.view(np.float32).reshape(panels, 3, _PANEL),
            "fine": fine.view(np.float32).reshape(panels * _PANEL, 4),
        }

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return vectors and attributes of some rows."""
        names = ("vectors", *(name for name in _ATTRIBUTES if name in columns))
        return {name: columns[name][rows] for name in names}

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join vectors and attributes; who has no attribute has NaN."""
        n = sum(len(part["vectors"]) for part in parts)
        vectors = room_for(n, self.model.dimension)
        np.concatenate([part["vectors"] for part in parts], out=vectors)
        merged: Columns = {"vectors": vectors}
        for name in _ATTRIBUTES:
            if any(name in part for part in parts):
                merged[name] = np.concatenate(
                    [part.get(name, np.full(len(part["vectors"]), math.nan)) for part in parts]
                )
        return merged

    def may_merge(self, segment: _native.Segment) -> bool:
        """Tell whether the vectors are the gallery's own; a caller's array is never copied."""
        return bool(segment.columns["vectors"].flags.writeable)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Name vectors, both planes, norms and attributes."""
        panel, lane = np.divmod(rows, _PANEL)
        yield "vectors", (rows,), 0
        yield "high", (panel, slice(None), lane), 0
        yield "coarse", (panel, slice(None), lane), 0
        for name in ("low", "fine", *_ATTRIBUTES):
            if name in segment.columns:
                yield name, (rows,), 0

    def settings(self) -> Mapping[str, Any]:
        """Return the model."""
        return self._settings

    def take_probes(self, probes: Sequence[Any]) -> Admitted:
        """Check vectors as probes, all at once."""
        found = admit(self.model, probes)
        if found.refused:
            raise found.refused[0]
        return found

    def table_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return ``embedding``, ``captured_at``, ``quality``."""
        return COLUMNS

    def items_of(self, table: Table) -> Admitted:
        """Check the vectors and attributes of a table."""
        return admit_table(self.model, table)

    def check_probe(self, probe: Any) -> None:
        """Refuse what the model refuses."""
        self.take_probes([probe])

    def prepare(self, probes: Sequence[Any], policy: engine.Policy) -> _native.Matcher:
        """Code the probes."""
        vectors = self.take_probes(probes).vectors
        return _native.FaceMatcher(vectors, self._mean, _face_policy(policy).threshold)

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: engine.Policy
    ) -> _native.Matcher:
        """Code rows as probes."""
        vectors = segment.columns["vectors"][rows]
        return _native.FaceMatcher(vectors, self._mean, _face_policy(policy).threshold)

    def decode(self, segment: _native.Segment, row: int) -> Embedding:
        """Return the embedding that a row holds.

        Raises
        ------
        StorageError
            Code ``"damaged_segment"``: a vector or a date that nobody enrolled.
        """
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

    def explain(self, probe: Any, reference: Any, policy: engine.Policy) -> Comparison:
        """Score one pair."""
        (a,), (b,) = self.take_probes([probe]), self.take_probes([reference])
        return Comparison.of(a, b, _face_policy(policy))

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: engine.Policy
    ) -> Columns:
        """Unpack the scores."""
        return {"score": _native.face_scores(rank)}

    def check_policy(self, policy: engine.Policy) -> None:
        """Refuse anything but a face policy."""
        _face_policy(policy)

    def check_bounds(self, policy: engine.Policy, limit: int | None) -> None:
        """Refuse a search with neither threshold nor limit.

        Raises
        ------
        InvalidInput
            Code ``"unbounded_search"``.
        """
        check_bounded(_face_policy(policy).threshold, limit)

    def check_partner(self, other: Category[Any]) -> None:
        """Refuse to join embeddings of another model."""
        if isinstance(other, FaceCategory):
            if other.model != self.model:
                raise ComparisonMismatch(
                    "the galleries belong to different models", code="other_model", field="other"
                )
        else:
            super().check_partner(other)

    def range_of(self, attribute: str, low: Any, high: Any) -> tuple[float, float]:
        """Return a range of ``captured_at`` or ``quality`` as numbers."""
        number_of = _ATTRIBUTES.get(attribute)
        if number_of is None:
            return super().range_of(attribute, low, high)
        try:
            first = -math.inf if low is None else number_of(low)
            last = math.inf if high is None else number_of(high)
        except InvalidInput as error:
            error.field = "eligible"
            raise
        if first > last:
            raise InvalidInput("a range begins after its end", code="bad_range", field="eligible")
        return first, last


class Gallery(engine.Gallery[Any]):
    """The enrolled facial images of one state, as embeddings of one model.

    Parameters
    ----------
    model : Model
        What makes the embeddings; probes of another are refused.
    labels : sequence of str, optional
        Labels that the gallery knows beforehand; see :class:`prum_match.engine.Gallery`.
        Unidentified faces are kept apart from those of known people by a label of the host.

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

    category: FaceCategory

    def __init__(self, model: Model, *, labels: Sequence[str] = ()) -> None:
        super().__init__(FaceCategory(model), labels=labels)

    @classmethod
    def _category_of(cls, name: str, settings: Mapping[str, Any]) -> FaceCategory:
        if name != FaceCategory.name:
            raise ComparisonMismatch(
                "the folder holds another category", code="foreign_gallery", field="path"
            )
        return FaceCategory(Model(**settings["model"]))

    @property
    def model(self) -> Model:
        """What makes the embeddings of this gallery."""
        return self.category.model


def _face_policy(policy: engine.Policy) -> Policy:
    if not isinstance(policy, Policy):
        raise ComparisonMismatch("not a face policy", code="foreign_policy", field="policy")
    return policy

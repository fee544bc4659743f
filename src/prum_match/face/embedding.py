"""Embeddings, single or in tables, and the checks of both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match import _native
from prum_match.engine.progress import paced
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError
from prum_match.face.model import Model, check_model
from prum_match.values.checks import real_number
from prum_match.values.rows import Rows

Vectors = NDArray[np.float32]
Attribute = NDArray[np.float64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REFUSALS = (
    ("", ""),
    ("not_finite", "a component is NaN or infinite"),
    ("zero_vector", "all components are zero"),
    ("norm_out_of_range", "the norm is not between 2**-96 and 2**96"),
    ("not_normalised", "the norm is not 1 within the model's tolerance"),
)


class Embedding:
    """The embedding of one facial image, checked against its model. Immutable.

    Parameters
    ----------
    vector : array_like, shape (dimension,)
        float32 or float16, or numbers that float32 holds exactly.
    model : Model
        The model that made it.
    captured_at : datetime, optional
        When the image was taken, with a time zone. Together with `quality` it serves filters and
        the strata of a calibration; neither ever changes a score.
    quality : float, optional
        Quality of the image, on the scale of the caller's assessor (ISO/IEC 29794-5, say).

    Attributes
    ----------
    vector : numpy.ndarray of float32, shape (dimension,)
        The vector that is stored and scored, read-only; divided by its norm where the model says
        so.

    Raises
    ------
    InvalidInput
        Codes ``"bad_dimension"``, ``"not_a_number"``, ``"not_float32"``, ``"not_finite"``,
        ``"zero_vector"``, ``"norm_out_of_range"``, ``"not_normalised"``, ``"bad_moment"``,
        ``"bad_quality"``, ``"bad_model"``.

    Examples
    --------
    >>> from prum_match import face
    >>> model = face.Model(name="example", version="1", dimension=2, normalise="apply")
    >>> face.Embedding([3, 4], model).vector
    array([0.6, 0.8], dtype=float32)
    """

    __slots__ = ("captured_at", "model", "quality", "vector")

    captured_at: datetime | None
    model: Model
    quality: float | None
    vector: Vectors

    def __init__(
        self,
        vector: ArrayLike,
        model: Model,
        captured_at: datetime | None = None,
        quality: float | None = None,
    ) -> None:
        check_model(model)
        given = _array(vector)
        if given.ndim != 1:
            raise bad_dimension(model)
        vectors, refused = admit_rows(model, given[np.newaxis], keep=False)
        if refused:
            error = refused[0]
            error.index = None
            raise error
        seconds = seconds_of(captured_at)
        self._set(vectors[0], model, moment_of(seconds), _optional(quality_of(quality)))

    @classmethod
    def _stored(
        cls, vector: Vectors, model: Model, captured_at: float, quality: float
    ) -> Embedding:
        """Return the embedding of a row that was checked before."""
        self = cls.__new__(cls)
        self._set(vector.copy(), model, moment_of(captured_at), _optional(quality))
        return self

    def _set(
        self, vector: Vectors, model: Model, captured_at: datetime | None, quality: float | None
    ) -> None:
        vector.flags.writeable = False
        for name, value in (
            ("vector", vector),
            ("model", model),
            ("captured_at", captured_at),
            ("quality", quality),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an embedding is immutable: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an embedding is immutable: {name}")

    def _key(self) -> tuple[Any, ...]:
        return self.model, self.vector.tobytes(), self.captured_at, self.quality

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Embedding) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __copy__(self) -> Embedding:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Embedding:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("embeddings are biometric data and are not pickled")

    def __repr__(self) -> str:
        return f"<Embedding: {self.model.key}, {self.model.dimension} dimensions>"


class Embeddings(Sequence[NDArray[Any]]):
    """Many embeddings in one array, with attributes of their images; for enrolment.

    Parameters
    ----------
    vectors : numpy.ndarray, shape (n, dimension)
        As for :class:`Embedding`.
    captured_at : sequence of datetime or None, optional
        When each image was taken.
    quality : sequence of float or None, optional
        Quality of each image.
    keep : {"copy", "view"}
        ``"view"``: the gallery reads the caller's array instead of copying it, so that it can be a
        memory map many times larger than memory. The array has to be C-contiguous float32 and
        read-only, and the enrolled rows must not change. If some rows are refused, the others are
        copied. An erasure then overwrites everything that the gallery derived from a vector;
        *erasing the vector itself in the caller's array is up to the caller*.

    Raises
    ------
    InvalidInput
        Codes ``"bad_dimension"``, ``"length_mismatch"``, ``"bad_option"``, ``"cannot_view"``,
        ``"bad_moment"``, ``"bad_quality"``.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match import face
    >>> table = face.Embeddings(np.eye(3, dtype=np.float32), quality=[80, None, 35.5])
    >>> len(table)
    3
    """

    def __init__(
        self,
        vectors: NDArray[Any],
        captured_at: Sequence[datetime | None] | None = None,
        quality: Sequence[float | None] | None = None,
        keep: Literal["copy", "view"] = "copy",
    ) -> None:
        self.vectors = _array(vectors)
        if self.vectors.ndim != 2:
            raise InvalidInput(
                "a table of embeddings has two dimensions", code="bad_dimension", field="vectors"
            )
        if keep not in ("copy", "view"):
            raise InvalidInput(
                "keep is 'copy' or 'view'", code="bad_option", field="keep", value=keep
            )
        flags = self.vectors.flags
        if keep == "view" and (
            self.vectors.dtype != np.dtype("=f4") or not flags.c_contiguous or flags.writeable
        ):
            raise InvalidInput(
                "only a read-only, C-contiguous array of float32 can be viewed",
                code="cannot_view",
                field="vectors",
            )
        self.keep = keep
        self.captured_at = self._attribute("captured_at", captured_at, seconds_of)
        self.quality = self._attribute("quality", quality, quality_of)

    def _attribute(
        self, name: str, given: Sequence[Any] | None, number_of: Callable[[Any], float]
    ) -> Attribute | None:
        if given is None:
            return None
        if len(given) != len(self.vectors):
            raise InvalidInput(
                f"{name} and vectors differ in length", code="length_mismatch", field=name
            )
        numbers = np.empty(len(given))
        for index, value in enumerate(given):
            try:
                numbers[index] = number_of(value)
            except PrumError as error:
                raise error.at(index) from None
        return numbers

    def __len__(self) -> int:
        return len(self.vectors)

    @overload
    def __getitem__(self, index: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[NDArray[Any]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[Any] | Sequence[NDArray[Any]]:
        return list(self.vectors[index]) if isinstance(index, slice) else self.vectors[index]

    def __reduce__(self) -> Any:
        raise TypeError("embeddings are biometric data and are not pickled")

    def __repr__(self) -> str:
        return f"<Embeddings: {len(self)} of {self.vectors.shape[1]} dimensions>"


@dataclass(frozen=True, eq=False)
class Admitted(Rows[Embedding]):
    """Accepted embeddings as columns; NaN stands for an unknown attribute."""

    model: Model
    vectors: Vectors
    accepted: NDArray[np.int64]
    refused: tuple[PrumError, ...]
    captured_at: Attribute | None = None
    quality: Attribute | None = None

    @classmethod
    def of(
        cls,
        model: Model,
        vectors: Vectors,
        refused: Sequence[PrumError],
        captured_at: Attribute | None,
        quality: Attribute | None,
    ) -> Admitted:
        """Return the rows that are not refused."""
        accepted = np.arange(len(vectors))
        if refused:
            accepted = np.delete(accepted, [int(e.index or 0) for e in refused])
            vectors = vectors[accepted]
            captured_at = None if captured_at is None else captured_at[accepted]
            quality = None if quality is None else quality[accepted]
        return cls(model, vectors, accepted, tuple(refused), captured_at, quality)

    def __len__(self) -> int:
        return len(self.vectors)

    def _item_at(self, index: int) -> Embedding:
        captured = math.nan if self.captured_at is None else float(self.captured_at[index])
        quality = math.nan if self.quality is None else float(self.quality[index])
        return Embedding._stored(self.vectors[index], self.model, captured, quality)


def admit(model: Model, items: Any) -> Admitted:
    """Check embeddings in any of the accepted forms; errors carry the index of their row."""
    if isinstance(items, Admitted):
        return items
    if not isinstance(items, (np.ndarray, Embeddings)):
        return _admit_items(model, items)
    table = items if isinstance(items, Embeddings) else Embeddings(items)
    vectors, refused = admit_rows(model, table.vectors, keep=table.keep == "view")
    return Admitted.of(model, vectors, refused, table.captured_at, table.quality)


def _admit_items(model: Model, items: Sequence[Any]) -> Admitted:
    taken: list[Embedding] = []
    accepted: list[int] = []
    refused: list[PrumError] = []
    for index, item in enumerate(paced(items)):
        try:
            if not isinstance(item, Embedding):
                item = Embedding(item, model)
            if item.model != model:
                raise ComparisonMismatch(
                    "the embedding is of another model", code="other_model", field="model"
                )
        except PrumError as error:
            refused.append(error.at(index))
            continue
        taken.append(item)
        accepted.append(index)
    vectors = room_for(len(taken), model.dimension)
    for row, item in zip(vectors, paced(taken, counted=False), strict=True):
        row[:] = item.vector
    captured_at = np.array([seconds_of(item.captured_at) for item in taken], np.float64)
    quality = np.array([quality_of(item.quality) for item in taken], np.float64)
    return Admitted(
        model,
        vectors,
        np.array(accepted, np.int64),
        tuple(refused),
        None if np.isnan(captured_at).all() else captured_at,
        None if np.isnan(quality).all() else quality,
    )


def room_for(n: int, dimension: int) -> Vectors:
    """Return an array in huge pages; its contents are arbitrary."""
    return _native.allocate(n * dimension * 4, None).view(np.float32).reshape(n, dimension)


def admit_rows(model: Model, given: NDArray[Any], keep: bool) -> tuple[Vectors, list[PrumError]]:
    """Return the vectors to store and the errors of the rows that are refused."""
    if given.shape[1] != model.dimension:
        raise bad_dimension(model)
    if given.dtype.kind not in "iuf":
        raise InvalidInput("embeddings are real numbers", code="not_a_number", field="vector")
    if keep and model.normalise == "apply":
        raise InvalidInput(
            "a model that normalises vectors cannot view them",
            code="cannot_view",
            field="vectors",
        )
    inexact = np.zeros(len(given), bool)
    if given.dtype not in (np.float32, np.float16):
        with np.errstate(over="ignore", invalid="ignore"):
            single = given.astype(np.float32)
            inexact = ~((single.astype(given.dtype) == given) | (given != given)).all(axis=1)
        given = single
    vectors: Vectors = np.ascontiguousarray(given, np.float32)
    out = None if keep else room_for(*given.shape)
    tolerance = float(model.tolerance)
    refusals = _native.face_admit(vectors, out, model.normalise, tolerance)
    refused: list[PrumError] = []
    for row in np.flatnonzero((refusals != 0) | inexact).tolist():
        code, why = _REFUSALS[refusals[row]]
        if inexact[row]:
            code, why = "not_float32", "a component is not exact in float32"
        refused.append(InvalidInput(why, code=code, index=row, field="vector"))
    return vectors if out is None else out, refused


def _array(given: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(given)
    except (TypeError, ValueError):
        # Rows of different lengths. NumPy's own error would name values.
        raise InvalidInput(
            "not an array of numbers", code="bad_dimension", field="vector"
        ) from None


def bad_dimension(model: Model) -> InvalidInput:
    """Return the error for a vector of another length than the model's."""
    return InvalidInput(
        f"an embedding of this model has {model.dimension} components",
        code="bad_dimension",
        field="vector",
    )


def seconds_of(moment: datetime | None) -> float:
    """Return a moment as seconds since 1970 UTC, NaN for None."""
    if moment is None:
        return math.nan
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise InvalidInput(
            "a moment needs a time zone", code="bad_moment", field="captured_at", value=moment
        )
    return (moment - _EPOCH).total_seconds()


def moment_of(seconds: float) -> datetime | None:
    """Return the moment of :func:`seconds_of`."""
    return None if math.isnan(seconds) else _EPOCH + timedelta(seconds=seconds)


def quality_of(quality: float | None) -> float:
    """Return a quality as a float, NaN for None."""
    if quality is None:
        return math.nan
    return real_number(quality, "quality", code="bad_quality")


def _optional(value: float) -> float | None:
    return None if math.isnan(value) else value

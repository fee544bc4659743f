"""The model that makes embeddings; only embeddings of one model can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.values.checks import instance_of, one_of, whole_number

Normalise = Literal["require", "apply", "none"]
MAX_DIMENSION = 4096


@dataclass(frozen=True)
class Model:
    """A face recognition model, in one version.

    Embeddings of two models, or of two versions of one, cannot be compared: a score between them
    means nothing. A gallery therefore belongs to one model and refuses the rest.

    Parameters
    ----------
    name, version : str
        Identity of the model. Change the version whenever a score could change: new weights,
        another alignment of the face, another preprocessing.
    dimension : int
        Components of an embedding, 1 to 4096.
    metric : {"inner_product"}
        The score. For unit vectors the inner product is the cosine.
    normalise : {"require", "apply", "none"}
        ``"require"``: a vector whose norm is not 1 is refused. ``"apply"``: a vector is divided by
        its norm, and the result, rounded to float32, is what is stored and scored. ``"none"``:
        vectors are taken as they are, with norms from 2**-96 to 2**96.
    tolerance : float, default 1e-3
        Largest deviation of a required norm from 1.
    mean : array_like of float32, shape (dimension,), optional
        Mean of the model's embeddings, if it is far from zero; measured on other data, never on
        the enrolled embeddings. It makes searches faster and changes no score.

    Raises
    ------
    InvalidInput
        Codes ``"bad_text"``, ``"bad_dimension"``, ``"bad_option"``, ``"bad_tolerance"``,
        ``"bad_mean"``.

    Examples
    --------
    >>> from prum_match import face
    >>> model = face.Model(name="example", version="2.1", dimension=512)
    >>> model.key
    'example 2.1'
    """

    name: str
    version: str
    dimension: int
    metric: str = "inner_product"
    normalise: Normalise = "require"
    tolerance: float = field(default=1e-3, compare=False)
    mean: ArrayLike | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("name", "version"):
            text = getattr(self, name)
            sound = isinstance(text, str) and text.isprintable() and text.strip() == text and text
            if not sound:
                raise InvalidInput(
                    f"{name} is printable text without blanks around it",
                    code="bad_text",
                    field=name,
                    value=text,
                )
        dimension = whole_number(
            self.dimension, "dimension", least=1, most=MAX_DIMENSION, code="bad_dimension"
        )
        object.__setattr__(self, "dimension", dimension)
        one_of(self.metric, "metric", ("inner_product",), code="bad_option")
        one_of(self.normalise, "normalise", ("require", "apply", "none"), code="bad_option")
        tolerance = self.tolerance
        if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)):
            tolerance = math.nan
        if not 0 <= tolerance < 1:
            raise InvalidInput(
                "a tolerance is a number from 0 to below 1",
                code="bad_tolerance",
                field="tolerance",
                value=self.tolerance,
            )
        if self.mean is not None:
            object.__setattr__(self, "mean", _mean(self.mean, dimension))

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this model, as JSON has them; the mean is exact."""
        made = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.mean is not None:
            made["mean"] = np.asarray(self.mean, np.float64).tolist()
        return made

    @property
    def key(self) -> str:
        """Name and version in one text: what a calibration calls its model."""
        return f"{self.name} {self.version}"


def check_model(model: object) -> Model:
    """Return the model, or refuse anything else."""
    return instance_of(model, Model, "model", code="bad_model", message="a face.Model is needed")


def _mean(given: Any, dimension: int) -> NDArray[np.float32]:
    try:
        mean = np.array(given, np.float32)
    except (TypeError, ValueError):
        mean = np.empty(0, np.float32)
    # A component of that size is beyond the norm that a vector may have.
    if mean.shape != (dimension,) or not np.abs(mean).max(initial=0) <= 2.0**90:
        raise InvalidInput("a mean is one finite number a dimension", code="bad_mean", field="mean")
    mean.flags.writeable = False
    return mean

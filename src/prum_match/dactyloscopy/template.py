"""The minutiae of one print."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.dactyloscopy.positions import (
    KNOWN_POSITIONS,
    LATENT_IMPRESSIONS,
    PALM_IMPRESSIONS,
    UNKNOWN_IMPRESSION,
    is_palm,
    position_name,
)
from prum_match.errors import InvalidInput
from prum_match.values.checks import real_number, whole_number

OTHER, ENDING, BIFURCATION = 0, 1, 2
MAX_MINUTIAE = 4096

# Comparison units: 10 micrometres, the unit of ANSI/NIST-ITL Type-9 records, and 1/65536 turn.
UNITS_PER_INCH = 2540
TURN = 65536
# 327 mm; a hand is shorter.
MAX_UNITS = 32767

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Units = NDArray[np.uint16]


class Template:
    """The minutiae of one print: of a finger, a palm, or a latent. Immutable.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Positions in pixels at `ppi`: origin top-left, x to the right, y down.
    angle : array_like, shape (n,)
        Degrees, counter-clockwise from the positive x axis as seen on the image, *along the ridge*:
        an ending points from its end back into its ridge, a bifurcation along the valley that
        ends in it (ISO/IEC 19794-2, ANSI/INCITS 378). NaN where the direction is not known, as in
        a latent; such a minutia is stored and drawn but not compared.
    type : array_like, shape (n,), optional
        1 ending, 2 bifurcation, 0 other or unknown.
    quality : array_like, shape (n,), optional
        1 (worst) to 100 (best), 0 for unstated. It never changes a score.
    width, height : int
        Size of the image in pixels; 0 for unknown.
    ppi : float
        Resolution, pixels an inch.
    position : int, default 0
        Friction ridge position of ANSI/NIST-ITL: 1 to 10 fingers, 0 unknown finger, 20 and above
        palms; see :mod:`prum_match.dactyloscopy.positions`.
    impression : int, default 29
        Impression type of ANSI/NIST-ITL: 0 plain, 1 rolled, 4 to 7 latent, 10 and 11 palm, 12 to 15
        palm latent, 29 unknown.

    Attributes
    ----------
    x, y, angle : numpy.ndarray of float64
        As given, angles in [0, 360), read-only.
    type, quality : numpy.ndarray of uint8
        As given, read-only.

    Raises
    ------
    InvalidInput
        Codes ``"bad_shape"``, ``"not_a_number"``, ``"masked"``, ``"too_many_minutiae"``,
        ``"outside_image"``, ``"bad_angle"``, ``"bad_type"``, ``"bad_quality"``, ``"bad_size"``,
        ``"bad_resolution"``, ``"bad_position"``, ``"bad_impression"``.

    Notes
    -----
    Comparison works on positions in units of 10 micrometres and angles in units of 1/65536 turn,
    whatever the resolution; a gallery stores these. Templates without minutiae are allowed: they
    score 0 against everything.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> print_ = dactyloscopy.Template(
    ...     x=[100, 160], y=[90, 40], angle=[0, 271.25], type=[1, 2], quality=[60, 0],
    ...     width=300, height=400, ppi=500, position=2,
    ... )
    >>> print_
    <Template: 2 minutiae, right index>
    """

    __slots__ = (
        "_features",
        "angle",
        "height",
        "impression",
        "position",
        "ppi",
        "quality",
        "type",
        "width",
        "x",
        "y",
    )

    x: Floats
    y: Floats
    angle: Floats
    type: Bytes
    quality: Bytes
    width: int
    height: int
    ppi: float
    position: int
    impression: int
    # Codes of the minutiae, made by the first comparison; see features.py.
    _features: Any

    def __init__(
        self,
        *,
        x: ArrayLike,
        y: ArrayLike,
        angle: ArrayLike,
        type: ArrayLike | None = None,
        quality: ArrayLike | None = None,
        width: int,
        height: int,
        ppi: float,
        position: int = 0,
        impression: int = UNKNOWN_IMPRESSION,
    ) -> None:
        set_ = object.__setattr__
        set_(self, "ppi", real_number(ppi, "ppi", least=50, most=20000, code="bad_resolution"))
        set_(self, "width", whole_number(width, "width", least=0, most=65535, code="bad_size"))
        set_(self, "height", whole_number(height, "height", least=0, most=65535, code="bad_size"))
        position = whole_number(position, "position", least=0, most=255, code="bad_position")
        if position not in KNOWN_POSITIONS:
            raise _refused("not a friction ridge position of a hand", "bad_position", "position")
        set_(self, "position", position)
        set_(
            self,
            "impression",
            whole_number(impression, "impression", least=0, most=255, code="bad_impression"),
        )
        xs = _positions("x", x, None, self.width, self.ppi)
        n = len(xs)
        set_(self, "x", xs)
        set_(self, "y", _positions("y", y, n, self.height, self.ppi))
        set_(self, "angle", _angles(angle, n))
        set_(self, "type", _small("type", type, n, 2, "bad_type"))
        set_(self, "quality", _small("quality", quality, n, 100, "bad_quality"))
        set_(self, "_features", None)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a template is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a template is immutable")

    @property
    def is_latent(self) -> bool:
        """Whether the impression type is one of a latent."""
        return self.impression in LATENT_IMPRESSIONS

    @property
    def is_palm(self) -> bool:
        """Whether the position, or else the impression type, is one of a palm."""
        return is_palm(self.position) or self.impression in PALM_IMPRESSIONS

    @property
    def not_compared(self) -> int:
        """Number of minutiae without a direction, which are not compared."""
        return int(np.count_nonzero(np.isnan(self.angle)))

    def units(self) -> tuple[Units, Units, Units]:
        """Return x, y in units of 10 micrometres and angles in units of 1/65536 turn.

        Examples
        --------
        >>> Template(x=[100], y=[50], angle=[90], width=200, height=200, ppi=500).units()[2]
        array([16384], dtype=uint16)
        """
        x, y = (to_units(values, self.ppi) for values in (self.x, self.y))
        return x, y, to_turns(np.nan_to_num(self.angle))

    def _key(self) -> tuple[Any, ...]:
        arrays = (self.x, self.y, self.angle, self.type, self.quality)
        frame = (self.width, self.height, self.ppi, self.position, self.impression)
        return (*frame, *(array.tobytes() for array in arrays))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Template) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __len__(self) -> int:
        return len(self.x)

    def __reduce__(self) -> tuple[Any, ...]:
        names = [name for name in self.__slots__ if not name.startswith("_")]
        return _rebuild, ({name: getattr(self, name) for name in names},)

    def __repr__(self) -> str:
        latent = "latent, " if self.is_latent else ""
        return f"<Template: {len(self)} minutiae, {latent}{position_name(self.position)}>"


def to_units(pixels: Floats, ppi: float) -> Units:
    """Return pixels in units of 10 micrometres, halves up."""
    return np.floor(pixels * (UNITS_PER_INCH / ppi) + 0.5).astype(np.uint16)


def from_units(units: Units, ppi: float) -> Floats:
    """Return the pixels that have these units: whole numbers where possible."""
    exact = units * (ppi / UNITS_PER_INCH)
    whole = np.rint(exact)
    return np.where(to_units(whole, ppi) == units, whole, exact)


def to_turns(degrees: Floats) -> Units:
    """Return degrees in units of 1/65536 turn, halves up."""
    return (np.floor(degrees * (TURN / 360) + 0.5).astype(np.int64) % TURN).astype(np.uint16)


def from_turns(turns: Units) -> Floats:
    """Return the degrees that have these turns: whole numbers where possible."""
    exact = turns * (360 / TURN)
    whole = np.rint(exact) % 360
    return np.where(to_turns(whole) == turns, whole, exact)


def _rebuild(fields: dict[str, Any]) -> Template:
    return Template(**fields)


def _refused(message: str, code: str, field: str, index: int | None = None) -> InvalidInput:
    return InvalidInput(message, code=code, field=field, index=index)


def _numbers(name: str, values: ArrayLike, n: int | None) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty((), object)
    if array.size == 0 and array.ndim == 1:
        array = array.astype(np.float64)
    if isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise _refused(f"an entry of {name} is masked", "masked", name)
    if array.dtype.kind not in "iuf":
        raise _refused(f"{name} is an array of numbers", "not_a_number", name)
    if array.ndim != 1 or (n is not None and len(array) != n):
        raise _refused(
            "x, y, angle, type and quality differ in length",
            "bad_shape",
            name,
        )
    if len(array) > MAX_MINUTIAE:
        raise _refused(f"a template has up to {MAX_MINUTIAE} minutiae", "too_many_minutiae", name)
    return array


def _positions(name: str, values: ArrayLike, n: int | None, size: int, ppi: float) -> Floats:
    array = _numbers(name, values, n).astype(np.float64)
    most = (MAX_UNITS + 0.4) * ppi / UNITS_PER_INCH
    if size:
        most = min(most, size)
    wrong = ~((array >= 0) & (array <= most))
    if wrong.any():
        raise _refused(
            f"{name} lies outside the image or beyond 327 mm",
            "outside_image",
            name,
            int(np.flatnonzero(wrong)[0]),
        )
    array += 0.0
    array.flags.writeable = False
    return array


def _angles(values: ArrayLike, n: int) -> Floats:
    array = _numbers("angle", values, n).astype(np.float64)
    wrong = np.isinf(array) | (np.abs(array) > 360)
    if wrong.any():
        raise _refused(
            "an angle is from -360 to 360 degrees, or NaN",
            "bad_angle",
            "angle",
            int(np.flatnonzero(wrong)[0]),
        )
    array = np.mod(array, 360)
    array[array == 360] = 0
    # One bit pattern for an unknown direction, so that equal templates have equal bytes.
    array[np.isnan(array)] = math.nan
    array.flags.writeable = False
    return array


def _small(name: str, values: ArrayLike | None, n: int, most: int, code: str) -> Bytes:
    array = np.zeros(n) if values is None else _numbers(name, values, n)
    wrong = ~((array >= 0) & (array <= most) & (array == np.floor(array)))
    if wrong.any():
        index = int(np.flatnonzero(wrong)[0])
        raise _refused(f"{name} is a whole number from 0 to {most}", code, name, index)
    found = array.astype(np.uint8)
    found.flags.writeable = False
    return found

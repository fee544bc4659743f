"""Both prints of a comparison with the minutiae that were paired, for the expert who looks.

Matplotlib (extra ``plot``) is loaded by the first call. Nothing touches pyplot or its global
state; ``axes.figure.savefig(path)`` writes a file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.dactyloscopy.comparison import Comparison
from prum_match.dactyloscopy.template import BIFURCATION, ENDING, OTHER, Template
from prum_match.errors import InvalidInput, missing_extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats: TypeAlias = NDArray[np.float64]

_MM_PER_INCH = 25.4
_MARKS = {ENDING: "o", BIFURCATION: "s", OTHER: "D"}
_UNPAIRED = "0.55"
# Millimetres: the length of a tick, and what lies between two prints.
_TICK = 0.9
_GAP = 3.0
# Areas of marks in square points; those of a print that lies on another one are smaller.
_MARK = 45.0
_ON_TOP = 16.0


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A print where it is drawn: millimetres, y down; directions in degrees."""

    template: Template
    # Places of its paired minutiae, in the order of the pairs.
    paired: NDArray[np.int64]
    x: Floats
    y: Floats
    angle: Floats
    # Where its image begins, and the area of a mark.
    left: float = 0.0
    mark: float = _MARK


def plot(
    comparison: Comparison,
    images: Sequence[ArrayLike | None] | None = None,
    axes: Axes | None = None,
    *,
    overlay: bool = False,
) -> Axes:
    """Draw both prints side by side, or the first one moved on the second.

    Paired minutiae have the same number in both prints and the colour of the distance that the
    motion leaves; unpaired ones are grey, those without a direction, which took no part, dotted.
    Endings are circles, bifurcations squares, other minutiae diamonds; a tick shows the direction.
    The title holds the score and no likelihood ratio.

    Parameters
    ----------
    comparison : Comparison
        From :func:`compare`, or the explanation of a candidate.
    images : sequence of two array_like or None, optional
        Grey or colour images of both prints, shape (height, width) or (height, width, 3 or 4), as
        the templates state it; None for a missing one. An overlay shows that of the reference only.
    axes : matplotlib.axes.Axes, optional
        Where to draw; None: a new figure.
    overlay : bool, default False
        Draw the probe, with smaller marks, turned and shifted onto the reference.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into, in millimetres.

    Raises
    ------
    InvalidInput
        Codes ``"bad_image"``; ``"no_pairs"``: an overlay of prints that have nothing in common.
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> (rolled, latent), _ = prints.sample(1, ["rolled", "latent"], seed=5)
    >>> axes = dactyloscopy.plot(dactyloscopy.compare(latent, rolled))
    >>> axes.get_title()
    'comparison score ..., ... pairs of minutiae'
    """
    pictures = _pictures(comparison, images)
    a, b = _overlaid(comparison) if overlay else _side_by_side(comparison, pictures[0])
    axes = _axes(axes)
    for drawn, picture in zip((a, b), pictures, strict=True):
        if picture is not None and not (overlay and drawn is a):
            _draw_image(axes, drawn, picture)
    colours = _colours(axes, comparison.distances)
    for drawn in (a, b):
        _draw_minutiae(axes, drawn, colours)
        if not (overlay and drawn is a):
            _number(axes, drawn)
    axes.set_aspect("equal")
    # Images begin at the top.
    axes.yaxis.set_inverted(True)
    axes.set_xlabel("mm")
    axes.set_ylabel("mm")
    axes.set_title(
        f"comparison score {comparison.score:.2f}, {len(comparison.pairs)} pairs of minutiae"
    )
    return axes


def _axes(axes: Axes | None) -> Axes:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise missing_extra("matplotlib", "plot") from None
    return Figure(layout="constrained").subplots() if axes is None else axes


def _pictures(
    comparison: Comparison, images: Sequence[ArrayLike | None] | None
) -> list[NDArray[Any] | None]:
    """Return the images of both prints, checked against the templates."""
    if images is None:
        return [None, None]
    if len(images) != 2:
        raise _bad_image("two images, or None for one that is not there", None)
    pictures = [None if image is None else np.asarray(image) for image in images]
    for index, (picture, template) in enumerate(
        zip(pictures, (comparison.probe, comparison.reference), strict=True)
    ):
        if picture is None:
            continue
        if picture.dtype.kind not in "buf" or picture.ndim not in (2, 3) or picture.size == 0:
            raise _bad_image("an image is an array of grey or colour values", index)
        if picture.ndim == 3 and picture.shape[2] not in (3, 4):
            raise _bad_image("a colour image has three or four values a pixel", index)
        size = template.height, template.width
        if any(
            stated not in (0, found) for stated, found in zip(size, picture.shape[:2], strict=True)
        ):
            raise _bad_image("an image has the height and width of its template", index)
    return pictures


def _bad_image(message: str, index: int | None) -> InvalidInput:
    return InvalidInput(message, code="bad_image", field="images", index=index)


def _placed(comparison: Comparison, side: int, left: float = 0.0) -> _Drawn:
    template = (comparison.probe, comparison.reference)[side]
    scale = _MM_PER_INCH / template.ppi
    x, y = template.x * scale + left, template.y * scale
    return _Drawn(template, comparison.pairs[:, side], x, y, template.angle, left)


def _side_by_side(comparison: Comparison, picture: NDArray[Any] | None) -> tuple[_Drawn, _Drawn]:
    first = _placed(comparison, 0)
    pixels = first.template.width if picture is None else picture.shape[1]
    width = pixels * _MM_PER_INCH / first.template.ppi
    return first, _placed(comparison, 1, left=max(width, *first.x, 0.0) + _GAP)


def _overlaid(comparison: Comparison) -> tuple[_Drawn, _Drawn]:
    motion = comparison.motion
    if motion is None:
        raise InvalidInput(
            "nothing paired up, so there is no motion to draw", code="no_pairs", field="overlay"
        )
    still = _placed(comparison, 0)
    # Counter-clockwise as seen, with y down.
    c, s = math.cos(math.radians(motion.turn)), math.sin(math.radians(motion.turn))
    moved = replace(
        still,
        x=c * still.x + s * still.y + motion.x,
        y=c * still.y - s * still.x + motion.y,
        angle=still.angle + motion.turn,
        mark=_ON_TOP,
    )
    return moved, _placed(comparison, 1)


def _draw_image(axes: Axes, drawn: _Drawn, picture: NDArray[Any]) -> None:
    height, width = picture.shape[:2]
    scale = _MM_PER_INCH / drawn.template.ppi
    # Positions are those of the middles of pixels.
    left, top = drawn.left - scale / 2, -scale / 2
    extent = (left, left + width * scale, top + height * scale, top)
    axes.imshow(picture, cmap="gray", extent=extent, zorder=0)


def _colours(axes: Axes, distances: Floats) -> NDArray[np.float64]:
    """Return the colour of each pair, and draw what it means."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    if not len(distances):
        return np.zeros((0, 4))
    # The light end of the colours cannot be seen on paper.
    most = max(1.2 * float(distances.max()), 0.01)
    scale = ScalarMappable(Normalize(0, most), colormaps["plasma"])
    if axes.figure is not None:
        axes.figure.colorbar(scale, ax=axes, label="distance of a pair after the motion, mm")
    return np.asarray(scale.to_rgba(distances))


def _draw_minutiae(axes: Axes, drawn: _Drawn, colours: Floats) -> None:
    """Draw marks and ticks: pairs in colour, the others grey, dotted without a direction."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    of_each = np.tile(to_rgba(_UNPAIRED), (len(drawn.x), 1))
    of_each[drawn.paired] = colours
    unknown = np.isnan(drawn.angle)
    for kind, mark in _MARKS.items():
        for dotted in (False, True):
            mine = (drawn.template.type == kind) & (unknown == dotted)
            if mine.any():
                axes.scatter(
                    drawn.x[mine],
                    drawn.y[mine],
                    s=drawn.mark,
                    marker=mark,
                    facecolors="none",
                    edgecolors=of_each[mine],
                    linestyles=":" if dotted else "-",
                )
    known = ~unknown
    turn = np.radians(drawn.angle)
    begin = np.column_stack([drawn.x, drawn.y])
    end = begin + _TICK * np.column_stack([np.cos(turn), -np.sin(turn)])
    ticks = np.stack([begin, end], axis=1)[known]
    axes.add_collection(LineCollection(list(ticks), colors=of_each[known]))


def _number(axes: Axes, drawn: _Drawn) -> None:
    for number, place in enumerate(drawn.paired.tolist(), start=1):
        axes.annotate(
            str(number),
            (drawn.x[place], drawn.y[place]),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=6,
        )

"""The drawing of a comparison: places and styles of marks, and omissions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

from prum_match import dactyloscopy
from prum_match.dactyloscopy import Comparison, Template
from prum_match.errors import InvalidInput, PrumError
from prum_match.samples import prints

(ROLLED, LATENT), _ = prints.sample(1, ["rolled", "latent"], seed=5)
EMPTY = Template(x=[], y=[], angle=[], width=100, height=100, ppi=500)
MM = 25.4 / 500


def with_unknown(template: Template) -> Template:
    """Return the template with a minutia more, without a direction."""
    return Template(
        x=[*template.x, 10],
        y=[*template.y, 20],
        angle=[*template.angle, np.nan],
        type=[*template.type, 1],
        width=template.width,
        height=template.height,
        ppi=template.ppi,
        impression=template.impression,
    )


FOUND = dactyloscopy.compare(with_unknown(LATENT), ROLLED)
NOTHING = dactyloscopy.compare(EMPTY, ROLLED)


def marks(axes: Any) -> list[PathCollection]:
    return [each for each in axes.collections if isinstance(each, PathCollection)]


def points(axes: Any) -> set[tuple[float, float]]:
    found = np.concatenate([np.asarray(each.get_offsets()) for each in marks(axes)])
    return {(x, y) for x, y in found.round(6).tolist()}


def images_of(comparison: Comparison) -> list[Any]:
    random = np.random.default_rng(1)
    a, b = comparison.probe, comparison.reference
    return [random.random((t.height, t.width)) for t in (a, b)]


@pytest.mark.parametrize("overlay", [False, True])
@pytest.mark.parametrize("with_images", [False, True])
def test_renders_to_png(overlay: bool, with_images: bool, tmp_path: Path) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    images = images_of(FOUND) if with_images else None
    assert dactyloscopy.plot(FOUND, images, axes, overlay=overlay) is axes
    assert len(axes.images) == with_images * (1 if overlay else 2)
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_axes_are_made_by_default() -> None:
    axes = dactyloscopy.plot(FOUND)
    assert axes.get_xlabel() == axes.get_ylabel() == "mm"
    assert axes.yaxis.get_inverted()
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_every_minutia_is_drawn_once_and_in_its_place() -> None:
    axes = dactyloscopy.plot(FOUND)
    left = FOUND.probe.width * MM + 3
    expected = {(x * MM, y * MM) for x, y in zip(FOUND.probe.x, FOUND.probe.y, strict=True)}
    expected |= {
        (x * MM + left, y * MM) for x, y in zip(FOUND.reference.x, FOUND.reference.y, strict=True)
    }
    assert points(axes) == {(round(float(x), 6), round(float(y), 6)) for x, y in expected}
    assert sum(len(each.get_offsets()) for each in marks(axes)) == len(FOUND.probe) + len(
        FOUND.reference
    )


def test_pairs_are_numbered_in_both_prints() -> None:
    axes = dactyloscopy.plot(FOUND)
    numbers = [str(number) for number in range(1, len(FOUND.pairs) + 1)]
    assert [text.get_text() for text in axes.texts] == numbers * 2
    place = FOUND.pairs[0, 0]
    assert axes.texts[0].xy == (FOUND.probe.x[place] * MM, FOUND.probe.y[place] * MM)


def test_unpaired_minutiae_are_grey_and_uncompared_ones_dotted() -> None:
    axes = dactyloscopy.plot(FOUND)
    grey = [colour[0] == colour[1] == colour[2] for m in marks(axes) for colour in colours(m)]
    assert sum(grey) == sum(len(side) for side in FOUND.unpaired)
    dotted = [m for m in marks(axes) if m.get_linestyle()[0][1] is not None]
    assert [np.asarray(m.get_offsets()).round(6).tolist() for m in dotted] == [
        [[round(10 * MM, 6), round(20 * MM, 6)]]
    ]


def colours(mark: PathCollection) -> list[tuple[float, float, float]]:
    drawn = np.asarray(mark.get_edgecolor())
    each = np.broadcast_to(drawn, (len(mark.get_offsets()), 4))
    return [(r, g, b) for r, g, b, _ in each.tolist()]


def test_ticks_point_along_the_ridge() -> None:
    axes = dactyloscopy.plot(FOUND)
    ticks = [each for each in axes.collections if isinstance(each, LineCollection)]
    (begin, end), *_ = ticks[0].get_segments()
    turn = np.degrees(np.arctan2(-(end - begin)[1], (end - begin)[0])) % 360
    assert turn == pytest.approx(FOUND.probe.angle[0], abs=1e-6)
    assert sum(len(each.get_segments()) for each in ticks) == len(FOUND.probe) - 1 + len(
        FOUND.reference
    )


def test_an_overlay_moves_pairs_as_near_as_their_residuals_say() -> None:
    axes = dactyloscopy.plot(FOUND, overlay=True)
    moved, still = (
        np.array(each.get_segments())[FOUND.pairs[:, side]]
        for side, each in enumerate(c for c in axes.collections if isinstance(c, LineCollection))
    )
    # Positions are rounded to 10 micrometres before they are compared.
    assert np.hypot(*(moved - still)[:, 0].T) == pytest.approx(FOUND.distances, abs=0.02)
    ways = [each[:, 1] - each[:, 0] for each in (moved, still)]
    turns = np.subtract(*(np.degrees(np.arctan2(-way[:, 1], way[:, 0])) for way in ways))
    assert (turns + 180) % 360 - 180 == pytest.approx(FOUND.turns, abs=0.02)
    assert len(axes.texts) == len(FOUND.pairs)


def test_prints_with_nothing_in_common_lie_side_by_side_only() -> None:
    axes = dactyloscopy.plot(NOTHING)
    assert not axes.texts
    with pytest.raises(InvalidInput) as caught:
        dactyloscopy.plot(NOTHING, overlay=True)
    assert (caught.value.code, caught.value.field) == ("no_pairs", "overlay")


def test_two_empty_prints() -> None:
    axes = dactyloscopy.plot(dactyloscopy.compare(EMPTY, EMPTY))
    assert not marks(axes)


def test_the_title_has_the_score_and_no_ratio() -> None:
    axes = dactyloscopy.plot(FOUND)
    title = axes.get_title()
    assert title == f"comparison score {FOUND.score:.2f}, {len(FOUND.pairs)} pairs of minutiae"


HEIGHT, WIDTH = LATENT.height, LATENT.width
WRONG: dict[str, tuple[list[Any], int | None]] = {
    "one": ([np.zeros((HEIGHT, WIDTH))], None),
    "another size": ([np.zeros((HEIGHT + 1, WIDTH)), None], 0),
    "text": ([None, np.full((ROLLED.height, ROLLED.width), "x")], 1),
    "a line": ([np.zeros(WIDTH), None], 0),
    "five colours": ([np.zeros((HEIGHT, WIDTH, 5)), None], 0),
}


@pytest.mark.parametrize("name", WRONG)
def test_invalid_images_are_refused(name: str) -> None:
    images, index = WRONG[name]
    with pytest.raises(InvalidInput) as caught:
        dactyloscopy.plot(FOUND, images)
    assert (caught.value.code, caught.value.index) == ("bad_image", index)


def test_images_of_templates_of_unknown_size() -> None:
    bare = Template(x=[10, 50], y=[10, 30], angle=[0, 90], width=0, height=0, ppi=500)
    axes = dactyloscopy.plot(
        dactyloscopy.compare(bare, bare), [np.zeros((40, 60)), np.zeros((40, 60, 3))]
    )
    first, second = (image.get_extent() for image in axes.images)
    assert first[1] < second[0]


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PrumError) as caught:
        dactyloscopy.plot(FOUND)
    assert (caught.value.code, caught.value.field) == ("missing_extra", "plot")

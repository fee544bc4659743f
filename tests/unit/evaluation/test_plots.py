from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from prum_match.errors import InvalidInput, PrumError
from prum_match.evaluation import (
    cmc_curve,
    det_curve,
    ece_curve,
    plots,
    search_det_curve,
)

RANDOM = np.random.RandomState(0)
MATED = RANDOM.normal(2, 1, 200)
NONMATED = RANDOM.normal(-2, 1, 2000)

DRAWN: dict[str, Any] = {
    "det": lambda axes: plots.det(
        det_curve(mated_scores=MATED, nonmated_scores=NONMATED), axes, label="A"
    ),
    "search_det": lambda axes: plots.det(
        search_det_curve(mated_scores=[0.5, None], top_nonmated_scores=[0.1, None]), axes
    ),
    "cmc": lambda axes: plots.cmc(cmc_curve([1, 1, 2, None, 7], 10), axes, label="A"),
    "tippett": lambda axes: plots.tippett(
        mated_llrs=[*MATED, math.inf], nonmated_llrs=[*NONMATED, -math.inf], axes=axes
    ),
    "score_histogram": lambda axes: plots.score_histogram(
        mated_scores=MATED, nonmated_scores=NONMATED, axes=axes, bins=20
    ),
    "ece": lambda axes: plots.ece(ece_curve(mated_llrs=MATED, nonmated_llrs=NONMATED), axes),
}


@pytest.mark.parametrize("name", DRAWN)
def test_renders_to_png(name: str, tmp_path: Path) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    assert DRAWN[name](axes) is axes
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]  # Agg's
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 2


@pytest.mark.parametrize("name", DRAWN)
def test_makes_axes_of_its_own(name: str) -> None:
    axes = DRAWN[name](None)
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_det_is_drawn_as_steps_in_rates() -> None:
    axes = plots.det(
        det_curve(mated_scores=[0.4, 0.7, 0.8, 0.9], nonmated_scores=[0.1, 0.2, 0.3, 0.5])
    )
    (line,) = axes.lines
    x, y = line.get_data()
    assert line.get_drawstyle() == "steps-post"
    assert np.asarray(x).tolist() == [0.001, 0.001, 0.25, 0.25, 0.999]
    assert np.asarray(y).tolist() == [0.999, 0.25, 0.25, 0.001, 0.001]
    scale = axes.xaxis.get_transform()
    assert scale.transform(np.array([0.5, 0.975])) == pytest.approx([0.0, 1.959964], abs=1e-6)


def test_tippett_counts_at_least() -> None:
    axes = plots.tippett(
        mated_llrs=[0.0, math.log(10.0), math.inf], nonmated_llrs=[-math.log(10.0)]
    )
    mated, nonmated, _ = axes.lines
    assert mated.get_drawstyle() == "steps-pre"
    assert np.asarray(mated.get_data()).round(9).tolist() == [
        [-2.0, 0.0, 1.0, 2.0],
        [1.0, 1.0, pytest.approx(2 / 3), pytest.approx(1 / 3)],
    ]
    assert np.asarray(nonmated.get_ydata()).tolist() == [1.0, 1.0, 0.0]


def test_floor_is_checked() -> None:
    with pytest.raises(InvalidInput) as caught:
        plots.det(det_curve(mated_scores=[0.2], nonmated_scores=[0.1]), floor=0.0)
    assert caught.value.code == "bad_rate"


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PrumError) as caught:
        plots.cmc(cmc_curve([1], 2))
    assert (caught.value.code, caught.value.field) == ("missing_extra", "plot")

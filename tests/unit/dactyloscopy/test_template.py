"""Templates: refusals, immutability, and the units of comparisons."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.template import (
    MAX_MINUTIAE,
    MAX_UNITS,
    TURN,
    from_turns,
    from_units,
    to_turns,
    to_units,
)
from prum_match.errors import InvalidInput

RESOLUTIONS = [50, 250, 500, 197 * 2.54, 508, 600, 1000, 1200, 1270, 2540, 4000, 20000]
ARRAYS = ("x", "y", "angle", "type", "quality")


def a_print(**changed: Any) -> Template:
    said = {"x": [10, 20, 30], "y": [40, 50, 60], "angle": [0, 90, 271.25], "type": [0, 1, 2]}
    frame = {"width": 300, "height": 400, "ppi": 500, "position": 2, "impression": 0}
    return Template(**{**said, "quality": [0, 50, 100], **frame, **changed})


def of(n: int, **changed: Any) -> Template:
    columns: dict[str, Any] = dict.fromkeys(("x", "y", "angle"), np.arange(n) % 300)
    return a_print(**columns, type=None, quality=None, **changed)


@pytest.mark.parametrize(
    ("field", "value", "code", "index"),
    [
        ("x", [[1, 2, 3]], "bad_shape", None),
        ("y", [1, 2, 3, 4], "bad_shape", None),
        ("angle", [[1, 2, 3]], "bad_shape", None),
        ("type", 1, "bad_shape", None),
        ("quality", [], "bad_shape", None),
        ("x", ["1", "2", "3"], "not_a_number", None),
        ("y", [1, None, 3], "not_a_number", None),
        ("y", np.ma.array([1, 2, 3], mask=[False, True, False]), "masked", None),
        ("y", [[1], 2, 3], "not_a_number", None),
        ("angle", [1j, 0, 0], "not_a_number", None),
        ("type", [True, False, True], "not_a_number", None),
        ("x", [10, -0.001, 30], "outside_image", 1),
        ("x", [10, 20, 300.001], "outside_image", 2),
        ("y", [400.001, 20, 30], "outside_image", 0),
        ("x", [10, math.nan, 30], "outside_image", 1),
        ("y", [10, 20, math.inf], "outside_image", 2),
        ("angle", [0, 360.001, 0], "bad_angle", 1),
        ("angle", [0, 0, -360.001], "bad_angle", 2),
        ("angle", [-math.inf, 0, 0], "bad_angle", 0),
        ("type", [0, 3, 0], "bad_type", 1),
        ("type", [0, 0, -1], "bad_type", 2),
        ("type", [0.5, 0, 0], "bad_type", 0),
        ("type", [0, math.nan, 0], "bad_type", 1),
        ("quality", [0, 101, 0], "bad_quality", 1),
        ("quality", [0, 0, -1], "bad_quality", 2),
        ("quality", [0.5, 0, 0], "bad_quality", 0),
        ("width", -1, "bad_size", None),
        ("height", 65536, "bad_size", None),
        ("width", 300.0, "bad_size", None),
        ("height", True, "bad_size", None),
        ("ppi", 49.9, "bad_resolution", None),
        ("ppi", 20001, "bad_resolution", None),
        ("ppi", math.nan, "bad_resolution", None),
        ("ppi", "500", "bad_resolution", None),
        ("ppi", True, "bad_resolution", None),
        ("position", 39, "bad_position", None),
        ("position", 256, "bad_position", None),
        ("position", "2", "bad_position", None),
        ("impression", -1, "bad_impression", None),
        ("impression", 256, "bad_impression", None),
        ("impression", None, "bad_impression", None),
    ],
)
def test_invalid_arguments_are_refused(
    field: str, value: Any, code: str, index: int | None
) -> None:
    with pytest.raises(InvalidInput) as error:
        a_print(**{field: value})
    found = error.value
    assert (found.code, found.field, found.index) == (code, field, index)


def test_a_refused_value_is_not_in_the_text() -> None:
    with pytest.raises(InvalidInput) as error:
        a_print(ppi=31337)
    assert error.value.value == 31337
    assert "31337" not in f"{error.value!s}{error.value!r}"


@pytest.mark.parametrize("n", [0, 1, MAX_MINUTIAE])
def test_the_number_of_minutiae_is_bounded(n: int) -> None:
    template = of(n)
    assert len(template) == n
    assert all(len(getattr(template, name)) == n for name in ARRAYS)
    assert [len(column) for column in template.units()] == [n, n, n]


def test_one_minutia_too_many() -> None:
    assert MAX_MINUTIAE == 4096
    with pytest.raises(InvalidInput) as error:
        of(MAX_MINUTIAE + 1)
    assert (error.value.code, error.value.field) == ("too_many_minutiae", "x")


def test_optional_arguments_have_defaults() -> None:
    template = Template(x=[1], y=[2], angle=[3], width=0, height=0, ppi=500)
    assert (template.position, template.impression) == (0, 29)
    assert (template.type.tolist(), template.quality.tolist()) == ([0], [0])
    assert not template.is_latent
    assert not template.is_palm
    assert len(Template(x=(), y=[], angle=np.array([]), width=0, height=0, ppi=500)) == 0


def test_the_edge_of_the_image_is_inside() -> None:
    template = a_print(x=[0, 300, 150.5], y=[400, 0, 399.9])
    assert template.x.tolist() == [0, 300, 150.5]
    assert template.y.tolist() == [400, 0, 399.9]


@pytest.mark.parametrize("ppi", RESOLUTIONS)
@pytest.mark.parametrize("axis", ["x", "y"])
def test_positions_beyond_a_hand_are_refused(ppi: float, axis: str) -> None:
    most = MAX_UNITS * ppi / 2540
    said = {"width": 0, "height": 0, "ppi": ppi, axis: [most, 0, 0]}
    assert a_print(**said).units()["xy".index(axis)][0] == MAX_UNITS
    with pytest.raises(InvalidInput, match="327 mm") as error:
        a_print(**{**said, axis: [0, most + 0.5 * ppi / 2540, 0]})
    assert (error.value.code, error.value.index) == ("outside_image", 1)


def test_angles_are_in_one_turn() -> None:
    template = a_print(angle=[360, -360, -90])
    assert template.angle.tolist() == [0, 0, 270]
    tiny = a_print(angle=[-1e-300, 0, 0])
    assert tiny.angle[0] == 0
    assert not np.signbit(a_print(angle=[-0.0, 0, 0], x=[-0.0, 0, 0]).x[0])


def test_unknown_directions_are_nan() -> None:
    template = a_print(angle=[math.nan, 90, -math.nan])
    assert template.not_compared == 2
    assert a_print().not_compared == 0
    assert len(template) == 3
    assert template.units()[2].tolist() == [0, 16384, 0]
    assert template == a_print(angle=[-math.nan, 90, math.nan])
    assert hash(template) == hash(a_print(angle=[-math.nan, 90, math.nan]))


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_only(name: str) -> None:
    column = np.array([1.0, 2.0, 2.0])
    template = a_print(**{name: column})
    column[0] = 0
    assert getattr(template, name).tolist() == [1, 2, 2]
    with pytest.raises(ValueError, match="read-only"):
        getattr(template, name)[0] = 0


def test_attributes_are_read_only() -> None:
    template = a_print()
    for name in (*ARRAYS, "width", "ppi", "position", "other"):
        with pytest.raises(AttributeError):
            setattr(template, name, 1)
        with pytest.raises(AttributeError):
            delattr(template, name)


@pytest.mark.parametrize(
    "template", [a_print(), of(0), a_print(angle=[0, math.nan, 1], ppi=500.38)]
)
def test_copies(template: Template) -> None:
    for other in (pickle.loads(pickle.dumps(template)), copy.copy(template)):
        assert other == template
        assert hash(other) == hash(template)
        assert repr(other) == repr(template)
        assert not other.x.flags.writeable


def test_equality() -> None:
    changes: list[dict[str, Any]] = [
        *({name: [1, 2, 2]} for name in ARRAYS),
        {"width": 301},
        {"height": 401},
        {"ppi": 500.38},
        {"position": 3},
        {"impression": 1},
    ]
    different = [a_print(), *(a_print(**changed) for changed in changes)]
    assert len(set(different)) == len(different)
    assert all((a == b) == (a is b) for a in different for b in different)
    assert a_print() == a_print(x=np.array([10, 20, 30], np.uint8))
    assert a_print() != "a print"
    # No column is taken for another.
    assert of(2) != a_print(x=[0, 1, 0], y=[1, 0, 1], angle=[0, 0, 0], type=None, quality=None)


def test_latents_and_palms() -> None:
    latents = [code for code in range(256) if a_print(impression=code).is_latent]
    palms = [code for code in range(256) if a_print(impression=code).is_palm]
    assert (latents, palms) == ([4, 5, 6, 7, 12, 13, 14, 15], [10, 11, 12, 13, 14, 15])
    assert a_print(position=21).is_palm
    assert repr(a_print(impression=4)) == "<Template: 3 minutiae, latent, right index>"


@pytest.mark.parametrize("ppi", RESOLUTIONS)
def test_every_unit_comes_back(ppi: float) -> None:
    units = np.arange(MAX_UNITS + 1, dtype=np.uint16)
    assert np.array_equal(to_units(from_units(units, ppi), ppi), units)


@given(ppi=st.floats(50, 20000), units=st.lists(st.integers(0, MAX_UNITS), max_size=50))
def test_any_unit_at_any_resolution_comes_back(ppi: float, units: list[int]) -> None:
    given_units = np.array(units, np.uint16)
    assert np.array_equal(to_units(from_units(given_units, ppi), ppi), given_units)


def test_every_turn_comes_back() -> None:
    turns = np.arange(TURN).astype(np.uint16)
    degrees = from_turns(turns)
    assert np.array_equal(to_turns(degrees), turns)
    assert ((degrees >= 0) & (degrees < 360)).all()


@pytest.mark.parametrize("ppi", [ppi for ppi in RESOLUTIONS if ppi <= 1200])
def test_whole_pixels_come_back(ppi: float) -> None:
    pixels = np.arange(math.floor(MAX_UNITS * ppi / 2540) + 1, dtype=np.float64)
    assert np.array_equal(from_units(to_units(pixels, ppi), ppi), pixels)


def test_whole_degrees_come_back() -> None:
    degrees = np.arange(360.0)
    assert np.array_equal(from_turns(to_turns(degrees)), degrees)
    assert to_turns(np.array([359.999])).tolist() == [0]


def test_units_are_of_ten_micrometres() -> None:
    x, y, angle = a_print(x=[0, 100, 250], y=[0.5, 1, 2], angle=[0, 90, 359]).units()
    assert x.tolist() == [0, 508, 1270]
    # 2.54 and 5.08 and 10.16 units.
    assert y.tolist() == [3, 5, 10]
    assert angle.tolist() == [0, 16384, 65354]
    assert {column.dtype for column in (x, y, angle)} == {np.dtype(np.uint16)}

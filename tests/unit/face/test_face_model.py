"""Models: embeddings of two models are never compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from prum_match import face
from prum_match.errors import ComparisonMismatch, InvalidInput

MODEL = face.Model("arcface-r100", "1.0", 8, normalise="none")
VECTOR = np.arange(1, 9, dtype=np.float32)


def test_fields_of_a_model() -> None:
    model = face.Model(name="arcface-r100", version="1.0", dimension=512)
    assert model.key == "arcface-r100 1.0"
    assert (model.dimension, model.metric, model.normalise) == (512, "inner_product", "require")
    assert (model.tolerance, model.mean) == (1e-3, None)
    assert "arcface-r100" in repr(model)
    with pytest.raises(FrozenInstanceError):
        model.dimension = 128  # type: ignore[misc]


def test_equal_models_are_one() -> None:
    mean = np.linspace(-1, 1, 8, dtype=np.float32)
    one, two = (face.Model("m", "1", 8, mean=array) for array in (mean, mean.copy()))
    assert one == two
    assert hash(one) == hash(two)
    others = [
        face.Model("M", "1", 8, mean=mean),
        face.Model("m", "2", 8, mean=mean),
        face.Model("m", "1", 8, mean=mean, normalise="apply"),
        face.Model("m", "1", 9),
    ]
    assert len({one, two, *others}) == 5
    # Neither of these ever changes a score.
    assert one == face.Model("m", "1", 8) == face.Model("m", "1", 8, mean=-mean, tolerance=1e-2)
    assert one != "m 1"


def test_a_model_copies_its_mean() -> None:
    """If the caller changed the mean later, it would no longer match the codes."""
    mean = np.zeros(8, np.float32)
    model = face.Model("m", "1", 8, mean=mean)
    before = hash(model)
    mean[3] = 5
    assert model == face.Model("m", "1", 8, mean=np.zeros(8, np.float32))
    assert hash(model) == before
    assert model.mean is not None
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(model.mean)[3] = 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("version", ""),
        ("version", None),
        ("dimension", 0),
        ("dimension", -1),
        ("dimension", True),
        ("dimension", 2.5),
        ("dimension", "8"),
        ("metric", "l2"),
        ("metric", None),
        ("normalise", "maybe"),
        ("normalise", True),
        ("tolerance", -1e-3),
        ("tolerance", float("nan")),
        ("tolerance", float("inf")),
        ("tolerance", "small"),
        ("mean", np.zeros(7, np.float32)),
        ("mean", np.zeros((1, 8), np.float32)),
        ("mean", np.full(8, np.nan, np.float32)),
        ("mean", np.full(8, np.inf, np.float32)),
        ("mean", ["x"] * 8),
    ],
)
def test_invalid_models_are_refused(field: str, value: Any) -> None:
    given: dict[str, Any] = {"name": "m", "version": "1", "dimension": 8, field: value}
    with pytest.raises(InvalidInput) as caught:
        face.Model(**given)
    assert caught.value.field == field


# --- another model ------------------------------------------------------------------------------

OTHERS = {
    "name": face.Model("facenet", "1.0", 8, normalise="none"),
    "version": face.Model("arcface-r100", "1.1", 8, normalise="none"),
    "dimension": face.Model("arcface-r100", "1.0", 9, normalise="none"),
    "normalise": face.Model("arcface-r100", "1.0", 8, normalise="apply"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_embeddings_of_other_models_are_refused(other: face.Model) -> None:
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a"], VECTOR[None])
    own = face.Embedding(VECTOR, MODEL)
    foreign = face.Embedding(np.ones(other.dimension, np.float32), other)
    theirs = face.Gallery(other)
    theirs.enrol(["b"], [foreign])
    calls: dict[str, tuple[int | None, Callable[[], Any]]] = {
        "search": (0, lambda: gallery.search(foreign, limit=1)),
        "search_many": (2, lambda: gallery.search_many([own, VECTOR, foreign], limit=1)),
        "enrol": (1, lambda: gallery.enrol(["b", "c"], [own, foreign])),
        "replace": (0, lambda: gallery.replace(["a"], [foreign])),
        "join": (None, lambda: gallery.join(theirs, policy=face.Policy(threshold=0.0))),
        "compare": (None, lambda: face.compare(own, foreign, MODEL)),
        "compare swapped": (None, lambda: face.compare(foreign, own, MODEL)),
        "compare both": (None, lambda: face.compare(foreign, foreign, MODEL)),
    }
    for name, (index, call) in calls.items():
        with pytest.raises(ComparisonMismatch) as caught:
            call()
        assert caught.value.code == "other_model", name
        if index is not None:
            assert caught.value.index == index, name
    assert (len(gallery), gallery.generation) == (1, 1)


def test_equal_models_are_interchangeable() -> None:
    again = face.Model("arcface-r100", "1.0", 8, normalise="none")
    one, two = face.Gallery(MODEL), face.Gallery(again)
    one.enrol(["a"], VECTOR[None])
    two.enrol(["b"], [face.Embedding(VECTOR, MODEL)])
    assert one.search(face.Embedding(VECTOR, again), limit=1).reference_ids == ["a"]
    (block,) = one.join(two, policy=face.Policy(threshold=0.0))
    assert (block.probe_ids, block.reference_ids) == (["a"], ["b"])
    assert one.model == two.model == MODEL

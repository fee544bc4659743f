"""Embeddings as values: content, equality, and texts without components."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from prum_match import face
from prum_match.errors import InvalidInput

MODEL = face.Model("made up", "7", 5, normalise="none")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = [0.8125371, -31.7250061, 4096.5123, 7.0512511e-9, 12.625019]
VECTOR = np.array(SECRET, np.float32)


def test_an_embedding_copies_its_vector() -> None:
    given = VECTOR.copy()
    item = face.Embedding(given, MODEL, captured_at=NOON, quality=61.5)
    given[0] = 9
    assert item.vector.dtype == np.float32
    assert item.vector.tobytes() == VECTOR.tobytes()
    assert (item.model, item.captured_at, item.quality) == (MODEL, NOON, 61.5)
    with pytest.raises(ValueError, match="read-only"):
        item.vector[0] = 9
    plain = face.Embedding(VECTOR, MODEL)
    assert (plain.captured_at, plain.quality) == (None, None)


def test_equality() -> None:
    item = face.Embedding(VECTOR, MODEL, NOON, 40.0)
    assert item == face.Embedding(VECTOR.copy(), MODEL, NOON, 40.0)
    east = NOON.astimezone(timezone(timedelta(hours=2)))
    assert item == face.Embedding(VECTOR, MODEL, east, 40)
    other = face.Model("made up", "8", 5, normalise="none")
    changed = VECTOR.copy()
    changed[4] = np.nextafter(changed[4], np.float32(9))
    for unequal in (
        face.Embedding(changed, MODEL, NOON, 40.0),
        face.Embedding(VECTOR, other, NOON, 40.0),
        face.Embedding(VECTOR, MODEL, NOON + timedelta(seconds=1), 40.0),
        face.Embedding(VECTOR, MODEL, None, 40.0),
        face.Embedding(VECTOR, MODEL, NOON, 41.0),
        face.Embedding(VECTOR, MODEL, NOON),
    ):
        assert (item == unequal) is False
        assert (item != unequal) is True
    assert (item == VECTOR.tolist()) is False


def test_a_gallery_gives_back_what_was_enrolled() -> None:
    items = [
        face.Embedding(VECTOR, MODEL, NOON, 61.5),
        face.Embedding(-VECTOR, MODEL),
        face.Embedding(2 * VECTOR, MODEL, quality=0),
        face.Embedding(3 * VECTOR, MODEL, captured_at=datetime(1912, 1, 1, tzinfo=UTC)),
    ]
    gallery = face.Gallery(MODEL)
    gallery.enrol(list("abcd"), items)
    gallery.enrol(["e"], -3 * VECTOR[None])
    for _ in range(2):
        assert [gallery[name] for name in "abcd"] == items
        assert gallery["e"] == face.Embedding(-3 * VECTOR, MODEL)
        assert gallery["a"].captured_at == NOON
        assert gallery["c"].quality == 0
        gallery.compact()
    with pytest.raises(ValueError, match="read-only"):
        gallery["a"].vector[0] = 9


def test_an_item_outlives_the_erasure() -> None:
    """The caller keeps an item that was taken out; the row is erased all the same."""
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a"], VECTOR[None])
    item = gallery["a"]
    gallery.erase(["a"])
    assert item == face.Embedding(VECTOR, MODEL)


def test_apply_stores_the_normalised_vector() -> None:
    model = face.Model("made up", "7", 5, normalise="apply")
    item = face.Embedding(VECTOR, model)
    gallery = face.Gallery(model)
    gallery.enrol(["a", "b"], [item, VECTOR])
    exact = VECTOR.astype(np.float64)
    exact /= np.sqrt(np.sum(exact**2))
    for name in "ab":
        stored = gallery[name].vector
        # Half a unit in the last place of float32, and what float64 adds to it.
        assert np.all(np.abs(stored - exact) <= np.abs(exact) * (2.0**-24 + 2.0**-50))
    assert gallery["a"].vector.tobytes() == gallery["b"].vector.tobytes()
    # What was stored is not divided again: a probe taken out of the gallery is scored as it is.
    again = gallery.search(gallery["a"], limit=2)
    assert again.scores.tolist() == gallery.search(VECTOR, limit=2).scores.tolist()
    assert gallery["a"] == face.Embedding(gallery["a"].vector, model)


def shown(value: Any) -> str:
    return repr(value) + str(value) + format(value)


def test_texts_show_no_component() -> None:
    """Logs, tracebacks and notebooks print objects; a template does not belong in them."""
    item = face.Embedding(VECTOR, MODEL, NOON, 61.5)
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a"], [item])
    answer = gallery.search(item, limit=1)
    holders = [item, gallery, answer, answer[0], gallery.search_many([item], limit=1)]
    holders += [gallery.category, face.Embeddings(VECTOR[None], quality=[61.5]), [item]]
    for holder in holders:
        for number in SECRET:
            digits = f"{abs(number):.9e}".replace(".", "")[:5]
            assert digits not in shown(holder).replace(".", ""), type(holder)
    assert "made up" in repr(item)
    assert "5" in repr(item)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"vector": np.full(5, np.nan, np.float32)}, "not_finite", "vector"),
        ({"vector": np.ones(6, np.float32)}, "bad_dimension", "vector"),
        ({"vector": np.ones((1, 5), np.float32)}, "bad_dimension", "vector"),
        ({"vector": np.zeros(5, np.float32)}, "zero_vector", "vector"),
        ({"vector": np.full(5, 0.1)}, "not_float32", "vector"),
        ({"vector": [[1.0], [2.0, 3.0]]}, "bad_dimension", "vector"),
        ({"model": "made up 7"}, "bad_model", "model"),
        ({"captured_at": datetime(2026, 7, 1)}, None, "captured_at"),
        ({"captured_at": "2026-07-01"}, None, "captured_at"),
        ({"quality": float("nan")}, None, "quality"),
        ({"quality": float("inf")}, None, "quality"),
        ({"quality": "good"}, None, "quality"),
    ],
)
def test_invalid_embeddings_are_refused(
    options: dict[str, Any], code: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        face.Embedding(**{"vector": VECTOR, "model": MODEL, **options})
    assert caught.value.field == field
    assert code is None or caught.value.code == code


def test_embeddings_are_copied_but_never_pickled() -> None:
    item = face.Embedding(VECTOR, MODEL, NOON, 61.5)
    assert pickle.loads(pickle.dumps(MODEL)) == MODEL
    assert copy.deepcopy([item]) == [item] == [copy.copy(item)]
    with pytest.raises(TypeError, match="biometric"):
        pickle.dumps(item)

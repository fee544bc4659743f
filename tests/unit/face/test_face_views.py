"""Vectors that stay in the caller's array, such as a memory map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import face
from prum_match.errors import InvalidInput, UnknownReference

D = 24
MODEL = face.Model("m", "1", D, normalise="none")
N = 70
NAMES = [f"R{i:02d}" for i in range(N)]
TABLE = np.random.default_rng(5).standard_normal((N, D)).astype(np.float32)


@pytest.fixture(params=["map", "array"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> NDArray[np.float32]:
    if request.param == "array":
        array = TABLE.copy()
        array.flags.writeable = False
        return array
    path = tmp_path / "vectors.f32"
    TABLE.tofile(path)
    return np.memmap(path, np.float32, "r", shape=(N, D))


def viewed(table: NDArray[np.float32]) -> face.Gallery:
    gallery = face.Gallery(MODEL)
    gallery.enrol(NAMES, face.Embeddings(table, quality=[50.0] * N, keep="view"))
    return gallery


def test_nothing_is_copied(table: NDArray[np.float32]) -> None:
    gallery = viewed(table)
    (segment,) = gallery._core.segments()
    assert np.shares_memory(segment.columns["vectors"], table)
    copied = face.Gallery(MODEL)
    copied.enrol(NAMES, face.Embeddings(table, keep="copy"))
    assert not np.shares_memory(copied._core.segments()[0].columns["vectors"], table)
    for probe in (TABLE[3], -TABLE[60]):
        mine, theirs = gallery.search(probe, limit=9), copied.search(probe, limit=9)
        assert mine.reference_ids == theirs.reference_ids
        assert mine.scores.tolist() == theirs.scores.tolist()
    assert gallery["R07"].vector.tobytes() == TABLE[7].tobytes()


def test_items_are_copies_of_viewed_vectors(table: NDArray[np.float32]) -> None:
    assert not np.shares_memory(viewed(table)["R07"].vector, table)


def test_the_erased_are_gone_but_for_the_callers_own_copy(table: NDArray[np.float32]) -> None:
    """The caller's file is the caller's to erase; codes, norms and attributes are ours."""
    gallery = viewed(table)
    (segment,) = gallery._core.segments()
    gallery.erase(["R07", "R66"])
    assert table.tobytes() == TABLE.tobytes()
    assert "R07" not in gallery
    with pytest.raises(UnknownReference):
        gallery["R07"]
    assert "R07" not in gallery.search(TABLE[7], limit=N).reference_ids
    fillers = {column.name: column.filler for column in gallery.category.layout.columns}
    for name in ("low", "fine"):
        assert np.all(segment.columns[name][[7, 66]] == fillers[name]), name
    for row in (7, 66):
        assert not segment.columns["high"][row // 16, :, row % 16].any()
        assert not segment.columns["coarse"][row // 16, :, row % 16].any()
    gallery.compact()
    (segment,) = gallery._core.segments()
    assert np.shares_memory(segment.columns["vectors"], table), "a caller's array is not copied"
    assert segment.live_rows == N - 2
    answer = gallery.search(TABLE[8], limit=1)
    assert (answer.reference_ids, answer.examined) == (["R08"], N - 2)


def test_a_view_beside_a_copy(table: NDArray[np.float32]) -> None:
    gallery = viewed(table)
    gallery.enrol(["late"], -TABLE[:1])
    assert gallery.search(-TABLE[0], limit=1).reference_ids == ["late"]
    gallery.replace(["R00"], TABLE[5:6] * np.float32(2))
    assert gallery.search(TABLE[5], limit=2).reference_ids == ["R00", "R05"]
    gallery.compact()
    assert gallery.search(TABLE[5], limit=2).reference_ids == ["R00", "R05"]
    assert table.tobytes() == TABLE.tobytes()


def test_refusals_are_those_of_a_copy(table: NDArray[np.float32]) -> None:
    bad = np.array(table)
    bad[30, 4] = np.nan
    bad[40] = 0
    bad.flags.writeable = False
    gallery = face.Gallery(MODEL)
    items = face.Embeddings(bad, keep="view")
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(NAMES, items)
    assert (caught.value.code, caught.value.index) == ("not_finite", 30)
    report = gallery.enrol(NAMES, items, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [(30, "not_finite"), (40, "zero_vector")]
    assert len(gallery) == N - 2
    assert gallery.search(TABLE[50], limit=1).reference_ids == ["R50"]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


UNFIT: dict[str, Any] = {
    "writeable": TABLE.copy(),
    "float64": read_only(TABLE.astype(np.float64)),
    "float16": read_only(TABLE.astype(np.float16)),
    "other byte order": read_only(TABLE.astype(">f4")),
    "Fortran": read_only(np.asfortranarray(TABLE)),
    "every second": read_only(np.repeat(TABLE, 2, axis=0)[::2]),
    "a list": [face.Embedding(row, MODEL) for row in TABLE],
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_arrays_that_cannot_be_viewed_are_refused(unfit: Any) -> None:
    gallery = face.Gallery(MODEL)
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(NAMES, face.Embeddings(unfit, keep="view"))
    assert caught.value.field in ("keep", "vectors", "array")
    assert len(gallery) == 0


def test_viewed_vectors_are_not_normalised() -> None:
    """Under ``normalise="apply"`` the stored vector is another one, so there is nothing to view."""
    model = face.Model("m", "1", D, normalise="apply")
    gallery = face.Gallery(model)
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(NAMES, face.Embeddings(read_only(TABLE.copy()), keep="view"))
    assert caught.value.field in ("keep", "vectors", "array")

"""Embeddings in tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from prum_match import face
from prum_match.engine import Eligible
from prum_match.errors import InvalidInput
from support.galleries.tables import LIBRARIES, pyarrow

pytest.importorskip("nanoarrow")

MODEL = face.Model("made up", "1", 4, normalise="apply")
VECTORS = np.array([[1, 2, 0, 0], [1, 2, 1, 0], [-3, 1, 0, 1]], np.float32)
NOON = datetime(2026, 7, 1, 12, 0, 0, 123457, tzinfo=UTC)


def enrol(embedding: Any, **options: Any) -> tuple[face.Gallery, Any]:
    on_error = options.pop("on_error", "raise")
    gallery = face.Gallery(MODEL)
    ids = [f"R{i}" for i in range(len(embedding))]
    table = pyarrow().table({"reference_id": ids, "embedding": embedding, **options})
    return gallery, gallery.enrol_table(table, on_error=on_error)


def forms() -> dict[str, Any]:
    pa = pyarrow()
    rows = VECTORS.tolist()
    return {
        "fixed": pa.array(rows, pa.list_(pa.float32(), 4)),
        "half": pa.array(list(VECTORS.astype(np.float16)), pa.list_(pa.float16(), 4)),
        "double": pa.array(rows, pa.list_(pa.float64())),
        "whole": pa.array(VECTORS.astype(int).tolist(), pa.large_list(pa.int32())),
        "bytes": pa.array([row.astype("<f4").tobytes() for row in VECTORS]),
        "fixed bytes": pa.array([row.tobytes() for row in VECTORS], pa.binary(16)),
    }


FORMS = ("fixed", "half", "double", "whole", "bytes", "fixed bytes")


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_vectors(form: str) -> None:
    embedding = forms()[form]
    gallery, report = enrol(embedding)
    expected = face.Gallery(MODEL)
    expected.enrol(["R0", "R1", "R2"], VECTORS)
    assert report.enrolled == 3
    for name in expected:
        assert gallery[name] == expected[name]
    answers = gallery.search_many(pyarrow().table({"embedding": embedding}), limit=1)
    assert [answer.reference_ids for answer in answers] == [["R0"], ["R1"], ["R2"]]


@pytest.mark.parametrize("library", LIBRARIES)
def test_embeddings_of_any_library(library: str) -> None:
    columns = {
        "reference_id": ["R0", "R1", "R2"],
        "embedding": forms()["fixed"],
        "quality": [1, None, 3],
    }
    gallery = face.Gallery(MODEL)
    assert gallery.enrol_table(LIBRARIES[library](columns)).enrolled == 3
    assert gallery["R2"] == face.Embedding(VECTORS[2], MODEL, quality=3)
    answer = gallery.search(VECTORS[0], limit=3, eligible=Eligible(ranges={"quality": (0, None)}))
    assert sorted(answer.reference_ids) == ["R0", "R2"]


def test_attributes() -> None:
    pa = pyarrow()
    moments = pa.array([NOON, None, NOON], pa.timestamp("us", "Europe/Vienna"))
    gallery, _ = enrol(forms()["bytes"], captured_at=moments, quality=[0.5, 2, None])
    assert gallery["R0"] == face.Embedding(VECTORS[0], MODEL, NOON, 0.5)
    assert gallery["R1"] == face.Embedding(VECTORS[1], MODEL, None, 2)
    assert gallery["R2"].captured_at == NOON
    empty = {"captured_at": pa.nulls(3), "quality": pa.nulls(3)}
    gallery, _ = enrol(forms()["fixed"], **empty)
    assert gallery["R0"] == face.Embedding(VECTORS[0], MODEL)


def test_the_gallery_does_not_read_the_table_later() -> None:
    flat = VECTORS.copy().ravel()
    gallery, _ = enrol(pyarrow().FixedSizeListArray.from_arrays(pyarrow().array(flat), 4))
    before = gallery["R0"]
    flat[:] = 7
    assert gallery["R0"] == before


def test_rows_that_are_refused() -> None:
    pa = pyarrow()
    rows = [
        [1, 2, 3, 4],
        None,
        [1, 2, 3],
        [0, 0, 0, 0],
        [1, None, 3, 4],
        [1, 2, 3, 1e300],
        [4, 3, 2, 1],
    ]
    embedding = pa.array(rows, pa.list_(pa.float64()))
    captured_at = pa.array([2**62, 0, 0, 0, 0, 0, 0], pa.timestamp("us", "UTC"))
    quality = [1, np.inf, 1, 1, 1, 1, np.nan]
    options = {"captured_at": captured_at, "quality": quality}
    _, report = enrol(embedding, on_error="report", **options)
    assert [(e.index, e.code, e.field) for e in report.refused] == [
        (0, "bad_moment", "captured_at"),
        (1, "bad_dimension", "vector"),
        (2, "bad_dimension", "vector"),
        (3, "zero_vector", "vector"),
        (4, "not_finite", "vector"),
        (5, "not_float32", "vector"),
        (6, "bad_quality", "quality"),
    ]
    with pytest.raises(InvalidInput) as caught:
        enrol(embedding, **options)
    assert (caught.value.code, caught.value.index) == ("bad_moment", 0)
    gallery, _ = enrol(forms()["fixed"])
    with pytest.raises(InvalidInput) as caught:
        gallery.search_many(pa.table({"embedding": embedding}), limit=1)
    assert (caught.value.code, caught.value.index) == ("bad_dimension", 1)


@pytest.mark.parametrize(
    ("column", "values", "code"),
    [
        ("embedding", [[1.0] * 5] * 3, "bad_dimension"),
        ("embedding", ["x"] * 3, "bad_column_type"),
        ("captured_at", [datetime(2026, 7, 1)] * 3, "bad_moment"),
        ("captured_at", [1] * 3, "bad_column_type"),
        ("quality", ["good"] * 3, "bad_column_type"),
        ("vector", [1] * 3, "unknown_column"),
    ],
)
def test_columns_that_do_not_fit(column: str, values: list[Any], code: str) -> None:
    pa = pyarrow()
    fixed = pa.list_(pa.float32(), 5) if code == "bad_dimension" else None
    columns = {"embedding": forms()["fixed"], column: pa.array(values, fixed)}
    with pytest.raises(InvalidInput) as caught:
        enrol(**columns)
    assert caught.value.code == code


def test_a_table_without_embeddings() -> None:
    with pytest.raises(InvalidInput) as caught:
        face.Gallery(MODEL).enrol_table(pyarrow().table({"reference_id": ["A"]}))
    assert (caught.value.code, caught.value.field) == ("missing_column", "embedding")

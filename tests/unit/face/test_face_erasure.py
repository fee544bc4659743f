"""An erasure removes a face completely: its vector and all derived data.

Two galleries differ only in the erased faces. If all their bytes are equal afterwards, they reveal
nothing about them, for any layout of the codes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import _native, face
from support.face import TIERS, tier

D = 64
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MODELS = {
    "plain": face.Model("m", "1", D, normalise="none"),
    "applied": face.Model("m", "1", D, normalise="apply"),
    "centred": face.Model("m", "1", D, normalise="none", mean=np.full(D, 0.25, np.float32)),
}
N = 100
# The first and last of a panel and of a word, some in between, and the last of all.
GONE = (0, 15, 16, 40, 41, 63, 64, 99)
NAMES = [f"REF-{i:03d}" for i in range(N)]


def table(seed: int) -> NDArray[np.float32]:
    """Distinct bytes: no component occurs twice, and no two have a code in common for long."""
    return np.random.default_rng(seed).standard_normal((N, D)).astype(np.float32)


def gallery_of(model: face.Model, secret: int, ends: tuple[int, ...] = (N,)) -> face.Gallery:
    """Enrol the same people, with different data of those who will be erased."""
    vectors = table(1)
    vectors[list(GONE)] = table(100 + secret)[list(GONE)]
    hidden = [secret if i in GONE else 0 for i in range(N)]
    made = face.Gallery(model, labels=["l0", "l1", "l2", "l3"])
    begin = 0
    for end in ends:
        part = range(begin, end)
        items = face.Embeddings(
            vectors[begin:end],
            captured_at=[datetime(2000 + i % 20, 1, 1 + 3 * hidden[i], tzinfo=UTC) for i in part],
            quality=[i % 90 + 3.5 * hidden[i] for i in part],
        )
        made.enrol(
            NAMES[begin:end],
            items,
            subject_ids=[f"SUBJECT-{hidden[i]}-{i:03d}" for i in part],
            labels=[f"l{hidden[i]}" for i in part],
            expires=[NOON.replace(year=2030 + hidden[i]) for i in part],
        )
        begin = end
    return made


def columns_of(segments: list[_native.Segment]) -> list[dict[str, bytes]]:
    return [{k: v.tobytes() for k, v in segment.columns.items()} for segment in segments]


def change(gallery: face.Gallery, how: str) -> None:
    gone = [NAMES[i] for i in GONE]
    if how == "erase":
        gallery.erase(gone)
    elif how == "one by one":
        for name in reversed(gone):
            gallery.erase([name])
    else:
        others = face.Embeddings(table(7)[: len(GONE)], quality=[1.0] * len(GONE))
        gallery.replace(gone, others)
        gallery.erase(gone)


@pytest.mark.parametrize("ends", [(N,), (70, 96, N)], ids=["one segment", "several"])
@pytest.mark.parametrize("how", ["erase", "one by one", "replace"])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_no_byte_depends_on_the_erased(model: face.Model, how: str, ends: tuple[int, ...]) -> None:
    pair = [gallery_of(model, secret, ends) for secret in (1, 2)]
    # Held here, as an old candidate list holds them: they are erased in even if merged away.
    kept = [list(gallery._core.segments()) for gallery in pair]
    before = [columns_of(segments) for segments in kept]
    assert before[0] != before[1]
    differing = {k for a, b in zip(*before, strict=True) for k in a if a[k] != b[k]}
    assert {"vectors", "high", "low", "coarse", "fine", "labels"} <= differing
    for gallery in pair:
        change(gallery, how)
    for segments in (kept, [gallery._core.segments() for gallery in pair]):
        for a, b in zip(*map(columns_of, segments), strict=True):
            assert {k for k in a if a[k] != b[k]} == set()
    for gallery in pair:
        gallery.compact()
    one, two = (columns_of(gallery._core.segments()) for gallery in pair)
    assert one == two


@pytest.mark.parametrize("name", TIERS)
def test_the_erased_leave_no_bytes(name: str) -> None:
    """The same from the other side: the erased values are not found anywhere."""
    with tier(name):
        gallery = gallery_of(MODELS["plain"], 3)
        old = gallery.search(table(1)[50], limit=5)
        (segment,) = gallery._core.segments()
        vectors = segment.columns["vectors"]
        rows = [
            int(np.flatnonzero((vectors == row).all(axis=1))[0]) for row in table(103)[list(GONE)]
        ]
        wanted: dict[str, bytes] = {}
        for row in rows:
            wanted[f"vector {row}"] = vectors[row].tobytes()
            wanted[f"part of a vector {row}"] = vectors[row, 30:33].tobytes()
            wanted[f"low code {row}"] = segment.columns["low"][row].tobytes()
        for row in GONE:
            wanted[f"subject {row}"] = f"SUBJECT-3-{row:03d}".encode()
            wanted[f"reference {row}"] = NAMES[row].encode()
        held = everything([segment])
        assert all(value in held for value in wanted.values())
        gallery.erase([NAMES[i] for i in GONE])
        held = everything([*old._rows.segments, *gallery._core.segments()])
        assert [name for name, value in wanted.items() if value in held] == []
        for column in gallery.category.layout.columns:
            if column.row_axis is not None:
                array = np.moveaxis(segment.columns[column.name], column.row_axis, 0)
                assert np.all(array[rows] == column.filler), column.name
        gallery.compact()
        held = everything(gallery._core.segments())
        assert [name for name, value in wanted.items() if value in held] == []


def everything(segments: list[_native.Segment]) -> bytes:
    return b"|".join(a.tobytes() for segment in segments for a in segment.columns.values())


def test_the_others_are_untouched() -> None:
    gallery = gallery_of(MODELS["plain"], 1)
    (segment,) = gallery._core.segments()
    probes = table(1)[[i for i in range(N) if i not in GONE]]
    before: list[Any] = [gallery.search(probe, limit=1) for probe in probes]
    gallery.erase([NAMES[i] for i in GONE])
    assert gallery._core.segments() == [segment]
    after = [gallery.search(probe, limit=1) for probe in probes]
    assert [a.reference_ids for a in after] == [b.reference_ids for b in before]
    assert [a.scores.tolist() for a in after] == [b.scores.tolist() for b in before]
    assert {a.examined for a in after} == {N - len(GONE)}

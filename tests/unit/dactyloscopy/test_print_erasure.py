"""An erasure removes a print completely: its minutiae and all derived data.

Two galleries differ only in the erased prints. If all their bytes are equal afterwards, they reveal
nothing about them. The number of minutiae remains until a compaction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from prum_match import _native, dactyloscopy
from prum_match.dactyloscopy import Template
from support.dactyloscopy.templates import changed
from support.galleries.kits import DACTYLOSCOPY
from support.galleries.traces import everything, rows_of, traces

N = 70
GONE = (0, 15, 16, 40, 63, 64, 69)
NAMES = [f"REF-{i:03d}" for i in range(N)]


def secret_of(number: int, secret: int) -> Template:
    """Return one of two prints that have nothing in common but how many minutiae there are."""
    template = DACTYLOSCOPY.item(500 + 100 * secret + number)
    angle = template.angle.copy()
    angle[secret] = np.nan
    return changed(
        template,
        angle=angle,
        type=(template.type + secret) % 3,
        quality=100 - secret - template.quality,
        width=330 + secret,
        height=340 + secret,
        ppi=500 + secret,
        position=(3, 32)[secret],
        impression=(4, 10)[secret],
    )


def gallery_of(secret: int, ends: tuple[int, ...]) -> dactyloscopy.Gallery:
    """Enrol the same people, with different data of those who will be erased."""
    items = [secret_of(i, secret) if i in GONE else DACTYLOSCOPY.item(i) for i in range(N)]
    made = dactyloscopy.Gallery(labels=["l0", "l1"])
    for begin, end in zip((0, *ends), ends, strict=False):
        made.enrol(
            NAMES[begin:end],
            items[begin:end],
            subject_ids=[f"S-{secret if i in GONE else 0}-{i:03d}" for i in range(begin, end)],
            labels=[f"l{secret if i in GONE else 0}" for i in range(begin, end)],
        )
    return made


def columns_of(segments: list[_native.Segment]) -> list[dict[str, bytes]]:
    return [{k: v.tobytes() for k, v in segment.columns.items()} for segment in segments]


def change(gallery: dactyloscopy.Gallery, how: str) -> None:
    gone = [NAMES[i] for i in GONE]
    if how == "one by one":
        for name in reversed(gone):
            gallery.erase([name])
    elif how == "replace":
        gallery.replace(gone, [DACTYLOSCOPY.item(300 + i) for i in GONE])
        gallery.erase(gone)
    else:
        gallery.erase(gone)


@pytest.mark.parametrize("ends", [(N,), (50, 66, N)], ids=["one segment", "several"])
@pytest.mark.parametrize("how", ["erase", "one by one", "replace"])
def test_no_byte_depends_on_the_erased(how: str, ends: tuple[int, ...]) -> None:
    pair = [gallery_of(secret, ends) for secret in (0, 1)]
    # Held here, as an old candidate list holds them: they are erased in even if merged away.
    kept = [list(gallery._core.segments()) for gallery in pair]
    before = [columns_of(segments) for segments in kept]
    differing = {k for a, b in zip(*before, strict=True) for k in a if a[k] != b[k]}
    own = {column.name for column in pair[0].category.layout.columns}
    assert own - differing <= {"minutiae.offsets", "compared"}
    for gallery in pair:
        change(gallery, how)
    for segments in (kept, [gallery._core.segments() for gallery in pair]):
        for a, b in zip(*map(columns_of, segments), strict=True):
            assert {k for k in a if a[k] != b[k]} == set()
    for gallery in pair:
        gallery.compact()
    one, two = (columns_of(gallery._core.segments()) for gallery in pair)
    assert one == two


def test_the_number_of_erased_minutiae_stays_until_a_compaction() -> None:
    """As documented for galleries, offsets cover all rows."""
    gallery = gallery_of(0, (N,))
    (segment,) = gallery._core.segments()
    before = segment.columns["minutiae.offsets"].copy()
    gallery.erase([NAMES[i] for i in GONE])
    assert np.array_equal(segment.columns["minutiae.offsets"], before)
    assert not segment.columns["compared"][list(GONE)].any()
    gallery.compact()
    (segment,) = gallery._core.segments()
    assert segment.columns["minutiae.offsets"][-1] == before[-1] - len(GONE) * 24


def test_the_erased_leave_no_bytes() -> None:
    """The same from the other side: the erased values are not found anywhere."""
    gallery = gallery_of(0, (N,))
    old = gallery.search(DACTYLOSCOPY.item(50), limit=5)
    (segment,) = gallery._core.segments()
    gone = [NAMES[i] for i in GONE]
    wanted = [
        (f"{name} of {row}", value)
        for row in rows_of(segment, gone)
        for name, value in traces(segment, row).items()
    ]
    assert {name.split()[0] for name, _ in wanted} >= {"ids", "x", "y", "turn", "codes"}
    held = everything([segment])
    assert all(value in held for _, value in wanted)
    gallery.erase(gone)
    held = everything([*old._rows.segments, *gallery._core.segments()])
    assert [name for name, value in wanted if value in held] == []
    gallery.compact()
    held = everything(gallery._core.segments())
    assert [name for name, value in wanted if value in held] == []


def test_the_others_are_untouched() -> None:
    gallery = gallery_of(1, (N,))
    probes = [DACTYLOSCOPY.item(i) for i in range(N) if i not in GONE]
    before: list[Any] = [gallery.search(probe, limit=1) for probe in probes]
    gallery.erase([NAMES[i] for i in GONE])
    after = [gallery.search(probe, limit=1) for probe in probes]
    assert [a.reference_ids for a in after] == [b.reference_ids for b in before]
    assert [a.scores.tolist() for a in after] == [b.scores.tolist() for b in before]
    assert {a.examined for a in after} == {N - len(GONE)}

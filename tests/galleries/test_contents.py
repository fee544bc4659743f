"""Digests of items are equal for equal items, wherever a gallery keeps them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from prum_match.engine import Gallery
from prum_match.exchange.hits.galleries import content_of
from support.galleries.kits import Kit, opened


def digests(gallery: Gallery[object]) -> dict[str, bytes]:
    return {one: content_of(gallery.category, gallery[one]) for one in gallery}


def test_a_digest_depends_only_on_the_item(kit: Kit) -> None:
    gallery = kit.gallery()
    names = [f"r{i}" for i in range(12)]
    gallery.enrol(names[:4], kit.items(range(4)))
    gallery.enrol(names[4:], kit.items(range(4, 12)), labels="x")
    before = digests(gallery)
    assert len(set(before.values())) == len(names)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "copy")
        gallery.save(path)
        with opened(kit, path) as copy:
            assert digests(copy) == before
            copy.erase(names[:3])
            copy.enrol(["moved"], [kit.item(0)])
            copy.replace([names[5]], [kit.item(5, 1)])
            with opened(kit, path, "r") as reader:
                assert digests(reader) == digests(copy)
            in_the_journal = digests(copy)
            copy.compact()
            after = digests(copy)
    assert after == in_the_journal
    assert after["moved"] == before["r0"]
    assert after["r5"] != before["r5"]
    assert {one: after[one] for one in names[6:]} == {one: before[one] for one in names[6:]}

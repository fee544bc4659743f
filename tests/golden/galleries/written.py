"""Digests of the files of a small gallery, over a series of changes.

PROVENANCE: ``written.json`` was made with the library as it was on 2026-12-02, before its storage
was rearranged. Format 1 stays as it is, byte for byte: do not make the file again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

EXPIRED = datetime(2031, 1, 1, 12, tzinfo=UTC)


def digests(empty: Any, items: Any, path: Path) -> dict[str, str]:
    """Return a digest for every column, for the journals and for the catalogues."""
    hashed: dict[str, Any] = defaultdict(sha256)
    for change in _life(empty, items, path):
        change()
        for name, data in _written(path):
            hashed[name].update(data)
    return {name: found.hexdigest() for name, found in sorted(hashed.items())}


def _life(empty: Any, items: Any, path: Path) -> Iterator[Callable[[], object]]:
    """Yield the changes of a gallery of six items: saved, enrolled to, erased from, merged."""
    empty.enrol(
        ["A", "B", "C"],
        items[:3],
        subject_ids=["s1", None, "s2"],
        labels="old",
        expires=[None, EXPIRED, None],
    )
    empty.erase(["B"])
    empty.enrol(["D"], items[3:4], labels=["new"])
    yield lambda: empty.save(path)
    with type(empty).open(path, mode="rw") as gallery:
        yield lambda: gallery.enrol(["E", "F"], items[4:6], subject_ids=["s1", "s3"])
        yield lambda: gallery.erase(["A", "F"])
        yield lambda: gallery.replace(["C"], items[1:2])
        yield gallery.compact


def _written(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted((path / "segments").rglob("*.npy")):
        yield file.name, f"{file.relative_to(path)} ".encode() + file.read_bytes()
    for file in sorted(path.glob("journal-*")):
        yield "journal", file.name.encode() + file.read_bytes()
    yield "catalogue", json.dumps(_catalogue(path), sort_keys=True).encode()


def _catalogue(path: Path) -> list[Any]:
    """Return the catalogue without receipts, which have a random salt and a time."""
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(query))

        ((body,),) = rows("SELECT body FROM gallery")
        gallery = json.loads(body)
        del gallery["last_receipt"], gallery["digest"]
        checksums = rows("SELECT number, segment, name, hex(crcs) FROM checksums ORDER BY number")
        return [
            rows("PRAGMA application_id"),
            rows("PRAGMA user_version"),
            rows("SELECT sql FROM sqlite_master ORDER BY name"),
            gallery,
            rows("SELECT number, body FROM segment ORDER BY number"),
            checksums,
            rows("SELECT count(*) FROM erasure"),
            rows("SELECT sequence FROM receipt ORDER BY sequence"),
        ]

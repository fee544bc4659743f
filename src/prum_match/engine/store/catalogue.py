"""The catalogue: one small SQLite database that lists the files of a gallery.

A commit of the catalogue is a commit of the gallery. Every row has a digest of itself, and the
gallery's row has a digest of all other rows, so that missing rows are found like changed ones. The
catalogue holds no reference id and no data of a reference.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.store import disk
from prum_match.engine.store.columns import Checksums, ColumnFile
from prum_match.engine.store.receipts import Receipt
from prum_match.errors import RecoveryNeeded, StorageError

FORMAT = 1
# "PrMa", SQLite's application id of a catalogue.
_APPLICATION = 0x50724D61

_SCHEMA = """
CREATE TABLE gallery (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT, digest BLOB);
CREATE TABLE segment (number INTEGER PRIMARY KEY, body TEXT, digest BLOB);
CREATE TABLE checksums
    (number INTEGER PRIMARY KEY, segment INTEGER, name TEXT, crcs BLOB, digest BLOB);
CREATE TABLE erasure
    (number INTEGER PRIMARY KEY, segment INTEGER, rows BLOB, ids BLOB, digest BLOB);
CREATE TABLE receipt (sequence INTEGER PRIMARY KEY, body TEXT, digest BLOB);
"""


@dataclass(frozen=True)
class StoredSegment:
    """A segment: its files, their checksums, and the generations in which the gallery has it."""

    number: int
    rows: int
    files: tuple[ColumnFile, ...]
    checksums: Mapping[str, Checksums]
    since: int = 1
    # Generation that merged the segment into another; None for a current segment.
    retired: int | None = None


@dataclass(frozen=True)
class Erasure:
    """An erasure that has begun: the rows to erase, and salted digests of their ids."""

    segment: int
    rows: NDArray[np.uint32]
    ids: bytes


@dataclass(frozen=True)
class Manifest:
    """Contents of the catalogue at one generation."""

    category: str
    settings: Mapping[str, Any]
    labels: tuple[str, ...] = ()
    closed_labels: bool = False
    exchangeable_only: bool = False
    generation: int = 1
    journal: int = 1
    # Sequence number of the first record of the journal.
    journal_first: int = 1
    next_segment: int = 1
    receipts: int = 0
    last_receipt: str = ""
    segments: tuple[StoredSegment, ...] = ()
    erasures: tuple[Erasure, ...] = field(default=(), compare=False)

    @property
    def label_table(self) -> LabelTable:
        """The labels of the gallery."""
        return LabelTable(self.labels, closed=self.closed_labels)

    @property
    def live(self) -> tuple[StoredSegment, ...]:
        """The segments of the gallery."""
        return tuple(s for s in self.segments if s.retired is None)

    @property
    def retired(self) -> tuple[StoredSegment, ...]:
        """Segments that were merged into others, but that readers may still use."""
        return tuple(s for s in self.segments if s.retired is not None)

    @property
    def journal_name(self) -> str:
        """Name of the journal's file."""
        return f"journal-{self.journal}"


def _digest(*parts: object) -> bytes:
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        # With the type, because one flipped bit turns a text of SQLite into bytes.
        hashed.update(f"{type(part).__name__} {len(data)} ".encode() + data)
    return hashed.digest()


def recovery_needed() -> RecoveryNeeded:
    """Return the error for a gallery whose writer died in the middle of a change."""
    return RecoveryNeeded(
        "the last writer died in the middle of a change; open the gallery with mode 'rw' once",
        code="recovery_needed",
        field="path",
    )


@contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    with closing(_connect(path, mode)) as connection:
        yield connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    disk.check_length(path)
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=10,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        # Overwrite deleted data, and write no temporary files elsewhere.
        for setting in (
            "secure_delete=ON",
            "temp_store=MEMORY",
            "synchronous=FULL",
            "trusted_schema=OFF",
            "cell_size_check=ON",
        ):
            connection.execute(f"PRAGMA {setting}")
    except BaseException as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise _foreign() from None
        raise
    return connection


def read_manifest(path: Path) -> Manifest:
    """Read a catalogue in one transaction and check the digest of every row."""
    try:
        with disk.trouble("reading the catalogue"), _connected(path, "ro") as connection:
            return _read(connection)
    except StorageError as error:
        hot = path.with_name(path.name + "-journal")
        # An empty journal is normal: commits truncate it.
        left = error.code in ("not_permitted", "io_error") and hot.exists()
        if left and hot.stat().st_size:
            raise recovery_needed() from error
        raise


def _check_kind(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise _foreign()
    if version > FORMAT:
        raise StorageError(
            f"format {version} of galleries is newer than this library, which reads up to {FORMAT}",
            code="newer_format",
            field="path",
        )
    if version < 1:
        raise disk.damaged("the catalogue has no format version", "catalogue")


def read_format(path: Path) -> int:
    """Return the format version of a gallery."""
    with disk.trouble("reading the catalogue"), _connected(path, "ro") as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)


def _foreign() -> StorageError:
    return StorageError(
        "the folder has a catalogue of another program", code="not_a_gallery", field="path"
    )


def _read(connection: sqlite3.Connection) -> Manifest:
    _check_kind(connection)
    connection.execute("BEGIN")
    try:
        return _read_rows(connection)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Damage that SQLite does not notice: a value of another type, text that is not JSON.
        raise disk.damaged("a row of the catalogue is damaged", "catalogue") from error
    finally:
        connection.execute("ROLLBACK")


def _read_rows(connection: sqlite3.Connection) -> Manifest:
    digests = hashlib.blake2b(digest_size=16)

    def rows(table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        query = f"SELECT {columns}, digest FROM {table} ORDER BY 1"
        for *values, digest in connection.execute(query):
            if digest != _digest(table, *values):
                raise disk.damaged("a row of the catalogue is damaged", f"catalogue/{table}")
            if table != "gallery":
                digests.update(digest)
            yield tuple(values)

    (body,) = [row[1] for row in rows("gallery", "one, body")] or [""]
    checksums: dict[int, dict[str, Checksums]] = {}
    segments = list(rows("segment", "number, body"))
    for _, segment, name, crcs in rows("checksums", "number, segment, name, crcs"):
        checksums.setdefault(segment, {})[name] = np.frombuffer(crcs, "<u4").astype(np.uint32)
    erasures = [
        Erasure(segment, np.frombuffer(numbers, "<u4").astype(np.uint32), ids)
        for _, segment, numbers, ids in rows("erasure", "number, segment, rows, ids")
    ]
    read = json.loads(body)
    if read.pop("digest") != digests.hexdigest():
        raise disk.damaged("rows of the catalogue are missing", "catalogue")
    read["labels"] = tuple(read["labels"])
    return Manifest(
        **read,
        segments=tuple(_segment(n, json.loads(b), checksums.get(n, {})) for n, b in segments),
        erasures=tuple(erasures),
    )


def _segment(
    number: int, body: Mapping[str, Any], checksums: Mapping[str, Checksums]
) -> StoredSegment:
    files = tuple(ColumnFile(name, dtype, tuple(shape)) for name, dtype, shape in body["files"])
    return StoredSegment(number, body["rows"], files, checksums, body["since"], body["retired"])


class Catalogue:
    """The connection of a writer to the catalogue."""

    def __init__(self, path: Path) -> None:
        # Set after a failed commit, until the catalogue has been read again.
        self.in_doubt = False
        self._connection = _connect(path, "rw")
        try:
            _check_kind(self._connection)
            # A deleted journal can reappear after a power failure and roll back a commit that
            # was acknowledged. A truncated and synchronised one cannot.
            self._connection.execute("PRAGMA journal_mode=TRUNCATE")
            if self._connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise disk.damaged("SQLite finds the catalogue damaged", "catalogue")
            self.manifest = _read(self._connection)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, manifest: Manifest) -> None:
        """Write a new catalogue."""
        with disk.create(path):
            pass  # SQLite would choose a mode of its own; its journals have that of this file
        with _connected(path, "rwc") as connection:
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA application_id={_APPLICATION}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
            connection.execute("BEGIN IMMEDIATE")
            for segment in manifest.segments:
                _insert_segment(connection, segment)
            _write_gallery(connection, manifest)
            disk.commit(connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def commit(self, new: Manifest, receipts: Iterable[Receipt] = ()) -> None:
        """Write a manifest in one transaction, under the next generation."""
        new = replace(new, generation=self.manifest.generation + 1)
        old = {segment.number: segment for segment in self.manifest.segments}
        kept = {segment.number for segment in new.segments}
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for number in old.keys() - kept:
                connection.execute("DELETE FROM segment WHERE number = ?", (number,))
                connection.execute("DELETE FROM checksums WHERE segment = ?", (number,))
            for segment in new.segments:
                _update_segment(connection, old.get(segment.number), segment)
            connection.execute("DELETE FROM erasure")
            for number, erasure in enumerate(new.erasures, 1):
                rows = erasure.rows.astype("<u4").tobytes()
                _insert(connection, "erasure", (number, erasure.segment, rows, erasure.ids))
            for receipt in receipts:
                _insert(connection, "receipt", (receipt.sequence, receipt.to_json()))
            _write_gallery(connection, new)
            disk.commit(connection)
        except BaseException as error:
            self.in_doubt = True
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            # A commit can report a failure although it has taken effect.
            self.manifest = _read(connection)
            self.in_doubt = False
            if self.manifest.generation != new.generation or not isinstance(error, Exception):
                raise
        self.manifest = new


def _insert(connection: sqlite3.Connection, table: str, values: tuple[Any, ...]) -> None:
    marks = ", ".join("?" * (len(values) + 1))
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", (*values, _digest(table, *values)))


def _write_gallery(connection: sqlite3.Connection, manifest: Manifest) -> None:
    digests = hashlib.blake2b(digest_size=16)
    for table in ("segment", "checksums", "erasure"):
        for (digest,) in connection.execute(f"SELECT digest FROM {table} ORDER BY number"):
            digests.update(digest)
    body = {
        name: getattr(manifest, name)
        for name in Manifest.__dataclass_fields__
        if name not in ("segments", "erasures")
    }
    for name in ("closed_labels", "exchangeable_only"):
        if not body[name]:
            del body[name]  # as in folders of earlier versions, which had neither
    connection.execute("DELETE FROM gallery")
    _insert(connection, "gallery", (1, json.dumps(body | {"digest": digests.hexdigest()})))


def _body(segment: StoredSegment) -> str:
    files = [[file.name, file.dtype, file.shape] for file in segment.files]
    generations = {"since": segment.since, "retired": segment.retired}
    return json.dumps({"rows": segment.rows, "files": files, **generations})


def _insert_segment(connection: sqlite3.Connection, segment: StoredSegment) -> None:
    _insert(connection, "segment", (segment.number, _body(segment)))
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM checksums").fetchone()
    for number, (name, crcs) in enumerate(segment.checksums.items(), last + 1):
        _insert(
            connection, "checksums", (number, segment.number, name, crcs.astype("<u4").tobytes())
        )


def _update_segment(
    connection: sqlite3.Connection, old: StoredSegment | None, new: StoredSegment
) -> None:
    if old is None:
        _insert_segment(connection, new)
        return
    if old.retired != new.retired:
        connection.execute("DELETE FROM segment WHERE number = ?", (new.number,))
        _insert(connection, "segment", (new.number, _body(new)))
    for name, crcs in new.checksums.items():
        if crcs is old.checksums[name]:
            continue
        found = connection.execute(
            "SELECT number FROM checksums WHERE segment = ? AND name = ?", (new.number, name)
        )
        (number,) = found.fetchone()
        connection.execute("DELETE FROM checksums WHERE number = ?", (number,))
        _insert(connection, "checksums", (number, new.number, name, crcs.astype("<u4").tobytes()))


def read_receipts(path: Path) -> list[Receipt]:
    """Read all receipts, oldest first; the chain is not checked."""
    with disk.trouble("reading the receipts"), _connected(path, "ro") as connection:
        found = []
        for sequence, body, digest in connection.execute(
            "SELECT sequence, body, digest FROM receipt ORDER BY sequence"
        ):
            if digest != _digest("receipt", sequence, body):
                raise disk.damaged("a receipt is damaged", "catalogue/receipt")
            found.append(Receipt.from_json(body))
        return found


def check_catalogue(path: Path) -> list[str]:
    """Return the problems that SQLite finds in a catalogue."""
    with disk.trouble("checking the catalogue"), _connected(path, "ro") as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchall()
        return [str(line) for (line,) in answer if line != "ok"]

"""Receipts: what an erasure leaves, and what can be shown with it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True)
class Receipt:
    """That one reference was erased: a link of the gallery's chain of receipts.

    Attributes
    ----------
    sequence : int
        1 for the first erasure of the gallery.
    erased_at : str
        When its rows were overwritten, ISO 8601 in UTC.
    segment : int
        Number of the segment that it was in.
    digest : str
        Digest of the reference id under a salt, hexadecimal.
    previous : str
        :attr:`link` of the receipt before; empty for the first.
    salt : bytes, optional
        Only whoever erased has it. With it, and not without, the receipt can be shown to be about
        a certain id; the gallery does not keep it.

    Notes
    -----
    A receipt proves what the library wrote, not what the medium keeps: a drive may remap blocks,
    and snapshots, backups and swap are the host's.

    It holds no checksum of what was left: with that, and all else of the segment, anybody could
    try out whether a certain person was there too, and was erased later.

    Examples
    --------
    >>> import tempfile
    >>> from prum_match import dna
    >>> folder = tempfile.mkdtemp() + "/gallery"
    >>> dna.Gallery().save(folder)
    >>> with dna.Gallery.open(folder, mode="rw") as gallery:
    ...     _ = gallery.enrol(["AT-1"], [dna.Profile({"TH01": (6, 7)})])
    ...     (receipt,) = gallery.erase(["AT-1"])
    >>> receipt.is_about("AT-1"), receipt.is_about("AT-2"), receipt.sequence
    (True, False, 1)
    """

    sequence: int
    erased_at: str
    segment: int
    digest: str
    previous: str
    salt: bytes | None = None

    @property
    def link(self) -> str:
        """SHA-256 over all that the gallery keeps of the receipt."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def is_about(self, reference_id: str) -> bool:
        """Tell whether this is the receipt for an id; False too for one without its salt."""
        if self.salt is None:
            return False
        return hmac.compare_digest(digest_of(reference_id.encode(), self.salt).hex(), self.digest)

    def to_json(self) -> str:
        """Return all but the salt, as the gallery keeps it."""
        kept = asdict(self)
        del kept["salt"]
        return json.dumps(kept, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Read :meth:`to_json`."""
        return cls(**json.loads(text))

    def with_salt(self, salt: bytes) -> Receipt:
        """Return the receipt for whoever erased."""
        return replace(self, salt=salt)


def new_salt() -> bytes:
    """Return 32 bytes that nobody can guess."""
    return os.urandom(32)


def digest_of(reference_id: bytes, salt: bytes) -> bytes:
    """Return the digest of an id, 32 bytes."""
    return hmac.digest(salt, reference_id, "sha256")


def now() -> str:
    """Return the time as receipts give it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def chain_breaks(receipts: Iterable[Receipt], count: int, last: str) -> list[int]:
    """Return the sequence numbers at which a chain of receipts is not one.

    `count` and `last` are what the catalogue says of it: how many, and the last link.
    """
    broken, previous, n = [], "", 0
    for n, receipt in enumerate(receipts, 1):
        if receipt.sequence != n or receipt.previous != previous:
            broken.append(n)
        previous = receipt.link
    if n != count or previous != last:
        broken.append(n + 1)
    return broken

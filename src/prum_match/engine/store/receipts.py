"""Receipts of erasures, and the report of a call that erased."""

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
    """Receipt for the erasure of one reference, a link of the gallery's chain of receipts.

    Attributes
    ----------
    sequence : int
        1 for the first erasure of the gallery.
    erased_at : str
        Time at which its rows were overwritten, ISO 8601 in UTC.
    segment : int
        Number of the segment that held it.
    digest : str
        Salted digest of the reference id, hexadecimal.
    previous : str
        :attr:`link` of the receipt before; empty for the first.
    salt : bytes, optional
        Salt of the digest. Only the caller of the erasure gets it; the gallery does not keep it.
        Without the salt nobody can show which id the receipt is for.

    Notes
    -----
    A receipt proves what the library wrote, not what the medium keeps: drives remap blocks, and
    the host is responsible for snapshots, backups and swap.

    A receipt has no checksum of the remaining data. With such a checksum and the rest of the
    segment, anybody could test whether a certain person had been there and was erased.

    Examples
    --------
    >>> import tempfile
    >>> from prum_match import dna
    >>> folder = tempfile.mkdtemp() + "/gallery"
    >>> dna.Gallery().save(folder)
    >>> with dna.Gallery.open(folder, mode="rw") as gallery:
    ...     _ = gallery.enrol(["AT-1"], [dna.Profile({"TH01": (6, 7)})])
    ...     (receipt,) = gallery.erase(["AT-1"]).receipts
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
        """SHA-256 over the receipt as the gallery keeps it."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def is_about(self, reference_id: str) -> bool:
        """Tell whether this is the receipt for an id; always False without the salt."""
        if self.salt is None:
            return False
        return hmac.compare_digest(digest_of(reference_id.encode(), self.salt).hex(), self.digest)

    def to_json(self) -> str:
        """Return the receipt as the gallery keeps it, without the salt."""
        kept = asdict(self)
        del kept["salt"]
        return json.dumps(kept, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Read :meth:`to_json`."""
        return cls(**json.loads(text))

    def with_salt(self, salt: bytes) -> Receipt:
        """Return the receipt for the caller of the erasure."""
        return replace(self, salt=salt)


@dataclass(frozen=True)
class ErasureReport:
    """References that a call has erased.

    Attributes
    ----------
    reference_ids : tuple of str
        The erased references, each once.
    receipts : tuple of Receipt
        A receipt with its salt for each of them, in the same order. A gallery in memory gives
        none: nothing of it outlives the process.
    """

    reference_ids: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()


def new_salt() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(32)


def digest_of(reference_id: bytes, salt: bytes) -> bytes:
    """Return the digest of an id, 32 bytes."""
    return hmac.digest(salt, reference_id, "sha256")


def now() -> str:
    """Return the time as receipts state it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def chain_breaks(receipts: Iterable[Receipt], count: int, last: str) -> list[int]:
    """Return the sequence numbers at which a chain of receipts breaks.

    `count` and `last` are the number of receipts and the last link according to the catalogue.
    """
    broken, previous, n = [], "", 0
    for n, receipt in enumerate(receipts, 1):
        if receipt.sequence != n or receipt.previous != previous:
            broken.append(n)
        previous = receipt.link
    if n != count or previous != last:
        broken.append(n + 1)
    return broken

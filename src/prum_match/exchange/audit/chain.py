"""The chain of hashes: sealing of entries, and verification of a log.

Each row has a *leaf*, the digest of its content under its own salt, and a *link*, the digest of the
previous link, the sequence number and the leaf. Erasing a row removes content and salt and keeps
leaf and link: the chain can still be verified, and without the salt the short content cannot be
guessed from the leaf.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from prum_match.errors import ExchangeError, StorageError
from prum_match.exchange.audit.entries import Act, Entry, from_content
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import DIGEST
from prum_match.exchange.messages.records import integer

NO_SALT = bytes(16)
_ERASED = b'{"act":"%b",' % Act.ERASED.encode()  # keys are sorted, so the act comes first


@dataclass(frozen=True, slots=True)
class Anchor(Checked):
    """The state of a log at a moment, to be kept elsewhere as a proof.

    Anyone who can write the file of a log can also cut off its last entries, or rewrite it from
    some entry on with matching digests; the file itself cannot show it. An earlier anchor that was
    published, countersigned or given to a supervisory authority can: `SqliteAudit.verify` then
    proves that every entry up to the anchor is present and unchanged.

    Parameters
    ----------
    sequence : int
        Number of the last entry; 0 for an empty log.
    digest : str
        Link of that entry: 64 hexadecimal digits.

    Raises
    ------
    ExchangeError
        ``invalid_field``.

    Examples
    --------
    >>> Anchor(0, "0" * 64) == START
    True
    """

    sequence: int = field(metadata=integer(0, 2**63 - 1).meta)
    digest: str = field(metadata=DIGEST.meta)


START = Anchor(0, "0" * 64)


class Row(NamedTuple):
    """One row of a log. Time, salt and content of an erased one are zeros."""

    sequence: int
    time: bytes
    salt: bytes
    content: bytes
    leaf: bytes
    link: bytes


def _leaf(time: bytes, salt: bytes, content: bytes) -> bytes:
    # Salt and time have fixed sizes, and the first byte keeps leaves and links apart.
    return sha256(b"\0" + salt + time + content).digest()


def _link(before: bytes, sequence: int, leaf: bytes) -> bytes:
    return sha256(b"\1" + before + sequence.to_bytes(8, "big") + leaf).digest()


def seal(head: Anchor, contents: Iterable[tuple[bytes, bytes]]) -> Iterator[Row]:
    """Yield the rows after `head`, from the time and content of each."""
    link = bytes.fromhex(head.digest)
    for sequence, (time, content) in enumerate(contents, head.sequence + 1):
        salt = os.urandom(len(NO_SALT))
        leaf = _leaf(time, salt, content)
        link = _link(link, sequence, leaf)
        yield Row(sequence, time, salt, content, leaf, link)


def opened(row: Row) -> Entry:
    """Return the entry of a row that was not erased."""
    try:
        if _leaf(row.time, row.salt, row.content) == row.leaf:
            return from_content(row.time, row.content)
    except (TypeError, ExchangeError):
        pass
    raise _broken("an entry has been changed", row.sequence)


class Erasures:
    """Numbers of the erased entries, as a count and a digest of their ranges."""

    def __init__(self, folded: int) -> None:
        self.count = folded
        self._first, self._last = 1, folded
        self._ranges = sha256()

    def add(self, sequence: int) -> None:
        """Add the next higher number."""
        if sequence != self._last + 1:
            self._ranges.update(self._range())
            self._first = sequence
        self._last = sequence
        self.count += 1

    def digest(self) -> str:
        """Return the digest of all numbers so far."""
        whole = self._ranges.copy()
        whole.update(self._range())
        return whole.hexdigest()

    def _range(self) -> bytes:
        if self._last < self._first:
            return b""
        return self._first.to_bytes(8, "big") + self._last.to_bytes(8, "big")


def check(
    rows: Iterable[Row], checkpoint: Anchor, erased: int, anchor: Anchor | None = None
) -> None:
    """Prove that `rows` are the chain that goes on from `checkpoint`."""
    if anchor and anchor.sequence < checkpoint.sequence:
        raise StorageError(
            "the anchor is older than what the log can still prove: use a newer one",
            code="anchor_erased",
            field="anchor",
        )
    _check_anchor(anchor, checkpoint)
    erasures, recorded = Erasures(checkpoint.sequence), Erasures(0).digest()
    record = 1  # without a record of an erasure no entry may be blank
    link, number = bytes.fromhex(checkpoint.digest), checkpoint.sequence
    for row in rows:
        number += 1
        if not _follows(row, number, link):
            raise _broken("an entry is missing, added or changed", number)
        link = row.link
        if row.salt == NO_SALT:
            erasures.add(number)
        elif row.content.startswith(_ERASED):
            record, recorded = number, opened(row).number
        if anchor and anchor.sequence == number:
            _check_anchor(anchor, Anchor(number, link.hex()))
    if anchor and anchor.sequence > number:
        raise _broken("entries were cut off", number + 1)
    if (erasures.digest(), erasures.count) != (recorded, erased):
        # A row that somebody blanked looks like an erased one.
        raise _broken("the blank entries are not those of the recorded erasure", record)


def _follows(row: Row, number: int, before: bytes) -> bool:
    try:
        if row.sequence != number or _link(before, number, row.leaf) != row.link:
            return False
        if row.salt == NO_SALT:
            return not any(row.time) and not row.content.strip(b"\0")
        return _leaf(row.time, row.salt, row.content) == row.leaf
    except (TypeError, AttributeError):  # a value of another type than was written
        return False


def _check_anchor(anchor: Anchor | None, found: Anchor) -> None:
    if anchor and anchor.sequence == found.sequence and anchor != found:
        raise _broken("the anchor was taken from another log", anchor.sequence)


def _broken(what: str, sequence: int) -> StorageError:
    return StorageError(what, code="audit_broken", index=sequence, field="path")

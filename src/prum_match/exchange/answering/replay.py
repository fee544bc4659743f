"""Each request is answered once: duplicates from the store, and forgotten ones with a refusal."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self, TypeAlias

from prum_match.exchange.answering.stops import refused
from prum_match.exchange.messages.envelope import SKEW
from prum_match.exchange.store.stored import read_back
from prum_match.exchange.store.stores import StoreTransaction, damaged, microseconds

Key: TypeAlias = tuple[str, str]
"""Sender of a request, according to the channel, and its number."""

# Memory of a number in a MemoryStore of CPython 3.11: measured, rounded up.
_NUMBER_BYTES = 512
_NUMBER, _REPLY, _BY_REFERENCE, _SIZE = "answered", "reply", "reply_by_reference", "answered_size"
# Reference numbers are printable: the separator is in none of them.
_SEPARATOR = "\x1f"
_EXPIRED_AT_ONCE = 8
_LAST = datetime.max.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it was sent."""

    reply: bytes = field(repr=False)
    category: str
    references: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the value for the store."""
        return _SEPARATOR.join((self.category, *self.references)).encode() + b"\n" + self.reply

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Read a value of the store."""
        with read_back(_REPLY):
            head, reply = value.split(b"\n", 1)
            category, *references = head.decode().split(_SEPARATOR)
        return cls(reply, category, tuple(references))


class _Size(NamedTuple):
    """What the window holds; unknown requests made until the horizon may have been answered."""

    numbers: int
    reply_bytes: int
    horizon: int


_NO_HORIZON = -(2**63)
_SIZES = struct.Struct(">qqq")


class ReplayWindow:
    """Recent requests, by sender and number, in a store that several processes may share."""

    def __init__(self, window: timedelta, max_bytes: int) -> None:
        self._window = window
        self._max_bytes = max_bytes

    def is_stale(self, time: datetime, now: datetime) -> bool:
        """Tell whether a request is too old to be told from a replay, or from the future.

        Two clocks may differ by `SKEW`.
        """
        return not -SKEW <= now - time <= self._window

    def find(
        self, entries: StoreTransaction, key: Key, digest: bytes, time: datetime, now: datetime
    ) -> Kept | None:
        """Return the reply to a request that was answered; None if it is new."""
        name = _name(key)
        value = entries.get(_NUMBER, name)
        if value is not None:
            expires, known = _number(value)
            if expires >= microseconds(now):
                if known not in (b"", digest):
                    raise refused(code="number_in_use")
                reply = entries.get(_REPLY, name)
                if reply is None:
                    raise refused(code="already_answered")
                return Kept.from_bytes(reply)
        horizon = _size(entries).horizon
        is_before = horizon != _NO_HORIZON and microseconds(time) <= horizon
        if is_before and not self.is_stale(time, now):  # that is told by its own name
            raise refused(code="already_answered")
        return None

    def keep(
        self,
        entries: StoreTransaction,
        key: Key,
        digest: bytes,
        time: datetime,
        now: datetime,
        kept: Kept,
    ) -> None:
        """Remember a request and its reply for duplicates."""
        # A time far in the future must not overflow the calendar.
        expires = min(time, now + SKEW) + self._window
        name = _name(key)
        size = self._add(entries, name, digest, expires, len(kept.reply))
        entries.put(_REPLY, name, kept.to_bytes(), due=expires)
        for reference in kept.references:
            entries.put(_BY_REFERENCE, _place(kept.category, reference, name), b"")
        self._write_size(entries, self._make_room(entries, size, now))

    def answered_earlier(
        self, entries: StoreTransaction, key: Key, expires: datetime, now: datetime
    ) -> None:
        """Register a request that was answered according to the audit log, without content."""
        size = self._add(entries, _name(key), b"", expires)
        self._write_size(entries, self._make_room(entries, size, now))

    def forget(self, entries: StoreTransaction, key: Key) -> None:
        """Forget a request: it may come again."""
        self._write_size(entries, self._forget(entries, _name(key), _size(entries)))

    def drop(self, entries: StoreTransaction, key: Key) -> None:
        """Drop a reply; its number stays known."""
        self._write_size(entries, self._drop(entries, _name(key), _size(entries)))

    def drop_naming(
        self, entries: StoreTransaction, category: str, references: Collection[str]
    ) -> None:
        """Drop every reply that names one of these references."""
        size = _size(entries)
        for reference in references:
            for place in entries.keys(_BY_REFERENCE, _place(category, reference)):
                size = self._drop(entries, place.rsplit(_SEPARATOR, 1)[1], size)
        self._write_size(entries, size)

    def references(self, entries: StoreTransaction, category: str) -> set[str]:
        """Return the references of a category in kept replies."""
        places = entries.keys(_BY_REFERENCE, category + _SEPARATOR)
        return {place.split(_SEPARATOR)[1] for place in places}

    def _add(
        self,
        entries: StoreTransaction,
        name: str,
        digest: bytes,
        expires: datetime,
        reply_bytes: int = 0,
    ) -> _Size:
        size = _size(entries)
        if entries.get(_NUMBER, name) is not None:
            size = self._forget(entries, name, size)
        value = microseconds(expires).to_bytes(8, "big", signed=True) + digest
        # It is known up to and including its last moment.
        entries.put(_NUMBER, name, value, due=expires + _TICK)
        return _Size(size.numbers + 1, size.reply_bytes + reply_bytes, size.horizon)

    def _make_room(self, entries: StoreTransaction, size: _Size, now: datetime) -> _Size:
        for name in entries.due_keys(_NUMBER, now, _EXPIRED_AT_ONCE):
            size = self._forget_for_good(entries, name, size, now)
        while size.reply_bytes > self._max_bytes:
            (name,) = entries.due_keys(_REPLY, _LAST, 1)
            size = self._drop(entries, name, size)
        while _NUMBER_BYTES * size.numbers > self._max_bytes:
            (name,) = entries.due_keys(_NUMBER, _LAST, 1)
            size = self._forget_for_good(entries, name, size, now)
        return size

    def _forget_for_good(
        self, entries: StoreTransaction, name: str, size: _Size, now: datetime
    ) -> _Size:
        """Forget a request, and refuse from now on what is as old.

        That matters for requests that are not stale: where room was short, and where the clock
        was ahead for a while, so that numbers expired too early.
        """
        expires, _ = _number(entries.get(_NUMBER, name) or b"")
        made = min(expires - self._window // _TICK, microseconds(now + SKEW))
        size = self._forget(entries, name, size)
        return size._replace(horizon=max(size.horizon, made))

    def _forget(self, entries: StoreTransaction, name: str, size: _Size) -> _Size:
        size = self._drop(entries, name, size)
        return size._replace(numbers=size.numbers - entries.delete(_NUMBER, name))

    def _drop(self, entries: StoreTransaction, name: str, size: _Size) -> _Size:
        value = entries.get(_REPLY, name)
        if value is None:
            return size
        kept = Kept.from_bytes(value)
        entries.delete(_REPLY, name)
        for reference in kept.references:
            entries.delete(_BY_REFERENCE, _place(kept.category, reference, name))
        return size._replace(reply_bytes=size.reply_bytes - len(kept.reply))

    def _write_size(self, entries: StoreTransaction, size: _Size) -> None:
        entries.put(_SIZE, "", _SIZES.pack(*size))


def _name(key: Key) -> str:
    return "/".join(key)


def _place(category: str, reference: str, name: str = "") -> str:
    return _SEPARATOR.join((category, reference, name))


def _number(value: bytes) -> tuple[int, bytes]:
    """Return the last moment of a number, and the digest of its request; empty if unknown."""
    return int.from_bytes(value[:8], "big", signed=True), value[8:]


def _size(entries: StoreTransaction) -> _Size:
    value = entries.get(_SIZE, "")
    if value is None:
        return _Size(0, 0, _NO_HORIZON)
    if len(value) != _SIZES.size:
        raise damaged(_SIZE)
    return _Size._make(_SIZES.unpack(value))

"""Messages about hits: kept, and sent again, until they are answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import NUMBER, PARTY
from prum_match.exchange.messages.records import BYTES, integer, write_record
from prum_match.exchange.store.stored import read_back, record_from
from prum_match.exchange.store.stores import StoreTransaction

_KIND, _INDEX, _COUNTER = "outbox", "outbox_index", "outbox_counter"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send: receiver, number and bytes. Sending it twice is safe."""

    party: str = field(metadata=PARTY.meta)
    number: str = field(metadata=NUMBER.meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)


@dataclass(frozen=True, slots=True)
class Retries:
    """Pauses before an unanswered message is sent again: `first`, then twice as long, ...

    Parameters
    ----------
    first, longest : timedelta
        The first and the longest pause.

    Examples
    --------
    >>> str(Retries().pause(3)), str(Retries().pause(30))
    ('0:08:00', '1:00:00')
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after a number of attempts."""
        return min(self.first * (1 << min(attempts, 30)), self.longest)


@dataclass(frozen=True, slots=True)
class _Kept(Checked):
    party: str = field(metadata=PARTY.meta)
    number: str = field(metadata=NUMBER.meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)
    attempts: int = field(default=0, metadata=integer(0, 10**9).meta)


class Outbox:
    """The messages of one store that wait for an answer."""

    def __init__(self, retries: Retries = Retries()) -> None:
        self._retries = retries

    def put(self, entries: StoreTransaction, message: Outgoing, now: datetime) -> None:
        """Keep a message; it is due at once, after all earlier ones."""
        with read_back(_COUNTER):
            place = int(entries.get(_COUNTER, "") or b"0")
        entries.put(_COUNTER, "", b"%d" % (place + 1))
        entries.put(_INDEX, message.number, f"{place:020}".encode())
        kept = _Kept(message.party, message.number, message.data)
        entries.put(_KIND, f"{place:020}", write_record(kept), due=now)

    def due(self, entries: StoreTransaction, now: datetime) -> list[Outgoing]:
        """Return the messages to send now; each is due again after a pause until answered."""
        found = []
        # Oldest first, regardless of earlier attempts: a confirmation goes before its facts.
        for place in sorted(entries.due_keys(_KIND, now, _BATCH)):
            kept = _read(entries, place)
            found.append(Outgoing(kept.party, kept.number, kept.data))
            again = replace(kept, attempts=kept.attempts + 1)
            pause = self._retries.pause(kept.attempts)
            entries.put(_KIND, place, write_record(again), due=now + pause)
        return found

    def waiting(self, entries: StoreTransaction, party: str, number: str) -> bytes | None:
        """Return the unanswered message to a party under a number, if there is one."""
        place = _place(entries, number)
        if place is None:
            return None
        kept = _read(entries, place)
        return kept.data if kept.party == party else None

    def remove(self, entries: StoreTransaction, number: str) -> None:
        """Remove a message that was answered."""
        place = _place(entries, number)
        if place is not None:
            entries.delete(_KIND, place)
            entries.delete(_INDEX, number)


def _place(entries: StoreTransaction, number: str) -> str | None:
    value = entries.get(_INDEX, number)
    with read_back(_INDEX):
        return None if value is None else value.decode()


def _read(entries: StoreTransaction, place: str) -> _Kept:
    return record_from(_Kept, _KIND, entries.get(_KIND, place))

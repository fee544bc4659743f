"""Messages about hits that must arrive: kept until they are answered, sent again until then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from prum_match.exchange.encoding import BYTES, dumps, from_json, integer, loads, to_json
from prum_match.exchange.envelope import NUMBER, PARTY
from prum_match.exchange.store import Transaction

__all__ = ["Outbox", "Outgoing", "Retries"]

_KIND = "outbox"
_BATCH = 1000
_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send: to whom, its number, and its bytes. Sending it twice is safe."""

    party: str = field(metadata=PARTY.meta)
    number: str = field(metadata=NUMBER.meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)


@dataclass(frozen=True, slots=True)
class Retries:
    """When a message without an answer is sent again: after `first`, then twice as long, ...

    Parameters
    ----------
    first, longest : timedelta
        The first pause, and the one that is not exceeded.

    Examples
    --------
    >>> str(Retries().pause(3)), str(Retries().pause(30))
    ('0:08:00', '1:00:00')
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after so many attempts."""
        return min(self.first * (1 << min(attempts, 30)), self.longest)


@dataclass(frozen=True, slots=True)
class _Kept:
    party: str = field(metadata=PARTY.meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)
    attempts: int = field(default=0, metadata=integer(0, 10**9).meta)


class Outbox:
    """The messages of one store that wait for an answer.

    Parameters
    ----------
    retries : Retries
        When they are sent again.
    """

    def __init__(self, retries: Retries = Retries()) -> None:
        self._retries = retries

    def put(self, entries: Transaction, message: Outgoing, now: datetime) -> None:
        """Keep a message; it is due at once."""
        kept = _Kept(message.party, message.data)
        entries.put(_KIND, message.number, dumps(to_json(kept)), due=now)

    def due(self, entries: Transaction, now: datetime) -> list[Outgoing]:
        """Return what is to be sent now; it is due again after a pause, unless answered."""
        found = []
        for number in entries.due_keys(_KIND, now, _BATCH):
            kept = self._get(entries, number)
            assert kept is not None
            found.append(Outgoing(kept.party, number, kept.data))
            again = replace(kept, attempts=kept.attempts + 1)
            pause = self._retries.pause(kept.attempts)
            entries.put(_KIND, number, dumps(to_json(again)), due=now + pause)
        return found

    def waiting(self, entries: Transaction, party: str, number: str) -> bytes | None:
        """Return the message to that party under that number, if it waits for an answer."""
        kept = self._get(entries, number)
        return kept.data if kept is not None and kept.party == party else None

    def remove(self, entries: Transaction, number: str) -> None:
        """Let go of a message that was answered."""
        entries.delete(_KIND, number)

    def _get(self, entries: Transaction, number: str) -> _Kept | None:
        value = entries.get(_KIND, number)
        if value is None:
            return None
        return from_json(_Kept, loads(value, max_bytes=_BYTES, max_depth=1, max_containers=1))

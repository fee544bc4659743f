"""The plan of one search, without input or output: repetitions, pauses and the end.

The requesters drive it, one with threads and one with tasks. Times are seconds of a monotonic
clock; the driver passes the current time.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from prum_match.exchange.asking.pending_search import PendingSearch
from prum_match.exchange.hits.outbox import Outgoing, Retries
from prum_match.exchange.outcomes import Outcome, PartyOutcome
from prum_match.exchange.requesters.shared_conversation import SharedConversation
from prum_match.exchange.transport import TransportBusy, TransportTimeout

BACK_OFF = Retries(first=timedelta(milliseconds=100), longest=timedelta(seconds=5))
"""Pauses within one search, after a broken connection or a short overload of a party."""

_ASK_AGAIN = {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.BUSY}


class Step(NamedTuple):
    """A message to send, after a pause in seconds."""

    message: Outgoing
    pause: float = 0.0


class InFlight:
    """Count of running calls to each party, with an upper bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, party: str) -> bool:
        """Count one more call to a party; return False, uncounted, at the bound."""
        with self._lock:
            if self._calls[party] >= self._most:
                return False
            self._calls[party] += 1
            return True

    def leave(self, party: str) -> None:
        """Count one call less."""
        with self._lock:
            self._calls[party] -= 1


class FanOut:
    """The plan of one search: the messages to each party until its outcome is final."""

    def __init__(
        self,
        conversation: SharedConversation,
        pending: PendingSearch,
        deadline: float,
        max_attempts: int,
        back_off: Retries,
    ) -> None:
        self.pending = pending
        self.deadline = deadline
        self.ended = threading.Event()
        self._conversation = conversation
        self._max_attempts = max_attempts
        self._back_off = back_off
        self._attempts = dict.fromkeys(pending.asked, 1)
        self._garbled: set[str] = set()
        self._done: set[str] = set()

    def state(self, party: str) -> PartyOutcome:
        """Return the outcome of a party so far."""
        return self.pending.asked[party].state

    def take(self, message: Outgoing, answer: bytes | Exception, now: float) -> Step | None:
        """Take in the reply or failure of a message, and return the next step of its party."""
        party = message.party
        with self._conversation.lock:
            if self.ended.is_set() and self._conversation.follow_up is None:
                return None  # the caller has gone, and nobody else could read the reply
            # With another number: a courier has asked the party anew meanwhile.
            if message.number == self.pending.asked[party].request.number:
                self._hand_on(message, answer)
            step = self._next(party, now)
            if step is None:
                self._done.add(party)
                self._settle_asked_anew(party)
            return step

    def give_up(self, message: Outgoing, error: Exception) -> None:
        """Record that a message cannot be sent; the outcome of its party is final."""
        with self._conversation.lock:
            self._hand_on(message, error)
            self._done.add(message.party)

    def finish(self) -> None:
        """End the search at its deadline: parties without a final outcome have timed out."""
        with self._conversation.lock:
            self.ended.set()
            for party, asked in self.pending.asked.items():
                if party not in self._done:
                    number = asked.request.number
                    self._conversation.fail(party, TransportTimeout(), number=number)

    def _hand_on(self, message: Outgoing, answer: bytes | Exception) -> None:
        if isinstance(answer, Exception):
            self._conversation.fail(message.party, answer, number=message.number)
        else:
            self._conversation.deliver(message.party, answer, number=message.number)

    def _next(self, party: str, now: float) -> Step | None:
        pause = self._pause(party)
        attempts = self._attempts[party]
        if pause is None or attempts >= self._max_attempts or self.ended.is_set():
            return None
        if now + pause >= self.deadline:
            return None
        self._attempts[party] = attempts + 1
        asked = self.pending.asked[party]
        return Step(Outgoing(party, asked.request.number, asked.data), pause)

    def _pause(self, party: str) -> float | None:
        """Return the pause before the party is asked again; None: it is not."""
        state = self.state(party)
        if state.outcome is Outcome.PENDING:
            return 0.0  # asked anew: the request with the new number was not sent yet
        if state.is_final:
            return None
        if state.outcome is Outcome.INVALID_REPLY:
            # Damage on the way is cured by a repetition; a second bad reply is the party's fault.
            if party in self._garbled:
                return None
            self._garbled.add(party)
        elif state.outcome not in _ASK_AGAIN:
            return None
        back_off = self._back_off.pause(self._attempts[party] - 1).total_seconds()
        return max(back_off, state.retry_after or 0.0)

    def _settle_asked_anew(self, party: str) -> None:
        """Record that a request with a new number was not sent; a courier may send it later."""
        asked = self.pending.asked[party]
        if asked.state.outcome is Outcome.PENDING and not self.ended.is_set():
            error = TransportBusy(code="already_answered")
            self._conversation.fail(party, error, number=asked.request.number)

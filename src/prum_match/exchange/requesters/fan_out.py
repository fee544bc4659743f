"""One search under way, without input or output: whom to ask again, when, and when to stop.

The requesters drive it, one with threads and one with tasks. Times are seconds of one clock that
never goes back; the driver says what time it is.
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
"""The pauses within one search: for a line that broke or a party that was busy for a moment."""

_ASK_AGAIN = {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.BUSY}


class Step(NamedTuple):
    """A message to send, after a pause in seconds."""

    message: Outgoing
    pause: float = 0.0


class InFlight:
    """The calls under way to each party, and how many there may be."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, party: str) -> bool:
        """Count one more call to a party; False, and not counted, if there are as many as may."""
        with self._lock:
            if self._calls[party] >= self._most:
                return False
            self._calls[party] += 1
            return True

    def leave(self, party: str) -> None:
        """Count a call less."""
        with self._lock:
            self._calls[party] -= 1


class FanOut:
    """The plan of one search: what each party is sent, until it has answered or time is up."""

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
        """Return what is known of a party."""
        return self.pending.asked[party].state

    def take(self, message: Outgoing, answer: bytes | Exception, now: float) -> Step | None:
        """Take in what came of a message."""
        party = message.party
        with self._conversation.lock:
            if self.ended.is_set() and self._conversation.follow_up is None:
                return None  # who asked has gone, and nobody else can learn of the answer
            # Another number: a courier has met the party meanwhile, and asked anew.
            if message.number == self.pending.asked[party].request.number:
                self._hand_on(message, answer)
            step = self._next(party, now)
            if step is None:
                self._done.add(party)
                self._settle_asked_anew(party)
            return step

    def give_up(self, message: Outgoing, error: Exception) -> None:
        """Take in that a message cannot even be sent; its party is done with."""
        with self._conversation.lock:
            self._hand_on(message, error)
            self._done.add(message.party)

    def finish(self) -> None:
        """End the search because its time is over: who is not done with has not answered."""
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
        """Return how long to wait before the party is asked again; None: that is of no use."""
        state = self.state(party)
        if state.outcome is Outcome.PENDING:
            return 0.0  # asked anew: the number is fresh and was not sent yet
        if state.outcome is Outcome.INVALID_REPLY:
            # Damaged on the way, it comes whole the next time; wrong twice, it is the party's own.
            if party in self._garbled:
                return None
            self._garbled.add(party)
        elif state.outcome not in _ASK_AGAIN:
            return None
        back_off = self._back_off.pause(self._attempts[party] - 1).total_seconds()
        return max(back_off, state.retry_after or 0.0)

    def _settle_asked_anew(self, party: str) -> None:
        """Say that a fresh number was not sent, which a courier may do later."""
        asked = self.pending.asked[party]
        if asked.state.outcome is Outcome.PENDING and not self.ended.is_set():
            error = TransportBusy(code="already_answered")
            self._conversation.fail(party, error, number=asked.request.number)

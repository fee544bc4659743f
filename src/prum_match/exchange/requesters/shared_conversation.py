"""A conversation that the calls of a search, its caller and a courier share."""

from __future__ import annotations

import threading
from typing import Any

from prum_match.exchange.asking.conversation import Conversation, Event
from prum_match.exchange.asking.pending_search import PendingSearch
from prum_match.exchange.hits.outbox import Outgoing


class SharedConversation(Conversation):
    """A `Conversation` that several threads may use at once."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.lock = threading.RLock()
        super().__init__(*args, **options)

    def submit(self, *args: Any, **options: Any) -> PendingSearch:
        """Begin a search; see `Conversation.submit`."""
        with self.lock:
            return super().submit(*args, **options)

    def deliver(self, *args: Any, **options: Any) -> Event:
        """Take in a reply; see `Conversation.deliver`."""
        with self.lock:
            return super().deliver(*args, **options)

    def fail(self, *args: Any, **options: Any) -> Event:
        """Record that a party did not reply; see `Conversation.fail`."""
        with self.lock:
            return super().fail(*args, **options)

    def tick(self) -> list[Outgoing]:
        """Return the requests to send again now; see `Conversation.tick`."""
        with self.lock:
            return super().tick()

    def searches(self, case: str | None = None) -> list[PendingSearch]:
        """Return the known searches; see `Conversation.searches`."""
        with self.lock:
            return super().searches(case)

    def forget(self, pending: PendingSearch) -> None:
        """Drop a search; see `Conversation.forget`."""
        with self.lock:
            super().forget(pending)

"""A correct transport in memory, for tests that break it in one place at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping

from prum_match.exchange import TransportError, TransportTimeout, TransportUnreachable
from prum_match.exchange.transport import RequestHandler

MOST = 1 << 18

Reply = bytes | Exception


class Line:
    """Runs the other end on a thread of its own, so that a call can give up."""

    def __init__(self, handlers: Mapping[str, RequestHandler], own_party: str) -> None:
        self.handlers = dict(handlers)
        self.own_party = own_party
        self.closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        if self.closed:
            raise TransportUnreachable("the line is closed", code="transport_closed")
        if party not in self.handlers:
            raise self.absent(request)
        self.check("request", request)
        reply = self.wait(party, request, timeout)
        if isinstance(reply, Exception):
            return self.broke(party, reply)
        return self.check("reply", reply)

    def absent(self, request: bytes) -> Exception:
        return TransportUnreachable("nobody is there")

    def check(self, what: str, data: bytes) -> bytes:
        if len(data) > MOST:
            raise TransportError(f"the {what} is too large", code="too_large")
        return data

    def wait(self, party: str, request: bytes, timeout: float) -> Reply:
        replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        self.start(party, request, replies)
        try:
            return replies.get(timeout=timeout)
        except queue.Empty:
            raise TransportTimeout from None

    def start(self, party: str, request: bytes, replies: queue.SimpleQueue[Reply]) -> None:
        def run() -> None:
            try:
                replies.put(self.deliver(party, request))
            except Exception as error:
                replies.put(error)

        threading.Thread(target=run, daemon=True).start()

    def deliver(self, party: str, request: bytes) -> bytes:
        return self.handlers[party].handle(self.own_party, request)

    def broke(self, party: str, error: Exception) -> bytes:
        raise TransportError("the other end broke", code="line_broke") from None

    def close(self) -> None:
        self.closed = True

"""Safe closing of a transport that several threads use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prum_match.exchange.transport import TransportUnreachable


class Use:
    """Count of running exchanges; the last one closes the transport.

    If one thread closed a socket while another waits on it, a new socket could get the same number,
    and the waiting thread would read its bytes.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._lock = threading.Lock()
        self._under_way = 0
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one exchange while the block runs."""
        with self._lock:
            if self._is_closed:
                raise TransportUnreachable("the transport was closed", code="transport_closed")
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                is_last = self._is_closed and not self._under_way
            if is_last:
                self._close()

    def close(self) -> None:
        """Refuse further exchanges; may be called again."""
        with self._lock:
            is_now = not self._is_closed and not self._under_way
            self._is_closed = True
        if is_now:
            self._close()

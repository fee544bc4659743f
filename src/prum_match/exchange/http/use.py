"""When a transport that several threads use may let go of its lines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prum_match.exchange.transport import TransportUnreachable


class Use:
    """Counts what is under way, and closes behind the last of it.

    A socket that one thread closes while another waits on it leaves that other with a number which
    the next socket may be given: it would read a stranger's bytes.
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
                raise TransportUnreachable("the transport is closed", code="transport_closed")
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
        """Let nothing more begin; may be called again."""
        with self._lock:
            is_now = not self._is_closed and not self._under_way
            self._is_closed = True
        if is_now:
            self._close()

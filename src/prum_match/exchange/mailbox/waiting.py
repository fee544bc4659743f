"""Request and response over a mailbox: one waiting caller reads the mailbox for all."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from prum_match.exchange.mailbox.correlation import numbers_of
from prum_match.exchange.messages.envelope import Limits, peek
from prum_match.exchange.reasons import reason_of
from prum_match.exchange.transport import (
    Delivery,
    MailboxTransport,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

_LOOK_UP = 1.0  # seconds until the reader notices a closed mailbox or its own deadline
_AT_ONCE = 16  # messages read at a time: later ones may be an answer somebody waits for

_Asked: TypeAlias = tuple[str, str]  # party and number of a request


class MailboxExchange:
    """A `Transport` over a mailbox, for a `Requester` and other code that waits for an answer.

    It has no thread: one of the waiting callers reads the mailbox and passes answers to the others.

    Parameters
    ----------
    mailbox : MailboxTransport
        Carries the messages; closing this closes it.
    on_other : callable
        Handles a delivery that no caller waits for: a late answer, or a request (see
        `MailboxNode.take`). The delivery is acknowledged if this returns, and comes again if it
        raises. It runs on the thread of a waiting caller, so it should be quick.
    limits : Limits
        Bounds of the messages.

    Notes
    -----
    An answer is acknowledged when its caller receives it, and is lost if the process then dies. Use
    `MailboxNode` where an answer must survive the process.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from prum_match.exchange.mailbox import Maildir
    >>> with TemporaryDirectory() as root:
    ...     others: list[Delivery] = []
    ...     transport = MailboxExchange(Maildir(root, "AT"), others.append)
    ...     transport.exchange("DE", b'{"kind":"search_request","number":"q1"}', timeout=0.01)
    Traceback (most recent call last):
    prum_match.exchange.transport.TransportTimeout: no reply arrived [timeout]
    """

    def __init__(
        self,
        mailbox: MailboxTransport,
        on_other: Callable[[Delivery], object],
        *,
        limits: Limits = Limits(),
    ) -> None:
        self._mailbox = mailbox
        self._on_other = on_other
        self._limits = limits
        self._changed = threading.Condition()
        self._answers: dict[_Asked, bytes | None] = {}  # by awaited request
        self._somebody_reads = False
        self._closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` and return the answer of `party` to its number.

        Raises
        ------
        InvalidInput
            ``unknown_party``.
        ExchangeError
            A code of the mailbox for a message that it does not send.
        TransportError
            `TransportTimeout`; ``transport_closed``; ``no_number`` for a request without a number,
            whose answer could not be told from others; ``number_in_use`` if a caller already waits
            for this request; or an error of the mailbox.
        """
        deadline = time.monotonic() + timeout
        number = numbers_of(request, self._limits).own
        if number is None:
            raise TransportRefused("the request has no number", code="no_number")
        asked = (party_code(party), number)
        with self._changed:
            self._check_open()
            if asked in self._answers:
                raise TransportRefused(
                    "a caller already waits for this request", code="number_in_use"
                )
            self._answers[asked] = None
        try:
            self._mailbox.send(asked[0], request, number=number)
            return self._wait(asked, deadline)
        finally:
            with self._changed:
                del self._answers[asked]

    def close(self) -> None:
        """End all waiting calls with ``transport_closed``; may be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._mailbox.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TransportUnreachable("the transport was closed", code="transport_closed")

    def _wait(self, asked: _Asked, deadline: float) -> bytes:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._answers[asked] or self._closed or not self._somebody_reads,
                    max(0.0, deadline - time.monotonic()),
                )
                answer = self._answers[asked]
                if answer is not None:
                    return answer
                self._check_open()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TransportTimeout
                self._somebody_reads = True
            try:
                self._read(min(left, _LOOK_UP))
            finally:
                with self._changed:
                    self._somebody_reads = False
                    self._changed.notify_all()

    def _read(self, timeout: float) -> None:
        for delivery in self._mailbox.poll(max_messages=_AT_ONCE, timeout=timeout):
            try:
                if not self._hand_over(delivery):
                    self._on_other(delivery)
                self._mailbox.ack(delivery.tag)
            except Exception as error:
                # The error may not concern the caller of this thread; the message comes again.
                code = reason_of(error)
                _log.warning(
                    "party=%s message failed and comes again code=%s", delivery.party, code
                )

    def _hand_over(self, delivery: Delivery) -> bool:
        """Pass an answer to the caller that waits for it, if there is one."""
        if not peek(delivery.message).is_answer:
            return False
        answered = numbers_of(delivery.message, self._limits).answered
        if answered is None:
            return False
        asked = (delivery.party, answered)
        with self._changed:
            # A second answer before the first is picked up is not for this caller.
            if asked not in self._answers or self._answers[asked] is not None:
                return False
            self._answers[asked] = delivery.message
            self._changed.notify_all()
        return True

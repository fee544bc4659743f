"""Handling of messages in a mailbox: requests are answered, answers are taken in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from prum_match.exchange.asking.conversation import Conversation
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.mailbox.correlation import numbers_of
from prum_match.exchange.messages.envelope import Limits, new_number, peek
from prum_match.exchange.reasons import reason_of
from prum_match.exchange.transport import Delivery, MailboxTransport, RequestHandler

_log = logging.getLogger("prum_match.exchange")


class Inbox(Protocol):
    """Receiver of answers; `Conversation` and `ReplyDispatcher` are two."""

    def deliver(self, party: str, data: bytes) -> object:
        """Take in an answer; on return it must be stored as safely as needed."""
        ...


class MailboxNode:
    """Both sides of the exchange over a mailbox, without a thread.

    The host calls `pump` and `post` repeatedly. It sends the messages of a new search itself:
    ``mailbox.send(message.party, message.data, number=message.number)``.

    Parameters
    ----------
    mailbox : MailboxTransport
        Carries the messages; the caller closes it.
    responder : RequestHandler
        Answers every message that is not an answer; unreadable ones with an error.
    inbox : Inbox
        Receives answers.
    limits : Limits
        Bounds of the messages.
    new_number : callable
        Returns a fresh number, for an answer without a readable one.

    Notes
    -----
    A message is acknowledged after it was handled. After a crash in between it is handled again:
    the responder repeats its answer, and the inbox sees no change.

    An answer is never answered. The reply to an unreadable message is an answer, so two parties
    that do not understand each other fall silent.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from prum_match import dna, exchange
    >>> from prum_match.exchange.mailbox import Maildir
    >>> loci = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24),
    ...         "D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)}
    >>> gallery = dna.Gallery()
    >>> _ = gallery.enrol(["DE-9"], [dna.Profile(loci)])
    >>> austria = exchange.Conversation("AT", "dna")
    >>> germany = exchange.Conversation("DE", "dna")
    >>> with TemporaryDirectory() as root:
    ...     vienna, berlin = Maildir(root, "AT"), Maildir(root, "DE")
    ...     pending = austria.submit(dna.Profile(loci, kind="stain"), parties=["DE"])
    ...     for message in pending.outgoing:
    ...         vienna.send(message.party, message.data, number=message.number)
    ...     answered = MailboxNode(
    ...         berlin, exchange.Responder("DE", {"dna": gallery}), germany).pump()
    ...     received = MailboxNode(vienna, exchange.Responder("AT", {}), austria).pump()
    >>> answered, received, pending.outcome
    (1, 1, SearchOutcome(DE: hit))
    """

    def __init__(
        self,
        mailbox: MailboxTransport,
        responder: RequestHandler,
        inbox: Inbox,
        *,
        limits: Limits = Limits(),
        new_number: Callable[[], str] = new_number,
    ) -> None:
        self._mailbox = mailbox
        self._responder = responder
        self._inbox = inbox
        self._limits = limits
        self._new_number = new_number

    def pump(self, *, max_messages: int = 100, timeout: float = 0.0) -> int:
        """Handle the messages in the mailbox.

        Parameters
        ----------
        max_messages : int
            Most messages to handle.
        timeout : float
            Seconds to wait for the first; 0 checks once.

        Returns
        -------
        int
            Number of handled messages.

        Raises
        ------
        Exception
            The first error of responder, inbox or mailbox. All other messages were handled
            nevertheless, and the failed ones come again.
        """
        failures = []
        deliveries = self._mailbox.poll(max_messages=max_messages, timeout=timeout)
        for delivery in deliveries:
            try:
                self.take(delivery)
                self._mailbox.ack(delivery.tag)
            except Exception as error:
                code = reason_of(error)
                _log.warning(
                    "party=%s message failed and comes again code=%s", delivery.party, code
                )
                failures.append(error)
        if failures:
            raise failures[0]
        return len(deliveries)

    def post(self, follow_up: FollowUp, conversations: Iterable[Conversation] = ()) -> int:
        """Send all due messages, and call `FollowUp.tick`.

        A `Courier` does the same over a transport that answers at once.

        Parameters
        ----------
        follow_up : FollowUp
            Source of messages about hits.
        conversations : iterable of Conversation
            Sources of unanswered requests.

        Returns
        -------
        int
            Number of sent messages.

        Raises
        ------
        Exception
            The first error of the mailbox. The other messages were sent; the failed ones are due
            again after a pause.
        """
        due = [*follow_up.outgoing(), *(one for each in conversations for one in each.tick())]
        failures = []
        for message in due:
            try:
                self._mailbox.send(message.party, message.data, number=message.number)
            except Exception as error:
                failures.append(error)
        follow_up.tick()
        if failures:
            raise failures[0]
        return len(due)

    def take(self, delivery: Delivery) -> None:
        """Handle one message, without acknowledging it.

        As `on_other` of a `MailboxExchange` it answers requests while a caller waits.
        """
        if peek(delivery.message).is_answer:
            self._inbox.deliver(delivery.party, delivery.message)
            return
        answer = self._responder.handle(delivery.party, delivery.message)
        number = numbers_of(answer, self._limits).own or self._new_number()
        self._mailbox.send(delivery.party, answer, number=number)

"""Delivery of waiting messages and their answers, called by the host from time to time."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from prum_match.errors import ExchangeError
from prum_match.exchange.asking.conversation import Conversation
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.outbox import Outgoing
from prum_match.exchange.reasons import failure_of
from prum_match.exchange.requesters.base import check_timeout
from prum_match.exchange.transport import Transport, TransportTimeout, TransportUnreachable
from prum_match.values.checks import having, option_of, several

_log = logging.getLogger("prum_match.exchange")


@dataclass
class _Round:
    """One run: the number of sent messages, and the parties that cannot be reached."""

    timeout: float
    sent: int = 0
    dead: dict[str, TransportTimeout | TransportUnreachable] = field(default_factory=dict)


class Courier:
    """Sends messages about hits and unanswered requests, and delivers the answers.

    Parameters
    ----------
    transport : Transport
        Carries the messages; the caller closes it.
    follow_up : FollowUp
        Source of the messages about hits.
    conversations : iterable of Conversation
        Sources of unanswered requests, one for each category: `Requester.conversation`.

    Notes
    -----
    It has no thread: a host calls `run_once` from a loop or a timer, one call at a time. Unanswered
    messages stay in the store and are due again after a pause, so that a failed or interrupted run
    loses nothing.

    Examples
    --------
    >>> from prum_match.exchange import FollowUp, InProcessTransport
    >>> Courier(InProcessTransport({}, "AT"), FollowUp("AT")).run_once(timeout=5)
    0
    """

    def __init__(
        self,
        transport: Transport,
        follow_up: FollowUp,
        conversations: Iterable[Conversation] = (),
    ) -> None:
        self._transport: Transport = having(transport, "transport", "exchange")
        option_of(follow_up, FollowUp, "follow_up")
        self._follow_up = follow_up
        self._conversations = tuple(several(conversations, "conversations"))
        for one in self._conversations:
            option_of(one, Conversation, "conversations")

    def run_once(self, timeout: float) -> int:
        """Send each due message once, and call `FollowUp.tick`.

        Parameters
        ----------
        timeout : float
            Seconds for each message. A party that cannot be reached costs this time once a run: its
            other messages wait for the next run.

        Returns
        -------
        int
            Number of sent messages, answered or not.

        Raises
        ------
        InvalidInput
            ``bad_timeout``.
        StorageError
            The store cannot be used. The failure of a party is logged and does not stop the others.
        """
        check_timeout(timeout)
        run = _Round(timeout)
        for message in self._follow_up.outgoing():
            self._carry(message, run)
        for conversation in self._conversations:
            for message in conversation.tick():
                self._ask(conversation, message, run)
        self._follow_up.tick()
        return run.sent

    def _carry(self, message: Outgoing, run: _Round) -> None:
        answer = self._exchange(message, run)
        if isinstance(answer, Exception):
            code, _ = failure_of(answer)
            _log.warning("message=%s party=%s code=%s", message.number, message.party, code)
            return
        try:
            self._follow_up.deliver(message.party, answer, number=message.number)
        except ExchangeError as error:
            _log.warning(
                "message=%s party=%s answer rejected code=%s",
                message.number,
                message.party,
                error.code,
            )

    def _ask(self, conversation: Conversation, message: Outgoing, run: _Round) -> None:
        answer = self._exchange(message, run)
        if not isinstance(answer, Exception):
            conversation.deliver(message.party, answer, number=message.number)
            return
        try:
            conversation.fail(message.party, answer, number=message.number)
        except ExchangeError as error:
            # Meanwhile a search has asked the party anew, or the host has forgotten the search.
            _log.info("request=%s party=%s code=%s", message.number, message.party, error.code)

    def _exchange(self, message: Outgoing, run: _Round) -> bytes | Exception:
        party = message.party
        if party in run.dead:
            return run.dead[party]
        run.sent += 1
        try:
            return self._transport.exchange(party, message.data, timeout=run.timeout)
        except (TransportTimeout, TransportUnreachable) as error:
            run.dead[party] = error
            return error
        except Exception as error:
            return error

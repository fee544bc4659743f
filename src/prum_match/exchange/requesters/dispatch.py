"""Dispatch of replies of all kinds to conversations and follow-up."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from prum_match.errors import ExchangeError
from prum_match.exchange.asking.conversation import Conversation, Event
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit_desk import HitEvent
from prum_match.exchange.messages.envelope import peek
from prum_match.exchange.messages.follow_up import StatusMessage

_log = logging.getLogger("prum_match.exchange")


class ReplyDispatcher:
    """Dispatcher of replies: passes each to the conversation or follow-up that it belongs to.

    Parameters
    ----------
    conversations : iterable of Conversation
        One for each category.
    follow_up : FollowUp, optional
        Receives the answers to messages about hits.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> answers = ReplyDispatcher([exchange.Conversation("AT", "dna")], exchange.FollowUp("AT"))
    >>> answers.deliver("DE", b"no answer").code
    'malformed'
    """

    def __init__(
        self, conversations: Iterable[Conversation], follow_up: FollowUp | None = None
    ) -> None:
        self._conversations = {one.category: one for one in conversations}
        self._follow_up = follow_up

    def deliver(self, party: str, data: bytes) -> Event | HitEvent | None:
        """Pass a reply on.

        Parameters
        ----------
        party : str
            Sender, according to the authenticated channel.
        data : bytes
            A reply to a search or an answer to a message about a hit, or anything else.

        Returns
        -------
        Event or HitEvent or None
            Effect of the reply; None if nothing waits for it. Anybody can send such bytes, so this
            is logged and not an error.
        """
        seen = peek(data)
        if seen.kind == StatusMessage.KIND and self._follow_up is not None:
            try:
                return self._follow_up.deliver(party, data)
            except ExchangeError as error:
                _log.warning("party=%s answer rejected code=%s", party, error.code)
                return None
        conversation = self._conversations.get(seen.category or "")
        if (
            conversation is None
            and len(self._conversations) == 1
            and seen.kind != StatusMessage.KIND
        ):
            # An error about an unreadable request has no category.
            (conversation,) = self._conversations.values()
        if conversation is None:
            _log.warning("party=%s reply without a matching request", party)
            return None
        return conversation.deliver(party, data)

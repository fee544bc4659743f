"""What both requesters are given, and how a search of theirs begins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.conversation import Conversation
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.outbox import Retries
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import Clock, Limits, new_number, utc_now
from prum_match.exchange.requesters.fan_out import BACK_OFF, FanOut, InFlight
from prum_match.exchange.requesters.shared_conversation import SharedConversation

_Transport = TypeVar("_Transport")


class RequesterBase(Generic[_Transport]):
    """The settings of a requester; `Requester` describes them."""

    def __init__(
        self,
        transport: _Transport,
        own_party: str,
        *,
        category: str | engine.Category[Any, Any],
        max_in_flight: int = 4,
        max_attempts: int = 3,
        back_off: Retries = BACK_OFF,
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        limits: Limits = Limits(),
        follow_up: FollowUp | None = None,
        retries: Retries = Retries(),
        keep: timedelta = timedelta(days=30),
        give_up: timedelta = timedelta(days=30),
    ) -> None:
        for name, value in (("max_in_flight", max_in_flight), ("max_attempts", max_attempts)):
            if value < 1:
                raise InvalidInput("a limit is at least 1", code="bad_limit", field=name)
        self._transport = transport
        self._new_conversation = partial(
            SharedConversation,
            own_party,
            category,
            clock,
            new_number,
            limits,
            follow_up=follow_up,
            retries=retries,
            keep=keep,
            give_up=give_up,
        )
        # Made in any case: a wrong party or category shows here and not with the first search.
        self._kept = self._new_conversation()
        self._max_attempts = max_attempts
        self._back_off = back_off
        self._in_flight = InFlight(max_in_flight)

    @property
    def own_party(self) -> str:
        """Code of the party that asks."""
        return self._kept.own_party

    @property
    def category(self) -> str:
        """Name of the category."""
        return self._kept.category

    @property
    def conversation(self) -> Conversation:
        """The conversation that keeps the queries; several threads may use it.

        It takes answers that come after a search has returned, also after a restart, and knows the
        queries of a case.

        Raises
        ------
        ExchangeError
            ``no_follow_up``: without one, a query is forgotten when its search has returned.
        """
        if self._kept.follow_up is None:
            raise ExchangeError(
                "nothing is kept without a follow-up", code="no_follow_up", field="follow_up"
            )
        return self._kept

    def _begin(
        self,
        probe: Any,
        parties: Iterable[str],
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> FanOut:
        check_timeout(timeout)
        deadline = time.monotonic() + timeout
        # What keeps nothing gets a new conversation for each search, which goes with it: nothing
        # that was received can be left over, whatever becomes of the search.
        keeps = self._kept.follow_up is not None
        conversation = self._kept if keeps else self._new_conversation()
        pending = conversation.submit(
            probe, parties=parties, probe_id=probe_id, justification=justification
        )
        return FanOut(conversation, pending, deadline, self._max_attempts, self._back_off)


def check_timeout(timeout: float) -> None:
    """Refuse what is no time to wait."""
    if not isinstance(timeout, int | float) or not 0 < timeout <= threading.TIMEOUT_MAX:
        raise InvalidInput("seconds, more than none", code="bad_timeout", field="timeout")

"""Settings of both requesters, and the start of a search."""

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
from prum_match.values.checks import having, option_of, whole_number

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
        policy: engine.Policy | None = None,
    ) -> None:
        for name, value in (("max_in_flight", max_in_flight), ("max_attempts", max_attempts)):
            whole_number(value, name, least=1, code="bad_limit")
        option_of(back_off, Retries, "back_off")
        self._transport: _Transport = having(transport, "transport", "exchange", "exchange_all")
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
            policy=policy,
        )
        # Made in any case, so that a wrong party or category is refused here.
        self._kept = self._new_conversation()
        self.max_in_flight = max_in_flight
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
        """The conversation that keeps the searches; several threads may use it.

        It takes replies that arrive after a search has returned, even after a restart, and knows
        the searches of a case.

        Raises
        ------
        ExchangeError
            ``no_follow_up``: without a follow-up, a search is forgotten when it returns.
        """
        if self._kept.follow_up is None:
            raise ExchangeError(
                "give the requester a follow_up to keep its searches",
                code="no_follow_up",
                field="follow_up",
            )
        return self._kept

    def _begin(
        self,
        probe: Any,
        parties: Iterable[str],
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
        send_below_floor: bool,
    ) -> FanOut:
        check_timeout(timeout)
        deadline = time.monotonic() + timeout
        # Without a follow-up each search has a conversation of its own, which ends with it: no
        # received data can remain, however the search ends.
        keeps = self._kept.follow_up is not None
        conversation = self._kept if keeps else self._new_conversation()
        pending = conversation.submit(
            probe,
            parties=parties,
            probe_id=probe_id,
            justification=justification,
            send_below_floor=send_below_floor,
        )
        return FanOut(conversation, pending, deadline, self._max_attempts, self._back_off)


def check_timeout(timeout: float) -> None:
    """Refuse a timeout that is not a positive number of seconds."""
    if (
        not isinstance(timeout, int | float)
        or isinstance(timeout, bool)
        or not 0 < timeout <= threading.TIMEOUT_MAX
    ):
        raise InvalidInput("give a positive number of seconds", code="bad_timeout", field="timeout")

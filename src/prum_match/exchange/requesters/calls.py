"""The calls of a search, each on its own thread: one for each party, or one through a hub.

They are daemon threads without a pool: the interpreter waits at its end for the threads of a pool,
even for those that hang.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import TypeAlias

from prum_match.exchange.hits.outbox import Outgoing
from prum_match.exchange.reasons import reason_of
from prum_match.exchange.requesters.fan_out import FanOut, InFlight, Step
from prum_match.exchange.transport import (
    HubTransport,
    Transport,
    TransportBusy,
    TransportError,
    TransportTimeout,
)

_log = logging.getLogger("prum_match.exchange")

Settled: TypeAlias = SimpleQueue[str | Exception]
"""Parties of a search whose outcome is final; an error comes from the host's own store."""


class Calls:
    """Sends the messages of searches and passes the replies on."""

    def __init__(self, transport: Transport | HubTransport, in_flight: InFlight) -> None:
        self._transport = transport
        self._in_flight = in_flight

    def send(self, plan: FanOut, settled: Settled) -> None:
        """Begin the calls of a search; each of its parties comes once through `settled`."""
        steps = []
        for message in plan.pending.outgoing:
            if self._in_flight.enter(message.party):
                steps.append(Step(message))
            else:
                self._give_up(plan, message, TransportBusy(code="in_flight_limit"), settled)
        if not hasattr(self._transport, "exchange_all"):
            for step in steps:
                self._start(plan, [step], settled)
        elif steps:
            self._start(plan, steps, settled)

    def _start(self, plan: FanOut, steps: list[Step], settled: Settled) -> None:
        name = "hub" if len(steps) > 1 else steps[0].message.party
        thread = threading.Thread(
            target=self._run,
            args=(plan, steps, settled),
            name=f"prum-exchange-{name}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # the system cannot start another thread
            for step in steps:
                self._in_flight.leave(step.message.party)
                self._give_up(plan, step.message, TransportBusy(code="no_thread"), settled)

    def _run(self, plan: FanOut, steps: list[Step], settled: Settled) -> None:
        while steps and not plan.ended.wait(max(step.pause for step in steps)):
            steps = self._call(plan, steps, settled)
        for step in steps:
            self._in_flight.leave(step.message.party)

    def _call(self, plan: FanOut, steps: list[Step], settled: Settled) -> list[Step]:
        """Make one call and return the steps that follow it."""
        waiting = {step.message.party: step.message for step in steps}
        requests = {party: message.data for party, message in waiting.items()}
        timeout = max(0.0, plan.deadline - time.monotonic())
        last: list[Step] = []
        failure: Exception = TransportTimeout()
        try:
            for party, answer in self._exchange_all(requests, timeout):
                message = waiting.pop(party, None)
                if message is None:
                    _log.warning(
                        "the hub returned a party that was not asked, or returned one twice"
                    )
                    continue
                step = self._take(plan, message, answer, settled)
                if step is not None and waiting:
                    # On another thread: this call may still wait for other parties.
                    self._start(plan, [step], settled)
                elif step is not None:
                    last = [step]  # the call ends now, and its connection can be kept
        except Exception as error:
            failure = error
        except BaseException:  # a transport that tries to end the thread: the party has failed
            failure = TransportError()
        failed = (self._take(plan, one, failure, settled) for one in waiting.values())
        return last + [step for step in failed if step is not None]

    def _exchange_all(
        self, requests: Mapping[str, bytes], timeout: float
    ) -> Iterator[tuple[str, bytes | Exception]]:
        if hasattr(self._transport, "exchange_all"):
            yield from self._transport.exchange_all(requests, timeout=timeout)
        else:
            for party, request in requests.items():
                yield party, self._transport.exchange(party, request, timeout=timeout)

    def _take(
        self, plan: FanOut, message: Outgoing, answer: bytes | Exception, settled: Settled
    ) -> Step | None:
        result: str | Exception = message.party
        try:
            step = plan.take(message, answer, time.monotonic())
        except Exception as error:
            step, result = None, error
            code = reason_of(error)
            _log.error(
                "request=%s party=%s reply not stored code=%s", message.number, message.party, code
            )
        if step is None:
            # Before the outcome is visible: the caller may then ask the same party again.
            self._in_flight.leave(message.party)
            settled.put(result)
        return step

    def _give_up(
        self, plan: FanOut, message: Outgoing, error: TransportBusy, settled: Settled
    ) -> None:
        try:
            plan.give_up(message, error)
        except Exception as failure:
            settled.put(failure)
        else:
            settled.put(message.party)

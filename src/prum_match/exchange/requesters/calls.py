"""The calls of a search, on threads of their own: one for each party, or one through a hub.

Daemon threads, and no pool: a pool's threads are waited for when the interpreter ends, even those
that hang.
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
"""The parties of a search that are done with; an error is one of the host's own store."""


class Calls:
    """Sends the messages of searches and hands on what comes back."""

    def __init__(self, transport: Transport | HubTransport, in_flight: InFlight) -> None:
        self._transport = transport
        self._in_flight = in_flight

    def send(self, plan: FanOut, settled: Settled) -> None:
        """Begin the calls of a search; each party of it comes once through `settled`."""
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
        except RuntimeError:  # the system has no thread left
            for step in steps:
                self._in_flight.leave(step.message.party)
                self._give_up(plan, step.message, TransportBusy(code="no_thread"), settled)

    def _run(self, plan: FanOut, steps: list[Step], settled: Settled) -> None:
        while steps and not plan.ended.wait(max(step.pause for step in steps)):
            steps = self._call(plan, steps, settled)
        for step in steps:
            self._in_flight.leave(step.message.party)

    def _call(self, plan: FanOut, steps: list[Step], settled: Settled) -> list[Step]:
        """Make one call and return the steps that are to follow it."""
        waiting = {step.message.party: step.message for step in steps}
        requests = {party: message.data for party, message in waiting.items()}
        timeout = max(0.0, plan.deadline - time.monotonic())
        last: list[Step] = []
        failure: Exception = TransportTimeout()
        try:
            for party, answer in self._exchange_all(requests, timeout):
                message = waiting.pop(party, None)
                if message is None:
                    _log.warning("the hub names a party that it was not asked for, or again")
                    continue
                step = self._take(plan, message, answer, settled)
                if step is not None and waiting:
                    # Not on this thread: the call may go on for long, for the sake of others.
                    self._start(plan, [step], settled)
                elif step is not None:
                    last = [step]  # the call ends now; a line that is read to its end can be kept
        except Exception as error:
            failure = error
        except BaseException:  # a transport that means to end the thread: the party has failed
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
            _log.error("request=%s party=%s not kept: %s", message.number, message.party, code)
        if step is None:
            # Before the answer shows: who has seen it may ask the same party again.
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

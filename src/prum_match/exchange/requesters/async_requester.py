"""`Requester` for a host on an event loop: tasks instead of threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from prum_match.exchange.hits.outbox import Outgoing
from prum_match.exchange.justification import Justification
from prum_match.exchange.outcomes import PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.base import RequesterBase
from prum_match.exchange.requesters.fan_out import FanOut, Step
from prum_match.exchange.transport import AsyncTransport, TransportBusy, TransportError


class AsyncRequester(RequesterBase[AsyncTransport]):
    """Asks many parties at once, without threads, within one timeout.

    Parameters
    ----------
    transport : AsyncTransport
        Carries the messages; the caller closes it.
    own_party, category, max_in_flight, max_attempts, back_off, clock, new_number, limits
        As for `Requester`.
    follow_up, retries, keep, give_up, policy
        As for `Requester`.

    Raises
    ------
    InvalidInput
        As for `Requester`.

    Notes
    -----
    Any number of searches may run at once on one event loop. At the deadline, and when the caller
    is cancelled, running calls are cancelled and awaited: a transport must react to cancellation.
    With a follow-up, each reply is a transaction of its store on the thread of the loop.

    Examples
    --------
    >>> import asyncio
    >>> from prum_match import exchange
    >>> class Nobody:
    ...     async def exchange(self, party, request, *, timeout):
    ...         raise exchange.TransportRefused
    ...     async def aclose(self):
    ...         pass
    >>> requester = AsyncRequester(Nobody(), "AT", category="face")
    >>> asyncio.run(requester.search(exchange.Sample(b"an image"), ["DE", "FR"], timeout=5))
    SearchOutcome(DE: refused, FR: refused)
    """

    async def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> SearchOutcome:
        """Ask `parties` and return their outcomes when all have answered or the time is over.

        Parameters and errors are those of `Requester.search`.
        """
        plan = self._begin(probe, parties, timeout, probe_id, justification, send_below_floor)
        async with aclosing(self._answers(plan)) as answers:
            async for _ in answers:
                pass
        return plan.pending.outcome

    def iter_search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> AsyncGenerator[tuple[str, PartyOutcome], None]:
        """Ask `parties` and yield each with its outcome as soon as it is final.

        This call checks the search and starts its time; the requests leave with the first step of
        the iteration. Parameters and errors are those of `search`; a party that has not answered in
        time comes last, with `Outcome.TIMEOUT`. Close the iteration with `contextlib.aclosing` to
        leave it early.
        """
        return self._answers(
            self._begin(probe, parties, timeout, probe_id, justification, send_below_floor)
        )

    async def _answers(self, plan: FanOut) -> AsyncGenerator[tuple[str, PartyOutcome], None]:
        tasks = [asyncio.create_task(self._ask(plan, one)) for one in plan.pending.outgoing]
        left = dict.fromkeys(plan.pending.asked)
        running = set(tasks)
        try:
            while running:
                done, running = await asyncio.wait(
                    running,
                    timeout=max(0.0, plan.deadline - time.monotonic()),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not done:
                    plan.finish()
                    await _cancelled(tasks)
                    break
                for task in done:
                    party = task.result()
                    del left[party]
                    yield party, plan.state(party)
            for party in left:
                yield party, plan.state(party)
        finally:
            plan.ended.set()  # no repetition after a transport that replies when cancelled
            await _cancelled(tasks)

    async def _ask(self, plan: FanOut, message: Outgoing) -> str:
        """Ask one party until its outcome is final, and return its code."""
        party = message.party
        if not self._in_flight.enter(party):
            plan.give_up(message, TransportBusy(code="in_flight_limit"))
            return party
        try:
            step: Step | None = Step(message)
            while step is not None:
                await asyncio.sleep(step.pause)
                answer = await self._exchange(step.message, plan.deadline)
                step = plan.take(step.message, answer, time.monotonic())
        finally:
            self._in_flight.leave(party)
        return party

    async def _exchange(self, message: Outgoing, deadline: float) -> bytes | Exception:
        timeout = max(0.0, deadline - time.monotonic())
        try:
            return await self._transport.exchange(message.party, message.data, timeout=timeout)
        except Exception as error:
            return error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # The transport cancelled itself, which is its failure.
            return TransportError()


async def _cancelled(tasks: Iterable[asyncio.Task[str]]) -> None:
    """Cancel running tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

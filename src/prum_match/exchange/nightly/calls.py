"""The calls of a night: one by one, on threads, or as tasks of an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import aclosing
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.justification import Justification
from prum_match.exchange.nightly.open_search import OpenSearch
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.requester import Requester


class Asks(Protocol):
    """The part of a requester of a host's own that a run uses, one search at a time."""

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> SearchOutcome:
        """Ask the parties and return their outcomes when the time is over."""
        ...


class Question(NamedTuple):
    """One search that is sent to some parties."""

    search: OpenSearch
    probe: Callable[[], Any]
    parties: tuple[str, ...]
    asked_at: datetime

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of a requester besides probe, parties and timeout."""
        return {"probe_id": self.search.reference, "justification": self.search.justification}

    @property
    def checked(self) -> dict[str, Any]:
        """The same for a probe that was checked when its open search was added."""
        return {**self.options, "send_below_floor": True}

    def unsent(self, outcome: Outcome, code: str) -> Answer:
        """Return the answer for a search that was not sent."""
        said = PartyOutcome(outcome, error_code=code)
        return self.answer(SearchOutcome(dict.fromkeys(self.parties, said)))

    def refused(self, error: ExchangeError | InvalidInput) -> Answer:
        """Return the answer for a search that may not be sent: it does not end the run."""
        return self.unsent(Outcome.REFUSED, error.code)

    def answer(self, outcome: SearchOutcome) -> Answer:
        """Return the answer with the outcomes of some of the parties."""
        return Answer(self.search, self.asked_at, outcome)


class Answer(NamedTuple):
    """The outcomes of a search at some parties."""

    search: OpenSearch
    asked_at: datetime
    outcome: SearchOutcome


class OneByOne:
    """Calls on the calling thread, through ``search``."""

    def __init__(self, requester: Asks, timeout: float) -> None:
        self._requester = requester
        self._timeout = timeout
        self._answers: list[Answer] = []

    def send(self, question: Question) -> bool:
        """Ask, and return whether further questions may be sent before `collect`."""
        try:
            outcome = self._requester.search(
                question.probe(), question.parties, timeout=self._timeout, **question.options
            )
        except (ExchangeError, InvalidInput) as error:
            self._answers.append(question.refused(error))
        else:
            said = {party: outcome[party] for party in question.parties}
            self._answers.append(question.answer(SearchOutcome(said)))
        return False

    def collect(self, wait: float | None) -> list[Answer]:
        """Return the answers so far."""
        answers, self._answers = self._answers, []
        if not answers:
            threading.Event().wait(wait)
        return answers


class Threads:
    """Calls at the same time, each on a daemon thread that ends with its timeout."""

    def __init__(self, requester: Requester, timeout: float) -> None:
        self._requester = requester
        self._timeout = timeout
        self._answers: SimpleQueue[Answer | BaseException] = SimpleQueue()

    def send(self, question: Question) -> bool:
        """Ask, and return whether further questions may be sent before `collect`."""
        name = f"prum-night-{'-'.join(question.parties[:1])}"
        thread = threading.Thread(target=self._ask, args=(question,), name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system cannot start another thread
            self._answers.put(question.unsent(Outcome.BUSY, code="no_thread"))
        return True

    def collect(self, wait: float | None) -> list[Answer]:
        """Wait for the next answer, at most so many seconds, and return all that are there."""
        found = []
        try:
            found.append(self._answers.get(timeout=wait))
            while True:
                found.append(self._answers.get_nowait())
        except Empty:
            pass
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return [one for one in found if isinstance(one, Answer)]

    def _ask(self, question: Question) -> None:
        try:
            try:
                outcomes = self._requester.iter_search(
                    question.probe(), question.parties, timeout=self._timeout, **question.checked
                )
            except (ExchangeError, InvalidInput) as error:
                self._answers.put(question.refused(error))
                return
            for party, outcome in outcomes:
                self._answers.put(question.answer(SearchOutcome({party: outcome})))
        except BaseException as error:
            self._answers.put(error)


class Tasks:
    """Calls at the same time, each as a task of the running event loop."""

    def __init__(self, requester: AsyncRequester, timeout: float) -> None:
        self._requester = requester
        self._timeout = timeout
        self._answers: asyncio.Queue[Answer | BaseException] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, question: Question) -> bool:
        """Ask, and return whether further questions may be sent before `collect`."""
        task = asyncio.create_task(self._ask(question))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def collect(self, wait: float | None) -> list[Answer]:
        """Wait for the next answer, at most so many seconds, and return all that are there."""
        found = []
        try:
            found.append(await asyncio.wait_for(self._answers.get(), wait))
            while True:
                found.append(self._answers.get_nowait())
        except (TimeoutError, asyncio.QueueEmpty):
            pass
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return [one for one in found if isinstance(one, Answer)]

    async def close(self) -> None:
        """Cancel the calls that are under way, and wait until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, question: Question) -> None:
        try:
            try:
                outcomes = self._requester.iter_search(
                    question.probe(), question.parties, timeout=self._timeout, **question.checked
                )
            except (ExchangeError, InvalidInput) as error:
                self._answers.put_nowait(question.refused(error))
                return
            async with aclosing(outcomes):
                async for party, outcome in outcomes:
                    self._answers.put_nowait(question.answer(SearchOutcome({party: outcome})))
        except Exception as error:
            self._answers.put_nowait(error)

"""The same by hand: `concurrent.futures` over the conversation core, without asking again."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from benchmarks.exchange.fan_out import (
    ASKED,
    OWN,
    TIMEOUT,
    Crowd,
    Ended,
    FanOutCase,
    answer,
    detail,
    ended,
)
from benchmarks.task import Pass
from prum_match.exchange import Conversation, SearchOutcome, TransportTimeout

NAME = "ThreadPoolExecutor"


def missing() -> str | None:
    return None


def load(case: FanOutCase) -> Pass:
    def search(crowd: Crowd) -> SearchOutcome:
        deadline = time.monotonic() + TIMEOUT
        conversation = Conversation(OWN, "dna")
        query = conversation.submit(case.probe, parties=ASKED)
        pool = ThreadPoolExecutor(len(ASKED))
        calls: dict[Future[bytes], str] = {
            pool.submit(crowd.exchange, one.party, one.data, timeout=TIMEOUT): one.party
            for one in query.outgoing
        }
        done, late = wait(calls, timeout=max(0.0, deadline - time.monotonic()))
        for call in done:
            error = call.exception()
            if isinstance(error, Exception):
                conversation.fail(calls[call], error)
            else:
                conversation.deliver(calls[call], call.result())
        for call in late:
            conversation.fail(calls[call], TransportTimeout())
        pool.shutdown(wait=False, cancel_futures=True)
        return query.outcome

    def run() -> Ended:
        return ended(search, Crowd(case))

    return Pass(
        run,
        answer,
        how="a pool of 26 threads, which the interpreter waits for when it ends",
        measure=lambda found: found.seconds,
        detail=detail,
    )

"""26 parties at once, some slow, hung or broken: outcomes and leftover threads."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from prum_match.exchange import (
    PARTIES,
    InProcessTransport,
    Outcome,
    Requester,
    Responder,
    TransportUnreachable,
)
from prum_match.exchange.requesters.async_requester import AsyncRequester

ASKED = [code for code in PARTIES if code not in {"AT", "EUROPOL"}][:26]
SLOW, HUNG, BROKEN = ASKED[18:22], ASKED[22:24], ASKED[24:]
EXPECTED = Counter({Outcome.HIT: 22, Outcome.TIMEOUT: 2, Outcome.UNREACHABLE: 2})
TIMEOUT = 3


class Crowd:
    def __init__(self, responders):
        self.inner = InProcessTransport(responders, "AT")
        self.closed = threading.Event()

    def exchange(self, party, request, *, timeout):
        if party in SLOW:
            time.sleep(0.1)
        if party in HUNG:
            self.closed.wait(60)
        if party in BROKEN:
            raise TransportUnreachable
        return self.inner.exchange(party, request, timeout=timeout)

    def close(self):
        self.closed.set()


class AsyncCrowd(Crowd):
    async def exchange(self, party, request, *, timeout):
        if party in SLOW:
            await asyncio.sleep(0.1)
        if party in HUNG:
            await asyncio.sleep(60)
        return super().exchange(party, request, timeout=timeout) if party not in HUNG else b""


class HubCrowd(Crowd):
    def exchange_all(self, requests, *, timeout):
        last = []
        for party, request in requests.items():
            if party in HUNG:
                last.append(party)
                continue
            try:
                answer = self.exchange(party, request, timeout=timeout)
            except TransportUnreachable as error:
                answer = error
            yield party, answer
        for party in last:
            self.closed.wait(60)
            yield party, TransportUnreachable()


@pytest.fixture
def responders(toy, clock):
    return {
        party: Responder(
            party, {"toy": toy.Gallery({f"{party}-1": toy.Item("apple")})}, clock=clock
        )
        for party in ASKED
    }


@pytest.fixture
def nothing_left():
    threads, files = set(threading.enumerate()), open_files()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)
        assert not thread.is_alive()
    assert open_files() <= files


def open_files():
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.is_dir() else 0


@pytest.mark.parametrize("crowd", [Crowd, HubCrowd])
def test_threads(crowd, responders, toy, nothing_left):
    transport = crowd(responders)
    requester = Requester(transport, "AT", category="toy")
    start = time.monotonic()
    outcome = requester.search(toy.Item("apple"), ASKED, timeout=TIMEOUT)
    assert TIMEOUT <= time.monotonic() - start < TIMEOUT + 30
    assert len(outcome.asked) == 26
    assert Counter(one.outcome for one in outcome.values()) == EXPECTED
    assert {party for party, _ in outcome.hits} == set(outcome.answered)
    assert all(one.elapsed is not None for one in outcome.values())
    transport.close()


def test_tasks(responders, toy, nothing_left):
    transport = AsyncCrowd(responders)

    async def ask():
        requester = AsyncRequester(transport, "AT", category="toy")
        outcome = await requester.search(toy.Item("apple"), ASKED, timeout=TIMEOUT)
        return outcome, asyncio.all_tasks() - {asyncio.current_task()}

    outcome, tasks = asyncio.run(ask())
    assert tasks == set()
    assert Counter(one.outcome for one in outcome.values()) == EXPECTED


@pytest.mark.parametrize("method", ["exchange", "exchange_all"])
def test_a_hung_call_does_not_hold_up_the_end_of_the_interpreter(method):
    script = f"""
        import importlib.util, sys, threading
        sys.path.insert(0, {str(conftest().parents[2])!r})
        from prum_match import engine
        from prum_match.exchange import Requester

        spec = importlib.util.spec_from_file_location("toy", {str(conftest())!r})
        toy = sys.modules["toy"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(toy)
        engine.category = toy.category

        class Hanging:
            def {method}(self, *request, timeout):
                threading.Event().wait()
            def close(self):
                pass

        asker = Requester(Hanging(), "AT", category="toy")
        answers = asker.iter_search(toy.Item("apple"), ["DE", "FR"], timeout=3600)
        print(asker.search(toy.Item("apple"), ["DE", "FR"], timeout=0.1))
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.strip() == "SearchOutcome(DE: timeout, FR: timeout)"
    assert ended.stderr == ""


def conftest() -> Path:
    return Path(__file__).parents[1] / "conftest.py"

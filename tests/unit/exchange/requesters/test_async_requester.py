from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from datetime import timedelta

import pytest

from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    Conversation,
    FollowUp,
    Outcome,
    Responder,
    Retries,
    TransportBusy,
    TransportRefused,
    TransportUnreachable,
)
from prum_match.exchange.messages import decode_request
from prum_match.exchange.requesters.async_requester import AsyncRequester
from support.exchange.loops import run_alone

PARTIES = ["BE", "DE", "FR", "NL"]
SOON = Retries(first=timedelta(milliseconds=1), longest=timedelta(milliseconds=1))
HANG = "hang"


class Line:
    """Each party's calls meet its script in turn: errors, events to wait for, and then answers."""

    def __init__(self, responders, script):
        self.responders = responders
        self.script = {party: list(items) for party, items in script.items()}
        self.numbers = {party: [] for party in responders}
        self.cancelled = []
        self.timeouts = []

    async def exchange(self, party, request, *, timeout):
        self.timeouts.append(timeout)
        self.numbers[party].append(decode_request(request).number)
        item = self.script[party].pop(0) if self.script.get(party) else "answer"
        try:
            if item == HANG:
                await asyncio.sleep(3600)
            if isinstance(item, asyncio.Event):
                await item.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # a transport that tidies up
            self.cancelled.append(party)
            raise
        if isinstance(item, BaseException):
            raise item
        if isinstance(item, bytes):
            return item
        return self.responders[party].handle("AT", request)

    async def aclose(self):
        pass


@pytest.fixture
def asker(toy, clock):
    responders = {
        party: Responder(
            party, {"toy": toy.Gallery({f"{party}-1": toy.Item("apple")})}, clock=clock
        )
        for party in PARTIES
    }

    def build(script=None, **options):
        line = Line(responders, script or {})
        options = {"back_off": SOON, **options}
        return AsyncRequester(line, "AT", category="toy", **options), line

    return build


def test_every_party_is_asked_and_counted(asker, toy):
    script = {"BE": [TransportRefused()], "FR": [b"rubbish"] * 2, "NL": [HANG]}
    requester, line = asker(script)
    outcome = run_alone(requester.search(toy.Item("apple"), PARTIES, timeout=2, probe_id="AT-7"))
    assert {party: one.outcome for party, one in outcome.items()} == {
        "BE": Outcome.REFUSED,
        "DE": Outcome.HIT,
        "FR": Outcome.INVALID_REPLY,
        "NL": Outcome.TIMEOUT,
    }
    assert (outcome.asked, outcome.answered, outcome.complete) == (tuple(PARTIES), ("DE",), False)
    assert line.cancelled == ["NL"]
    assert all(0 < timeout <= 2 for timeout in line.timeouts)


def test_a_search_waits_until_its_timeout(asker, toy):
    requester, _ = asker({"NL": [HANG]})
    start = time.monotonic()
    run_alone(requester.search(toy.Item("apple"), PARTIES, timeout=0.5))
    assert 0.5 <= time.monotonic() - start < 60


@pytest.mark.parametrize(
    "failure",
    [TransportUnreachable(), TransportBusy(retry_after=0.002), b"rubbish"],
    ids=["unreachable", "busy", "garbled"],
)
def test_a_passing_failure_does_not_fail_the_search(asker, toy, failure):
    requester, line = asker({"DE": [failure]})
    assert run_alone(requester.search(toy.Item("apple"), ["DE"], timeout=60)).complete
    first, second = line.numbers["DE"]
    assert first == second


def test_attempts_are_counted(asker, toy):
    requester, line = asker({"DE": [TransportUnreachable()] * 9}, max_attempts=3)
    outcome = run_alone(requester.search(toy.Item("apple"), ["DE"], timeout=60))
    assert outcome["DE"].outcome is Outcome.UNREACHABLE
    assert len(line.numbers["DE"]) == 3


def test_parties_come_as_they_answer(asker, toy):
    async def look():
        gate = asyncio.Event()
        script = {"DE": [gate], "FR": [TransportRefused()], "NL": [HANG]}
        requester, line = asker(script)
        seen = []
        probe = toy.Item("apple")
        async for party, one in requester.iter_search(probe, ["DE", "FR", "NL"], timeout=2):
            seen.append((party, one.outcome, list(line.cancelled)))
            gate.set()
        return seen

    assert run_alone(look()) == [
        ("FR", Outcome.REFUSED, []),
        ("DE", Outcome.HIT, []),
        ("NL", Outcome.TIMEOUT, ["NL"]),
    ]


def test_an_answer_in_time_counts_though_it_is_looked_at_late(asker, toy):
    async def look():
        requester, _ = asker()
        answers = requester.iter_search(toy.Item("apple"), ["DE", "FR"], timeout=1)
        first = await anext(answers)
        await asyncio.sleep(1.2)
        return [first, *[one async for one in answers]]

    assert {one.outcome for _, one in run_alone(look())} == {Outcome.HIT}


def test_leaving_the_loop_ends_the_search(asker, toy):
    requester, line = asker({"NL": [HANG]})

    async def look():
        async with aclosing(
            requester.iter_search(toy.Item("apple"), ["DE", "NL"], timeout=3600)
        ) as answers:
            async for party, _ in answers:
                return party

    assert run_alone(look()) == "DE"
    assert line.cancelled == ["NL"]


@pytest.mark.parametrize("ending", ["deadline", "early"])
def test_a_transport_that_answers_to_its_cancellation_is_not_asked_again(ending, asker, toy):
    calls = []

    class Stubborn:
        async def exchange(self, party, request, *, timeout):
            calls.append(party)
            if party == "DE":
                raise TransportRefused
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                raise TransportUnreachable from None

    async def look():
        requester = AsyncRequester(Stubborn(), "AT", category="toy", back_off=SOON)
        timeout = 1 if ending == "deadline" else 3600
        answers = requester.iter_search(toy.Item("apple"), ["DE", "FR"], timeout=timeout)
        async with aclosing(answers):
            seen = [await anext(answers)]
            if ending == "deadline":
                seen += [one async for one in answers]
        return [(party, one.outcome) for party, one in seen]

    expected = [("DE", Outcome.REFUSED), ("FR", Outcome.TIMEOUT)]
    assert run_alone(look()) == expected[: 2 if ending == "deadline" else 1]
    assert calls == ["DE", "FR"]


def test_a_busy_party_is_asked_again_after_its_stated_time(asker, toy):
    requester, line = asker({"DE": [TransportBusy(retry_after=0.3)]})
    start = time.monotonic()
    assert run_alone(requester.search(toy.Item("apple"), ["DE"], timeout=60)).complete
    assert time.monotonic() - start >= 0.3
    assert line.timeouts[1] <= 59.7


def test_a_caller_that_is_cancelled_cancels_its_calls(asker, toy):
    requester, line = asker({"DE": [HANG], "FR": [HANG]}, max_in_flight=1)

    async def cancel():
        search = asyncio.create_task(
            requester.search(toy.Item("apple"), ["DE", "FR"], timeout=3600)
        )
        while not (line.numbers["DE"] and line.numbers["FR"]):
            await asyncio.sleep(0)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        return await requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60)

    assert run_alone(cancel()).complete
    assert sorted(line.cancelled) == ["DE", "FR"]


def test_a_transport_that_cancels_itself_has_failed(asker, toy):
    requester, _ = asker({"DE": [asyncio.CancelledError()]})
    outcome = run_alone(requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60))
    assert outcome["DE"].outcome is Outcome.REMOTE_ERROR
    assert outcome["FR"].outcome is Outcome.HIT


def test_a_party_has_only_so_many_calls(asker, toy):
    requester, line = asker({"DE": [HANG]}, max_in_flight=1)

    async def both():
        first = asyncio.create_task(requester.search(toy.Item("apple"), ["DE"], timeout=0.5))
        while not line.numbers["DE"]:
            await asyncio.sleep(0)
        second = await requester.search(toy.Item("apple"), ["DE"], timeout=60)
        return await first, second

    first, second = run_alone(both())
    assert first["DE"].outcome is Outcome.TIMEOUT
    assert (second["DE"].outcome, second["DE"].error_code) == (Outcome.BUSY, "in_flight_limit")
    assert len(line.numbers["DE"]) == 1


def test_many_searches_at_once(asker, toy):
    requester, line = asker(max_in_flight=1000)

    async def crowd():
        searches = (requester.search(toy.Item("apple"), PARTIES, timeout=60) for _ in range(100))
        return await asyncio.gather(*searches)

    assert all(outcome.complete for outcome in run_alone(crowd()))
    assert len(set(line.numbers["DE"])) == 100


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"timeout": 0}, InvalidInput, "bad_timeout"),
        ({"timeout": float("nan")}, InvalidInput, "bad_timeout"),
        ({"parties": ["DE", "XX"]}, InvalidInput, "unknown_party"),
        ({"word": "home", "at_home": True}, ExchangeError, "probe_stays_in_house"),
    ],
)
def test_an_invalid_search_sends_nothing(arguments, error, code, asker, toy):
    requester, line = asker()
    probe = toy.Item(arguments.get("word", "apple"), at_home=arguments.get("at_home", False))
    parties, timeout = arguments.get("parties", ["DE"]), arguments.get("timeout", 60)
    with pytest.raises(error) as caught:
        run_alone(requester.search(probe, parties, timeout=timeout))
    assert caught.value.code == code
    with pytest.raises(error):
        requester.iter_search(probe, parties, timeout=timeout)
    assert not any(line.numbers.values())


def test_an_unused_iterator_sends_nothing(asker, toy, clock):
    requester, line = asker(follow_up=FollowUp("AT", clock=clock), clock=clock)
    requester.iter_search(toy.Item("apple"), PARTIES, timeout=60)
    [pending] = requester.conversation.searches()
    assert not any(line.numbers.values())
    clock.sleep(3600)
    assert [one.party for one in requester.conversation.tick()] == list(pending.asked) == PARTIES


def test_with_a_follow_up_open_requests_can_be_answered_later(asker, toy, clock):
    requester, line = asker({"DE": [HANG]}, follow_up=FollowUp("AT", clock=clock), clock=clock)
    run_alone(requester.search(toy.Item("apple"), ["DE", "FR"], timeout=2))
    [pending] = requester.conversation.searches()
    assert pending.outcome["DE"].outcome is Outcome.TIMEOUT
    clock.sleep(3600)
    [message] = requester.conversation.tick()
    requester.conversation.deliver("DE", line.responders["DE"].handle("AT", message.data))
    assert pending.outcome["DE"].outcome is Outcome.HIT


def test_a_failing_store_raises_in_the_caller(asker, toy, clock, monkeypatch):
    requester, _ = asker(follow_up=FollowUp("AT", clock=clock), max_in_flight=1)

    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "deliver", full)
        with pytest.raises(StorageError):
            run_alone(requester.search(toy.Item("apple"), PARTIES, timeout=60))
    assert run_alone(requester.search(toy.Item("apple"), PARTIES, timeout=60)).complete

"""A requester over a hub: one call for many parties, and separate calls for repetitions."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from prum_match.exchange import (
    Outcome,
    Requester,
    Responder,
    Retries,
    TransportBusy,
    TransportRefused,
    TransportUnreachable,
)

PARTIES = ["BE", "DE", "FR", "NL"]
SOON = Retries(first=timedelta(milliseconds=1), longest=timedelta(milliseconds=1))


class Hub:
    """Each call meets a script: a list of pairs to yield, events to wait for, errors to raise."""

    def __init__(self, responders, *calls):
        self.responders = responders
        self.calls = list(calls)
        self.requests = []

    def exchange_all(self, requests, *, timeout):
        self.requests.append((dict(requests), timeout))
        script = self.calls.pop(0) if self.calls else list(requests)
        for item in script:
            if isinstance(item, threading.Event):
                item.wait(60)
            elif isinstance(item, Exception):
                raise item
            elif isinstance(item, tuple):
                yield item
            elif item in requests:
                yield item, self.responders[item].handle("AT", requests[item])

    def close(self):
        pass


@pytest.fixture
def asker(toy, clock):
    responders = {
        party: Responder(
            party, {"toy": toy.Gallery({f"{party}-1": toy.Item("apple")})}, clock=clock
        )
        for party in PARTIES
    }

    def build(*calls, **options):
        hub = Hub(responders, *calls)
        return Requester(hub, "AT", category="toy", **{"back_off": SOON, **options}), hub

    return build


@pytest.fixture
def hang():
    event = threading.Event()
    yield event
    event.set()


def outcomes(outcome):
    return {party: one.outcome for party, one in outcome.items()}


def test_one_call_for_all_parties(asker, toy):
    requester, hub = asker()
    outcome = requester.search(toy.Item("apple"), PARTIES, timeout=60)
    assert outcome.complete
    assert [(party, one.reference) for party, one in outcome.hits] == [
        (party, f"{party}-1") for party in PARTIES
    ]
    [(requests, timeout)] = hub.requests
    assert list(requests) == PARTIES
    assert 0 < timeout <= 60


def test_answers_come_as_the_hub_has_them(asker, toy, hang):
    requester, _ = asker(["NL", hang, "BE", "FR", "DE"])
    answers = requester.iter_search(toy.Item("apple"), PARTIES, timeout=60)
    assert next(answers)[0] == "NL"
    hang.set()
    assert [party for party, _ in answers] == ["BE", "FR", "DE"]


def test_a_party_that_the_hub_does_not_reach_in_time_has_not_answered(asker, toy, hang):
    requester, _ = asker(["DE", ("FR", TransportRefused()), hang])
    outcome = requester.search(toy.Item("apple"), PARTIES, timeout=2)
    assert outcomes(outcome) == {
        "BE": Outcome.TIMEOUT,
        "DE": Outcome.HIT,
        "FR": Outcome.REFUSED,
        "NL": Outcome.TIMEOUT,
    }


def test_parties_that_the_hub_is_silent_about_are_asked_for_together(asker, toy):
    requester, hub = asker(["DE", "FR"])
    assert requester.search(toy.Item("apple"), PARTIES, timeout=60).complete
    first, again = (requests for requests, _ in hub.requests)
    assert list(again) == ["BE", "NL"]
    assert again.items() <= first.items()


def test_a_hub_that_fails_is_asked_again_once_for_all(asker, toy):
    requester, hub = asker([TransportUnreachable()], ["NL", TransportUnreachable()])
    assert requester.search(toy.Item("apple"), PARTIES, timeout=60).complete
    assert [list(requests) for requests, _ in hub.requests] == [PARTIES, PARTIES, PARTIES[:3]]


def test_a_hub_that_stays_away_is_unreachable(asker, toy):
    requester, hub = asker(*[[TransportUnreachable()]] * 9, max_attempts=2)
    outcome = requester.search(toy.Item("apple"), PARTIES, timeout=60)
    assert set(outcomes(outcome).values()) == {Outcome.UNREACHABLE}
    assert len(hub.requests) == 2


def test_one_party_is_asked_again_while_the_call_for_the_others_goes_on(asker, toy, hang):
    requester, hub = asker([("DE", TransportBusy()), hang, "BE", "FR", "NL"])
    answers = requester.iter_search(toy.Item("apple"), PARTIES, timeout=60)
    party, one = next(answers)
    assert (party, one.outcome) == ("DE", Outcome.HIT)
    hang.set()
    assert {one.outcome for _, one in answers} == {Outcome.HIT}
    assert [list(requests) for requests, _ in hub.requests] == [PARTIES, ["DE"]]


def test_unasked_or_repeated_parties_from_a_hub_change_nothing(asker, toy, caplog):
    requester, _ = asker(["DE", ("DE", b"CANARY"), ("IT", b"CANARY"), "BE", "FR", "NL"])
    assert requester.search(toy.Item("apple"), PARTIES, timeout=60).complete
    assert caplog.text.count("party that was not asked") == 2
    assert "CANARY" not in caplog.text


def test_parties_behind_a_hung_hub_are_busy(asker, toy, hang):
    requester, hub = asker([hang], max_in_flight=1)
    requester.search(toy.Item("apple"), ["DE", "FR"], timeout=0.5)
    threads = threading.active_count()
    outcome = requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60)
    assert {one.error_code for one in outcome.values()} == {"in_flight_limit"}
    assert threading.active_count() == threads
    assert len(hub.requests) == 1
    partly = requester.search(toy.Item("apple"), ["DE", "NL"], timeout=60)
    assert outcomes(partly) == {"DE": Outcome.BUSY, "NL": Outcome.HIT}
    hang.set()
    deadline = time.monotonic() + 60
    while not requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60).complete:
        assert time.monotonic() < deadline


def test_a_system_without_threads_is_busy(asker, toy, monkeypatch):
    def no_thread(self):
        raise RuntimeError("can't start new thread")

    requester, hub = asker(max_in_flight=1)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    for _ in range(2):
        outcome = requester.search(toy.Item("apple"), PARTIES, timeout=60)
        assert [one.error_code for one in outcome.values()] == ["no_thread"] * 4
    assert hub.requests == []


def test_no_thread_is_left(asker, toy, hang):
    before = set(threading.enumerate())
    requester, _ = asker(["DE", hang])
    requester.search(toy.Item("apple"), PARTIES, timeout=0.5)
    hang.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()


def test_the_last_party_is_asked_again_and_the_call_read_to_its_end(asker, toy, caplog):
    requester, hub = asker(["BE", "DE", "FR", ("NL", TransportBusy()), ("IT", b"")])
    assert requester.search(toy.Item("apple"), PARTIES, timeout=60).complete
    assert [list(requests) for requests, _ in hub.requests] == [PARTIES, ["NL"]]
    assert "party that was not asked" in caplog.text

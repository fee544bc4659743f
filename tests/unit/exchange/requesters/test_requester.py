from __future__ import annotations

import threading
import time

import pytest

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import (
    InProcessTransport,
    Outcome,
    Requester,
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.messages import decode_request

PARTIES = ["BE", "DE", "FR", "NL"]


class Scripted:
    """A transport with scripted parties: a reply, an error to raise, or an event."""

    def __init__(self, script, responder):
        self.script, self.responder = script, responder
        self.calls = []

    def exchange(self, party, request, *, timeout):
        self.calls.append((party, timeout))
        what = self.script.get(party, "answer")
        if isinstance(what, threading.Event):
            what.wait(30)
            what = "answer"
        if isinstance(what, Exception):
            raise what
        return self.responder.handle("AT", request) if what == "answer" else what

    def close(self):
        pass


@pytest.fixture
def hang():
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def requester(germany):
    def build(script, **options):
        transport = Scripted(script, germany)
        options = {"max_attempts": 1, **options}  # asking again has a file of its own
        return Requester(transport, "AT", category="toy", **options), transport

    return build


def test_every_party_is_asked_and_counted(requester, toy, hang):
    script = {"BE": TransportUnreachable(), "NL": hang, "FR": b"rubbish"}
    asker, transport = requester(script)
    start = time.monotonic()
    outcome = asker.search(toy.Item("apple"), PARTIES, timeout=1.5, probe_id="AT-7")
    assert time.monotonic() - start >= 1.5
    assert {party: one.outcome for party, one in outcome.items()} == {
        "BE": Outcome.UNREACHABLE,
        "DE": Outcome.HIT,
        "FR": Outcome.INVALID_REPLY,
        "NL": Outcome.TIMEOUT,
    }
    assert outcome.asked == tuple(PARTIES)
    assert outcome.answered == ("DE",)
    assert not outcome.complete
    assert [(party, one.reference) for party, one in outcome.hits] == [
        ("DE", "DE-1"),
        ("DE", "DE-2"),
    ]
    assert {party for party, _ in transport.calls} == set(PARTIES)
    assert all(0 < timeout <= 1.5 for _, timeout in transport.calls)


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (TransportTimeout(), Outcome.TIMEOUT, "timeout"),
        (TransportBusy(retry_after=7.5), Outcome.BUSY, "busy"),
        (TransportRefused(), Outcome.REFUSED, "refused"),
        (ValueError("CANARY"), Outcome.REMOTE_ERROR, "transport_error"),
        (None, Outcome.INVALID_REPLY, "malformed"),
    ],
)
def test_faults_of_a_transport_become_outcomes(error, outcome, code, requester, toy, caplog):
    caplog.set_level("DEBUG", "prum_match")
    asker, _ = requester({"DE": error})
    one = asker.search(toy.Item("apple"), ["DE"], timeout=5)["DE"]
    assert (one.outcome, one.error_code) == (outcome, code)
    assert one.retry_after == getattr(error, "retry_after", None)
    assert "CANARY" not in caplog.text


def test_no_hit_everywhere_is_complete(requester, toy):
    asker, _ = requester({})
    outcome = asker.search(toy.Item("zebra"), ["DE"], timeout=5)
    assert outcome["DE"].outcome is Outcome.NO_HIT
    assert (outcome.complete, outcome.hits) == (True, [])
    assert outcome["DE"].elapsed >= 0


def test_parties_come_as_they_answer(requester, toy, hang):
    gate = threading.Event()
    asker, _ = requester({"DE": gate, "FR": TransportRefused(), "NL": hang})
    seen = []
    for party, one in asker.iter_search(toy.Item("apple"), ["DE", "FR", "NL"], timeout=2):
        seen.append((party, one.outcome))
        gate.set()
    assert seen == [
        ("FR", Outcome.REFUSED),
        ("DE", Outcome.HIT),
        ("NL", Outcome.TIMEOUT),
    ]


def test_an_answer_in_time_counts_though_it_is_looked_at_late(requester, toy):
    asker, transport = requester({})
    answers = asker.iter_search(toy.Item("apple"), ["DE"], timeout=1)
    time.sleep(1.2)
    assert [(party, one.outcome) for party, one in answers] == [("DE", Outcome.HIT)]
    assert len(transport.calls) == 1


def test_a_party_with_a_stuck_call_is_busy_and_gets_no_thread(requester, toy, hang):
    asker, transport = requester({"DE": hang}, max_in_flight=1)
    probe = toy.Item("apple")
    assert asker.search(probe, ["DE"], timeout=0.5)["DE"].outcome is Outcome.TIMEOUT
    threads = threading.active_count()
    for _ in range(5):
        one = asker.search(probe, ["DE"], timeout=5)["DE"]
        assert (one.outcome, one.error_code) == (Outcome.BUSY, "in_flight_limit")
    assert threading.active_count() == threads
    assert len(transport.calls) == 1
    hang.set()
    deadline = time.monotonic() + 10
    while asker.search(probe, ["DE"], timeout=5)["DE"].outcome is Outcome.BUSY:
        assert time.monotonic() < deadline
    assert asker.search(probe, ["DE"], timeout=5)["DE"].outcome is Outcome.HIT


def test_a_call_that_ended_leaves_its_place(requester, toy):
    asker, _ = requester({"DE": TransportUnreachable()}, max_in_flight=1)
    for _ in range(20):
        one = asker.search(toy.Item("apple"), ["DE"], timeout=5)["DE"]
        assert one.outcome is Outcome.UNREACHABLE


def test_a_system_without_threads_is_busy(requester, toy, monkeypatch):
    def no_thread(self):
        raise RuntimeError("can't start new thread")

    asker, _ = requester({}, max_in_flight=1)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    for _ in range(2):
        one = asker.search(toy.Item("apple"), ["DE"], timeout=5)["DE"]
        assert (one.outcome, one.error_code) == (Outcome.BUSY, "no_thread")


def test_many_searches_at_once(requester, toy):
    asker, _ = requester({}, max_in_flight=100)
    outcomes = []

    def ask():
        outcomes.extend(
            asker.search(toy.Item("apple"), ["DE"], timeout=30)["DE"].outcome for _ in range(10)
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome.HIT] * 80


@pytest.mark.parametrize("method", ["search", "iter_search"])
@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"timeout": 0}, InvalidInput, "bad_timeout"),
        ({"timeout": float("inf")}, InvalidInput, "bad_timeout"),
        ({"timeout": float("nan")}, InvalidInput, "bad_timeout"),
        ({"parties": ["DE", "XX"]}, InvalidInput, "unknown_party"),
        ({"word": "home", "at_home": True}, ExchangeError, "probe_stays_in_house"),
    ],
)
def test_an_invalid_search_sends_nothing(method, arguments, error, code, requester, toy):
    asker, transport = requester({})
    probe = toy.Item(arguments.get("word", "apple"), at_home=arguments.get("at_home", False))
    with pytest.raises(error) as caught:
        getattr(asker, method)(
            probe, arguments.get("parties", ["DE"]), timeout=arguments.get("timeout", 5)
        )
    assert caught.value.code == code
    assert transport.calls == []


def test_a_bad_cap_is_refused(requester):
    with pytest.raises(InvalidInput) as caught:
        requester({}, max_in_flight=0)
    assert caught.value.code == "bad_limit"


def test_the_reference_number_is_the_callers(germany, toy):
    seen = []

    class Spy(InProcessTransport):
        def exchange(self, party, request, *, timeout):
            seen.append(decode_request(request).reference)
            return super().exchange(party, request, timeout=timeout)

    asker = Requester(Spy({"DE": germany}, "AT"), "AT", category="toy")
    asker.search(toy.Item("apple"), ["DE"], timeout=5, probe_id="AT-7")
    asker.search(toy.Item("apple"), ["DE"], timeout=5)
    assert seen[0] == "AT-7"
    assert seen[1] not in {"", "AT-7"}

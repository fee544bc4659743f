"""Repeated requests within one search, over threads: messages, receivers, and time limits."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest

from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    Conversation,
    FollowUp,
    Justification,
    MemoryStore,
    Outcome,
    Requester,
    Responder,
    Retries,
    SqliteStore,
    SubjectClass,
    TransportBusy,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import Result, decode_request, encode

SOON = Retries(first=timedelta(milliseconds=1), longest=timedelta(milliseconds=1))


class Line:
    """A transport whose calls to a party meet the script's items in turn, and then its answer."""

    def __init__(self, script, responders):
        self.script = {party: list(items) for party, items in script.items()}
        self.responders = responders
        self.numbers = {party: [] for party in script}

    def exchange(self, party, request, *, timeout):
        self.numbers[party].append(decode_request(request).number)
        items = self.script[party]
        item = items.pop(0) if items else "answer"
        if isinstance(item, BaseException):
            raise item
        if callable(item):
            return item(request)
        return self.responders[party].handle("AT", request) if item == "answer" else item

    def close(self):
        pass


@pytest.fixture
def asker(germany, toy, clock):
    france = Responder("FR", {"toy": toy.Gallery({"FR-1": toy.Item("apple")})}, clock=clock)

    def build(script, **options):
        line = Line(script, {"DE": germany, "FR": france})
        options = {"back_off": SOON, **options}
        return Requester(line, "AT", category="toy", **options), line

    return build


@pytest.fixture
def kept(clock):
    return FollowUp("AT", MemoryStore(), MemoryAudit(), clock=clock)


@pytest.mark.parametrize(
    "failure",
    [
        TransportTimeout(),
        TransportUnreachable(),
        TransportBusy(),
        TransportBusy(retry_after=0.002),
        b"rubbish",
    ],
    ids=["timeout", "unreachable", "busy", "busy for a while", "garbled"],
)
def test_a_passing_failure_does_not_fail_the_search(asker, toy, failure):
    requester, line = asker({"DE": [failure]})
    outcome = requester.search(toy.Item("apple"), ["DE"], timeout=60)
    assert outcome.results["DE"].outcome is Outcome.HIT
    assert len(line.numbers["DE"]) == 2
    assert len(set(line.numbers["DE"])) == 1


def test_attempts_are_counted(asker, toy):
    requester, line = asker({"DE": [TransportUnreachable()] * 9}, max_attempts=4)
    outcome = requester.search(toy.Item("apple"), ["DE"], timeout=60)
    assert outcome["DE"].outcome is Outcome.UNREACHABLE
    assert len(line.numbers["DE"]) == 4


def test_a_party_that_is_busy_for_too_long_is_not_waited_for(asker, toy):
    requester, line = asker({"DE": [TransportBusy(retry_after=3600)]})
    outcome = requester.search(toy.Item("apple"), ["DE"], timeout=600)
    assert (outcome["DE"].outcome, outcome["DE"].retry_after) == (Outcome.BUSY, 3600)
    assert len(line.numbers["DE"]) == 1


def test_a_lost_answer_comes_under_a_new_number(asker, toy, reply_of):
    def lost(request):
        head = decode_request(request).head()
        return encode(reply_of(head, result=Result.REFUSED, code="already_answered"))

    requester, line = asker({"DE": [lost]})
    assert requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT
    assert len(set(line.numbers["DE"])) == 2


def test_a_reply_that_was_garbled_is_not_searched_for_again(asker, toy, clock):
    gallery = toy.Gallery({"DE-1": toy.Item("apple")})
    responder = Responder("DE", {"toy": gallery}, clock=clock)

    def garbled(request):
        reply = bytearray(responder.handle("AT", request))
        reply[len(reply) // 2] ^= 1
        return bytes(reply)

    requester, _ = asker(
        {"DE": [garbled, lambda request: responder.handle("AT", request)]}, clock=clock
    )
    assert requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT
    assert len(gallery.searches) == 1


def test_a_party_that_answered_and_started_anew_is_asked_under_a_new_number(asker, toy, clock):
    audit = MemoryAudit()

    def start():
        gallery = toy.Gallery({"DE-1": toy.Item("apple")})
        return Responder("DE", {"toy": gallery}, clock=clock, audit=audit)

    def answer_and_lose_it(request):
        start().handle("AT", request)
        raise TransportTimeout

    def answer(request):
        return start().handle("AT", request)

    requester, line = asker({"DE": [answer_and_lose_it, answer, answer]}, clock=clock)
    assert requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT
    first, again, anew = line.numbers["DE"]
    assert first == again != anew


def test_closing_the_iterator_ends_the_search(asker, toy):
    pause = Retries(first=timedelta(hours=1), longest=timedelta(hours=1))
    requester, line = asker(
        {"DE": [TransportUnreachable()], "FR": []}, back_off=pause, max_in_flight=1
    )
    before = set(threading.enumerate())
    answers = requester.iter_search(toy.Item("apple"), ["DE", "FR"], timeout=7200)
    assert next(answers)[0] == "FR"
    answers.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()
    assert len(line.numbers["DE"]) == 1
    assert requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT


def test_attempts_continue_while_the_iterator_is_not_read(asker, toy):
    requester, line = asker({"DE": [TransportUnreachable()] * 2})
    answers = requester.iter_search(toy.Item("apple"), ["DE"], timeout=60)
    wait_for(lambda: len(line.numbers["DE"]) == 3)
    assert [(party, one.outcome) for party, one in answers] == [("DE", Outcome.HIT)]


def test_a_call_that_ends_its_thread_is_a_failed_party(asker, toy):
    requester, _ = asker({"DE": [SystemExit()]}, max_in_flight=1)
    one = requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"]
    assert (one.outcome, one.error_code) == (Outcome.REMOTE_ERROR, "transport_error")
    assert requester.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT


@pytest.mark.parametrize("name", ["max_in_flight", "max_attempts"])
def test_limits_are_at_least_one(asker, name):
    with pytest.raises(InvalidInput) as caught:
        asker({}, **{name: 0})
    assert (caught.value.code, caught.value.field) == ("bad_limit", name)


def test_nothing_is_kept_without_a_follow_up(asker):
    requester, _ = asker({})
    assert requester.category == "toy"
    with pytest.raises(ExchangeError) as caught:
        _ = requester.conversation
    assert caught.value.code == "no_follow_up"


def test_with_a_follow_up_the_search_is_kept_and_its_hits_opened(asker, toy, kept):
    requester, _ = asker({"DE": [], "FR": [TransportUnreachable()] * 9}, follow_up=kept)
    why = Justification(case="2026/17", offence="0101 00", official="insp-7")
    requester.search(
        toy.Item("apple"), ["DE", "FR"], timeout=60, probe_id="AT-7", justification=why
    )
    [pending] = requester.conversation.searches("2026/17")
    assert (pending.probe_id, pending.outcome["DE"].outcome) == ("AT-7", Outcome.HIT)
    assert {hit.key.reference for hit in kept.hits()} == {"DE-1", "DE-2"}


def test_the_justification_is_judged_before_anything_is_sent(asker, toy):
    requester, line = asker({"DE": []})
    why = Justification(case="1", offence="0101 00", official="insp-7", subject=SubjectClass.VICTIM)
    with pytest.raises(InvalidInput) as caught:
        requester.search(toy.Item("owner"), ["DE"], timeout=60, justification=why)
    assert caught.value.code == "subject_not_allowed"
    assert line.numbers["DE"] == []


def test_an_answer_after_the_deadline_is_kept(asker, toy, kept, germany):
    gate = threading.Event()

    def late(request):
        gate.wait(60)
        return germany.handle("AT", request)

    requester, _ = asker({"DE": [late]}, follow_up=kept)
    outcome = requester.search(toy.Item("apple"), ["DE"], timeout=0.5)
    assert outcome["DE"].outcome is Outcome.TIMEOUT
    gate.set()
    wait_for(lambda: requester.conversation.searches()[0].outcome["DE"].outcome is Outcome.HIT)
    assert outcome["DE"].outcome is Outcome.TIMEOUT
    assert len(kept.hits()) == 2


def test_an_answer_after_a_restart_is_kept(asker, toy, clock, germany, tmp_path):
    hang = threading.Event()
    requests = []

    def silent(request):
        requests.append(request)
        hang.wait(60)
        return b""

    with SqliteStore(tmp_path / "exchange.db") as store:
        requester, _ = asker({"DE": [silent]}, follow_up=FollowUp("AT", store, clock=clock))
        requester.search(toy.Item("apple"), ["DE"], timeout=0.5)
    with SqliteStore(tmp_path / "exchange.db") as store:
        requester, _ = asker({}, follow_up=FollowUp("AT", store, clock=clock))
        event = requester.conversation.deliver("DE", germany.handle("AT", requests[0]))
        assert event.outcome.outcome is Outcome.HIT
        [pending] = requester.conversation.searches()
        assert pending.outcome["DE"].outcome is Outcome.HIT
    hang.set()


def test_a_failing_store_raises_in_the_caller_and_is_not_an_outcome(
    asker, toy, kept, monkeypatch, caplog
):
    requester, _ = asker({"DE": [], "FR": []}, follow_up=kept, max_in_flight=1)

    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "deliver", full)
        with pytest.raises(StorageError) as caught:
            requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60)
        wait_for(lambda: not calls_of(requester))
    assert caught.value.code == "store_unusable"
    for party in ("DE", "FR"):  # who is not done when the error is told is asked on
        assert f"party={party} reply not stored code=store_unusable" in caplog.text
    outcome = requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60)
    assert [one.outcome for one in outcome.values()] == [Outcome.HIT, Outcome.HIT]


def test_a_store_that_fails_before_a_party_is_asked_raises(asker, toy, kept, monkeypatch):
    hang = threading.Event()

    def silent(request):
        hang.wait(60)
        return b""

    requester, _ = asker({"DE": [silent]}, follow_up=kept, max_in_flight=1)
    requester.search(toy.Item("apple"), ["DE"], timeout=0.5)

    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "fail", full)
        with pytest.raises(StorageError):
            requester.search(toy.Item("apple"), ["DE"], timeout=60)
    hang.set()


def test_many_threads_share_the_kept_searches(asker, toy, kept):
    requester, line = asker({"DE": [], "FR": []}, follow_up=kept, max_in_flight=100)
    wrong = []

    def ask():
        for _ in range(5):
            outcome = requester.search(toy.Item("apple"), ["DE", "FR"], timeout=60)
            if [one.outcome for one in outcome.values()] != [Outcome.HIT, Outcome.HIT]:
                wrong.append(outcome)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(requester.conversation.searches()) == 30
    assert max(Counter(line.numbers["DE"]).values()) == 1


def calls_of(requester):
    return [party for party, calls in requester._in_flight._calls.items() if calls]


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)

"""Callers that wait for an answer over a mailbox: reading, matching answers, leftovers."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import (
    Delivery,
    Outcome,
    Requester,
    Responder,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.mailbox import MailboxExchange, MailboxNode, Maildir
from support.threads import PATIENCE, until


def request(number: str) -> bytes:
    return json.dumps({"kind": "search_request", "number": number}).encode()


def answer(number: str, text: str = "") -> bytes:
    message = {"kind": "search_reply", "number": "r", "request": {"number": number}, "text": text}
    return json.dumps(message, separators=(",", ":")).encode()


class Mailbox:
    """A mailbox in memory; parties in `prompt` answer at once."""

    def __init__(self, prompt: str = "") -> None:
        self.prompt = prompt
        self.waiting: deque[Delivery] = deque()
        self.sent: list[tuple[str, str]] = []
        self.acknowledged: list[str] = []
        self.polls = self.readers = self.most_readers = 0
        self.failures: deque[Exception] = deque()
        self.closed = False

    def put(self, party: str, message: bytes) -> None:
        self.waiting.append(Delivery(party, message, f"{len(self.waiting)}{message!r}"))

    def send(self, party: str, message: bytes, *, number: str) -> None:
        self.sent.append((party, number))
        if party in self.prompt.split():
            self.put(party, answer(number, party))

    def poll(self, *, max_messages: int, timeout: float) -> list[Delivery]:
        self.polls += 1
        self.readers += 1
        self.most_readers = max(self.readers, self.most_readers)
        try:
            until(lambda: bool(self.waiting or self.failures or self.closed), timeout)
            if self.failures:
                raise self.failures.popleft()
            count = min(max_messages, len(self.waiting))
            return [self.waiting.popleft() for _ in range(count)]
        finally:
            self.readers -= 1

    def ack(self, tag: str) -> None:
        self.acknowledged.append(tag)

    def close(self) -> None:
        self.closed = True


class Asking:
    """An exchange in a thread of its own."""

    def __init__(self, transport: MailboxExchange, party: str, number: str, timeout: float = 60):
        self.result: Any = None
        self._thread = threading.Thread(
            target=self._ask, args=(transport, party, number, timeout), daemon=True
        )
        self._thread.start()

    def _ask(self, transport: MailboxExchange, party: str, number: str, timeout: float) -> None:
        try:
            self.result = transport.exchange(party, request(number), timeout=timeout)
        except Exception as error:
            self.result = error

    def end(self) -> Any:
        self._thread.join(PATIENCE)
        return self.result


def asking(mailbox: Mailbox, transport: MailboxExchange, *asked: tuple[str, str]) -> list[Asking]:
    """Ask one after the other, so that the first reads the mailbox."""
    started = []
    for party, number in asked:
        started.append(Asking(transport, party, number))
        assert until(lambda: len(mailbox.sent) == len(started) and mailbox.polls > 0)
    return started


@pytest.fixture
def others() -> list[Delivery]:
    return []


def test_an_answer_is_returned_as_it_came_and_acknowledged(others):
    mailbox = Mailbox(prompt="DE")
    transport = MailboxExchange(mailbox, others.append)
    assert transport.exchange("DE", request("q1"), timeout=60) == answer("q1", "DE")
    assert mailbox.sent == [("DE", "q1")]
    assert len(mailbox.acknowledged) == 1
    assert others == []


def test_the_answer_to_another_message_finds_its_asker(others):
    status = b'{"answers":"q1","kind":"status","number":"r1"}'
    mailbox = Mailbox()
    mailbox.put("DE", status)
    transport = MailboxExchange(mailbox, others.append)
    assert transport.exchange("DE", request("q1"), timeout=60) == status


@pytest.mark.parametrize(
    ("party", "message"),
    [
        ("FR", answer("q1")),
        ("DE", answer("q2")),
        ("DE", answer("q1").replace(b"search_reply", b"search_request")),
        ("DE", b'{"kind":"search_reply"}'),
        ("DE", b'{"kind":"search_reply","request":{"number":1}}'),
        ("DE", b"rubbish"),
    ],
)
def test_an_answer_to_another_request_goes_to_on_other(party, message, others):
    mailbox = Mailbox()
    mailbox.put(party, message)
    transport = MailboxExchange(mailbox, others.append)
    with pytest.raises(TransportTimeout):
        transport.exchange("DE", request("q1"), timeout=0.05)
    assert [(one.party, one.message) for one in others] == [(party, message)]
    assert mailbox.acknowledged == [others[0].tag]


def test_many_wait_and_one_of_them_reads(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    asked = [(party, f"q{n}") for party in ("DE", "FR") for n in range(20)]
    started = asking(mailbox, transport, *asked)
    for party, number in reversed(asked):
        mailbox.put(party, answer(number, party))
    assert [one.end() for one in started] == [answer(number, party) for party, number in asked]
    assert mailbox.most_readers == 1
    assert others == []


def test_when_the_reader_has_its_answer_another_one_reads(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    first, second = asking(mailbox, transport, ("DE", "q1"), ("DE", "q2"))
    mailbox.put("DE", answer("q1"))
    assert first.end() == answer("q1")
    mailbox.put("DE", answer("q2"))
    assert second.end() == answer("q2")


def test_a_failing_mailbox_raises_in_the_reading_thread(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    first, second = asking(mailbox, transport, ("DE", "q1"), ("DE", "q2"))
    mailbox.failures.append(TransportBusy(code="disk_full"))
    assert first.end().code == "disk_full"
    mailbox.put("DE", answer("q2"))
    assert second.end() == answer("q2")


def test_closing_lets_all_go(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    started = asking(mailbox, transport, ("DE", "q1"), ("FR", "q2"))
    transport.close()
    transport.close()
    for one in started:
        assert isinstance(one.end(), TransportUnreachable)
        assert one.result.code == "transport_closed"
    assert mailbox.closed
    with pytest.raises(TransportUnreachable, match="transport_closed"):
        transport.exchange("DE", request("q3"), timeout=60)
    assert len(mailbox.sent) == 2


def test_closing_ends_waiting_calls_at_once(others):
    """Also when the reader is still busy with a mailbox that does not notice."""
    release = threading.Event()

    class Deaf(Mailbox):
        def poll(self, *, max_messages: int, timeout: float) -> list[Delivery]:
            self.polls += 1
            release.wait(PATIENCE)
            return []

    mailbox = Deaf()
    transport = MailboxExchange(mailbox, others.append)
    reader, other = asking(mailbox, transport, ("DE", "q1"), ("DE", "q2"))
    transport.close()
    assert other.end().code == "transport_closed"
    assert reader.result is None
    release.set()
    assert reader.end().code == "transport_closed"


def test_a_number_is_waited_for_once_at_a_time(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    (first,) = asking(mailbox, transport, ("DE", "q1"))
    with pytest.raises(TransportRefused) as caught:
        transport.exchange("DE", request("q1"), timeout=60)
    assert caught.value.code == "number_in_use"
    (other,) = [Asking(transport, "FR", "q1")]
    mailbox.put("FR", answer("q1", "FR"))
    mailbox.put("DE", answer("q1", "DE"))
    assert (first.end(), other.end()) == (answer("q1", "DE"), answer("q1", "FR"))


def test_asking_again_after_a_timeout(others):
    mailbox = Mailbox()
    transport = MailboxExchange(mailbox, others.append)
    with pytest.raises(TransportTimeout):
        transport.exchange("DE", request("q1"), timeout=0.01)
    mailbox.prompt = "DE"
    assert transport.exchange("DE", request("q1"), timeout=60) == answer("q1", "DE")


def test_a_second_answer_goes_to_on_other(others):
    mailbox = Mailbox()
    mailbox.put("DE", answer("q1", "first"))
    mailbox.put("DE", answer("q1", "second"))
    transport = MailboxExchange(mailbox, others.append)
    assert transport.exchange("DE", request("q1"), timeout=60) == answer("q1", "first")
    assert [one.message for one in others] == [answer("q1", "second")]


def test_a_failing_on_other_does_not_fail_the_waiting_call(caplog):
    def refuse(delivery: Delivery) -> None:
        raise ValueError("names Anna")

    caplog.set_level(logging.DEBUG)
    mailbox = Mailbox()
    mailbox.put("DE", b"about Anna")
    mailbox.put("DE", answer("q1"))
    transport = MailboxExchange(mailbox, refuse)
    assert transport.exchange("DE", request("q1"), timeout=60) == answer("q1")
    assert len(mailbox.acknowledged) == 1
    (record,) = caplog.records
    assert "ValueError" in record.getMessage()
    assert "Anna" not in caplog.text


@pytest.mark.parametrize("message", [b"", b"[]", b'{"number":7}', b'{"kind":"search_request"}'])
def test_a_request_without_a_number_is_not_sent(message, others):
    mailbox = Mailbox()
    with pytest.raises(TransportRefused) as caught:
        MailboxExchange(mailbox, others.append).exchange("DE", message, timeout=60)
    assert caught.value.code == "no_number"
    assert mailbox.sent == []


def test_a_party_that_does_not_exist(others):
    mailbox = Mailbox()
    with pytest.raises(InvalidInput, match="unknown_party"):
        MailboxExchange(mailbox, others.append).exchange("XX", request("q1"), timeout=60)
    assert mailbox.sent == []


@contextmanager
def at_work(node: MailboxNode) -> Iterator[None]:
    """Let a node look into its mailbox again and again."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            node.pump(timeout=0.01)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_a_requester_over_folders(tmp_path, toy, germany, conversation, others):
    with at_work(MailboxNode(Maildir(tmp_path, "DE", pause=0.001), germany, conversation)):
        transport = MailboxExchange(Maildir(tmp_path, "AT", pause=0.001), others.append)
        asker = Requester(transport, "AT", category="toy")
        assert asker.search(toy.Item("apple"), ["DE"], timeout=60)["DE"].outcome is Outcome.HIT
        outcome = asker.search(toy.Item("apple"), ["DE", "FR"], timeout=0.5)
        assert outcome["FR"].outcome is Outcome.TIMEOUT
        transport.close()


def test_two_parties_ask_each_other_at_the_same_time(tmp_path, toy, conversation):
    """Each answers the other's request on the thread that waits for its own answer."""
    gate = threading.Barrier(2)
    outcomes: dict[str, Outcome] = {}

    def ask(party: str, other: str) -> None:
        mailbox = Maildir(tmp_path, party, pause=0.001)
        responder = Responder(party, {"toy": toy.Gallery({"1": toy.Item("apple")})})
        node = MailboxNode(mailbox, responder, conversation)
        transport = MailboxExchange(mailbox, node.take)
        gate.wait(PATIENCE)
        asker = Requester(transport, party, category="toy")
        outcomes[party] = asker.search(toy.Item("apple"), [other], timeout=60)[other].outcome
        # Who has its answer first still owes the other one.
        end = time.monotonic() + PATIENCE
        while len(outcomes) < 2 and time.monotonic() < end:
            node.pump(timeout=0.01)

    threads = [
        threading.Thread(target=ask, args=pair, daemon=True)
        for pair in (("AT", "DE"), ("DE", "AT"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert outcomes == {"AT": Outcome.HIT, "DE": Outcome.HIT}


def test_an_error_of_the_mailbox_is_a_transport_error(tmp_path, others):
    mailbox = Maildir(tmp_path, "AT")
    transport = MailboxExchange(mailbox, others.append)
    mailbox.close()
    with pytest.raises(TransportError, match="transport_closed"):
        transport.exchange("DE", request("q1"), timeout=60)

from __future__ import annotations

import threading

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import TransportError, TransportTimeout, TransportUnreachable
from prum_match.testing.clock import VirtualClock
from prum_match.testing.transports import FaultTransport


class Counting:
    """Answers with the number of the call."""

    def __init__(self):
        self.calls = 0
        self.closed = 0

    def exchange(self, party, request, *, timeout):
        if self.closed:
            raise TransportUnreachable
        self.calls += 1
        return f"reply {self.calls}".encode()

    def close(self):
        self.closed += 1


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def lossy(clock):
    return lambda fault, **options: FaultTransport(
        Counting(), {fault: 1}, sleep=clock.sleep, **options
    )


def passed(clock):
    return (clock() - VirtualClock()()).total_seconds()


def ask(transport, party="DE"):
    return transport.exchange(party, b"request", timeout=10)


def test_without_a_fault_everything_passes():
    transport = FaultTransport(Counting(), {})
    assert [ask(transport), ask(transport)] == [b"reply 1", b"reply 2"]


def test_a_delay_takes_time_and_then_answers(lossy, clock):
    assert ask(lossy("delay")) == b"reply 1"
    assert 0 < passed(clock) <= 1


def test_a_dropped_request_times_out(lossy, clock):
    with pytest.raises(TransportTimeout):
        ask(lossy("drop"))
    assert passed(clock) == 10


def test_raising_covers_typed_and_other_errors(lossy):
    kinds = set()
    transport = lossy("raise")
    for _ in range(60):
        with pytest.raises((TransportError, OSError)) as caught:
            ask(transport)
        kinds.add(type(caught.value).__name__)
    assert len(kinds) == 5


def test_damage_changes_the_reply(lossy):
    assert b"reply 1".startswith(ask(lossy("truncate")))
    assert ask(lossy("truncate")) != b"reply 1"
    garbled = ask(lossy("garble"))
    assert len(garbled) == 7
    assert sum(a != b for a, b in zip(garbled, b"reply 1", strict=True)) == 1


def test_a_duplicate_is_handed_over_twice(lossy):
    assert ask(lossy("duplicate")) == b"reply 2"


def test_reordered_replies_come_one_call_late(lossy):
    transport = lossy("reorder")
    with pytest.raises(TransportTimeout):
        ask(transport)
    with pytest.raises(TransportTimeout):
        ask(transport, "FR")
    assert ask(transport) == b"reply 1"
    assert ask(transport, "FR") == b"reply 2"


def test_a_hung_call_ends_with_close(lossy):
    transport = lossy("hang")
    ended = []

    def call():
        try:
            ask(transport)
        except TransportUnreachable:
            ended.append(True)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    transport.close()
    transport.close()
    thread.join(10)
    assert ended == [True]
    with pytest.raises(TransportUnreachable):
        ask(transport)


def test_only_the_named_parties_suffer(lossy):
    transport = lossy("drop", parties={"FR"})
    assert ask(transport) == b"reply 1"
    with pytest.raises(TransportTimeout):
        ask(transport, "FR")


@pytest.mark.parametrize(
    ("rates", "code"),
    [({"flood": 1}, "unknown_fault"), ({"drop": -0.1}, "bad_rate"), ({"drop": 1.1}, "bad_rate")],
)
def test_rates_are_checked(rates, code):
    with pytest.raises(InvalidInput) as caught:
        FaultTransport(Counting(), rates)
    assert caught.value.code == code

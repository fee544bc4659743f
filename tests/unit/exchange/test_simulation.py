"""Many small worlds with a virtual clock: parties that answer, over lines that do not hold."""

from __future__ import annotations

import random

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import (
    Conversation,
    InProcessTransport,
    Outcome,
    Responder,
    decode_reply,
)
from prum_match.testing.clock import VirtualClock
from prum_match.testing.transports import FAULTS, FaultTransport

HOLDING = {"DE": "apple", "FR": "pear", "NL": "apple", "BE": "plum"}
TRUTH = {"DE": Outcome.HIT, "FR": Outcome.NO_HIT, "NL": Outcome.HIT, "BE": Outcome.NO_HIT}
RATES = {fault: 0.1 for fault in FAULTS if fault != "hang"}


def world(toy, seed):
    clock = VirtualClock()
    responders = {
        party: Responder(party, {"toy": toy.Gallery({f"{party}-1": toy.Item(word)})}, clock=clock)
        for party, word in HOLDING.items()
    }
    inner = InProcessTransport(responders, "AT")
    lossy = FaultTransport(inner, RATES, seed=seed, sleep=clock.sleep)
    return Conversation("AT", "toy", clock), lossy, clock


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_no_fault_ever_becomes_a_false_answer(seed, toy):
    seen = set()
    for number in range(seed, seed + 50):
        conversation, lossy, _ = world(toy, number)
        queries = [
            conversation.submit(toy.Item("apple"), parties=HOLDING, reference=f"AT-{n}")
            for n in range(3)
        ]
        calls = [message for query in queries for message in query.outgoing]
        random.Random(number).shuffle(calls)
        for message in calls:
            try:
                data = lossy.exchange(message.party, message.data, timeout=10)
            except (ExchangeError, OSError) as error:
                conversation.fail(message.party, error, number=message.number)
            else:
                conversation.deliver(message.party, data, number=message.number)
        for query in queries:
            for party, one in query.outcome.items():
                seen.add(one.outcome)
                assert one.outcome is not Outcome.PENDING
                if party in query.outcome.answered:
                    assert one.outcome is TRUTH[party]
                if one.outcome is Outcome.HIT:
                    assert [c.reference for c in one.candidates] == [f"{party}-1"]
                    assert one.candidates[0].data == b'["apple", "P"]'
    assert seen >= {Outcome.HIT, Outcome.NO_HIT, Outcome.TIMEOUT, Outcome.INVALID_REPLY}


def test_asking_again_over_a_bad_line_reaches_the_truth(toy):
    for seed in range(50):
        conversation, lossy, _ = world(toy, seed)
        query = conversation.submit(toy.Item("apple"), parties=HOLDING)
        for _ in range(30):
            for message in query.outgoing:
                try:
                    conversation.deliver(
                        message.party, lossy.exchange(message.party, message.data, timeout=10)
                    )
                except (ExchangeError, OSError):
                    continue
        assert {party: one.outcome for party, one in query.outcome.items()} == TRUTH


def test_the_same_seed_makes_the_same_world(toy):
    def run(seed):
        conversation, lossy, clock = world(toy, seed)
        query = conversation.submit(toy.Item("apple"), parties=HOLDING, reference="AT-1")
        trace = []
        for message in query.outgoing * 5:
            try:
                data = lossy.exchange(message.party, message.data, timeout=10)
                trace.append(decode_reply(data).result)
            except (ExchangeError, OSError) as error:
                trace.append(type(error).__name__)
        return trace, clock()

    assert run(3) == run(3)
    assert run(3) != run(4)

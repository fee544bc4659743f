"""Two parties that send, poll, acknowledge, repeat and crash, compared with a model."""

from __future__ import annotations

import shutil
import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from prum_match.errors import ExchangeError
from prum_match.exchange import Delivery
from prum_match.exchange.mailbox import Maildir
from support.examples import examples

PARTIES = ("AT", "DE")
VISIBILITY = 100.0


def other(party: str) -> str:
    return PARTIES[1 - PARTIES.index(party)]


class TwoParties(RuleBasedStateMachine):
    handed = Bundle("handed")

    @initialize()
    def begin(self) -> None:
        self.root = tempfile.mkdtemp(prefix="mailbox-")
        self.now = 0.0
        self.mailboxes = {party: self.opened(party) for party in PARTIES}
        # By receiver and number: what waits; and by receiver, numbers that are out of sight since.
        self.there: dict[tuple[str, str], bytes] = {}
        self.hidden: dict[tuple[str, str], float] = {}
        self.numbers: dict[tuple[str, str], tuple[str, str]] = {}

    def opened(self, party: str) -> Maildir:
        return Maildir(
            self.root, party, visibility=VISIBILITY, monotonic=lambda: self.now, sleep=self.wait
        )

    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(
        party=st.sampled_from(PARTIES),
        number=st.sampled_from("abc"),
        text=st.sampled_from([b"", b"1", b"2", b"22"]),
    )
    def send(self, party: str, number: str, text: bytes) -> None:
        """Messages contain their number, so that received ones can be identified."""
        key = (other(party), number)
        message = number.encode() + text
        if self.there.setdefault(key, message) == message:
            self.mailboxes[party].send(other(party), message, number=number)
        else:
            with pytest.raises(ExchangeError, match="number_in_use"):
                self.mailboxes[party].send(other(party), message, number=number)

    @rule(target=handed, party=st.sampled_from(PARTIES), most=st.integers(1, 4))
    def poll(self, party: str, most: int):
        found = self.mailboxes[party].poll(max_messages=most, timeout=0)
        in_sight = {
            key
            for key in self.there
            if key[0] == party and self.hidden.get(key, -VISIBILITY) + VISIBILITY <= self.now
        }
        keys = [(party, one.message[:1].decode()) for one in found]
        # What has come since it last looked may have to wait until it looks again.
        assert min(1, len(in_sight)) <= len(set(keys)) == len(keys) <= most
        for key, one in zip(keys, found, strict=True):
            assert key in in_sight
            assert one.party == other(party)
            assert one.message == self.there[key]
            self.hidden[key] = self.now
            self.numbers[party, one.tag] = key
        return multiple(*((party, one) for one in found))

    @rule(one=consumes(handed), times=st.integers(1, 2))
    def acknowledge(self, one: tuple[str, Delivery], times: int) -> None:
        party, delivery = one
        for _ in range(times):
            self.mailboxes[party].ack(delivery.tag)
        # After a restart the tag is unknown, and the message stays.
        key = self.numbers.pop((party, delivery.tag), None)
        if key is not None:
            del self.there[key]
            del self.hidden[key]

    @rule(party=st.sampled_from(PARTIES))
    def crash(self, party: str) -> None:
        self.mailboxes[party] = self.opened(party)
        self.hidden = {key: since for key, since in self.hidden.items() if key[0] != party}
        self.numbers = {tag: key for tag, key in self.numbers.items() if tag[0] != party}

    @rule(seconds=st.sampled_from([1.0, VISIBILITY / 2, VISIBILITY]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def nothing_is_lost_or_invented(self) -> None:
        for party in PARTIES:
            fresh = self.opened(party)
            found = {one.message for one in fresh.poll(max_messages=100, timeout=0)}
            assert found == {m for (receiver, _), m in self.there.items() if receiver == party}
            assert fresh.refused() == []

    def teardown(self) -> None:
        if hasattr(self, "root"):
            shutil.rmtree(self.root)


TestTwoParties = TwoParties.TestCase
TestTwoParties.settings = settings(
    max_examples=examples(150), stateful_step_count=40, deadline=None
)

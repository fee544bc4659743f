from __future__ import annotations

import itertools
import logging
import threading
import time
from contextlib import contextmanager

import pytest

from prum_match.exchange import Delivery, TransportUnreachable
from prum_match.testing import MailboxContract


class Post:
    """The content of all mailboxes, which outlives the mailbox objects."""

    def __init__(self):
        self.tags = map(str, itertools.count())
        self.lying = {}
        self.numbers = set()
        self.lock = threading.Lock()


class Box:
    def __init__(self, post, party):
        self.post, self.party, self.closed = post, party, False

    def send(self, party, message, *, number):
        if self.closed:
            raise TransportUnreachable("closed")
        with self.post.lock:
            if (self.party, party, number) not in self.post.numbers:
                self.post.numbers.add((self.party, party, number))
                tag = next(self.post.tags)
                self.post.lying[tag] = (party, Delivery(self.party, message, tag))

    def poll(self, *, max_messages, timeout):
        end = time.monotonic() + timeout
        while not (found := self.mine()) and time.monotonic() < end:
            time.sleep(0.005)
        return found[:max_messages]

    def mine(self):
        with self.post.lock:
            return [one for party, one in self.post.lying.values() if party == self.party]

    def ack(self, tag):
        with self.post.lock:
            self.post.lying.pop(tag, None)

    def close(self):
        self.closed = True


class Contract(MailboxContract):
    box = Box

    @contextmanager
    def connect(self):
        post = Post()
        yield lambda party: self.box(post, party)


class TestAMailboxThatKeepsIt(Contract):
    pass


class TestAMailboxThatReadsMessages(Contract):
    carries_any_bytes = False


class EndsLinesItsWay(Box):
    def send(self, party, message, *, number):
        super().send(party, message.replace(b"\r\n", b"\n"), number=number)


class BelievesTheMessage(Box):
    def mine(self):
        return [Delivery("PL", one.message, one.tag) for one in super().mine()]


class GivesToAll(Box):
    def mine(self):
        return [one for _, one in self.post.lying.values()]


class ForgetsAtOnce(Box):
    def poll(self, **options):
        found = super().poll(**options)
        for one in found:
            self.ack(one.tag)
        return found


class NeverLetsGo(Box):
    def ack(self, tag):
        pass


class LetsGoUntilARestart(Box):
    def __init__(self, *options):
        super().__init__(*options)
        self.gone = set()

    def mine(self):
        return [one for one in super().mine() if one.tag not in self.gone]

    def ack(self, tag):
        self.gone.add(tag)


class LetsGoOfAll(Box):
    def ack(self, tag):
        self.post.lying.clear()


class LetsGoOfTheNext(Box):
    """Applies an acknowledgement to the first message."""

    def ack(self, tag):
        for first in list(self.post.lying)[:1]:
            del self.post.lying[first]


class GivesAll(Box):
    def poll(self, *, max_messages, timeout):
        return super().poll(max_messages=99, timeout=timeout)


class LosesTheRest(Box):
    def poll(self, *, max_messages, timeout):
        found = super().poll(max_messages=99, timeout=timeout)
        for one in found[max_messages:]:
            self.ack(one.tag)
        return found[:max_messages]


class WaitsForEver(Box):
    def poll(self, *, max_messages, timeout):
        return super().poll(max_messages=max_messages, timeout=6)


class InventsMessages(Box):
    def poll(self, **options):
        return super().poll(**options) or [Delivery("FR", b"", "none")]


class LosesTheSecond(Box):
    """Does not distinguish the numbers of different parties."""

    def send(self, party, message, *, number):
        with self.post.lock:
            known = {key[2] for key in self.post.numbers}
        if number not in known:
            super().send(party, message, number=number)


class ClosesOnce(Box):
    def close(self):
        if self.closed and self.party == "AT":
            raise AssertionError("closed already")
        super().close()


class SendsWhenClosed(Box):
    def close(self):
        pass


class SendsBeforeItLooks(Box):
    def send(self, party, message, *, number):
        with self.post.lock:
            self.post.lying["x"] = (party, Delivery(self.party, message, "x"))
        super().send(party, message, number=number)


class Logs(Box):
    def send(self, party, message, *, number):
        logging.getLogger("box").debug("sent %s", message)
        super().send(party, message, number=number)


class SaysWhatItSent(Box):
    def send(self, party, message, *, number):
        if (self.party, party, number) in self.post.numbers:
            raise TransportUnreachable(f"sent before: {message}")
        super().send(party, message, number=number)


class LeavesAThread(Box):
    never = threading.Event()

    def __init__(self, *options):
        super().__init__(*options)
        threading.Thread(target=self.never.wait, args=(60,), daemon=True).start()


BROKEN = [
    ("test_messages_come_through_byte_for_byte", EndsLinesItsWay, "other bytes"),
    ("test_the_sender_is_known_by_the_channel", BelievesTheMessage, "from another party"),
    ("test_a_message_goes_to_its_receiver_alone", GivesToAll, "another mailbox"),
    ("test_a_message_comes_again_until_it_is_acknowledged", ForgetsAtOnce, "does not arrive"),
    ("test_an_acknowledged_message_does_not_come_again", NeverLetsGo, "it comes again"),
    ("test_an_acknowledged_message_does_not_come_again", LetsGoUntilARestart, "after a restart"),
    ("test_acknowledging_lets_go_of_one_message_alone", LetsGoOfAll, "does not arrive"),
    ("test_acknowledging_lets_go_of_one_message_alone", LetsGoOfTheNext, "does not arrive"),
    ("test_no_more_come_than_were_asked_for", GivesAll, "more messages"),
    ("test_no_more_come_than_were_asked_for", LosesTheRest, "a message is lost"),
    ("test_an_empty_mailbox_ends_the_wait", WaitsForEver, "does not end"),
    ("test_an_empty_mailbox_ends_the_wait", InventsMessages, "from nowhere"),
    ("test_senders_at_the_same_time_lose_nothing", LosesTheSecond, "does not arrive"),
    ("test_closing_twice_is_harmless", ClosesOnce, "closed already"),
    ("test_closing_twice_is_harmless", SendsWhenClosed, "nothing is raised"),
    ("test_closing_twice_is_harmless", SendsBeforeItLooks, "a closed mailbox sends"),
    ("test_no_content_in_logs_and_errors", Logs, "content is in a log"),
    ("test_no_content_in_logs_and_errors", SaysWhatItSent, "content is in a log"),
    ("test_nothing_is_left_behind", LeavesAThread, "a thread is left"),
]

# What they break is only seen when the patience is over.
SLOW = {ForgetsAtOnce, LetsGoOfAll, LetsGoOfTheNext, LosesTheRest, WaitsForEver, LosesTheSecond}
SLOW |= {LeavesAThread}


@pytest.mark.parametrize(("check", "box", "why"), BROKEN)
def test_a_broken_mailbox_fails(check, box, why):
    times = {"patience": 2.0, "slack": 1.0} if box in SLOW else {}
    made = type("Contract", (Contract,), {"box": box, **times})()
    try:
        with pytest.raises(AssertionError, match=why):
            getattr(made, check)()
    finally:
        LeavesAThread.never.set()
        LeavesAThread.never = threading.Event()


def test_every_check_can_fail():
    assert {check for check, *_ in BROKEN} == set(MailboxContract.checks())


def test_without_a_channel_there_is_nothing_to_check():
    with pytest.raises(NotImplementedError):
        MailboxContract().test_closing_twice_is_harmless()

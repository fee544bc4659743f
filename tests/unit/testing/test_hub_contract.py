from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import closing

import pytest

from prum_match.exchange import TransportError, TransportTimeout, TransportUnreachable
from prum_match.testing import HubContract
from support.exchange.lines import Line


class Hub:
    """Asks over lines, one thread a party, and yields what comes."""

    def __init__(self, handlers, own_party):
        self.line = Line(handlers, own_party)

    def exchange_all(self, requests, *, timeout):
        if self.line.closed:
            raise TransportUnreachable("the hub is closed", code="transport_closed")
        found, end = queue.SimpleQueue(), time.monotonic() + timeout
        for party, request in requests.items():
            threading.Thread(
                target=self.ask, args=(party, request, timeout, found), daemon=True
            ).start()
        for _ in requests:
            yield found.get(timeout=max(0, end - time.monotonic()) + 1)

    def ask(self, party, request, timeout, found):
        try:
            found.put((party, self.line.exchange(party, request, timeout=timeout)))
        except TransportError as error:
            found.put((party, error))

    def close(self):
        self.line.close()


class Contract(HubContract):
    hub = Hub

    def connect(self, handlers):
        return closing(self.hub(handlers, self.own_party))


class TestAHubThatKeepsIt(Contract):
    pass


class TestAHubThatReadsNumbers(Contract):
    carries_any_bytes = False


class YieldsTwice(Hub):
    def exchange_all(self, requests, *, timeout):
        for pair in super().exchange_all(requests, timeout=timeout):
            yield from (pair, pair)


class LosesAByte(Hub):
    def exchange_all(self, requests, *, timeout):
        for party, reply in super().exchange_all(requests, timeout=timeout):
            yield party, reply[:-1]


class SendsOneToAll(Hub):
    def exchange_all(self, requests, *, timeout):
        first = next(iter(requests.values()))
        return super().exchange_all(dict.fromkeys(requests, first), timeout=timeout)


class IsTheSender(Hub):
    def __init__(self, handlers, own_party):
        super().__init__(handlers, "IT")


class AsksEverybody(Hub):
    def exchange_all(self, requests, *, timeout):
        one = next(iter(requests.values()))
        everybody = {**dict.fromkeys(self.line.handlers, one), **requests}
        for pair in super().exchange_all(everybody, timeout=timeout):
            if pair[0] in requests:
                yield pair


class YieldsEverybody(Hub):
    def exchange_all(self, requests, *, timeout):
        yield from super().exchange_all(requests, timeout=timeout)
        yield "PT", b"?"


class AnswersForOthers(Hub):
    def ask(self, party, request, timeout, found):
        try:
            found.put((party, self.line.exchange(party, request, timeout=timeout)))
        except TransportError:
            found.put((party, b""))


class DropsOthers(Hub):
    """Gives up on everybody when one party fails."""

    def exchange_all(self, requests, *, timeout):
        pairs = dict(super().exchange_all(requests, timeout=timeout))
        errors = [one for one in pairs.values() if isinstance(one, TransportError)]
        yield from {**pairs, **dict.fromkeys(requests, *errors[:1])}.items() if errors else ()


class CollectsFirst(Hub):
    def exchange_all(self, requests, *, timeout):
        yield from list(super().exchange_all(requests, timeout=timeout))


class LosesTheSlow(Hub):
    def exchange_all(self, requests, *, timeout):
        for n, pair in enumerate(super().exchange_all(requests, timeout=timeout), 1):
            yield pair if n < 4 else (pair[0], TransportTimeout())


class NeverEnds(Hub):
    def exchange_all(self, requests, *, timeout):
        return super().exchange_all(requests, timeout=30)


class ClosesOnce(Hub):
    def close(self):
        if self.line.closed:
            raise AssertionError("closed already")
        super().close()


class IgnoresClosing(Hub):
    def close(self):
        pass


class IsSilentWhenClosed(Hub):
    def exchange_all(self, requests, *, timeout):
        return iter(()) if self.line.closed else super().exchange_all(requests, timeout=timeout)


class SendsBeforeItLooks(Hub):
    def exchange_all(self, requests, *, timeout):
        for party, request in requests.items():
            self.line.deliver(party, request)
        return super().exchange_all(requests, timeout=timeout)


class Logs(Hub):
    def ask(self, party, request, timeout, found):
        logging.getLogger("hub").debug("sent %s", request)
        super().ask(party, request, timeout, found)


class SaysWhatItSent(Hub):
    def ask(self, party, request, timeout, found):
        try:
            found.put((party, self.line.exchange(party, request, timeout=timeout)))
        except TransportError:
            found.put((party, TransportError(f"not sent: {request}")))


class LeavesAThread(Hub):
    never = threading.Event()

    def ask(self, party, request, timeout, found):
        super().ask(party, request, timeout, found)
        self.never.wait(60)


BROKEN = [
    ("test_each_party_is_yielded_once_with_its_reply", YieldsTwice, "yielded twice"),
    ("test_each_party_is_yielded_once_with_its_reply", LosesAByte, "reply is missing"),
    ("test_each_party_receives_its_own_request", SendsOneToAll, "another request than its own"),
    ("test_the_sender_is_known_at_the_other_end", IsTheSender, "another sender"),
    ("test_only_the_named_parties_are_asked", AsksEverybody, "a party is asked"),
    ("test_only_the_named_parties_are_asked", YieldsEverybody, "that was not asked"),
    ("test_an_absent_party_is_an_error_and_no_reply", AnswersForOthers, "there is no error"),
    ("test_an_absent_party_is_an_error_and_no_reply", DropsOthers, "reply is missing"),
    ("test_a_failing_party_is_an_error_and_no_reply", AnswersForOthers, "there is no error"),
    ("test_a_failing_party_is_an_error_and_no_reply", DropsOthers, "reply is missing"),
    ("test_a_slow_party_keeps_no_other_waiting", CollectsFirst, "does not end"),
    ("test_a_slow_party_keeps_no_other_waiting", LosesTheSlow, "reply is missing"),
    ("test_the_replies_end_at_the_timeout", NeverEnds, "does not end"),
    ("test_the_replies_end_at_the_timeout", AnswersForOthers, "said nothing has a reply"),
    ("test_closing_twice_is_harmless", ClosesOnce, "closed already"),
    ("test_a_closed_hub_reaches_nobody", IgnoresClosing, "a closed hub has a reply"),
    ("test_a_closed_hub_reaches_nobody", IsSilentWhenClosed, "neither answered nor an error"),
    ("test_a_closed_hub_reaches_nobody", SendsBeforeItLooks, "a request leaves"),
    ("test_no_content_in_logs_and_errors", Logs, "content is in a log"),
    ("test_no_content_in_logs_and_errors", SaysWhatItSent, "content is in a log"),
    ("test_nothing_is_left_behind", LeavesAThread, "a thread is left"),
]

# What they break is only seen when the patience is over.
SLOW = {CollectsFirst, NeverEnds, LeavesAThread}


@pytest.mark.parametrize(("check", "hub", "why"), BROKEN)
def test_a_broken_hub_fails(check, hub, why):
    times = {"patience": 3.0, "slack": 1.0} if hub in SLOW else {}
    made = type("Contract", (Contract,), {"hub": hub, **times})()
    try:
        with pytest.raises(AssertionError, match=why):
            getattr(made, check)()
    finally:
        LeavesAThread.never.set()
        LeavesAThread.never = threading.Event()


def test_every_check_can_fail():
    assert {check for check, *_ in BROKEN} == set(HubContract.checks())


def test_checks_of_missing_capabilities_are_left_out():
    class Slow(HubContract):
        yields_early = False
        supports_cancel = False

    assert set(HubContract.checks()) - set(Slow.checks()) == {
        "test_a_slow_party_keeps_no_other_waiting",
        "test_the_replies_end_at_the_timeout",
    }


def test_without_a_hub_there_is_nothing_to_check():
    with pytest.raises(NotImplementedError):
        HubContract().test_closing_twice_is_harmless()

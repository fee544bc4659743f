from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import ClassVar

import pytest

from prum_match.exchange import (
    InProcessTransport,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.testing import TransportContract
from support.lines import MOST, Line


class LineContract(TransportContract):
    """Everything that a channel can do, on a line that does it."""

    line = Line
    max_request_bytes = MOST
    max_reply_bytes = MOST
    sample_bytes = MOST // 2
    can_be_busy = True
    can_refuse = True

    def connect(self, handlers):
        return closing(self.line(handlers, self.own_party))

    def connect_busy(self, retry_after):
        return closing(Raising(TransportBusy(retry_after=retry_after)))

    def connect_refusing(self):
        return closing(Raising(TransportRefused()))


class Raising:
    def __init__(self, error):
        self.error = error

    def exchange(self, party, request, *, timeout):
        raise self.error

    def close(self):
        pass


class TestALineThatKeepsIt(LineContract):
    pass


class TestALineThatReadsNumbers(LineContract):
    carries_any_bytes = False


class TestInProcess(TransportContract):
    supports_cancel = False
    is_remote = False

    def connect(self, handlers):
        return closing(InProcessTransport(handlers, self.own_party))


class LosesZeros(Line):
    def deliver(self, party, request):
        return super().deliver(party, request.strip(b"\0"))


class EndsLinesItsWay(Line):
    def deliver(self, party, request):
        return super().deliver(party, request.replace(b"\r\n", b"\n"))


class HandsOverAnArray(Line):
    def deliver(self, party, request):
        return super().deliver(party, bytearray(request))


class HandsOverSomethingElse(Line):
    def deliver(self, party, request):
        super().deliver(party, request + b"!")
        return super().deliver(party, request)


class CutsAtABuffer(Line):
    def deliver(self, party, request):
        return super().deliver(party, request[: 1 << 16 | 1])


class LosesTheLastOfAPage(Line):
    def deliver(self, party, request):
        return super().deliver(party, request[:-1] if len(request) == 4096 else request)


class BringsAnArray(Line):
    def exchange(self, party, request, *, timeout):
        return bytearray(super().exchange(party, request, timeout=timeout))


class NamesTheReceiver(Line):
    def deliver(self, party, request):
        return self.handlers[party].handle(party, request)


class BelievesTheMessage(Line):
    def deliver(self, party, request):
        return self.handlers[party].handle("FR" if b"FR" in request else "AT", request)


class TellsEverybody(Line):
    def deliver(self, party, request):
        return {code: one.handle("AT", request) for code, one in self.handlers.items()}[party]


class TakesARequestOnce(Line):
    def exchange(self, party, request, *, timeout):
        seen = self.__dict__.setdefault("seen", set())
        if request in seen:
            return b"seen"
        seen.add(request)
        return super().exchange(party, request, timeout=timeout)


class Swaps(Line):
    """Exchanges the replies of two calls that are under way together."""

    same_party = False

    def __init__(self, *options):
        super().__init__(*options)
        self.lock = threading.Lock()
        self.kept = []

    def wait(self, party, request, timeout):
        mine = super().wait(party, request, timeout)
        slot = queue.SimpleQueue()
        with self.lock:
            for other in self.kept:
                if (other[0] == party) == self.same_party:
                    self.kept.remove(other)
                    other[2].put(mine)
                    return other[1]
            self.kept.append((party, mine, slot))
        try:
            return slot.get(timeout=0.5)
        except queue.Empty:
            return mine


class SwapsWithinAParty(Swaps):
    same_party = True


class OneAtATime(Line):
    lock = threading.Lock()

    def wait(self, *options):
        with self.lock:
            return super().wait(*options)


class NeverGivesUp(Line):
    def wait(self, party, request, timeout):
        return super().wait(party, request, 60)


class GivesUpAtOnce(Line):
    def wait(self, party, request, timeout):
        if timeout < 1:
            raise TransportTimeout
        return super().wait(party, request, timeout)


class HasOneTimeout(Line):
    """All calls end when the first one does."""

    def __init__(self, *options):
        super().__init__(*options)
        self.least = 60

    def wait(self, party, request, timeout):
        replies = queue.SimpleQueue()
        self.least = min(self.least, timeout)
        self.start(party, request, replies)
        begin = time.monotonic()
        while time.monotonic() < begin + self.least:
            try:
                return replies.get(timeout=0.005)
            except queue.Empty:
                pass
        raise TransportTimeout


class KeepsLateReplies(Line):
    def wait(self, party, request, timeout):
        replies = self.__dict__.setdefault("replies", {}).setdefault(party, queue.SimpleQueue())
        self.start(party, request, replies)
        try:
            return replies.get(timeout=timeout)
        except queue.Empty:
            raise TransportTimeout from None


class AnswersForTheAbsent(Line):
    def exchange(self, party, request, *, timeout):
        return super().exchange(party, request, timeout=timeout) if party != "ES" else b""


class DoesNotSayUnreachable(Line):
    def absent(self, request):
        return TransportError()


class AnswersForTheBroken(Line):
    def broke(self, party, error):
        return b""


class PassesErrorsOn(Line):
    def broke(self, party, error):
        raise error


class StaysBroken(Line):
    def broke(self, party, error):
        del self.handlers[party]
        return super().broke(party, error)


class TakesLess(Line):
    def check(self, what, data):
        if len(data) == MOST and what == "request":
            raise TransportError
        return super().check(what, data)


class CutsRequests(Line):
    def check(self, what, data):
        return data

    def deliver(self, party, request):
        return super().deliver(party, request[:MOST])


class SendsAPartFirst(Line):
    def check(self, what, data):
        if what == "request" and len(data) > MOST:
            self.deliver("DE", data[:MOST])
        return super().check(what, data)


class CutsReplies(Line):
    def check(self, what, data):
        return data[:MOST]


class BringsLess(Line):
    def check(self, what, data):
        if what == "reply" and len(data) == MOST:
            return b"."
        return super().check(what, data)


class HasNoWord(Line):
    def absent(self, request):
        return TransportUnreachable(code="Nobody is there!")


class SaysWhatItSent(Line):
    def absent(self, request):
        return TransportUnreachable(f"not sent: {request!r}")


class ShowsWhatItSent(Line):
    def exchange(self, party, request, *, timeout):
        self.last = request
        return super().exchange(party, request, timeout=timeout)

    def __repr__(self):
        return f"Line({self.last.hex()})"


class LogsWhatItSends(Line):
    def deliver(self, party, request):
        logging.getLogger("line").debug("sent %s", request)
        return super().deliver(party, request)


class ClosesOnce(Line):
    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        super().close()


class IgnoresClosing(Line):
    def close(self):
        pass


class SendsBeforeItLooks(Line):
    def exchange(self, party, request, *, timeout):
        if self.closed:
            self.deliver(party, request)
        return super().exchange(party, request, timeout=timeout)


class HangsWhenClosed(Line):
    never = threading.Event()

    def wait(self, *options):
        reply = super().wait(*options)
        if self.closed:
            self.never.wait(60)
        return reply


class BreaksWhenClosed(Line):
    def wait(self, *options):
        reply = super().wait(*options)
        if self.closed:
            raise OSError("bad file descriptor")
        return reply


class ClosingHangs(Line):
    never = threading.Event()

    def close(self):
        if not self.closed:
            super().close()
            self.never.wait(60)


class LeavesAThread(Line):
    never = threading.Event()

    def __init__(self, *options):
        super().__init__(*options)
        threading.Thread(target=self.never.wait, args=(60,), daemon=True).start()


class LeavesAFile(Line):
    files: ClassVar[list[int]] = []

    def __init__(self, *options):
        super().__init__(*options)
        self.files += os.pipe()


def busy_without_a_time(self, retry_after):
    return closing(Raising(TransportBusy()))


def merely_fails(self):
    return closing(Raising(TransportError()))


OTHER = "a reply is not the one"
NOTHING = "nothing is raised"
BROKEN = [
    ("test_one_byte_comes_through", LosesZeros, OTHER),
    ("test_one_byte_comes_through", BringsAnArray, "a reply is no bytes"),
    ("test_every_byte_value_comes_through", EndsLinesItsWay, OTHER),
    ("test_the_party_receives_the_very_bytes", HandsOverAnArray, "arrives as no bytes"),
    ("test_the_party_receives_the_very_bytes", HandsOverSomethingElse, "another request"),
    ("test_a_large_message_comes_through", CutsAtABuffer, OTHER),
    ("test_lengths_about_buffers_come_through", LosesTheLastOfAPage, OTHER),
    ("test_the_sender_is_known_at_the_other_end", NamesTheReceiver, "another sender"),
    ("test_content_does_not_choose_the_sender", BelievesTheMessage, "chosen its sender"),
    ("test_a_request_goes_to_its_party_alone", TellsEverybody, "went to another party"),
    ("test_a_request_that_is_sent_again_gets_its_reply_again", TakesARequestOnce, "second time"),
    ("test_calls_to_many_parties_do_not_mix", Swaps, OTHER),
    ("test_calls_to_one_party_do_not_mix", SwapsWithinAParty, OTHER),
    ("test_a_slow_party_keeps_no_other_waiting", OneAtATime, "does not end"),
    ("test_a_call_ends_at_its_timeout", NeverGivesUp, "raised instead of TransportTimeout"),
    ("test_a_call_ends_at_its_timeout", GivesUpAtOnce, "before its timeout"),
    ("test_each_call_has_its_own_timeout", HasOneTimeout, "the timeout of another call"),
    ("test_a_late_reply_is_given_to_no_other_call", KeepsLateReplies, OTHER),
    ("test_an_absent_party_gives_no_reply", AnswersForTheAbsent, NOTHING),
    ("test_an_absent_party_is_unreachable", DoesNotSayUnreachable, "of TransportUnreachable"),
    ("test_a_failing_party_gives_no_reply", AnswersForTheBroken, NOTHING),
    ("test_a_failing_party_is_an_error_of_the_transport", PassesErrorsOn, "RuntimeError is raised"),
    ("test_a_request_that_is_too_large_is_refused", CutsRequests, "of TransportError"),
    ("test_a_request_that_is_too_large_is_refused", SendsAPartFirst, "a part of a request"),
    ("test_a_reply_that_is_too_large_is_refused", CutsReplies, NOTHING),
    ("test_a_reply_that_is_too_large_is_refused", BringsLess, "the largest reply is lost"),
    ("test_every_failure_has_a_code", HasNoWord, "no code"),
    ("test_no_content_in_errors", SaysWhatItSent, "in the text of an error"),
    ("test_no_content_in_errors", ShowsWhatItSent, "in the text of an error"),
    ("test_no_content_in_logs", LogsWhatItSends, "content is logged"),
    ("test_a_closed_transport_reaches_nobody", IgnoresClosing, NOTHING),
    ("test_a_closed_transport_reaches_nobody", SendsBeforeItLooks, "leaves a closed transport"),
    ("test_closing_lets_a_running_call_end", HangsWhenClosed, "hangs on a closed transport"),
    ("test_closing_lets_a_running_call_end", BreaksWhenClosed, "none of the transport's"),
    ("test_closing_lets_a_running_call_end", ClosingHangs, "does not end"),
    ("test_nothing_is_left_behind", LeavesAThread, "a thread is left"),
    ("test_nothing_is_left_behind", LeavesAFile, "a file is left"),
]
# These come out with an error that is none of a check's.
BROKEN_LOUDLY = [
    ("test_the_channel_works_after_a_failure", StaysBroken, TransportUnreachable),
    ("test_the_largest_request_comes_through", TakesLess, TransportError),
    ("test_closing_twice_is_harmless", ClosesOnce, RuntimeError),
]
BROKEN_HOOKS = [
    ("test_busy_says_when_to_try_again", {"connect_busy": busy_without_a_time}, "time to wait"),
    ("test_a_refusal_is_a_refusal", {"connect_refusing": merely_fails}, "of TransportRefused"),
]


@pytest.fixture
def cleaned_up():
    yield
    for one in (HangsWhenClosed, ClosingHangs, LeavesAThread):
        one.never.set()
        one.never = threading.Event()
    while LeavesAFile.files:
        os.close(LeavesAFile.files.pop())


# What they break is only seen when the patience is over.
SLOW = {NeverGivesUp, OneAtATime, HangsWhenClosed, ClosingHangs, LeavesAThread, LeavesAFile}


def contract(line=Line, **more):
    patience = {"patience": 3.0} if line in SLOW else {}
    return type("Contract", (LineContract,), {"line": line, **patience, **more})()


@pytest.mark.usefixtures("cleaned_up")
@pytest.mark.parametrize(("check", "line", "why"), BROKEN)
def test_a_broken_line_fails(check, line, why):
    with pytest.raises(AssertionError, match=why):
        getattr(contract(line), check)()


@pytest.mark.parametrize(("check", "line", "error"), BROKEN_LOUDLY)
def test_a_broken_line_raises(check, line, error):
    with pytest.raises(error):
        getattr(contract(line), check)()


@pytest.mark.parametrize(("check", "hooks", "why"), BROKEN_HOOKS)
def test_a_broken_hook_fails(check, hooks, why):
    with pytest.raises(AssertionError, match=why):
        getattr(contract(**hooks), check)()


def test_every_check_can_fail():
    shown = [*BROKEN, *BROKEN_LOUDLY, *BROKEN_HOOKS]
    assert {check for check, *_ in shown} == set(TransportContract.checks())


def test_checks_of_what_a_channel_cannot_do_are_taken_out():
    gone = set(TransportContract.checks()) - set(TestInProcess.checks())
    assert "test_a_call_ends_at_its_timeout" in gone
    assert "test_busy_says_when_to_try_again" in gone
    assert "test_every_byte_value_comes_through" not in gone
    assert set(LineContract.checks()) == set(TransportContract.checks())


def test_a_subclass_may_claim_what_its_parent_did_not():
    class Better(TestInProcess):
        __test__ = False
        supports_cancel = True

    assert set(Better.checks()) - set(TestInProcess.checks()) == {
        "test_a_call_ends_at_its_timeout",
        "test_each_call_has_its_own_timeout",
        "test_a_late_reply_is_given_to_no_other_call",
    }
    assert callable(Better.test_a_call_ends_at_its_timeout)


def test_a_check_that_a_host_took_out_itself_stays_out():
    class Without(TestInProcess):
        __test__ = False
        test_one_byte_comes_through = None

    class Below(Without):
        __test__ = False

    assert "test_one_byte_comes_through" not in Below.checks()


def test_without_a_channel_there_is_nothing_to_check():
    with pytest.raises(NotImplementedError):
        TransportContract().test_one_byte_comes_through()


def test_the_package_loads_a_suite_when_asked():
    script = (
        "import sys, prum_match.testing as t\n"
        "assert not [one for one in sys.modules if one.startswith('prum_match.exchange')]\n"
        "t.TransportContract, t.ResponderContract\n"
        "assert not {'hypothesis', 'pytest'} & set(sys.modules)\n"
        "assert set(t.__all__) <= set(dir(t))\n"
        "try: t.NoContract\n"
        "except AttributeError: print('done')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "done\n"

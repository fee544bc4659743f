from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from prum_match.exchange import (
    InProcessTransport,
    TransportError,
    TransportUnreachable,
)
from prum_match.testing import TransportContract
from support.exchange import bad_transports as bad
from support.exchange.lines import Line


class TestALineThatKeepsIt(bad.LineContract):
    pass


class TestALineThatReadsNumbers(bad.LineContract):
    carries_any_bytes = False


class TestInProcess(TransportContract):
    supports_cancel = False
    is_remote = False

    def connect(self, handlers):
        return closing(InProcessTransport(handlers, self.own_party))


OTHER = "a reply is not the one"
NOTHING = "nothing is raised"
BROKEN = [
    ("test_one_byte_comes_through", bad.LosesZeros, OTHER),
    ("test_one_byte_comes_through", bad.BringsAnArray, "a reply is no bytes"),
    ("test_every_byte_value_comes_through", bad.EndsLinesItsWay, OTHER),
    ("test_the_party_receives_the_very_bytes", bad.HandsOverAnArray, "arrives as no bytes"),
    ("test_the_party_receives_the_very_bytes", bad.HandsOverSomethingElse, "another request"),
    ("test_a_large_message_comes_through", bad.CutsAtABuffer, OTHER),
    ("test_lengths_about_buffers_come_through", bad.LosesTheLastOfAPage, OTHER),
    ("test_the_sender_is_known_at_the_other_end", bad.NamesTheReceiver, "another sender"),
    ("test_content_does_not_choose_the_sender", bad.BelievesTheMessage, "chosen its sender"),
    ("test_a_request_goes_to_its_party_alone", bad.TellsEverybody, "went to another party"),
    (
        "test_a_request_that_is_sent_again_gets_its_reply_again",
        bad.TakesARequestOnce,
        "second time",
    ),
    ("test_calls_to_many_parties_do_not_mix", bad.Swaps, OTHER),
    ("test_calls_to_one_party_do_not_mix", bad.SwapsWithinAParty, OTHER),
    ("test_a_slow_party_keeps_no_other_waiting", bad.OneAtATime, "does not end"),
    ("test_a_call_ends_at_its_timeout", bad.NeverGivesUp, "raised instead of TransportTimeout"),
    ("test_a_call_ends_at_its_timeout", bad.GivesUpAtOnce, "before its timeout"),
    ("test_each_call_has_its_own_timeout", bad.HasOneTimeout, "the timeout of another call"),
    ("test_a_late_reply_is_given_to_no_other_call", bad.KeepsLateReplies, OTHER),
    ("test_an_absent_party_gives_no_reply", bad.AnswersForTheAbsent, NOTHING),
    ("test_an_absent_party_is_unreachable", bad.DoesNotSayUnreachable, "of TransportUnreachable"),
    ("test_a_failing_party_gives_no_reply", bad.AnswersForTheBroken, NOTHING),
    (
        "test_a_failing_party_is_an_error_of_the_transport",
        bad.PassesErrorsOn,
        "RuntimeError",
    ),
    ("test_a_request_that_is_too_large_is_refused", bad.CutsRequests, "of TransportError"),
    ("test_a_request_that_is_too_large_is_refused", bad.SendsAPartFirst, "a part of a request"),
    ("test_a_reply_that_is_too_large_is_refused", bad.CutsReplies, NOTHING),
    ("test_a_reply_that_is_too_large_is_refused", bad.BringsLess, "the largest reply is lost"),
    ("test_every_failure_has_a_code", bad.HasNoWord, "no code"),
    ("test_no_content_in_errors", bad.SaysWhatItSent, "in the text of an error"),
    ("test_no_content_in_errors", bad.ShowsWhatItSent, "in the text of an error"),
    ("test_no_content_in_logs", bad.LogsWhatItSends, "content is logged"),
    ("test_a_closed_transport_reaches_nobody", bad.IgnoresClosing, NOTHING),
    ("test_a_closed_transport_reaches_nobody", bad.SendsBeforeItLooks, "leaves a closed transport"),
    ("test_closing_lets_a_running_call_end", bad.HangsWhenClosed, "hangs on a closed transport"),
    ("test_closing_lets_a_running_call_end", bad.BreaksWhenClosed, "none of the transport's"),
    ("test_closing_lets_a_running_call_end", bad.ClosingHangs, "does not end"),
    ("test_nothing_is_left_behind", bad.LeavesAThread, "a thread is left"),
    ("test_nothing_is_left_behind", bad.LeavesAFile, "a file is left"),
]
# These come out with an error that is none of a check's.
BROKEN_LOUDLY = [
    ("test_the_channel_works_after_a_failure", bad.StaysBroken, TransportUnreachable),
    ("test_the_largest_request_comes_through", bad.TakesLess, TransportError),
    ("test_closing_twice_is_harmless", bad.ClosesOnce, RuntimeError),
]
BROKEN_HOOKS = [
    ("test_busy_says_when_to_try_again", {"connect_busy": bad.busy_without_a_time}, "time to wait"),
    ("test_a_refusal_is_a_refusal", {"connect_refusing": bad.merely_fails}, "of TransportRefused"),
]


@pytest.fixture
def cleaned_up():
    yield
    for one in (bad.HangsWhenClosed, bad.ClosingHangs, bad.LeavesAThread):
        one.never.set()
        one.never = threading.Event()
    while bad.LeavesAFile.files:
        os.close(bad.LeavesAFile.files.pop())


# What they break is only seen when the patience is over.
SLOW = {
    bad.NeverGivesUp,
    bad.OneAtATime,
    bad.HangsWhenClosed,
    bad.ClosingHangs,
    bad.LeavesAThread,
    bad.LeavesAFile,
}


def contract(line=Line, **more):
    patience = {"patience": 3.0} if line in SLOW else {}
    return type("Contract", (bad.LineContract,), {"line": line, **patience, **more})()


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


def test_checks_of_missing_capabilities_are_left_out():
    gone = set(TransportContract.checks()) - set(TestInProcess.checks())
    assert "test_a_call_ends_at_its_timeout" in gone
    assert "test_busy_says_when_to_try_again" in gone
    assert "test_every_byte_value_comes_through" not in gone
    assert set(bad.LineContract.checks()) == set(TransportContract.checks())


def test_a_subclass_may_claim_further_capabilities():
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

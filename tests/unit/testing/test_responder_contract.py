from __future__ import annotations

import threading

import pytest

from prum_match.errors import ExchangeError
from prum_match.testing import ResponderContract
from support.exchange import bad_responders as bad


class TestTheLibrarys(bad.LibraryContract):
    pass


class TestBehindAGateway(bad.LibraryContract):
    """A gateway in front knows requests again and keeps the messages about hits."""

    keeps_replies = False
    follows_up = False


NO_ERROR = "is not called an error"
BROKEN = [
    ("test_the_donor_is_a_hit", bad.FindsNobody, "the donor is not found"),
    ("test_the_donor_is_a_hit", bad.NamesAnother, "another reference"),
    ("test_the_donor_is_a_hit", bad.CallsItATrace, "the type of the reference"),
    ("test_the_donor_is_a_hit", bad.ReturnsTheProbe, "other data"),
    ("test_no_hit_is_said", bad.FailsOnNoHit, "no hit is not said"),
    ("test_no_hit_is_said", bad.DoesNotSearch, "without a search"),
    ("test_unsuitable_is_told_apart", bad.CallsItNoHit, "is not called so"),
    ("test_a_reply_can_be_read_and_repeats_its_request", bad.RepeatsAnotherHead, "the head"),
    ("test_replies_have_numbers_and_times_of_their_own", bad.CountsFromOne, "a number comes twice"),
    (
        "test_replies_have_numbers_and_times_of_their_own",
        bad.StopsItsClock,
        "of something else",
    ),
    ("test_candidates_come_best_first", bad.TurnsTheListRound, "a worse candidate"),
    ("test_nothing_is_told_of_others", bad.TellsHowMany, "who is no candidate"),
    ("test_an_erased_reference_is_in_no_reply", bad.KeepsWhatItFound, "an erased reference"),
    ("test_an_erased_reference_is_in_no_reply", bad.FailsOnNoHit, "an erasure is not a no hit"),
    ("test_an_erased_reference_is_in_no_reply_that_was_kept", bad.KeepsEveryReply, "an erased"),
    ("test_requests_at_the_same_time_do_not_mix", bad.Mixes, "the head|another request"),
    ("test_requests_at_the_same_time_do_not_mix", bad.HitsForAll, "another request"),
    ("test_a_request_that_comes_again_gets_the_same_reply", bad.CountsUp, "another reply"),
    ("test_a_number_is_used_for_one_request", bad.Forgets, "is not refused"),
    ("test_numbers_of_two_parties_are_apart", bad.ForgetsPartiesApart, "the reply of another"),
    ("test_copies_at_the_same_time_are_searched_once", bad.Forgets, "searched with twice"),
    ("test_copies_at_the_same_time_are_searched_once", bad.LetsCopiesFail, "another result"),
    ("test_copies_at_the_same_time_are_searched_once", bad.IsAlwaysBusy, "none of the copies"),
    ("test_no_content_in_logs", bad.Logs, "a profile is logged"),
    ("test_only_the_party_of_the_channel_asks", bad.BelievesTheEnvelope, "is not refused"),
    ("test_only_the_party_of_the_channel_asks", bad.SearchesFirst, "was searched with"),
    ("test_a_request_to_another_party_is_refused", bad.AnswersForAll, "is not refused"),
    ("test_an_unknown_party_is_refused", bad.WelcomesStrangers, "is not refused"),
    ("test_an_unknown_party_is_refused", bad.TidiesCodes, "is not refused"),
    ("test_a_category_that_is_not_held_is_refused", bad.AnswersWhatItHasNot, "is not refused"),
    ("test_an_old_request_is_refused", bad.SetsTheTime, "is not refused"),
    ("test_a_request_from_the_future_is_refused", bad.SetsTheTime, "is not refused"),
    ("test_noise_is_an_error", bad.Raises, "raises JSONDecodeError"),
    ("test_noise_is_an_error", bad.ReturnsText, "no bytes"),
    ("test_a_part_of_a_request_is_an_error", bad.GuessesTheRest, NO_ERROR),
    ("test_a_damaged_request_is_an_error", bad.IgnoresTheDigest, NO_ERROR),
    ("test_a_field_too_many_is_an_error", bad.DropsFields, NO_ERROR),
    ("test_another_version_is_an_error", bad.SpeaksEveryVersion, NO_ERROR),
    ("test_a_request_that_is_too_large_is_an_error", bad.CutsTheProbe, NO_ERROR),
    ("test_a_request_that_is_too_large_is_an_error", bad.TakesItsTime, "does not end"),
    ("test_a_request_that_is_too_deep_is_an_error", bad.Raises, "raises RecursionError"),
    ("test_an_answer_is_answered_with_an_end", bad.AnswersAnswers, NO_ERROR),
    ("test_an_answer_is_answered_with_an_end", bad.AsksBack, "with a new message"),
    (
        "test_a_refusal_says_nothing_of_the_register",
        bad.TellsThirdParties,
        "register holds",
    ),
    ("test_a_refusal_says_nothing_of_the_register", bad.BelievesTheEnvelope, "is not refused"),
    ("test_a_hit_is_followed_up", bad.AcceptsEverything, "a confirmation is lost"),
    ("test_a_message_that_comes_again_changes_nothing", bad.RefusesCopies, "is not accepted"),
    ("test_a_hit_that_nobody_had_is_refused", bad.AcceptsEverything, "is not refused"),
    ("test_a_third_party_has_no_say_in_a_hit", bad.HearsAnybody, "is heard"),
    ("test_facts_wait_for_the_confirmation", bad.IsHasty, "before a confirmation"),
    ("test_core_data_wait_for_a_human", bad.ReleasesAtOnce, "core data are sent"),
    ("test_core_data_wait_for_a_human", bad.FetchesAtOnce, "are fetched"),
    ("test_no_content_of_a_hit_in_logs", bad.LogsMessages, "are logged"),
]


def contract(broken, **more):
    return type("Contract", (bad.LibraryContract,), {"broken": broken, **more})()


@pytest.mark.parametrize(("check", "broken", "why"), BROKEN)
def test_a_broken_responder_fails(check, broken, why):
    patience = {"patience": 0.5} if broken is bad.TakesItsTime else {}
    with pytest.raises(AssertionError, match=why):
        getattr(contract(broken, **patience), check)()
    bad.TakesItsTime.never.set()
    bad.TakesItsTime.never = threading.Event()


def test_bytes_that_are_not_canonical_are_refused():
    with pytest.raises(ExchangeError, match="not_canonical"):
        contract(bad.AddsASpace).test_a_reply_can_be_read_and_repeats_its_request()


def test_every_check_can_fail():
    assert {check for check, *_ in BROKEN} == set(ResponderContract.checks())


def test_a_gateway_takes_over_checks():
    gone = set(ResponderContract.checks()) - set(TestBehindAGateway.checks())
    assert "test_a_number_is_used_for_one_request" in gone
    assert "test_core_data_wait_for_a_human" in gone
    assert "test_the_donor_is_a_hit" not in gone


def test_without_a_responder_there_is_nothing_to_check():
    with pytest.raises(NotImplementedError):
        ResponderContract().test_the_donor_is_a_hit()

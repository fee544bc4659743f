"""The parts of contract suites: checks, waiting in threads, and watching for leaks."""

from __future__ import annotations

import logging
import threading

import pytest

from prum_match import dna
from prum_match.testing.contracts.parcels import AnyBytes, Messages
from prum_match.testing.contracts.responder_setting import WatchedGallery
from prum_match.testing.contracts.suite import (
    CANARY,
    Call,
    Contract,
    eventually,
    holds_canary,
    in_parallel,
    logged,
    needs,
    nothing_left,
    raised_by,
    require,
)
from prum_match.testing.contracts.transport_setting import ScriptedParty
from prum_match.testing.laboratory import LOCI

PROFILE = dna.Profile({locus: (8, 9) for locus in LOCI})


def test_a_requirement_that_does_not_hold_fails_with_its_text() -> None:
    require(True, "holds")
    with pytest.raises(AssertionError, match="one is not two"):
        require(False, "one is not two")


def test_checks_of_capabilities_that_are_not_claimed_are_taken_out() -> None:
    class Example(Contract, abstract=True):
        can_fly = False

        @needs("can_fly")
        def test_it_lands(self) -> None: ...

    class Stone(Example): ...

    class Bird(Example):
        can_fly = True

    assert (Stone.checks(), Bird.checks()) == ((), ("test_it_lands",))


def test_calls_run_in_threads_and_hand_over_their_results() -> None:
    threads = {Call(threading.get_ident).result(10), threading.get_ident()}
    assert len(threads) == 2
    # Each waits for the other: they do run at the same time.
    both = threading.Barrier(2)
    assert sorted(in_parallel([lambda: both.wait(10), lambda: both.wait(10)], 10)) == [0, 1]


def test_the_expected_error_is_returned_and_its_absence_is_a_failure() -> None:
    assert isinstance(raised_by(ValueError, lambda: int("one")), ValueError)
    with pytest.raises(AssertionError):
        raised_by(ValueError, lambda: int("1"))


def test_waiting_ends_when_the_condition_holds_or_the_time_is_up() -> None:
    states = iter([False, True])
    assert eventually(lambda: next(states), 10)
    assert not eventually(lambda: False, 0.01)


def test_content_is_recognised_in_text_base64_and_hexadecimal() -> None:
    assert holds_canary(repr(b"1" + CANARY))
    assert holds_canary(CANARY.hex())
    assert not holds_canary("nothing")


def test_log_lines_of_every_level_are_collected_with_their_arguments() -> None:
    with logged() as lines:
        logging.getLogger("any").debug("a line")
        logging.getLogger("any").info("with %s", 7)
    assert lines == ["a line ()", "with 7 (7,)"]


def test_parcels_carry_their_content() -> None:
    assert AnyBytes().request("AT", "DE", b"...") == b"..."
    messages = Messages()
    request = messages.request("AT", "DE", b"...")
    assert request != b"..."
    assert messages.content(request) == b"..."


def test_a_watched_gallery_counts_searches() -> None:
    gallery = dna.Gallery()
    gallery.enrol(["AT-1"], [PROFILE])
    watched = WatchedGallery(gallery)
    assert watched.searches == 0
    assert watched.search(PROFILE).reference_ids == ["AT-1"]
    assert (watched.searches, len(watched), "AT-1" in watched) == (1, 1, True)


def test_a_scripted_party_keeps_what_it_received() -> None:
    party = ScriptedParty(bytes.upper, patience=1)
    assert party.handle("AT", b"a") == b"A"
    assert party.received == [("AT", b"a")]


def test_a_thread_that_is_left_behind_is_named() -> None:
    end = threading.Event()

    def poll_for_ever() -> None:
        end.wait()

    threads = [
        threading.Thread(target=poll_for_ever),
        threading.Thread(target=end.wait, name="mailer"),
    ]

    def leave_threads() -> None:
        with nothing_left(0.05):
            for thread in threads:
                thread.start()

    with pytest.raises(AssertionError, match=r"left behind: Thread-\d+ \(poll_for_ever\), mailer"):
        leave_threads()
    end.set()
    for thread in threads:
        thread.join()
    with nothing_left(5):
        threading.Thread(target=poll_for_ever).start()

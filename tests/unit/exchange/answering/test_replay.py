from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import MemoryStore
from prum_match.exchange.answering.replay import Kept, ReplayWindow
from prum_match.exchange.answering.stops import Stop
from prum_match.exchange.messages.envelope import SKEW

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = ("AT", "7f3a")
KEPT = Kept(b"reply", "toy", ("DE-1",))
SECOND = timedelta(seconds=1)


class Window:
    """A replay window with a transaction for each call."""

    def __init__(self, max_bytes=1 << 20):
        self.store = MemoryStore()
        self.window = ReplayWindow(DAY, max_bytes)

    def __getattr__(self, name):
        def call(*args):
            with self.store.transaction() as entries:
                return getattr(self.window, name)(entries, *args)

        return call

    def numbers(self):
        with self.store.transaction() as entries:
            return entries.keys("answered")


@pytest.fixture
def window():
    return Window()


def find(window, key=KEY, digest=b"1", time=NOON, now=None):
    try:
        return window.find(key, digest, time, now or time)
    except Stop as stop:
        return stop.code or stop.result


def answered(window, key=KEY, kept=KEPT, time=NOON, now=None, digest=b"1"):
    assert find(window, key, digest, time, now) is None
    window.keep(key, digest, time, now or time, kept)


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        (timedelta(0), False),
        (DAY, False),
        (DAY + SECOND, True),
        (-SKEW, False),
        (-SKEW - SECOND, True),
        (NOON - datetime.min.replace(tzinfo=UTC), True),
        (NOON - datetime.max.replace(tzinfo=UTC), True),
    ],
)
def test_a_request_is_of_today(age, stale):
    assert ReplayWindow(DAY, 1).is_stale(NOON - age, NOON) is stale


def test_the_same_bytes_get_the_same_reply(window):
    answered(window)
    assert find(window) == KEPT
    assert find(window, now=NOON + DAY) == KEPT


def test_other_bytes_do_not_get_the_number(window):
    answered(window)
    assert find(window, digest=b"2") == "number_in_use"
    assert find(window) == KEPT
    assert find(window, ("FR", "7f3a"), b"2") is None


def test_a_number_that_was_forgotten_is_free(window):
    answered(window)
    window.forget(KEY)
    assert find(window, digest=b"2") is None
    assert window.references("toy") == set()
    window.forget(KEY)
    answered(window, digest=b"2")


def test_requests_in_the_log_are_not_answered_again(window):
    window.answered_earlier(KEY, NOON + DAY, NOON)
    assert find(window) == "already_answered"
    assert find(window, digest=b"2", now=NOON + DAY) == "already_answered"
    assert find(window, time=NOON + DAY + SECOND) is None


def test_a_number_is_forgotten_when_a_replay_would_be_stale(window):
    answered(window)
    assert find(window, now=NOON + DAY + SECOND) is None
    answered(window, ("AT", "later"), time=NOON + DAY + SECOND)
    assert window.numbers() == ["AT/later"]


def test_expired_numbers_leave_faster_than_new_ones_come(window):
    for number in range(40):
        answered(window, ("AT", f"old{number}"))
    late = NOON + DAY + SECOND
    for number in range(5):
        answered(window, ("AT", f"new{number}"), time=late)
    assert window.numbers() == [f"AT/new{number}" for number in range(5)]
    assert window.references("toy") == {"DE-1"}


@pytest.mark.parametrize("time", [datetime.max, datetime.min])
def test_a_time_at_the_end_of_the_calendar_is_a_time(time, window):
    answered(window, time=time.replace(tzinfo=UTC), now=NOON)


def test_a_number_from_the_future_is_kept_no_longer_than_others(window):
    answered(window, time=NOON + 99 * DAY, now=NOON)
    assert find(window, now=NOON + SKEW + DAY) == KEPT
    assert find(window, now=NOON + SKEW + DAY + SECOND) is None


def test_after_a_clock_was_ahead_nothing_is_answered_twice(window):
    answered(window)
    ahead = NOON + 30 * DAY
    # The number expires, because the clock says so.
    answered(window, ("AT", "ahead"), time=ahead)
    assert window.numbers() == ["AT/ahead"]
    now = NOON + 60 * SECOND
    assert find(window, now=now) == "already_answered"
    assert find(window, digest=b"2", now=now) == "already_answered"
    # Requests that are made from now on are new, today and on the following days.
    for later in (SECOND, DAY, 29 * DAY, 31 * DAY):
        assert find(window, ("AT", "new"), time=NOON + later) is None


def test_a_number_of_a_clock_that_was_ahead_does_not_refuse_what_comes_after():
    window = Window(512 * 2)
    for number in range(3):
        answered(window, ("AT", f"ahead{number}"), Kept(b"", "toy"), NOON + 30 * DAY)
    now = NOON + SKEW + SECOND
    assert find(window, ("AT", "new"), time=now) == "already_answered"
    window = Window(512 * 2)
    for number in range(2):
        answered(window, ("AT", f"ahead{number}"), Kept(b"", "toy"), NOON + 30 * DAY)
    answered(window, ("AT", "back"), Kept(b"", "toy"), NOON)
    assert find(window, ("AT", "new"), time=now) is None


def test_a_reply_that_was_dropped_leaves_its_number(window):
    answered(window)
    window.drop(KEY)
    assert find(window) == "already_answered"
    assert find(window, digest=b"2") == "number_in_use"
    window.drop(KEY)
    window.drop(("AT", "never"))


def test_the_replies_that_name_a_reference_are_dropped(window):
    answered(window, ("AT", "1"), Kept(b"1", "toy", ("DE-1", "DE-2")))
    answered(window, ("AT", "2"), Kept(b"2", "toy", ("DE-2",)))
    answered(window, ("FR", "1"), Kept(b"3", "other", ("DE-1",)))
    answered(window, ("FR", "2"), Kept(b"4\n", "toy"))
    assert window.references("toy") == {"DE-1", "DE-2"}
    window.drop_naming("toy", ["DE-1", "DE-9"])
    assert find(window, ("AT", "1")) == "already_answered"
    assert find(window, ("AT", "2")).reply == b"2"
    assert find(window, ("FR", "1")).reply == b"3"
    assert find(window, ("FR", "2")).reply == b"4\n"
    assert window.references("toy") == {"DE-2"}


def test_memory_is_bounded_and_the_oldest_reply_goes_first():
    window = Window(5000)
    for number in "123":
        answered(window, ("AT", number), Kept(b"x" * 2000, "toy"))
    assert find(window, ("AT", "1")) == "already_answered"
    assert find(window, ("AT", "2")).reply == find(window, ("AT", "3")).reply
    # What was dropped makes room.
    window.drop(("AT", "2"))
    answered(window, ("AT", "4"), Kept(b"x" * 3000, "toy"))
    assert find(window, ("AT", "3")).reply
    answered(window, ("AT", "5"), Kept(b"x" * 6000, "toy"))
    assert find(window, ("AT", "5")) == "already_answered"
    assert window.references("toy") == set()


def test_numbers_are_bounded_and_older_requests_are_refused():
    window = Window(512 * 10)
    for number in range(12):
        answered(window, ("AT", str(number)), Kept(b"", "toy"), NOON + number * SECOND)
    # Two numbers are gone; requests as old as those are not worked on, known or not.
    assert find(window, ("AT", "0"), time=NOON) == "already_answered"
    assert find(window, ("AT", "new"), time=NOON + SECOND) == "already_answered"
    assert find(window, ("AT", "2"), time=NOON + 2 * SECOND).reply == b""
    assert find(window, ("AT", "new"), time=NOON + 2 * SECOND) is None


def test_a_number_that_is_used_again_takes_no_room_twice():
    window = Window(5000)
    answered(window, ("AT", "young"), Kept(b"x" * 2000, "toy"), NOON + timedelta(hours=1))
    late = NOON + DAY + SECOND
    for time in (NOON, late):
        answered(window, ("AT", "old"), Kept(b"x" * 2000, "toy"), time)
    assert find(window, ("AT", "young"), time=NOON + timedelta(hours=1), now=late).reply
    assert find(window, ("AT", "old"), time=late).reply


def test_a_reply_that_says_nothing_of_a_damaged_entry_is_not_given(window):
    answered(window)
    with window.store.transaction() as entries:
        entries.put("reply", "AT/7f3a", b"\xff\n")
    with pytest.raises(StorageError) as caught:
        window.find(KEY, b"1", NOON, NOON)
    assert caught.value.code == "store_damaged"

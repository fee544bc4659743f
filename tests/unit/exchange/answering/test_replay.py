from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prum_match.exchange.answering.replay import SKEW, Kept, ReplayWindow
from prum_match.exchange.answering.stops import Stop
from prum_match.exchange.messages import Result

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = ("AT", "7f3a")
KEPT = Kept(b"reply", "toy", ("DE-1",))
SECOND = timedelta(seconds=1)


@pytest.fixture
def window():
    return ReplayWindow(DAY, 1 << 20)


def begin(window, key=KEY, digest=b"1", time=NOON, now=None):
    try:
        return window.begin(key, digest, time, now or time)
    except Stop as stop:
        return stop.code or stop.result


def answered(window, key=KEY, kept=KEPT, time=NOON):
    assert begin(window, key, time=time) is None
    window.keep(key, kept)


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
def test_a_request_is_of_today(age, stale, window):
    assert window.is_stale(NOON - age, NOON) is stale


def test_the_same_bytes_get_the_same_reply(window):
    answered(window)
    assert begin(window) is KEPT
    assert begin(window, now=NOON + DAY) is KEPT


def test_other_bytes_do_not_get_the_number(window):
    answered(window)
    assert begin(window, digest=b"2") == "number_in_use"
    assert begin(window) is KEPT
    assert begin(window, ("FR", "7f3a"), b"2") is None


def test_a_duplicate_of_a_request_in_work_is_busy(window):
    assert begin(window) is None
    assert begin(window) is Result.BUSY
    assert begin(window, digest=b"2") == "number_in_use"
    # However long it takes.
    assert begin(window, now=NOON + 9 * DAY) is Result.BUSY


def test_a_number_that_was_released_is_free(window):
    assert begin(window) is None
    window.release(KEY)
    assert begin(window, digest=b"2") is None


def test_requests_in_the_log_are_not_answered_again(window):
    window.answered_earlier(KEY, NOON + DAY)
    assert begin(window) == "already_answered"
    assert begin(window, digest=b"2", now=NOON + DAY) == "already_answered"
    assert begin(window, time=NOON + DAY + SECOND) is None


def test_a_number_is_forgotten_when_a_replay_would_be_stale(window):
    answered(window)
    assert begin(window, now=NOON + DAY + SECOND) is None


def test_it_is_forgotten_though_a_younger_one_came_first(window):
    answered(window, ("AT", "young"), time=NOON + timedelta(hours=1))
    answered(window, ("AT", "old"), time=NOON)
    late = NOON + DAY + SECOND
    assert begin(window, ("AT", "old"), now=late) is None
    window.keep(("AT", "old"), KEPT)
    assert begin(window, ("AT", "young"), time=NOON, now=late) is KEPT
    assert window.references("toy") == {"DE-1"}


@pytest.mark.parametrize("time", [datetime.max, datetime.min])
def test_a_time_at_the_end_of_the_calendar_is_a_time(time, window):
    assert begin(window, time=time.replace(tzinfo=UTC), now=NOON) is None


def test_a_number_from_the_future_is_kept_no_longer_than_others(window):
    assert begin(window, time=NOON + 99 * DAY, now=NOON) is None
    window.keep(KEY, KEPT)
    assert begin(window, now=NOON + SKEW + DAY) is KEPT
    assert begin(window, now=NOON + SKEW + DAY + SECOND) is None


def test_a_reply_that_was_dropped_leaves_its_number(window):
    answered(window)
    window.drop(KEY)
    assert begin(window) == "already_answered"
    assert begin(window, digest=b"2") == "number_in_use"
    window.drop(KEY)
    window.drop(("AT", "never"))


def test_the_replies_that_name_a_reference_are_dropped(window):
    answered(window, ("AT", "1"), Kept(b"1", "toy", ("DE-1", "DE-2")))
    answered(window, ("AT", "2"), Kept(b"2", "toy", ("DE-2",)))
    answered(window, ("FR", "1"), Kept(b"3", "other", ("DE-1",)))
    answered(window, ("FR", "2"), Kept(b"4", "toy"))
    assert window.references("toy") == {"DE-1", "DE-2"}
    window.drop_naming("toy", ["DE-1", "DE-9"])
    assert begin(window, ("AT", "1")) == "already_answered"
    assert begin(window, ("AT", "2")).reply == b"2"
    assert begin(window, ("FR", "1")).reply == b"3"
    assert begin(window, ("FR", "2")).reply == b"4"
    assert window.references("toy") == {"DE-2"}


def test_a_checked_reply_replaces_the_kept_one(window):
    answered(window)
    later = Kept(b"reply", "toy", ("DE-1",), generation=7)
    window.renew(KEY, later)
    assert begin(window) is later
    window.drop(KEY)
    window.renew(KEY, later)
    assert begin(window) == "already_answered"


def test_memory_is_bounded_and_the_oldest_reply_goes_first():
    window = ReplayWindow(DAY, 5000)
    for number in "123":
        answered(window, ("AT", number), Kept(b"x" * 2000, "toy"))
    assert begin(window, ("AT", "1")) == "already_answered"
    assert begin(window, ("AT", "2")).reply == begin(window, ("AT", "3")).reply
    # What was dropped makes room.
    window.drop(("AT", "2"))
    answered(window, ("AT", "4"), Kept(b"x" * 3000, "toy"))
    assert begin(window, ("AT", "3")).reply
    answered(window, ("AT", "5"), Kept(b"x" * 6000, "toy"))
    assert begin(window, ("AT", "5")) == "already_answered"
    assert window.references("toy") == set()


def test_numbers_are_bounded_and_older_requests_are_refused():
    window = ReplayWindow(DAY, 512 * 10)
    for number in range(12):
        answered(window, ("AT", str(number)), Kept(b"", "toy"), NOON + number * SECOND)
    # Two numbers are gone; requests as old as those are not worked on, known or not.
    assert begin(window, ("AT", "0"), time=NOON) == "already_answered"
    assert begin(window, ("AT", "new"), time=NOON + SECOND) == "already_answered"
    assert begin(window, ("AT", "2"), time=NOON + 2 * SECOND).reply == b""
    assert begin(window, ("AT", "new"), time=NOON + 2 * SECOND) is None


def test_the_latest_request_that_was_forgotten_counts():
    window = ReplayWindow(DAY, 512 * 2)
    for number, seconds in enumerate((9, 5, 7, 8)):
        assert begin(window, ("AT", str(number)), time=NOON + seconds * SECOND) is None
    for number in range(4):
        window.keep(("AT", str(number)), Kept(b"", "toy"))
    assert begin(window, ("AT", "new"), time=NOON + 9 * SECOND) == "already_answered"
    assert begin(window, ("AT", "new"), time=NOON + 10 * SECOND) is None


def test_a_number_that_is_used_again_takes_no_room_twice():
    window = ReplayWindow(DAY, 5000)
    answered(window, ("AT", "young"), Kept(b"x" * 2000, "toy"), NOON + timedelta(hours=1))
    late = NOON + DAY + SECOND
    for time, now in ((NOON, NOON), (late, late)):
        assert begin(window, ("AT", "old"), time=time, now=now) is None
        window.keep(("AT", "old"), Kept(b"x" * 2000, "toy"))
    assert begin(window, ("AT", "young"), now=late).reply
    assert begin(window, ("AT", "old"), time=late).reply


def test_a_number_at_work_is_never_forgotten_for_want_of_room():
    window = ReplayWindow(DAY, 1)
    assert begin(window, ("AT", "1")) is None
    assert begin(window, ("AT", "2")) is None
    assert begin(window, ("AT", "1")) is Result.BUSY
    window.keep(("AT", "2"), Kept(b"", "toy"))
    assert begin(window, ("AT", "2")) == "already_answered"
    assert begin(window, ("AT", "1")) is Result.BUSY
    window.keep(("AT", "1"), Kept(b"", "toy"))
    assert begin(window, ("AT", "1")) == "already_answered"

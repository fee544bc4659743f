from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import MemoryStore, Partner, PartnerRules, Quota, Responder
from prum_match.exchange.answering import quotas
from prum_match.exchange.answering.stops import Stop
from prum_match.exchange.audit import Act, Entry, MemoryAudit, SqliteAudit
from prum_match.exchange.messages import Result, decode_reply, encode

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = ("AT", "face", "P")


def entry(**changes):
    fields = {
        "act": Act.ANSWERED,
        "time": NOON,
        "party": "AT",
        "category": "face",
        "number": "1",
        "type": "P",
        "result": "hit",
    }
    return Entry(**{**fields, **changes})


def is_left(entries, key, most, now):
    try:
        quotas.check(entries, key, most, now)
    except Stop as stop:
        return (stop.result, stop.code) != (Result.REFUSED, "quota_exhausted")
    return True


def left(store, key=KEY, most=10, now=NOON):
    """Take what is left of a quota, and return how much it was."""
    taken = 0
    with store.transaction() as entries:
        while is_left(entries, key, most, now):
            quotas.count(entries, key, now)
            taken += 1
    return taken


@pytest.fixture
def store():
    return MemoryStore()


def test_a_day_has_so_many_searches_and_the_next_as_many(store):
    assert left(store) == 10
    assert left(store) == 0
    assert left(store, now=NOON.replace(hour=23, minute=59, second=59)) == 0
    midnight = NOON.replace(day=2, hour=0)
    assert left(store, now=midnight) == 10
    # A thread that was slow about midnight does not bring the day before back.
    assert left(store, now=NOON) == 0


def test_partner_category_and_type_count_apart(store):
    left(store)
    for key in (
        ("FR", "face", "P"),
        ("AT", "dactyloscopy", "P"),
        ("AT", "face", "S"),
        ("AT", "face", None),
    ):
        assert left(store, key) == 10


def test_a_clock_that_is_ahead_for_a_while_changes_neither_that_day_nor_the_next_ones(store):
    assert left(store, most=3) == 3
    for ahead in (1, 30, 31, 365):
        assert left(store, now=NOON + timedelta(days=ahead + 2)) == 10
    assert left(store, most=5) == 2
    assert left(store, now=NOON + timedelta(days=1)) == 10
    assert left(store, now=NOON + timedelta(days=2)) == 10


def test_counters_of_long_ago_are_removed_and_that_of_today_never(store):
    for day in range(100):
        left(store, now=NOON + timedelta(days=day), most=1)
    left(store, ("FR", "face", "P"))
    with store.transaction() as entries:
        kept = entries.keys("quota", "AT/")
    assert len(kept) == 62
    assert kept[-1] == "AT/face/P/2026-06-08"
    # A clock far behind: its day is the oldest of all, and is counted all the same.
    long_ago = NOON - timedelta(days=999)
    assert left(store, now=long_ago) == 10
    assert left(store, now=long_ago) == 0


def test_a_discounted_search_can_be_made_again(store):
    left(store)
    with store.transaction() as entries:
        quotas.count(entries, KEY, NOON, by=-1)
    assert left(store) == 1


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, 1),
        ({"result": "no_hit"}, 1),
        ({"result": "unsuitable"}, 0),
        ({"result": "refused", "code": "quota_exhausted"}, 0),
        ({"result": "error", "code": "search_failed"}, 0),
        ({"act": Act.RECEIVED}, 0),
        ({"time": NOON.replace(hour=0)}, 1),
        ({"time": NOON.replace(hour=0) - timedelta(microseconds=1)}, 0),
        ({"party": "FR"}, 0),
        ({"type": None}, 0),
    ],
)
def test_a_restart_counts_the_searches_of_the_day_in_the_log(changes, taken, store):
    with store.transaction() as entries:
        quotas.recall(entries, entry(**changes), NOON)
    assert left(store) == 10 - taken


# --- in a responder -------------------------------------------------------------------------------


@pytest.fixture
def gallery(toy):
    return toy.Gallery({"DE-1": toy.Item("apple")})


@pytest.fixture
def states(gallery, request_of, clock):
    """Answer requests with numbers of their own, within a quota of two and one."""
    numbers = iter(range(10**6))
    quota = Quota(identified=2, unidentified=1)
    partners = {"AT": Partner(categories={"toy": PartnerRules(quota=quota)})}

    def states(audit=None, **options):
        responder = Responder(
            "DE", {"toy": gallery}, clock=clock, partners=partners, audit=audit, **options
        )

        def ask(word="apple", kind="P", number=None):
            request = request_of(
                number=number or f"q{next(numbers)}",
                type=kind,
                time=clock(),
                probe=f'["{word}", "{kind}"]'.encode(),
            )
            reply = decode_reply(responder.handle("AT", encode(request)))
            return reply.code or reply.result.value

        return ask

    return states


def test_over_the_quota_a_request_is_refused(states, gallery, clock):
    ask = states()
    assert [ask() for _ in range(3)] == ["hit", "hit", "quota_exhausted"]
    assert [ask(kind="S") for _ in range(2)] == ["hit", "quota_exhausted"]
    assert len(gallery.searches) == 3
    clock.sleep(24 * 3600)
    assert ask() == "hit"


def test_failed_and_refused_searches_do_not_count(states, gallery):
    ask = states()
    assert ask("zebra", number="d") == "no_hit"  # this counts, and its duplicates do not
    assert ask("zebra", number="d") == "no_hit"
    assert ask("a") == "unsuitable"
    assert ask(number="d") == "number_in_use"
    gallery.after_search = lambda one: 1 / 0
    assert ask() == "search_failed"
    gallery.after_search = lambda one: None
    assert [ask(), ask()] == ["hit", "quota_exhausted"]


@pytest.mark.parametrize("home", ["memory", "file"])
def test_a_quota_holds_over_a_restart(home, states, clock, tmp_path):
    def audit():
        return memory if home == "memory" else SqliteAudit(tmp_path / "audit")

    memory = MemoryAudit()
    log = audit()
    assert states(log)() == "hit"
    if home == "file":
        log.close()
    log = audit()
    ask = states(log)
    assert [ask(), ask(), ask(kind="S")] == ["hit", "quota_exhausted", "hit"]
    ask = states(log)
    assert [ask(), ask(kind="S")] == ["quota_exhausted", "quota_exhausted"]
    clock.sleep(24 * 3600)
    assert states(log)() == "hit"
    if home == "file":
        log.close()


def test_the_day_is_counted_from_midnight_however_short_the_window(states, clock):
    tomorrow = (clock() + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    clock.sleep((tomorrow - clock()).total_seconds())
    audit = MemoryAudit()
    hour = {"replay_window": timedelta(hours=1)}
    ask = states(audit, **hour)
    assert [ask(), ask()] == ["hit", "hit"]
    clock.sleep(23 * 3600)
    assert states(audit, **hour)() == "quota_exhausted"


def test_a_quota_of_nought_is_a_quota(gallery, request_of, clock):
    partners = {"AT": Partner(categories={"toy": PartnerRules(quota=Quota(identified=0))})}
    responder = Responder("DE", {"toy": gallery}, clock=clock, partners=partners)
    assert decode_reply(responder.handle("AT", encode(request_of()))).code == "quota_exhausted"
    with pytest.raises(InvalidInput):
        Quota(identified=-1)

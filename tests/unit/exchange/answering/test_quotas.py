from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import Partner, PartnerRules, Quota, Responder
from prum_match.exchange.answering.quotas import QuotaBook
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


def take(book, key, most, now):
    """Return why a search may not be made, None if it may."""
    try:
        return book.take(key, most, now)
    except Stop as stop:
        return stop.result, stop.code


def left(book, key=KEY, most=10, now=NOON):
    """Use up the rest of a quota, and return its size."""
    taken = [take(book, key, most, now) for _ in range(most + 1)]
    assert set(taken) <= {None, (Result.REFUSED, "quota_exhausted")}
    return taken.count(None)


def test_a_day_has_so_many_searches_and_the_next_as_many():
    book = QuotaBook(NOON)
    assert left(book) == 10
    assert left(book) == 0
    assert left(book, now=NOON.replace(hour=23, minute=59, second=59)) == 0
    midnight = NOON.replace(day=2, hour=0)
    assert left(book, now=midnight) == 10
    # A thread that was slow about midnight does not bring the day before back.
    assert left(book, now=NOON) == 0


def test_partner_category_and_type_count_apart():
    book = QuotaBook(NOON)
    left(book)
    for key in (("FR", "face", "P"), ("AT", "dactyloscopy", "P"), ("AT", "face", "S")):
        assert left(book, key) == 10


def test_a_discounted_search_can_be_made_again():
    book = QuotaBook(NOON)
    left(book)
    book.give_back(KEY, NOON)
    assert left(book) == 1
    # The next day is not made longer by what failed the day before.
    tomorrow = NOON + timedelta(days=1)
    left(book, now=tomorrow)
    book.give_back(KEY, NOON)
    assert left(book, now=tomorrow) == 0


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
def test_a_restart_counts_the_searches_of_the_day_in_the_log(changes, taken):
    book = QuotaBook(NOON)
    book.recall(entry(**changes))
    assert left(book) == 10 - taken


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

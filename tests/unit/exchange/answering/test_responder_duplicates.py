"""Each request is processed once, despite duplicates, crashes and erasures."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import (
    Limits,
    MemoryStore,
    Partner,
    PartnerRules,
    Responder,
    WithdrawalReason,
)
from prum_match.exchange.audit import Act, MemoryAudit, SqliteAudit
from prum_match.exchange.messages import Result, decode_reply, encode


@pytest.fixture
def gallery(toy):
    return toy.Gallery(
        {"DE-1": toy.Item("apple"), "DE-2": toy.Item("axe", "S"), "DE-3": toy.Item("pear")}
    )


@pytest.fixture
def audit():
    return MemoryAudit()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def responder(gallery, clock, audit, store):
    return Responder("DE", {"toy": gallery}, clock=clock, audit=audit, store=store)


def said(reply):
    reply = decode_reply(reply)
    return reply.code or reply.result.value


def test_a_duplicate_gets_the_same_bytes_and_no_second_search(
    responder, gallery, request_of, audit, clock, caplog
):
    caplog.set_level("INFO", "prum_match")
    request = encode(request_of())
    reply = responder.handle("AT", request)
    clock.sleep(3600)
    assert responder.handle("AT", request) == reply
    assert (len(gallery.searches), len(audit)) == (1, 1)
    assert "request=q1 party=AT answered again" in caplog.text


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"probe": b'["zebra", "P"]'}, Result.NO_HIT),
        ({"probe": b'["a", "P"]'}, Result.UNSUITABLE),
        ({"category": "other"}, Result.REFUSED),
        ({"requested": "FR"}, Result.REFUSED),
    ],
)
def test_every_final_answer_is_given_again(changes, result, responder, request_of, audit):
    request = encode(request_of(**changes))
    reply = responder.handle("AT", request)
    assert decode_reply(reply).result is result
    assert responder.handle("AT", request) == reply
    assert len(audit) == 1


def test_numbers_belong_to_the_sender_by_the_channel(responder, request_of):
    # France cannot use up a number of Austria's by putting Austria's name on it.
    request = encode(request_of())
    assert said(responder.handle("FR", request)) == "party_mismatch"
    assert said(responder.handle("AT", request)) == "hit"
    assert said(responder.handle("FR", request)) == "party_mismatch"


def test_a_number_is_for_one_request(responder, request_of, gallery, audit):
    assert said(responder.handle("AT", encode(request_of()))) == "hit"
    other = encode(request_of(reference="AT-8"))
    assert said(responder.handle("AT", other)) == "number_in_use"
    assert len(gallery.searches) == 1
    assert [entry.code for entry in audit.entries()] == [None, "number_in_use"]


@pytest.mark.parametrize(
    ("seconds", "answer"),
    [(86400, "hit"), (86401, "stale_request"), (-300, "hit"), (-301, "stale_request")],
)
def test_only_a_request_of_a_day_is_answered(seconds, answer, responder, request_of, clock):
    request = encode(request_of(time=clock() - timedelta(seconds=seconds)))
    assert said(responder.handle("AT", request)) == answer


def test_the_window_is_the_hosts(gallery, clock, request_of):
    hour = Responder("DE", {"toy": gallery}, clock=clock, replay_window=timedelta(hours=1))
    request = encode(request_of())
    reply = hour.handle("AT", request)
    clock.sleep(3600)
    assert hour.handle("AT", request) == reply
    clock.sleep(1)
    assert said(hour.handle("AT", request)) == "stale_request"
    for window in (timedelta(0), timedelta(days=-1), timedelta(days=367)):
        with pytest.raises(InvalidInput) as caught:
            Responder("DE", {}, replay_window=window)
        assert (caught.value.code, caught.value.field) == ("bad_limit", "replay_window")
    with pytest.raises(InvalidInput) as caught:
        Responder("DE", {}, replay_bytes=0)
    assert (caught.value.code, caught.value.field) == ("bad_limit", "replay_bytes")


def test_an_error_can_be_tried_again_under_the_same_number(responder, gallery, request_of, audit):
    request = encode(request_of())
    gallery.after_search = lambda one: 1 / 0
    assert said(responder.handle("AT", request)) == "search_failed"
    gallery.after_search = lambda one: None
    assert said(responder.handle("AT", request)) == "hit"
    assert [entry.result for entry in audit.entries()] == ["error", "hit"]


def test_busy_leaves_no_trace(gallery, request_of, clock, audit):
    inside, go_on = threading.Event(), threading.Event()

    def wait(one):
        inside.set()
        assert go_on.wait(60)

    gallery.after_search = wait
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=audit, max_concurrent=1)
    first, second = encode(request_of()), encode(request_of(number="q2"))
    replies = []
    thread = threading.Thread(target=lambda: replies.append(responder.handle("AT", first)))
    thread.start()
    assert inside.wait(60)
    # The same request again, and another for which there is no room.
    assert said(responder.handle("AT", first)) == "busy"
    assert said(responder.handle("AT", second)) == "busy"
    assert len(audit) == 0
    go_on.set()
    thread.join(60)
    assert said(responder.handle("AT", second)) == "hit"
    assert responder.handle("AT", first) == replies[0]
    assert (len(gallery.searches), len(audit)) == (2, 2)


def test_many_twins_at_once_are_searched_and_audited_once(responder, gallery, request_of, audit):
    request = encode(request_of())
    barrier = threading.Barrier(8)
    replies = []

    def ask():
        barrier.wait(60)
        while True:
            reply = responder.handle("AT", request)
            if said(reply) != "busy":
                replies.append(reply)
                return

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(replies) == 8
    assert len(set(replies)) == 1
    assert (len(gallery.searches), len(audit)) == (1, 1)


@pytest.mark.parametrize("home", ["memory", "file"])
def test_after_a_restart_answered_requests_are_refused(
    home, gallery, request_of, clock, audit, tmp_path
):
    def open_log():
        return audit if home == "memory" else SqliteAudit(tmp_path / "audit")

    def restarted(log):
        return Responder("DE", {"toy": gallery}, clock=clock, audit=log)

    request = encode(request_of())
    log = open_log()
    assert said(restarted(log).handle("AT", request)) == "hit"
    if home == "file":
        log.close()
        log = open_log()
    clock.sleep(86400)
    again = restarted(log)
    assert said(again.handle("AT", request)) == "already_answered"
    assert said(again.handle("AT", encode(request_of(probe=b'["b","P"]')))) == "already_answered"
    assert said(again.handle("AT", encode(request_of(number="q2")))) == "hit"
    # The request was audited before; the refusal of its replay is none that the law asks for.
    assert [entry.number for entry in log.entries()] == ["q1", "q2"]
    assert len(gallery.searches) == 2
    clock.sleep(86400 + 301)
    fresh = restarted(log)
    assert said(fresh.handle("AT", encode(request_of(time=clock())))) == "hit"
    if home == "file":
        log.close()


def test_a_restart_knows_a_request_whose_clock_was_ahead(gallery, request_of, clock, audit):
    request = encode(request_of(time=clock() + timedelta(minutes=5)))
    first = Responder("DE", {"toy": gallery}, clock=clock, audit=audit)
    assert said(first.handle("AT", request)) == "hit"
    clock.sleep(86400 + 290)
    again = Responder("DE", {"toy": gallery}, clock=clock, audit=audit)
    assert said(again.handle("AT", request)) == "already_answered"


@pytest.mark.parametrize(
    ("act", "result", "answer"),
    [
        (Act.ANSWERED, "hit", "already_answered"),
        (Act.ANSWERED, "no_hit", "already_answered"),
        (Act.ANSWERED, "unsuitable", "already_answered"),
        (Act.ANSWERED, "refused", "already_answered"),
        (Act.ANSWERED, "error", "hit"),
        (Act.RECEIVED, "hit", "hit"),
    ],
)
def test_an_audit_log_restores_answered_numbers(
    act, result, answer, gallery, request_of, clock, audit
):
    from prum_match.exchange.audit import Entry

    entry = Entry(act=act, time=clock(), party="AT", category="toy", number="q1", result=result)
    audit.append([entry])
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=audit)
    assert said(responder.handle("AT", encode(request_of()))) == answer


def test_a_reply_that_memory_had_no_room_for_is_not_made_again(gallery, request_of, clock, audit):
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=audit, replay_bytes=600)
    request = encode(request_of())
    assert said(responder.handle("AT", request)) == "hit"
    assert said(responder.handle("AT", request)) == "already_answered"
    assert (len(gallery.searches), len(audit)) == (1, 1)


# --- erasure --------------------------------------------------------------------------------------


def kept(store):
    with store.transaction() as entries:
        return entries.keys("reply")


def test_a_withdrawal_drops_the_replies_that_name_the_reference(responder, store, request_of):
    pear = encode(request_of(number="q2", probe=b'["pear", "P"]'))
    first = encode(request_of())
    responder.handle("AT", first)
    reply = responder.handle("AT", pear)
    # As of a correction: the gallery alone does not tell.
    responder.withdraw("toy", ["DE-1"], WithdrawalReason.CORRECTED)
    assert kept(store) == ["AT/q2"]
    assert said(responder.handle("AT", first)) == "already_answered"
    assert responder.handle("AT", pear) == reply
    responder.withdraw("other", ["DE-3"], WithdrawalReason.ERASED)
    assert responder.handle("AT", pear) == reply


@pytest.mark.parametrize("change", ["erase", "replace"])
def test_a_duplicate_never_returns_erased_data(
    change, responder, gallery, request_of, toy, audit, store
):
    request = encode(request_of())
    responder.handle("AT", request)
    if change == "erase":
        gallery.erase("DE-2")
    else:
        gallery.replace("DE-2", toy.Item("axes", "S"))
    assert said(responder.handle("AT", request)) == "already_answered"
    assert kept(store) == []
    assert len(audit) == 1


def test_other_changes_of_the_gallery_do_not_matter(responder, gallery, request_of, toy):
    request = encode(request_of())
    reply = responder.handle("AT", request)
    gallery.replace("DE-3", toy.Item("plum"))
    gallery.replace("DE-1", toy.Item("apple"))
    assert responder.handle("AT", request) == reply
    # Another process may have kept the reply: its generation says nothing here.
    gallery.items = {}
    assert said(responder.handle("AT", request)) == "already_answered"


def test_erased_data_leave_memory_with_the_next_request_of_the_category(
    responder, gallery, request_of, clock, store
):
    responder.handle("AT", encode(request_of()))
    responder.handle("AT", encode(request_of(number="q2", probe=b'["pear", "P"]')))
    gallery.erase("DE-1")
    clock.sleep(1)
    responder.handle("AT", encode(request_of(number="q3", category="other")))
    assert "AT/q1" in kept(store)
    responder.handle("AT", encode(request_of(number="q4", probe=b'["zebra", "P"]')))
    assert "AT/q1" not in kept(store)
    assert "AT/q2" in kept(store)


def test_kept_replies_are_not_checked_for_every_enrolment(gallery, request_of, clock):
    looked_at = []

    class Watched(type(gallery)):
        def __contains__(self, reference_id):
            looked_at.append(reference_id)
            return super().__contains__(reference_id)

    watched = Watched(gallery.items)
    responder = Responder("DE", {"toy": watched}, clock=clock)
    for number in range(8):
        request = request_of(number=f"q{number}", probe=b'["pear", "P"]')
        responder.handle("AT", encode(request))
        watched.generation += 1
        clock.sleep(0.25)
    assert looked_at == ["DE-3"]


def test_duplicates_are_compared_in_the_form_for_the_partner(
    gallery, request_of, clock, toy, monkeypatch
):
    def written(self, item, features=None):
        return ",".join(sorted(features or ())).encode()

    monkeypatch.setattr(type(toy.category.wire), "check_features", lambda self, names: names)
    monkeypatch.setattr(type(toy.category.wire), "reference_to_bytes", written)
    rules = PartnerRules(features=["b", "a"])
    responder = Responder(
        "DE", {"toy": gallery}, clock=clock, partners={"AT": Partner(categories={"toy": rules})}
    )
    request = encode(request_of())
    reply = responder.handle("AT", request)
    assert {one.data for one in decode_reply(reply).candidates} == {b"a,b"}
    gallery.generation += 1
    assert responder.handle("AT", request) == reply


def test_a_gallery_that_fails_ends_in_an_error(gallery, request_of, clock):
    class Closed(type(gallery)):
        @property
        def generation(self):
            raise InvalidInput("CANARY", code="closed")

        @generation.setter
        def generation(self, value):
            pass

    responder = Responder("DE", {"toy": Closed({})}, clock=clock)
    assert said(responder.handle("AT", encode(request_of()))) == "search_failed"


def test_a_reply_that_would_be_too_large_is_worked_on_again(gallery, request_of, clock):
    responder = Responder("DE", {"toy": gallery}, clock=clock, limits=Limits(reply_bytes=400))
    request = encode(request_of())
    for _ in range(2):
        assert said(responder.handle("AT", request)) == "reply_too_large"
    assert len(gallery.searches) == 2

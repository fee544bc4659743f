"""A responder with the follow-up behind it: hits are known before replies leave."""

from __future__ import annotations

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import (
    FollowUp,
    HitKey,
    HitState,
    MemoryStore,
    Partner,
    PartnerRules,
    Responder,
    WithdrawalReason,
)
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import (
    Confirmation,
    Result,
    StatusMessage,
    StatusResult,
    Verdict,
    Withdrawal,
    decode_follow_up,
    decode_reply,
    decode_status,
    encode,
)

KEY = HitKey(category="toy", requesting="AT", requested="DE", request="q1", reference="DE-1")


@pytest.fixture
def gallery(toy):
    return toy.Gallery({"DE-1": toy.Item("apple"), "DE-2": toy.Item("axe", "S")})


@pytest.fixture
def follow_up(clock):
    return FollowUp("DE", clock=clock)


@pytest.fixture
def responder(gallery, clock, follow_up):
    return Responder("DE", {"toy": gallery}, clock=clock, follow_up=follow_up)


def said(reply):
    reply = decode_reply(reply)
    return reply.code or reply.result.value


def confirmation(clock, number="c1", **changes):
    return encode(
        Confirmation(verdict=Verdict.CONFIRMED, hit=KEY, number=number, time=clock(), **changes)
    )


def test_a_hit_is_written_down_before_its_reply_leaves(responder, follow_up, request_of):
    responder.handle("AT", encode(request_of()))
    assert [(hit.key, hit.state) for hit in follow_up.hits()] == [
        (KEY, HitState.CANDIDATE),
        (HitKey(**{**vars_of(KEY), "reference": "DE-2"}), HitState.CANDIDATE),
    ]


def vars_of(key):
    return {name: getattr(key, name) for name in type(key).__dataclass_fields__}


@pytest.mark.parametrize("changes", [{"probe": b'["zebra", "P"]'}, {"probe": b'["a", "P"]'}])
def test_a_no_hit_opens_no_hits(changes, responder, follow_up, request_of):
    responder.handle("AT", encode(request_of(**changes)))
    assert follow_up.hits() == []


def test_messages_about_a_hit_go_to_the_follow_up(responder, follow_up, request_of, clock):
    responder.handle("AT", encode(request_of()))
    status = decode_status(responder.handle("AT", confirmation(clock)))
    assert (status.result, status.answers) == (StatusResult.ACCEPTED, "c1")
    assert follow_up.hit(KEY).state is HitState.CONFIRMED
    status = decode_status(responder.handle("FR", confirmation(clock)))
    assert (status.result, status.code) == (StatusResult.REFUSED, "party_mismatch")
    status = decode_status(responder.handle("XX", confirmation(clock)))
    assert (status.result, status.code) == (StatusResult.REFUSED, "party_mismatch")


def test_the_follow_up_gets_the_party_by_its_code(gallery, clock, request_of, follow_up):
    partners = {"AT": Partner(categories={"toy": PartnerRules()}, aliases=("WIEN",))}
    responder = Responder(
        "DE", {"toy": gallery}, clock=clock, follow_up=follow_up, partners=partners
    )
    responder.handle("WIEN", encode(request_of()))
    status = decode_status(responder.handle("WIEN", confirmation(clock)))
    assert status.result is StatusResult.ACCEPTED


def test_without_a_follow_up_they_are_refused(gallery, clock):
    responder = Responder("DE", {"toy": gallery}, clock=clock)
    status = decode_status(responder.handle("AT", confirmation(clock)))
    assert (status.result, status.code, status.answers) == (
        StatusResult.REFUSED,
        "no_follow_up",
        "c1",
    )
    status = decode_status(responder.handle("AT", confirmation(clock).replace(b"toy", b"tOy")))
    assert (status.result, status.answers) == (StatusResult.ERROR, None)
    assert status.code == "invalid_field"


def test_an_answer_is_never_answered(responder, clock, request_of):
    status = encode(
        StatusMessage(
            number="1", time=clock(), answers="c1", result=StatusResult.ACCEPTED, state="x"
        )
    )
    for answer in (status, responder.handle("AT", encode(request_of()))):
        reply = decode_reply(responder.handle("AT", answer))
        assert (reply.result, reply.request) == (Result.ERROR, None)
        assert reply.code in {"wrong_kind", "too_deep"}


class Full(MemoryStore):
    full = True

    def transaction(self):
        if self.full:
            raise OSError("CANARY")
        return super().transaction()


def test_a_store_that_fails_keeps_the_reply_back(gallery, clock, request_of, caplog):
    store = Full()
    store.full = False
    audit = MemoryAudit()
    responder = Responder(
        "DE",
        {"toy": gallery},
        clock=clock,
        audit=audit,
        follow_up=FollowUp("DE", store, clock=clock),
    )
    store.full = True
    request = encode(request_of())
    reply = decode_reply(responder.handle("AT", request))
    assert (reply.code, reply.candidates) == ("follow_up_failed", ())
    status = decode_status(responder.handle("AT", confirmation(clock)))
    assert (status.result, status.answers) == (StatusResult.BUSY, "c1")  # so it comes again
    assert "CANARY" not in caplog.text
    store.full = False
    assert said(responder.handle("AT", request)) == "hit"
    assert [entry.result for entry in audit.entries()] == ["error", "hit"]


def test_a_withdrawal_reaches_the_party_with_the_candidate(
    responder, follow_up, gallery, request_of
):
    responder.handle("AT", encode(request_of()))
    gallery.erase("DE-1")
    with pytest.raises(InvalidInput) as caught:
        responder.withdraw("toy", "DE-1", WithdrawalReason.ERASED)
    assert caught.value.code == "bad_reference_id"
    gone = responder.withdraw("toy", ["DE-1"], WithdrawalReason.ERASED)
    assert [(hit.key, hit.state) for hit in gone] == [(KEY, HitState.WITHDRAWN)]
    assert responder.withdraw("toy", ["DE-1"], WithdrawalReason.ERASED) == []
    (message,) = follow_up.outgoing()
    withdrawal = decode_follow_up(message.data)
    assert isinstance(withdrawal, Withdrawal)
    assert (message.party, withdrawal.hit, withdrawal.reason) == (
        "AT",
        KEY,
        WithdrawalReason.ERASED,
    )
    assert said(responder.handle("AT", encode(request_of()))) == "already_answered"


def test_a_hit_withdrawn_before_its_reply_left_is_not_sent(
    responder, follow_up, gallery, request_of, toy, clock
):
    # The process ended after it had written the hits down, and before it answered.
    request = request_of()
    one = decode_reply(responder.handle("AT", encode(request)))
    gallery.replace("DE-1", toy.Item("apples"))
    responder.withdraw("toy", ["DE-1"], WithdrawalReason.CORRECTED)
    again = Responder("DE", {"toy": gallery}, clock=clock, follow_up=follow_up)
    assert said(again.handle("AT", encode(request))) == "already_answered"
    anew = decode_reply(again.handle("AT", encode(request_of(number="q2"))))
    assert {one.reference for one in anew.candidates} == {one.reference for one in one.candidates}
    hits = [hit for hit in follow_up.hits(HitState.CANDIDATE) if hit.key.request == "q2"]
    assert len(hits) == len(anew.candidates)


def test_an_erasure_between_search_and_reply_is_not_overtaken(clock, gallery, request_of):
    # Erased and withdrawn after the data were fetched, before the hits were written down: neither
    # would the withdrawal find a hit, nor may the reply leave.
    follow_up = FollowUp("DE", clock=clock)
    audit = MemoryAudit()
    responder = Responder("DE", {"toy": gallery}, clock=clock, follow_up=follow_up, audit=audit)
    opened = follow_up.open

    def late(entries, *arguments):
        gallery.erase("DE-1")
        follow_up.open = opened
        return opened(entries, *arguments)

    follow_up.open = late
    request = encode(request_of())
    assert said(responder.handle("AT", request)) == "busy"
    assert follow_up.hits() == []
    assert len(audit) == 0
    reply = decode_reply(responder.handle("AT", request))
    assert [one.reference for one in reply.candidates] == ["DE-2"]
    assert [hit.key.reference for hit in follow_up.hits()] == ["DE-2"]


def test_a_replacement_between_search_and_reply_is_noticed_by_the_item(
    clock, gallery, request_of, toy
):
    # The host's own data are the same for the old item and for the new one.
    follow_up = FollowUp("DE", clock=clock)
    responder = Responder(
        "DE",
        {"toy": gallery},
        clock=clock,
        follow_up=follow_up,
        reference_data={"toy": lambda reference: b"an image"},
    )
    opened = follow_up.open

    def late(entries, *arguments):
        gallery.replace("DE-1", toy.Item("apples"))
        follow_up.open = opened
        return opened(entries, *arguments)

    follow_up.open = late
    assert said(responder.handle("AT", encode(request_of()))) == "busy"
    assert follow_up.hits() == []
    assert said(responder.handle("AT", encode(request_of()))) == "hit"
    assert follow_up.reconcile() == []


def test_other_enrolments_do_not_keep_a_hit_back(clock, gallery, request_of, toy, follow_up):
    responder = Responder("DE", {"toy": gallery}, clock=clock, follow_up=follow_up)
    opened = follow_up.open

    def late(entries, *arguments):
        gallery.replace("DE-9", toy.Item("plum"))
        return opened(entries, *arguments)

    follow_up.open = late
    assert said(responder.handle("AT", encode(request_of()))) == "hit"
    assert len(follow_up.hits()) == 2


def test_data_are_fetched_once_while_nothing_changes(clock, gallery, request_of, follow_up):
    fetched = []

    def fetch(reference):
        fetched.append(reference)
        return b"an image"

    responder = Responder(
        "DE",
        {"toy": gallery},
        clock=clock,
        follow_up=follow_up,
        reference_data={"toy": fetch},
    )
    assert said(responder.handle("AT", encode(request_of()))) == "hit"
    assert fetched == ["DE-1", "DE-2"]


def test_core_data_are_never_in_a_reply(gallery, clock, request_of):
    def provider(reference):
        raise AssertionError("nobody decided")

    follow_up = FollowUp("DE", clock=clock, core_data={"toy": provider})
    responder = Responder("DE", {"toy": gallery}, clock=clock, follow_up=follow_up)
    assert said(responder.handle("AT", encode(request_of()))) == "hit"
    assert decode_status(responder.handle("AT", confirmation(clock))).result is (
        StatusResult.ACCEPTED
    )

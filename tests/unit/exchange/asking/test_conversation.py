from __future__ import annotations

import pytest

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import (
    Conversation,
    InProcessTransport,
    Limits,
    Outcome,
    Requester,
    SearchOutcome,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.messages import Result, decode_request, encode


@pytest.fixture
def asked(conversation, toy):
    """A query to DE and FR, and the two requests as they went out."""
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"], probe_id="AT-7")
    return pending, *(decode_request(message.data) for message in pending.outgoing)


def test_submitting_makes_one_message_for_each_party(conversation, toy, clock):
    pending = conversation.submit(toy.Item("apple", "S"), parties=["DE", "EL"], probe_id="AT-7")
    requests = [decode_request(message.data) for message in pending.outgoing]
    assert [message.party for message in pending.outgoing] == ["DE", "GR"]
    assert [request.requested for request in requests] == ["DE", "GR"]
    assert [request.number for request in requests] == [m.number for m in pending.outgoing]
    assert requests[0].number != requests[1].number
    for request in requests:
        assert (request.requesting, request.reference, request.type) == ("AT", "AT-7", "S")
        assert (request.category, request.time) == ("toy", clock())
        assert toy.category.wire.probe_from_bytes(request.probe) == toy.Item("apple", "S")
    assert [one.outcome for one in pending.outcome.values()] == [Outcome.PENDING] * 2
    assert (pending.outcome.answered, pending.outcome.complete) == ((), False)


def test_a_reference_number_is_made_when_there_is_none(conversation, toy):
    first, second = (conversation.submit(toy.Item("a"), parties=["DE"]) for _ in range(2))
    assert first.probe_id != second.probe_id
    assert decode_request(first.outgoing[0].data).reference == first.probe_id


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"parties": []}, InvalidInput, "no_party"),
        ({"parties": ["GR", "EL"]}, InvalidInput, "duplicate_party"),
        ({"parties": ["DE", "XX"]}, InvalidInput, "unknown_party"),
        ({"parties": "DE"}, InvalidInput, "bare_string"),
        ({"parties": ["DE", "AT"]}, ExchangeError, "same_party"),
        ({"parties": ["DE"], "probe_id": ""}, ExchangeError, "invalid_field"),
    ],
)
def test_an_invalid_query_is_refused(arguments, error, code, conversation, toy):
    with pytest.raises(error) as caught:
        conversation.submit(toy.Item("apple"), **arguments)
    assert caught.value.code == code


def test_a_probe_that_stays_at_home_is_not_sent(conversation, toy):
    with pytest.raises(ExchangeError) as caught:
        conversation.submit(toy.Item("CANARY", at_home=True), parties=["DE"])
    assert caught.value.code == "probe_stays_in_house"
    assert "CANARY" not in str(caught.value)


def test_a_probe_that_is_too_large_is_not_sent(toy):
    conversation = Conversation("AT", "toy", limits=Limits(request_bytes=400))
    assert conversation.submit(toy.Item("a"), parties=["DE"]).outgoing
    with pytest.raises(ExchangeError) as caught:
        conversation.submit(toy.Item("a" * 400), parties=["DE"])
    assert caught.value.code == "too_large"


def test_a_number_is_not_used_twice(toy):
    conversation = Conversation("AT", "toy", new_number=lambda: "same")
    conversation.submit(toy.Item("a"), parties=["DE", "FR"])
    with pytest.raises(ExchangeError) as caught:
        conversation.submit(toy.Item("a"), parties=["FR"])
    assert caught.value.code == "duplicate_number"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"result": Result.HIT}, Outcome.HIT),
        ({"result": Result.NO_HIT}, Outcome.NO_HIT),
        ({"result": Result.UNSUITABLE}, Outcome.UNSUITABLE),
        ({"result": Result.REFUSED, "code": "why"}, Outcome.REFUSED),
        ({"result": Result.BUSY, "retry_after": 9}, Outcome.BUSY),
        ({"result": Result.ERROR, "code": "why"}, Outcome.REMOTE_ERROR),
    ],
)
def test_each_result_has_its_outcome(fields, outcome, conversation, asked, reply_of, clock):
    pending, germany, _ = asked
    clock.sleep(2.5)
    reply = reply_of(germany.head(), **fields)
    event = conversation.deliver("DE", encode(reply))
    assert (event.party, event.pending, event.changed, event.code) == ("DE", pending, True, None)
    assert event.outcome == pending.outcome["DE"]
    assert event.outcome.outcome is outcome
    assert event.outcome.elapsed == 2.5
    assert event.outcome.candidates == reply.candidates
    assert event.outcome.error_code == fields.get("code")
    assert event.outcome.retry_after == fields.get("retry_after")
    assert pending.outcome["FR"].outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (TransportTimeout("CANARY"), Outcome.TIMEOUT, "timeout"),
        (TransportUnreachable(code="no_route"), Outcome.UNREACHABLE, "no_route"),
        (TransportBusy(retry_after=3), Outcome.BUSY, "busy"),
        (TransportRefused(), Outcome.REFUSED, "refused"),
        (TransportError(), Outcome.REMOTE_ERROR, "transport_error"),
        (OSError("CANARY"), Outcome.REMOTE_ERROR, "transport_error"),
    ],
)
def test_each_failure_has_its_outcome_and_is_not_an_answer(
    error, outcome, code, conversation, asked
):
    pending, germany, _ = asked
    event = conversation.fail("DE", error, number=germany.number)
    assert (event.outcome.outcome, event.outcome.error_code) == (outcome, code)
    assert event.outcome.retry_after == getattr(error, "retry_after", None)
    assert "DE" not in pending.outcome.answered
    assert "CANARY" not in repr(event)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"requested": "FR"}, "wrong_requested"),
        ({"requesting": "BE"}, "wrong_requesting"),
        ({"category": "toy2"}, "wrong_category"),
        ({"reference": "AT-8"}, "wrong_reference"),
        ({"type": "S"}, "wrong_type"),
        ({"type": None}, "wrong_type"),
        ({"number": "other"}, "wrong_number"),
    ],
)
def test_a_reply_that_does_not_fit(changes, code, conversation, asked, request_of, reply_of):
    pending, germany, _ = asked
    own = {"number": germany.number, "time": germany.time}
    reply = reply_of(request_of(**{**own, **changes}).head())
    event = conversation.deliver("DE", encode(reply), number=germany.number)
    assert (event.outcome.outcome, event.code) == (Outcome.INVALID_REPLY, code)
    assert pending.outcome["DE"].error_code == code
    assert pending.outcome["DE"].candidates == ()


def test_a_reply_to_another_time_does_not_fit(conversation, asked, request_of, reply_of, clock):
    clock.sleep(1)
    reply = reply_of(request_of(number=asked[1].number, time=clock()).head())
    assert conversation.deliver("DE", encode(reply)).code == "wrong_time"


def test_a_reply_from_another_party_changes_nothing(conversation, asked, reply_of):
    pending, germany, _ = asked
    event = conversation.deliver("FR", encode(reply_of(germany.head())))
    assert (event.pending, event.changed, event.code) == (None, False, "unknown_request")
    assert {one.outcome for one in pending.outcome.values()} == {Outcome.PENDING}


@pytest.mark.parametrize("known", [True, False], ids=["by number", "by the only open request"])
def test_unreadable_bytes_are_an_invalid_reply(known, conversation, asked):
    pending, germany, _ = asked
    number = germany.number if known else None
    event = conversation.deliver("DE", b"CANARY", number=number)
    assert (event.outcome.outcome, event.code) == (Outcome.INVALID_REPLY, "malformed")
    assert pending.outcome["FR"].outcome is Outcome.PENDING


def test_unreadable_bytes_with_two_open_requests_change_neither(conversation, asked, toy):
    second = conversation.submit(toy.Item("axe"), parties=["DE"])
    event = conversation.deliver("DE", b"rubbish")
    assert (event.pending, event.code) == (None, "malformed")
    with pytest.raises(ExchangeError) as caught:
        conversation.fail("DE", TransportTimeout())
    assert caught.value.code == "unknown_request"
    assert second.outcome["DE"].outcome is Outcome.PENDING


def test_an_error_about_an_unread_request_counts_for_the_request(conversation, asked, reply_of):
    pending, germany, _ = asked
    error = encode(reply_of(result=Result.ERROR, code="malformed", request=None))
    event = conversation.deliver("DE", error, number=germany.number)
    assert (event.outcome.outcome, event.outcome.error_code) == (Outcome.REMOTE_ERROR, "malformed")
    assert pending.outcome["DE"].outcome is Outcome.REMOTE_ERROR


def test_the_same_reply_again_changes_nothing(conversation, asked, reply_of, clock):
    _, germany, _ = asked
    reply = encode(reply_of(germany.head()))
    before = conversation.deliver("DE", reply).outcome
    clock.sleep(60)
    event = conversation.deliver("DE", reply)
    assert (event.changed, event.code, event.outcome) == (False, None, before)


@pytest.mark.parametrize("second", [Result.NO_HIT, Result.HIT])
def test_a_different_second_reply_is_refused_and_reported(
    second, conversation, asked, reply_of, caplog
):
    pending, germany, _ = asked
    before = conversation.deliver("DE", encode(reply_of(germany.head()))).outcome
    other = encode(reply_of(germany.head(), result=second, number="r2"))
    event = conversation.deliver("DE", other)
    assert (event.changed, event.code, event.outcome) == (False, "second_reply", before)
    assert pending.outcome["DE"] == before
    assert "second_reply" in caplog.text


def test_rubbish_after_an_answer_is_reported_and_changes_nothing(conversation, asked, reply_of):
    pending, germany, _ = asked
    before = conversation.deliver("DE", encode(reply_of(germany.head()))).outcome
    event = conversation.deliver("DE", b"rubbish", number=germany.number)
    assert (event.changed, event.code) == (False, "malformed")
    assert pending.outcome["DE"] == before


@pytest.mark.parametrize(
    "error", [TransportTimeout(), TransportUnreachable(), TransportBusy(), TransportRefused()]
)
def test_an_answer_after_a_failure_is_accepted(error, conversation, asked, reply_of, clock):
    pending, germany, _ = asked
    conversation.fail("DE", error, number=germany.number)
    clock.sleep(86_400)
    event = conversation.deliver("DE", encode(reply_of(germany.head())))
    assert event.changed
    assert pending.outcome["DE"].outcome is Outcome.HIT
    assert pending.outcome["DE"].elapsed == 86_400


@pytest.mark.parametrize(
    "fields", [{"result": Result.BUSY}, {"result": Result.ERROR, "code": "why"}]
)
def test_a_party_that_was_busy_or_failed_may_still_answer(fields, conversation, asked, reply_of):
    pending, germany, _ = asked
    first = encode(reply_of(germany.head(), number="r0", **fields))
    conversation.deliver("DE", first)
    assert conversation.deliver("DE", encode(reply_of(germany.head()))).changed
    assert conversation.deliver("DE", first).code == "second_reply"
    assert pending.outcome["DE"].outcome is Outcome.HIT


def test_a_failure_after_an_answer_changes_nothing(conversation, asked, reply_of):
    pending, germany, _ = asked
    conversation.deliver("DE", encode(reply_of(germany.head(), result=Result.NO_HIT)))
    event = conversation.fail("DE", TransportTimeout(), number=germany.number)
    assert not event.changed
    assert pending.outcome["DE"].outcome is Outcome.NO_HIT


def test_forgotten_searches_are_unknown(conversation, asked, reply_of):
    pending, germany, _ = asked
    conversation.forget(pending)
    assert conversation.deliver("DE", encode(reply_of(germany.head()))).code == "unknown_request"


def test_complete_means_that_every_party_searched(conversation, asked, reply_of):
    pending, germany, france = asked
    conversation.deliver("DE", encode(reply_of(germany.head())))
    conversation.deliver("FR", encode(reply_of(france.head(), result=Result.UNSUITABLE)))
    outcome = pending.outcome
    assert isinstance(outcome, SearchOutcome)
    assert len(outcome) == 2
    assert (outcome.asked, outcome.answered) == (("DE", "FR"), ("DE", "FR"))
    assert not outcome.complete
    assert [(party, one.reference) for party, one in outcome.hits] == [("DE", "DE-1")]
    assert repr(outcome) == "SearchOutcome(DE: hit, FR: unsuitable)"


def test_both_ends_refuse_an_unregistered_category():
    with pytest.raises(InvalidInput):
        Conversation("AT", "nonsense")
    with pytest.raises(InvalidInput):
        Requester(InProcessTransport({}, "AT"), "AT", category="nonsense")


def test_content_stays_out_of_the_log(conversation, toy, reply_of, caplog):
    caplog.set_level("DEBUG", "prum_match")
    pending = conversation.submit(toy.Item("CANARY"), parties=["DE"])
    request = decode_request(pending.outgoing[0].data)
    conversation.deliver("DE", b"CANARY", number=request.number)
    conversation.fail("DE", TransportTimeout("CANARY"))
    conversation.deliver("DE", encode(reply_of(request.head())))
    conversation.deliver("DE", encode(reply_of(request.head(), number="r2")))
    assert len(caplog.records) == 5
    assert request.number in caplog.text
    for secret in ("CANARY", "matching data", "Q0FOQVJZ"):
        assert secret not in caplog.text + repr(pending)

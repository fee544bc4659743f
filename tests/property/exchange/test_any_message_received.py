"""Both ends answer any bytes of any sender with messages, and keep their state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import dna
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import Conversation, FollowUp, HitState, Outcome, Partner, Responder
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.audit.entries import content_of, from_content, time_bytes
from prum_match.exchange.messages import (
    Result,
    StatusMessage,
    StatusResult,
    decode_follow_up,
    decode_reply,
    decode_request,
    decode_status,
    encode,
)
from prum_match.exchange.messages.envelope import peek
from prum_match.exchange.requesters import ReplyDispatcher
from prum_match.testing.clock import VirtualClock
from support.examples import examples
from support.exchange.messages import damaged, messages, odd_values, spots

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
}
STAIN = dna.Profile(LOCI, kind="stain")
PERSON = dna.Profile(LOCI, kind="person")
SENDERS = st.sampled_from(["AT", "FR", "DE", "?", "", "AT\n", "\ud800"])


def unread(decode: Any, data: bytes) -> bool:
    try:
        decode(data)
    except ExchangeError:
        return True
    return False


class World:
    """AT asks DE, which has a hit; AT has confirmed it and waits for an answer."""

    def __init__(self, *, provider: Any = None) -> None:
        self.clock = VirtualClock()
        numbers = count(1)
        shared: dict[str, Any] = {
            "clock": self.clock,
            "new_number": lambda: f"n{next(numbers)}",
        }
        self.audits = [MemoryAudit(), MemoryAudit()]
        self.at = FollowUp("AT", audit=self.audits[0], **shared)
        self.de = FollowUp("DE", audit=self.audits[1], **shared)
        self.conversation = Conversation("AT", "dna", follow_up=self.at, **shared)
        self.answers = ReplyDispatcher([self.conversation], self.at)
        gallery = dna.Gallery()
        gallery.enrol(["DE-1"], [PERSON])
        self.responder = Responder(
            "DE",
            {"dna": gallery},
            follow_up=self.de,
            audit=self.audits[1],
            reference_data=None if provider is None else {"dna": provider},
            **shared,
        )
        self.pending = self.conversation.submit(STAIN, parties=["DE"], probe_id="AT-1")
        self.request = self.pending.outgoing[0].data

    def confirm(self) -> bytes:
        """Bring both ends to a hit, and return the confirmation that is on its way."""
        self.conversation.deliver("DE", self.responder.handle("AT", self.request))
        (hit,) = self.at.hits()
        self.at.confirm(hit.key, official="insp-7")
        (message,) = self.at.outgoing()
        return message.data


@given(st.data())
def test_a_responder_answers_any_bytes(data: st.DataObject) -> None:
    world = World()
    base = data.draw(st.just(world.request) | messages.map(encode))
    sent = data.draw(st.just(base) | damaged(base) | st.binary(max_size=40))
    sender = data.draw(SENDERS)
    answer = world.responder.handle(sender, sent)
    if peek(answer).kind == StatusMessage.KIND:
        assert decode_status(answer).result is not StatusResult.ACCEPTED
        assert peek(sent).kind is not None
        return
    reply = decode_reply(answer)
    if unread(decode_request, sent):
        assert (reply.result, reply.request) == (Result.ERROR, None)
    if reply.result in (Result.HIT, Result.NO_HIT):
        assert sender == "AT"
        assert decode_request(sent).requesting == "AT"
    assert bool(world.de.hits()) == (reply.result is Result.HIT)


@given(st.data())
def test_only_readable_messages_move_a_hit(data: st.DataObject) -> None:
    world = World()
    base = world.confirm()
    sent = data.draw(damaged(base) | damaged(base) | messages.map(encode))
    sender = data.draw(SENDERS)
    answer = decode_status(world.de.receive(sender, sent))
    (hit,) = world.de.hits()
    if unread(decode_follow_up, sent):
        assert (answer.result, answer.answers) == (StatusResult.ERROR, None)
    if hit.state is not HitState.CANDIDATE:
        assert sender == "AT"
        assert decode_follow_up(sent).hit == hit.key
    before = len(world.audits[1])
    world.de.receive("AT", sent)
    world.responder.handle(sender, sent)
    assert len(world.audits[1]) <= before + 1


@given(st.data())
def test_damage_never_makes_a_hit_or_a_no_hit(data: st.DataObject) -> None:
    world = World()
    base = world.responder.handle("AT", world.request)
    other = data.draw(messages.map(encode))
    sent = data.draw(damaged(base) | damaged(base) | damaged(other) | st.just(other))
    event = world.conversation.deliver("DE", sent)
    state = world.pending.outcome["DE"]
    if sent != base:
        if not unread(decode_reply, sent):
            reply = decode_reply(sent)
            if reply.request == decode_reply(base).request:
                # Sealed anew, it is another reply to this request, and means what it says.
                assert (state.outcome is Outcome.HIT) <= (reply.result is Result.HIT)
                assert (state.outcome is Outcome.NO_HIT) <= (reply.result is Result.NO_HIT)
                return
        if state.outcome is Outcome.REMOTE_ERROR:
            # A party may say that it could not read the request; then its reply repeats none.
            reply = decode_reply(sent)
            assert (reply.result, reply.request) == (Result.ERROR, None)
        else:
            assert event.code is not None or not event.changed
            assert state.outcome in (Outcome.INVALID_REPLY, Outcome.PENDING)
        assert world.at.hits() == []
    # The answer itself is still taken, whatever came before it.
    assert world.conversation.deliver("DE", base).outcome is not None
    assert world.pending.outcome["DE"].outcome is Outcome.HIT
    assert len(world.at.hits()) == 1


@given(st.data())
def test_damaged_answers_are_not_delivered(data: st.DataObject) -> None:
    world = World()
    base = world.de.receive("AT", world.confirm())
    sent = data.draw(damaged(base) | messages.map(encode) | st.binary(max_size=40))
    world.answers.deliver("DE", sent)
    world.answers.deliver("FR", sent)
    world.clock.sleep(timedelta(hours=2).total_seconds())
    # What was not answered is sent again.
    if unread(decode_status, sent):
        assert len(world.at.outgoing()) == 1
        with pytest.raises(ExchangeError):
            world.at.deliver("DE", sent)
    assert [hit.state for hit in world.at.hits()] == [HitState.CONFIRMED]


@pytest.mark.parametrize("given_data", [b"", "text", None, 5, bytearray(b"x")])
def test_a_provider_without_data_fails_its_step(given_data: Any) -> None:
    world = World(provider=lambda reference: given_data)
    reply = decode_reply(world.responder.handle("AT", world.request))
    if given_data is None:  # the enrolled item itself
        assert reply.result is Result.HIT
        return
    assert (reply.result, reply.code) == (Result.ERROR, "reference_data_failed")
    assert world.de.hits() == []
    assert [entry.result for entry in world.audits[1].entries()] == ["error"]


@given(st.data())
def test_an_audit_entry_is_read_unchanged_or_malformed(data: st.DataObject) -> None:
    world = World()
    world.confirm()
    entry = data.draw(st.sampled_from(list(world.audits[0].entries())))
    time, content = time_bytes(entry.time), content_of(entry)
    assert from_content(time, content) == entry
    other = data.draw(damaged(content))
    moment = data.draw(st.just(time) | st.binary(max_size=12))
    try:
        found = from_content(moment, other)
    except ExchangeError:
        return
    assert replace(found, time=entry.time) == from_content(time, content_of(found))


PROFILE: dict[str, Any] = {
    "categories": {
        "dna": {
            "participates": False,
            "policy": "prum-2008",
            "labels": {"S": ["convicted"], "P": []},
            "features": ["VWA", "TH01"],
            "limit": 10,
        },
        "face": {"quota": {"identified": 100, "unidentified": 20}},
    },
    "aliases": ["AT1"],
}


@settings(max_examples=examples(300))
@given(st.sampled_from(list(spots(PROFILE))), st.sampled_from([0, -1, 2.0, "x"]) | odd_values)
def test_a_partner_profile_is_read_or_refused(spot: tuple[Any, Any], value: Any) -> None:
    place, name = spot
    kept = place[name]
    place[name] = value
    try:
        partner = Partner.from_dict(PROFILE, policies=[dna.PRUM_2008])
    except InvalidInput as error:
        refused = error
    else:
        refused = None
        assert Partner.from_dict(partner.to_dict(), policies=[dna.PRUM_2008]) == partner
    finally:
        place[name] = kept
    assert refused is None or refused.value is None

"""Checks every message and event of a world, and reports a violation at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from prum_match.exchange import Event, HitKey, Outcome
from prum_match.exchange.hits import HitEvent, Outgoing
from prum_match.exchange.messages import (
    Result,
    SearchReply,
    SearchRequest,
    StatusRequest,
    decode_reply,
    decode_request,
    encode,
    peek,
)
from simulation.registers import CATEGORIES
from simulation.states import State
from support.exchange.toy import Item

_OTHER = Item("another")
_OF_RESULT = {
    Result.HIT: Outcome.HIT,
    Result.NO_HIT: Outcome.NO_HIT,
    Result.UNSUITABLE: Outcome.UNSUITABLE,
    Result.REFUSED: Outcome.REFUSED,
}


@dataclass(frozen=True)
class Before:
    """How things stood when a message came in."""

    generation: int = 0
    is_answered: bool = False
    searches: int = 0


_OPEN = {Result.BUSY, Result.ERROR}


class Witness:
    """The observed events, with checks for forbidden ones.

    Parameters
    ----------
    seen : Counter
        Counts what happened.
    """

    def __init__(self, seen: Counter[str]) -> None:
        self._seen = seen
        self.requests: dict[bytes, SearchRequest] = {}
        self.replies: dict[tuple[str, str, str], dict[bytes, SearchReply]] = {}
        self.called_unknown: set[HitKey] = set()
        self._reported: set[object] = set()
        self._searched = False

    def sent(self, state: State, message: Outgoing) -> None:
        """A state sends a request."""
        request = self.requests.setdefault(message.data, decode_request(message.data))
        assert request.number == message.number
        assert request.requesting == state.code

    def searched(self) -> None:
        """A register is searched."""
        self._searched = True

    def arrived(self, state: State, sender: str, data: bytes) -> Before:
        """Look at how things stand before a state answers."""
        self._searched = False
        request = self.requests.get(data)
        if request is None:
            return Before()
        probe = CATEGORIES["toy"].wire.probe_from_bytes(request.probe)
        return Before(
            state.registers[request.category].generation,
            (sender, request.number) in state.answers,
            state.searches[sender, request.category, probe.type, state.clock().date()],
        )

    def answered(
        self, state: State, sender: str, data: bytes, reply: bytes, before: Before
    ) -> SearchReply | None:
        """A state answered what it got over its line to the sender; return what to a search."""
        request = self.requests.get(data)
        if request is None:
            self._about_no_request(reply)
            return None
        said = decode_reply(reply)
        key = (state.code, sender, request.number)
        made = self.replies.get(key, {})
        if before.is_answered:
            assert not self._searched, "a request was searched for twice"
            # An answer that was recorded, and whose process ended before it left, leaves now.
            final = [one for one in made.values() if one.result not in _OPEN]
            again = reply in made or not final
            assert again or said.result is Result.REFUSED, "a replay was answered"
            self._seen["answered again" if again else f"refused: {said.code}"] += 1
        elif said.code is not None:
            self._seen[f"refused: {said.code}"] += 1
        if sender != request.requesting:
            assert said.code == "party_mismatch", "another party's request was taken"
            return said
        self._judge(state, request, said, before)
        self.replies.setdefault(key, made)[reply] = said
        return said

    def _judge(
        self, state: State, request: SearchRequest, said: SearchReply, before: Before
    ) -> None:
        probe = CATEGORIES["toy"].wire.probe_from_bytes(request.probe)
        found = frozenset((one.reference, one.data) for one in said.candidates)
        truths = state.registers[request.category].truths(probe, before.generation)
        if before.is_answered:
            assert any(found <= truth for truth in truths), "a reply named what was erased"
        elif said.result in {Result.HIT, Result.NO_HIT}:
            assert found in truths, "a reply was not the truth when it left"
        elif said.result is Result.UNSUITABLE:
            assert len(probe.word) == 1
        elif said.code == "quota_exhausted":
            quota = quota_of(state, request.category)
            assert before.searches == quota, "refused before the quota was used up"

    def event(self, state: State, event: Event) -> None:
        """Check the event of a delivery or failure in a conversation."""
        if event.pending is None or event.outcome is None:
            return
        asked = event.pending.asked[event.party]
        outcome = event.outcome.outcome
        self._seen[f"outcome {outcome.value}"] += event.changed
        if outcome in _OF_RESULT.values():
            key = (event.party, state.code, asked.request.number)
            said = self.replies.get(key, {}).get(asked.reply or b"")
            assert said is not None, f"{outcome.value}, and the party never said so"
            assert _OF_RESULT.get(said.result) is outcome, "an answer became another one"
            if event.changed:
                self._once(("answer", state.code, event.pending.id, event.party))
        if event.code in {"already_answered", "stale_request"} and event.changed:
            self._seen[f"asked anew: {event.code}"] += 1

    def any_event(self, state: State, event: Event | HitEvent | None) -> None:
        """Check an answer from a mailbox, of any kind; a follow-up reports its own events."""
        if isinstance(event, Event):
            self.event(state, event)

    def hit_event(self, state: State, event: HitEvent) -> None:
        """Check the event of a follow-up whose hit changed state."""
        if event.refused == "unknown_hit":
            self.called_unknown.add(event.hit.key)
        if event.refused is not None:
            self._seen[f"message refused: {event.refused}"] += 1
        self._seen[f"told {event.hit.state.value}"] += 1
        message = event.message
        if message is not None and not isinstance(message, StatusRequest):
            self._once(("message", state.code, message.hit, message.number))

    def forged(self, request: SearchRequest) -> bytes:
        """Return another request under the same number."""
        other = replace(request, probe=CATEGORIES["toy"].wire.reference_to_bytes(_OTHER))
        data = encode(other)
        self.requests.setdefault(data, other)
        return data

    def _about_no_request(self, reply: bytes) -> None:
        kind = peek(reply).kind
        assert kind in {"search_reply", "status"}
        if kind == "search_reply":  # to what was damaged on the way
            assert decode_reply(reply).result in {Result.ERROR, Result.REFUSED}

    def _once(self, what: object) -> None:
        assert what not in self._reported, "the same thing was reported twice"
        self._reported.add(what)


def quota_of(state: State, category: str) -> int | None:
    """Return how many searches of a category a state lets each other make in a day."""
    rules = state.partner.categories.get(category) if state.partner else None
    return rules.quota.identified if rules and rules.quota else None

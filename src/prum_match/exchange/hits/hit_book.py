"""Records of the hits of one party in its store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from prum_match.errors import ExchangeError
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit import Hit, HitState, Step
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.messages.follow_up import FollowUpMessage, HitKey, decode_follow_up
from prum_match.exchange.messages.records import write_record
from prum_match.exchange.messages.search import ReplyCandidate, RequestHead
from prum_match.exchange.store.asked import is_awaited
from prum_match.exchange.store.stored import read_back, record_from
from prum_match.exchange.store.stores import StoreTransaction, damaged

_HIT, _BY_REFERENCE, _BY_STATE = "hit", "hit_by_reference", "hit_by_state"
_WITHDRAWN, _CONTENT = "withdrawn_early", "content"
# Digests of the references that this party has given, by the place of their hits.
_GIVEN = "hit_reference"
_BATCH = 1000
# Reference numbers are printable: the separator is in none of them.
_SEPARATOR = "\x1f"


class HitBook:
    """Hits by key, by own reference number and by state."""

    def __init__(
        self,
        keep: timedelta,
        keep_candidates: timedelta | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._keep = keep
        self._keep_candidates = keep_candidates
        self._limits = limits

    def open(
        self,
        entries: StoreTransaction,
        head: RequestHead,
        candidates: tuple[ReplyCandidate, ...],
        side: Side,
        now: datetime,
        contents: Mapping[str, bytes],
    ) -> list[Hit]:
        """Open hits for the new candidates of a reply, and return those of all."""
        hits = []
        for candidate in candidates:
            hit = Hit(
                key=_key_of(head, candidate),
                side=side,
                probe_reference=head.reference,
                probe_type=head.type,
                reference_type=candidate.type,
                since=now,
            )
            known = self.find(entries, hit.key)
            if known is None:
                # A withdrawal can overtake the reply that it is about.
                if entries.delete(_WITHDRAWN, _text(hit.key)):
                    hit = hit.after(Step.WITHDRAW, Side.REQUESTED, now)
                self.write(entries, hit)
                if side is Side.REQUESTED:
                    content = contents.get(candidate.reference, b"")
                    entries.put(_GIVEN, _place_by_reference(hit), content)
            hits.append(known or hit)
        return hits

    def write(self, entries: StoreTransaction, hit: Hit) -> None:
        """Write a hit, replacing its earlier state."""
        text = _text(hit.key)
        before = self._read(entries, text)
        if before is not None and before.state is not hit.state:
            entries.delete(_BY_STATE, _place_by_state(before))
        entries.put(_HIT, text, write_record(hit), due=self._due(hit))
        entries.put(_BY_REFERENCE, _place_by_reference(hit), text.encode())
        entries.put(_BY_STATE, _place_by_state(hit), b"")
        if hit.state is HitState.WITHDRAWN:  # nobody may test a person against what is gone
            entries.delete(_GIVEN, _place_by_reference(hit))

    def find(self, entries: StoreTransaction, key: HitKey) -> Hit | None:
        """Return a hit; None if unknown."""
        return self._read(entries, _text(key))

    def get(self, entries: StoreTransaction, key: HitKey) -> Hit:
        """Return a hit."""
        hit = self.find(entries, key)
        if hit is None:
            raise _unknown()
        return hit

    def all(self, entries: StoreTransaction) -> Iterator[Hit]:
        """Yield every hit."""
        for key in entries.keys(_HIT):
            yield _hit(key, entries.get(_HIT, key))

    def in_states(self, entries: StoreTransaction, states: Iterable[HitState]) -> Iterator[Hit]:
        """Yield the hits in these states, in the order of `all`, without reading others."""
        named = sorted(
            (place.removeprefix(_in_state(state)), state)
            for state in set(states)
            for place in entries.keys(_BY_STATE, _in_state(state))
        )
        for key, state in named:
            hit = _hit(key, entries.get(_HIT, key))
            if hit.state != state:
                raise damaged(_BY_STATE)
            yield hit

    def has_withdrawn(self, entries: StoreTransaction, head: RequestHead) -> bool:
        """Tell whether a hit of a request was withdrawn."""
        of_request = _of_request(head.category, head.requesting, head.requested, head.number)
        return bool(entries.keys(_BY_STATE, _in_state(HitState.WITHDRAWN) + of_request))

    def naming(self, entries: StoreTransaction, category: str, reference: str) -> Iterator[Hit]:
        """Yield the hits of one of this party's probes or references."""
        prefix = _SEPARATOR.join((category, reference, ""))
        for index in entries.keys(_BY_REFERENCE, prefix):
            value = entries.get(_BY_REFERENCE, index)
            with read_back(_BY_REFERENCE):
                key = (value or b"").decode()
            yield _hit(key, entries.get(_HIT, key))

    def given(self, entries: StoreTransaction, category: str) -> list[tuple[str, str]]:
        """Return each reference that this party gave and still stands by, with its place."""
        places = entries.keys(_GIVEN, category + _SEPARATOR)
        return [(place.split(_SEPARATOR, 2)[1], place) for place in places]

    def content_at(self, entries: StoreTransaction, place: str) -> bytes | None:
        """Return the digest of a given reference, empty if unknown; None if it is not given."""
        return entries.get(_GIVEN, place)

    def content_given(self, entries: StoreTransaction, hit: Hit) -> bytes | None:
        """Return the digest that the reference of a hit had when it was given."""
        return entries.get(_GIVEN, _place_by_reference(hit))

    def hit_at(self, entries: StoreTransaction, place: str) -> Hit:
        """Return the hit at a place."""
        key = place.split(_SEPARATOR, 2)[2]
        return _hit(key, entries.get(_HIT, key))

    def due(self, entries: StoreTransaction, now: datetime) -> list[Hit]:
        """Return the hits whose deadline or retention has passed."""
        found = []
        for key in entries.due_keys(_HIT, now, _BATCH):
            hit = _hit(key, entries.get(_HIT, key))
            due = self._due(hit)
            if due is None or due > now:
                # The host now keeps hits for longer than when this one was written.
                self.write(entries, hit)
            else:
                found.append(hit)
        return found

    def purge(self, entries: StoreTransaction, hit: Hit) -> None:
        """Remove a hit and all content received for it."""
        entries.delete(_HIT, _text(hit.key))
        entries.delete(_BY_REFERENCE, _place_by_reference(hit))
        entries.delete(_BY_STATE, _place_by_state(hit))
        entries.delete(_GIVEN, _place_by_reference(hit))
        self.purge_content(entries, hit)

    def purge_content(self, entries: StoreTransaction, hit: Hit) -> None:
        """Remove the content received for a hit."""
        for key in entries.keys(_CONTENT, _text(hit.key) + _SEPARATOR):
            entries.delete(_CONTENT, key)

    def postpone(self, entries: StoreTransaction, hit: Hit, until: datetime) -> None:
        """Keep an ended hit until a later time."""
        entries.put(_HIT, _text(hit.key), write_record(hit), due=until)

    def withdraw_early(self, entries: StoreTransaction, key: HitKey, now: datetime) -> None:
        """Remember the withdrawal of a candidate whose reply is still awaited."""
        # Without a bound a partner could fill the store with withdrawals of hits that never
        # existed.
        if not is_awaited(entries, key):
            raise _unknown()
        early = entries.keys(_WITHDRAWN, _text(key).removesuffix(key.reference))
        if len(early) >= self._limits.candidates and _text(key) not in early:
            raise ExchangeError(
                "more withdrawals than the reply can have candidates",
                code="too_many_candidates",
                field="hit",
            )
        entries.put(_WITHDRAWN, _text(key), b"", due=now + self._keep)

    def forget_early(self, entries: StoreTransaction, now: datetime) -> None:
        """Forget early withdrawals whose reply never arrived."""
        for key in entries.due_keys(_WITHDRAWN, now, _BATCH):
            entries.delete(_WITHDRAWN, key)

    def put_content(self, entries: StoreTransaction, hit: Hit, name: str, data: bytes) -> None:
        """Store content of a hit: facts, or core data."""
        entries.put(_CONTENT, _SEPARATOR.join((_text(hit.key), name)), data)

    def content(self, entries: StoreTransaction, key: HitKey, name: str) -> FollowUpMessage | None:
        """Return the message with content of a hit; None if there is none."""
        data = entries.get(_CONTENT, _SEPARATOR.join((_text(key), name)))
        with read_back(name):
            return None if data is None else decode_follow_up(data, self._limits)

    def _due(self, hit: Hit) -> datetime | None:
        if hit.ended_at is not None:
            return hit.ended_at + self._keep
        if hit.state is HitState.CANDIDATE:
            return None if self._keep_candidates is None else hit.since + self._keep_candidates
        # A hit becomes overdue once; no further deadline follows.
        return None if hit.state is HitState.OVERDUE else hit.due

    def _read(self, entries: StoreTransaction, key: str) -> Hit | None:
        value = entries.get(_HIT, key)
        return None if value is None else _hit(key, value)


def _unknown() -> ExchangeError:
    return ExchangeError("no hit has this key", code="unknown_hit", field="hit")


def _hit(key: str, value: bytes | None) -> Hit:
    hit = record_from(Hit, _HIT, value, max_depth=2, max_containers=2)
    with read_back(_HIT):
        if _text(hit.key) != key:
            raise ValueError
    return hit


def _key_of(head: RequestHead, candidate: ReplyCandidate) -> HitKey:
    return HitKey(
        category=head.category,
        requesting=head.requesting,
        requested=head.requested,
        request=head.number,
        reference=candidate.reference,
    )


def _text(key: HitKey) -> str:
    of_request = _of_request(key.category, key.requesting, key.requested, key.request)
    return of_request + key.reference


def _of_request(category: str, requesting: str, requested: str, number: str) -> str:
    return _SEPARATOR.join((category, requesting, requested, number, ""))


def _place_by_reference(hit: Hit) -> str:
    return _SEPARATOR.join((hit.key.category, hit.own_reference, _text(hit.key)))


def _place_by_state(hit: Hit) -> str:
    return _in_state(hit.state) + _text(hit.key)


def _in_state(state: HitState) -> str:
    return state + _SEPARATOR

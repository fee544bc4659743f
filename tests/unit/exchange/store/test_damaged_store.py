"""A store that returns changed data is an error at home, and is not reported to partners.

A partner would take a refusal because of it as final.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import (
    Conversation,
    FollowUp,
    HitKey,
    HitState,
    Justification,
    MemoryStore,
    SqliteStore,
    WithdrawalReason,
)
from prum_match.exchange.messages import (
    Result,
    StatusMessage,
    StatusRequest,
    StatusResult,
    decode_status,
    encode,
)
from prum_match.exchange.nightly import MatchKey, MatchLedger, Nightly, OpenSearches, Sighting
from prum_match.testing.clock import VirtualClock

# Its keys say all that there is; its values are empty and not read.
KEYS_ALONE = "hit_by_state"
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")


class State:
    """AT has asked DE and FR: a hit of DE is confirmed, one has its facts sent, FR is silent."""

    def __init__(self, reply_of: Any, toy: Any) -> None:
        self.clock = VirtualClock()
        store = MemoryStore()
        self.number = 0
        follow_up, conversation = self.ends(store)
        pending = conversation.submit(
            toy.Item("apple"), parties=["DE", "FR"], probe_id="AT-7", justification=WHY
        )
        self.request = pending.asked["DE"].request
        self.reply = encode(reply_of(self.request.head()))
        self.fr_reply = encode(
            reply_of(pending.asked["FR"].request.head(), result=Result.NO_HIT, number="r2")
        )
        conversation.deliver("DE", self.reply)
        self.key = HitKey(
            category="toy",
            requesting="AT",
            requested="DE",
            request=self.request.number,
            reference="DE-1",
        )
        follow_up.confirm(self.key, official="insp-7")
        follow_up.send_facts(self.key, offence="0101 00", description="A theft.", official="insp-7")
        second = follow_up.outgoing()[1]
        self.answer = encode(
            StatusMessage(
                number="s1",
                time=self.clock(),
                answers=second.number,
                result=StatusResult.ACCEPTED,
                state="awaiting_release",
            )
        )
        self.question = encode(StatusRequest(hit=self.key, number="x1", time=self.clock()))
        with store.transaction() as entries:
            written: Any = entries  # of a `MemoryStore`, which has them all at hand
            self.entries = {
                (kind, key): entry
                for kind, found in written.kinds.items()
                for key, entry in found.values.items()
            }

    def store(self, *changed: tuple[str, str, bytes | None]) -> MemoryStore:
        """Return a store with these entries, some of them changed or gone."""
        store = MemoryStore()
        with store.transaction() as entries:
            for (kind, key), (value, due) in self.entries.items():
                entries.put(kind, key, value, due)
            for kind, key, other in changed:
                if other is None:
                    entries.delete(kind, key)
                else:
                    entries.put(kind, key, other, self.entries[kind, key][1])
        return store

    def new_number(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def ends(self, store: MemoryStore) -> tuple[FollowUp, Conversation]:
        follow_up = FollowUp("AT", store, clock=self.clock, new_number=self.new_number)
        conversation = Conversation("AT", "toy", self.clock, self.new_number, follow_up=follow_up)
        return follow_up, conversation

    def calls(self, store: Any) -> Iterator[Callable[[], object]]:
        """Yield all that is done with a store after a restart."""
        follow_up, conversation = self.ends(store)
        yield follow_up.hits
        yield lambda: follow_up.hits(*HitState)
        yield lambda: follow_up.hit(self.key)
        yield lambda: follow_up.core_data(self.key)
        yield lambda: self.told(follow_up)
        yield lambda: follow_up.deliver("DE", self.answer)
        yield lambda: follow_up.ask_status(self.key)
        yield lambda: conversation.searches(WHY.case)
        yield conversation.searches
        yield lambda: conversation.deliver("DE", self.reply)
        yield lambda: conversation.deliver("FR", self.fr_reply)
        yield conversation.tick
        yield follow_up.tick
        yield follow_up.outgoing
        yield lambda: self.withdraw(follow_up)

    def withdraw(self, follow_up: FollowUp) -> None:
        """Use the index by reference, which every other change of the hit writes anew."""
        follow_up.withdraw("toy", ["AT-7"], WithdrawalReason.ERASED)

    def told(self, follow_up: FollowUp) -> None:
        answer = decode_status(follow_up.receive("DE", self.question))
        assert answer.result is StatusResult.ACCEPTED


def damages(value: bytes) -> Iterator[bytes]:
    yield from (b"", value + b"x", b"null", b"{}", b"[" * 100_000, b'{"a":"\\ud800"}', b"\xff")
    for place in range(0, len(value), 5):
        yield value[:place]
        yield value[:place] + bytes([value[place] ^ 0xFF]) + value[place + 1 :]
        yield value[:place] + bytes([value[place] ^ 0x01]) + value[place + 1 :]


@pytest.fixture
def state(reply_of: Any, toy: Any) -> State:
    return State(reply_of, toy)


def test_the_undamaged_store_works(state: State) -> None:
    for call in state.calls(state.store()):
        call()
    assert {kind for kind, _ in state.entries} == {
        "asked/toy",
        "hit",
        "hit_by_reference",
        KEYS_ALONE,
        "outbox",
        "outbox_counter",
        "outbox_index",
        "query/toy",
        "query_of_case/toy",
    }


def test_every_damage_is_a_storage_error_without_an_answer(state: State) -> None:
    seen = Counter()
    read = {place: value for place, (value, _) in state.entries.items() if place[0] != KEYS_ALONE}
    for (kind, key), value in read.items():
        for other in damages(value):
            try:
                state.withdraw(state.ends(state.store((kind, key, other)))[0])
                for call in state.calls(state.store((kind, key, other))):
                    call()
            except StorageError as error:
                seen[kind, error.code] += 1
    assert set(seen) == {(kind, "store_damaged") for kind, _ in read}
    assert seen.total() > 1000


@pytest.mark.parametrize("kind", ["hit", "asked/toy", "outbox"])
def test_an_entry_that_another_one_names_is_missed(kind: str, state: State) -> None:
    key = max(key for found, key in state.entries if found == kind)
    follow_up, conversation = state.ends(MemoryStore())
    follow_up.store = state.store((kind, key, None))
    uses = {
        "hit": lambda: state.withdraw(follow_up),
        "asked/toy": conversation.searches,
        "outbox": lambda: follow_up.deliver("DE", state.answer),
    }
    with pytest.raises(StorageError) as caught:
        uses[kind]()
    assert (caught.value.code, caught.value.field) == ("store_damaged", kind)


def nights(store: MemoryStore, clock: VirtualClock) -> tuple[MatchLedger, OpenSearches, Nightly]:
    ledger = MatchLedger(store, clock=clock)
    searches = OpenSearches("toy", store, clock=clock)
    return ledger, searches, Nightly(searches, ledger)


def test_damaged_entries_of_nightly_searches(toy: Any) -> None:
    clock, seen = VirtualClock(), Counter()
    store: Any = MemoryStore()
    ledger, searches, night = nights(store, clock)
    searches.add("AT-7", toy.Item("apple"), parties=["DE"], justification=WHY)
    night.begin()
    key = MatchKey(category="toy", party="DE", own_reference="AT-7", reference="DE-1")
    with store.transaction() as entries:
        ledger.note(entries, [Sighting(key=key, data=b"data", time=clock())])
        kept = {
            (kind, name): entry
            for kind, found in entries.kinds.items()
            for name, entry in found.values.items()
            if kind != "match_salt"  # any bytes are one
        }
    for (kind, name), (value, due) in kept.items():
        for other in damages(value):
            with store.transaction() as entries:
                entries.put(kind, name, other, due)
            for call in (
                lambda: ledger.matches("toy"),
                lambda: searches.get("AT-7"),
                lambda: searches.states("AT-7"),
                night.report,
            ):
                try:
                    call()
                except StorageError as error:
                    seen[kind, error.code, error.field == kind] += 1
        with store.transaction() as entries:
            entries.put(kind, name, value, due)
    assert set(seen) == {(kind, "store_damaged", True) for kind, _ in kept}


def test_text_in_the_place_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        with store.transaction() as entries:
            entries.put("hit", "1", b"a value")
        with closing(sqlite3.connect(path)) as file:
            file.execute("UPDATE entries SET value = CAST(value AS TEXT)")
            file.commit()
        with pytest.raises(StorageError) as caught, store.transaction() as entries:
            entries.get("hit", "1")
    assert (caught.value.code, caught.value.field) == ("store_damaged", "hit")

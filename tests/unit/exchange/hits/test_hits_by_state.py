"""The hits in a state: found without reading the others, and always those that a scan finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import Hit, HitKey, HitState
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.messages import ReplyCandidate, RequestHead
from prum_match.exchange.store import StoreTransaction
from support.exchange.ends import End

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOK = HitBook(timedelta(days=30))


class Reading:
    """A store that counts the values of a kind that are read."""

    def __init__(self, store: Any, kind: str) -> None:
        self._store, self._kind = store, kind
        self.count = 0

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._store.transaction() as self._entries:
            yield self

    def get(self, kind: str, key: str) -> bytes | None:
        self.count += kind == self._kind
        return self._entries.get(kind, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entries, name)


def _hit(state: HitState, reference: str = "DE-9") -> Hit:
    key = HitKey(category="dna", requesting="AT", requested="DE", request="q", reference=reference)
    return Hit(key=key, side=Side.REQUESTING, probe_reference="AT-1", since=NOON, state=state)


def _listed(entries: StoreTransaction) -> dict[HitState, list[Hit]]:
    found = {state: list(BOOK.in_states(entries, [state])) for state in HitState}
    return {state: hits for state, hits in found.items() if hits}


def test_a_work_list_reads_only_its_own_hits(ends: tuple[End, End]) -> None:
    here, _ = ends
    head = RequestHead(
        category="dna",
        requesting="AT",
        requested="DE",
        number="q",
        time=here.clock(),
        reference="AT-1",
        type="S",
    )
    candidates = tuple(
        ReplyCandidate(
            rank=rank, reference=f"DE-{rank}", type="P", quality=None, readings=(), data=b"..."
        )
        for rank in range(1, 101)
    )
    with here.store.transaction() as entries:
        hits = here.follow_up.open(entries, head, candidates, Side.REQUESTING)
    for hit in hits[7:]:
        here.follow_up.refute(hit.key, official="x")
    reading = here.follow_up.store = Reading(here.store, "hit")
    for states, expected in (
        ((HitState.CANDIDATE,), 7),
        ((HitState.AWAITING_RELEASE, HitState.DELAYED), 0),
        ((HitState.CANDIDATE, HitState.OVERDUE, HitState.CANDIDATE), 7),
        ((), 100),
    ):
        reading.count = 0
        assert len(here.follow_up.hits(*states)) == reading.count == expected


def test_every_change_of_state_moves_a_hit_to_its_new_list(ends: tuple[End, End]) -> None:
    store = ends[0].store
    for before, after in product(HitState, repeat=2):
        old, new = _hit(before), _hit(after)
        with store.transaction() as entries:
            BOOK.write(entries, old)
        with suppress(InterruptedError), store.transaction() as entries:
            BOOK.write(entries, new)
            raise InterruptedError
        with store.transaction() as entries:
            assert _listed(entries) == {before: [old]}
            BOOK.write(entries, new)
            assert _listed(entries) == {after: [new]}
            BOOK.postpone(entries, new, NOON)
            assert _listed(entries) == {after: [new]}
            BOOK.purge(entries, new)
            assert _listed(entries) == {}
            assert entries.keys("hit_by_state") == []


def test_hits_are_sorted_by_age_in_all_states(ends: tuple[End, End]) -> None:
    here, _ = ends
    states = [HitState.REFUTED, HitState.CANDIDATE, HitState.REFUTED, HitState.CANDIDATE]
    with here.store.transaction() as entries:
        for number, state in enumerate(states):
            BOOK.write(entries, _hit(state, f"DE-{number}"))
    both = here.follow_up.hits(HitState.CANDIDATE, HitState.REFUTED)
    assert [hit.state for hit in both] == states
    assert both == here.follow_up.hits()


@pytest.mark.parametrize("other", [None, HitState.CONFIRMED])
def test_a_list_that_is_not_of_its_hits_is_damage(
    ends: tuple[End, End], key: HitKey, other: HitState | None
) -> None:
    here, _ = ends
    with here.store.transaction() as entries:
        (name,) = entries.keys("hit")
        if other is None:
            entries.delete("hit", name)
        else:
            BOOK.write(entries, _hit(other))
            (elsewhere,) = entries.keys("hit", "dna\x1fAT\x1fDE\x1fq\x1f")
            entries.put("hit_by_state", f"candidate\x1f{elsewhere}", b"")
    with pytest.raises(StorageError) as caught:
        here.follow_up.hits(HitState.CANDIDATE)
    field = "hit" if other is None else "hit_by_state"
    assert (caught.value.code, caught.value.field) == ("store_damaged", field)

"""A store that fails temporarily: events that were not stored have no effect and may recur."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import Conversation, FollowUp, MemoryStore, Outcome
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import Result, decode_request, encode
from prum_match.exchange.store import StoreTransaction


class FullDisk(MemoryStore):
    """A store whose transactions fail at their end, those that write, as long as it is full."""

    full = False

    @contextmanager
    def transaction(self) -> Iterator[StoreTransaction]:
        with super().transaction() as entries:
            yield entries
            if self.full and self._entries.undo:
                raise StorageError("no space left", code="store_unusable", field="path")


@pytest.fixture
def store() -> FullDisk:
    return FullDisk()


@pytest.fixture
def begin(store: FullDisk, clock: Any, numbers: Any) -> Callable[[], Conversation]:
    def make() -> Conversation:
        follow_up = FollowUp("AT", store, MemoryAudit(), clock=clock, new_number=numbers)
        return Conversation("AT", "toy", clock, numbers, follow_up=follow_up)

    return make


@contextmanager
def failing(store: FullDisk) -> Iterator[None]:
    store.full = True
    with pytest.raises(StorageError):
        yield
    store.full = False


def test_a_hit_that_could_not_be_kept_comes_again(
    begin: Any, store: FullDisk, toy: Any, germany: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    reply = germany.handle("AT", pending.outgoing[0].data)
    with failing(store):
        conversation.deliver("DE", reply)
    assert pending.outcome["DE"].outcome is Outcome.PENDING
    event = conversation.deliver("DE", reply)
    assert (event.changed, pending.outcome["DE"].outcome) == (True, Outcome.HIT)
    assert len(conversation.follow_up.hits()) == len(pending.outcome["DE"].candidates) == 2


def test_a_new_number_that_could_not_be_kept_leaves_the_old_one(
    begin: Any, store: FullDisk, toy: Any, reply_of: Any, clock: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    (first,) = pending.outgoing
    head = decode_request(first.data).head()
    lost = encode(reply_of(head, result=Result.REFUSED, candidates=(), code="already_answered"))
    with failing(store):
        conversation.deliver("DE", lost)
    assert pending.outgoing == (first,)
    clock.sleep(3600)
    assert conversation.tick() == [first]
    assert conversation.deliver("DE", lost).changed
    assert [one.number == first.number for one in conversation.tick()] == [False]


def test_a_request_that_could_not_be_sent_again_stays_due(
    begin: Any, store: FullDisk, toy: Any, clock: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    clock.sleep(timedelta(hours=1).total_seconds())
    with failing(store):
        conversation.tick()
    assert conversation.tick() == list(pending.outgoing)

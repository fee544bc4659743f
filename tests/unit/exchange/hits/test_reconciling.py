"""Erasures and corrections reach open hits without a call of the host."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from prum_match.errors import ExchangeError, StorageError
from prum_match.exchange import (
    CoreData,
    FollowUp,
    Hit,
    HitKey,
    HitState,
    MemoryStore,
    Responder,
    WithdrawalReason,
)
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits import HitEvent
from prum_match.exchange.messages import (
    ReplyCandidate,
    RequestHead,
    SearchRequest,
    Withdrawal,
    decode_follow_up,
    decode_reply,
    decode_status,
    encode,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import CANARY, PERSON, End, code_of, send
from support.exchange.toy import Gallery, Item

RequestOf = Callable[..., SearchRequest]


def key(reference: str = "DE-1", request: str = "q1") -> HitKey:
    return HitKey(
        category="toy", requesting="AT", requested="DE", request=request, reference=reference
    )


class Desk(End):
    """The party that answers, with its gallery and its responder."""

    gallery: Gallery
    responder: Responder

    def begin(self, **options: Any) -> None:
        self.follow_up = FollowUp(
            self.party,
            self.store,
            self.audit,
            clock=self.clock,
            core_data={"toy": self.provide},
            on_event=self.events.append,
            **options,
        )


@pytest.fixture
def desk(clock: VirtualClock, toy: SimpleNamespace) -> Desk:
    desk = Desk("DE", MemoryStore(), clock)
    desk.gallery = Gallery({"DE-1": Item("apple"), "DE-2": Item("axe", "S"), "DE-3": Item("pear")})
    desk.responder = Responder(
        "DE", {"toy": desk.gallery}, clock=clock, follow_up=desk.follow_up, audit=desk.audit
    )
    return desk


@pytest.fixture
def asking(desk: Desk, clock: VirtualClock, request_of: RequestOf) -> End:
    """The party that asked, and now holds two candidates."""
    asking = End("AT", MemoryStore(), clock)
    request = request_of()
    reply = decode_reply(desk.responder.handle("AT", encode(request)))
    assert [one.reference for one in reply.candidates] == ["DE-1", "DE-2"]
    with asking.store.transaction() as entries:
        asking.follow_up.open(entries, request.head(), reply.candidates, Side.REQUESTING)
    return asking


def until_facts(asking: End, desk: Desk) -> None:
    asking.follow_up.confirm(key(), official="expert-1")
    asking.follow_up.send_facts(key(), offence="0101 00", description=CANARY, official="insp-1")
    send(asking, desk)
    assert desk.follow_up.hit(key()).state is HitState.AWAITING_RELEASE


def withdrawals(follow_up: FollowUp) -> list[tuple[str, WithdrawalReason]]:
    messages = [decode_follow_up(one.data) for one in follow_up.outgoing()]
    return [(one.hit.reference, one.reason) for one in messages if isinstance(one, Withdrawal)]


def withdrawn(follow_up: FollowUp) -> list[str]:
    return [hit.key.reference for hit in follow_up.hits(HitState.WITHDRAWN)]


def test_core_data_of_an_erased_record_are_not_released(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    desk.gallery.erase("DE-1")
    desk.events.clear()
    for _ in range(2):
        with pytest.raises(ExchangeError) as caught:
            desk.follow_up.release(key(), official="judge-1")
        assert (caught.value.code, caught.value.field) == ("reference_gone", "hit")
    assert desk.asked_for == []
    assert withdrawn(desk.follow_up) == ["DE-1"]
    assert [event.hit.state for event in desk.events] == [HitState.WITHDRAWN]
    assert desk.acts()[-1] == "withdrawn"
    send(desk, asking)
    assert asking.follow_up.hit(key()).state is HitState.WITHDRAWN
    assert asking.events[-1].message.reason is WithdrawalReason.ERASED
    assert desk.follow_up.outgoing() == []


def test_core_data_of_a_replaced_record_are_not_released(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    desk.gallery.replace("DE-1", Item("apples"))
    assert code_of(desk.follow_up.release, key(), official="judge-1") == "reference_gone"
    assert withdrawals(desk.follow_up) == [("DE-1", WithdrawalReason.CORRECTED)]
    assert desk.asked_for == []


def test_other_changes_do_not_affect_a_hit(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    desk.gallery.replace("DE-3", Item("plum"))
    desk.gallery.replace("DE-1", Item("apple"))  # the same as before
    desk.gallery.erase("DE-3")
    assert desk.follow_up.reconcile() == []
    desk.follow_up.release(key(), official="judge-1")
    send(desk, asking)
    assert asking.follow_up.core_data(key()) == PERSON


def test_a_record_that_is_erased_while_its_core_data_are_fetched(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)

    def provide(reference: str) -> CoreData:
        desk.gallery.erase(reference)
        return PERSON

    desk.provide = provide  # type: ignore[method-assign]
    desk.begin(galleries={"toy": desk.gallery})
    assert code_of(desk.follow_up.release, key(), official="judge-1") == "reference_gone"
    assert withdrawals(desk.follow_up) == [("DE-1", WithdrawalReason.ERASED)]
    assert len(desk.follow_up.outgoing()) == 0


def test_core_data_that_were_not_sent_yet_are_dropped(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    desk.follow_up.release(key(), official="judge-1")
    desk.gallery.erase("DE-1")
    desk.follow_up.tick()
    send(desk, asking)
    assert asking.follow_up.core_data(key()) is None
    assert asking.follow_up.hit(key()).state is HitState.WITHDRAWN


def test_core_data_that_were_sent_are_withdrawn(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    desk.follow_up.release(key(), official="judge-1")
    send(desk, asking)
    assert asking.follow_up.core_data(key()) == PERSON
    desk.gallery.erase("DE-1")
    assert [hit.key for hit in desk.follow_up.reconcile()] == [key()]
    send(desk, asking)
    assert asking.follow_up.core_data(key()) is None


def test_the_next_request_withdraws_hits(asking: End, desk: Desk, request_of: RequestOf) -> None:
    desk.gallery.erase("DE-1")
    desk.gallery.replace("DE-2", Item("axes", "S"))
    other = encode(request_of(number="q2", probe=b'["zebra", "P"]'))
    assert decode_reply(desk.responder.handle("AT", other)).result == "no_hit"
    assert sorted(withdrawals(desk.follow_up)) == [
        ("DE-1", WithdrawalReason.ERASED),
        ("DE-2", WithdrawalReason.CORRECTED),
    ]
    assert sorted(withdrawn(desk.follow_up)) == ["DE-1", "DE-2"]


def test_a_reply_with_a_withdrawn_hit_is_not_repeated(
    asking: End, desk: Desk, request_of: RequestOf
) -> None:
    desk.gallery.replace("DE-1", Item("apples"))
    assert len(desk.follow_up.reconcile()) == 1
    desk.gallery.replace("DE-1", Item("apple"))  # the data agree with the gallery again
    reply = decode_reply(desk.responder.handle("AT", encode(request_of())))
    assert reply.code == "already_answered"


def test_the_next_message_about_a_hit_withdraws_it(asking: End, desk: Desk) -> None:
    asking.follow_up.confirm(key(), official="expert-1")
    send(asking, desk)
    desk.gallery.erase("DE-1")
    asking.follow_up.send_facts(key(), offence="0101 00", description="-", official="insp-1")
    (facts,) = asking.follow_up.outgoing()
    answer = decode_status(desk.responder.handle("AT", facts.data))
    assert answer.code == "illegal_transition"
    assert desk.follow_up.facts(key()) is None
    assert withdrawals(desk.follow_up) == [("DE-1", WithdrawalReason.ERASED)]


def test_a_tick_withdraws_hits(asking: End, desk: Desk) -> None:
    desk.gallery.erase("DE-1")
    assert desk.follow_up.tick() == []  # nothing became overdue
    assert withdrawn(desk.follow_up) == ["DE-1"]
    assert [event.hit.key for event in desk.events] == [key()]


def test_a_new_process_finds_earlier_erasures(asking: End, desk: Desk) -> None:
    until_facts(asking, desk)
    rebuilt = Gallery({"DE-2": Item("axe", "S")}, generation=1)
    desk.begin(galleries={"toy": rebuilt})
    assert code_of(desk.follow_up.release, key(), official="judge-1") == "reference_gone"
    assert withdrawn(desk.follow_up) == ["DE-1"]
    assert desk.follow_up.hit(key("DE-2")).state is HitState.CANDIDATE


def test_a_gallery_that_was_never_filled_withdraws_nothing(asking: End, desk: Desk) -> None:
    desk.begin(galleries={"toy": Gallery({})})
    assert desk.follow_up.reconcile() == []
    desk.follow_up.tick()
    assert withdrawn(desk.follow_up) == []


def test_hits_of_own_probes_are_not_searched_in_the_galleries(
    clock: VirtualClock, toy: SimpleNamespace
) -> None:
    asking = Desk("AT", MemoryStore(), clock)
    asking.begin(galleries={"toy": Gallery({}, generation=3)})
    head = RequestHead(
        category="toy",
        requesting="AT",
        requested="DE",
        number="q1",
        time=clock(),
        reference="AT-1",
        type="S",
    )
    candidate = ReplyCandidate(
        rank=1, reference="DE-1", type="P", quality=1, readings=(), data=b"..."
    )
    with asking.store.transaction() as entries:
        asking.follow_up.open(entries, head, (candidate,), Side.REQUESTING)
    assert asking.follow_up.reconcile() == []
    assert [hit.state for hit in asking.follow_up.hits()] == [HitState.CANDIDATE]


@pytest.mark.parametrize("end", ["withdrawn", "purged"])
def test_digests_go_with_their_hits(asking: End, desk: Desk, clock: VirtualClock, end: str) -> None:
    def digests() -> list[bytes | None]:
        with desk.store.transaction() as entries:
            return [entries.get("hit_reference", at) for at in entries.keys("hit_reference")]

    assert len(set(digests())) == 2
    if end == "withdrawn":
        desk.gallery.erase("DE-1")
        desk.gallery.erase("DE-2")
        assert len(desk.follow_up.reconcile()) == 2
    else:
        desk.follow_up = FollowUp("DE", desk.store, clock=clock)
        for reference in ("DE-1", "DE-2"):
            asking.follow_up.refute(key(reference), official="expert-1")
        send(asking, desk)
        clock.sleep(31 * 86400)
        desk.follow_up.tick()
        assert desk.follow_up.hits() == []
    assert digests() == []


def test_an_unreadable_gallery_withdraws_nothing(
    asking: End, desk: Desk, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(gallery: Gallery, reference_id: str) -> Item:
        raise StorageError("the disk failed", code="damaged_segment", field=None)

    desk.gallery.replace("DE-3", Item("plum"))
    monkeypatch.setattr(Gallery, "__getitem__", fail)
    other = encode(request_of(number="q2"))
    assert decode_reply(desk.responder.handle("AT", other)).code == "follow_up_failed"
    for call in (desk.follow_up.reconcile, desk.follow_up.tick):
        with pytest.raises(StorageError):
            call()
    assert withdrawn(desk.follow_up) == []


class Counting(Gallery):
    """A gallery that counts how often an item is read."""

    reads = 0

    def __getitem__(self, reference_id: str) -> Item:
        self.reads += 1
        return super().__getitem__(reference_id)


def many(desk: Desk, clock: VirtualClock, n: int) -> Counting:
    gallery = Counting({f"DE-{i}": Item("apple") for i in range(n)}, generation=1)
    desk.begin(galleries={"toy": gallery})
    head = RequestHead(
        category="toy",
        requesting="AT",
        requested="DE",
        number="q9",
        time=clock(),
        reference="AT-1",
        type="S",
    )
    candidates = tuple(
        ReplyCandidate(
            rank=i + 1, reference=f"DE-{i}", type="P", quality=1, readings=(), data=b"..."
        )
        for i in range(n)
    )
    with desk.store.transaction() as entries:
        desk.follow_up.open(entries, head, candidates, Side.REQUESTED)
    desk.follow_up.tick()
    assert gallery.reads == n
    gallery.reads = 0
    return gallery


def test_few_hits_are_compared_after_every_change(desk: Desk, clock: VirtualClock) -> None:
    gallery = many(desk, clock, 100)
    for _ in range(3):
        gallery.replace("DE-x", Item("pear"))
        desk.follow_up.tick()
        desk.follow_up.tick()
    assert gallery.reads == 300


def test_many_hits_are_compared_at_intervals(desk: Desk, clock: VirtualClock) -> None:
    gallery = many(desk, clock, 500)
    gallery.erase("DE-7")
    desk.follow_up.tick()
    assert gallery.reads == 0  # after five seconds
    clock.sleep(4.9)
    desk.follow_up.tick()
    assert gallery.reads == 0
    assert [hit.key.reference for hit in desk.follow_up.reconcile()] == ["DE-7"]
    gallery.erase("DE-8")
    clock.sleep(5)
    desk.follow_up.tick()
    assert withdrawn(desk.follow_up) == ["DE-7", "DE-8"]
    gallery.erase("DE-9")
    clock.sleep(-30 * 86400)  # a clock that had been a month ahead
    desk.follow_up.tick()
    assert len(withdrawn(desk.follow_up)) == 3


def test_each_withdrawal_is_reported_to_the_host_once(asking: End, desk: Desk) -> None:
    told: list[Hit] = []

    def follow(event: HitEvent) -> None:
        told.append(desk.follow_up.hit(event.hit.key))

    desk.begin()
    desk.follow_up = FollowUp(
        "DE", desk.store, clock=desk.clock, on_event=follow, galleries={"toy": desk.gallery}
    )
    desk.gallery.erase("DE-2")
    for _ in range(2):
        desk.follow_up.reconcile()
        desk.follow_up.tick()
    assert [(hit.key, hit.state) for hit in told] == [(key("DE-2"), HitState.WITHDRAWN)]

"""Queries that outlive the process that asked them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from prum_match.exchange import (
    Conversation,
    FollowUp,
    HitKey,
    HitState,
    Justification,
    Outcome,
    Purpose,
    Sample,
    SqliteStore,
    TransportBusy,
    TransportTimeout,
)
from prum_match.exchange.asking.pending_search import SearchBook
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import (
    Confirmation,
    Result,
    StatusMessage,
    StatusResult,
    Verdict,
    decode_request,
    decode_status,
    encode,
)

WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "at.db") as made:
        yield made


@pytest.fixture
def begin(store: Any, audit: Any, clock: Any, numbers: Any) -> Callable[..., Conversation]:
    def make(**options: Any) -> Conversation:
        follow_up = FollowUp("AT", store, audit, clock=clock, new_number=numbers)
        return Conversation("AT", "toy", clock, numbers, follow_up=follow_up, **options)

    return make


def acts(audit: MemoryAudit) -> list[tuple[str, str, str | None]]:
    return [(one.act.value, one.party, one.result) for one in audit.entries()]


def test_a_reply_that_comes_a_day_and_a_restart_later(
    begin: Any, toy: Any, germany: Any, clock: Any, audit: Any
) -> None:
    pending = begin().submit(
        toy.Item("apple"), parties=["DE", "FR"], probe_id="AT-7", justification=WHY
    )
    reply = germany.handle("AT", pending.outgoing[0].data)
    clock.sleep(86400)
    conversation = begin()
    event = conversation.deliver("DE", reply)
    assert (event.changed, event.outcome.outcome) == (True, Outcome.HIT)
    assert event.outcome.elapsed == 86400
    (known,) = begin().searches("2026/17")
    assert (known.probe_id, known.justification) == ("AT-7", WHY)
    assert [one.outcome for one in known.outcome.values()] == [Outcome.HIT, Outcome.PENDING]
    assert known.outcome["DE"].candidates == event.outcome.candidates
    assert begin().searches("another case") == []
    hits = conversation.follow_up.hits(HitState.CANDIDATE)
    assert [hit.key.reference for hit in hits] == ["DE-1", "DE-2"]
    assert acts(audit) == [
        *(("justified", "DE", None), ("asked", "DE", None)),
        *(("justified", "FR", None), ("asked", "FR", None)),
        ("received", "DE", "hit"),
    ]
    assert [one.actor for one in audit.entries()] == ["insp-7", None, "insp-7", None, None]


def test_a_search_about_no_offence_is_kept_as_such(begin: Any, toy: Any) -> None:
    missing = replace(WHY, offence=None, purpose=Purpose.MISSING_PERSON, empowered=True)
    begin().submit(toy.Item("apple"), parties=["DE"], justification=missing)
    (known,) = begin().searches("2026/17")
    assert known.justification == missing


def test_the_same_reply_after_a_restart_changes_nothing(
    begin: Any, toy: Any, germany: Any, audit: Any
) -> None:
    pending = begin().submit(toy.Item("apple"), parties=["DE"])
    reply = germany.handle("AT", pending.outgoing[0].data)
    assert begin().deliver("DE", reply).changed
    again = begin().deliver("DE", reply)
    assert (again.changed, again.code, again.outcome.outcome) == (False, None, Outcome.HIT)
    assert len(audit) == 2


def test_silent_parties_are_asked_again(begin: Any, toy: Any, clock: Any) -> None:
    pending = begin().submit(toy.Item("apple"), parties=["DE"])
    message = pending.outgoing[0]
    waits = []
    for _ in range(8):
        waited = 0
        while not (again := begin().tick()):
            clock.sleep(60)
            waited += 1
        assert again == [message]
        waits.append(waited)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_busy_party_is_given_the_time_that_it_asks_for(begin: Any, toy: Any, clock: Any) -> None:
    conversation = begin()
    conversation.submit(toy.Item("apple"), parties=["DE"])
    conversation.fail("DE", TransportBusy(retry_after=600))
    clock.sleep(599)
    assert begin().tick() == []
    clock.sleep(1)
    assert len(begin().tick()) == 1


def test_without_a_store_ticks_ask_again_too(toy: Any, clock: Any, germany: Any) -> None:
    conversation = Conversation("AT", "toy", clock)
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    assert conversation.tick() == []
    conversation.fail("DE", TransportTimeout())
    clock.sleep(60)
    assert conversation.tick() == list(pending.outgoing)
    conversation.deliver("DE", germany.handle("AT", pending.outgoing[0].data))
    clock.sleep(9999)
    assert conversation.tick() == []
    assert conversation.searches() == [pending]
    conversation.forget(pending)
    assert conversation.searches() == []


def test_a_confirmation_that_overtakes_the_reply_waits_for_it(
    begin: Any, toy: Any, clock: Any, reply_of: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    head = decode_request(pending.outgoing[0].data).head()
    reply = reply_of(head)
    key = {"category": "toy", "requesting": "AT", "requested": "DE", "request": head.number}

    def confirm(**of: Any) -> StatusMessage:
        message = Confirmation(
            hit=HitKey(**{**key, "reference": "DE-1", **of}),
            number="c1",
            time=clock(),
            verdict=Verdict.CONFIRMED,
        )
        return decode_status(conversation.follow_up.receive("DE", encode(message)))

    assert confirm().result is StatusResult.BUSY
    assert confirm(request="another").code == "unknown_hit"
    conversation.deliver("DE", encode(reply))
    assert confirm(reference="DE-8").code == "unknown_hit"
    # In this category it is not the requested party's to say: but now it is about something.
    assert confirm().code == "not_yours_to_confirm"


def test_an_answer_that_the_party_lost_is_asked_for_anew(
    begin: Any, toy: Any, germany: Any, clock: Any, reply_of: Any, audit: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"])
    old = pending.outgoing[0]
    lost = reply_of(decode_request(old.data).head(), result=Result.REFUSED, code="already_answered")
    event = conversation.deliver("DE", encode(lost))
    assert (event.code, event.outcome.outcome) == ("already_answered", Outcome.PENDING)
    conversation = begin()
    assert conversation.deliver("DE", encode(lost)).code == "unknown_request"
    (new,) = conversation.tick()
    assert new.number != old.number
    assert decode_request(new.data).probe == decode_request(old.data).probe
    assert conversation.deliver("DE", germany.handle("AT", new.data)).outcome.outcome is Outcome.HIT
    (known,) = begin().searches()
    assert list(known.outcome) == ["DE", "FR"]
    assert acts(audit) == [
        *(("asked", "DE", None), ("asked", "FR", None), ("asked", "DE", None)),
        ("received", "DE", "hit"),
    ]


class Ended(BaseException):
    """The process ended."""


def test_a_process_that_ends_while_it_asks_anew_loses_no_entry(
    begin: Any, toy: Any, store: Any, clock: Any, reply_of: Any, audit: Any, monkeypatch: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"], justification=WHY)
    head = decode_request(pending.outgoing[0].data).head()
    lost = encode(reply_of(head, result=Result.REFUSED, code="already_answered"))

    class Ending:
        """A store whose process ends after its next commit that changed something."""

        @contextmanager
        def transaction(self) -> Iterator[Any]:
            with store.transaction() as entries:
                watched = Mock(wraps=entries)
                yield watched
            if watched.put.called:
                raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(conversation.follow_up, "store", Ending())
        with pytest.raises(Ended):
            conversation.deliver("DE", lost)
    (new,) = begin().tick()
    asked = [one.number for one in audit.entries() if one.act.value in {"justified", "asked"}]
    assert asked == [pending.id] * 2 + [new.number] * 2


def test_a_request_that_was_under_way_too_long_is_asked_anew(
    begin: Any, toy: Any, germany: Any, clock: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    old = pending.outgoing[0]
    clock.sleep(86400 + 1)
    event = conversation.deliver("DE", germany.handle("AT", old.data))
    assert (event.code, event.outcome.outcome) == ("stale_request", Outcome.PENDING)
    (new,) = conversation.tick()
    assert new.number != old.number
    assert conversation.deliver("DE", germany.handle("AT", new.data)).outcome.outcome is Outcome.HIT


def test_a_party_with_another_clock_is_not_asked_for_ever(
    begin: Any, toy: Any, clock: Any, reply_of: Any
) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    head = decode_request(pending.outgoing[0].data).head()
    clock.sleep(3600)
    stale = encode(reply_of(head, result=Result.REFUSED, code="stale_request"))
    assert conversation.deliver("DE", stale).outcome.outcome is Outcome.REFUSED
    clock.sleep(86400)
    assert conversation.tick() == []


def test_answered_searches_are_kept_for_a_while(
    begin: Any, toy: Any, germany: Any, clock: Any
) -> None:
    conversation = begin(keep=timedelta(days=2))
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    conversation.deliver("DE", germany.handle("AT", pending.outgoing[0].data))
    clock.sleep(2 * 86400 - 1)
    begin().tick()
    assert len(begin().searches()) == 1
    clock.sleep(1)
    begin().tick()
    assert begin().searches() == []
    assert conversation.follow_up.hits() != []  # a hit has a life of its own


def test_forgotten_searches_leave_the_store(begin: Any, toy: Any, tmp_path: Path) -> None:
    conversation = begin()
    pending = conversation.submit(toy.Item("Q0FOQVJZ"), parties=["DE", "FR"])
    (other,) = conversation.submit(toy.Item("b"), parties=["DE"]).outgoing
    conversation.forget(pending)
    assert [one.outgoing for one in begin().searches()] == [(other,)]
    assert pending.outgoing[0].number.encode() not in (tmp_path / "at.db").read_bytes()


def test_a_sample_travels_as_it_is(clock: Any) -> None:
    for category in ("face", "dactyloscopy", "toy"):
        conversation = Conversation("AT", category, clock)
        pending = conversation.submit(Sample(b"an image"), parties=["DE"])
        request = decode_request(pending.outgoing[0].data)
        assert (request.category, request.probe, request.type) == (category, b"an image", None)
    with pytest.raises(ValueError, match="empty_sample"):
        Sample(b"")
    assert "image" not in repr(Sample(b"an image"))


def test_an_unregistered_category_only_sends_samples(clock: Any, toy: Any) -> None:
    with pytest.raises(Exception, match="not_a_sample"):
        Conversation("AT", "face", clock).submit(toy.Item("a"), parties=["DE"])
    with pytest.raises(ValueError, match="unknown_category"):
        Conversation("AT", "nothing", clock)
    bound = Conversation("AT", toy.category, clock)
    assert bound.submit(toy.Item("a"), parties=["DE"]).category == "toy"


def test_the_follow_up_is_the_partys_own(clock: Any) -> None:
    with pytest.raises(ValueError, match="other_party"):
        Conversation("AT", "toy", clock, follow_up=FollowUp("DE"))


def test_other_cases_are_not_read(
    begin: Any, store: Any, toy: Any, germany: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = begin()
    searches = []
    for case in ("2026/1", "2026/17", "2026/2"):
        why = replace(WHY, case=case)
        pending = conversation.submit(toy.Item("apple"), parties=["DE"], justification=why)
        conversation.deliver("DE", germany.handle("AT", pending.outgoing[0].data))
        searches.append(pending)
    waiting = conversation.submit(toy.Item("pear"), parties=["DE"])
    read: list[str] = []
    monkeypatch.setattr(
        SearchBook,
        "read",
        lambda *args, original=SearchBook.read: read.append(args[2]) or original(*args),
    )
    conversation = begin()
    assert read == [waiting.id]
    read.clear()
    assert [one.id for one in conversation.searches("2026/1")] == read == [searches[0].id]
    conversation.forget(searches[1])
    assert conversation.searches("2026/17") == []
    with store.transaction() as entries:
        assert len(entries.keys("query_of_case/toy")) == 2
    assert len(conversation.searches()) == 3


def test_a_party_that_never_answers_keeps_nothing_for_ever(
    begin: Any, store: Any, toy: Any, germany: Any, clock: Any
) -> None:
    times = {"give_up": timedelta(days=2), "keep": timedelta(days=1)}
    conversation = begin(**times)
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"])
    conversation.deliver("DE", germany.handle("AT", pending.outgoing[0].data))
    clock.sleep(2 * 86400)
    assert [one.party for one in conversation.tick()] == ["FR"]
    clock.sleep(3600)
    assert conversation.tick() == begin(**times).tick() == []
    (known,) = begin(**times).searches()
    assert known.outcome["FR"].outcome is Outcome.PENDING  # no answer is not made one
    clock.sleep(86400)
    conversation.tick()
    assert conversation.searches() == []
    with store.transaction() as entries:
        assert entries.keys("asked/toy") == []


def test_a_party_that_was_given_up_may_still_answer(
    begin: Any, toy: Any, germany: Any, clock: Any, reply_of: Any
) -> None:
    conversation = begin(give_up=timedelta(hours=1))
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"])
    reply = germany.handle("AT", pending.outgoing[0].data)
    clock.sleep(2 * 3600)
    assert conversation.tick() == []
    assert conversation.deliver("DE", reply).outcome.outcome is Outcome.HIT
    assert conversation.follow_up.hits() != []
    clock.sleep(31 * 86400)
    conversation.tick()
    assert conversation.searches() == []

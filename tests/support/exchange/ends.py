"""Two parties and the hits between them, for tests of the follow-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import CoreData, FollowUp, HitKey, HitState
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits import HitEvent, Outgoing
from prum_match.exchange.messages import ReplyCandidate, RequestHead
from prum_match.testing.clock import VirtualClock

CANARY = "Canary"
PERSON = CoreData(identified=True, family_names=(CANARY,), birth_date="1970-01-01")


@dataclass
class End:
    """One party, whose process can be restarted."""

    party: str
    store: Any
    clock: VirtualClock
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    events: list[HitEvent] = field(default_factory=list)
    data: CoreData = PERSON
    asked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self, **options: Any) -> None:
        self.follow_up = FollowUp(
            self.party,
            self.store,
            self.audit,
            clock=self.clock,
            core_data={"dna": self.provide, "face": self.provide},
            on_event=self.events.append,
            **options,
        )

    def provide(self, reference: str) -> CoreData:
        self.asked_for.append(reference)
        return self.data

    def open(
        self, category: str = "dna", types: tuple[str | None, str | None] = ("S", "P")
    ) -> HitKey:
        head = RequestHead(
            category=category,
            requesting="AT",
            requested="DE",
            number=f"q-{category}",
            time=self.clock(),
            reference="AT-1",
            type=types[0],
        )
        candidate = ReplyCandidate(
            rank=1, reference="DE-9", type=types[1], quality=None, readings=(), data=b"..."
        )
        side = Side.REQUESTING if self.party == "AT" else Side.REQUESTED
        with self.store.transaction() as entries:
            self.follow_up.open(entries, head, (candidate,), side)
        return next(hit.key for hit in self.follow_up.hits() if hit.key.category == category)

    def acts(self) -> list[str]:
        return [entry.act.value for entry in self.audit.entries()]


def send(sender: End, receiver: End) -> list[Outgoing]:
    sent = sender.follow_up.outgoing()
    for message in sent:
        answer = receiver.follow_up.receive(sender.party, message.data)
        sender.follow_up.deliver(receiver.party, answer)
    return sent


def until_facts(here: End, there: End, key: HitKey) -> None:
    here.follow_up.confirm(key, official="expert-1")
    here.follow_up.send_facts(key, offence="0101 00", description=CANARY, official="insp-1")
    send(here, there)


def code_of(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises((ExchangeError, InvalidInput)) as caught:
        call(*arguments, **options)
    assert CANARY not in str(caught.value)
    return caught.value.code


def states(*ends: End) -> list[HitState]:
    return [hit.state for end in ends for hit in end.follow_up.hits()]

"""A responder against a plain model: any order of requests, duplicates, restarts, erasures, days.

The model knows the replies and the number of searches; it keeps neither bytes nor locks. In any
sequence, a request is searched and audited only once, and quotas hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from prum_match.engine import Encoded
from prum_match.errors import InvalidInput
from prum_match.exchange import Partner, PartnerRules, Quota, Responder
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import SearchRequest, decode_reply, encode
from prum_match.testing.clock import VirtualClock

pytestmark = pytest.mark.native

MOST = 3
SENDERS = ("AT", "FR")
DAY, SKEW = timedelta(days=1), timedelta(minutes=5)
ROOMY = Partner(categories={"words": PartnerRules(quota=Quota(identified=MOST))})


def check_suitable(probe: str, policy: Any) -> None:
    if len(probe) < 2:
        raise InvalidInput("too short", code="too_short")


WIRE = SimpleNamespace(
    responder_policy=SimpleNamespace(max_candidates=None),
    probe_from_bytes=bytes.decode,
    reference_to_bytes=str.encode,
    item_type=lambda item: "P",
    check_probe=lambda probe: None,
    check_suitable=check_suitable,
)


@dataclass
class Gallery:
    """A gallery of at most one reference, in a category of its own."""

    holds: bool = True
    generation: int = 0
    searches: int = 0

    category: ClassVar[Any] = SimpleNamespace(
        name="words",
        layout=SimpleNamespace(encode=lambda items: Encoded({}, np.arange(len(items)))),
        matching=SimpleNamespace(fuses_subjects=False),
        required_wire=lambda: WIRE,
    )

    def search(self, probe: str, **options: Any) -> list[Any]:
        self.searches += 1
        found = SimpleNamespace(reference_id="DE-1", quality=1, readings=())
        return [found] if self.holds and probe == "apple" else []

    def __getitem__(self, reference: str) -> str:
        if not self.holds:
            raise KeyError(reference)
        return "apple"

    def __contains__(self, reference: object) -> bool:
        return self.holds


@dataclass
class Known:
    """The model's knowledge about a request number."""

    until: datetime
    data: bytes | None = None  # None: from the audit log
    reply: bytes | None = None
    said: str = ""
    may_be_dropped: bool = False


class Answering(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.gallery = Gallery()
        self.audit = MemoryAudit()
        self.sent: dict[tuple[str, int], SearchRequest] = {}
        self.known: dict[tuple[str, int], Known] = {}
        self.logged: dict[tuple[str, int], datetime] = {}
        self.taken: dict[tuple[str, Any], int] = {}
        self.searched = 0
        self.audited = 0
        self.restart()

    @rule()
    def restart(self) -> None:
        self.responder = Responder(
            "DE",
            {"words": self.gallery},
            clock=self.clock,
            audit=self.audit,
            partners=dict.fromkeys(SENDERS, ROOMY),
        )
        self.known = {key: Known(time + SKEW + DAY) for key, time in self.logged.items()}

    @rule(minutes=st.sampled_from([1, 6, 60, 17 * 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.sleep(minutes * 60)

    @rule()
    def enrol_or_erase(self) -> None:
        self.gallery.holds = not self.gallery.holds
        self.gallery.generation += 1
        for known in self.known.values():
            known.may_be_dropped |= known.said == "hit"

    @rule(
        sender=st.sampled_from(SENDERS),
        number=st.integers(0, 5),
        word=st.sampled_from(["apple", "zebra", "a"]),
    )
    def ask(self, sender: str, number: int, word: str) -> None:
        """Send a request under a new number, or under a used one with other bytes."""
        request = SearchRequest(
            category="words",
            requesting=sender,
            requested="DE",
            number=f"q{number}",
            time=self.clock(),
            reference="1",
            type="P",
            probe=word.encode(),
        )
        self.send((sender, number), request)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.sent)))
        self.send(key, self.sent[key])

    def send(self, key: tuple[str, int], request: SearchRequest) -> None:
        self.sent[key] = request
        now, data = self.clock(), encode(request)
        reply = self.responder.handle(key[0], data)
        decoded = decode_reply(reply)
        said = decoded.code or decoded.result.value
        known = self.known.get(key)
        if known is None or known.until < now:
            assert said == self.answer(key, request)
            self.log(key)
            self.known[key] = Known(request.time + DAY, data, reply, said)
        elif known.data is None:
            assert said == "already_answered"
        elif known.data != data:
            assert said == "number_in_use"
            self.log(key)
        elif known.said == "hit" and not self.gallery.holds:
            assert said == "already_answered"
            known.reply = None
        elif known.may_be_dropped or known.reply is None:
            assert said == "already_answered" or reply == known.reply
        else:
            assert reply == known.reply

    def answer(self, key: tuple[str, int], request: SearchRequest) -> str:
        """Return the expected reply to a new request."""
        now = self.clock()
        if now - request.time > DAY:
            return "stale_request"
        if len(request.probe) < 2:
            return "unsuitable"
        today = (key[0], now.date())
        if self.taken.get(today, 0) == MOST:
            return "quota_exhausted"
        self.taken[today] = self.taken.get(today, 0) + 1
        self.searched += 1
        return "hit" if request.probe == b"apple" and self.gallery.holds else "no_hit"

    def log(self, key: tuple[str, int]) -> None:
        self.logged[key] = self.clock()
        self.audited += 1

    @invariant()
    def nothing_is_searched_or_audited_twice(self) -> None:
        assert self.gallery.searches == self.searched
        assert len(self.audit) == self.audited


TestAnswering = Answering.TestCase

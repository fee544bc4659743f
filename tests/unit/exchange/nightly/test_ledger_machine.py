"""The match ledger against a dictionary, over any sequence of steps, crashes and restarts."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from prum_match.errors import ExchangeError
from prum_match.exchange import Hit, HitKey, HitState, SqliteStore
from prum_match.exchange.category_rules import Side
from prum_match.exchange.nightly import Match, MatchKey, MatchLedger, MatchStatus, Sighting
from support.examples import examples

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = [
    MatchKey(category="toy", party=party, own_reference=own, reference=other)
    for party in ("DE", "FR")
    for own in ("AT-1", "AT-11")
    for other in ("X-1", "X-2")
]
keys = st.sampled_from(KEYS)
data = st.sampled_from([b"a", b"b"])


@dataclass(frozen=True)
class Known:
    """The model's state of a pair."""

    data: bytes
    status: str
    reported: bool
    since: datetime
    version: int


class LedgerMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now = START
        self.model: dict[MatchKey, Known] = {}
        self.held: dict[MatchKey, Match] = {}
        self.open()

    def open(self) -> None:
        self.store = SqliteStore(Path(self.folder.name) / "exchange.db")
        self.ledger = MatchLedger(self.store, clock=lambda: self.now)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.open()

    @rule(hours=st.integers(0, 2))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(seen=st.lists(st.tuples(keys, data), max_size=4), ago=st.integers(0, 2))
    def observe(self, seen: list[tuple[MatchKey, bytes]], ago: int) -> None:
        time = self.now - ago * HOUR
        expected = []
        for key, content in seen:
            known = self.model.get(key)
            if known is not None:
                overtaken = known.status == "withdrawn" and time < known.since
                same = known.status != "withdrawn" and known.data == content
                if overtaken or same:
                    continue
            version = known.version + 1 if known else 1
            self.model[key] = Known(content, "new", False, time, version)
            expected.append((key, version))
        with self.store.transaction() as entries:
            found = self.ledger.note(
                entries, [Sighting(key=key, data=content, time=time) for key, content in seen]
            )
        assert [(match.key, match.version) for match in found] == expected

    @rule(key=keys, content=data)
    def crash_in_an_observation(self, key: MatchKey, content: bytes) -> None:
        try:
            with self.store.transaction() as entries:
                self.ledger.note(entries, [Sighting(key=key, data=content, time=self.now)])
                raise InterruptedError
        except InterruptedError:
            self.restart()

    @rule(key=keys)
    def look(self, key: MatchKey) -> None:
        if key in self.model:
            self.held[key] = self.ledger.match(key)

    @rule(key=keys, step=st.sampled_from(["report", "confirm", "refute", "withdraw"]))
    def step(self, key: MatchKey, step: str) -> None:
        if key not in self.held:
            return
        known, held = self.model[key], self.held[key]
        after, code = self.after(known, step), "illegal_transition"
        if held.version != known.version:
            after, code = None, "match_changed"
        if after is None:
            with pytest.raises(ExchangeError) as caught:
                getattr(self.ledger, step)(held)
            assert caught.value.code == code
        else:
            getattr(self.ledger, step)(held)
            self.model[key] = after

    def after(self, known: Known, step: str) -> Known | None:
        if known.status == "withdrawn":
            return None
        if step == "withdraw":
            return replace(known, status="withdrawn", since=self.now)
        if step == "report":
            if known.reported:
                return None
            status = "reported" if known.status == "new" else known.status
            return replace(known, status=status, reported=True)
        verdict = {"confirm": "confirmed", "refute": "refuted"}[step]
        return replace(known, status=verdict) if known.status == "reported" else None

    @rule(
        key=keys,
        side=st.sampled_from(Side),
        state=st.sampled_from(HitState),
        ago=st.integers(0, 2),
    )
    def follow(self, key: MatchKey, side: Side, state: HitState, ago: int) -> None:
        since = self.now - ago * HOUR
        ours = side is Side.REQUESTING
        hit = Hit(
            key=HitKey(
                category="toy",
                requesting="AT" if ours else key.party,
                requested=key.party if ours else "AT",
                request="1",
                reference=key.reference if ours else key.own_reference,
            ),
            side=side,
            probe_reference=key.own_reference if ours else key.reference,
            since=since,
            state=state,
            ended_at=self.now if state is HitState.WITHDRAWN else None,
        )
        changed = [match.key for match in self.ledger.follow([hit])]
        known = self.model.get(key)
        after = None
        if known is not None and since >= known.since:
            open_still = known.status in ("new", "reported")
            if state is HitState.WITHDRAWN and known.status != "withdrawn":
                after = replace(known, status="withdrawn", since=self.now)
            elif state is HitState.REFUTED and open_still:
                after = replace(known, status="refuted")
            elif (
                state not in (HitState.CANDIDATE, HitState.REFUTED, HitState.WITHDRAWN)
                and open_still
            ):
                after = replace(known, status="confirmed")
        assert changed == ([] if after is None else [key])
        if after is not None:
            self.model[key] = after

    @rule(own=st.sampled_from(["AT-1", "AT-11"]))
    def forget(self, own: str) -> None:
        gone = [key for key in self.model if key.own_reference == own]
        assert self.ledger.forget("toy", own) == len(gone)
        for key in gone:
            del self.model[key]
            self.held.pop(key, None)

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        expected = {
            key: (known.status, known.reported, known.since, known.version)
            for key, known in self.model.items()
        }
        found = {
            match.key: (match.status.value, match.reported, match.since, match.version)
            for match in self.ledger.matches("toy")
        }
        assert found == expected
        unreported = {match.key for match in self.ledger.unreported("toy")}
        assert unreported == {
            key
            for key, known in self.model.items()
            if not known.reported and known.status != MatchStatus.WITHDRAWN
        }

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)

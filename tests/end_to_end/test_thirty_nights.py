"""Thirty nights of new-against-all between four states, against brute force.

By day profiles are enrolled, corrected, erased and enrolled again, cases are closed, humans judge;
one state is away for some nights, another one's process dies three times. By night each state asks
the others. Its reports are compared, night by night, with the rules computed the slow way.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from oracles.dna import rules as dna_rules
from prum_match import dna
from prum_match.exchange import (
    Conversation,
    FollowUp,
    HitState,
    Justification,
    MemoryStore,
    Responder,
    SearchOutcome,
    SqliteStore,
    TransportUnreachable,
    WithdrawalReason,
)
from prum_match.exchange.category_rules import Side
from prum_match.exchange.nightly import (
    Match,
    MatchKey,
    MatchLedger,
    MatchStatus,
    Nightly,
    OpenSearches,
)
from prum_match.samples import NIST_GENOTYPES
from prum_match.testing.clock import VirtualClock

NIGHTS = 30
PARTIES = ("AT", "DE", "FR", "NL")
AWAY = {"FR": range(8, 12)}
# The night, and where the process of AT dies in it.
CRASHES = {6: "before asking", 13: "after the answer", 21: "before telling"}
LOCI = {
    **{name: f"{name}_1" for name in ("TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51")},
    "VWA": "vWA_1",
    **{name: f"{name}_1" for name in ("D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045")},
}
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")

Raw = dict[str, tuple[str, ...]]


class CrashError(Exception):
    """The process dies."""


def donors(count: int) -> list[Raw]:
    with NIST_GENOTYPES.open(encoding="utf-8") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(count), strict=False)]
    return [
        {name: (row[column], row[f"{column[:-1]}2"]) for name, column in LOCI.items()}
        for row in rows
    ]


@dataclass(frozen=True)
class Record:
    raw: Raw
    kind: str
    version: int

    @property
    def profile(self) -> dna.Profile:
        return dna.Profile(self.raw, kind=self.kind)

    @cached_property
    def normal(self) -> dna_rules.Normal:
        return dna_rules.normalise(self.raw, "stain" if self.kind == "stain" else "reference")


def is_match(a: Record, b: Record) -> bool:
    """A state answers under the strict and the literal reading together."""
    counts = dna_rules.compare(a.normal, b.normal)
    return any(dna_rules.quality(counts, policy) for policy in ("strict6", "literal"))


class State:
    """One state's host: gallery, exchange, and the reports to its people."""

    def __init__(self, party: str, world: World, path: Path | None) -> None:
        self.party = party
        self.world = world
        self.path = path
        self.gallery = dna.Gallery()
        self.records: dict[str, Record] = {}
        self.versions: Counter[str] = Counter()
        self.open: dict[str, bool] = {}  # by reference: whether it is asked every night
        self.memory = MemoryStore()
        self.crash: str | None = None
        self.calls = 0
        self.start()

    def start(self) -> None:
        clock = self.world.clock
        self.store = self.memory if self.path is None else SqliteStore(self.path)
        self.ledger = MatchLedger(self.store, clock=clock)
        self.follow_up = FollowUp(
            self.party,
            self.store,
            on_event=lambda event: self.ledger.follow([event.hit]),
            clock=clock,
        )
        self.responder = Responder(
            self.party, {"dna": self.gallery}, follow_up=self.follow_up, clock=clock
        )
        self.conversation = Conversation(self.party, "dna", clock, follow_up=self.follow_up)
        self.searches = OpenSearches("dna", self.store, clock=clock)
        self.nightly = Nightly(self.searches, self.ledger, clock=clock)

    def restart(self) -> None:
        self.store.close()
        self.start()
        self.ledger.follow(self.follow_up.hits())

    # By night.

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> SearchOutcome:
        self.calls += 1
        self.die("before asking", self.calls == 3)
        pending = self.conversation.submit(
            probe, parties=parties, probe_id=probe_id, justification=justification
        )
        for message in pending.outgoing:
            try:
                answer = self.world.send(self.party, message.party, message.data)
            except TransportUnreachable as error:
                self.conversation.fail(message.party, error, number=message.number)
            else:
                self.conversation.deliver(message.party, answer, number=message.number)
        self.die("after the answer", self.calls == 3)
        return pending.outcome

    def die(self, where: str, here: bool) -> None:
        if here and self.crash == where:
            self.crash = None
            raise CrashError

    def night(self) -> list[Match]:
        """Return the reports to the people of this state."""
        told: list[Match] = []
        self.calls = 0
        while True:
            try:
                for match in self.nightly.run(self, timeout=60):
                    self.die("before telling", True)
                    told.append(match)
                    self.ledger.report(match)
            except CrashError:
                self.restart()
            else:
                return told

    # By day.

    def record(self, reference: str, raw: Raw, kind: str) -> Record:
        self.versions[reference] += 1
        made = self.records[reference] = Record(raw, kind, self.versions[reference])
        return made

    def enrol(self, reference: str, raw: Raw, kind: str, is_open: bool, nightly: bool) -> None:
        made = self.record(reference, raw, kind)
        self.gallery.enrol([reference], [made.profile])
        if is_open:
            others = [party for party in PARTIES if party != self.party]
            pause = {} if nightly else {"every": None}
            self.searches.add(reference, made.profile, parties=others, justification=WHY, **pause)
            self.open[reference] = nightly

    def correct(self, reference: str, raw: Raw) -> None:
        made = self.record(reference, raw, self.records[reference].kind)
        self.gallery.replace([reference], [made.profile])
        if reference in self.open:
            self.searches.correct(reference, made.profile)
        self.withdraw(reference, WithdrawalReason.CORRECTED)

    def erase(self, reference: str) -> None:
        del self.records[reference]
        self.gallery.erase([reference])
        if self.open.pop(reference, None) is not None:
            self.searches.remove(reference)
        self.withdraw(reference, WithdrawalReason.ERASED)

    def withdraw(self, reference: str, reason: WithdrawalReason) -> None:
        self.responder.withdraw("dna", [reference], reason)
        self.ledger.follow(self.follow_up.hits(HitState.WITHDRAWN))

    def judge(self, choose: random.Random) -> tuple[Match, MatchStatus] | None:
        """Let a human look at a match that was reported."""
        reported = self.ledger.matches("dna", MatchStatus.REPORTED)
        if not reported:
            return None
        match = choose.choice(reported)
        hit = next(
            hit
            for hit in self.follow_up.hits(HitState.CANDIDATE)
            if MatchKey.of(hit) == match.key
            and hit.side is Side.REQUESTING
            and hit.since >= match.since
        )
        verdict = choose.choice([MatchStatus.CONFIRMED, MatchStatus.REFUTED])
        decide = (
            self.follow_up.confirm if verdict is MatchStatus.CONFIRMED else self.follow_up.refute
        )
        (judged,) = self.ledger.follow([decide(hit.key, official="insp-7")])
        assert judged.status is verdict
        return match, verdict

    def post(self) -> None:
        """Send the waiting messages about hits."""
        for message in self.follow_up.outgoing():
            try:
                answer = self.world.send(self.party, message.party, message.data)
            except TransportUnreachable:
                continue
            self.follow_up.deliver(message.party, answer)


class World:
    def __init__(self, folder: Path, seed: int) -> None:
        self.choose = random.Random(seed)
        self.clock = VirtualClock()
        self.away: set[str] = set()
        self.donors = donors(12)
        self.states: dict[str, State] = {}
        for party in PARTIES:
            path = folder / "exchange.db" if party == "AT" else None
            self.states[party] = State(party, self, path)
        self.numbers = 0
        self.gone: list[tuple[str, str, Record]] = []
        self.told: Counter[tuple[Any, ...]] = Counter()
        self.answered: set[tuple[Any, ...]] = set()
        self.judged: dict[tuple[MatchKey, str], tuple[int, MatchStatus]] = {}
        self.happened: Counter[str] = Counter()

    def send(self, sender: str, party: str, data: bytes) -> bytes:
        if {sender, party} & self.away:
            raise TransportUnreachable
        return self.states[party].responder.handle(sender, data)

    def day(self) -> None:
        for _ in range(self.choose.randrange(1, 4)):
            state = self.states[self.choose.choice(PARTIES)]
            events = ["trace", "person", "correct", "spoil", "erase", "again", "judge"]
            event = self.choose.choices(events, [4, 4, 2, 1, 2, 2, 4])[0]
            self.happened[event] += getattr(self, event)(state)

    def trace(self, state: State) -> bool:
        raw = dict(self.choose.choice(self.donors))
        for name in self.choose.sample(list(raw), self.choose.randrange(4)):
            del raw[name]
        if self.choose.random() < 0.4:
            name = self.choose.choice(list(raw))
            raw[name] = (raw[name][0], "*")
        self.add(state, raw, "stain", True, self.choose.random() < 0.6)
        return True

    def person(self, state: State) -> bool:
        is_open = self.choose.random() < 0.6
        self.add(state, dict(self.choose.choice(self.donors)), "person", is_open, False)
        return True

    def add(self, state: State, raw: Raw, kind: str, is_open: bool, nightly: bool) -> None:
        self.numbers += 1
        state.enrol(f"{state.party}-{self.numbers}", raw, kind, is_open, nightly)

    def correct(self, state: State) -> bool:
        """Correct one allele: matches remain, with changed data."""
        if not state.records:
            return False
        reference = self.choose.choice(list(state.records))
        raw = dict(state.records[reference].raw)
        name = self.choose.choice([name for name in raw if raw[name] != ("8", "8")])
        raw[name] = (raw[name][0], "8") if raw[name][1] != "8" else ("8", "8")
        state.correct(reference, raw)
        return True

    def spoil(self, state: State) -> bool:
        """Discover that a record belongs to another person."""
        if not state.records:
            return False
        reference = self.choose.choice(list(state.records))
        raw = self.choose.choice(self.donors)
        if raw == state.records[reference].raw:
            return False
        state.correct(reference, dict(raw))
        return True

    def erase(self, state: State) -> bool:
        if not state.records:
            return False
        reference = self.choose.choice(list(state.records))
        self.gone.append((state.party, reference, state.records[reference]))
        state.erase(reference)
        return True

    def again(self, state: State) -> bool:
        """Enrol erased references again, under their old numbers and with the old data."""
        if not self.gone:
            return False
        party, reference, old = self.gone.pop()
        self.states[party].enrol(reference, old.raw, old.kind, True, False)
        return True

    def judge(self, state: State) -> bool:
        judged = state.judge(self.choose)
        if judged is None:
            return False
        match, verdict = judged
        self.judged[match.key, state.party] = match.version, verdict
        return True

    def post(self) -> None:
        for party in PARTIES:
            self.states[party].post()
            self.states[party].follow_up.tick()

    def expected(self, state: State) -> list[tuple[Any, ...]]:
        """Compare all open searches with all references, and leave out reported matches."""
        found = []
        for own, nightly in state.open.items():
            probe = state.records[own]
            for other in self.states.values():
                if other is state or {state.party, other.party} & self.away:
                    continue
                turn = (state.party, own, probe.version, other.party)
                if turn in self.answered and not nightly:
                    continue
                self.answered.add(turn)
                for reference, record in other.records.items():
                    pair = (*turn, reference, record.version)
                    if is_match(probe, record) and not self.told[pair]:
                        found.append(pair)
        return found

    def night(self) -> None:
        for state in self.states.values():
            expected = self.expected(state)
            told = [
                (
                    state.party,
                    match.key.own_reference,
                    state.records[match.key.own_reference].version,
                    match.key.party,
                    match.key.reference,
                    self.states[match.key.party].records[match.key.reference].version,
                )
                for match in state.night()
            ]
            assert sorted(told) == sorted(expected)
            self.told.update(told)
            for coverage in state.nightly.report().parties:
                is_away = bool({state.party, coverage.party} & self.away)
                assert coverage.searched == (0 if is_away else coverage.asked)
                assert coverage.unanswered == (coverage.asked if is_away else 0)

    def is_current(self, party: str, reference: str, version: int) -> bool:
        record = self.states[party].records.get(reference)
        return record is not None and record.version == version


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_every_true_match_and_only_these_is_reported_once(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, seed)
    for state in world.states.values():
        for _ in range(4):
            world.trace(state)
            world.person(state)
    for night in range(NIGHTS):
        world.away = {party for party, nights in AWAY.items() if night in nights}
        world.states["AT"].crash = CRASHES.get(night)
        world.day()
        if night in CRASHES:  # so that there is something to ask, and to tell of
            for _ in range(3):
                world.trace(world.states["AT"])
            world.add(world.states["AT"], world.donors[0], "stain", True, True)
            world.add(world.states["NL"], world.donors[0], "person", False, False)
        world.clock.sleep(timedelta(hours=12).total_seconds())
        world.post()
        world.night()
        assert world.states["AT"].crash is None
        world.clock.sleep(timedelta(hours=12).total_seconds())
        world.post()

    assert set(world.told.values()) == {1}
    latest: dict[tuple[str, ...], tuple[int, int]] = {}
    for party, own, own_version, other, reference, version in world.told:
        pair = (party, own, other, reference)
        latest[pair] = max(latest.get(pair, (0, 0)), (own_version, version))
    statuses: Counter[MatchStatus] = Counter()
    for (party, own, other, reference), (own_version, version) in latest.items():
        key = MatchKey(category="dna", party=other, own_reference=own, reference=reference)
        match = world.states[party].ledger.match(key)
        stands = world.is_current(party, own, own_version)
        stands = stands and world.is_current(other, reference, version)
        assert match.reported
        assert (match.status is MatchStatus.WITHDRAWN) == (not stands)
        judged_version, verdict = world.judged.get((key, party), (0, match.status))
        if stands and judged_version == match.version:
            assert match.status is verdict
        statuses[match.status] += 1
    for state in world.states.values():
        assert state.ledger.unreported("dna") == []
        known = {match.key for match in state.ledger.matches("dna")}
        assert len(known) == sum(party == state.party for party, *_ in latest)
        state.store.close()
    # The scenario is worth its name.
    assert set(statuses) >= {MatchStatus.REPORTED, MatchStatus.WITHDRAWN}
    assert all(world.happened[event] for event in ("correct", "spoil", "erase", "again", "judge"))
    assert max(match[2] for match in world.told) > 1
    assert len(world.told) > 50

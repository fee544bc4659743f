"""The list of each state against a scan, over any sequence of steps, messages and crashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from prum_match.errors import ExchangeError
from prum_match.exchange import HitState, MemoryStore, WithdrawalReason
from prum_match.testing.clock import VirtualClock
from support.examples import examples
from support.exchange.ends import End, send

TYPES = {"dna": ("S", "P"), "face": (None, None)}
OWN = {"AT": "AT-1", "DE": "DE-9"}
DECISIONS: dict[str, dict[str, str]] = {
    "confirm": {},
    "refute": {},
    "send_facts": {"offence": "0101 00", "description": "-"},
    "release": {},
    "decline": {},
    "delay": {},
}
parties = st.sampled_from(["AT", "DE"])
categories = st.sampled_from(sorted(TYPES))
# A hit takes five steps in a row until core data: most go well, and a withdrawal is rare.
seldom = st.sampled_from([False] * 7 + [True])


class Crashing(MemoryStore):
    """Rolls back a process that died before the end of its transaction."""

    crashes = False

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with super().transaction() as entries:
            yield entries
            if self.crashes:
                self.crashes = False
                raise InterruptedError


class HitsByState(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        clock = VirtualClock()
        self.clock = clock
        self.needed = False
        self.ends = {party: End(party, Crashing(), clock) for party in OWN}
        for end in self.ends.values():
            self.restart(end)
            for category, types in TYPES.items():
                end.open(category, types)

    def restart(self, end: End) -> None:
        end.begin(
            keep=timedelta(days=5),
            keep_candidates=timedelta(days=20),
            needed=lambda hit: self.needed,
        )

    def attempt(self, party: str, crash: bool, call: Callable[..., Any], **options: Any) -> bool:
        """Do what may be refused, or be undone by a crash; whether it was not refused."""
        end = self.ends[party]
        end.store.crashes = crash
        try:
            call(**options)
        except ExchangeError:
            return False
        except InterruptedError:
            self.restart(end)
        finally:
            end.store.crashes = False
        return True

    @rule(party=parties, category=categories, crash=seldom)
    def open(self, party: str, category: str, crash: bool) -> None:
        options = {"category": category, "types": TYPES[category]}
        self.attempt(party, crash, self.ends[party].open, **options)

    @rule(
        party=parties,
        category=categories,
        decisions=st.permutations(sorted(DECISIONS)),
        crash=seldom,
    )
    def decide(self, party: str, category: str, decisions: list[str], crash: bool) -> None:
        """Take the first of the decisions that is this end's to take now."""
        follow_up = self.ends[party].follow_up
        for hit in follow_up.hits():
            if hit.key.category == category:
                for name in decisions:
                    options = {"key": hit.key, "official": "x", **DECISIONS[name]}
                    if self.attempt(party, crash, getattr(follow_up, name), **options):
                        break

    @rule(party=parties, category=categories, withdrawn=seldom, crash=seldom)
    def withdraw(self, party: str, category: str, withdrawn: bool, crash: bool) -> None:
        if withdrawn:
            self.attempt(
                party,
                crash,
                self.ends[party].follow_up.withdraw,
                category=category,
                references=[OWN[party]],
                reason=WithdrawalReason.ERASED,
            )

    @rule(crash=seldom)
    def send(self, crash: bool) -> None:
        here, there = self.ends.values()
        self.attempt("DE", crash, send, sender=here, receiver=there)
        self.attempt("AT", crash, send, sender=there, receiver=here)

    @rule(party=parties, hours=st.sampled_from([1, 1, 1, 49, 21 * 24]), crash=seldom)
    def time_passes(self, party: str, hours: int, crash: bool) -> None:
        self.clock.sleep(3600 * hours)
        self.attempt(party, crash, self.ends[party].follow_up.tick)

    @rule()
    def a_purpose_remains_or_not(self) -> None:
        self.needed = not self.needed

    @invariant()
    def each_list_is_what_a_scan_finds(self) -> None:
        for end in self.ends.values():
            scan = end.follow_up.hits()
            for state in HitState:
                assert end.follow_up.hits(state) == [hit for hit in scan if hit.state is state]
            with end.store.transaction() as entries:
                assert len(entries.keys("hit_by_state")) == len(scan)


TestHitsByState = HitsByState.TestCase
TestHitsByState.settings = settings(
    max_examples=examples(100), stateful_step_count=40, deadline=None
)

"""The humans of a world: what they decide about hits, rightly or wrongly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from prum_match.errors import ExchangeError
from prum_match.exchange import FollowUp, Hit, HitState
from prum_match.exchange.category_rules import Side
from simulation.disks import Crash
from simulation.registers import CANARY
from simulation.states import Process, State

_BOTH = {Side.REQUESTING, Side.REQUESTED}
MAY_CONFIRM = {"dna": _BOTH, "face": {Side.REQUESTING}, "toy": {Side.REQUESTING}}
_UNDECIDED = {HitState.AWAITING_RELEASE, HitState.DELAYED, HitState.OVERDUE}
_RELEASES = ("release", "decline", "delay")
_ACTIONS = ("confirm", "refute", "send_facts", *_RELEASES)
# Most matches are confirmed and most core data are released: else few hits would come so far.
_WEIGHTS = (6, 1, 4, 3, 1, 2)


@dataclass
class Attempt:
    """An attempted step of a human, with a unique name in the audit log."""

    official: str
    state: str
    hit: Hit
    action: str
    fate: str = "unknown"


def is_lawful(hit: Hit, action: str) -> bool:
    """Tell whether the law allows it: written from the articles, and not from the library."""
    if action in {"confirm", "refute"}:
        may = hit.side in MAY_CONFIRM[hit.key.category]
        return may and hit.state is HitState.CANDIDATE
    if action == "send_facts":
        return hit.state is HitState.CONFIRMED and hit.confirmed_by is hit.side
    return hit.state in _UNDECIDED and hit.confirmed_by is not hit.side


class Officials:
    """Everybody who decides.

    Parameters
    ----------
    draw : random.Random
        Makes every choice.
    seen : Counter
        Counts what happened.
    """

    def __init__(self, draw: random.Random, seen: Counter[str]) -> None:
        self._draw = draw
        self._seen = seen
        self._names = count(1)
        self.attempts: list[Attempt] = []

    def visit(self, state: State, process: Process) -> None:
        """Let a human of the state look at one of its hits and decide something."""
        hits = process.follow_up.hits()
        if not hits:
            return
        open_hits = [hit for hit in hits if any(is_lawful(hit, one) for one in _ACTIONS)]
        if open_hits and self._draw.random() < 0.9:
            hits = open_hits
        attempt = self._planned(state, self._draw.choice(hits))
        try:
            self._carry_out(state, process, attempt)
        except Crash:
            attempt.fate = "crashed"
            raise
        finally:
            state.releasing = None

    def _planned(self, state: State, hit: Hit) -> Attempt:
        action = self._draw.choices(_ACTIONS, _WEIGHTS)[0]
        lawful = [
            (one, weight)
            for one, weight in zip(_ACTIONS, _WEIGHTS, strict=True)
            if is_lawful(hit, one)
        ]
        if lawful and self._draw.random() < 0.85:
            action = self._draw.choices(*zip(*lawful, strict=True))[0]
        official = f"{state.code}.{action}.{next(self._names)}"
        attempt = Attempt(official, state.code, hit, action)
        self.attempts.append(attempt)
        return attempt

    def _carry_out(self, state: State, process: Process, attempt: Attempt) -> None:
        hit, follow_up = attempt.hit, process.follow_up
        nobody = self._draw.random() < 0.03
        act = self._act(state, follow_up, attempt, "" if nobody else attempt.official)
        lawful = is_lawful(hit, attempt.action) and not nobody
        if lawful and attempt.action == "release":
            of_probe = hit.side is Side.REQUESTING
            state.releasing = hit.probe_reference if of_probe else hit.key.reference
        before = _everything(state, follow_up)
        try:
            act()
        except ExchangeError as error:
            attempt.fate = "refused"
            if error.code == "reference_gone" and hit.state is not HitState.WITHDRAWN:
                # Whether it really is gone, the reckoning tells.
                self._seen["release of a changed record"] += 1
                assert follow_up.hit(hit.key).state is HitState.WITHDRAWN
                return
            if lawful:
                raise
            self._seen["illegal moves"] += 1
            assert _everything(state, follow_up) == before, "an illegal move left something behind"
        else:
            assert lawful, f"{attempt.action} was allowed in the state {hit.state.value}"
            if attempt.action == "release" and hit.side is Side.REQUESTED:
                held = state.registers[hit.key.category].items
                assert hit.key.reference in held, "core data of an erased record"
            attempt.fate = "done"
            self._seen[f"{attempt.action} by the {hit.side.value}"] += 1

    def _act(
        self, state: State, follow_up: FollowUp, attempt: Attempt, official: str
    ) -> Callable[[], object]:
        key = attempt.hit.key
        if attempt.action == "send_facts":
            facts = f"the facts, {CANARY}"
            return lambda: follow_up.send_facts(
                key, offence="0101 00", description=facts, official=official
            )
        if attempt.action == "delay":
            until = state.clock() + timedelta(hours=self._draw.uniform(-6, 96))
            expected = until if self._draw.random() < 0.7 else None
            return lambda: follow_up.delay(key, official=official, until=expected)
        return lambda: getattr(follow_up, attempt.action)(key, official=official)


def _everything(state: State, follow_up: FollowUp) -> object:
    with state.disk.store.transaction() as entries:
        waiting = entries.keys("outbox")
    return follow_up.hits(), len(state.disk.audit), waiting

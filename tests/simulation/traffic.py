"""The messages of a world: requests, transport, answers, and replays by others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import (
    Conversation,
    Justification,
    TransportBusy,
    TransportError,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.hits import Outgoing
from prum_match.exchange.messages import SearchReply
from simulation.registers import CANARY, CATEGORIES
from simulation.scene import Scene
from simulation.states import Process, State
from support.exchange.toy import Item

CODES = [
    *("AT", "BE", "BG", "CY", "CZ", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
]


class Traffic:
    """Queries and what becomes of their messages.

    Parameters
    ----------
    scene : Scene
        Where it happens.
    state : callable
        Returns a state by its code, and makes it at the first time.
    after_hit : callable
        Gets who answered with a hit, and the reply, before it is on its way.
    """

    def __init__(
        self,
        scene: Scene,
        state: Callable[[str], State],
        after_hit: Callable[[State, SearchReply], None],
    ) -> None:
        self._scene = scene
        self._state = state
        self._after_hit = after_hit

    def ask_twice(self, code: str, near: list[str]) -> None:
        """Ask, and often again on the same day: a quota may be in the way, also after restarts."""
        self._ask(self._state(code), near)
        if self._scene.draw.random() < 0.5:
            wait = timedelta(hours=self._scene.draw.uniform(1, 12))
            self._scene.timeline.after(wait, lambda: self._ask(self._state(code), near))
            self._scene.timeline.after(wait / 2, self._kill_one_of_those_asked)

    def _kill_one_of_those_asked(self) -> None:
        if self._scene.draw.random() < 0.5:
            self._scene.somewhere(self._scene.kill)

    def _ask(self, state: State, near: list[str]) -> None:
        category = self._scene.category
        if self._scene.draw.random() < 0.3:
            category = self._scene.draw.choice(list(CATEGORIES))
        others = [code for code in CODES if code != state.code]
        most = 25 if self._scene.draw.random() < 0.05 else 5
        parties = self._scene.draw.sample(others, self._scene.draw.randint(1, most))
        if self._scene.draw.random() < 0.7 and set(near) - {state.code}:
            parties = [code for code in near if code != state.code]
        probe = self._scene.item()
        if self._scene.draw.random() < 0.05:
            probe = Item(probe.word[0], probe.type)
        sentence = self._scene.draw.choice((6, 60))
        why = Justification(
            case=f"{CANARY} case", offence="0101 00", official="ask", maximum_sentence=sentence
        )
        justification = why if self._scene.draw.random() < 0.5 else None

        def ask(process: Process) -> None:
            conversation = process.conversations[category]
            if justification is not None and category == "face" and sentence < 12:
                self._refuse_to_ask(state, conversation, probe, parties, justification)
                return
            pending = conversation.submit(probe, parties=parties, justification=justification)
            self._scene.seen["queries"] += 1
            for message in pending.outgoing:
                self._send_request(state, category, message)

        self._scene.attempt(state, ask)

    def _refuse_to_ask(
        self,
        state: State,
        conversation: Conversation,
        probe: Item,
        parties: list[str],
        why: Justification,
    ) -> None:
        before = len(conversation.searches()), len(state.disk.audit)
        with pytest.raises(ExchangeError, match="minor_offence"):
            conversation.submit(probe, parties=parties, justification=why)
        assert (len(conversation.searches()), len(state.disk.audit)) == before

    def _send_request(self, state: State, category: str, message: Outgoing) -> None:
        self._scene.witness.sent(state, message)
        self._send(state, message, category)

    def _send(self, state: State, message: Outgoing, category: str | None) -> None:
        to = self._state(message.party)

        def arrive(data: bytes) -> None:
            self._answer(to, state, message, category, data)

        if not self._scene.lines.carry(message.data, arrive) and category is not None:
            self._fail(state, message, category, TransportTimeout())

    def _fail(self, state: State, message: Outgoing, category: str, error: TransportError) -> None:
        """Let some transports report a missing answer; others stay silent."""
        if self._scene.draw.random() < 0.5:
            return

        def fail(process: Process) -> None:
            conversation = process.conversations[category]
            try:
                event = conversation.fail(message.party, error, number=message.number)
            except ExchangeError as gone:
                if gone.code != "unknown_request":  # asked anew meanwhile, under another number
                    raise
            else:
                self._scene.witness.event(state, event)

        wait = timedelta(minutes=self._scene.draw.uniform(1, 600))
        self._scene.timeline.after(wait, partial(self._scene.attempt, state, fail))

    def _answer(
        self, to: State, sender: State, message: Outgoing, category: str | None, data: bytes
    ) -> None:
        before = self._scene.witness.arrived(to, sender.code, data)
        reply: bytes | None = None

        def answer(process: Process) -> None:
            nonlocal reply
            reply = process.responder.handle(sender.code, data)

        if not self._scene.attempt(to, answer) or reply is None:
            self._scene.seen["nobody there"] += 1
            if category is not None:
                busy, gone = TransportBusy(retry_after=90.0), TransportUnreachable()
                self._fail(sender, message, category, self._scene.draw.choice((busy, gone)))
            return
        said = self._scene.witness.answered(to, sender.code, data, reply, before)
        if said is not None and said.candidates:
            self._after_hit(to, said)
        self._scene.lines.carry(
            reply, lambda copy: self._deliver(sender, to, message, category, copy)
        )

    def _deliver(
        self, state: State, by: State, message: Outgoing, category: str | None, data: bytes
    ) -> None:
        knows_number = category is not None and self._scene.draw.random() < 0.3

        def deliver(process: Process) -> None:
            if category is not None and knows_number:
                conversation = process.conversations[category]
                event = conversation.deliver(by.code, data, number=message.number)
                self._scene.witness.event(state, event)
            else:
                self._scene.witness.any_event(state, process.answers.deliver(by.code, data))

        self._scene.attempt(state, deliver)

    def send_due(self, state: State, process: Process) -> None:
        """Send all messages that are due."""
        for name, conversation in process.conversations.items():
            for message in conversation.tick():
                self._send_request(state, name, message)
        process.follow_up.tick()
        for message in process.follow_up.outgoing():
            self._send(state, message, None)

    def replay(self) -> None:
        """Replay an answered request: unchanged, with another probe, or as another party."""
        if not self._scene.witness.replies:
            return
        code, sender, number = self._scene.draw.choice(list(self._scene.witness.replies))
        state = self._state(code)
        data = next(
            data
            for data, one in self._scene.witness.requests.items()
            if (one.requested, one.requesting, one.number) == (code, sender, number)
        )
        kind = self._scene.draw.choice(("the same", "forged", "foreign"))
        if kind == "forged" and (sender, number) in state.answers:
            data = self._scene.witness.forged(self._scene.witness.requests[data])
        by = sender
        if kind == "foreign":
            by = self._scene.draw.choice([one for one in CODES if one not in {code, sender}])
        before = self._scene.witness.arrived(state, by, data)

        def replay(process: Process) -> None:
            reply = process.responder.handle(by, data)
            self._scene.witness.answered(state, by, data, reply, before)
            self._scene.seen[f"replays: {kind}"] += 1

        self._scene.attempt(state, replay)

"""Two states that share nothing but folders: DNA, answers a day later, processes that end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prum_match import dna, exchange
from prum_match.exchange.mailbox import MailboxNode, Maildir
from prum_match.testing.clock import VirtualClock
from support.children import in_child

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}
DAY = 24 * 3600
KILLED = 77


def register(**profiles: dna.Profile) -> dna.Gallery:
    gallery = dna.Gallery()
    gallery.enrol(list(profiles), list(profiles.values()))
    return gallery


class State:
    """The process of one state, which can end at any time: it only needs mailbox and store."""

    def __init__(self, root: Path, party: str, gallery: dna.Gallery, clock: VirtualClock) -> None:
        self._restart = (root, party, gallery, clock)
        self.store = exchange.SqliteStore(root.with_name(f"{root.name}-{party}.db"))
        follow_up = exchange.FollowUp(party, self.store, clock=clock)
        self.conversation = exchange.Conversation(party, "dna", clock, follow_up=follow_up)
        self.mailbox = Maildir(root, party)
        self.responder = exchange.Responder(party, {"dna": gallery}, clock=clock)
        self.node = MailboxNode(self.mailbox, self.responder, self.conversation)

    def restarted(self) -> State:
        self.close()
        return State(*self._restart)

    def close(self) -> None:
        self.mailbox.close()
        self.store.close()

    def ask(self, probe: dna.Profile, *parties: str) -> exchange.PendingSearch:
        pending = self.conversation.submit(probe, parties=parties)
        self.send(pending.outgoing)
        return pending

    def send(self, messages: Iterable[exchange.hits.Outgoing]) -> None:
        for message in messages:
            self.mailbox.send(message.party, message.data, number=message.number)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "mail"
    root.mkdir()
    return root


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def netherlands(root: Path, clock: VirtualClock) -> Iterator[State]:
    with closing(State(root, "NL", register(NL1=dna.Profile(LOCI)), clock)) as state:
        yield state


def france(root: Path, clock: VirtualClock) -> closing[State]:
    other = dna.Profile({name: (8, 9) for name in LOCI})
    return closing(State(root, "FR", register(FR1=dna.Profile(LOCI), FR2=other), clock))


def waiting(root: Path) -> list[str]:
    return [path.name for path in root.glob("*/from-*/new/*")]


def test_an_answer_a_day_later_reaches_a_state_that_was_restarted(
    root: Path, clock: VirtualClock, netherlands: State
) -> None:
    netherlands.ask(dna.Profile(LOCI, kind="stain"), "FR", "DE")
    assert netherlands.node.pump() == 0
    clock.sleep(DAY)
    with france(root, clock) as paris:
        assert paris.node.pump() == 1
    with closing(netherlands.restarted()) as netherlands:
        (pending,) = netherlands.conversation.searches()
        assert str(pending.outcome) == "SearchOutcome(FR: pending, DE: pending)"
        assert netherlands.node.pump() == 1
    with closing(netherlands.restarted()) as netherlands:
        (pending,) = netherlands.conversation.searches()
        assert str(pending.outcome) == "SearchOutcome(FR: hit, DE: pending)"
        assert pending.outcome["FR"].elapsed == DAY
        ((party, candidate),) = pending.outcome.hits
        assert (party, candidate.reference) == ("FR", "FR1")
        assert dna.from_bytes(candidate.data).pairs == dna.Profile(LOCI).pairs
        # Germany has not looked into its mailbox, and no answer is no "no hit".
        assert not pending.outcome.complete
        assert waiting(root) == [pending.outgoing[1].number]
        # Asked again under the same number, its mailbox holds one message.
        netherlands.send(netherlands.conversation.tick())
        assert waiting(root) == [pending.outgoing[1].number]


def test_both_states_ask_and_answer_with_one_node_each(
    root: Path, clock: VirtualClock, netherlands: State
) -> None:
    with france(root, clock) as paris:
        searches = [
            netherlands.ask(dna.Profile(LOCI, kind="stain"), "FR"),
            paris.ask(dna.Profile({name: (10, 11) for name in LOCI}, kind="stain"), "NL"),
        ]
        rounds = [state.node.pump() for _ in range(3) for state in (netherlands, paris)]
    assert sum(rounds) == 4
    assert [str(pending.outcome) for pending in searches] == [
        "SearchOutcome(FR: hit)",
        "SearchOutcome(NL: no_hit)",
    ]


def test_a_partner_that_is_killed_between_its_answer_and_the_acknowledgement(
    root: Path, clock: VirtualClock, netherlands: State
) -> None:
    pending = netherlands.ask(dna.Profile(LOCI, kind="stain"), "FR")

    def killed() -> None:
        class Mailbox(Maildir):
            def ack(self, tag: str) -> None:
                os._exit(KILLED)

        with france(root, clock) as paris:
            MailboxNode(Mailbox(root, "FR"), paris.responder, paris.conversation).pump()

    def alive() -> None:
        with france(root, clock) as paris:
            assert paris.node.pump() == 1

    assert in_child(killed) == f"exit {KILLED}"
    assert in_child(alive) == "exit 0"
    assert netherlands.node.pump() >= 1
    assert pending.outcome["FR"].outcome is exchange.Outcome.HIT
    assert [candidate.reference for candidate in pending.outcome["FR"].candidates] == ["FR1"]
    assert waiting(root) == []


def test_a_damaged_answer_is_ignored_and_asking_again_succeeds(
    root: Path, clock: VirtualClock, netherlands: State
) -> None:
    pending = netherlands.ask(dna.Profile(LOCI, kind="stain"), "FR")
    with france(root, clock) as paris:
        paris.node.pump()
        (answer,) = root.glob("NL/from-FR/new/*")
        answer.write_bytes(answer.read_bytes().replace(b"FR1", b"FR2"))
        netherlands.node.pump()
        assert pending.outcome["FR"].outcome is exchange.Outcome.INVALID_REPLY
        assert pending.outcome["FR"].error_code == "wrong_digest"
        clock.sleep(DAY)
        netherlands.send(netherlands.conversation.tick())
        assert paris.node.pump() == 1
        assert netherlands.node.pump() == 1
    assert pending.outcome["FR"].outcome is exchange.Outcome.HIT

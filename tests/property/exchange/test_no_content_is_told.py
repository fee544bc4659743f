"""Logs, reprs, errors, audit entries and keys of stores contain no payload, name or fact.

The tests run whole conversations of all five categories, with marks in all personal data, and with
failing providers, transports and stores of a host, whose errors contain such data. If the host
called, its own error goes back to it unchanged, but the library must not log it, print it or send
it to a partner.
"""

from __future__ import annotations

import logging
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import (
    Conversation,
    CoreData,
    Delivery,
    FollowUp,
    InProcessTransport,
    Justification,
    MemoryStore,
    Outcome,
    Requester,
    Responder,
    SqliteStore,
    TransportError,
    TransportRefused,
    WithdrawalReason,
)
from prum_match.exchange.audit import MemoryAudit, SqliteAudit
from prum_match.exchange.messages import (
    Result,
    StatusResult,
    decode_follow_up,
    decode_reply,
    decode_request,
    decode_status,
    peek,
)
from prum_match.exchange.nightly import MatchLedger, Nightly, OpenSearches
from prum_match.exchange.requesters import ReplyDispatcher
from prum_match.exchange.requesters.courier import Courier
from prum_match.testing.clock import VirtualClock
from support.exchange.canaries import CANARIES, MARK, Canary, traces_of
from support.told import Told

WHY = Justification(case=f"{MARK}/17", offence="7731 97", official="insp-7", maximum_sentence=24)
FACTS = f"{MARK} was seen in {MARK}."
CORE_DATA = CoreData(
    identified=True,
    acquisition_place=MARK,
    case_number=f"{MARK}/9",
    authority=MARK,
    offence="7731 97",
    first_names=(MARK,),
    family_names=(MARK, MARK),
    aliases=(MARK,),
    previous_names=(MARK,),
    birth_date="1971-12-13",
    birth_place=MARK,
)
SECRETS = (MARK, "7731 97", "1971-12-13")
DECODERS = (decode_request, decode_reply, decode_follow_up, decode_status)


def fail(*arguments: Any, **named: Any) -> Any:
    raise RuntimeError(f"{MARK} cannot be found")


class End:
    """One party; the parts that its host provides can be replaced."""

    def __init__(
        self, party: str, folder: Path, clock: VirtualClock, numbers: Iterator[int]
    ) -> None:
        self.party, self.folder, self._numbers = party, folder, numbers
        self.store = SqliteStore(folder / f"{party}.db")
        self.audit = SqliteAudit(folder / f"{party}-audit.db")
        self.events: list[Any] = []
        self.provide: Callable[[str], CoreData] = lambda reference: CORE_DATA
        self.on_event: Callable[[Any], None] = self.events.append
        self.follow_up = FollowUp(
            party,
            self.store,
            self.audit,
            core_data=dict.fromkeys(CANARIES, lambda reference: self.provide(reference)),
            on_event=lambda event: self.on_event(event),
            clock=clock,
            new_number=self.new_number,
        )

    def new_number(self) -> str:
        return f"{self.party}{next(self._numbers)}"

    def close(self) -> None:
        self.store.close()
        self.audit.close()


class World:
    """AT asks with the trace; DE has the person."""

    def __init__(self, folder: Path, canary: Canary) -> None:
        self.canary = canary
        self.clock = VirtualClock()
        numbers = count(1000)
        self.at = End("AT", folder, self.clock, numbers)
        self.de = End("DE", folder, self.clock, numbers)
        self.gallery = canary.gallery
        self.gallery.enrol(["DE-1"], [canary.item])
        self.responder = self.responder_with(audit=self.de.audit, follow_up=self.de.follow_up)
        self.conversation = self.asking()
        self.answers = ReplyDispatcher([self.conversation], self.at.follow_up)

    def asking(self) -> Conversation:
        return Conversation(
            "AT",
            self.canary.gallery.category,
            self.clock,
            self.at.new_number,
            follow_up=self.at.follow_up,
        )

    def responder_with(self, **options: Any) -> Responder:
        return Responder(
            "DE",
            {self.canary.category: self.gallery},
            **{"clock": self.clock, "new_number": self.de.new_number, **self.canary.options},
            **options,
        )

    def ask(self) -> Any:
        return self.conversation.submit(
            self.canary.probe, parties=["DE"], probe_id="AT-1", justification=WHY
        )

    def carry(self, sender: End, receiver: End) -> Iterator[bytes]:
        """Carry due messages from one end to the other, and yield them and their answers."""
        for message in sender.follow_up.outgoing():
            answer = receiver.follow_up.receive(sender.party, message.data)
            receiver.follow_up.receive(sender.party, message.data[:-1])
            sender.follow_up.deliver(receiver.party, answer)
            yield from (message.data, answer)

    def close(self) -> None:
        self.at.close()
        self.de.close()


@pytest.fixture(params=CANARIES)
def canary(request: pytest.FixtureRequest) -> Canary:
    return CANARIES[request.param]()


@pytest.fixture
def world(canary: Canary, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, canary)
    yield made
    made.close()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Told]:
    """Collect all texts of a test; they must not be personal, and nothing may be printed."""
    found = Told(*SECRETS)
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield found
    for phase in ("setup", "call"):
        found.records(caplog.get_records(phase))  # type: ignore[arg-type]
    found.assert_nothing()
    assert warned == []
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_whole_conversation(world: World, told: Told, tmp_path: Path) -> None:
    canary, messages = world.canary, []
    pending = world.ask()
    (request,) = pending.outgoing
    reply = world.responder.handle("AT", request.data)
    messages += [request.data, reply]
    for wrong in (reply[:-1], reply.replace(b"AT-1", b"AT-2"), request.data, b""):
        told.look_at(world.conversation.deliver("DE", wrong), world.answers.deliver("FR", wrong))
        told.refused(lambda wrong=wrong: world.at.follow_up.deliver("DE", wrong))  # type: ignore[misc]
    event = world.conversation.deliver("DE", reply)
    assert event.outcome is not None
    assert event.outcome.outcome is Outcome.HIT
    told.look_at(pending, event, pending.outcome, pending.outcome.hits, world.conversation)
    (hit,) = world.at.follow_up.hits()
    if canary.has_follow_up:
        messages += follow_up(world, told, hit.key)
    told.look_at(world.at.follow_up.withdraw(canary.category, ["AT-1"], WithdrawalReason.ERASED))
    messages += world.carry(world.at, world.de)
    for data in messages:
        told.look_at(Delivery("DE", data, "1"), peek(data))
        for decode in DECODERS:
            told.refused(lambda data=data, decode=decode: told.look_at(decode(data)))  # type: ignore[misc]
            told.refused(lambda data=data, decode=decode: decode(data[:-9]))  # type: ignore[misc]
    told.look_at(world.at.follow_up, world.de.follow_up, world.responder, world.answers)
    told.look_at(world.at.events, world.de.events, world.asking().searches(), WHY, CORE_DATA)
    told.look_at(canary.probe, canary.item, world.gallery)
    check_audit(world, told)
    for path in tmp_path.iterdir():
        if "-audit" not in path.name and not path.name.endswith("-journal"):
            told.texts += keys_of(path)
    reference = decode_reply(reply).candidates[0]
    # There was something to tell.
    assert {"PendingSearch", "Hit", "SearchReply", "SearchRequest", "PartyOutcome"} <= told.kinds
    assert any(request.number in text for text in told.texts)
    told.secrets += [*canary.secrets, *traces_of(decode_request(request.data).probe)]
    if reference.data:
        told.secrets += traces_of(reference.data)


def follow_up(world: World, told: Told, key: Any) -> list[bytes]:
    at, de = world.at, world.de
    at.follow_up.confirm(key, official="insp-7")
    told.refused(lambda: at.follow_up.confirm(key, official="insp-7"))
    told.refused(lambda: at.follow_up.confirm(key, official=f"{MARK}\n"))
    for wrong in (f"\x00{MARK}", MARK * 2000, f"{MARK}\ud800"):
        code = told.refused(
            lambda wrong=wrong: at.follow_up.send_facts(  # type: ignore[misc]
                key, offence="7731 97", description=wrong, official="insp-7"
            )
        )
        assert code == "invalid_field"
    told.refused(
        lambda: at.follow_up.send_facts(key, offence=MARK, description=FACTS, official="insp-7")
    )
    at.follow_up.send_facts(key, offence="7731 97", description=FACTS, official="insp-7")
    messages = list(world.carry(at, de))
    assert MARK in de.follow_up.facts(key).description  # type: ignore[union-attr]
    told.look_at(de.follow_up.facts(key))
    told.refused(lambda: CoreData(identified=False, first_names=(MARK,)))
    told.refused(lambda: CoreData(identified=True, birth_date=MARK))
    told.refused(lambda: CoreData(identified=True, family_names=(MARK,) * 101))
    de.follow_up.release(key, official="insp-8")
    messages += world.carry(de, at)
    assert at.follow_up.core_data(key) == CORE_DATA
    told.look_at(at.follow_up.core_data(key), at.follow_up.hits(), de.follow_up.hits())
    return messages


def check_audit(world: World, told: Told) -> None:
    for end in (world.at, world.de):
        entries = list(end.audit.entries())
        assert len(entries) >= 2
        told.look_at(entries)
        end.audit.verify()
        for path in end.folder.glob(f"{end.party}-audit*"):
            told.texts.append(path.read_bytes().decode("latin-1"))


def keys_of(path: Path) -> list[str]:
    """Return the keys of a store."""
    with closing(sqlite3.connect(path)) as file:
        return [" ".join(row) for row in file.execute("SELECT kind, key FROM entries")]


HOSTS_OWN = [
    RuntimeError(MARK),
    InvalidInput(MARK, code="bad_label"),
    KeyError(MARK),
    OSError(MARK),
]
BAD_CODE = InvalidInput("no", code=f"not a word: {MARK}")


@pytest.mark.parametrize("error", [*HOSTS_OWN, BAD_CODE], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("place", ["reference_data", "extract", "search", "store", "audit"])
def test_a_host_that_fails_while_answering(
    world: World, told: Told, place: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **named: Any) -> Any:
        raise error

    name, options = world.canary.category, dict(world.canary.options)
    follow_up, audit = FollowUp("DE", MemoryStore(), clock=world.clock), MemoryAudit()
    responder = world.responder_with(follow_up=follow_up, audit=audit)
    if place in ("reference_data", "extract"):
        world.canary.options = {
            **options,
            place: {name: broken},
            "quality_floors": {name: 0.5},
        }
        responder = world.responder_with(follow_up=follow_up, audit=audit)
    elif place == "search":
        monkeypatch.setattr(world.gallery, "search", broken)
    elif place == "store":
        monkeypatch.setattr(follow_up.store, "transaction", broken)
    else:
        monkeypatch.setattr(audit, "append", broken)
    answer = responder.handle("AT", world.ask().outgoing[0].data)
    reply = decode_reply(answer)
    expected = {Result.ERROR, Result.UNSUITABLE} if place == "extract" else {Result.ERROR}
    assert reply.result in expected
    told.look_at(reply, list(audit.entries()))
    told.texts.append(answer.decode())


@pytest.mark.parametrize("data", [MARK, b"", 5, [MARK]], ids=["text", "nothing", "number", "list"])
def test_providers_that_return_invalid_values(world: World, told: Told, data: Any) -> None:
    name = world.canary.category
    world.canary.options |= {"reference_data": {name: lambda reference: data}}
    reply = decode_reply(world.responder_with().handle("AT", world.ask().outgoing[0].data))
    # The closed list of police records has no data, and none is what it wants.
    assert (reply.result is Result.HIT) == (name == "police_record" and data == b"")
    told.look_at(reply)


@pytest.mark.parametrize(
    "error",
    [TransportError(MARK), TransportRefused(MARK, code=f"403 {MARK}"), *HOSTS_OWN, BAD_CODE],
    ids=lambda error: type(error).__name__,
)
def test_a_transport_that_fails(world: World, told: Told, error: Exception) -> None:
    class Broken:
        def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
            raise error

        def close(self) -> None:
            pass

    pending = world.ask()
    world.conversation.fail("DE", error)
    told.look_at(pending, pending.outcome)
    requester = Requester(Broken(), "AT", category=world.canary.gallery.category)
    outcome = requester.search(world.canary.probe, ["DE"], timeout=0.2, justification=WHY)
    assert outcome["DE"].outcome in (Outcome.REMOTE_ERROR, Outcome.REFUSED)
    told.look_at(outcome, requester)
    world.clock.sleep(3600)
    assert Courier(Broken(), world.at.follow_up, [world.conversation]).run_once(timeout=1) <= 1
    told.look_at(list(world.at.audit.entries()))


def test_a_host_that_fails_after_the_hit(world: World, told: Told) -> None:
    at, de = world.at, world.de
    at.on_event = de.on_event = de.provide = fail
    reply = world.responder.handle("AT", world.ask().outgoing[0].data)
    world.conversation.deliver("DE", reply)
    (hit,) = at.follow_up.hits()
    told.refused(lambda: at.follow_up.confirm(hit.key, official="insp-7"))
    if world.canary.has_follow_up:
        at.follow_up.send_facts(hit.key, offence="7731 97", description=FACTS, official="insp-7")
    for message in at.follow_up.outgoing():
        answer = world.responder.handle("AT", message.data)
        # The host's listener failed after all was stored: it comes again, and is answered then.
        assert decode_status(answer).result is StatusResult.BUSY
        again = world.responder.handle("AT", message.data)
        assert decode_status(again).result is StatusResult.ACCEPTED
        told.texts += [answer.decode(), again.decode()]
        told.refused(lambda again=again: at.follow_up.deliver("DE", again))  # type: ignore[misc]
    if world.canary.has_follow_up:
        code = told.refused(lambda: de.follow_up.release(hit.key, official="insp-8"))
        assert code == "the host's own"
    told.look_at(at.follow_up.hits(), de.follow_up.hits())


def test_nightly_runs(world: World, told: Told) -> None:
    name = world.canary.category
    store = world.at.store
    searches = OpenSearches(world.canary.gallery.category, store, clock=world.clock)
    ledger = MatchLedger(store, clock=world.clock)
    night = Nightly(searches, ledger)
    searches.add("AT-1", world.canary.probe, parties=["DE"], justification=WHY)
    requester = Requester(
        InProcessTransport({"DE": world.responder}, "AT"),
        "AT",
        category=world.canary.gallery.category,
        clock=world.clock,
    )
    found = list(night.run(requester, timeout=5))
    assert [match.key.reference for match in found] == ["DE-1"]
    told.look_at(found, searches.get("AT-1"), searches.states("AT-1"), night.report(), ledger)
    told.look_at(ledger.matches(name), night, searches, requester)
    told.texts += keys_of(world.at.folder / "AT.db")
    told.refused(lambda: searches.add("AT-1", world.canary.probe, parties=["DE"]))
    told.refused(lambda: searches.get(MARK))
    told.secrets += world.canary.secrets


def test_the_marks_can_be_detected(world: World, told: Told) -> None:
    """Stores and messages, which do contain personal data, show the marks."""
    world.conversation.deliver("DE", world.responder.handle("AT", world.ask().outgoing[0].data))
    with world.at.store.transaction() as entries:
        (key,) = entries.keys(f"query/{world.canary.category}")
        assert MARK.encode() in (entries.get(f"query/{world.canary.category}", key) or b"")
    shown = Told(*SECRETS)
    shown.texts.append(repr({"facts": FACTS}))
    with pytest.raises(AssertionError):
        shown.assert_nothing()

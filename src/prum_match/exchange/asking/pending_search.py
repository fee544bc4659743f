"""Searches under way: the parties asked, the outcome of each, and the records in a store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from prum_match.exchange.asking.verification import Verifier
from prum_match.exchange.hits.outbox import Outgoing
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import NUMBER, PARTY, REFERENCE, WORD, Limits
from prum_match.exchange.messages.records import (
    optional,
    record,
    tuple_of,
    write_record,
)
from prum_match.exchange.messages.search import SearchRequest, decode_reply, decode_request
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.store.asked import AskedRecord, asked_key, asked_kind
from prum_match.exchange.store.stored import read_back, record_from
from prum_match.exchange.store.stores import StoreTransaction

_PENDING = PartyOutcome(Outcome.PENDING)
_BATCH = 1000
_EVER, _ALL = datetime.max.replace(tzinfo=UTC), 2**62


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to one party, and its outcome."""

    request: SearchRequest
    data: bytes = field(repr=False)
    due: datetime
    attempts: int = 1
    state: PartyOutcome = _PENDING
    reply: bytes | None = field(default=None, repr=False)

    @property
    def party(self) -> str:
        """The party that is asked."""
        return self.request.requested

    @property
    def is_open(self) -> bool:
        """Whether the party may still give, or change, its answer."""
        return not self.state.is_final


@dataclass(slots=True, eq=False)
class PendingSearch:
    """One probe under way to several parties.

    Attributes
    ----------
    id : str
        Id of the search in a store.
    category : str
        Name of the category.
    probe_id : str
        Own reference number of the probe.
    justification : Justification or None
        Legal basis of the search.
    """

    id: str
    category: str
    probe_id: str
    justification: Justification | None
    asked: dict[str, Asked] = field(repr=False)

    @property
    def outgoing(self) -> tuple[Outgoing, ...]:
        """The messages to send, one for each party. Sending one again is safe."""
        return tuple(
            Outgoing(party, one.request.number, one.data) for party, one in self.asked.items()
        )

    @property
    def outcome(self) -> SearchOutcome:
        """The outcome so far."""
        return SearchOutcome({party: one.state for party, one in self.asked.items()})

    @property
    def is_open(self) -> bool:
        """Whether any party may still answer."""
        return any(one.is_open for one in self.asked.values())

    @property
    def begun(self) -> datetime:
        """Time of its earliest request, among the current ones."""
        return min(one.request.time for one in self.asked.values())

    @property
    def case(self) -> str | None:
        """The case that it belongs to, if known."""
        return None if self.justification is None else self.justification.case

    def with_asked(self, asked: Asked) -> PendingSearch:
        """Return the search with a new state for one party."""
        return replace(self, asked={**self.asked, asked.party: asked})


@dataclass(frozen=True, slots=True, kw_only=True)
class _SearchRecord(Checked):
    id: str = field(metadata=NUMBER.meta)
    category: str = field(metadata=WORD.meta)
    reference: str = field(metadata=REFERENCE.meta)
    justification: Justification | None = field(metadata=optional(record(Justification)).meta)
    numbers: tuple[str, ...] = field(metadata=tuple_of(NUMBER).meta)
    parties: tuple[str, ...] = field(metadata=tuple_of(PARTY).meta)


class SearchBook:
    """The searches of one category in a store."""

    def __init__(self, category: str, limits: Limits, keep: timedelta, verifier: Verifier) -> None:
        self._searches = f"query/{category}"
        self._cases = f"query_of_case/{category}"
        self._asked = asked_kind(category)
        self._limits = limits
        self._keep = keep
        self._verifier = verifier

    def write(self, entries: StoreTransaction, pending: PendingSearch, now: datetime) -> None:
        """Write a search and the state of each party."""
        self._write_search(entries, pending, None if pending.is_open else now + self._keep)
        if pending.case is not None:
            entries.put(self._cases, _of_case(pending.case) + pending.id, pending.id.encode())
        for one in pending.asked.values():
            self.write_asked(entries, pending, one)

    def give_up(self, entries: StoreTransaction, pending: PendingSearch, now: datetime) -> None:
        """Make a search expire as if all parties had answered."""
        self._write_search(entries, pending, now + self._keep)

    def _write_search(
        self, entries: StoreTransaction, pending: PendingSearch, due: datetime | None
    ) -> None:
        kept = _SearchRecord(
            id=pending.id,
            category=pending.category,
            reference=pending.probe_id,
            justification=pending.justification,
            numbers=tuple(one.request.number for one in pending.asked.values()),
            parties=tuple(pending.asked),
        )
        entries.put(self._searches, pending.id, write_record(kept), due=due)

    def write_asked(self, entries: StoreTransaction, pending: PendingSearch, one: Asked) -> None:
        """Write the state of one party."""
        state = one.state
        kept = AskedRecord(
            query=pending.id,
            request=one.data,
            due=one.due,
            attempts=one.attempts,
            outcome=state.outcome,
            elapsed=_microseconds(state.elapsed),
            code=state.error_code,
            retry_after=_microseconds(state.retry_after),
            reply=one.reply,
        )
        entries.put(self._asked, asked_key(one.party, one.request.number), write_record(kept))

    def forget_number(self, entries: StoreTransaction, one: Asked) -> None:
        """Remove a request that another one, with a new number, replaces."""
        entries.delete(self._asked, asked_key(one.party, one.request.number))

    def forget(self, entries: StoreTransaction, pending: PendingSearch) -> None:
        """Remove a search and everything received for it."""
        entries.delete(self._searches, pending.id)
        if pending.case is not None:
            entries.delete(self._cases, _of_case(pending.case) + pending.id)
        for one in pending.asked.values():
            self.forget_number(entries, one)

    def ids(self, entries: StoreTransaction, case: str | None = None) -> list[str]:
        """Return the ids of the searches of one case, or of all."""
        if case is None:
            return entries.keys(self._searches)
        found = []
        for key in entries.keys(self._cases, _of_case(case)):
            value = entries.get(self._cases, key)
            with read_back(self._cases):
                found.append((value or b"").decode())
                if _of_case(case) + found[-1] != key:
                    raise ValueError
        return found

    def open_ids(self, entries: StoreTransaction) -> list[str]:
        """Return the ids of the searches whose parties are still asked."""
        closed = set(entries.due_keys(self._searches, _EVER, _ALL))  # only these expire
        return [one for one in entries.keys(self._searches) if one not in closed]

    def over(self, entries: StoreTransaction, now: datetime) -> list[PendingSearch]:
        """Return the searches that have expired."""
        found = (self.read(entries, one) for one in entries.due_keys(self._searches, now, _BATCH))
        return [pending for pending in found if pending is not None]

    def read(self, entries: StoreTransaction, search_id: str) -> PendingSearch | None:
        """Return a search; None if the store has none of this id."""
        value = entries.get(self._searches, search_id)
        if value is None:
            return None
        kept = record_from(_SearchRecord, self._searches, value, max_depth=2, max_containers=4)
        with read_back(self._searches):
            pairs = list(zip(kept.parties, kept.numbers, strict=True))
        asked = {party: self._read_asked(entries, party, number) for party, number in pairs}
        return PendingSearch(kept.id, kept.category, kept.reference, kept.justification, asked)

    def of_request(
        self, entries: StoreTransaction, party: str, number: str
    ) -> PendingSearch | None:
        """Return the search that a request belongs to; None if there is none."""
        value = entries.get(self._asked, asked_key(party, number))
        if value is None:
            return None
        return self.read(entries, record_from(AskedRecord, self._asked, value).query)

    def _read_asked(self, entries: StoreTransaction, party: str, number: str) -> Asked:
        value = entries.get(self._asked, asked_key(party, number))
        kept = record_from(AskedRecord, self._asked, value)
        with read_back(self._asked):
            request = decode_request(kept.request, self._limits)
            reply = decode_reply(kept.reply, self._limits) if kept.reply else None
        candidates = self._verifier.candidates(reply, request) if reply else ()
        state = PartyOutcome(
            kept.outcome,
            candidates,
            _seconds(kept.elapsed),
            kept.code,
            _seconds(kept.retry_after),
        )
        return Asked(request, kept.request, kept.due, kept.attempts, state, kept.reply)


def _of_case(case: str) -> str:
    # Keys of a store must not be content, and the name of a case is the host's free text.
    return f"{sha256(case.encode()).hexdigest()}/"


def _microseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e6)


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6

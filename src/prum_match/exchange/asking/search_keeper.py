"""The searches of one conversation: in memory and, with a follow-up, in its store."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prum_match.exchange.asking.pending_search import Asked, PendingSearch, SearchBook
from prum_match.exchange.asking.verification import Verifier
from prum_match.exchange.audit import Act, Entry
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.outcomes import Outcome
from prum_match.exchange.store.stores import StoreTransaction

_log = logging.getLogger("prum_match.exchange")


class SearchKeeper:
    """Searches by party and number; with a follow-up they survive a restart."""

    def __init__(
        self,
        category: str,
        limits: Limits,
        follow_up: FollowUp | None,
        keep: timedelta,
        verifier: Verifier,
    ) -> None:
        self._category = category
        self._follow_up = follow_up
        self._book = SearchBook(category, limits, keep, verifier)
        self._searches: dict[tuple[str, str], PendingSearch] = {}
        if follow_up is not None:
            with follow_up.store.transaction() as entries:
                open_ids = self._book.open_ids(entries)
            for pending in self._stored(follow_up, open_ids):
                self._know(pending)

    def begin(self, pending: PendingSearch, asked: list[Asked], now: datetime) -> None:
        """Keep requests before they are sent, so that no reply is without its request."""
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                self._write(entries, pending, asked, now)
        self._know_asked(pending, asked)
        self._flush()

    def renumber(self, pending: PendingSearch, old: Asked, new: Asked, now: datetime) -> None:
        """Replace a request whose reply is lost by one with a new number."""
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                self._book.forget_number(entries, old)
                self._write(entries, pending.with_asked(new), [new], now)
        self._searches.pop((old.party, old.request.number), None)
        pending.asked[new.party] = new
        self._know_asked(pending, [new])
        self._flush()

    def save(self, pending: PendingSearch, asked: Asked, now: datetime) -> None:
        """Keep the new state of a party; a final answer opens its hits.

        The search changes after the store did: a reply that was not stored can be delivered again.
        """
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                self._write_answer(entries, pending.with_asked(asked), asked, now)
        pending.asked[asked.party] = asked
        if self._follow_up is not None and not pending.is_open:
            self._drop(pending)
        self._flush()

    def find(self, party: str, number: str | None) -> PendingSearch | None:
        """Return the search of a request, even of a finished one."""
        pending = self._searches.get((party, number or ""))
        if pending is None and number is not None and self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                pending = self._book.of_request(entries, party, number)
        return pending

    def only_open(self, party: str) -> str | None:
        """Return the number of the party's open request, if it has just one."""
        numbers = [
            number
            for (asked_party, number), pending in self._searches.items()
            if asked_party == party and pending.asked[party].is_open
        ]
        return numbers[0] if len(numbers) == 1 else None

    def all(self, case: str | None = None) -> list[PendingSearch]:
        """Return the searches of one case, or all, in memory and in the store."""
        known = {
            pending.id: pending
            for pending in self._searches.values()
            if case is None or pending.case == case
        }
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                ids = self._book.ids(entries, case)
            others = [one for one in ids if one not in known]
            known.update((pending.id, pending) for pending in self._stored(self._follow_up, others))
        return list(known.values())

    def due(self, now: datetime) -> Iterator[tuple[PendingSearch, Asked]]:
        """Yield the requests to send again."""
        for pending in list(dict.fromkeys(self._searches.values())):
            for asked in pending.asked.values():
                if asked.is_open and asked.due <= now:
                    yield pending, asked

    def give_up(self, begun: datetime, now: datetime) -> None:
        """Stop asking for searches that began before a time; later answers still count.

        The store forgets them, with the replies of the other parties, as if all had answered.
        """
        if self._follow_up is None:
            return
        for pending in list(dict.fromkeys(self._searches.values())):
            if pending.begun < begun:
                with self._follow_up.store.transaction() as entries:
                    self._book.give_up(entries, pending, now)
                self._drop(pending)
                missing = [party for party, one in pending.asked.items() if one.is_open]
                _log.warning(
                    "search=%s given up; no answer from parties=%s", pending.id, ",".join(missing)
                )

    def forget(self, pending: PendingSearch) -> None:
        """Drop a search and everything received for it."""
        self._drop(pending)
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                self._book.forget(entries, pending)

    def forget_old(self, now: datetime) -> None:
        """Drop expired searches from the store."""
        if self._follow_up is not None:
            with self._follow_up.store.transaction() as entries:
                for pending in self._book.over(entries, now):
                    self._book.forget(entries, pending)

    def _stored(self, follow_up: FollowUp, ids: Iterable[str]) -> Iterator[PendingSearch]:
        for one in ids:
            # One transaction each: reading thousands must not block the delivery of replies.
            with follow_up.store.transaction() as entries:
                pending = self._book.read(entries, one)
            if pending is not None:
                yield pending

    def _write(
        self, entries: StoreTransaction, pending: PendingSearch, asked: list[Asked], now: datetime
    ) -> None:
        """Write a search and, in the same transaction, the audit entries of its requests."""
        assert self._follow_up is not None
        trail = self._follow_up.trail
        self._book.write(entries, pending, now)
        for one in asked:
            if pending.justification is not None:
                trail.note(entries, _entry(pending, one, Act.JUSTIFIED, now))
            trail.note(entries, _entry(pending, one, Act.ASKED, now))

    def _write_answer(
        self, entries: StoreTransaction, pending: PendingSearch, asked: Asked, now: datetime
    ) -> None:
        """Write the new state of a party and, in the same transaction, its hits."""
        assert self._follow_up is not None
        if pending.is_open:
            self._book.write_asked(entries, pending, asked)
        else:
            self._book.write(entries, pending, now)
        if asked.state.is_final:
            self._follow_up.trail.note(entries, _entry(pending, asked, Act.RECEIVED, now))
        if asked.state.outcome is Outcome.HIT:
            head, candidates = asked.request.head(), asked.state.candidates
            self._follow_up.open(entries, head, candidates, Side.REQUESTING)

    def _flush(self) -> None:
        if self._follow_up is not None:
            self._follow_up.trail.flush()

    def _know_asked(self, pending: PendingSearch, asked: list[Asked]) -> None:
        self._know(pending)
        for one in asked:
            _log.info("request=%s party=%s asked", one.request.number, one.party)

    def _know(self, pending: PendingSearch) -> None:
        for message in pending.outgoing:
            self._searches[message.party, message.number] = pending

    def _drop(self, pending: PendingSearch) -> None:
        for message in pending.outgoing:
            self._searches.pop((message.party, message.number), None)


def _entry(pending: PendingSearch, asked: Asked, act: Act, now: datetime) -> Entry:
    why, state = pending.justification, asked.state
    answered = act is Act.RECEIVED
    return Entry(
        act=act,
        time=now,
        party=asked.party,
        category=pending.category,
        number=asked.request.number,
        type=asked.request.type,
        actor=why.official if why is not None and act is Act.JUSTIFIED else None,
        result=state.outcome.value if answered else None,
        code=state.error_code if answered else None,
        candidates=len(state.candidates),
    )

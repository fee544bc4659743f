"""Answers in the store of a party: numbers, replies, quotas, hits and audit entries as one.

Several processes may answer for a party. Each searches on its own; the first that records its
answer to a request gives it, and the others repeat that one. A process that is killed leaves an
answer that is recorded completely, or nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from prum_match.exchange.answering import quotas
from prum_match.exchange.answering.admission import Admission
from prum_match.exchange.answering.cases import Case
from prum_match.exchange.answering.duplicates import Duplicates
from prum_match.exchange.answering.replay import Kept
from prum_match.exchange.answering.stops import Stop, guard, refused
from prum_match.exchange.audit import AuditLog
from prum_match.exchange.audit.trail import AuditTrail
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit import HitState
from prum_match.exchange.messages.envelope import SKEW, Limits
from prum_match.exchange.messages.search import Result, SearchRequest, decode_reply
from prum_match.exchange.store.stores import MemoryStore, Store, StoreTransaction

_RECALLED = "answers_recalled"


class Answers:
    """Records each answer in one transaction, and finds those that were given."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog | None,
        follow_up: FollowUp | None,
        admission: Admission,
        duplicates: Duplicates,
        limits: Limits,
    ) -> None:
        self._store = store
        self._audit = audit
        self._follow_up = follow_up
        self._admission = admission
        self._duplicates = duplicates
        self._limits = limits
        self._failure = "store_failed" if follow_up is None else "follow_up_failed"
        # A store in memory ends with the process, as an answer does that was not audited: entries
        # need no second place.
        durable = not isinstance(store, MemoryStore)
        self._trail = AuditTrail(store, audit, kind="answer_audit") if durable else None

    def recall(self, now: datetime, window: timedelta) -> None:
        """Take over earlier answers from the audit log, into a store that knows none."""
        if self._audit is None:
            return
        with self._store.transaction() as entries:
            if entries.get(_RECALLED, "") is not None:
                return
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            for entry in self._audit.entries(since=min(midnight, now - window - SKEW)):
                quotas.recall(entries, entry, now)
                self._duplicates.recall(entries, entry, now)
            entries.put(_RECALLED, "", b"")

    def begin(self, case: Case, request: SearchRequest, sender: str, data: bytes) -> bytes | None:
        """Register a request, or return the reply for its duplicate."""
        if self._follow_up is not None:
            # What the gallery has lost since the last request is withdrawn.
            with guard(request.number, code=self._failure):
                self._follow_up.catch_up(request.category)
        case.key, case.digest = (sender, request.number), sha256(data).digest()
        self._duplicates.enter(case.key, case.digest)
        case.is_registered = True
        with guard(request.number, code="search_failed"):
            self._duplicates.sweep(request.category, case.time)
        with guard(request.number, code=self._failure), self._store.transaction() as entries:
            kept = self._found(entries, case, request)
        return None if kept is None else self._again(case, request, kept)

    def end(self, case: Case) -> None:
        """End the work on a request."""
        if case.key is not None and case.is_registered:
            self._duplicates.leave(case.key)

    def check_quota(self, case: Case) -> None:
        """Refuse a search before it is made if those of the day are used up."""
        if case.quota_key is not None and case.quota is not None:
            with guard(case.number, code=self._failure), self._store.transaction() as entries:
                quotas.check(entries, case.quota_key, case.quota, case.time)

    def record(self, case: Case, reply: bytes) -> bytes:
        """Record an answer and its audit entry, and return the reply that leaves.

        That is another one if another process was faster.
        """
        kept = None
        request = case.request if case.keeps_reply else None
        if request is not None or (self._trail is not None and case.is_audited):
            with guard(case.number, code=self._failure), self._store.transaction() as entries:
                if request is not None:
                    kept = self._found(entries, case, request)
                    if kept is None:
                        self._record(entries, case, request, reply)
                if self._trail is not None and kept is None and case.is_audited:
                    self._trail.note(entries, case.entry())
        if kept is not None and request is not None:
            return self._again(case, request, kept)
        self._write_audit(case)
        return reply

    def _found(self, entries: StoreTransaction, case: Case, request: SearchRequest) -> Kept | None:
        try:
            return self._duplicates.find(entries, case, request)
        except Stop:
            case.is_known = True
            raise

    def _record(
        self, entries: StoreTransaction, case: Case, request: SearchRequest, reply: bytes
    ) -> None:
        if case.quota_key is not None and case.result in quotas.COUNTED:
            quotas.check(entries, case.quota_key, case.quota, case.time)
            quotas.count(entries, case.quota_key, case.time)
        if case.candidates and self._follow_up is not None:
            self._open_hits(entries, self._follow_up, request, case)
        self._duplicates.keep(entries, case, request, reply)

    def _open_hits(
        self, entries: StoreTransaction, follow_up: FollowUp, request: SearchRequest, case: Case
    ) -> None:
        """Store the hits, in every category, so that a withdrawal reaches the other party."""
        hits = follow_up.open(
            entries, request.head(), case.candidates, Side.REQUESTED, case.contents
        )
        # A process that ended before its reply left opened these hits, and they were withdrawn
        # since. The reference as it is now needs a request with a new number.
        if any(hit.state is HitState.WITHDRAWN for hit in hits):
            raise refused(code="already_answered")
        # A later withdrawal finds these hits; an earlier one did not. Data erased before must
        # not leave: the transaction is undone, and the party asks again.
        holding = case.holding
        assert holding is not None
        moved = holding.gallery.generation != case.generation
        if moved and holding.lost(case.candidates, case.contents):
            raise Stop(Result.BUSY)

    def _again(self, case: Case, request: SearchRequest, kept: Kept) -> bytes:
        """Return a kept reply if it still agrees with gallery and hits; drop it if not."""
        assert case.key is not None
        sender, _ = case.key
        case.is_known = True
        if kept.references and self._follow_up is not None:
            with guard(request.number, code=self._failure):
                if self._follow_up.has_withdrawn(request.head()):
                    raise refused(code="already_answered")
        with guard(request.number, code="search_failed"):
            if kept.references:
                holding = self._admission.admit(sender, request)
                holding.refresh()
                if holding.lost(decode_reply(kept.reply, self._limits).candidates):
                    self._duplicates.drop(case.key)
                    raise refused(code="already_answered")
        case.is_repeated = True
        self._write_audit(case)
        return kept.reply

    def _write_audit(self, case: Case) -> None:
        """Write the audit entry, before the reply leaves."""
        if self._audit is None:
            return
        with guard(case.number, code="audit_failed"):
            if self._trail is not None:
                self._trail.flush()
            elif case.is_audited and not case.is_repeated:
                try:
                    self._audit.append([case.entry()])
                except BaseException:
                    self._take_back(case)
                    raise

    def _take_back(self, case: Case) -> None:
        """Forget an answer that could not be audited."""
        if case.key is None or not case.keeps_reply:
            return
        with self._store.transaction() as entries:
            self._duplicates.forget(entries, case.key)
            if case.quota_key is not None and case.result in quotas.COUNTED:
                quotas.count(entries, case.quota_key, case.time, by=-1)

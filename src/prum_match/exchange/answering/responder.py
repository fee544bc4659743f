"""The answering side: bytes from an authenticated party in, bytes out, never an exception."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.answering.admission import Admission, holdings_of
from prum_match.exchange.answering.cases import RETRY_AFTER, Case
from prum_match.exchange.answering.duplicates import Duplicates
from prum_match.exchange.answering.holdings import (
    Extract,
    Holding,
    ReferenceData,
    SearchableGallery,
)
from prum_match.exchange.answering.partners import Partner
from prum_match.exchange.answering.quotas import QuotaBook, QuotaKey
from prum_match.exchange.answering.stops import Stop, guard, refused
from prum_match.exchange.audit import UNKNOWN, AuditLog
from prum_match.exchange.category_rules import Side, rule_of
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit import Hit, HitState
from prum_match.exchange.hits.hit_desk import check_references
from prum_match.exchange.messages.envelope import (
    SKEW,
    Clock,
    Limits,
    encode,
    new_number,
    peek,
    utc_now,
)
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Facts,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Withdrawal,
    WithdrawalReason,
    decode_follow_up,
)
from prum_match.exchange.messages.search import Result, SearchRequest, decode_request
from prum_match.exchange.reasons import reason_of
from prum_match.values.checks import whole_number
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

_FOLLOW_UPS = {
    one.KIND for one in (Confirmation, Facts, CoreDataMessage, Withdrawal, StatusRequest)
}
_LONGEST_WINDOW = timedelta(days=366)


class Responder:
    """Answers search requests from the galleries of one party.

    Parameters
    ----------
    party : str
        Code of the party that answers.
    galleries : mapping of str to gallery
        The galleries to search, by category name.
    policies : mapping, optional
        By category name: the policy to search with; default: the category's responder policy.
    reference_data : mapping, optional
        By category name: ``reference_id -> bytes``, the matching data for the reply. Default: the
        enrolled item itself.
    extract : mapping, optional
        By category name: ``bytes -> (item, quality)`` for probes that arrive as images; it raises
        InvalidInput for an unusable one. Needs a floor in `quality_floors`.
    quality_floors : mapping, optional
        By category name: the quality below which a probe is answered with *unsuitable* (Art. 38).
    eligible : mapping, optional
        By category name: passed on to the search of the gallery.
    limit : int, optional
        Most subjects that a reply names, besides the policy's own cap.
    max_concurrent : int
        Most requests in work at once; one more is answered with *busy*.
    limits : Limits
        Bounds of the messages.
    clock, new_number : callable
        Time in UTC, and a fresh unique number for each reply.
    partners : mapping of str to Partner, optional
        Profiles by party code. None: every party may search everything.
    default_partner : Partner, optional
        Profile of parties outside `partners`. None: they are refused.
    follow_up : FollowUp, optional
        Handles messages about hits, and stores each hit before its reply leaves. None: such
        messages are refused.
    audit : AuditLog, optional
        Gets one entry for each request, before the reply leaves. Its earlier entries restore quotas
        and answered numbers after a restart; None: a restart forgets both.
    replay_window : timedelta
        Greatest age of a request. For as long, a duplicate gets the earlier reply.
    replay_bytes : int
        Most bytes of kept replies.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``category_not_held``, ``missing_quality_floor``, ``bad_limit``,
        ``duplicate_party``, ``no_quota``, ``foreign_policy`` or ``bad_option``.

    Notes
    -----
    May be used by several threads at once. Logs numbers, parties, results and counts, no content.

    A request is answered once. Hit, no hit, unsuitable and refused are answers: they are audited,
    and repeated for the same bytes. *Busy* is not an answer and leaves no trace. An error is
    audited but not kept, so that the party can try again under the same number.

    The response time reveals roughly how many references there are, and whether many of them are
    similar to the probe. A host to which this matters sends replies at fixed times.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange import Responder
    >>> from prum_match.exchange.messages import SearchRequest, decode_reply, encode
    >>> request = SearchRequest(
    ...     category="face", requesting="AT", requested="DE", number="7f3a", reference="AT-1",
    ...     time=datetime(2026, 3, 1, 12, tzinfo=UTC), type=None, probe=b"...",
    ... )
    >>> decode_reply(Responder("DE", {}).handle("AT", encode(request))).code
    'category_not_held'
    >>> decode_reply(Responder("DE", {}).handle("FR", encode(request))).code
    'party_mismatch'
    """

    def __init__(
        self,
        party: str,
        galleries: Mapping[str, SearchableGallery],
        *,
        policies: Mapping[str, Any] | None = None,
        reference_data: Mapping[str, ReferenceData] | None = None,
        extract: Mapping[str, Extract] | None = None,
        quality_floors: Mapping[str, float] | None = None,
        eligible: Mapping[str, Any] | None = None,
        limit: int | None = None,
        max_concurrent: int = 64,
        limits: Limits = Limits(),
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        partners: Mapping[str, Partner] | None = None,
        default_partner: Partner | None = None,
        follow_up: FollowUp | None = None,
        audit: AuditLog | None = None,
        replay_window: timedelta = timedelta(days=1),
        replay_bytes: int = 256 << 20,
    ) -> None:
        self.party = party_code(party)
        bounds = {"limit": limit, "max_concurrent": max_concurrent, "replay_bytes": replay_bytes}
        for name, value in bounds.items():
            if value is not None:
                whole_number(value, name, least=1, code="bad_limit")
        if not timedelta(0) < replay_window <= _LONGEST_WINDOW:
            raise InvalidInput(
                "give a positive time of at most 366 days",
                code="bad_limit",
                field="replay_window",
            )
        options: dict[str, Mapping[str, Any]] = {
            "policies": policies or {},
            "reference_data": reference_data or {},
            "extract": extract or {},
            "quality_floors": quality_floors or {},
            "eligible": eligible or {},
        }
        self._holdings = holdings_of(galleries, limit, limits, options)
        self._admission = Admission(self.party, self._holdings, partners, default_partner)
        self._follow_up = follow_up
        if follow_up is not None:
            follow_up.watch(galleries)
        self._audit = audit
        self._limits = limits
        self._clock = clock
        self._new_number = new_number
        self._slots = threading.BoundedSemaphore(max_concurrent)
        now = clock()
        self._quotas = QuotaBook(now)
        self._duplicates = Duplicates(self._holdings, replay_window, replay_bytes, limits)
        if audit is not None:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            for entry in audit.entries(since=min(midnight, now - replay_window - SKEW)):
                self._quotas.recall(entry)
                self._duplicates.recall(entry)

    def handle(self, party: str, request: bytes) -> bytes:
        """Answer one message.

        Parameters
        ----------
        party : str
            Sender, according to the authenticated channel. The envelope has to agree with it.
        request : bytes
            An encoded `SearchRequest`, a message about a hit, or anything else.

        Returns
        -------
        bytes
            An encoded `SearchReply`, or a `StatusMessage` for a message about a hit. It reports
            failures by a code: unreadable requests and failing providers of the host as errors,
            requests that this party must not answer as refusals.
        """
        if isinstance(request, bytes) and peek(request).kind in _FOLLOW_UPS:
            return self._about_a_hit(party, request)
        case = Case(self._admission.sender(party), self._clock())
        try:
            reply = self._handle(case, request)
        except Stop as stop:
            reply = self._end(case, stop)
        case.log()
        return reply

    def withdraw(
        self, category: str, reference_ids: Collection[str], reason: WithdrawalReason
    ) -> list[Hit]:
        """Drop every kept reply with one of these references, and tell the parties that got one.

        Call it after the gallery has erased or replaced the references: a reply in work checks the
        gallery once more before it leaves.

        Parameters
        ----------
        category : str
            Name of the category.
        reference_ids : collection of str
            The references that were erased or corrected.
        reason : WithdrawalReason
            Correction or erasure.

        Returns
        -------
        list of Hit
            The hits withdrawn by this call; empty without a follow-up.

        Raises
        ------
        InvalidInput
            ``bad_reference_id``: a single string instead of a collection.
        """
        check_references(reference_ids)
        self._duplicates.drop_naming(category, reference_ids)
        if self._follow_up is None:
            return []
        return self._follow_up.withdraw(category, reference_ids, reason)

    def _handle(self, case: Case, data: bytes) -> bytes:
        try:
            case.request = request = decode_request(data, self._limits)
        except ExchangeError as error:
            raise Stop(Result.ERROR, error.code) from None
        case.type = request.type
        if case.sender is None:
            raise refused(code="unknown_party")
        self._catch_up(request)
        key = (case.sender, request.number)
        reply = self._duplicates.begin(key, request, data, case.time)
        if reply is not None:
            self._refuse_withdrawn(request)
            case.is_repeated = True
            return reply
        try:
            try:
                reply = self._answer(case, request, case.sender)
            except Stop as stop:
                reply = self._end(case, stop)
            return reply
        finally:
            self._duplicates.end(key, case, reply)

    def _answer(self, case: Case, request: SearchRequest, sender: str) -> bytes:
        case.holding = holding = self._admission.admit(sender, request)
        self._duplicates.check_age(request, case.time)
        if not self._slots.acquire(blocking=False):
            raise Stop(Result.BUSY)
        try:
            probe, probe_type = holding.probe_of(request)
            if rule_of(request.category).has_quota or holding.partner.quota is not None:
                case.type = probe_type  # not in the messages, but quotas count by it
            eligible = holding.eligible_for(probe_type)
            with self._quota(holding, (sender, request.category, probe_type), case.time):
                return self._hit_or_not(case, request, holding, probe, eligible)
        finally:
            self._slots.release()

    @contextmanager
    def _quota(self, holding: Holding, key: QuotaKey, now: datetime) -> Iterator[None]:
        """Count a search of the day; it is discounted if it ends without an answer."""
        quota = holding.partner.quota
        most = None if quota is None else quota.of(key[2])
        if most is None:
            yield
            return
        self._quotas.take(key, most, now)
        try:
            yield
        except BaseException:
            self._quotas.give_back(key, now)
            raise

    def _hit_or_not(
        self, case: Case, request: SearchRequest, holding: Holding, probe: Any, eligible: Any
    ) -> bytes:
        with guard(request.number, code="search_failed"):
            case.generation = holding.gallery.generation
        case.candidates, contents = holding.search(probe, eligible, request.number)
        case.result = Result.HIT if case.candidates else Result.NO_HIT
        with guard(request.number, code="reference_data_failed"):  # for example empty data
            reply = self._reply(case)
        if len(reply) > self._limits.reply_bytes:
            raise Stop(Result.ERROR, code="reply_too_large")
        if case.candidates and self._follow_up is not None:
            self._open_hits(self._follow_up, request, holding, case, contents)
        self._note(case)
        return reply

    def _catch_up(self, request: SearchRequest) -> None:
        """Withdraw what the gallery has lost since the last request."""
        if self._follow_up is not None:
            with guard(request.number, code="follow_up_failed"):
                self._follow_up.catch_up(request.category)

    def _refuse_withdrawn(self, request: SearchRequest) -> None:
        """Keep back the reply to a duplicate if one of its hits was withdrawn since."""
        if self._follow_up is not None:
            with guard(request.number, code="follow_up_failed"):
                if self._follow_up.has_withdrawn(request.head()):
                    raise refused(code="already_answered")

    def _open_hits(
        self,
        follow_up: FollowUp,
        request: SearchRequest,
        holding: Holding,
        case: Case,
        contents: Mapping[str, bytes],
    ) -> None:
        """Store the hits, in every category, so that a withdrawal reaches the other party."""
        with (
            guard(request.number, code="follow_up_failed"),
            follow_up.store.transaction() as entries,
        ):
            hits = follow_up.open(
                entries, request.head(), case.candidates, Side.REQUESTED, contents
            )
            # A process that ended before its reply left opened these hits, and they were withdrawn
            # since. The reference as it is now needs a request with a new number.
            if any(hit.state is HitState.WITHDRAWN for hit in hits):
                raise refused(code="already_answered")
            # A later withdrawal finds these hits; an earlier one did not. Data erased before must
            # not leave: the transaction is undone, and the party asks again.
            moved = holding.gallery.generation != case.generation
            if moved and holding.lost(case.candidates, contents):
                raise Stop(Result.BUSY)

    def _end(self, case: Case, stop: Stop) -> bytes:
        """Return a reply without candidates."""
        case.end(stop)
        try:
            self._note(case)
        except Stop as failed:
            case.end(failed)
        return self._reply(case)

    def _note(self, case: Case) -> None:
        """Write the audit entry, before the reply leaves."""
        if self._audit is not None and case.is_audited:
            with guard(case.number, code="audit_failed"):
                self._audit.append([case.entry()])

    def _reply(self, case: Case) -> bytes:
        return encode(case.reply(self._new_number(), self._clock()))

    def _about_a_hit(self, party: str, data: bytes) -> bytes:
        try:
            number = decode_follow_up(data, self._limits).number
        except ExchangeError as error:
            return self._status(None, StatusResult.ERROR, code=error.code)
        if self._follow_up is None:
            return self._status(number, StatusResult.REFUSED, code="no_follow_up")
        try:
            return self._follow_up.receive(self._admission.sender(party) or UNKNOWN, data)
        except Exception as error:
            reason = reason_of(error)
            _log.warning("message=%s failed reason=%s", number, reason)
            # An error would be final, and a confirmation or core data would be lost.
            return self._status(number, StatusResult.BUSY, retry_after=RETRY_AFTER)

    def _status(self, answers: str | None, result: StatusResult, **details: Any) -> bytes:
        return encode(
            StatusMessage(
                number=self._new_number(),
                time=self._clock(),
                answers=answers,
                result=result,
                **details,
            )
        )

"""The answering side: bytes from an authenticated party in, bytes out, never an exception."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.answering.admission import Admission, holdings_of
from prum_match.exchange.answering.answers import Answers
from prum_match.exchange.answering.cases import RETRY_AFTER, Case
from prum_match.exchange.answering.duplicates import Duplicates
from prum_match.exchange.answering.holdings import (
    Extract,
    Holding,
    ReferenceData,
    SearchableGallery,
)
from prum_match.exchange.answering.partners import Partner
from prum_match.exchange.answering.stops import Stop, guard, refused
from prum_match.exchange.audit import UNKNOWN, AuditLog
from prum_match.exchange.category_rules import rule_of
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.hits.hit_desk import check_references
from prum_match.exchange.messages.envelope import Clock, Limits, encode, new_number, peek, utc_now
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
from prum_match.exchange.store.stores import MemoryStore, Store
from prum_match.values.checks import having, option_of, whole_number
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

_FOLLOW_UPS = {
    one.KIND for one in (Confirmation, Facts, CoreDataMessage, Withdrawal, StatusRequest)
}
_MOST = 2**63 - 1
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
        By category name: the policy to search with, or the name of one of the category; default:
        the category's responder policy.
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
        Gets one entry for each request, before the reply leaves. With a new store, its earlier
        entries restore quotas and answered numbers; None: both begin anew.
    replay_window : timedelta
        Greatest age of a request. For as long, a duplicate gets the earlier reply.
    replay_bytes : int
        Most bytes of kept replies, and of the numbers of requests.
    store : Store, optional
        Holds answered numbers, kept replies and quotas. Several processes that answer for a party
        need one `SqliteStore`, or another store that they share: quotas and "answered once" then
        hold for all of them, also if one is killed. Default: that of `follow_up`; else in memory.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``unknown_category``, ``foreign_gallery``, ``category_not_held``,
        ``missing_quality_floor``, ``bad_limit``, ``duplicate_party``, ``no_quota``,
        ``foreign_policy``, ``unknown_policy``, ``unknown_label``, ``other_party`` or
        ``bad_option``.

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
        store: Store | None = None,
    ) -> None:
        self.party = party_code(party)
        bounds = {"limit": limit, "max_concurrent": max_concurrent, "replay_bytes": replay_bytes}
        for name, value in bounds.items():
            if value is not None:
                whole_number(value, name, least=1, most=_MOST, code="bad_limit")
        option_of(replay_window, timedelta, "replay_window")
        if not timedelta(0) < replay_window <= _LONGEST_WINDOW:
            raise InvalidInput(
                "give a positive time of at most 366 days",
                code="bad_limit",
                field="replay_window",
            )
        given = {
            "policies": policies,
            "reference_data": reference_data,
            "extract": extract,
            "quality_floors": quality_floors,
            "eligible": eligible,
        }
        options = {name: {} if value is None else value for name, value in given.items()}
        option_of(limits, Limits, "limits")
        option_of(follow_up, FollowUp | None, "follow_up")
        for name, function in {"clock": clock, "new_number": new_number}.items():
            option_of(function, Callable, name)
        if audit is not None:
            having(audit, "audit", "append")
        if store is not None:
            having(store, "store", "transaction")
        if follow_up is not None and follow_up.own_party != self.party:
            raise InvalidInput(
                "the follow-up belongs to another party", code="other_party", field="follow_up"
            )
        if follow_up is not None and store not in (None, follow_up.store):
            raise InvalidInput(
                "answers and hits are recorded together: leave it out, or give that of follow_up",
                code="bad_option",
                field="store",
            )
        if store is None:
            store = MemoryStore() if follow_up is None else follow_up.store
        self._holdings = holdings_of(galleries, limit, limits, options)
        self._admission = Admission(self.party, self._holdings, partners, default_partner)
        self._follow_up = follow_up
        if follow_up is not None:
            follow_up.watch(galleries)
        self._limits = limits
        self._clock = clock
        self._new_number = new_number
        self._slots = threading.BoundedSemaphore(max_concurrent)
        self._duplicates = Duplicates(store, self._holdings, replay_window, replay_bytes)
        self._answers = Answers(store, audit, follow_up, self._admission, self._duplicates, limits)
        self._answers.recall(clock(), replay_window)

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
        try:
            reply = self._answers.begin(case, request, case.sender, data)
            return self._answer(case, request, case.sender) if reply is None else reply
        except Stop as stop:
            return self._end(case, stop)
        finally:
            self._answers.end(case)

    def _answer(self, case: Case, request: SearchRequest, sender: str) -> bytes:
        case.holding = holding = self._admission.admit(sender, request)
        self._duplicates.check_age(request, case.time)
        if not self._slots.acquire(blocking=False):
            raise Stop(Result.BUSY)
        try:
            probe, probe_type = holding.probe_of(request)
            quota = holding.partner.quota
            if rule_of(request.category).has_quota or quota is not None:
                case.type = probe_type  # not in the messages, but quotas count by it
                case.quota_key = sender, request.category, probe_type
                case.quota = None if quota is None else quota.of(probe_type)
            eligible = holding.eligible_for(probe_type)
            self._answers.check_quota(case)
            return self._hit_or_not(case, request, holding, probe, eligible)
        finally:
            self._slots.release()

    def _hit_or_not(
        self, case: Case, request: SearchRequest, holding: Holding, probe: Any, eligible: Any
    ) -> bytes:
        with guard(request.number, code="search_failed"):
            holding.refresh()
            case.generation = holding.gallery.generation
        case.candidates, case.contents = holding.search(probe, eligible, request.number)
        case.result = Result.HIT if case.candidates else Result.NO_HIT
        with guard(request.number, code="reference_data_failed"):  # for example empty data
            reply = self._reply(case)
        if len(reply) > self._limits.reply_bytes:
            raise Stop(Result.ERROR, code="reply_too_large")
        return self._answers.record(case, reply)

    def _end(self, case: Case, stop: Stop) -> bytes:
        """Return a reply without candidates."""
        was_known = case.is_known
        case.end(stop)
        try:
            return self._answers.record(case, self._reply(case))
        except Stop as failed:
            if case.is_known and not was_known:
                # Another process answered meanwhile: that is what the party is told.
                return self._end(case, failed)
            case.end(failed)
            return self._reply(case)

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

"""The answering side: bytes from an authenticated party in, bytes out, never an exception."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeAlias

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput, PrumError
from prum_match.exchange.category_rules import rule_of
from prum_match.exchange.envelope import Clock, Limits, encode, new_number, utc_now
from prum_match.exchange.messages import (
    ReplyCandidate,
    Result,
    SearchReply,
    SearchRequest,
    decode_request,
)
from prum_match.values.parties import PARTIES, party_code

__all__ = ["Extract", "ReferenceData", "Responder", "SearchableGallery"]

_log = logging.getLogger("prum_match.exchange")

ReferenceData: TypeAlias = Callable[[str], bytes]
Extract: TypeAlias = Callable[[bytes], tuple[Any, float]]

_ROUNDS = 3
_RETRY_AFTER = 1


class SearchableGallery(Protocol):
    """What a responder uses of a gallery."""

    @property
    def generation(self) -> int:
        """Changes with every enrolment, replacement and erasure."""
        ...

    def search(self, probe: Any, *, policy: Any, limit: int | None, eligible: Any) -> Iterable[Any]:
        """Return the candidates, best first."""
        ...

    def __getitem__(self, reference_id: str) -> Any: ...

    def __contains__(self, reference_id: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Holding:
    """One category as this party holds it."""

    category: engine.Category[Any]
    gallery: SearchableGallery
    policy: Any
    cap: int
    cap_is_lawful: bool
    reference_data: ReferenceData | None
    extract: Extract | None
    quality_floor: float
    eligible: Any


class _Stop(Exception):
    """Ends an answer early, with anything but a candidate list."""

    def __init__(self, result: Result, code: str | None = None) -> None:
        self.result = result
        self.code = code


class Responder:
    """Answers search requests from the galleries of one party.

    Parameters
    ----------
    party : str
        Code of the party that answers.
    galleries : mapping of str to gallery
        What can be searched, by category name.
    policies : mapping, optional
        By category name: the policy to search with; default: the category's responder policy.
    reference_data : mapping, optional
        By category name: ``reference_id -> bytes``, the matching data for the reply. Default: the
        enrolled item itself.
    extract : mapping, optional
        By category name: ``bytes -> (item, quality)`` for probes that arrive as images;
        InvalidInput for one that cannot be used. Needs a floor in `quality_floors`.
    quality_floors : mapping, optional
        By category name: the quality below which a probe is answered with *unsuitable* (Art. 38).
    eligible : mapping, optional
        By category name: passed on to the gallery's search.
    limit : int, optional
        Most candidates of a reply, besides the policy's own cap.
    max_concurrent : int
        Requests worked on at once; one more is answered with *busy*.
    limits : Limits
        Bounds of the messages.
    clock, new_number : callable
        Time in UTC, and a fresh unique number for each reply.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``category_not_held``, ``missing_quality_floor`` or ``bad_limit``.

    Notes
    -----
    May be used by several threads at once. Logs numbers, parties, results and counts, no content.
    To answer partners differently, keep a responder for each.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange import Responder, SearchRequest, decode_reply, encode
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
    ) -> None:
        self.party = party_code(party)
        for name, value in (("limit", limit), ("max_concurrent", max_concurrent)):
            if value is not None and value < 1:
                raise InvalidInput("a limit is at least 1", code="bad_limit", field=name)
        options: dict[str, Mapping[str, Any]] = {
            "policies": policies or {},
            "reference_data": reference_data or {},
            "extract": extract or {},
            "quality_floors": quality_floors or {},
            "eligible": eligible or {},
        }
        for name, option in options.items():
            if option.keys() - galleries.keys():
                raise InvalidInput("no such gallery here", code="category_not_held", field=name)
        # What an image must be worth is for the host or an implementing act to say, so there is no
        # default to fall back on.
        if options["extract"].keys() - options["quality_floors"].keys():
            raise InvalidInput("name a floor", code="missing_quality_floor", field="quality_floors")
        self._holdings = {}
        for name, gallery in galleries.items():
            # One category can have galleries of several kinds: of names, and of pseudonyms.
            category = getattr(gallery, "category", None) or engine.category(name)
            policy = options["policies"].get(name, category.responder_policy)
            lawful = [cap for cap in (policy.max_candidates, limit) if cap is not None]
            self._holdings[name] = _Holding(
                category,
                gallery,
                policy,
                min(*lawful, limits.candidates) if lawful else limits.candidates,
                bool(lawful) and min(lawful) <= limits.candidates,
                options["reference_data"].get(name),
                options["extract"].get(name),
                options["quality_floors"].get(name, 0.0),
                options["eligible"].get(name),
            )
        self._limits = limits
        self._clock = clock
        self._new_number = new_number
        self._slots = threading.BoundedSemaphore(max_concurrent)

    def handle(self, party: str, request: bytes) -> bytes:
        """Answer one request.

        Parameters
        ----------
        party : str
            Who sent it, by the host's authenticated channel. The envelope only has to agree.
        request : bytes
            An encoded `SearchRequest`, or anything else.

        Returns
        -------
        bytes
            An encoded `SearchReply`. What goes wrong is said in it by a code: a request that cannot
            be read is an error, one that this party must not answer is refused, and a provider of
            the host that fails is an error, logged by number.
        """
        message = None
        candidates: tuple[ReplyCandidate, ...] = ()
        try:
            message = self._read(request)
            candidates = self._answer(party, message)
            result, code = (Result.HIT if candidates else Result.NO_HIT), None
            data = self._reply(message, result, code, candidates)
            if len(data) > self._limits.reply_bytes:
                raise _Stop(Result.ERROR, "reply_too_large")
        except _Stop as stop:
            result, code, candidates = stop.result, stop.code, ()
            data = self._reply(message, result, code, candidates)
        _log.log(
            logging.INFO if code is None else logging.WARNING,
            "request=%s party=%s category=%s result=%s code=%s candidates=%d",
            message.number if message else "?",
            party if party in PARTIES else "?",
            message.category if message else "?",
            result.value,
            code,
            len(candidates),
        )
        return data

    def _read(self, request: bytes) -> SearchRequest:
        try:
            return decode_request(request, self._limits)
        except ExchangeError as error:
            raise _Stop(Result.ERROR, error.code) from None

    def _answer(self, party: str, request: SearchRequest) -> tuple[ReplyCandidate, ...]:
        holding = self._admit(party, request)
        if not self._slots.acquire(blocking=False):
            raise _Stop(Result.BUSY)
        try:
            probe = self._probe(holding, request)
            return self._search(holding, probe, request.number)
        finally:
            self._slots.release()

    def _admit(self, party: str, request: SearchRequest) -> _Holding:
        """Refuse what this party must not, or cannot, answer."""
        try:
            sender = party_code(party)
        except InvalidInput:
            raise _Stop(Result.REFUSED, "unknown_party") from None
        if sender != request.requesting:
            raise _Stop(Result.REFUSED, "party_mismatch")
        if request.requested != self.party:
            raise _Stop(Result.REFUSED, "not_addressed_here")
        if request.category not in self._holdings:
            raise _Stop(Result.REFUSED, "category_not_held")
        return self._holdings[request.category]

    def _probe(self, holding: _Holding, request: SearchRequest) -> Any:
        rule = rule_of(request.category)
        if holding.extract is None:
            with _guard("invalid_probe", request.number):
                probe = holding.category.probe_from_bytes(request.probe)
                if rule.type_of(holding.category.item_type(probe)) != request.type:
                    raise _Stop(Result.ERROR, "type_mismatch")
        else:
            with _guard("extract_failed", request.number, unsuitable=True):
                probe, quality = holding.extract(request.probe)
                if not quality >= holding.quality_floor:  # so written that NaN is below every floor
                    raise _Stop(Result.UNSUITABLE)
        with _guard("search_failed", request.number, unsuitable=True):
            holding.category.check_probe(probe)
            holding.category.check_suitable(probe, holding.policy)
        return probe

    def _search(self, holding: _Holding, probe: Any, number: str) -> tuple[ReplyCandidate, ...]:
        # A reference that is replaced between comparison and reply would lend its id to data that
        # was never compared. So either nothing at all was changed in between, or the data of every
        # candidate was the same before a search and after it. Failing both, "busy" is the one
        # answer that is not wrong.
        gallery = holding.gallery
        before: dict[str, tuple[str | None, bytes] | None] = {}
        for _ in range(_ROUNDS):
            with _guard("search_failed", number):
                generation = gallery.generation
                # One more than fits tells a list that is cut from one that is full.
                limit = holding.cap if holding.cap_is_lawful else holding.cap + 1
                answer = gallery.search(
                    probe, policy=holding.policy, limit=limit, eligible=holding.eligible
                )
                found = list(islice(answer, limit))
                if len(found) > holding.cap:
                    # A cut that no rule asks for would pass for the whole answer.
                    raise _Stop(Result.ERROR, "reply_too_large")
            with _guard("reference_data_failed", number):
                data = {one.reference_id: _data(holding, one.reference_id) for one in found}
                unchanged = gallery.generation == generation
                if unchanged or all(before.get(one) == data[one] for one in data):
                    return tuple(_with_data(found, data))
            before = data
        raise _Stop(Result.BUSY)

    def _reply(
        self,
        request: SearchRequest | None,
        result: Result,
        code: str | None,
        candidates: tuple[ReplyCandidate, ...],
    ) -> bytes:
        return encode(
            SearchReply(
                result=result,
                number=self._new_number(),
                time=self._clock(),
                request=request.head() if request else None,
                candidates=candidates,
                code=code,
                retry_after=_RETRY_AFTER if result is Result.BUSY else None,
            )
        )


def _data(holding: _Holding, reference: str) -> tuple[str | None, bytes] | None:
    """Return type and matching data of a reference, None if it was erased meanwhile."""
    try:
        data = holding.reference_data(reference) if holding.reference_data else None
        item = holding.gallery[reference]
        item_type = rule_of(holding.category.name).type_of(holding.category.item_type(item))
        return item_type, (holding.category.item_to_bytes(item) if data is None else data)
    except KeyError:
        if reference in holding.gallery:
            # Its data should be there: leaving it out could turn a hit into a no-hit.
            raise
        return None


def _with_data(
    found: Iterable[Any], data: Mapping[str, tuple[str | None, bytes] | None]
) -> Iterator[ReplyCandidate]:
    """Make the reply's candidates, without those that were erased meanwhile.

    The ranks close up, since a gap would tell of a reference that is not in the reply.
    """
    kept = [(one, entry) for one in found if (entry := data[one.reference_id]) is not None]
    for rank, (candidate, (item_type, matching)) in enumerate(kept, 1):
        yield ReplyCandidate(
            rank=rank,
            reference=candidate.reference_id,
            type=item_type,
            quality=candidate.quality,
            readings=tuple(sorted(candidate.readings)),
            data=matching,
        )


@contextmanager
def _guard(step: str, number: str, *, unsuitable: bool = False) -> Iterator[None]:
    """End the answer with a result when something fails inside; its text may hold content.

    With `unsuitable`, InvalidInput is a judgement on the probe (Art. 38) and not a failure.
    """
    try:
        yield
    except _Stop:
        raise
    except Exception as error:
        code = error.code if isinstance(error, PrumError) else type(error).__name__
        _log.warning("request=%s step=%s reason=%s", number, step, code)
        if unsuitable and isinstance(error, InvalidInput):
            raise _Stop(Result.UNSUITABLE) from None
        raise _Stop(Result.ERROR, step) from None

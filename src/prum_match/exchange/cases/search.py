"""Searches of one case in several categories, all at once and under one timeout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.probes import party_codes
from prum_match.exchange.cases.view import CaseOutcome, CaseSearch, Refusal
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import new_number
from prum_match.exchange.outcomes import PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.base import check_timeout
from prum_match.exchange.requesters.requester import Requester
from prum_match.values.checks import option_of

_SHORTEST = 1e-3
# Errors about the parties concern every category.
_OF_ALL = {"no_party", "duplicate_party"}

_Answers = TypeVar("_Answers", covariant=True)


def search_case(
    requesters: Mapping[str, Requester],
    probes: Mapping[str, Any],
    parties: Iterable[str],
    *,
    timeout: float,
    justification: Justification,
    probe_ids: Mapping[str, str] | None = None,
    send_below_floor: bool = False,
) -> CaseOutcome:
    """Search several categories for one case, all at once.

    Parameters
    ----------
    requesters : mapping of str to Requester
        By category name; requesters without a probe are not used.
    probes : mapping of str to object
        The probes, by category name.
    parties : iterable of str
        Codes of the parties to ask, in each category.
    timeout : float
        Seconds for the whole case.
    justification : Justification
        Legal basis of the search. Each category has its own conditions: if justification or probe
        do not meet them, the category is refused and the others are searched.
    probe_ids : mapping of str to str, optional
        Own reference numbers of the probes, by category name; fresh numbers if absent.
    send_below_floor : bool
        As for `Conversation.submit`. By default, a category whose probe is below its floor is
        refused.

    Raises
    ------
    InvalidInput
        Before anything is sent: ``unknown_party``, ``no_party``, ``duplicate_party``, ``no_probe``,
        ``no_requester``, ``other_category``, ``bad_timeout``, ``bare_string`` or ``bad_option``.
    ExchangeError
        ``same_party``, before anything is sent.
    StorageError
        The store of a follow-up cannot be used. Requests that another store has kept by then are
        sent later, by its courier.

    Examples
    --------
    >>> from prum_match.exchange import InProcessTransport, Justification, Sample
    >>> transport = InProcessTransport({}, own_party="AT")
    >>> requesters = {name: Requester(transport, "AT", category=name, max_attempts=1)
    ...               for name in ("face", "dactyloscopy")}
    >>> why = Justification(case="2026/17", offence="0101 00", official="insp-7",
    ...                     maximum_sentence=6)
    >>> outcome = search_case(requesters, {"face": Sample(b"..."), "dactyloscopy": Sample(b"...")},
    ...                       ["DE", "FR"], timeout=5, justification=why)
    >>> outcome.refused["face"].code
    'minor_offence'
    >>> outcome.results["dactyloscopy"]
    SearchOutcome(DE: unreachable, FR: unreachable)
    """
    case = _begin(requesters, probes, parties, timeout, justification, probe_ids, send_below_floor)
    return case.outcome({category: dict(answers) for category, answers in case.answers.items()})


async def async_search_case(
    requesters: Mapping[str, AsyncRequester],
    probes: Mapping[str, Any],
    parties: Iterable[str],
    *,
    timeout: float,
    justification: Justification,
    probe_ids: Mapping[str, str] | None = None,
    send_below_floor: bool = False,
) -> CaseOutcome:
    """Search several categories for one case on an event loop: `search_case` without threads.

    Parameters and errors are those of `search_case`; nothing is sent before every category was
    checked. However it ends, even by cancellation, no task and no call remains.

    Examples
    --------
    >>> import asyncio
    >>> from prum_match import exchange
    >>> class Nobody:
    ...     async def exchange(self, party, request, *, timeout):
    ...         raise exchange.TransportRefused
    ...     async def aclose(self):
    ...         pass
    >>> requesters = {name: AsyncRequester(Nobody(), "AT", category=name)
    ...               for name in ("face", "dactyloscopy")}
    >>> probes = {name: exchange.Sample(b"an image") for name in requesters}
    >>> why = Justification(case="2026/17", offence="0101 00", official="insp-7",
    ...                     maximum_sentence=6)
    >>> outcome = asyncio.run(async_search_case(requesters, probes, ["DE", "FR"], timeout=5,
    ...                                         justification=why))
    >>> outcome.refused["face"].code
    'minor_offence'
    >>> outcome.results["dactyloscopy"]
    SearchOutcome(DE: refused, FR: refused)
    """
    case = _begin(requesters, probes, parties, timeout, justification, probe_ids, send_below_floor)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {
                category: group.create_task(_all_of(answers))
                for category, answers in case.answers.items()
            }
    except ExceptionGroup as failed:
        # A single search raises the error of its store without a group; so do several.
        raise failed.exceptions[0] from None
    return case.outcome({category: task.result() for category, task in tasks.items()})


async def _all_of(answers: AsyncIterator[tuple[str, PartyOutcome]]) -> dict[str, PartyOutcome]:
    return {party: one async for party, one in answers}


class _Asks(Protocol[_Answers]):
    """A requester, with threads or with tasks: they differ in the type of the iterator."""

    @property
    def own_party(self) -> str: ...

    @property
    def category(self) -> str: ...

    def iter_search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> _Answers: ...


@dataclass(frozen=True, slots=True)
class _Case(Generic[_Answers]):
    """A checked case: the running searches and the refusals, by category."""

    parties: tuple[str, ...]
    probe_ids: Mapping[str, str]
    answers: Mapping[str, _Answers]
    refused: Mapping[str, Refusal]

    def outcome(self, said: Mapping[str, Mapping[str, PartyOutcome]]) -> CaseOutcome:
        """Gather the outcomes by category and party, in the order of the request."""
        searches = (
            CaseSearch(
                category,
                self.probe_ids[category],
                SearchOutcome({party: answers[party] for party in self.parties}),
            )
            for category, answers in said.items()
        )
        return CaseOutcome(tuple(searches), MappingProxyType(self.refused))


def _begin(
    requesters: Mapping[str, _Asks[_Answers]],
    probes: Mapping[str, Any],
    parties: Iterable[str],
    timeout: float,
    justification: Justification,
    probe_ids: Mapping[str, str] | None,
    send_below_floor: bool,
) -> _Case[_Answers]:
    """Check a case as a whole and then each category, and begin the searches."""
    check_timeout(timeout)
    for name, value, kind in (
        ("requesters", requesters, Mapping),
        ("probes", probes, Mapping),
        ("probe_ids", probe_ids, Mapping | None),
        ("justification", justification, Justification),
        ("send_below_floor", send_below_floor, bool),
    ):
        option_of(value, kind, name)
    deadline = time.monotonic() + timeout
    codes = party_codes(parties)
    _check(requesters, probes, codes)
    numbers = {category: (probe_ids or {}).get(category) or new_number() for category in probes}
    under_way, refused = {}, {}
    for category, probe in probes.items():
        # Writing the requests counts too: the case has one deadline.
        left = max(_SHORTEST, deadline - time.monotonic())
        try:
            under_way[category] = requesters[category].iter_search(
                probe,
                codes,
                timeout=left,
                probe_id=numbers[category],
                justification=justification,
                send_below_floor=send_below_floor,
            )
        except (ExchangeError, InvalidInput) as error:
            if error.code in _OF_ALL:
                raise
            refused[category] = Refusal(error.code, error.field, error.rule)
    return _Case(codes, numbers, under_way, refused)


def _check(
    requesters: Mapping[str, _Asks[Any]], probes: Mapping[str, Any], parties: tuple[str, ...]
) -> None:
    if not probes:
        raise InvalidInput("give at least one probe", code="no_probe", field="probes")
    for category in probes:
        if category not in requesters:
            raise InvalidInput(
                "give a requester for each category with a probe",
                code="no_requester",
                field="probes",
            )
        if requesters[category].category != category:
            raise InvalidInput(
                "the requester under this name is of another category",
                code="other_category",
                field="requesters",
            )
        if requesters[category].own_party in parties:
            raise ExchangeError("a party cannot ask itself", code="same_party", field="requested")

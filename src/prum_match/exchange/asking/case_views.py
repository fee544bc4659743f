"""One case over several categories: a request for each, and one view of what they brought.

There is no score over categories, and none is made up: a DNA match and a face that looks alike are
two statements, for a human to weigh.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.conversation import Conversation
from prum_match.exchange.asking.outcomes import PartyOutcome, SearchOutcome
from prum_match.exchange.asking.requester import Requester
from prum_match.exchange.asking.requester_base import check_timeout
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import new_number
from prum_match.exchange.messages.search import ReplyCandidate
from prum_match.values.parties import party_code

__all__ = [
    "CaseHit",
    "CaseOutcome",
    "CaseSearch",
    "CaseView",
    "Refusal",
    "search_case",
    "view_case",
]

_SHORTEST = 1e-3
# What is wrong with the parties is wrong in every category.
_OF_ALL = {"no_party", "duplicate_party", "same_party"}


class CaseHit(NamedTuple):
    """A candidate, and where it was found.

    Parameters
    ----------
    category : str
        Name of the category.
    probe_reference : str
        Own reference number of the probe.
    party : str
        Who holds it.
    candidate : ReplyCandidate
        What the party sent.
    """

    category: str
    probe_reference: str
    party: str
    candidate: ReplyCandidate


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """One search of a case.

    Parameters
    ----------
    category : str
        Name of the category.
    reference : str
        Own reference number of the probe.
    outcome : SearchOutcome
        What the parties said.
    """

    category: str
    reference: str
    outcome: SearchOutcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a category was not searched; nothing of it was sent.

    Parameters
    ----------
    code : str
        The code of the error.
    field : str or None
        What is at fault.
    rule : str or None
        The rule that forbids it, with its source.
    """

    code: str
    field: str | None = None
    rule: str | None = None


@dataclass(frozen=True)
class CaseView:
    """The searches of a case.

    Parameters
    ----------
    searches : tuple of CaseSearch
        One for each probe, each with what is known of it.
    refused : mapping of str to Refusal
        The categories that were not searched, by name.

    Examples
    --------
    >>> view = CaseView((), {"face": Refusal("minor_offence")})
    >>> view.complete, view.hits
    (False, [])
    """

    searches: tuple[CaseSearch, ...]
    refused: Mapping[str, Refusal] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Every category and party that was asked, without repeats."""
        return self._pairs(lambda outcome: outcome.asked)

    @property
    def answered(self) -> tuple[tuple[str, str], ...]:
        """The categories and parties that answered a search, without repeats."""
        return self._pairs(lambda outcome: outcome.answered)

    @property
    def complete(self) -> bool:
        """Whether every party that was to be asked has searched its data, in every category."""
        return not self.refused and all(one.outcome.complete for one in self.searches)

    @property
    def hits(self) -> list[CaseHit]:
        """Every candidate, search by search, party by party, and best first within a party."""
        return [
            CaseHit(one.category, one.reference, party, candidate)
            for one in self.searches
            for party, candidate in one.outcome.hits
        ]

    def _pairs(
        self, parties: Callable[[SearchOutcome], Iterable[str]]
    ) -> tuple[tuple[str, str], ...]:
        found = [(one.category, party) for one in self.searches for party in parties(one.outcome)]
        return tuple(dict.fromkeys(found))


class CaseOutcome(CaseView):
    """What `search_case` came to: one search of each category."""

    @property
    def results(self) -> Mapping[str, SearchOutcome]:
        """What the parties said, by category; a category that was refused is in `refused`."""
        return MappingProxyType({one.category: one.outcome for one in self.searches})


def search_case(
    requesters: Mapping[str, Requester],
    probes: Mapping[str, Any],
    parties: Iterable[str],
    *,
    timeout: float,
    justification: Justification,
    references: Mapping[str, str] | None = None,
) -> CaseOutcome:
    """Search several categories for one case, all at once.

    Parameters
    ----------
    requesters : mapping of str to Requester
        By category name; those without a probe are not used.
    probes : mapping of str to object
        What to search for, by category name.
    parties : iterable of str
        Whom to ask, in each category.
    timeout : float
        Seconds, for all together.
    justification : Justification
        Why the search is lawful. What each category asks for is judged for each: one that the
        justification, or the probe, does not satisfy is refused and the others are searched.
    references : mapping of str to str, optional
        Own reference numbers of the probes, by category name; fresh numbers if absent.

    Raises
    ------
    InvalidInput
        Before anything is sent: ``unknown_party``, ``no_party``, ``duplicate_party``, ``no_probe``,
        ``no_requester``, ``other_category`` or ``bad_timeout``.
    ExchangeError
        ``same_party``, before anything is sent.
    StorageError
        The store of a follow-up cannot be used.

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
    check_timeout(timeout)
    deadline = time.monotonic() + timeout
    codes = [party_code(party) for party in parties]
    _check(requesters, probes)
    under_way: dict[str, tuple[str, Iterator[tuple[str, PartyOutcome]]]] = {}
    refused = {}
    for category, probe in probes.items():
        reference = (references or {}).get(category) or new_number()
        # What writing the requests took is gone from the time of all: it is one deadline.
        left = max(_SHORTEST, deadline - time.monotonic())
        try:
            answers = requesters[category].iter_search(
                probe, codes, timeout=left, reference=reference, justification=justification
            )
        except (ExchangeError, InvalidInput) as error:
            if error.code in _OF_ALL:
                raise
            refused[category] = Refusal(error.code, error.field, error.rule)
        else:
            under_way[category] = (reference, answers)
    searches = []
    for category, (reference, answers) in under_way.items():
        said = dict(answers)
        outcome = SearchOutcome({code: said[code] for code in codes})
        searches.append(CaseSearch(category, reference, outcome))
    return CaseOutcome(tuple(searches), MappingProxyType(refused))


def view_case(conversations: Iterable[Conversation], case: str) -> CaseView:
    """Return what is known of a case, from the queries that were kept.

    Parameters
    ----------
    conversations : iterable of Conversation
        One for each category, for example `Requester.conversation`.
    case : str
        The case, as its justifications name it.

    Examples
    --------
    >>> from prum_match.exchange import Conversation
    >>> view_case([Conversation("AT", "dna"), Conversation("AT", "face")], "2026/17").asked
    ()
    """
    return CaseView(
        tuple(
            CaseSearch(query.category, query.reference, query.outcome)
            for conversation in conversations
            for query in conversation.queries(case)
        )
    )


def _check(requesters: Mapping[str, Requester], probes: Mapping[str, Any]) -> None:
    if not probes:
        raise InvalidInput("nothing to search for", code="no_probe", field="probes")
    for category in probes:
        if category not in requesters:
            raise InvalidInput("nobody asks in this category", code="no_requester", field="probes")
        if requesters[category].category != category:
            raise InvalidInput(
                "a requester of another category", code="other_category", field="requesters"
            )

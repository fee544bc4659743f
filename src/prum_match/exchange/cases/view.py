"""One view of the searches of a case in several categories.

There is no score over categories: a DNA match and a similar face are two statements, for a human to
weigh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from prum_match.exchange.asking.conversation import Conversation
from prum_match.exchange.messages.search import ReplyCandidate
from prum_match.exchange.outcomes import SearchOutcome


class CaseHit(NamedTuple):
    """A candidate, with category, probe and party.

    Parameters
    ----------
    category : str
        Name of the category.
    probe_id : str
        Own reference number of the probe.
    party : str
        The party that holds it.
    candidate : ReplyCandidate
        The candidate from the reply.
    """

    category: str
    probe_id: str
    party: str
    candidate: ReplyCandidate


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """One search of a case.

    Parameters
    ----------
    category : str
        Name of the category.
    probe_id : str
        Own reference number of the probe.
    outcome : SearchOutcome
        Outcomes of the parties.
    """

    category: str
    probe_id: str
    outcome: SearchOutcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reason why a category was not searched; nothing of it was sent.

    Parameters
    ----------
    code : str
        The code of the error.
    field : str or None
        The parameter or field at fault.
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
        One for each probe, with its outcome so far.
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
        """Whether every party has searched its data, in every category."""
        return not self.refused and all(one.outcome.complete for one in self.searches)

    @property
    def hits(self) -> list[CaseHit]:
        """Every candidate, search by search, party by party, and best first within a party."""
        return [
            CaseHit(one.category, one.probe_id, party, candidate)
            for one in self.searches
            for party, candidate in one.outcome.hits
        ]

    def _pairs(
        self, parties: Callable[[SearchOutcome], Iterable[str]]
    ) -> tuple[tuple[str, str], ...]:
        found = [(one.category, party) for one in self.searches for party in parties(one.outcome)]
        return tuple(dict.fromkeys(found))


class CaseOutcome(CaseView):
    """Outcome of `search_case` or `async_search_case`: one search for each category."""

    @property
    def results(self) -> Mapping[str, SearchOutcome]:
        """Outcomes by category; refused categories are in `refused`."""
        return MappingProxyType({one.category: one.outcome for one in self.searches})


def view_case(conversations: Iterable[Conversation], case: str) -> CaseView:
    """Return the view of a case, from the searches that were kept.

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
            CaseSearch(pending.category, pending.probe_id, pending.outcome)
            for conversation in conversations
            for pending in conversation.searches(case)
        )
    )

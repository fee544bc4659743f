"""The open traces: searched for every night, and each match told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prum_match import dna
from prum_match.exchange import Justification, Requester, Store
from prum_match.exchange.messages.envelope import Clock
from prum_match.exchange.nightly import Match, MatchLedger, Nightly, OpenSearches, Unreached


@dataclass(frozen=True)
class Morning:
    """Report of a night, for the officials who read it in the morning."""

    matches: list[Match]
    unreached: list[Unreached]
    complete: bool


class Night:
    """The open traces of one state."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.ledger = MatchLedger(store, clock=clock)
        self._searches = OpenSearches("dna", store, clock=clock)
        self._nightly = Nightly(self._searches, self.ledger, clock=clock)

    def open(
        self, number: str, trace: dna.Profile, parties: Iterable[str], why: Justification
    ) -> None:
        """Search for a trace from tonight on."""
        self._searches.add(number, trace, parties=parties, justification=why)

    def correct(self, traces: Mapping[str, dna.Profile]) -> None:
        """Search anew for traces that were corrected, if they are searched for."""
        for number in traces.keys() & set(self._searches.references()):
            self._searches.correct(number, traces[number])

    def forget(self, numbers: Iterable[str]) -> None:
        """Erase traces that the register has erased, and their matches."""
        for number in set(numbers) & set(self._searches.references()):
            self._searches.remove(number)
            self.ledger.forget("dna", number)

    def run(
        self, requester: Requester, *, timeout: float, tell: Callable[[Match], object]
    ) -> Morning:
        """Ask every party that is due, and tell somebody of each new match."""
        matches = []
        for match in self._nightly.run(requester, timeout=timeout):
            tell(match)
            self.ledger.report(match)  # now, and not before: who was told is not told again
            matches.append(match)
        # Searches overlap: their answers come in any order.
        matches.sort(key=lambda match: (match.key.own_reference, match.key.reference))
        # No answer is not "no hit": what was not searched is on the same page as the matches.
        return Morning(matches, list(self._nightly.unreached()), self._nightly.report().complete)

"""Outcome of a search at several parties, party by party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from prum_match.exchange.messages.search import ReplyCandidate


class Outcome(StrEnum):
    """Outcome of a search at one party. Only `NO_HIT` means that it searched and found none."""

    HIT = "hit"
    NO_HIT = "no_hit"
    UNSUITABLE = "unsuitable"
    PENDING = "pending"
    REFUSED = "refused"
    BUSY = "busy"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    INVALID_REPLY = "invalid_reply"
    REMOTE_ERROR = "remote_error"


FINAL = frozenset({Outcome.HIT, Outcome.NO_HIT, Outcome.UNSUITABLE, Outcome.REFUSED})
"""Outcomes that a party does not revise; after any other it may still answer."""

_SEARCHED = {Outcome.HIT, Outcome.NO_HIT}
_ANSWERED = _SEARCHED | {Outcome.UNSUITABLE}


@dataclass(frozen=True, slots=True)
class PartyOutcome:
    """Outcome of a search at one party, with its candidates.

    Parameters
    ----------
    outcome : Outcome
        The outcome.
    candidates : tuple of ReplyCandidate
        Best first; empty unless the outcome is a hit.
    elapsed : float or None
        Seconds between request and reply; None while pending.
    error_code : str or None
        Why there is no answer, if known.
    retry_after : float or None
        Seconds that a busy party asks to wait.

    Examples
    --------
    >>> PartyOutcome(Outcome.PENDING).candidates
    ()
    """

    outcome: Outcome
    candidates: tuple[ReplyCandidate, ...] = ()
    elapsed: float | None = None
    error_code: str | None = None
    retry_after: float | None = None

    def after(self, elapsed: float) -> PartyOutcome:
        """Return the outcome with the seconds that it took."""
        return PartyOutcome(
            self.outcome, self.candidates, elapsed, self.error_code, self.retry_after
        )


class SearchOutcome(Mapping[str, PartyOutcome]):
    """Outcomes of all parties, by party code.

    Examples
    --------
    >>> outcome = SearchOutcome({"DE": PartyOutcome(Outcome.NO_HIT),
    ...                          "FR": PartyOutcome(Outcome.TIMEOUT)})
    >>> outcome.asked, outcome.answered, outcome.complete
    (('DE', 'FR'), ('DE',), False)
    """

    def __init__(self, parties: Mapping[str, PartyOutcome]) -> None:
        self._parties = dict(parties)

    def __getitem__(self, party: str) -> PartyOutcome:
        return self._parties[party]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parties)

    def __len__(self) -> int:
        return len(self._parties)

    def __repr__(self) -> str:
        return f"SearchOutcome({', '.join(f'{p}: {o.outcome.value}' for p, o in self.items())})"

    @property
    def results(self) -> Mapping[str, PartyOutcome]:
        """The outcome of every party, by party code."""
        return MappingProxyType(self._parties)

    @property
    def asked(self) -> tuple[str, ...]:
        """Every party that was asked."""
        return tuple(self._parties)

    @property
    def answered(self) -> tuple[str, ...]:
        """The parties that answered with hit, no hit or unsuitable."""
        return tuple(p for p, one in self._parties.items() if one.outcome in _ANSWERED)

    @property
    def complete(self) -> bool:
        """Whether every party searched its data.

        Only then does an outcome without hits mean that nothing was found: a party that answers
        with unsuitable did not search.
        """
        return all(one.outcome in _SEARCHED for one in self._parties.values())

    @property
    def hits(self) -> list[tuple[str, ReplyCandidate]]:
        """Every candidate with its party, in the order of the request and then of rank."""
        return [(p, candidate) for p, one in self._parties.items() for candidate in one.candidates]

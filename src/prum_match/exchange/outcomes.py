"""Outcome of a search at several parties, party by party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from prum_match.engine import Policy
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

NOT_UNDER_POLICY = "not_under_policy"
"""Code of a hit whose candidates the asking party does not find: an invalid reply, but the party's
last word."""

_SEARCHED = {Outcome.HIT, Outcome.NO_HIT}
ANSWERED = _SEARCHED | {Outcome.UNSUITABLE}
"""Outcomes of parties that answered a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCandidate(ReplyCandidate):
    """A candidate of a reply that the asking party has compared with its probe.

    Parameters
    ----------
    verified : bool
        Whether it is a candidate under `policy`.
    policy : Policy
        The policy that it was compared under.
    rank, reference, type, quality, readings, data
        See `ReplyCandidate`.
    """

    verified: bool
    policy: Policy = field(repr=False)

    def __post_init__(self) -> None:
        """Accept the fields: the reply that they come from was checked."""

    @classmethod
    def of(cls, candidate: ReplyCandidate, verified: bool, policy: Policy) -> Self:
        """Return a candidate with the result of its comparison."""
        said = {one.name: getattr(candidate, one.name) for one in fields(ReplyCandidate)}
        return cls(**said, verified=verified, policy=policy)


@dataclass(frozen=True, slots=True)
class PartyOutcome:
    """Outcome of a search at one party, with its candidates.

    Parameters
    ----------
    outcome : Outcome
        The outcome.
    candidates : tuple of ReplyCandidate
        Best first; empty unless the outcome is a hit, or a reply with the code
        ``not_under_policy``. ``candidate.verified`` tells whether it is a candidate for the asking
        party too, and ``candidate.policy`` under which policy; both are None where the reply's data
        cannot be compared with the probe.
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

    @property
    def is_final(self) -> bool:
        """Whether the party does not revise it; after any other outcome it may still answer."""
        if self.outcome is Outcome.INVALID_REPLY:
            return self.error_code == NOT_UNDER_POLICY
        return self.outcome in FINAL

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
        return tuple(p for p, one in self._parties.items() if one.outcome in ANSWERED)

    @property
    def complete(self) -> bool:
        """Whether every party searched its data.

        Only then does an outcome without hits mean that nothing was found: a party that answers
        with unsuitable did not search.
        """
        return all(one.outcome in _SEARCHED for one in self._parties.values())

    @property
    def hits(self) -> list[tuple[str, ReplyCandidate]]:
        """Every candidate of a hit with its party, in the order of the request, then of rank."""
        return [
            (p, candidate)
            for p, one in self._parties.items()
            if one.outcome is Outcome.HIT
            for candidate in one.candidates
        ]

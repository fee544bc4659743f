"""Matches: pairs of records that a search or a comparison found, with their status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import PARTY, REFERENCE, WORD
from prum_match.exchange.messages.search import ReplyCandidate
from prum_match.exchange.outcomes import Outcome, PartyOutcome


class MatchStatus(StrEnum):
    """Status of a match."""

    NEW = "new"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKey(Checked):
    """The pair of records of a match, whichever party found it.

    Parameters
    ----------
    category : str
        Name of the category.
    party : str
        The partner.
    own_reference, reference : str
        Own reference number, and that of the partner.

    Raises
    ------
    ExchangeError
        ``invalid_field``.

    Examples
    --------
    >>> MatchKey(category="dna", party="DE", own_reference="AT-1", reference="DE-9").party
    'DE'
    """

    category: str = field(metadata=WORD.meta)
    party: str = field(metadata=PARTY.meta)
    own_reference: str = field(metadata=REFERENCE.meta)
    reference: str = field(metadata=REFERENCE.meta)

    @classmethod
    def of(cls, hit: Hit) -> MatchKey:
        """Return the key of the match of a hit."""
        own, other = hit.probe_reference, hit.key.reference
        if hit.side is Side.REQUESTED:
            own, other = other, own
        return cls(category=hit.key.category, party=hit.party, own_reference=own, reference=other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match in the ledger.

    Parameters
    ----------
    key : MatchKey
        Its pair of records.
    status : MatchStatus
        Its status.
    reported : bool
        Whether it was reported to a human. An official of the partner may judge it before that.
    since : datetime
        Time of the first request that found it; of a withdrawn match, time of the withdrawal.
    version : int
        How often this pair became new: the data of either end can change.
    candidate : ReplyCandidate or None
        The candidate of the reply, in the call that found it; the ledger does not keep it.
    """

    key: MatchKey
    status: MatchStatus
    reported: bool
    since: datetime
    version: int
    candidate: ReplyCandidate | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A pair that a search or a comparison found.

    Parameters
    ----------
    key : MatchKey
        The pair.
    data : bytes
        The compared data of both ends; the ledger keeps a digest of them.
    time : datetime
        Time of the request or of the comparison.
    candidate : ReplyCandidate or None
        The candidate of the reply, passed on in `Match`.
    """

    key: MatchKey
    data: bytes = field(repr=False)
    time: datetime
    candidate: ReplyCandidate | None = field(default=None, repr=False)


def sightings(
    category: str, reference: str, probe: bytes, party: str, outcome: PartyOutcome, time: datetime
) -> Iterator[Sighting]:
    """Yield the pairs in the answer of one party to a search.

    Parameters
    ----------
    category, reference : str
        The category, and the own reference number of the probe.
    probe : bytes
        The probe as it was sent.
    party, outcome : str, PartyOutcome
        The party and its outcome.
    time : datetime
        Time of the request.
    """
    if outcome.outcome is not Outcome.HIT:
        return  # candidates that are none under the own policy
    own = sha256(probe).digest()
    for candidate in outcome.candidates:
        key = MatchKey(
            category=category,
            party=party,
            own_reference=reference,
            reference=candidate.reference,
        )
        yield Sighting(key=key, data=own + candidate.data, time=time, candidate=candidate)

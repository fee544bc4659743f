"""Matches: pairs of records that a search or a comparison found, and where each stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.messages.envelope import PARTY, REFERENCE, WORD
from prum_match.exchange.messages.records import check_fields
from prum_match.exchange.messages.search import ReplyCandidate
from prum_match.exchange.outcomes import PartyOutcome


class MatchStatus(StrEnum):
    """Where a match stands."""

    NEW = "new"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKey:
    """The pair of records that a match is about, whichever party found it.

    Parameters
    ----------
    category : str
        Name of the category.
    party : str
        The partner.
    own_reference, reference : str
        This party's reference number, and the partner's.

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

    def __post_init__(self) -> None:
        check_fields(self)

    @classmethod
    def of(cls, hit: Hit) -> MatchKey:
        """Return the pair that a hit is about."""
        own, other = hit.probe_reference, hit.key.reference
        if hit.side is Side.REQUESTED:
            own, other = other, own
        return cls(category=hit.key.category, party=hit.party, own_reference=own, reference=other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match as the ledger knows it.

    Parameters
    ----------
    key : MatchKey
        Which one.
    status : MatchStatus
        Where it stands.
    reported : bool
        Whether somebody was told of it. The partner's human may judge a match before that.
    since : datetime
        When the partner was asked that named it first; of a withdrawn match, when it was withdrawn.
    version : int
        How often this pair was new: the data of either end can change.
    candidate : ReplyCandidate or None
        What the reply said, from the call that saw it; the ledger itself does not keep it.
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
        Which pair.
    data : bytes
        What was compared, of both ends; the ledger keeps a digest of it.
    time : datetime
        When the partner was asked, or the comparison made.
    candidate : ReplyCandidate or None
        What the reply said, to be handed on.
    """

    key: MatchKey
    data: bytes = field(repr=False)
    time: datetime
    candidate: ReplyCandidate | None = field(default=None, repr=False)


def sightings(
    category: str, reference: str, probe: bytes, party: str, outcome: PartyOutcome, time: datetime
) -> Iterator[Sighting]:
    """Yield what one party's answer to a search names.

    Parameters
    ----------
    category, reference : str
        The category, and this party's reference number of the probe.
    probe : bytes
        The probe as it was sent.
    party, outcome : str, PartyOutcome
        Who answered, and what.
    time : datetime
        When it was asked.
    """
    own = sha256(probe).digest()
    for candidate in outcome.candidates:
        key = MatchKey(
            category=category,
            party=party,
            own_reference=reference,
            reference=candidate.reference,
        )
        yield Sighting(key=key, data=own + candidate.data, time=time, candidate=candidate)

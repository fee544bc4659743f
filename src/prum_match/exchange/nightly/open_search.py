"""One open search, what a party last said of it, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import PARTY, REFERENCE, WORD
from prum_match.exchange.messages.records import (
    BYTES,
    FLAG,
    SPAN,
    TIME,
    check_fields,
    member,
    optional,
    record,
    tuple_of,
)
from prum_match.exchange.outcomes import Outcome

NIGHTLY = timedelta(hours=20)
"""The pause between two answers of one party: less than a day, as no night begins on the second."""

MOMENT = timedelta(microseconds=1)
"""The least by which one time is later than another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSearch:
    """A probe that stays open.

    Parameters
    ----------
    reference : str
        This party's reference number of the probe.
    probe : bytes
        The probe as it is sent.
    is_sample : bool
        Whether it is sent as it was taken, see `Sample`.
    parties : tuple of str
        Whom to ask.
    justification : Justification or None
        Why it is lawful.
    every : timedelta or None
        How long after an answer the party is asked again; None: it is asked until it has answered
        once.
    """

    reference: str = field(metadata=REFERENCE.meta)
    probe: bytes = field(metadata=BYTES.meta, repr=False)
    is_sample: bool = field(metadata=FLAG.meta)
    parties: tuple[str, ...] = field(metadata=tuple_of(PARTY).meta)
    justification: Justification | None = field(metadata=optional(record(Justification)).meta)
    every: timedelta | None = field(metadata=optional(SPAN).meta)

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyState:
    """What one party last said of an open search.

    Parameters
    ----------
    outcome : Outcome
        What it said; `Outcome.PENDING`: nothing, or it was not asked yet.
    code : str or None
        Why there is no answer, where a reason is known.
    run : datetime or None
        When the run began in which it was asked last; None: in none.
    """

    outcome: Outcome = field(default=Outcome.PENDING, metadata=member(Outcome).meta)
    code: str | None = field(default=None, metadata=optional(WORD).meta)
    run: datetime | None = field(default=None, metadata=optional(TIME).meta)

    def __post_init__(self) -> None:
        check_fields(self)


class Turn(NamedTuple):
    """An open search whose turn it is, and the parties to ask."""

    search: OpenSearch
    parties: tuple[str, ...]

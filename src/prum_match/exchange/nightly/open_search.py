"""An open search, the last outcome of each party, and the parties that are due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import PARTY, REFERENCE, WORD
from prum_match.exchange.messages.records import (
    BYTES,
    FLAG,
    SPAN,
    TIME,
    member,
    optional,
    record,
    tuple_of,
)
from prum_match.exchange.outcomes import Outcome

NIGHTLY = timedelta(hours=20)
"""Pause between two answers of a party: less than a day, as nights do not begin to the second."""

MOMENT = timedelta(microseconds=1)
"""Least difference between two times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSearch(Checked):
    """A probe that is searched for repeatedly.

    Parameters
    ----------
    reference : str
        Own reference number of the probe.
    probe : bytes
        The probe as it is sent.
    is_sample : bool
        Whether it is a `Sample`, which is sent unprocessed.
    parties : tuple of str
        The parties to ask.
    justification : Justification or None
        Legal basis of the search.
    every : timedelta or None
        Time from an answer of a party to its next request; None: it is asked until its first
        answer.
    """

    reference: str = field(metadata=REFERENCE.meta)
    probe: bytes = field(metadata=BYTES.meta, repr=False)
    is_sample: bool = field(metadata=FLAG.meta)
    parties: tuple[str, ...] = field(metadata=tuple_of(PARTY).meta)
    justification: Justification | None = field(metadata=optional(record(Justification)).meta)
    every: timedelta | None = field(metadata=optional(SPAN).meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyState(Checked):
    """Last outcome of an open search at one party.

    Parameters
    ----------
    outcome : Outcome
        The outcome; `Outcome.PENDING` before the first answer.
    code : str or None
        Why there is no answer, if known.
    run : datetime or None
        Start of the run in which it was last asked; None: never asked.
    """

    outcome: Outcome = field(default=Outcome.PENDING, metadata=member(Outcome).meta)
    code: str | None = field(default=None, metadata=optional(WORD).meta)
    run: datetime | None = field(default=None, metadata=optional(TIME).meta)


class Unreached(NamedTuple):
    """An open search that a party did not answer in a run.

    Parameters
    ----------
    reference : str
        Own reference number of the probe.
    party : str
        The party.
    outcome : Outcome
        Its outcome.
    code : str or None
        Why there is no answer, if known. It was not sent if this is ``line_left`` (the party had
        timed out three times in a row, and once more at the end of the run) or ``night_over`` (the
        party was much slower than the others).
    """

    reference: str
    party: str
    outcome: Outcome
    code: str | None


class Turn(NamedTuple):
    """An open search that is due, and the parties to ask."""

    search: OpenSearch
    parties: tuple[str, ...]

"""One request while it is worked on: what is said of it to the party, the audit and the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from prum_match.exchange.answering.holdings import Holding
from prum_match.exchange.answering.stops import Stop
from prum_match.exchange.audit import UNKNOWN, Act, Entry
from prum_match.exchange.messages.search import ReplyCandidate, Result, SearchReply, SearchRequest

_log = logging.getLogger("prum_match.exchange")

RETRY_AFTER = 1
"""Seconds that a busy party asks to wait."""
# What the party that asks takes for an answer. Busy and errors are not: it may ask again.
_FINAL = {Result.HIT, Result.NO_HIT, Result.UNSUITABLE, Result.REFUSED}
# The log has the answer that this refers to.
_AUDITED_BEFORE = {"already_answered"}


@dataclass(slots=True)
class Case:
    """One request and what came of it so far."""

    sender: str | None
    time: datetime
    request: SearchRequest | None = None
    type: str | None = None
    result: Result = Result.BUSY
    code: str | None = None
    candidates: tuple[ReplyCandidate, ...] = ()
    holding: Holding | None = None
    generation: int = 0
    is_repeated: bool = False

    @property
    def number(self) -> str:
        """Number of the request, as far as it is known."""
        return self.request.number if self.request else UNKNOWN

    @property
    def is_final(self) -> bool:
        """Whether a duplicate is to be given the same answer."""
        return self.result in _FINAL

    @property
    def is_audited(self) -> bool:
        """Whether this is an answer that the audit log has to have."""
        return self.result is not Result.BUSY and self.code not in _AUDITED_BEFORE

    def end(self, stop: Stop) -> None:
        """Take the end of an answer in place of what was found so far."""
        self.result, self.code, self.candidates = stop.result, stop.code, ()

    def reply(self, number: str, time: datetime) -> SearchReply:
        """Return the reply that says what is known."""
        return SearchReply(
            result=self.result,
            number=number,
            time=time,
            request=self.request.head() if self.request else None,
            candidates=self.candidates,
            code=self.code,
            retry_after=RETRY_AFTER if self.result is Result.BUSY else None,
        )

    def entry(self) -> Entry:
        """Return what the audit log has to have."""
        return Entry(
            act=Act.ANSWERED,
            time=self.time,
            party=self.sender or UNKNOWN,
            category=self.request.category if self.request else UNKNOWN,
            number=self.number,
            result=self.result.value,
            code=self.code,
            type=self.type,
            candidates=len(self.candidates),
        )

    def log(self) -> None:
        """Say in the log what came of it, without content."""
        if self.is_repeated:
            _log.info("request=%s party=%s answered again", self.number, self.sender)
            return
        _log.log(
            logging.INFO if self.code is None else logging.WARNING,
            "request=%s party=%s category=%s result=%s code=%s candidates=%d",
            self.number,
            self.sender or UNKNOWN,
            self.request.category if self.request else UNKNOWN,
            self.result.value,
            self.code,
            len(self.candidates),
        )


def was_final(entry: Entry) -> bool:
    """Tell whether an entry is of an answer that a duplicate would be given again."""
    return entry.act is Act.ANSWERED and entry.result in _FINAL

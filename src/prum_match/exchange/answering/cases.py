"""One request in work, and its reply, audit entry and log line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prum_match.exchange.answering.holdings import Holding
from prum_match.exchange.answering.quotas import QuotaKey
from prum_match.exchange.answering.replay import Key
from prum_match.exchange.answering.stops import Stop
from prum_match.exchange.audit import UNKNOWN, Act, Entry
from prum_match.exchange.messages.search import ReplyCandidate, Result, SearchReply, SearchRequest

_log = logging.getLogger("prum_match.exchange")

RETRY_AFTER = 1
"""Seconds to wait before asking a busy party again."""
# Results that are answers. After busy or an error the party may ask again.
_FINAL = {Result.HIT, Result.NO_HIT, Result.UNSUITABLE, Result.REFUSED}
# Refusals that refer to an answer which is already in the audit log.
_AUDITED_BEFORE = {"already_answered"}


@dataclass(slots=True)
class Case:
    """One request and its result so far."""

    sender: str | None
    time: datetime
    request: SearchRequest | None = None
    type: str | None = None
    result: Result = Result.BUSY
    code: str | None = None
    candidates: tuple[ReplyCandidate, ...] = ()
    holding: Holding | None = None
    contents: Mapping[str, bytes] = field(default_factory=dict)
    generation: int = 0
    key: Key | None = None
    digest: bytes = b""
    is_registered: bool = False
    is_known: bool = False
    is_repeated: bool = False
    quota_key: QuotaKey | None = None
    quota: int | None = None

    @property
    def number(self) -> str:
        """Number of the request, or `UNKNOWN`."""
        return self.request.number if self.request else UNKNOWN

    @property
    def keeps_reply(self) -> bool:
        """Whether a duplicate gets the same answer."""
        return self.result in _FINAL and self.is_registered and not self.is_known

    @property
    def is_audited(self) -> bool:
        """Whether the audit log needs an entry of this answer."""
        return self.result is not Result.BUSY and self.code not in _AUDITED_BEFORE

    def end(self, stop: Stop) -> None:
        """Replace the result so far by one without candidates."""
        self.result, self.code, self.candidates = stop.result, stop.code, ()

    def reply(self, number: str, time: datetime) -> SearchReply:
        """Return the reply with the result."""
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
        """Return the audit entry."""
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
        """Log the result, without content."""
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
    """Tell whether an entry records a final answer."""
    return entry.act is Act.ANSWERED and entry.result in _FINAL

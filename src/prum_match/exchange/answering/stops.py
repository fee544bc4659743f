"""Early end of an answer: without candidates, and without the text of a host's error."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from dataclasses import dataclass

from prum_match.errors import InvalidInput
from prum_match.exchange.messages.search import Result
from prum_match.exchange.reasons import reason_of

_log = logging.getLogger("prum_match.exchange")


# Probes that the law forbids are refused instead of unsuitable, which is about quality.
_FORBIDDEN = {"owner_search_not_allowed"}
# Errors of this party, told by their own names: they say nothing about the probe.
_OWN_ERRORS = {"foreign_policy"}


class Stop(Exception):
    """End of an answer with a result without candidates."""

    def __init__(self, result: Result, code: str | None = None) -> None:
        super().__init__(result.value, code)
        self.result = result
        self.code = code


def refused(code: str) -> Stop:
    """Return the end of a request that this party must not or does not answer."""
    return Stop(Result.REFUSED, code=code)


def guard(number: str, *, code: str, unsuitable: bool = False) -> AbstractContextManager[None]:
    """End the answer with a code if the block fails; the text of the error may hold content."""
    return _Guard(number, code, unsuitable)


@dataclass(frozen=True, slots=True)
class _Guard(AbstractContextManager[None]):
    # A class: a request passes five of them, and a generator takes three times as long.
    number: str
    code: str
    unsuitable: bool

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, Stop):
            return
        reason = reason_of(error)
        _log.warning("request=%s step=%s reason=%s", self.number, self.code, reason)
        if isinstance(error, InvalidInput) and reason in _OWN_ERRORS:
            raise Stop(Result.ERROR, code=reason) from None
        if self.unsuitable and reason in _FORBIDDEN:
            raise refused(code=reason) from None
        if self.unsuitable and isinstance(error, InvalidInput):
            raise Stop(Result.UNSUITABLE) from None
        raise Stop(Result.ERROR, code=self.code) from None

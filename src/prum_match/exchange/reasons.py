"""The part of an error that may be logged and stored: its code, and never its text.

The text of a host's error can hold content, and so can a code that the host made up.
"""

from __future__ import annotations

import math

from prum_match.errors import PrumError
from prum_match.exchange.messages.envelope import WORD
from prum_match.exchange.transport import TransportError

_LONGEST_WAIT = 10**6  # seconds, as in `SearchReply`


def reason_of(error: BaseException) -> str:
    """Return the word for an error in a log: its code, or else the name of its class."""
    code = error.code if isinstance(error, PrumError) else None
    return code if code is not None and WORD.check(code) else type(error).__name__


def failure_of(error: Exception) -> tuple[str, float | None]:
    """Return the code of a failed call and the seconds to wait before the next.

    An invalid code is replaced by that of its class, an invalid time by None.
    """
    codes = [TransportError.default_code]
    if isinstance(error, TransportError):
        codes.insert(0, error.default_code)
    if isinstance(error, PrumError):
        codes.insert(0, error.code)
    wait = getattr(error, "retry_after", None)
    if not isinstance(wait, int | float) or math.isnan(wait):
        wait = None
    else:
        wait = min(_LONGEST_WAIT, max(0, wait))
    return next(code for code in codes if WORD.check(code)), wait

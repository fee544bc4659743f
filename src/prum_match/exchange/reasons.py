"""What may be said and kept of an error: a word, and never its text.

The text of a host's error can hold what the host was working on, and so can a code that it made up.
"""

from __future__ import annotations

import math

from prum_match.errors import PrumError
from prum_match.exchange.messages.envelope import WORD
from prum_match.exchange.transport import TransportError

_LONGEST_WAIT = 10**6  # seconds, as in `SearchReply`


def reason_of(error: BaseException) -> str:
    """Return what a log says of an error: its code, or else the name of its class."""
    code = error.code if isinstance(error, PrumError) else None
    return code if code is not None and WORD.check(code) else type(error).__name__


def failure_of(error: Exception) -> tuple[str, float | None]:
    """Return what is kept of a call that failed: a code, and the seconds to wait.

    A code that is no word gives way to the one of its class, and a time that is none to None.
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

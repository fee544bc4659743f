"""Frames of a router: one for each party, as soon as its reply or failure is known.

A frame is a line of JSON, followed by the unread bytes of the reply. A router cannot say "no hit":
only the reply of a party can.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.encoding import loads
from prum_match.exchange.messages.envelope import PARTY, WORD
from prum_match.exchange.messages.records import (
    from_json,
    integer,
    one_of,
    optional,
    write_record,
)
from prum_match.exchange.transport import (
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)

_FAILURES: dict[str, type[TransportError]] = {
    "timeout": TransportTimeout,
    "unreachable": TransportUnreachable,
    "busy": TransportBusy,
    "refused": TransportRefused,
    "error": TransportError,
}
_LINE_BYTES = 512
_LONGEST_WAIT = 10**6  # seconds, as in `SearchReply`
_WAIT = integer(0, _LONGEST_WAIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Checked):
    """Header of a frame; a reply of `size` bytes follows unless there is a `failure`."""

    party: str = field(metadata=PARTY.meta)
    size: int = field(metadata=integer(0, 1 << 40).meta)
    failure: str | None = field(default=None, metadata=optional(one_of(_FAILURES)).meta)
    code: str | None = field(default=None, metadata=optional(WORD).meta)
    retry_after: int | None = field(default=None, metadata=optional(_WAIT).meta)

    @classmethod
    def of(cls, party: str, answer: bytes | TransportError) -> Frame:
        """Return the frame of a reply, or of a failure."""
        if isinstance(answer, bytes):
            return cls(party=party, size=len(answer))
        # Subclasses before their common base.
        failure = next(word for word, kind in _FAILURES.items() if isinstance(answer, kind))
        wait = getattr(answer, "retry_after", None)
        if wait is not None:
            wait = math.ceil(min(_LONGEST_WAIT, max(0, wait)))
        code = answer.code if WORD.check(answer.code) else None  # a host may use any code
        return cls(party=party, size=0, failure=failure, code=code, retry_after=wait)

    def error(self) -> TransportError:
        """Return the failure as the error that the router had."""
        kind = _FAILURES[self.failure or "error"]
        if kind is TransportBusy:
            return TransportBusy(
                "reported by the router", code=self.code, retry_after=self.retry_after
            )
        return kind("reported by the router", code=self.code)

    def line(self) -> bytes:
        """Write the frame."""
        return write_record(self) + b"\n"


class Frames:
    """Parser of a stream of frames, however the stream is cut into parts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._frame: Frame | None = None

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes | TransportError]]:
        """Yield each party whose frame is complete with `data`."""
        self._kept += data
        while self._frame is not None or self._take_line():
            frame = self._frame
            assert frame is not None
            if frame.failure is not None:
                self._frame = None
                yield frame.party, frame.error()
            elif len(self._kept) < frame.size:
                return
            else:
                reply = bytes(self._kept[: frame.size])
                del self._kept[: frame.size]
                self._frame = None
                yield frame.party, reply

    def _take_line(self) -> bool:
        end = self._kept.find(b"\n", 0, _LINE_BYTES)
        if end < 0:
            if len(self._kept) >= _LINE_BYTES:
                raise _wrong_frame()
            return False
        line = bytes(self._kept[:end])
        del self._kept[: end + 1]
        try:
            raw = loads(line, max_bytes=_LINE_BYTES, max_depth=1, max_containers=1)
            self._frame = from_json(Frame, raw)
        except ExchangeError:
            raise _wrong_frame() from None
        if self._frame.size > self._most:
            raise TransportError("the reply is larger than Limits.reply_bytes", code="too_large")
        return True


def _wrong_frame() -> TransportError:
    return TransportError("the router sent an invalid frame", code="wrong_frame")

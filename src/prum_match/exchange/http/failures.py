"""What became of a request that brought no reply: httpcore's errors and HTTP's numbers, in ours.

The texts name classes and numbers and nothing that came over the line.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpcore

from prum_match.exchange.transport import (
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)

Headers = Sequence[tuple[bytes, bytes]]

_LONGEST_WAIT = 10**6  # seconds; what `SearchReply.retry_after` can say
_OF_STATUS = {429: TransportBusy, 503: TransportBusy, 403: TransportRefused}


@contextmanager
def own_errors() -> Iterator[None]:
    """Turn the errors of httpcore into those of a `Transport`."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError):
        raise TransportTimeout from None
    except httpcore.ConnectError as error:
        if any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error)):
            raise wrong_certificate() from None
        raise TransportUnreachable(_kind(error)) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        if any(isinstance(one, ssl.SSLError) and _is_alert(one) for one in _causes(error)):
            # With TLS 1.3 the other side judges our certificate after our handshake is over.
            raise TransportRefused(_kind(error), code="certificate_refused") from None
        # The request may have arrived, so "unreachable" would say too much.
        raise TransportError(_kind(error), code="line_broke") from None


def check_status(status: int, headers: Headers) -> None:
    """Let a reply pass, and say why anything else is none."""
    if status == 200:
        return
    kind = _OF_STATUS.get(status)
    if kind is TransportBusy:
        raise TransportBusy(f"status {status}", retry_after=_retry_after(headers))
    if kind is not None:
        raise kind(f"status {status}")
    raise TransportError(f"status {status}", code="http_status")


def check_length(headers: Headers, most: int) -> None:
    """Refuse a body that says beforehand that it is too long."""
    length = _only(headers, b"content-length")
    # h11 has read the number already: it is one, of at most 20 digits.
    if length is not None and int(length) > most:
        raise too_large()


def too_large() -> TransportError:
    """Return the error for a reply with more bytes than are read."""
    return TransportError("more bytes than allowed", code="too_large")


def wrong_certificate() -> TransportRefused:
    """Return the error for a key of somebody else; nothing was sent."""
    return TransportRefused("not the party's key", code="wrong_certificate")


def _retry_after(headers: Headers) -> float | None:
    wait = _only(headers, b"retry-after")
    # A date is as lawful (RFC 9110, 10.2.3), but it is of a clock that is not ours.
    if wait is None or not wait.isdigit() or len(wait) > 7 or int(wait) > _LONGEST_WAIT:
        return None
    return float(wait)


def _only(headers: Headers, name: bytes) -> bytes | None:
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_alert(error: ssl.SSLError) -> bool:
    return "ALERT" in (error.reason or "")


def _kind(error: Exception) -> str:
    return type(error.__cause__ or error).__name__

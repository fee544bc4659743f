"""Transport errors for errors of httpcore and for HTTP statuses.

Their texts contain classes and numbers, and nothing received from the other side.
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

_LONGEST_WAIT = 10**6  # seconds; the bound of `SearchReply.retry_after`
_OF_STATUS = {429: TransportBusy, 503: TransportBusy, 403: TransportRefused}


@contextmanager
def own_errors() -> Iterator[None]:
    """Turn the errors of httpcore into transport errors."""
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
            # With TLS 1.3 the other side checks our certificate after our handshake has ended.
            raise TransportRefused(_kind(error), code="certificate_refused") from None
        # The request may have arrived, so this is not "unreachable".
        raise TransportError(_kind(error), code="line_broke") from None


def check_status(status: int, headers: Headers) -> None:
    """Raise the error of a status other than 200."""
    if status == 200:
        return
    kind = _OF_STATUS.get(status)
    if kind is TransportBusy:
        raise TransportBusy(f"status {status}", retry_after=_retry_after(headers))
    if kind is not None:
        raise kind(f"status {status}")
    raise TransportError(f"status {status}", code="http_status")


def check_length(headers: Headers, most: int) -> None:
    """Refuse a reply whose announced length is too large."""
    length = _only(headers, b"content-length")
    # h11 has checked it: a number of at most 20 digits.
    if length is not None and int(length) > most:
        raise too_large()


def too_large() -> TransportError:
    """Return the error for a reply that is larger than allowed."""
    return TransportError("the reply is larger than Limits.reply_bytes", code="too_large")


def wrong_certificate() -> TransportRefused:
    """Return the error for an unexpected key; nothing was sent."""
    return TransportRefused(
        "the key of the other side is not a pinned key of the party", code="wrong_certificate"
    )


def _retry_after(headers: Headers) -> float | None:
    wait = _only(headers, b"retry-after")
    # A date is also allowed (RFC 9110, 10.2.3), but it depends on a foreign clock.
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

"""`Transport` and `AsyncTransport` over HTTPS."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from typing import Generic, Self, TypeVar

from prum_match.errors import InvalidInput
from prum_match.exchange.http.certificates import File, client_context, parties_by_pin
from prum_match.exchange.http.failures import check_length, too_large
from prum_match.exchange.http.lines import AsyncLine, Line
from prum_match.exchange.http.use import Use
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.transport import TransportUnreachable
from prum_match.values.parties import party_code

PATH = "/prum/1"
MEDIA_TYPE = "application/json"
PARTY_HEADER = "Prum-Party"

_Line = TypeVar("_Line", Line, AsyncLine)


class _Https(Generic[_Line]):
    """Common part of both transports: a connection pool for each party, and the headers."""

    _line_of: Callable[..., _Line]

    def __init__(
        self,
        addresses: Mapping[str, str],
        *,
        certificate: File,
        key: File,
        pins: Mapping[str, Collection[str]],
        password: str | None = None,
        authorities: Iterable[File] | None = None,
        limits: Limits = Limits(),
        connections: int = 16,
    ) -> None:
        context = client_context(certificate, key, password=password, authorities=authorities)
        parties_by_pin(pins)  # also refuses a key shared by two parties
        keys = {party_code(party): one for party, one in pins.items()}
        self._lines: dict[str, _Line] = {}
        for party, address in addresses.items():
            code = party_code(party)
            if code not in keys:
                raise InvalidInput(
                    "give pins for each party with an address", code="no_pin", field="pins"
                )
            self._lines[code] = self._line_of(address, keys[code], context, connections)
        self._limits = limits
        self._headers = {"Content-Type": MEDIA_TYPE}
        self._use = Use(self._let_go)

    def on_behalf_of(self, party: str) -> Self:
        """Return this transport for a router that asks on behalf of `party` (Art. 37).

        It shares the connections. Only parties that list the own certificate as a router answer.

        Raises
        ------
        InvalidInput
            ``unknown_party``.
        """
        for_party = copy(self)
        for_party._headers = {**self._headers, PARTY_HEADER: party_code(party)}
        return for_party

    def _let_go(self) -> None:
        """Release the connections, after the last exchange."""

    def _line(self, party: str) -> _Line:
        if party not in self._lines:
            raise TransportUnreachable("no address is configured for this party")
        return self._lines[party]


class HttpsTransport(_Https[Line]):
    """`Transport` over HTTPS: mutual TLS 1.3, and a pinned key for each party.

    Parameters
    ----------
    addresses : mapping of str to str
        ``https://`` with host and port, by party code.
    certificate, key : path
        Own certificate and its private key; PEM.
    pins : mapping of str to collection of str
        Keys of each party: see `pin_of`. Two of them allow a party to change its key without
        interruption.
    password : str, optional
        Password of the key.
    authorities : iterable of path, optional
        Authorities that must vouch for the parties as well: see `client_context`.
    limits : Limits
        Its ``reply_bytes`` bounds the size of a reply.
    connections : int
        Most connections to one party; further requests wait, within their timeout.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``bad_address``, ``bad_pin``, ``no_pin``, ``shared_pin`` or
        ``bad_limit``.
    OSError
        A file cannot be read or is invalid.

    Notes
    -----
    A timeout bounds the whole exchange, even if the other side sends a byte a second. It cannot
    interrupt the name resolution of the system.

    Examples
    --------
    >>> transport = HttpsTransport(
    ...     {"DE": "https://prum.example:8443"}, certificate="at.pem", key="at.key",
    ...     pins={"DE": ["5d41..."]})
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory
    """

    _line_of = Line

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply.

        Raises
        ------
        TransportTimeout
            No complete reply arrived within `timeout` seconds.
        TransportUnreachable
            No address, no connection, no TLS 1.3, or ``transport_closed``.
        TransportRefused
            ``wrong_certificate``: nothing was sent; ``certificate_refused``; or status 403.
        TransportBusy
            Status 429 or 503.
        TransportError
            ``line_broke`` after sending, ``too_large``, or ``http_status`` for any other status.
        """
        deadline = time.monotonic() + timeout
        with (
            self._use.one(),
            self._line(party).post(PATH, request, self._headers, deadline) as response,
        ):
            check_length(response.headers, self._limits.reply_bytes)
            body = bytearray()
            for part in response.iter_stream():
                body += part
                if len(body) > self._limits.reply_bytes:
                    raise too_large()
            return bytes(body)

    def close(self) -> None:
        """Refuse every further exchange; may be called again.

        A running exchange ends with its own timeout and then closes its connection.
        """
        self._use.close()

    def _let_go(self) -> None:
        for line in self._lines.values():
            line.close()


class AsyncHttpsTransport(_Https[AsyncLine]):
    """`AsyncTransport` over HTTPS, for an event loop of asyncio.

    Parameters, errors and guarantees are those of `HttpsTransport`; a timeout also interrupts name
    resolution. A transport belongs to one event loop.

    Examples
    --------
    >>> AsyncHttpsTransport(
    ...     {"DE": "http://prum.example"}, certificate="at.pem", key="at.key", pins={})
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory
    """

    _line_of = AsyncLine

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply, as `HttpsTransport.exchange` does."""
        with self._use.one():
            line = self._line(party)
            async with line.post(PATH, request, self._headers, timeout) as response:
                check_length(response.headers, self._limits.reply_bytes)
                body = bytearray()
                async for part in response.aiter_stream():
                    body += part
                    if len(body) > self._limits.reply_bytes:
                        raise too_large()
                return bytes(body)

    async def aclose(self) -> None:
        """Refuse every further exchange, and break running ones; may be called again."""
        self._use.close()
        for line in self._lines.values():
            await line.aclose()

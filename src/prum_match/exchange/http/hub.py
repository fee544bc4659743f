"""`HubTransport` over HTTPS: one request to a router, which asks all the parties (Art. 37)."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping

from prum_match.errors import InvalidInput
from prum_match.exchange.http.bundle import bundle
from prum_match.exchange.http.certificates import File, client_context
from prum_match.exchange.http.frames import Frames
from prum_match.exchange.http.lines import Line
from prum_match.exchange.http.use import Use
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.transport import TransportError
from prum_match.values.parties import party_code

HUB_PATH = "/prum/1/hub"
HUB_MEDIA_TYPE = "application/octet-stream"


class HubClient:
    """`HubTransport` over HTTPS.

    Parameters
    ----------
    address : str
        Address of the router: ``https://`` with host and port.
    certificate, key : path
        Own certificate and its private key; PEM.
    pins : collection of str
        The router's keys.
    password, authorities
        As for `HttpsTransport`.
    limits : Limits
        Its ``reply_bytes`` bounds the size of the reply of one party.
    connections : int
        Most searches at the same time; further ones wait, within their timeout.

    Raises
    ------
    InvalidInput, OSError
        As for `HttpsTransport`.

    Examples
    --------
    >>> HubClient("https://router.example", certificate="at.pem", key="at.key", pins=[])
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory
    """

    def __init__(
        self,
        address: str,
        *,
        certificate: File,
        key: File,
        pins: Collection[str],
        password: str | None = None,
        authorities: Iterable[File] | None = None,
        limits: Limits = Limits(),
        connections: int = 16,
    ) -> None:
        context = client_context(certificate, key, password=password, authorities=authorities)
        self._line = Line(address, pins, context, connections)
        self._limits = limits
        self._use = Use(self._line.close)

    def exchange_all(
        self, requests: Mapping[str, bytes], *, timeout: float
    ) -> Iterator[tuple[str, bytes | TransportError]]:
        """Send all requests in one and yield each party once, as soon as its outcome is known.

        Parameters
        ----------
        requests : mapping of str to bytes
            By party code. Shared bytes, such as an image, are sent once.
        timeout : float
            Seconds, for all parties together; the request leaves with the first `next`.

        Yields
        ------
        party, answer
            The unchanged bytes of the reply, or a `TransportError` in its place. If the router, or
            the connection to it, fails, all parties without a reply get this failure.

        Raises
        ------
        TransportUnreachable
            ``transport_closed``, with the first `next`.
        InvalidInput, ExchangeError
            ``unknown_party`` or ``no_party``; ``invalid_field`` for a timeout of less than a
            millisecond.
        """
        deadline = time.monotonic() + timeout
        if not requests:
            raise InvalidInput("name at least one party to ask", code="no_party", field="requests")
        by_code = {party_code(party): request for party, request in requests.items()}
        return self._ask(list(by_code), bundle(by_code, timeout), deadline)

    def close(self) -> None:
        """Refuse every further search; may be called again.

        A running search ends with its own timeout and then closes its connection.
        """
        self._use.close()

    def _ask(
        self, parties: list[str], body: bytes, deadline: float
    ) -> Iterator[tuple[str, bytes | TransportError]]:
        waiting = dict.fromkeys(parties)
        failure = TransportError("the router returned no frame for this party", code="line_broke")
        with self._use.one():
            try:
                for party, answer in self._frames(body, deadline):
                    if party not in waiting:
                        raise TransportError(
                            "the router returned a party that was not asked, or returned one twice",
                            code="wrong_frame",
                        )
                    del waiting[party]
                    yield party, answer
            except TransportError as error:
                failure = error
        for party in waiting:
            yield party, failure

    def _frames(self, body: bytes, deadline: float) -> Iterator[tuple[str, bytes | TransportError]]:
        frames = Frames(self._limits.reply_bytes)
        headers = {"Content-Type": HUB_MEDIA_TYPE}
        with self._line.post(HUB_PATH, body, headers, deadline) as response:
            for part in response.iter_stream():
                yield from frames.feed(part)

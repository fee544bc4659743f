"""Network backends for httpcore: TCP and TLS with pinned keys and one deadline."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, TypeAlias

import httpcore

from prum_match.exchange.http.certificates import pin_of
from prum_match.exchange.http.failures import wrong_certificate

Options: TypeAlias = Iterable[httpcore.SOCKET_OPTION]

_RECORD = 1 << 14  # bytes of one TLS record, which a socket accepts as a whole or not at all


def left(deadline: float | None) -> float | None:
    """Return the seconds until a point of `time.monotonic`; None without a deadline."""
    if deadline is None:
        return None
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.TimeoutException
    return seconds


class Network(httpcore.NetworkBackend):
    """TCP and TLS that check the key of the other side, and take deadlines as timeouts.

    httpcore passes the "timeout" of a request unchanged to each step on a socket. Given as a point
    of `time.monotonic` it bounds all steps together, so that a side that sends byte by byte gains
    nothing.
    """

    def __init__(self, pins: frozenset[str]) -> None:
        self._network = httpcore.SyncBackend()
        self._pins = pins

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that accepts."""
        # The socket module would give each address of a name the whole time.
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in _addresses(host, port):
            try:
                stream = self._network.connect_tcp(
                    address, port, left(timeout), local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _Stream(stream, self._pins)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, pins: frozenset[str]) -> None:
        self._stream = stream
        self._pins = pins

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _RECORD):
            self._stream.write(buffer[start : start + _RECORD], left(timeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, left(timeout))
        if not _is_pinned(stream.get_extra_info("ssl_object"), self._pins):
            stream.close()
            raise wrong_certificate()
        return _Stream(stream, self._pins)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    """`Network` for an event loop, whose own deadlines bound it."""

    def __init__(self, pins: frozenset[str]) -> None:
        self._network = httpcore.AnyIOBackend()
        self._pins = pins

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to `host`."""
        stream = await self._network.connect_tcp(host, port, timeout, local_address, socket_options)
        return _AsyncStream(stream, self._pins)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, pins: frozenset[str]) -> None:
        self._stream = stream
        self._pins = pins

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # httpcore closes it after an error, but not after a cancellation.
            await self._stream.aclose()
            raise
        if not _is_pinned(stream.get_extra_info("ssl_object"), self._pins):
            await stream.aclose()
            raise wrong_certificate()
        return stream


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError from error
    return [str(address[0]) for *_, address in found]


def _is_pinned(connection: Any, pins: frozenset[str]) -> bool:
    certificate = connection.getpeercert(True)
    return certificate is not None and pin_of(certificate) in pins

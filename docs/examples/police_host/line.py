"""A line of the host's own: one connection a message, and a secret between each two parties.

The server sends a random number; the sender proves with a keyed hash over it and the message who
it is, and the server proves its reply in the same way. The content is not encrypted: this is a line
for a network that is.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from prum_match.exchange import (
    Limits,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.transport import RequestHandler

LIMITS = Limits()

_NONCE = 16
_REQUEST = struct.Struct(">2s32sQ")  # sender, proof, length
_REPLY = struct.Struct(">c32sQ")  # status, proof, length
_ANSWERED, _REFUSED, _FAILED = b"A", b"R", b"F"
_PATIENCE = 30.0  # seconds for a sender in the middle of its message


@dataclass(frozen=True)
class Partner:
    """Where a party is reached, and the secret that both have."""

    port: int
    secret: bytes = field(repr=False)
    host: str = "127.0.0.1"


class Line:
    """The `Transport` to the partners: every trouble of the sockets becomes one of the errors."""

    def __init__(
        self, own_party: str, partners: Mapping[str, Partner], limits: Limits = LIMITS
    ) -> None:
        self._own_party = own_party
        self._partners = dict(partners)
        self._limits = limits
        self._closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send a request and return the reply, or say why there is none."""
        if self._closed:
            raise TransportUnreachable("closed", code="transport_closed")
        partner = self._partners.get(party)
        if partner is None:
            raise TransportUnreachable("no address")
        if len(request) > self._limits.request_bytes:
            raise TransportRefused("the request is too large", code="request_too_large")
        end = time.monotonic() + timeout
        try:
            connection = socket.create_connection((partner.host, partner.port), timeout=_left(end))
        except TimeoutError:
            raise TransportTimeout from None
        except OSError as error:
            raise TransportUnreachable(type(error).__name__) from None
        try:
            with connection:
                return self._talk(connection, partner, request, end)
        except TimeoutError:
            raise TransportTimeout from None
        except OSError as error:
            # The request may have arrived, so "unreachable" would say too much.
            raise TransportError(type(error).__name__, code="line_broke") from None

    def close(self) -> None:
        """Refuse every further exchange; a running one ends by itself."""
        self._closed = True

    def _talk(
        self, connection: socket.socket, partner: Partner, request: bytes, end: float
    ) -> bytes:
        nonce = _read(connection, _NONCE, end)
        proof = _proof(partner.secret, b"request", nonce, request)
        head = _REQUEST.pack(self._own_party.encode(), proof, len(request))
        connection.settimeout(_left(end))
        connection.sendall(head + request)
        status, proof, size = _REPLY.unpack(_read(connection, _REPLY.size, end))
        if status == _REFUSED:
            raise TransportRefused
        if status != _ANSWERED:
            raise TransportError("the other end failed", code="party_failed")
        if size > self._limits.reply_bytes:
            raise TransportError("the reply is too large", code="reply_too_large")
        reply = _read(connection, size, end)
        if not hmac.compare_digest(proof, _proof(partner.secret, b"reply", nonce, reply)):
            raise TransportError("the reply is not of this partner", code="bad_proof")
        return reply


@contextmanager
def serve(
    handler: RequestHandler,
    secrets_of: Mapping[str, bytes],
    *,
    port: int = 0,
    limits: Limits = LIMITS,
) -> Iterator[int]:
    """Answer the partners while the block runs; yields the port."""
    server = _Server(("127.0.0.1", port), _Answering)
    server.handler, server.secrets_of, server.limits = handler, dict(secrets_of), limits
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()  # waits for the answers in work


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True  # a restart comes back at once
    request_queue_size = 128
    handler: RequestHandler
    secrets_of: dict[str, bytes]
    limits: Limits


class _Answering(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Take one message and answer it."""
        try:
            self._converse(self.request)
        except OSError:
            return  # the asking side is gone; it repeats the message on another connection

    def _converse(self, connection: socket.socket) -> None:
        nonce, end = secrets.token_bytes(_NONCE), time.monotonic() + _PATIENCE
        connection.settimeout(_PATIENCE)
        connection.sendall(nonce)
        sender, proof, size = _REQUEST.unpack(_read(connection, _REQUEST.size, end))
        # The secret identifies the asking party; the message only has to agree with it.
        party = sender.decode("ascii", "replace")
        secret = self.server.secrets_of.get(party)
        if secret is None or size > self.server.limits.request_bytes:
            connection.sendall(_REPLY.pack(_REFUSED, b"", 0))
            return
        request = _read(connection, size, end)
        if not hmac.compare_digest(proof, _proof(secret, b"request", nonce, request)):
            connection.sendall(_REPLY.pack(_REFUSED, b"", 0))
            return
        try:
            reply = self.server.handler.handle(party, request)
        except Exception:  # never an empty reply, and nothing of the error goes out
            connection.sendall(_REPLY.pack(_FAILED, b"", 0))
            return
        proof = _proof(secret, b"reply", nonce, reply)
        connection.sendall(_REPLY.pack(_ANSWERED, proof, len(reply)) + reply)


def _proof(secret: bytes, kind: bytes, nonce: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, kind + nonce + content, "sha256")


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read(connection: socket.socket, size: int, end: float) -> bytes:
    """Read exactly so many bytes."""
    found = bytearray()
    while len(found) < size:
        connection.settimeout(_left(end))
        part = connection.recv(min(size - len(found), 1 << 20))
        if not part:
            raise ConnectionResetError
        found += part
    return bytes(found)

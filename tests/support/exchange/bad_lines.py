"""Servers on loopback with correct TLS, and HTTP as a script dictates."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Peer", "Script", "bad_line", "read_request", "reply"]

Script: TypeAlias = Callable[[ssl.SSLSocket, "Peer"], None]


@dataclass
class Peer:
    """The requests that a server received, and its signal to stop."""

    port: int
    lines: int = 0
    requests: list[bytes] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[ssl.SSLError] = field(default_factory=list)


def read_request(connection: ssl.SSLSocket, peer: Peer) -> None:
    """Read one whole request and record it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    peer.requests.append(body)


def reply(body: bytes = b"done", status: bytes = b"200 OK", *headers: bytes) -> bytes:
    """Return a whole answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@contextmanager
def bad_line(context: ssl.SSLContext | None, script: Script) -> Iterator[Peer]:
    """Run `script` for each connection, on a thread of its own; without TLS for None."""
    threads = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        peer = Peer(listening.getsockname()[1])

        def serve(plain: socket.socket) -> None:
            with suppress(OSError), plain:
                plain.settimeout(60)
                try:
                    secure = context.wrap_socket(plain, server_side=True) if context else plain
                except ssl.SSLError as error:
                    peer.failures.append(error)
                    return
                with secure:
                    script(secure, peer)  # type: ignore[arg-type]

        def accept() -> None:
            while True:
                plain, _ = listening.accept()
                if peer.stop.is_set():
                    plain.close()
                    return
                peer.lines += 1
                threads.append(threading.Thread(target=serve, args=(plain,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield peer
        finally:
            peer.stop.set()
            socket.create_connection(("127.0.0.1", peer.port)).close()
            for thread in (accepting, *threads):
                thread.join(60)

"""uvicorn for the applications: it verifies client certificates and passes them on.

uvicorn is in the extra ``serving`` alone, because any ASGI server with the TLS extension works;
uvicorn lacks the extension, and gets it here.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prum_match.errors import missing_extra
from prum_match.exchange.http.asgi import Application, Receive, Scope, Send

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError:
    raise missing_extra("uvicorn", "serving") from None

_FAREWELL = 0.5  # seconds for the last bytes to leave
_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


class CertificateProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with the TLS extension of ASGI in every scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection after its handshake."""
        super().connection_made(transport)
        # asyncio sets this only on sockets made with a protocol number. Without it a reply waits
        # 40 ms for the acknowledgement of its headers.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = transport.get_extra_info("ssl_object")
        if connection is not None:
            self.app = _saying(self.app, _extension(connection))

    def shutdown(self) -> None:
        """Close an idle connection, and a busy one after its request."""
        if not self.transport.is_closing():  # asyncio's TLS cannot be closed twice
            super().shutdown()
        if self.transport.is_closing():
            # asyncio would wait 30 seconds for the other side to end TLS, and uvicorn for asyncio.
            self.loop.call_later(_FAREWELL, self.transport.abort)


def config(app: Application, context: ssl.SSLContext, **options: Any) -> uvicorn.Config:
    """Return the settings of a uvicorn server for an application of this package.

    Parameters
    ----------
    app : callable
        From `application` or `hub_application`.
    context : ssl.SSLContext
        From `server_context`.
    **options
        More for `uvicorn.Config`, such as ``host`` and ``port``.

    Returns
    -------
    uvicorn.Config
        For `uvicorn.Server`, in a process that does nothing else. Requests are not logged, and
        proxy headers are ignored.
    """
    fixed: dict[str, Any] = {
        "http": CertificateProtocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "on",
        "interface": "asgi3",
        "access_log": False,
        "log_config": None,
        "proxy_headers": False,
        "server_header": False,
    }
    made = uvicorn.Config(app, **{**fixed, **options})
    made.load()
    # From files uvicorn would make its own context, which accepts TLS 1.2.
    made.ssl = context
    return made


@contextmanager
def serve(
    app: Application, context: ssl.SSLContext, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[int]:
    """Serve an application on a thread while the block runs, and yield the port.

    Parameters
    ----------
    app : callable
        From `application` or `hub_application`.
    context : ssl.SSLContext
        From `server_context`.
    host, port : str, int
        Address to listen on; port 0 picks a free one.

    Notes
    -----
    The end of the block waits for requests in work.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=1024) as listening:
        server = uvicorn.Server(config(app, context, host=host, port=port))
        # Early connections wait in the socket until the server is up.
        thread = threading.Thread(
            target=server.run, args=([listening],), name="prum-https", daemon=True
        )
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def _extension(connection: ssl.SSLObject) -> dict[str, object]:
    certificate = connection.getpeercert(binary_form=True)
    return {
        "tls_version": _VERSIONS.get(connection.version() or ""),
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(certificate)] if certificate else [],
        "client_cert_error": None,
    }


def _saying(app: Callable[..., Any], extension: dict[str, object]) -> Application:
    async def with_certificate(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})["tls"] = extension
        await app(scope, receive, send)

    return with_certificate

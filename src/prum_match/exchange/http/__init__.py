"""The exchange over HTTPS with mutual TLS 1.3 and pinned keys; needs ``prum-match[http]``.

`HttpsTransport` and `AsyncHttpsTransport` ask, `application` answers. `HubClient` asks many parties
in one request to a router, which is a `hub_application`. Nothing else in the library imports this
package.
"""

from __future__ import annotations

from prum_match.errors import missing_extra

try:
    from prum_match.exchange.http.app import application
    from prum_match.exchange.http.certificates import client_context, pin_of, server_context
    from prum_match.exchange.http.client import AsyncHttpsTransport, HttpsTransport
    from prum_match.exchange.http.hub import HubClient
    from prum_match.exchange.http.router import hub_application
except ModuleNotFoundError as error:
    raise missing_extra(error.name or "httpcore", "http") from None

__all__ = [
    "AsyncHttpsTransport",
    "HttpsTransport",
    "HubClient",
    "application",
    "client_context",
    "hub_application",
    "pin_of",
    "server_context",
]

"""Tools for the tests of a host.

The contract suites check that a host's transport and responder meet the assumptions of the
exchange: `TransportContract`, `AsyncTransportContract`, `HubContract`, `MailboxContract` and
`ResponderContract`. They need no extra and no plug-in; any runner of ``test_`` methods works.

:mod:`prum_match.testing.strategies` holds Hypothesis strategies of DNA profiles, policies and
galleries, :mod:`prum_match.testing.strategies.vehicle` of vehicle registrations and queries,
:mod:`prum_match.testing.strategies.police_record` of persons; these need the extra
``prum-match[testing]``.

Nothing else in the library imports this package. Suites are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prum_match.testing.contracts.async_transport import AsyncTransportContract
    from prum_match.testing.contracts.hub import HubContract
    from prum_match.testing.contracts.mailbox import MailboxContract
    from prum_match.testing.contracts.responder import ResponderContract
    from prum_match.testing.contracts.transport import TransportContract

__all__ = [
    "AsyncTransportContract",
    "HubContract",
    "MailboxContract",
    "ResponderContract",
    "TransportContract",
]

_MODULES = {
    "AsyncTransportContract": "async_transport",
    "HubContract": "hub",
    "MailboxContract": "mailbox",
    "ResponderContract": "responder",
    "TransportContract": "transport",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.contracts.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])

"""The answering side as an ASGI application."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from prum_match.errors import InvalidInput
from prum_match.exchange.http.asgi import Application, Call, Slots, Stop, at_path
from prum_match.exchange.http.certificates import parties_by_pin, pins_of
from prum_match.exchange.http.client import MEDIA_TYPE, PARTY_HEADER, PATH
from prum_match.exchange.http.threads import in_thread
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.transport import RequestHandler
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange.http")


def application(
    handler: RequestHandler,
    pins: Mapping[str, Collection[str]],
    *,
    routers: Collection[str] = (),
    limits: Limits = Limits(),
    max_concurrent: int = 64,
    max_per_party: int = 16,
    seconds_to_send: float = 60.0,
) -> Application:
    """Return the ASGI application through which partners ask `handler`.

    Parameters
    ----------
    handler : RequestHandler
        Answers the requests: a `Responder`. Several threads call it at once.
    pins : mapping of str to collection of str
        Keys of each party: see `pin_of`. The client certificate identifies the party of a request.
    routers : collection of str
        Keys of routers (Art. 37). A router names the requesting party in the header ``Prum-Party``,
        which nobody else may send.
    limits : Limits
        Its ``request_bytes`` bounds the size of a request.
    max_concurrent, max_per_party : int
        Most requests in work, altogether and of one party; one more is answered with 503. Requests
        take at most ``max_concurrent`` times ``request_bytes`` of memory. A router counts as one
        party.
    seconds_to_send : float
        Seconds in which a request must arrive.

    Returns
    -------
    callable
        ASGI 3. It needs a server that verifies the client certificate and passes it on by the TLS
        extension of ASGI, and otherwise refuses every request: see
        `prum_match.exchange.http.serving`.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``bad_pin``, ``no_pin``, ``bad_limit``, or ``shared_pin`` for a key of
        two parties, or of a party and a router.

    Notes
    -----
    Statuses: 200 with the reply; 403 for an unknown certificate, or a forbidden ``Prum-Party``;
    404, 405, 415 for a wrong path, method or media type; 408, 413 for a slow or large request; 500
    if `handler` fails; 503 with ``Retry-After``.

    Examples
    --------
    >>> from prum_match.exchange import Responder
    >>> app = application(Responder("DE", {}), {"AT": ["0" * 64]})
    """
    parties = parties_by_pin(pins)
    known_routers = pins_of(routers) if routers else frozenset()
    if known_routers & parties.keys():
        raise InvalidInput("a party and a router share a key", code="shared_pin", field="routers")
    slots = Slots(max_concurrent, max_per_party)

    async def answer(call: Call) -> None:
        party = _asking(call, parties, known_routers)
        with slots.take(call.pin if call.pin in known_routers else party):
            request = await call.body(limits.request_bytes, seconds_to_send)
            try:
                reply = await in_thread(handler.handle, party, request)
            except Exception as error:
                # The text of the error may hold content, and a server would log it.
                _log.error("party=%s handler failed reason=%s", party, type(error).__name__)
                raise Stop(500) from None
        await call.reply(200, reply, content_type=MEDIA_TYPE)

    return at_path(PATH, MEDIA_TYPE, answer)


def _asking(call: Call, parties: Mapping[str, str], routers: Collection[str]) -> str:
    said = call.header(PARTY_HEADER.lower().encode())
    if call.pin in routers:
        try:
            return party_code(said or "")
        except InvalidInput:
            raise Stop(403) from None
    if said is not None or call.pin not in parties:
        raise Stop(403)
    return parties[call.pin]

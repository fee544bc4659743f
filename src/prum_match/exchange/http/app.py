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
    """Return the ASGI application that lets partners ask `handler`.

    Parameters
    ----------
    handler : RequestHandler
        Answers: a `Responder`. It is called on threads, several at once.
    pins : mapping of str to collection of str
        Keys of each party: see `pin_of`. The party of a request is that of the client certificate.
    routers : collection of str
        Keys of routers (Art. 37). Who asks is then their word, in the header ``Prum-Party``, which
        nobody else may say.
    limits : Limits
        Of a request, no more than ``request_bytes`` are read.
    max_concurrent, max_per_party : int
        Requests in work, altogether and of one party; one more is answered with 503. So many times
        ``request_bytes`` is what requests may take of memory. A router counts as one party.
    seconds_to_send : float
        How long a request may take to come in.

    Returns
    -------
    callable
        ASGI 3. It needs a server that has verified the client certificate and says it by the TLS
        extension of ASGI, or it refuses everybody: see `prum_match.exchange.http.serving`.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``bad_pin``, ``no_pin``, ``bad_limit``, or ``shared_pin`` for a key of
        two parties, or of a party and a router.

    Notes
    -----
    Statuses: 200 with the reply; 403 without a known certificate, or for another's word; 404, 405,
    415 for what is not asked here; 408, 413 for what is too slow or too long; 500 if `handler`
    fails; 503 with ``Retry-After``.

    Examples
    --------
    >>> from prum_match.exchange import Responder
    >>> app = application(Responder("DE", {}), {"AT": ["0" * 64]})
    """
    parties = parties_by_pin(pins)
    known_routers = pins_of(routers) if routers else frozenset()
    if known_routers & parties.keys():
        raise InvalidInput("one key for party and router", code="shared_pin", field="routers")
    slots = Slots(max_concurrent, max_per_party)

    async def answer(call: Call) -> None:
        party = _asking(call, parties, known_routers)
        with slots.take(call.pin if call.pin in known_routers else party):
            request = await call.body(limits.request_bytes, seconds_to_send)
            try:
                reply = await in_thread(handler.handle, party, request)
            except Exception as error:
                # Its text may hold content, and a server would log it.
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

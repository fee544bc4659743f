"""Both requesters, the router and the courier over real mutual TLS on loopback."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager

import pytest

from prum_match import dna
from prum_match.exchange import FollowUp, HitState, Outcome, Requester, Responder, Retries
from prum_match.exchange.http import (
    AsyncHttpsTransport,
    HttpsTransport,
    HubClient,
    application,
    hub_application,
)
from prum_match.exchange.http.serving import serve
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.courier import Courier
from prum_match.testing.certificates import make_identity
from support.exchange.https import context_of

LOCI = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)}
LOCI |= {"D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)}
STAIN = dna.Profile(LOCI, kind="stain")
ASKED = ["DE", "FR", "NL"]
EXPECTED = {"DE": Outcome.HIT, "FR": Outcome.NO_HIT, "NL": Outcome.UNREACHABLE}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_identity(folder, name) for name in ("AT", "DE", "FR", "router")}


@pytest.fixture
def germany():
    return FollowUp("DE")


@contextmanager
def partners(people, germany, asking):
    """Serve Germany with a hit and France without; yield how `asking` reaches them."""
    gallery = dna.Gallery()
    gallery.enrol(["DE-9"], [dna.Profile(LOCI)])
    handlers = {
        "DE": Responder("DE", {"dna": gallery}, follow_up=germany),
        "FR": Responder("FR", {"dna": dna.Gallery()}),
    }
    with ExitStack() as stack:
        addresses = {}
        for party, handler in handlers.items():
            app = application(handler, {"AT": [people["AT"].pin]}, routers=[people["router"].pin])
            port = stack.enter_context(serve(app, context_of(people[party], people[asking])))
            addresses[party] = f"https://127.0.0.1:{port}"
        yield {
            "addresses": addresses,
            "certificate": people[asking].certificate,
            "key": people[asking].key,
            "pins": {party: [people[party].pin] for party in handlers},
        }


def outcomes(outcome):
    return {party: one.outcome for party, one in outcome.items()}


def test_with_threads_and_then_a_courier(people, germany):
    ours = FollowUp("AT")
    with partners(people, germany, "AT") as options:
        transport = HttpsTransport(**options)
        requester = Requester(transport, "AT", category="dna", follow_up=ours)
        assert outcomes(requester.search(STAIN, ASKED, timeout=60)) == EXPECTED
        [hit] = ours.hits()
        ours.confirm(hit.key, official="insp-7")
        ours.send_facts(hit.key, offence="0101 00", description="burglary", official="insp-7")
        assert Courier(transport, ours, [requester.conversation]).run_once(60) == 2
        transport.close()
    assert ours.hit(hit.key).state is HitState.AWAITING_RELEASE
    assert germany.facts(hit.key).description == "burglary"


def test_with_tasks(people, germany):
    async def ask(options):
        transport = AsyncHttpsTransport(**options)
        requester = AsyncRequester(transport, "AT", category="dna")
        try:
            searches = (requester.search(STAIN, ASKED, timeout=60) for _ in range(4))
            return await asyncio.gather(*searches)
        finally:
            await transport.aclose()

    with partners(people, germany, "AT") as options:
        found = asyncio.run(ask(options))
    assert [outcomes(outcome) for outcome in found] == [EXPECTED] * 4


def test_through_the_router(people, germany):
    with partners(people, germany, "router") as options:
        outward = HttpsTransport(**options)
        app = hub_application(outward.on_behalf_of, {"AT": [people["AT"].pin]})
        with serve(app, context_of(people["router"], people["AT"])) as port:
            hub = HubClient(
                f"https://127.0.0.1:{port}",
                certificate=people["AT"].certificate,
                key=people["AT"].key,
                pins=[people["router"].pin],
            )
            requester = Requester(hub, "AT", category="dna", back_off=Retries())
            found = [requester.search(STAIN, ASKED, timeout=30) for _ in range(2)]
            hub.close()
        outward.close()
    assert [outcomes(outcome) for outcome in found] == [EXPECTED] * 2

"""Two states over real mutual TLS 1.3, served by uvicorn on loopback."""

from __future__ import annotations

import asyncio
import http.client
import logging
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from prum_match import dna, exchange
from prum_match.errors import InvalidInput
from prum_match.exchange import (
    Limits,
    TransportBusy,
    TransportError,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.http import AsyncHttpsTransport, HttpsTransport, application
from prum_match.exchange.http.serving import serve
from prum_match.testing.certificates import make_identity
from support.exchange.https import Echo, ask_async, ask_sync, context_of
from support.threads import until

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_identity(folder, name) for name in ("at", "de", "fr", "stranger")}


@pytest.fixture(params=[ask_sync, ask_async], ids=["threads", "loop"])
def ask(request):
    return request.param


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def port(echo, people):
    app = application(echo, {"AT": [people["at"].pin]}, limits=Limits(request_bytes=1 << 20))
    with serve(app, context_of(people["de"], people["at"], people["fr"])) as number:
        yield number


def transport_to(port, people, **options):
    return HttpsTransport(
        {"DE": f"https://127.0.0.1:{port}"},
        certificate=people["at"].certificate,
        key=people["at"].key,
        pins={"DE": [people["de"].pin]},
        **options,
    )


def test_a_hit_over_mutual_tls(people, caplog):
    caplog.set_level(logging.DEBUG)
    gallery = dna.Gallery()
    gallery.enrol(["DE-9"], [dna.Profile(LOCI)])
    responder = exchange.Responder("DE", {"dna": gallery})
    app = application(responder, {"AT": [people["at"].pin]})
    with serve(app, context_of(people["de"], people["at"])) as port:
        transport = transport_to(port, people)
        requester = exchange.Requester(transport, "AT", category="dna")
        stain = dna.Profile(LOCI, kind="stain")
        outcome = requester.search(stain, ["DE", "FR"], timeout=60)
        transport.close()
    assert {party: one.outcome.value for party, one in outcome.items()} == {
        "DE": "hit",
        "FR": "unreachable",
    }
    assert [candidate.reference for _, candidate in outcome.hits] == ["DE-9"]
    assert "DE-9" not in caplog.text
    assert "30.2" not in caplog.text


def test_requests_and_replies_arrive_byte_for_byte(ask, port, people):
    requests = [b"", b"x", bytes(range(256)) * 4096]
    got = ask(port, people["at"], [people["de"].pin], *requests)
    assert got == [b"AT " + request for request in requests]


@pytest.mark.parametrize("name", ["stranger", "fr"])
def test_a_certificate_that_stands_for_no_party(ask, port, people, echo, name):
    # One is not trusted at all, the other is, and no party is known by it.
    with pytest.raises(TransportError) as caught:
        ask(port, people[name], [people["de"].pin], b"x")
    codes = {"stranger": {"certificate_refused", "line_broke"}, "fr": {"refused"}}
    assert caught.value.code in codes[name]
    assert echo.calls == 0


def test_a_renewed_certificate_is_the_same_party(ask, people, tmp_path, echo):
    renewed = make_identity(tmp_path, "renewed", renews=people["at"])
    app = application(echo, {"AT": [people["at"].pin]})
    with serve(app, context_of(people["de"], renewed)) as port:
        assert ask(port, renewed, [people["de"].pin], b"x") == [b"AT x"]


def raw_connection(port, people, **changes):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(people["at"].certificate, people["at"].key)
    for name, value in changes.items():
        setattr(context, name, value)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)


def status_of(connection, **headers):
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", "/prum/1", b"x", {"Content-Type": "application/json", **named})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_partner_that_speaks_in_the_name_of_another(port, people, echo):
    assert status_of(raw_connection(port, people)) == 200
    assert status_of(raw_connection(port, people), Prum_Party="FR") == 403
    assert status_of(raw_connection(port, people), X_Forwarded_For="1.2.3.4") == 200
    assert echo.calls == 2


def test_tls_1_2_is_not_spoken(port, people, echo):
    old = raw_connection(port, people, maximum_version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(OSError, match=r"(?i)alert|eof|reset|closed"):
        status_of(old)
    assert echo.calls == 0


def test_a_certificate_is_required(port, people, echo):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises((OSError, http.client.HTTPException)):
        status_of(http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context))
    assert echo.calls == 0


def test_too_much_in_either_direction(ask, port, people, echo):
    with pytest.raises(TransportError) as caught:
        ask(port, people["at"], [people["de"].pin], b"x" * (1 << 20) + b"y")
    assert (caught.value.code, echo.calls) == ("http_status", 0)
    with pytest.raises(TransportError) as caught:
        ask(port, people["at"], [people["de"].pin], b"x" * 10, limits=Limits(reply_bytes=12))
    assert caught.value.code == "too_large"
    limits = Limits(reply_bytes=13)
    assert ask(port, people["at"], [people["de"].pin], b"x" * 10, limits=limits)


def test_many_calls_at_once(people, echo):
    app = application(echo, {"AT": [people["at"].pin]}, max_per_party=64)
    with serve(app, context_of(people["de"], people["at"])) as port:
        transport = transport_to(port, people, connections=8)
        with ThreadPoolExecutor(64) as pool:
            got = pool.map(lambda n: transport.exchange("DE", b"%d" % n, timeout=60), range(64))
            assert list(got) == [b"AT %d" % n for n in range(64)]
        transport.close()

        async def all_at_once():
            loop_transport = AsyncHttpsTransport(
                {"DE": f"https://127.0.0.1:{port}"},
                certificate=people["at"].certificate,
                key=people["at"].key,
                pins={"DE": [people["de"].pin]},
            )
            calls = [loop_transport.exchange("DE", b"%d" % n, timeout=60) for n in range(64)]
            try:
                return await asyncio.gather(*calls)
            finally:
                await loop_transport.aclose()

        assert asyncio.run(all_at_once()) == [b"AT %d" % n for n in range(64)]


def test_a_request_beyond_the_limit_is_told_to_retry(people):
    started, release = threading.Event(), threading.Event()

    class Slow:
        def handle(self, party, request):
            started.set()
            release.wait(60)
            return b"done"

    app = application(Slow(), {"AT": [people["at"].pin]}, max_concurrent=1, max_per_party=1)
    with (
        serve(app, context_of(people["de"], people["at"])) as port,
        ThreadPoolExecutor(1) as pool,
    ):
        transport = transport_to(port, people)
        first = pool.submit(transport.exchange, "DE", b"x", timeout=60)
        assert started.wait(60)
        with pytest.raises(TransportBusy) as caught:
            transport.exchange("DE", b"x", timeout=60)
        release.set()
        assert (first.result(), caught.value.retry_after) == (b"done", 1.0)
        transport.close()


def test_a_line_that_is_taken_waits_no_longer_than_the_timeout(people):
    started, release = threading.Event(), threading.Event()

    class Slow:
        def handle(self, party, request):
            started.set()
            release.wait(60)
            return b"done"

    app = application(Slow(), {"AT": [people["at"].pin]})
    with (
        serve(app, context_of(people["de"], people["at"])) as port,
        ThreadPoolExecutor(1) as pool,
    ):
        transport = transport_to(port, people, connections=1)
        first = pool.submit(transport.exchange, "DE", b"x", timeout=60)
        assert started.wait(60)
        with pytest.raises(TransportTimeout):
            transport.exchange("DE", b"x", timeout=0.1)
        transport.close()  # what is under way is let to its end
        release.set()
        assert first.result() == b"done"


def test_after_close_nothing_is_sent(port, people, echo):
    transport = transport_to(port, people)
    assert transport.exchange("DE", b"x", timeout=60) == b"AT x"
    transport.close()
    transport.close()
    for one in (transport, transport.on_behalf_of("FR")):
        with pytest.raises(TransportUnreachable) as caught:
            one.exchange("DE", b"x", timeout=60)
        assert caught.value.code == "transport_closed"
    assert echo.calls == 1


def test_after_aclose_nothing_is_sent(port, people, echo):
    async def scenario():
        transport = AsyncHttpsTransport(
            {"DE": f"https://127.0.0.1:{port}"},
            certificate=people["at"].certificate,
            key=people["at"].key,
            pins={"DE": [people["de"].pin]},
        )
        await transport.exchange("DE", b"x", timeout=60)
        await transport.aclose()
        await transport.aclose()
        with pytest.raises(TransportUnreachable) as caught:
            await transport.exchange("DE", b"x", timeout=60)
        return caught.value.code

    assert asyncio.run(scenario()) == "transport_closed"
    assert echo.calls == 1


def test_a_party_without_address(ask, port, people):
    transport = transport_to(port, people)
    with pytest.raises(TransportUnreachable):
        transport.exchange("FR", b"x", timeout=60)
    transport.close()


def test_a_server_that_has_been_restarted_in_between(people, echo):
    app = application(echo, {"AT": [people["at"].pin]})
    context = context_of(people["de"], people["at"])
    with serve(app, context) as port:
        transport = transport_to(port, people)
        assert transport.exchange("DE", b"1", timeout=60) == b"AT 1"
        stopping = time.monotonic()
    # Our line lies idle; the end of its TLS would be waited for 30 seconds.
    assert time.monotonic() - stopping < 25
    with pytest.raises(TransportUnreachable):
        transport.exchange("DE", b"2", timeout=60)
    with serve(app, context, port=port):
        assert transport.exchange("DE", b"3", timeout=60) == b"AT 3"
    transport.close()


def test_no_thread_is_left(people, echo):
    app = application(echo, {"AT": [people["at"].pin]})
    before = set(threading.enumerate())
    with serve(app, context_of(people["de"], people["at"])) as port:
        transport = transport_to(port, people)
        transport.exchange("DE", b"x", timeout=60)
        transport.close()
    assert until(lambda: set(threading.enumerate()) <= before)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1",
        "https://",
        "https://host/path",
        "https://host?query",
        "https://user@host",
        "https://host:port",
        "https://hôte",
        "host:1",
        None,
    ],
)
def test_invalid_addresses_are_refused(people, address):
    with pytest.raises(InvalidInput) as caught:
        transport_to_address(people, address)
    assert caught.value.code == "bad_address"
    assert caught.value.value is address


def transport_to_address(people, address, **changes):
    options = {
        "certificate": people["at"].certificate,
        "key": people["at"].key,
        "pins": {"DE": [people["de"].pin]},
    }
    return HttpsTransport({"DE": address}, **{**options, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pins": {}}, "no_pin"),
        ({"pins": {"DE": []}}, "no_pin"),
        ({"pins": {"DE": ["x"]}}, "bad_pin"),
        ({"connections": 0}, "bad_limit"),
    ],
)
def test_invalid_options_are_refused(people, changes, code):
    with pytest.raises(InvalidInput) as caught:
        transport_to_address(people, "https://host", **changes)
    assert caught.value.code == code

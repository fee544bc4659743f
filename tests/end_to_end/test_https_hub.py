"""A router between states: one request in, a stream of replies back (Art. 37)."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager

import pytest

from prum_match import dna, exchange
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import (
    Limits,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.http import (
    AsyncHttpsTransport,
    HttpsTransport,
    HubClient,
    application,
    hub_application,
)
from prum_match.exchange.http.frames import Frame
from prum_match.exchange.http.serving import serve
from prum_match.testing.certificates import make_identity
from support.exchange.bad_lines import bad_line, read_request
from support.exchange.https import Echo, ask_sync, context_of

STATES = ("DE", "FR", "IT", "ES", "NL")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_identity(folder, name) for name in ("AT", "router", "stranger", *STATES)}


@contextmanager
def states(people, handlers):
    """Serve states that know the router, and yield the router's addresses and pins of them."""
    with ExitStack() as stack:
        addresses = {}
        for party, handler in handlers.items():
            app = application(handler, {"AT": [people["AT"].pin]}, routers=[people["router"].pin])
            context = context_of(people[party], people["router"], people["AT"])
            addresses[party] = f"https://127.0.0.1:{stack.enter_context(serve(app, context))}"
        yield {
            "addresses": addresses,
            "certificate": people["router"].certificate,
            "key": people["router"].key,
            "pins": {party: [people[party].pin] for party in handlers},
        }


@contextmanager
def router(people, transport_for, **options):
    app = hub_application(transport_for, {"AT": [people["AT"].pin]}, **options)
    with serve(app, context_of(people["router"], people["AT"], people["stranger"])) as port:
        yield port


def client_of(people, port, name="AT", **options):
    return HubClient(
        f"https://127.0.0.1:{port}",
        certificate=people[name].certificate,
        key=people[name].key,
        pins=[people["router"].pin],
        **options,
    )


def ask(people, port, requests, timeout=60, **options):
    client = client_of(people, port, **options)
    try:
        return list(client.exchange_all(requests, timeout=timeout))
    finally:
        client.close()


class Scripted:
    """A transport with a scripted result for each party."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = {}

    def exchange(self, party, request, *, timeout):
        self.asked[party] = request
        answer = self.answers[party]
        return answer() if callable(answer) else answer

    def close(self):
        pass


def raising(error):
    def answer():
        raise error

    return answer


def test_states_answer_the_asking_party_through_the_router(people):
    sent = {party: party.encode() * 3 for party in STATES}
    with states(people, {party: Echo() for party in STATES}) as options:
        loop, threads = AsyncHttpsTransport(**options), HttpsTransport(**options)
        with router(people, loop.on_behalf_of, at_end=loop.aclose) as port:
            from_loop = dict(ask(people, port, sent))
        with router(people, threads.on_behalf_of) as port:
            from_threads = dict(ask(people, port, sent))
        threads.close()
    assert from_loop == from_threads == {p: b"AT " + request for p, request in sent.items()}


def test_a_hit_through_the_router(people):
    loci = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)}
    loci |= {"D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)}
    gallery = dna.Gallery()
    gallery.enrol(["DE-9"], [dna.Profile(loci)])
    holding = exchange.Responder("DE", {"dna": gallery})
    empty = exchange.Responder("FR", {"dna": dna.Gallery()})
    conversation = exchange.Conversation("AT", "dna")
    query = conversation.submit(dna.Profile(loci, kind="stain"), parties=["DE", "FR", "NL"])
    with states(people, {"DE": holding, "FR": empty}) as options:
        transport = HttpsTransport(**options)
        with router(people, transport.on_behalf_of) as port:
            requests = {message.party: message.data for message in query.outgoing}
            for party, answer in ask(people, port, requests):
                if isinstance(answer, bytes):
                    conversation.deliver(party, answer)
                else:
                    conversation.fail(party, answer)
        transport.close()
    assert {party: one.outcome.value for party, one in query.outcome.items()} == {
        "DE": "hit",
        "FR": "no_hit",
        "NL": "unreachable",
    }


def test_of_five_one_hangs_and_one_fails_and_the_others_come_as_they_are_ready(people):
    release, late = threading.Event(), threading.Event()
    transport = Scripted(
        {
            "DE": b"first",
            "FR": lambda: late.wait(60) and b"second",
            "IT": lambda: release.wait(60) and b"never seen",
            "ES": raising(TransportRefused(code="revoked")),
            "NL": lambda: late.wait(60) and b"x" * 1_000_000,
        }
    )
    with router(people, lambda party: transport, longest_timeout=5.0) as port:
        client = client_of(people, port)
        answers = client.exchange_all({party: b"request" for party in STATES}, timeout=60)
        first = dict(next(answers) for _ in range(2))
        assert first.keys() == {"DE", "ES"}  # they are here while the rest is still being asked
        late.set()
        rest = list(answers)
        release.set()
        client.close()
    assert first["DE"] == b"first"
    assert (type(first["ES"]), first["ES"].code) == (TransportRefused, "revoked")
    assert {party: one for party, one in rest if isinstance(one, bytes)} == {
        "FR": b"second",
        "NL": b"x" * 1_000_000,
    }
    party, failure = rest[-1]
    assert (party, type(failure)) == ("IT", TransportTimeout)


def test_a_router_has_no_answer_of_its_own(people):
    class Broken(Scripted):
        def exchange(self, party, request, *, timeout):
            if party == "NL":
                return None
            return super().exchange(party, request, timeout=timeout)

    transport = Broken(
        {
            "DE": raising(TransportBusy(retry_after=2.5)),
            "FR": raising(TransportUnreachable()),
            "IT": raising(ValueError("Zdzisława")),
            "ES": b"x" * 101,
        }
    )
    with router(people, lambda party: transport, limits=Limits(reply_bytes=100)) as port:
        got = dict(ask(people, port, {party: b"request" for party in STATES}))
    assert {party: (type(one), one.code) for party, one in got.items()} == {
        "DE": (TransportBusy, "busy"),
        "FR": (TransportUnreachable, "unreachable"),
        "IT": (TransportError, "transport_error"),
        "ES": (TransportError, "too_large"),
        "NL": (TransportError, "transport_error"),
    }
    assert got["DE"].retry_after == 3


def test_each_party_gets_its_own_request_byte_for_byte(people):
    image = b'"' + b"A" * 100_000 + b'"'
    sent = {party: b'{"n":"%s","probe":%s}' % (party.encode(), image) for party in STATES}
    transport = Scripted({party: b"ok" for party in STATES})
    with router(people, lambda party: transport) as port:
        ask(people, port, sent)
    assert transport.asked == sent


def test_a_stranger_cannot_use_the_router(people):
    transport = Scripted({"DE": b"ok"})
    with router(people, lambda party: transport) as port:
        (answer,) = ask(people, port, {"DE": b"request"}, name="stranger")
    assert (answer[0], type(answer[1])) == ("DE", TransportRefused)
    assert transport.asked == {}


def test_a_state_only_accepts_its_router(people):
    echo = Echo()
    with states(people, {"DE": echo}) as options:
        port = int(options["addresses"]["DE"].rpartition(":")[2])
        pins = [people["DE"].pin]
        own = {"certificate": people["AT"].certificate, "key": people["AT"].key}
        assert ask_sync(port, people["AT"], pins, b"x") == [b"AT x"]
        posing = HttpsTransport(**{**options, **own})
        with pytest.raises(TransportRefused):
            posing.on_behalf_of("FR").exchange("DE", b"x", timeout=60)
        posing.close()
        with pytest.raises(TransportRefused):  # a router itself is not a party
            ask_sync(port, people["router"], pins, b"x")
    assert echo.calls == 1


def test_a_line_to_the_router_that_breaks_leaves_no_party_out(people):
    def script(connection, peer):
        read_request(connection, peer)
        frame = Frame.of("DE", b"here").line() + b"here" + Frame.of("FR", b"half").line() + b"ha"
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + frame)

    with bad_line(context_of(people["router"], people["AT"]), script) as peer:
        got = ask(people, peer.port, {party: b"x" for party in ("DE", "FR", "IT")})
    assert got[0] == ("DE", b"here")
    assert [(party, type(one), one.code) for party, one in got[1:]] == [
        ("FR", TransportError, "line_broke"),
        ("IT", TransportError, "line_broke"),
    ]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"", "line_broke"),
        (Frame.of("ES", b"").line(), "wrong_frame"),
        (Frame.of("DE", b"").line() * 2, "wrong_frame"),
        (b"no frame\n", "wrong_frame"),
        (Frame(party="DE", size=33 << 20).line(), "too_large"),
    ],
    ids=["left out", "not asked", "twice", "rubbish", "too large"],
)
def test_a_router_with_invalid_replies(people, frames, code):
    def script(connection, peer):
        read_request(connection, peer)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(frames)
        connection.sendall(head + frames)

    with bad_line(context_of(people["router"], people["AT"]), script) as peer:
        got = ask(people, peer.port, {"DE": b"x", "FR": b"x"})
    assert [party for party, _ in got] == ["DE", "FR"]
    assert got[-1][1].code == code


def test_a_router_that_hangs_is_a_timeout_of_every_party(people):
    def script(connection, peer):
        read_request(connection, peer)
        peer.stop.wait(60)

    with bad_line(context_of(people["router"], people["AT"]), script) as peer:
        got = ask(people, peer.port, {"DE": b"x", "FR": b"x"}, timeout=0.3)
        peer.stop.set()
    assert [(party, type(one)) for party, one in got] == [
        ("DE", TransportTimeout),
        ("FR", TransportTimeout),
    ]


def test_an_abandoned_request_closes_its_connections(people):
    transport = Scripted({party: b"ok" for party in STATES})
    with router(people, lambda party: transport) as port:
        client = client_of(people, port)
        answers = client.exchange_all({party: b"x" for party in STATES}, timeout=60)
        next(answers)
        answers.close()
        client.close()
        with pytest.raises(TransportUnreachable) as caught:
            next(client.exchange_all({"DE": b"x"}, timeout=60))
    assert caught.value.code == "transport_closed"


@pytest.mark.parametrize(
    ("requests", "timeout", "kind", "code"),
    [
        ({}, 1, InvalidInput, "no_party"),
        ({"XX": b""}, 1, InvalidInput, "unknown_party"),
        ({"DE": b""}, 0, ExchangeError, "invalid_field"),
    ],
)
def test_invalid_requests_are_refused(people, requests, timeout, kind, code):
    client = client_of(people, 1)
    with pytest.raises(kind) as caught:
        client.exchange_all(requests, timeout=timeout)
    assert caught.value.code == code
    client.close()

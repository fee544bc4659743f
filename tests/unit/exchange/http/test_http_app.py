"""The applications without a server: scopes as the TLS extension of ASGI describes them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import Limits
from prum_match.exchange.http import application, hub_application
from prum_match.testing.certificates import make_identity
from support.exchange.asgi import BODY, call, scope_of

LIMITS = Limits(request_bytes=100, reply_bytes=100)


class Echo:
    def handle(self, party, request):
        return party.encode() + b" " + request


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_identity(folder, name) for name in ("at", "fr", "router", "stranger")}


@pytest.fixture
def app(people):
    pins = {"AT": [people["at"].pin], "FR": [people["fr"].pin]}
    return application(Echo(), pins, routers=[people["router"].pin], limits=LIMITS)


def test_the_party_is_that_of_the_certificate(app, people):
    answer = call(app, scope_of(people["at"]), BODY)
    assert (answer.status, answer.body) == (200, b"AT hello")
    assert answer.headers[b"content-type"] == b"application/json"
    assert call(app, scope_of(people["fr"]), BODY).body == b"FR hello"


def test_a_body_in_parts_is_put_together(app, people):
    assert call(app, scope_of(people["at"]), [b"hel", b"", b"lo"]).body == b"AT hello"


@pytest.mark.parametrize("name", ["at", "stranger"])
def test_a_header_that_names_a_party_is_refused_from_all_but_routers(app, people, name):
    for claim in (b"FR", b"AT", b""):
        answer = call(app, scope_of(people[name], (b"prum-party", claim)), BODY)
        assert (answer.status, answer.body) == (403, b"")


def test_a_router_names_the_requesting_party(app, people):
    answer = call(app, scope_of(people["router"], (b"prum-party", b"DE")), BODY)
    assert answer.body == b"DE hello"
    for headers in ([], [(b"prum-party", b"XX")], [(b"prum-party", b"")]):
        assert call(app, scope_of(people["router"], *headers), BODY).status == 403
    twice = [(b"prum-party", b"DE"), (b"prum-party", b"FR")]
    assert call(app, scope_of(people["router"], *twice), BODY).status == 400


def no_extension(scope):
    del scope["extensions"]["tls"]


def no_extensions(scope):
    del scope["extensions"]


def tls_1_2(scope):
    scope["extensions"]["tls"]["tls_version"] = 0x0303


def no_chain(scope):
    scope["extensions"]["tls"]["client_cert_chain"] = []


def unverified(scope):
    scope["extensions"]["tls"]["client_cert_error"] = "self-signed certificate"


def no_certificate(scope):
    scope["extensions"]["tls"]["client_cert_chain"] = ["nothing"]


@pytest.mark.parametrize(
    "change", [no_extension, no_extensions, tls_1_2, no_chain, unverified, no_certificate]
)
def test_requests_without_a_verified_certificate_are_refused(app, people, change):
    scope = scope_of(people["at"])
    change(scope)
    assert call(app, scope, BODY).status == 403


def test_a_stranger_is_refused(app, people):
    assert call(app, scope_of(people["stranger"]), BODY).status == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/"}, 404),
        ({"path": "/prum/2"}, 404),
        ({"method": "GET"}, 405),
        ({"headers": [(b"content-type", b"text/html")]}, 415),
        ({"headers": []}, 415),
        ({"headers": [(b"content-type", b"application/json; charset=utf-8")]}, 200),
        (
            {
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"content-encoding", b"gzip"),
                ]
            },
            415,
        ),
    ],
)
def test_wrong_paths_methods_and_media_types_are_refused(app, people, changes, status):
    answer = call(app, {**scope_of(people["at"]), **changes}, BODY)
    assert answer.status == status
    assert (answer.headers.get(b"allow") == b"POST") == (status == 405)


@pytest.mark.parametrize(
    ("length", "status"),
    [(b"100", 200), (b"101", 413), (b"9" * 5000, 400), (b"-1", 400), (b"1e2", 400)],
)
def test_an_announced_length_is_checked_before_reading(app, people, length, status):
    answer = call(app, scope_of(people["at"], (b"content-length", length)), BODY)
    assert answer.status == status
    assert answer.received == (1 if status == 200 else 0)


def test_an_unannounced_length_is_bounded_while_reading(app, people):
    answer = call(app, scope_of(people["at"]), [b"x" * 60] * 50)
    assert (answer.status, answer.received) == (413, 2)
    assert call(app, scope_of(people["at"]), [b"x" * 100]).status == 200


def test_a_slow_sender_is_cut_off(people):
    app = application(Echo(), {"AT": [people["at"].pin]}, seconds_to_send=0.01)
    assert call(app, scope_of(people["at"]), [b"x"], then_hang=True).status == 408


def test_a_closed_connection_gets_no_answer(app, people):
    answer = call(app, scope_of(people["at"]), [b"x"], then_leave=True)
    assert answer.status is None


def test_a_failing_handler_reveals_nothing(people, caplog):
    class Broken:
        def handle(self, party, request):
            raise KeyError("Zdzisława")

    app = application(Broken(), {"AT": [people["at"].pin]})
    answer = call(app, scope_of(people["at"]), BODY)
    assert (answer.status, answer.body) == (500, b"")
    assert "KeyError" in caplog.text
    assert "Zdzis" not in caplog.text + str(answer)


def test_requests_beyond_the_bounds_are_asked_to_come_back(people):
    started, release = threading.Semaphore(0), threading.Event()

    class Slow:
        def handle(self, party, request):
            started.release()
            release.wait(60)
            return b"done"

    pins = {"AT": [people["at"].pin], "FR": [people["fr"].pin]}
    app = application(Slow(), pins, max_concurrent=3, max_per_party=2)

    async def ask(name):
        return await asyncio.to_thread(call, app, scope_of(people[name]), BODY)

    async def scenario():
        held = [asyncio.create_task(ask(name)) for name in ("at", "at", "fr")]
        for _ in held:
            assert await asyncio.to_thread(started.acquire, timeout=60)
        refused = [await ask("at"), await ask("fr")]
        release.set()
        return refused, await asyncio.gather(*held)

    refused, answered = asyncio.run(scenario())
    assert [(one.status, one.headers[b"retry-after"]) for one in refused] == [(503, b"1")] * 2
    assert [one.status for one in answered] == [200] * 3
    assert call(app, scope_of(people["at"]), BODY).status == 200  # the places are free again


def test_a_handler_that_hangs_does_not_keep_the_loop(people):
    release = threading.Event()

    class Stuck:
        def handle(self, party, request):
            release.wait(60)
            return b""

    app = application(Stuck(), {"AT": [people["at"].pin]})
    answer = call(app, scope_of(people["at"]), BODY, cancel=True)
    assert answer.status is None
    release.set()


def test_only_http_is_spoken(app):
    with pytest.raises(ValueError, match="only http"):
        call(app, {"type": "websocket"}, BODY)


def test_a_server_begins_and_ends():
    ended, told = [], []

    async def at_end():
        ended.append(list(told))

    app = hub_application(lambda party: None, {"AT": ["a" * 64]}, at_end=at_end)

    async def run():
        coming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive():
            return coming.pop(0)

        async def send(message):
            told.append(message["type"])

        await app({"type": "lifespan"}, receive, send)

    asyncio.run(run())
    assert ended == [["lifespan.startup.complete"]]
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"max_per_party": 0}, "bad_limit"),
        ({"max_concurrent": 3, "max_per_party": 4}, "bad_limit"),
        ({"routers": ["a" * 64]}, "shared_pin"),
        ({"routers": ["x"]}, "bad_pin"),
    ],
)
def test_invalid_options_are_refused(options, code):
    with pytest.raises(InvalidInput) as caught:
        application(Echo(), {"AT": ["a" * 64]}, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("body", [b"", b"{}\n", b"no head"])
def test_a_router_refuses_an_invalid_bundle(people, body):
    app = hub_application(lambda party: None, {"AT": [people["at"].pin]})
    scope = scope_of(people["at"], path="/prum/1/hub", media_type=b"application/octet-stream")
    assert call(app, scope, [body]).status == 400


def test_a_router_only_serves_its_parties(people):
    app = hub_application(lambda party: None, {"AT": [people["at"].pin]})
    for name, headers in [("fr", []), ("at", [(b"prum-party", b"FR")])]:
        scope = scope_of(
            people[name], *headers, path="/prum/1/hub", media_type=b"application/octet-stream"
        )
        assert call(app, scope, [b""]).status == 403

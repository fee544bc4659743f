"""A client over HTTPS whose partners, or whose lines, do what they should not."""

from __future__ import annotations

import socket
import ssl
import time

import pytest

from prum_match.exchange import (
    Limits,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.testing.certificates import make_identity
from support.exchange.bad_lines import bad_line, read_request, reply
from support.exchange.https import ask_async, ask_sync, context_of

# What a line that never ends is given; the test of it would hang without.
SHORT = 0.4


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    return make_identity(tmp_path_factory.mktemp("at"), "at")


@pytest.fixture(scope="module")
def de(tmp_path_factory):
    return make_identity(tmp_path_factory.mktemp("de"), "de")


@pytest.fixture(params=[ask_sync, ask_async], ids=["threads", "loop"])
def ask(request):
    return request.param


def failing(ask, at, de, script, context=None, **options):
    """Run a script as the server, and return the failure that a client has, and what it saw."""
    with bad_line(context or context_of(de, at), script) as peer:
        with pytest.raises(TransportError) as caught:
            ask(peer.port, at, [de.pin], b"the request", **options)
        peer.stop.set()
    assert "the request" not in str(caught.value) + repr(caught.value)
    return caught.value, peer


def drip(connection, peer, data):
    """Send a byte now and then, and never come to the end."""
    while not peer.stop.wait(0.02):
        connection.sendall(data)


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFF\r\n",
    ],
    ids=["headers", "body", "chunk"],
)
def test_one_deadline_bounds_a_reply_that_drips(ask, at, de, beginning):
    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(beginning)
        drip(connection, peer, b"x")

    failure, _ = failing(ask, at, de, script, timeout=SHORT)
    assert type(failure) is TransportTimeout


def test_a_party_that_never_answers(ask, at, de):
    def script(connection, peer):
        read_request(connection, peer)
        peer.stop.wait(60)

    failure, _ = failing(ask, at, de, script, timeout=SHORT)
    assert type(failure) is TransportTimeout


def test_a_party_that_does_not_read(ask, at, de):
    def script(connection, peer):
        peer.stop.wait(60)

    with bad_line(context_of(de, at), script) as peer:
        with pytest.raises(TransportTimeout):
            ask(peer.port, at, [de.pin], b"x" * (8 << 20), timeout=SHORT)
        peer.stop.set()


def test_a_handshake_that_hangs(ask, at, de):
    with bad_line(None, lambda connection, peer: peer.stop.wait(60) and None) as peer:
        with pytest.raises(TransportTimeout):
            ask(peer.port, at, [de.pin], b"the request", timeout=SHORT)
        peer.stop.set()


def test_no_time_at_all(ask, at, de):
    with bad_line(context_of(de, at), lambda connection, peer: None) as peer:
        for timeout in (0, -1):
            with pytest.raises(TransportTimeout):
                ask(peer.port, at, [de.pin], b"the request", timeout=timeout)
    assert peer.requests == []


def test_a_man_in_the_middle_gets_a_handshake_and_no_byte_more(ask, at, de, tmp_path):
    stranger = make_identity(tmp_path, "stranger")
    received = []

    def script(connection, peer):
        received.append(connection.recv(65536))

    failure, peer = failing(ask, at, de, script, context_of(stranger, at))
    assert (type(failure), failure.code) == (TransportRefused, "wrong_certificate")
    assert peer.lines == 1
    assert received in ([b""], [])  # the end of the line, or its abort


def test_an_untrusted_server_does_not_see_our_certificate(ask, at, de, tmp_path):
    authority = make_identity(tmp_path, "authority")
    failure, peer = failing(
        ask, at, de, lambda connection, peer: None, authorities=[authority.certificate]
    )
    assert (type(failure), failure.code) == (TransportRefused, "wrong_certificate")
    assert len(peer.failures) == 1  # its handshake has not come as far as our certificate


def test_an_own_certificate_that_is_not_taken(ask, at, de, tmp_path):
    stranger = make_identity(tmp_path, "stranger")
    # What the other side says of it comes with the answer, after our part of the handshake.
    failure, peer = failing(ask, stranger, de, lambda connection, peer: None, context_of(de, at))
    assert type(failure) in {TransportRefused, TransportError}
    assert failure.code in {"certificate_refused", "line_broke"}
    assert (len(peer.failures), peer.requests) == (1, [])


def test_a_party_with_only_tls_1_2_is_refused(ask, at, de):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(de.certificate, de.key)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    failure, peer = failing(ask, at, de, lambda connection, peer: None, old)
    assert type(failure) is TransportUnreachable
    assert len(peer.failures) == 1


def test_a_party_that_speaks_no_tls(ask, at, de):
    def script(connection, peer):
        connection.sendall(b"HTTP/1.1 200 OK")

    with bad_line(None, script) as peer, pytest.raises(TransportUnreachable):
        ask(peer.port, at, [de.pin], b"the request")


def test_an_absent_party_is_unreachable(ask, at, de):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportUnreachable):
        ask(port, at, [de.pin], b"the request")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff garbage \r\n\r\n",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
    ],
    ids=["nothing", "garbage", "cut", "half", "length", "lengths", "chunk", "head"],
)
def test_broken_connections_and_invalid_http(ask, at, de, answer):
    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(answer)

    failure, peer = failing(ask, at, de, script)
    assert (type(failure), failure.code) == (TransportError, "line_broke")
    # On a line that was fresh it is not the line's age: nothing is sent again.
    assert peer.requests == [b"the request"]


@pytest.mark.parametrize(
    ("status", "headers", "kind", "code", "retry_after"),
    [
        (b"403 Forbidden", [], TransportRefused, "refused", None),
        (b"429 Slow", [b"Retry-After: 12"], TransportBusy, "busy", 12.0),
        (b"503 Busy", [], TransportBusy, "busy", None),
        (b"503 Busy", [b"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"], TransportBusy, "busy", None),
        (b"503 Busy", [b"Retry-After: 99999999"], TransportBusy, "busy", None),
        (b"503 Busy", [b"Retry-After: 1", b"Retry-After: 2"], TransportBusy, "busy", None),
        (b"500 Oops", [], TransportError, "http_status", None),
        (b"404 No", [], TransportError, "http_status", None),
        (b"204 Nothing", [], TransportError, "http_status", None),
        (b"302 Found", [b"Location: https://127.0.0.1:1/"], TransportError, "http_status", None),
    ],
)
def test_statuses(ask, at, de, status, headers, kind, code, retry_after):
    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(reply(b"", status, *headers))

    failure, peer = failing(ask, at, de, script)
    assert (type(failure), failure.code) == (kind, code)
    assert getattr(failure, "retry_after", None) == retry_after
    assert peer.lines == 1


@pytest.mark.parametrize("told", [True, False])
def test_a_reply_that_is_too_long_is_not_read(ask, at, de, told):
    sent = 0

    def script(connection, peer):
        nonlocal sent
        read_request(connection, peer)
        if told:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
            peer.stop.wait(60)
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not peer.stop.is_set():
                connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
                sent += 0x1000

    failure, _ = failing(ask, at, de, script, limits=Limits(reply_bytes=1000))
    assert (type(failure), failure.code) == (TransportError, "too_large")
    assert sent < 64 << 20  # what the system's buffers took; it would have gone on for ever


def test_a_line_that_died_while_it_lay_idle_is_replaced_once(ask, at, de):
    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(reply())
        if peer.lines == 1:
            # Taken up again: the request arrives, and then there is no more line.
            read_request(connection, peer)
            return
        read_request(connection, peer)
        connection.sendall(reply(b"again"))

    with bad_line(context_of(de, at), script) as peer:
        assert ask(peer.port, at, [de.pin], b"1", b"2") == [b"done", b"done"]
    assert (peer.lines, peer.requests) == (2, [b"1", b"2", b"2"])


def test_a_connection_is_reused_without_state(ask, at, de):
    heads = []

    def script(connection, peer):
        for _ in range(3):
            heads.append(connection.recv(65536))
            connection.sendall(reply(b"done", b"200 OK", b"Set-Cookie: a=b"))

    with bad_line(context_of(de, at), script) as peer:
        ask(peer.port, at, [de.pin], b"", b"", b"")
    assert peer.lines == 1
    assert len(heads) == 3
    for head in heads:
        names = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line}
        assert names == {b"host", b"content-length", b"content-type"}


def test_the_environment_names_no_proxy(ask, at, de, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(reply())

    with bad_line(context_of(de, at), script) as peer:
        assert ask(peer.port, at, [de.pin], b"x") == [b"done"]


def test_a_party_may_change_its_key_without_a_gap(ask, at, de, tmp_path):
    new = make_identity(tmp_path, "new")

    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(reply())

    for identity in (de, new):
        with bad_line(context_of(identity, at), script) as peer:
            assert ask(peer.port, at, [de.pin, new.pin], b"x") == [b"done"]


def test_the_deadline_is_kept_with_room_to_spare(ask, at, de):
    def script(connection, peer):
        read_request(connection, peer)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        drip(connection, peer, b"x")

    start = time.monotonic()
    failing(ask, at, de, script, timeout=SHORT)
    # A wait for each byte, or for each step, would be a multiple; the rest is a loaded machine.
    assert time.monotonic() - start < 30

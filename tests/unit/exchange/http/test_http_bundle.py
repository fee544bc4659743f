from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import ExchangeError
from prum_match.exchange import PARTIES
from prum_match.exchange.http.bundle import HEAD_BYTES, bundle, unbundle
from prum_match.exchange.messages import SearchRequest, encode

parties = st.sampled_from(sorted(PARTIES))
requests = st.dictionaries(parties, st.binary(max_size=60), min_size=1, max_size=6)
# Requests with quotes in them, so that there is something to share.
quoted = st.lists(st.sampled_from([b'"', b"shared", b"\\", b"x", b'"shared"', b"\n"])).map(b"".join)


def head_of(body):
    return json.loads(body.partition(b"\n")[0])


def with_head(body, **changes):
    head, _, rest = body.partition(b"\n")
    return json.dumps({**json.loads(head), **changes}).encode() + b"\n" + rest


@given(requests | st.dictionaries(parties, quoted, min_size=1))
def test_every_request_comes_out_byte_for_byte(sent):
    assert unbundle(bundle(sent, 1.5), 1000) == (1.5, sent)


def test_a_probe_travels_once(request_of):
    def one(party: str) -> SearchRequest:
        return request_of(requested=party, number=f"q-{party}", probe=bytes(range(256)) * 4000)

    sent = {party: encode(one(party)) for party in ("DE", "FR", "IT", "ES")}
    body = bundle(sent, 30)
    assert len(body) < 1.001 * len(sent["DE"]) + 4000
    assert unbundle(body, len(sent["DE"]))[1] == sent


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(body):
    with pytest.raises(ExchangeError):
        unbundle(body, 1000)


@given(requests, st.data())
def test_a_damaged_bundle_is_refused_or_still_one(sent, data):
    body = bytearray(bundle(sent, 1))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] = data.draw(st.integers(0, 255))
    try:
        _, got = unbundle(bytes(body), 1000)
    except ExchangeError:
        return
    assert all(len(request) <= 1000 for request in got.values())


@given(requests, st.integers(1, 50))
def test_a_bundle_that_is_cut_short_or_goes_on_is_refused(sent, count):
    body = bundle(sent, 1)
    for wrong in (body[:-count], body + b"x" * count):
        if wrong.partition(b"\n")[2] != body.partition(b"\n")[2]:
            with pytest.raises(ExchangeError):
                unbundle(wrong, 1000)


def test_repeated_use_of_shared_bytes_is_bounded():
    body = bundle({"DE": b'"' + b"a" * 500 + b'"'}, 1)
    with pytest.raises(ExchangeError) as caught:
        unbundle(body, 501)
    assert caught.value.code == "too_large"
    one = head_of(body)["requests"][0]
    with pytest.raises(ExchangeError):  # the same party again
        unbundle(with_head(body, requests=[one] * 2), 1000)
    with pytest.raises(ExchangeError):  # more than one for each party there is
        unbundle(with_head(body, requests=[one] * (len(PARTIES) + 1)), 1000)
    with pytest.raises(ExchangeError):  # a part of what is shared
        unbundle(with_head(body, requests=[{**one, "shared": 5}]), 1000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timeout": 0}, "invalid_field"),
        ({"timeout": 1.5}, "invalid_field"),
        ({"shared": -1}, "invalid_field"),
        ({"requests": []}, "malformed"),
        ({"requests": [{"party": "XX", "before": 0, "shared": 0, "after": 0}]}, "invalid_field"),
        ({"requests": [{"party": "DE", "before": -1, "shared": 0, "after": 1}]}, "invalid_field"),
        ({"more": 1}, "unknown_field"),
    ],
)
def test_an_invalid_head_is_refused(changes, code):
    with pytest.raises(ExchangeError) as caught:
        unbundle(with_head(bundle({"DE": b"abc"}, 1), **changes), 100)
    assert caught.value.code == code


def test_a_head_without_end_is_not_looked_through():
    with pytest.raises(ExchangeError) as caught:
        unbundle(b" " * HEAD_BYTES + b"\n", 100)
    assert caught.value.code == "malformed"


def test_a_head_for_all_parties_fits():
    sent = {party: b"x" * 100_000 for party in PARTIES}
    assert unbundle(bundle(sent, 86_400), 100_000) == (86_400, sent)
    assert bundle(sent, 86_400).index(b"\n") < HEAD_BYTES

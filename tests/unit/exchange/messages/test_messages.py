from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from prum_match.errors import ExchangeError
from prum_match.exchange import Limits
from prum_match.exchange.messages import decode_reply, decode_request, encode
from support.exchange.messages import canonical, messages, sealed

DECODERS = {"request": decode_request, "reply": decode_reply}


def refusal(data: bytes, decode: Any, **limits: int) -> str:
    with pytest.raises(ExchangeError) as caught:
        decode(data, Limits(**limits))
    return caught.value.code


def changed(message: Any, **fields: Any) -> bytes:
    return sealed({**json.loads(encode(message)), **fields})


@given(messages)
def test_the_encoding_is_canonical_json(message):
    raw = json.loads(encode(message))
    assert encode(message) == sealed(raw) == canonical(raw)
    assert raw["version"] == "prum-match/1"


@pytest.mark.parametrize("kind", DECODERS)
def test_every_flipped_bit_is_refused(kind, request_of, reply_of):
    sent = encode(request_of() if kind == "request" else reply_of())
    for place, bit in itertools.product(range(len(sent)), range(8)):
        damaged = sent[:place] + bytes([sent[place] ^ (1 << bit)]) + sent[place + 1 :]
        with pytest.raises(ExchangeError):
            DECODERS[kind](damaged)


def test_a_changed_letter_is_damage_and_not_another_message(request_of):
    damaged = encode(request_of()).replace(b'"AT-7"', b'"AT-8"')
    assert refusal(damaged, decode_request) == "wrong_digest"


@pytest.mark.parametrize("kind", DECODERS)
def test_every_truncation_is_refused(kind, request_of, reply_of):
    sent = encode(request_of() if kind == "request" else reply_of())
    for stop in range(len(sent)):
        with pytest.raises(ExchangeError):
            DECODERS[kind](sent[:stop])


@pytest.mark.parametrize(
    "spelling",
    [
        lambda sent: sent + b" ",
        lambda sent: sent.replace(b'":"', b'": "', 1),
        lambda sent: b"\xef\xbb\xbf" + sent,
        lambda sent: sent.replace(b'"AT-7"', b'"\\u0041T-7"'),
        lambda sent: sent.replace(b'"AT"', b'"DE","requesting":"AT"'),
        lambda sent: sent.replace(b".000000Z", b"Z"),
        lambda sent: sent.replace(b".000000Z", b".000000+00:00"),
        lambda sent: json.dumps(json.loads(sent)).encode(),
        lambda sent: json.dumps(dict(reversed(json.loads(sent).items()))).encode(),
    ],
    ids=["trailing", "inner", "bom", "escape", "twice", "short", "offset", "loose", "order"],
)
def test_one_message_has_one_spelling(spelling, request_of):
    sent = encode(request_of())
    assert refusal(spelling(sent), decode_request) in {"not_canonical", "malformed"}


@pytest.mark.parametrize(
    "digest",
    [b"NaN", b"-Infinity", b"1e400", b"9" * 4000, b"null", b'"\\ud800"', b'"%s"' % (b"A" * 64)],
)
def test_an_invalid_digest_is_refused(digest, request_of):
    sent = encode(request_of())
    own = b'"%s"' % json.loads(sent)["digest"].encode()
    assert refusal(sent.replace(own, digest), decode_request) == "invalid_field"


def test_base64_has_one_spelling(request_of):
    sent = changed(request_of(), probe="QQ==")
    assert decode_request(sent).probe == b"A"
    for other in ("QR==", "QQ", "Q Q==", "QQ==\\n"):
        assert refusal(changed(request_of(), probe=other), decode_request) in {
            "wrong_digest",
            "invalid_field",
        }


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"version": "prum-match/2"}, "unsupported_version", "version"),
        ({"nonsense": {}}, "too_deep", None),
        ({"version": None, "nonsense": 1}, "unsupported_version", "version"),
        ({"kind": "search_reply"}, "wrong_kind", "kind"),
        ({"requesting": "EL"}, "invalid_field", "requesting"),
        ({"requesting": "XX"}, "invalid_field", "requesting"),
        ({"requested": "AT"}, "same_party", "requested"),
        ({"type": "X"}, "invalid_field", "type"),
        ({"category": "Toy"}, "invalid_field", "category"),
        ({"number": ""}, "invalid_field", "number"),
        ({"number": "a\nb"}, "invalid_field", "number"),
        ({"reference": "x" * 65}, "invalid_field", "reference"),
        ({"reference": "Zo\u00eb"}, "invalid_field", "reference"),
        ({"reference": "\ud800"}, "invalid_field", "reference"),
        ({"reference": 7}, "invalid_field", "reference"),
        ({"time": "2026-01-01T00:00:00.000000"}, "invalid_field", "time"),
        ({"time": "2026-01-01T02:00:00.000000+02:00"}, "invalid_field", "time"),
        ({"time": "2026-02-30T00:00:00.000000Z"}, "invalid_field", "time"),
        ({"time": 5}, "invalid_field", "time"),
        ({"probe": None}, "invalid_field", "probe"),
        ({"probe": "***"}, "invalid_field", "probe"),
    ],
)
def test_a_request_with_a_bad_field(fields, code, field, request_of):
    with pytest.raises(ExchangeError) as caught:
        decode_request(changed(request_of(), **fields))
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"result": "maybe"}, "invalid_field", "result"),
        ({"result": []}, "invalid_field", "result"),
        ({"result": "no_hit"}, "inconsistent_field", "candidates"),
        ({"candidates": []}, "inconsistent_field", "candidates"),
        ({"candidates": {}}, "invalid_field", "candidates"),
        ({"candidates": ["x"]}, "malformed", None),
        ({"request": None}, "inconsistent_field", "request"),
        ({"request": []}, "malformed", None),
        ({"code": "why"}, "inconsistent_field", "code"),
        ({"retry_after": 5}, "inconsistent_field", "retry_after"),
        ({"retry_after": -1}, "invalid_field", "retry_after"),
        ({"retry_after": True}, "invalid_field", "retry_after"),
        ({"retry_after": 1.0}, "invalid_field", "retry_after"),
    ],
)
def test_a_reply_with_a_bad_field(fields, code, field, reply_of):
    with pytest.raises(ExchangeError) as caught:
        decode_reply(changed(reply_of(), **fields))
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"rank": 2}, "inconsistent_field", "rank"),
        ({"rank": 1.0}, "invalid_field", "rank"),
        ({"rank": True}, "invalid_field", "rank"),
        ({"quality": -1}, "invalid_field", "quality"),
        ({"quality": 2**53}, "invalid_field", "quality"),
        ({"quality": 0.5}, "invalid_field", "quality"),
        ({"readings": ["wide", "strict"]}, "inconsistent_field", "readings"),
        ({"readings": ["wide", "wide"]}, "inconsistent_field", "readings"),
        ({"readings": "wide"}, "invalid_field", "readings"),
        ({"readings": [1]}, "invalid_field", "readings"),
        ({"score": 1}, "unknown_field", None),
    ],
)
def test_a_candidate_with_a_bad_field(fields, code, field, reply_of):
    raw = json.loads(encode(reply_of()))
    candidate = {**raw["candidates"][0], **fields}
    with pytest.raises(ExchangeError) as caught:
        decode_reply(changed(reply_of(), candidates=[candidate]))
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_reference_is_named_once(reply_of):
    first = json.loads(encode(reply_of()))["candidates"][0]
    twice = changed(reply_of(), candidates=[first, {**first, "rank": 2}])
    assert refusal(twice, decode_reply) == "inconsistent_field"


@pytest.mark.parametrize("kind", DECODERS)
def test_every_field_is_needed(kind, request_of, reply_of):
    raw = json.loads(encode(request_of() if kind == "request" else reply_of()))
    for name in raw:
        rest = {key: value for key, value in raw.items() if key != name}
        assert refusal(canonical(rest), DECODERS[kind]) == "missing_field"


@pytest.mark.parametrize("name", ["purpose", "case", "offence", "first_name", "examined"])
def test_the_field_lists_are_closed_and_a_stray_name_is_not_repeated(name, request_of, reply_of):
    for data, decode in (
        (changed(request_of(), **{name: "x"}), decode_request),
        (changed(reply_of(), **{name: "x"}), decode_reply),
    ):
        with pytest.raises(ExchangeError) as caught:
            decode(data)
        assert caught.value.code == "unknown_field"
        assert caught.value.value == name
        assert name not in str(caught.value)


def test_a_refusal_never_shows_the_value(request_of):
    with pytest.raises(ExchangeError) as caught:
        decode_request(changed(request_of(), reference="CANARY" * 20, number="CANARY CANARY"))
    error = caught.value
    assert "CANARY" not in f"{error} {error!r} {error.args}"
    assert error.__cause__ is None


def test_a_message_never_shows_its_content(request_of, reply_of):
    assert "probe" not in repr(request_of(probe=b"CANARY"))
    assert "CANARY" not in repr(request_of(probe=b"CANARY"))
    assert "matching" not in repr(reply_of())


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        "2026-01-01T00:00:00.000000Z",
    ],
)
def test_times_are_in_utc(moment, request_of):
    with pytest.raises(ExchangeError) as caught:
        request_of(time=moment)
    assert (caught.value.code, caught.value.field) == ("invalid_field", "time")


def test_the_bounds_hold_before_parsing(request_of, reply_of):
    request, reply = encode(request_of()), encode(reply_of())
    assert refusal(request, decode_request, request_bytes=len(request) - 1) == "too_large"
    assert refusal(reply, decode_reply, reply_bytes=len(reply) - 1) == "too_large"
    assert decode_request(request, Limits(request_bytes=len(request))) == request_of()
    assert decode_reply(reply, Limits(reply_bytes=len(reply), candidates=1)) == reply_of()
    assert refusal(reply, decode_reply, candidates=0) == "too_many_candidates"
    assert refusal(b"[" * 10_000_000, decode_reply) == "too_deep"
    assert refusal(b"[" * 5, decode_reply) == "too_deep"
    assert refusal(b"[" * 4, decode_reply) == "malformed"
    assert refusal(b"[]" * 1004, decode_reply) == "too_many_candidates"
    assert refusal(b"9" * 10_000, decode_reply) == "malformed"
    assert refusal(b"\xff", decode_reply) == "malformed"
    assert refusal(b"NaN", decode_reply) == "malformed"
    assert refusal(b"]" * 10_000_000, decode_reply) == "malformed"


def test_the_number_of_candidates_is_bounded_exactly(reply_of):
    first = reply_of().candidates[0]
    three = [replace(first, rank=n, reference=f"DE-{n}", readings=()) for n in (1, 2, 3)]
    data = encode(reply_of(candidates=tuple(three)))
    assert len(decode_reply(data, Limits(candidates=3)).candidates) == 3
    assert refusal(data, decode_reply, candidates=2) == "too_many_candidates"


def test_the_values_of_a_message_are_bounded(request_of, reply_of):
    assert refusal(b"[" + b"0," * 1000, decode_request) == "too_many_values"
    assert refusal(b"[[" + b'"a" ' * 1000, decode_request) == "too_many_values"
    commas = request_of(reference=',"' * 32)
    assert decode_request(encode(commas)) == commas
    readings = tuple(f"r{n:02}" for n in range(64))
    full = reply_of(candidates=(replace(reply_of().candidates[0], readings=readings),))
    assert decode_reply(encode(full), Limits(candidates=1)) == full
    with pytest.raises(ExchangeError):
        replace(full.candidates[0], readings=(*readings, "r99"))


def test_text_beyond_ascii_is_in_short_messages_only(request_of):
    wide = encode(request_of(probe=bytes(1 << 20))).replace(b"AT-7", "Zo\u00eb".encode())
    assert refusal(wide, decode_request) == "malformed"
    escaped = encode(request_of(probe=bytes(1 << 20))).replace(b"AT-7", b"Zo\\\\\\u00eb")
    assert refusal(escaped, decode_request) == "malformed"
    plain = request_of(probe=bytes(1 << 20), reference="Zo\\u00eb")
    assert decode_request(encode(plain)) == plain


def test_brackets_inside_text_do_not_count(request_of):
    request = request_of(reference='[{"\\[[[[{{{')
    assert decode_request(encode(request)) == request


class Octets(bytes):
    """Objects that a host's framework may pass instead of bytes."""


def test_a_kind_of_bytes_is_read_as_bytes(request_of, reply_of):
    for message, decode in ((request_of(), decode_request), (reply_of(), decode_reply)):
        assert decode(Octets(encode(message))) == message


def test_only_bytes_are_read():
    for thing in (None, "text", 5, bytearray(b"{}")):
        assert refusal(thing, decode_reply) == "malformed"

"""Checks of refusals: parties that may not ask, and bytes that are not a request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random

from prum_match.exchange.messages.encoding import dumps
from prum_match.exchange.messages.envelope import encode, peek
from prum_match.exchange.messages.follow_up import StatusMessage, StatusResult
from prum_match.exchange.messages.search import Result, SearchRequest
from prum_match.testing.contracts.responder_setting import Desk, ResponderSetting
from prum_match.testing.contracts.suite import Call, needs, require

_STEP = 16


class Refusing(ResponderSetting, abstract=True):
    """Every refusal is an answer: a reason, no candidate, no search, and never an exception."""

    def test_only_the_party_of_the_channel_asks(self) -> None:
        """The sender in the message has to be the party that the channel names."""
        with self.desk() as desk:
            desk.require_refused(desk.request(), self.third)

    def test_a_request_to_another_party_is_refused(self) -> None:
        """A request for another party is refused."""
        with self.desk() as desk:
            desk.require_refused(desk.request(requested=self.third))

    def test_an_unknown_party_is_refused(self) -> None:
        """A sender that is not a party of the framework gets no data."""
        with self.desk() as desk:
            for party in ("XX", "", "at", "AT "):
                desk.require_refused(desk.request(), party)

    def test_a_category_that_is_not_held_is_refused(self) -> None:
        """A category that is not held is refused; it is not a search without hits."""
        with self.desk() as desk:
            desk.require_refused(desk.request(category="face", type=None))

    @needs("keeps_replies")
    def test_an_old_request_is_refused(self) -> None:
        """A request older than the window may be one whose number was forgotten."""
        with self.desk() as desk:
            old = desk.clock() - self.window - timedelta(hours=1)
            desk.require_refused(desk.request(time=old))

    @needs("keeps_replies")
    def test_a_request_from_the_future_is_refused(self) -> None:
        """A request from the future is refused: its number would be forgotten too early."""
        with self.desk() as desk:
            desk.require_refused(desk.request(time=desk.clock() + timedelta(hours=1)))

    def test_noise_is_an_error(self) -> None:
        """Any bytes get a reply."""
        noise = [b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"{}", b'"', b"{" * 99, b"GET / HTTP/1"]
        with self.desk() as desk:
            for data in (*noise, *(Random(n).randbytes(2**n) for n in range(12))):
                desk.require_error(data)

    def test_a_part_of_a_request_is_an_error(self) -> None:
        """A request that was cut, at every 16th byte."""
        with self.desk() as desk:
            data = encode(desk.request())
            for length in range(0, len(data), _STEP):
                desk.require_error(data[:length])

    def test_a_damaged_request_is_an_error(self) -> None:
        """One flipped bit in a profile is another profile: at every 16th byte, in each place."""
        with self.desk() as desk:
            data = encode(desk.request())
            for place in range(0, len(data), _STEP):
                flipped = bytes([data[place] ^ 1 << place // _STEP % 8])
                desk.require_error(data[:place] + flipped + data[place + 1 :])

    def test_a_field_too_many_is_an_error(self) -> None:
        """The list of fields is closed (Art. 9(1)): a purpose is not in it."""
        with self.desk() as desk:
            desk.require_error(_with_field(desk.request(), "purpose", "investigation"))
            desk.require_error(_with_field(desk.request(), "name", ""))

    def test_another_version_is_an_error(self) -> None:
        """Another version of the protocol is refused."""
        with self.desk() as desk:
            data = encode(desk.request())
            desk.require_error(data.replace(b'"prum-match/1"', b'"prum-match/2"'))

    def test_a_request_that_is_too_large_is_an_error(self) -> None:
        """Bytes longer than any request are refused quickly, without being parsed."""
        with self.desk() as desk:
            probe = b"." * self.limits.request_bytes
            self._require_error_soon(desk, encode(replace(desk.request(), probe=probe)))

    def test_a_request_that_is_too_deep_is_an_error(self) -> None:
        """Deeply nested brackets do not exhaust memory or stack."""
        with self.desk() as desk:
            for deep in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 10_000 + b"]" * 10_000):
                self._require_error_soon(desk, deep)

    def test_an_answer_is_answered_with_an_end(self) -> None:
        """A reply or a status sent as a request gets an error, and errors are not answered."""
        with self.desk() as desk:
            request = desk.request()
            reply = desk.handle(encode(request))
            status = StatusMessage(
                number="s1",
                time=desk.clock(),
                answers=request.number,
                result=StatusResult.ACCEPTED,
            )
            for answer in (reply, encode(status)):
                back = desk.handle(answer)
                require(peek(back).is_answer, "an answer is answered with a new message")
                desk.require_error(answer)
                desk.require_error(back)

    def test_a_refusal_says_nothing_of_the_register(self) -> None:
        """A refused party gets the same reply whether the person is in the register or not."""
        with self.desk() as desk:
            here = desk.ask(desk.request(), self.third)
            away = desk.ask(desk.unknown(), self.third)
            require(here.result is Result.REFUSED, "a request is not refused")
            require(
                (here.result, here.code) == (away.result, away.code)
                and not here.candidates + away.candidates,
                "a refusal tells what the register holds",
            )

    def _require_error_soon(self, desk: Desk, data: bytes) -> None:
        Call(lambda: desk.require_error(data)).result(self.patience)


def _with_field(request: SearchRequest, name: str, value: str) -> bytes:
    """Return a request with one more field and the digest that belongs to it."""
    raw = {**json.loads(encode(request)), name: value}
    del raw["digest"]
    return dumps({**raw, "digest": sha256(dumps(raw)).hexdigest()})

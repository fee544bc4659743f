"""Checks of delivery: bytes, sender, receiver, and the reply to each request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prum_match.testing.contracts.suite import Call, in_parallel, require
from prum_match.testing.contracts.transport_setting import Session, TransportSetting

_EVERY_BYTE = bytes(range(256))
_CALLS = 64


class Carrying(TransportSetting, abstract=True):
    """Bytes, senders, receivers, and calls at the same time."""

    def test_one_byte_comes_through(self) -> None:
        """The smallest content arrives, and its reply comes back."""
        with self.session() as session:
            session.ask("DE", b"\x00")

    def test_every_byte_value_comes_through(self) -> None:
        """Bytes are not treated as text: line ends, end marks, encodings and zero bytes survive."""
        with self.session() as session:
            for content in (_EVERY_BYTE, b"\r\n.\r\n", b"\n\n", b"\x00\x00", b"\xff\xfe", b" a "):
                session.ask("DE", content)

    def test_the_party_receives_the_very_bytes(self) -> None:
        """The request arrives as it was sent, as ``bytes``."""
        with self.session() as session:
            request = session.request("DE", _EVERY_BYTE)
            session.send("DE", request)
            received = [one for _, one in session.parties["DE"].received]
            require(all(type(one) is bytes for one in received), "a request arrives as no bytes")
            require(set(received) == {request}, "another request arrives than was sent")

    def test_a_large_message_comes_through(self) -> None:
        """Images are large: more than one packet, buffer or frame holds."""
        with self.session() as session:
            session.ask("DE", _EVERY_BYTE * (self.sample_bytes // 256) + b"!")

    def test_lengths_about_buffers_come_through(self) -> None:
        """Lengths about powers of two, where buffers and frames end."""
        with self.session() as session:
            for power in (10, 12, 13, 14, 16):
                for length in (2**power - 1, 2**power, 2**power + 1):
                    session.ask("DE", b"\x80" * length)

    def test_the_sender_is_known_at_the_other_end(self) -> None:
        """The channel tells the party the sender."""
        with self.session() as session:
            session.ask("DE")
            senders = {sender for sender, _ in session.parties["DE"].received}
            require(senders == {self.own_party}, "another sender arrives")

    def test_content_does_not_choose_the_sender(self) -> None:
        """The content of a message never determines the sender."""
        claims = [
            b'{"requesting":"FR","party":"FR"}',
            b"From: FR\r\nPrum-Party: FR\r\nX-Verified-Party: FR\r\n\r\n",
            b"FR",
        ]
        with self.session() as session:
            for claim in claims:
                session.ask("DE", claim)
            senders = {sender for sender, _ in session.parties["DE"].received}
            require(senders == {self.own_party}, "a message has chosen its sender")

    def test_a_request_goes_to_its_party_alone(self) -> None:
        """Each party receives its own requests only."""
        with self.session() as session:
            for code in self.parties:
                session.ask(code, code.encode() * 3)
            for code, party in session.parties.items():
                contents = {self.parcels.content(request) for _, request in party.received}
                require(contents == {code.encode() * 3}, "a request went to another party")

    def test_a_request_that_is_sent_again_gets_its_reply_again(self) -> None:
        """A request that is repeated under its number is delivered again."""
        with self.session() as session:
            request = session.request("DE")
            for _ in range(2):
                reply = session.send("DE", request)
                require(reply == self.proper_reply(request), "no proper reply the second time")

    def test_calls_to_many_parties_do_not_mix(self) -> None:
        """64 calls at once, each to another party than its neighbour: every reply is its own."""
        with self.session() as session:
            in_parallel(
                [self._asking(session, self.parties[n % 4], n) for n in range(_CALLS)],
                self.patience,
            )

    def test_calls_to_one_party_do_not_mix(self) -> None:
        """64 calls at once to the same party: every reply is its own."""
        with self.session() as session:
            in_parallel([self._asking(session, "DE", n) for n in range(_CALLS)], self.patience)

    def test_a_slow_party_keeps_no_other_waiting(self) -> None:
        """While one party thinks, the others answer; then its own reply arrives."""
        with self.session() as session:
            slow = session.parties["DE"]
            slow.hold()
            waiting = Call(partial(session.ask, "DE", b"slow"))
            require(slow.arrived.wait(self.patience), "a request does not arrive")
            others = [partial(session.ask, code) for code in self.parties if code != "DE"]
            in_parallel(others, self.patience / 2)
            require(not waiting.ends(0), "a reply came before it was given")
            slow.release()
            waiting.result(self.patience)

    @staticmethod
    def _asking(session: Session, party: str, n: int) -> Callable[[], None]:
        return partial(session.ask, party, f"call {n} {party}".encode() * (1 + n % 5))

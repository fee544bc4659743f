"""The contract of a mailbox: store and forward, as mail, AS4 and SIENA do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from prum_match.errors import PrumError
from prum_match.exchange.transport import Delivery, MailboxTransport
from prum_match.testing.contracts.parcels import AnyBytes, Messages, Parcels
from prum_match.testing.contracts.suite import (
    CANARY,
    Call,
    Contract,
    holds_canary,
    in_parallel,
    logged,
    nothing_left,
    raised_by,
    require,
)

_OpenBox = Callable[[str], MailboxTransport]


class MailboxContract(Contract, abstract=True):
    """Checks that a host's `MailboxTransport` does what the exchange relies on.

    Attributes
    ----------
    sender, other_sender, receiver : str
        Three parties that share the channel.
    patience, short, slack : float
        Seconds: within which a message that was sent is there; that an empty mailbox is waited on;
        that a call may outlast its timeout.
    sample_bytes : int
        Size of a large message.
    carries_any_bytes : bool
        False for a channel that looks into the messages.

    Examples
    --------
    >>> class TestOurMailbox(MailboxContract):
    ...     def connect(self):
    ...         ...  # a context manager that yields ``party -> its mailbox``
    >>> len(TestOurMailbox.checks())
    12
    """

    sender: str = "AT"
    other_sender: str = "FR"
    receiver: str = "DE"
    patience: float = 20.0
    short: float = 0.2
    slack: float = 5.0
    sample_bytes: int = 1 << 20
    carries_any_bytes: bool = True

    def connect(self) -> AbstractContextManager[_OpenBox]:
        """Set up an empty channel and return how to open a party's mailbox on it.

        Returns
        -------
        context manager of callable
            ``party -> MailboxTransport``. It is called again for the same party after `close`,
            as after a restart: what was not acknowledged must still be there. Leaving the context
            takes the channel down; the checks close every mailbox that they open.
        """
        raise NotImplementedError("a host writes this")

    @property
    def parcels(self) -> Parcels:
        """Wrapper of content for the channel."""
        return AnyBytes() if self.carries_any_bytes else Messages()

    @contextmanager
    def session(self) -> Iterator[_OpenBox]:
        """Open a channel, and close in the end every mailbox that was opened on it."""
        opened: list[MailboxTransport] = []
        with self.connect() as open_box:

            def opening(party: str) -> MailboxTransport:
                opened.append(open_box(party))
                return opened[-1]

            try:
                yield opening
            finally:
                for box in opened:
                    box.close()

    def test_messages_come_through_byte_for_byte(self) -> None:
        """Every byte value, line ends, and a large message."""
        contents = [bytes(range(256)), b"\r\n.\r\n", b"From x\n", b"\x00", b"!" * self.sample_bytes]
        with self.session() as open_box:
            sent = {f"n{n}": self._message(one) for n, one in enumerate(contents)}
            box = open_box(self.sender)
            for number, message in sent.items():
                box.send(self.receiver, message, number=number)
            received = [one.message for one in self._deliveries(open_box(self.receiver), len(sent))]
            require(sorted(received) == sorted(sent.values()), "other bytes arrive than were sent")

    def test_the_sender_is_known_by_the_channel(self) -> None:
        """A delivery names its sender, independent of the message."""
        with self.session() as open_box:
            for party in (self.sender, self.other_sender):
                claim = b"From: PL\r\n\r\n" + party.encode()
                open_box(party).send(self.receiver, self._message(claim, party), number="n1")
            for one in self._deliveries(open_box(self.receiver), 2):
                content = self.parcels.content(one.message)
                require(content.endswith(one.party.encode()), "a message comes from another party")

    def test_a_message_goes_to_its_receiver_alone(self) -> None:
        with self.session() as open_box:
            sender = open_box(self.sender)
            sender.send(self.receiver, self._message(b"?"), number="n1")
            self._deliveries(open_box(self.receiver), 1)
            for box in (sender, open_box(self.other_sender)):
                require(not box.poll(max_messages=9, timeout=0), "another mailbox holds it too")

    def test_a_message_comes_again_until_it_is_acknowledged(self) -> None:
        with self.session() as open_box:
            open_box(self.sender).send(self.receiver, self._message(b"?"), number="n1")
            for _ in range(3):
                box = open_box(self.receiver)
                self._deliveries(box, 1)
                box.close()

    def test_an_acknowledged_message_does_not_come_again(self) -> None:
        with self.session() as open_box:
            open_box(self.sender).send(self.receiver, self._message(b"?"), number="n1")
            box = open_box(self.receiver)
            box.ack(self._deliveries(box, 1)[0].tag)
            require(not box.poll(max_messages=9, timeout=self.short), "it comes again")
            box.close()
            again = open_box(self.receiver).poll(max_messages=9, timeout=self.short)
            require(not again, "it comes again after a restart")

    def test_acknowledging_lets_go_of_one_message_alone(self) -> None:
        """The others stay, and acknowledging again is harmless."""
        with self.session() as open_box:
            sender = open_box(self.sender)
            for number in ("n1", "n2", "n3"):
                sender.send(self.receiver, self._message(number.encode()), number=number)
            box = open_box(self.receiver)
            first, *rest = self._deliveries(box, 3)
            box.ack(first.tag)
            box.ack(first.tag)
            box.close()
            left = {one.message for one in self._deliveries(open_box(self.receiver), 2)}
            require(left == {one.message for one in rest}, "another message has gone")

    def test_no_more_come_than_were_asked_for(self) -> None:
        """`max_messages` holds, and what is left comes with the next poll."""
        with self.session() as open_box:
            sender = open_box(self.sender)
            sent = {self._message(bytes([65 + n])) for n in range(5)}
            for n, message in enumerate(sorted(sent)):
                sender.send(self.receiver, message, number=f"n{n}")
            box = open_box(self.receiver)
            received: set[bytes] = set()
            end = time.monotonic() + self.patience
            while received != sent and time.monotonic() < end:
                few = box.poll(max_messages=2, timeout=self.short)
                require(len(few) <= 2, "more messages come than were asked for")
                received |= {one.message for one in few}
                for one in few:
                    box.ack(one.tag)
            require(received == sent, "a message is lost")

    def test_an_empty_mailbox_ends_the_wait(self) -> None:
        """`poll` returns nothing when its timeout is over, and not much later."""
        with self.session() as open_box:
            box = open_box(self.receiver)
            poll = Call(partial(box.poll, max_messages=1, timeout=self.short))
            require(not poll.result(self.short + self.slack), "a message comes from nowhere")

    def test_senders_at_the_same_time_lose_nothing(self) -> None:
        with self.session() as open_box:
            boxes = {party: open_box(party) for party in (self.sender, self.other_sender)}
            sent = {
                (party, f"n{n}"): self._message(f"{party} {n}".encode(), party)
                for party in boxes
                for n in range(16)
            }
            in_parallel(
                [
                    partial(boxes[party].send, self.receiver, message, number=number)
                    for (party, number), message in sent.items()
                ],
                self.patience,
            )
            received = {one.message for one in self._deliveries(open_box(self.receiver), len(sent))}
            require(received == set(sent.values()), "a message is lost")

    def test_closing_twice_is_harmless(self) -> None:
        """`close` may be called again, and afterwards nothing is sent."""
        with self.session() as open_box:
            box = open_box(self.sender)
            box.close()
            box.close()
            raised_by(PrumError, partial(box.send, self.receiver, self._message(b"?"), number="n1"))
            left = open_box(self.receiver).poll(max_messages=1, timeout=self.short)
            require(not left, "a closed mailbox sends")

    def test_no_content_in_logs_and_errors(self) -> None:
        """No log line and no repr of a delivery or a mailbox contains content."""
        with logged() as lines, self.session() as open_box:
            sender, box = open_box(self.sender), open_box(self.receiver)
            sender.send(self.receiver, self._message(CANARY * 9), number="n1")
            found = self._deliveries(box, 1)
            lines.append(f"{found!r} {box!r} {sender!r}")
            # Another message under the same number may be refused; the text must not tell of it.
            try:
                sender.send(self.receiver, self._message(CANARY * 8), number="n1")
            except PrumError as error:
                lines.append(f"{error} {error!r} {error.args!r}")
        require(not any(map(holds_canary, lines)), "content is in a log or in an error")

    def test_nothing_is_left_behind(self) -> None:
        """After `close` no thread is running and no file is open."""
        self._use()
        with nothing_left(self.patience):
            self._use()

    def _use(self) -> None:
        with self.session() as open_box:
            open_box(self.sender).send(self.receiver, self._message(b"?"), number="n1")
            box = open_box(self.receiver)
            box.ack(self._deliveries(box, 1)[0].tag)

    def _message(self, content: bytes, sender: str | None = None) -> bytes:
        return self.parcels.request(sender or self.sender, self.receiver, content)

    def _deliveries(self, box: MailboxTransport, count: int) -> list[Delivery]:
        """Poll for a number of different messages; a repeated one counts once."""
        found: dict[tuple[str, bytes], Delivery] = {}
        end = time.monotonic() + self.patience
        while len(found) < count:
            require(time.monotonic() < end, "a message does not arrive")
            for one in box.poll(max_messages=count, timeout=self.short):
                found[one.party, one.message] = one
        return list(found.values())

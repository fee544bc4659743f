"""The contract of mailboxes, kept by that of folders, and that of transports on top of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from prum_match.exchange import Conversation
from prum_match.exchange.mailbox import MailboxExchange, MailboxNode, Maildir
from prum_match.exchange.transport import RequestHandler
from prum_match.testing import MailboxContract, TransportContract

pytestmark = pytest.mark.slow


AT_ONCE = 4


@contextmanager
def answering(root: Path, party: str, handler: RequestHandler) -> Iterator[None]:
    """Look into a party's mailbox again and again, several at a time as processes would."""
    stop = threading.Event()

    def work() -> None:
        with closing(Maildir(root, party)) as mailbox:
            node = MailboxNode(mailbox, handler, Conversation(party, "dna"))
            while not stop.is_set():
                with suppress(RuntimeError):  # a party that breaks, as some checks want it
                    node.pump(max_messages=1, timeout=0.02)

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class TestMaildir(MailboxContract):
    @contextmanager
    def connect(self):
        with TemporaryDirectory() as root:
            yield partial(Maildir, root)


class TestMailboxExchange(TransportContract):
    carries_any_bytes = False
    notices_absence = False

    @contextmanager
    def connect(self, handlers: Mapping[str, RequestHandler]) -> Iterator[MailboxExchange]:
        with TemporaryDirectory() as root, ExitStack() as stack:
            for party, handler in handlers.items():
                stack.enter_context(answering(Path(root), party, handler))
            mailbox = Maildir(root, self.own_party)
            others: list[object] = []
            yield stack.enter_context(closing(MailboxExchange(mailbox, others.append)))

"""A mailbox made of folders, and the exchange over any mailbox.

`Maildir` is the model for channels that store and forward: mail, AS4, SIENA. A host can replace it
by its own `MailboxTransport` and keep the rest: `MailboxExchange` for a side that asks and waits,
`MailboxNode` for a side that answers, and for replies that arrive a day later.
"""

from __future__ import annotations

from prum_match.exchange.mailbox.maildir import Maildir
from prum_match.exchange.mailbox.node import Inbox, MailboxNode
from prum_match.exchange.mailbox.refused import Refused
from prum_match.exchange.mailbox.waiting import MailboxExchange

__all__ = ["Inbox", "MailboxExchange", "MailboxNode", "Maildir", "Refused"]

"""A mailbox made of folders, and the exchange on top of any mailbox.

`Maildir` is the model for channels that store and forward: mail, AS4, SIENA. A host writes its own
`MailboxTransport` in its place, and keeps the rest: `MailboxExchange` for the side that asks and
waits, `MailboxNode` for the side that answers, and for answers that come a day later.
"""

from __future__ import annotations

from prum_match.exchange.mailbox.maildir import Maildir
from prum_match.exchange.mailbox.node import Inbox, MailboxNode
from prum_match.exchange.mailbox.refused import Refused
from prum_match.exchange.mailbox.waiting import MailboxExchange

__all__ = ["Inbox", "MailboxExchange", "MailboxNode", "Maildir", "Refused"]

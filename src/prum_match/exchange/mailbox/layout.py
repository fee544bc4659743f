"""Names of the folders of a mailbox."""

from __future__ import annotations

from prum_match.values.parties import PARTIES

SENDERS = {f"from-{party}": party for party in PARTIES}
"""Sender by the name of its folder in a mailbox."""

INCOMING = ("new", "cur")
"""Folders of incoming messages.

Mail programs move the messages they have seen to ``cur``, where these still wait to be handled.
"""

PARTS = {*INCOMING, "tmp", "refused"}


def box(receiver: str, sender: str) -> tuple[str, str]:
    """Return the path of the folder in which `sender` writes to `receiver`."""
    return receiver, f"from-{sender}"

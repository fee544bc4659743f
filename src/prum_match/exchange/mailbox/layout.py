"""How the folders of a mailbox are called."""

from __future__ import annotations

from prum_match.values.parties import PARTIES

SENDERS = {f"from-{party}": party for party in PARTIES}
"""Whose folder it is in a mailbox, by its name."""

INCOMING = ("new", "cur")
"""Where messages lie that came in.

Mail programs move what they have looked at to ``cur``: it still waits for the one who acts on it.
"""

PARTS = {*INCOMING, "tmp", "refused"}


def box(receiver: str, sender: str) -> tuple[str, str]:
    """Return the names of the folder where `sender` writes to `receiver`."""
    return receiver, f"from-{sender}"

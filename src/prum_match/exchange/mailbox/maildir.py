"""A mailbox made of folders, one for each sender: the model for mail, AS4 and SIENA."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.mailbox import folders
from prum_match.exchange.mailbox.folders import Entry, Unfit, folder, told_as_transport_errors
from prum_match.exchange.mailbox.layout import INCOMING, SENDERS, box
from prum_match.exchange.mailbox.refused import Refused, names_in, refused_in
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.transport import Delivery, TransportUnreachable
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

# A number as the messages have it, but for the dot in front, by which a Maildir hides a file.
_NUMBER = re.compile(r"[0-9A-Za-z_:-][0-9A-Za-z._:-]{0,63}")
_NO_FOLDER = (FileNotFoundError, NotADirectoryError, PermissionError)
_DRAFT_LIVES = 36 * 3600  # seconds; what the Maildir convention gives a delivery to end


class _Handed(NamedTuple):
    """What was handed out and is not acknowledged, and when that was."""

    sender: str
    entry: Entry
    since: float


class Maildir:
    """A mailbox on a file system that both parties see, as a `MailboxTransport`.

    What `sender` wrote to `receiver` lies in ``root/<receiver>/from-<sender>/new``. The folder
    says who sent a message, so the host lets nobody but the sender write there. ``tmp`` holds
    messages that are being written, ``cur`` what a mail program has looked at, ``refused`` what is
    no message.

    Parameters
    ----------
    root : path
        The folder of all mailboxes. It has to be there: making it would hide that a file system is
        not mounted. What is below it is made when it is needed.
    own_party : str
        Whose mailbox is read, and who sends.
    limits : Limits
        The largest of its sizes is the most that is sent, and the most that is read.
    visibility : float
        Seconds that a message stays out of sight after it was handed out. What was not acknowledged
        by then is handed out again.
    pause : float
        Seconds between two looks while `poll` waits.
    monotonic, sleep : callable
        Seconds that only grow, and how to wait.

    Raises
    ------
    InvalidInput
        ``unknown_party``, or ``bad_timeout`` for a visibility or a pause that is not above 0.
    TransportUnreachable
        ``no_mailbox``: there is no folder `root`.

    Notes
    -----
    May be used by several threads at once, and by several processes; between processes a message
    may then be handed out twice. A message is there until it is acknowledged, across restarts. When
    it has been, its number is free: a sender that repeats it is heard again, and whoever reads the
    mailbox answers from memory (`Responder`) or sees no change (`Conversation`).

    What cannot be a message is moved to ``refused`` and never dropped: see `refused`. The library
    deletes nothing there; it is for the host to look at, to move back into ``new``, or to erase.

    Errors of the system are raised as `TransportBusy` (``disk_full``), `TransportRefused`
    (``not_permitted``) or `TransportUnreachable` (``io_error``).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as root:
    ...     Maildir(root, "AT").send("DE", b"a message", number="q1")
    ...     germany = Maildir(root, "DE")
    ...     (delivery,) = germany.poll(max_messages=10, timeout=1)
    ...     germany.ack(delivery.tag)
    ...     left = germany.poll(max_messages=10, timeout=0)
    >>> delivery.party, delivery.message, left
    ('AT', b'a message', [])
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        own_party: str,
        *,
        limits: Limits = Limits(),
        visibility: float = 300.0,
        pause: float = 0.1,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._root = Path(root)
        self.own_party = party_code(own_party)
        for name, seconds in (("visibility", visibility), ("pause", pause)):
            if not seconds > 0:
                raise InvalidInput("seconds, more than none", code="bad_timeout", field=name)
        if not self._root.is_dir():
            raise TransportUnreachable("there is no such folder", code="no_mailbox")
        self._most_bytes = max(limits.request_bytes, limits.reply_bytes, limits.follow_up_bytes)
        self._visibility, self._pause = visibility, pause
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._made: set[str] = set()  # receivers whose folders are known to be on the disk
        self._queues: dict[str, deque[Entry]] = {}  # listed and not looked at; whose turn is first
        self._handed: dict[str, _Handed] = {}  # by tag
        self._closed = False
        with told_as_transport_errors():
            self._drop_drafts()

    def send(self, party: str, message: bytes, *, number: str) -> None:
        """Put `message` into the mailbox of `party`; on return the disk has it.

        Parameters
        ----------
        party : str
            Who receives it.
        message : bytes
            One encoded message.
        number : str
            Its number: 1 to 64 of ``0-9A-Za-z._:-``, no dot in front. While a message waits, the
            same one again changes nothing.

        Raises
        ------
        InvalidInput
            ``unknown_party``.
        ExchangeError
            ``invalid_field`` for the number, ``too_large``, or ``number_in_use``: another message
            with this number waits there.
        TransportError
            ``transport_closed``, or an error of the system; then nothing was sent, or the whole
            message, and sending again is safe.
        """
        self._check_open()
        receiver = party_code(party)
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise ExchangeError("not a number to send", code="invalid_field", field="number")
        if len(message) > self._most_bytes:
            raise ExchangeError("more bytes than allowed", code="too_large", field="message")
        where = box(receiver, self.own_party)
        with told_as_transport_errors():
            if receiver not in self._made:
                for path in ([receiver], where, *((*where, part) for part in ("tmp", *INCOMING))):
                    folders.make_folder(self._root, *path)
                self._made.add(receiver)
            with (
                folder(self._root, *where, "tmp") as drafts,
                folder(self._root, *where, "new") as messages,
            ):
                folders.put(drafts, messages, number, message)

    def poll(self, *, max_messages: int, timeout: float) -> list[Delivery]:
        """Return messages that wait: of each sender the oldest first, senders in turn.

        Parameters
        ----------
        max_messages : int
            The most to return. Fewer come back when they are large, so that one call never holds
            much more than two messages of the largest size.
        timeout : float
            Seconds to wait for the first one; 0 looks once.

        Raises
        ------
        InvalidInput
            ``bad_limit`` or ``bad_timeout``.
        TransportError
            ``transport_closed``, also when closed while this waits, or an error of the system.
        """
        if max_messages < 1:
            raise InvalidInput("a limit is at least 1", code="bad_limit", field="max_messages")
        if not timeout >= 0:
            raise InvalidInput("seconds, none or more", code="bad_timeout", field="timeout")
        deadline = self._monotonic() + timeout
        while True:
            self._check_open()
            with self._lock, told_as_transport_errors():
                found = self._take(max_messages)
            left = deadline - self._monotonic()
            if found or left <= 0:
                return found
            self._sleep(min(self._pause, left))

    def ack(self, tag: str) -> None:
        """Remove a message that this mailbox handed out; again, or for an unknown tag, do nothing.

        Raises
        ------
        TransportError
            ``transport_closed``, or an error of the system; acknowledging again is safe.
        """
        self._check_open()
        handed = self._handed.get(tag)
        if handed is None:
            return
        with (
            told_as_transport_errors(),
            folder(self._root, *box(self.own_party, handed.sender), handed.entry.folder) as fd,
        ):
            folders.discard(fd, handed.entry)
        with self._lock:
            self._handed.pop(tag, None)

    def refused(self) -> list[Refused]:
        """List all that lies in the mailbox and is not delivered, with the reason.

        Raises
        ------
        TransportError
            ``transport_closed``, or an error of the system.
        """
        self._check_open()
        with told_as_transport_errors():
            return list(refused_in(self._root / self.own_party))

    def close(self) -> None:
        """Let go; a `poll` that waits ends with ``transport_closed``. May be called again."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise TransportUnreachable("the mailbox is closed", code="transport_closed")

    def _take(self, most: int) -> list[Delivery]:
        self._list_again()
        found: list[Delivery] = []
        handed: dict[str, _Handed] = {}
        size = 0
        while len(found) < most and size < self._most_bytes:
            sender = next((one for one, queue in self._queues.items() if queue), None)
            if sender is None:
                break
            self._queues[sender] = queue = self._queues.pop(sender)  # the next turn is another's
            entry = queue.popleft()
            tag = _tag(sender, entry)
            message = self._read(sender, entry)
            handed[tag] = _Handed(sender, entry, self._monotonic())
            if message is not None:
                found.append(Delivery(sender, message, tag))
                size += len(message)
        # Only now: had reading failed, nothing of this would have reached the caller.
        self._handed.update(handed)
        return found

    def _list_again(self) -> None:
        """List each sender of whom nothing is left to look at.

        What comes in meanwhile is younger than all that was listed, so it loses nothing by waiting;
        and a mailbox of any size is listed once and not once for each call.
        """
        hidden_since = self._monotonic() - self._visibility
        for name in names_in(self._root / self.own_party):
            sender = SENDERS.get(name)
            if sender is None or self._queues.get(sender):
                continue
            there = {_tag(sender, entry): entry for entry in self._listed(sender)}
            for tag in [tag for tag, one in self._handed.items() if one.sender == sender]:
                if tag not in there:  # acknowledged elsewhere
                    del self._handed[tag]
                elif self._handed[tag].since > hidden_since:
                    del there[tag]
            self._queues[sender] = deque(sorted(there.values()))

    def _listed(self, sender: str) -> Iterator[Entry]:
        for part in INCOMING:
            # What is no folder is for `refused` to tell; other senders are to be heard.
            path = (*box(self.own_party, sender), part)
            with suppress(*_NO_FOLDER), folder(self._root, *path) as fd:
                yield from folders.entries(fd, part)

    def _read(self, sender: str, entry: Entry) -> bytes | None:
        """Return a message, or None for one that is gone or no message."""
        where = box(self.own_party, sender)
        try:
            with folder(self._root, *where, entry.folder) as fd:
                return folders.read(fd, entry.name, self._most_bytes)
        except Unfit as unfit:
            _log.warning("party=%s mailbox refused a file reason=%s", sender, unfit.reason)
            # On a full disk it stays where it is, and is met again after `visibility`.
            with suppress(OSError):
                folders.set_aside(self._root, where, entry, unfit.reason)
        except _NO_FOLDER:
            pass  # listing it again tells what is there
        return None

    def _drop_drafts(self) -> None:
        before_ns = time.time_ns() - _DRAFT_LIVES * 10**9
        for receiver in names_in(self._root):
            path = (*box(receiver, self.own_party), "tmp")
            with suppress(*_NO_FOLDER), folder(self._root, *path) as drafts:
                folders.drop_drafts(drafts, before_ns)


def _tag(sender: str, entry: Entry) -> str:
    # A digest, since the name comes from outside and a tag is shown.
    return sha256(f"{sender}/{entry!r}".encode("ascii", "backslashreplace")).hexdigest()[:32]

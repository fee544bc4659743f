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
from prum_match.values.checks import file_path, whole_number
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

# The number of a message, without a leading dot, which would hide the file.
_NUMBER = re.compile(r"[0-9A-Za-z_:-][0-9A-Za-z._:-]{0,63}")
_NO_FOLDER = (FileNotFoundError, NotADirectoryError, PermissionError)
_DRAFT_LIVES = 36 * 3600  # seconds; the time for a delivery in the Maildir convention


class _Handed(NamedTuple):
    """A message that was handed out and is not acknowledged yet."""

    sender: str
    entry: Entry
    since: float


class Maildir:
    """A `MailboxTransport` on a file system that both parties share.

    Messages from `sender` to `receiver` are in ``root/<receiver>/from-<sender>/new``. The folder
    identifies the sender, so the host must let nobody else write there. ``tmp`` holds messages that
    are being written, ``cur`` those that a mail program has seen, ``refused`` files that cannot be
    messages.

    Parameters
    ----------
    root : path
        The folder of all mailboxes. It must exist, because creating it would hide a file system
        that is not mounted. Folders below it are created when needed.
    own_party : str
        Owner of the mailbox that is read, and sender.
    limits : Limits
        Its largest size bounds the messages that are sent and read.
    visibility : float
        Seconds for which a message that was handed out stays hidden. If it is not acknowledged by
        then, it is handed out again.
    pause : float
        Seconds between two checks while `poll` waits.
    monotonic, sleep : callable
        Monotonic clock in seconds, and function to wait.

    Raises
    ------
    InvalidInput
        ``unknown_party``, or ``bad_timeout`` for a visibility or a pause that is not above 0.
    TransportUnreachable
        ``no_mailbox``: the folder `root` does not exist.

    Notes
    -----
    Several threads and several processes may use it at once; two processes may be handed the same
    message. A message stays until it is acknowledged, across restarts. After that its number is
    free: a repetition by the sender is delivered again, and the reader answers from memory
    (`Responder`) or sees no change (`Conversation`).

    A file that cannot be a message is moved to ``refused`` and never dropped: see `refused`. The
    library deletes nothing there; the host inspects such files, and moves them back to ``new`` or
    erases them.

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
        self._root = Path(file_path(root, "root"))
        self.own_party = party_code(own_party)
        for name, seconds in (("visibility", visibility), ("pause", pause)):
            if not seconds > 0:
                raise InvalidInput(
                    "give a positive number of seconds", code="bad_timeout", field=name
                )
        if not self._root.is_dir():
            raise TransportUnreachable(
                "the folder root does not exist: check that it is mounted", code="no_mailbox"
            )
        self._most_bytes = max(limits.request_bytes, limits.reply_bytes, limits.follow_up_bytes)
        self._visibility, self._pause = visibility, pause
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._made: set[str] = set()  # receivers whose folders exist on disk
        self._queues: dict[str, deque[Entry]] = {}  # listed, not yet read; the next sender first
        self._handed: dict[str, _Handed] = {}  # by tag
        self._closed = False
        with told_as_transport_errors():
            self._drop_drafts()

    def send(self, party: str, message: bytes, *, number: str) -> None:
        """Put `message` into the mailbox of `party`; on return the disk has it.

        Parameters
        ----------
        party : str
            The receiver.
        message : bytes
            One encoded message.
        number : str
            Its number: 1 to 64 of ``0-9A-Za-z._:-``, without a leading dot. While a message waits,
            sending it again has no effect.

        Raises
        ------
        InvalidInput
            ``unknown_party``.
        ExchangeError
            ``invalid_field`` for the number, ``too_large``, or ``number_in_use``: another waiting
            message has this number.
        TransportError
            ``transport_closed``, or an error of the system: either nothing or the whole message was
            sent, and sending again is safe.
        """
        self._check_open()
        receiver = party_code(party)
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise ExchangeError(
                "give 1 to 64 of 0-9A-Za-z._:- without a leading dot",
                code="invalid_field",
                field="number",
            )
        if len(message) > self._most_bytes:
            raise ExchangeError(
                "the message is larger than Limits allows", code="too_large", field="message"
            )
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
        """Return waiting messages: senders in turn, the oldest of each first.

        Parameters
        ----------
        max_messages : int
            Most messages to return. Fewer are returned if they are large, so that one call never
            holds much more than two messages of the largest size.
        timeout : float
            Seconds to wait for the first one; 0 checks once.

        Raises
        ------
        InvalidInput
            ``bad_limit`` or ``bad_timeout``.
        TransportError
            ``transport_closed``, also if closed while waiting, or an error of the system.
        """
        whole_number(max_messages, "max_messages", least=1, code="bad_limit")
        if not timeout >= 0:
            raise InvalidInput("give zero or more seconds", code="bad_timeout", field="timeout")
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
        """Remove a message that was handed out; unknown tags, and repetitions, have no effect.

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
        """List the files in the mailbox that are not delivered, with the reason.

        Raises
        ------
        TransportError
            ``transport_closed``, or an error of the system.
        """
        self._check_open()
        with told_as_transport_errors():
            return list(refused_in(self._root / self.own_party))

    def close(self) -> None:
        """Close; a waiting `poll` ends with ``transport_closed``. May be called again."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise TransportUnreachable("the mailbox was closed", code="transport_closed")

    def _take(self, most: int) -> list[Delivery]:
        self._list_again()
        found: list[Delivery] = []
        handed: dict[str, _Handed] = {}
        size = 0
        while len(found) < most and size < self._most_bytes:
            sender = next((one for one, queue in self._queues.items() if queue), None)
            if sender is None:
                break
            self._queues[sender] = queue = self._queues.pop(sender)  # to the end
            entry = queue.popleft()
            tag = _tag(sender, entry)
            message = self._read(sender, entry)
            handed[tag] = _Handed(sender, entry, self._monotonic())
            if message is not None:
                found.append(Delivery(sender, message, tag))
                size += len(message)
        # Only now: if reading fails, the caller receives none of these messages.
        self._handed.update(handed)
        return found

    def _list_again(self) -> None:
        """List the folders of senders without listed messages left.

        Messages that arrive meanwhile are newer than all listed ones, so they may wait; and a large
        mailbox is listed once instead of once for each call.
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
            # `refused` reports what is not a folder; other senders must still be read.
            path = (*box(self.own_party, sender), part)
            with suppress(*_NO_FOLDER), folder(self._root, *path) as fd:
                yield from folders.entries(fd, part)

    def _read(self, sender: str, entry: Entry) -> bytes | None:
        """Return a message; None if it is gone or is not a message."""
        where = box(self.own_party, sender)
        try:
            with folder(self._root, *where, entry.folder) as fd:
                return folders.read(fd, entry.name, self._most_bytes)
        except Unfit as unfit:
            _log.warning("party=%s mailbox refused a file reason=%s", sender, unfit.reason)
            # On a full disk it stays in place, and is tried again after `visibility`.
            with suppress(OSError):
                folders.set_aside(self._root, where, entry, unfit.reason)
        except _NO_FOLDER:
            pass  # the next listing shows what is there
        return None

    def _drop_drafts(self) -> None:
        before_ns = time.time_ns() - _DRAFT_LIVES * 10**9
        for receiver in names_in(self._root):
            path = (*box(receiver, self.own_party), "tmp")
            with suppress(*_NO_FOLDER), folder(self._root, *path) as drafts:
                folders.drop_drafts(drafts, before_ns)


def _tag(sender: str, entry: Entry) -> str:
    # A digest, because the name comes from outside and tags are logged.
    return sha256(f"{sender}/{entry!r}".encode("ascii", "backslashreplace")).hexdigest()[:32]

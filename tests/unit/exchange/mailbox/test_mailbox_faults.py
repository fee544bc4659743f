"""A disk that is full, or breaks, or a process that ends, at each call that a mailbox makes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from unittest import mock

import pytest

from prum_match.exchange import Limits, TransportBusy, TransportError
from prum_match.exchange.mailbox import Maildir, folders
from support.children import in_child

CALLS = ("open", "mkdir", "fsync", "write", "link", "unlink", "read", "stat", "rename", "scandir")
WAYS = ("before", "half", "after")
ENDED = 77
MESSAGE = bytes(range(256)) * 100
SMALL = Limits(request_bytes=1000, reply_bytes=1000, follow_up_bytes=1000)


def fail(number: int = errno.ENOSPC) -> NoReturn:
    raise OSError(number, os.strerror(number))


class Disk:
    """The module `os`, whose call of number `at` goes wrong, and all later ones if `lasting`."""

    def __init__(
        self, at: int | None, how: str, stop: Callable[[], NoReturn], lasting: bool
    ) -> None:
        self.at, self.how, self.stop, self.lasting = at, how, stop, lasting
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def call(*given: Any, **options: Any) -> Any:
            number = len(self.seen)
            self.seen.append(name)
            if self.at is None or number < self.at or (number > self.at and not self.lasting):
                return real(*given, **options)
            if number == self.at:
                self._do_some(name, real, *given, **options)
            self.stop()

        return call

    def _do_some(self, name: str, real: Callable[..., Any], *given: Any, **options: Any) -> None:
        if self.how == "half" and name == "write":
            real(given[0], given[1][: len(given[1]) // 2])
        elif self.how == "after":
            with suppress(OSError):
                result = real(*given, **options)
                if name == "open":
                    os.close(result)
                elif name == "scandir":
                    result.close()


@contextmanager
def failing(
    at: int | None = None,
    how: str = "before",
    stop: Callable[[], NoReturn] = fail,
    lasting: bool = False,
) -> Iterator[list[str]]:
    disk = Disk(at, how, stop, lasting)
    with mock.patch.object(folders, "os", disk):
        yield disk.seen


def places(calls: list[str]) -> list[tuple[int, str]]:
    """Where and how; only writing can be half done."""
    return [
        (at, how)
        for at, name in enumerate(calls)
        for how in WAYS
        if how != "half" or name == "write"
    ]


def send(root: Path) -> None:
    Maildir(root, "AT").send("DE", MESSAGE, number="q1")


def waiting(root: Path) -> list[bytes]:
    return [one.message for one in Maildir(root, "DE").poll(max_messages=9, timeout=0)]


def drafts(root: Path) -> list[Path]:
    return list(root.glob("DE/from-AT/tmp/*"))


def fresh(tmp_path: Path, *name: object) -> Path:
    root = tmp_path / "-".join(map(str, name))
    root.mkdir()
    return root


@pytest.mark.parametrize("lasting", [False, True])
def test_a_failed_send_leaves_nothing_or_the_whole_message(tmp_path, lasting):
    with failing() as calls:
        send(fresh(tmp_path, "whole"))
    assert {"mkdir", "open", "write", "fsync", "link", "unlink"} <= set(calls)
    seen = set()
    for at, how in places(calls):
        root = fresh(tmp_path, at, how)
        failed = None
        with failing(at, how, lasting=lasting):
            try:
                send(root)
            except TransportError as error:
                failed = error.code
        left = waiting(root)
        assert left in ([], [MESSAGE])
        assert failed or left == [MESSAGE]
        assert lasting or how == "after" or calls[at] == "unlink" or drafts(root) == []
        seen.add((failed, len(left)))
        send(root)
        assert waiting(root) == [MESSAGE]
    assert seen == {("disk_full", 0), ("disk_full", 1), (None, 1)}


def test_a_process_that_ends_while_it_sends_leaves_nothing_or_the_whole_message(tmp_path):
    with failing() as calls:
        send(fresh(tmp_path, "whole"))
    seen = set()
    for at, how in places(calls):
        root = fresh(tmp_path, at, how)
        with failing(at, how, stop=lambda: os._exit(ENDED)):
            assert in_child(lambda root=root: send(root)) == f"exit {ENDED}"
        left = waiting(root)
        assert left in ([], [MESSAGE])
        seen.add((len(left), len(drafts(root))))
        for path in drafts(root):
            os.utime(path, (1, 1))
        send(root)
        assert waiting(root) == [MESSAGE]
        assert drafts(root) == []
    # Among others: a draft without a message, and a message whose draft is still there.
    assert seen >= {(0, 0), (0, 1), (1, 1), (1, 0)}


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_no_failure_loses_a_message_on_the_way_to_its_reader(tmp_path, number):
    def receive(root: Path, taken: list[bytes]) -> None:
        mailbox = Maildir(root, "DE")
        for one in mailbox.poll(max_messages=9, timeout=0):
            taken.append(one.message)
            mailbox.ack(one.tag)

    send(whole := fresh(tmp_path, "whole"))
    with failing() as calls:
        receive(whole, [])
    for at, how in places(calls):
        root, taken = fresh(tmp_path, at, how), []
        send(root)
        with failing(at, how, stop=lambda: fail(number)), suppress(TransportError):
            receive(root, taken)
        receive(root, taken)
        aside = [one.path.read_bytes() for one in Maildir(root, "DE").refused()]
        assert set(taken + aside) == {MESSAGE}
        # For want of a descriptor nothing is set aside: the next look will do.
        assert taken or number != errno.EMFILE
        assert waiting(root) == []


def test_no_failure_loses_a_file_that_is_set_aside(tmp_path):
    def arranged(*name: object) -> Path:
        root = fresh(tmp_path, *name)
        send(root)
        Maildir(root, "FR").send("DE", b"good", number="q1")
        return root

    def receive(mailbox: Maildir) -> list[bytes]:
        return [one.message for one in mailbox.poll(max_messages=9, timeout=0)]

    whole = Maildir(arranged("whole"), "DE", limits=SMALL)
    with failing() as calls:
        assert receive(whole) == [b"good"]
    assert "rename" in calls
    seen = set()
    for at, how in places(calls):
        root, found = arranged(at, how), []
        with failing(at, how), suppress(TransportBusy):
            found = receive(Maildir(root, "DE", limits=SMALL))
        found += receive(Maildir(root, "DE", limits=SMALL))
        aside = {one.reason: one.path.read_bytes() for one in Maildir(root, "DE").refused()}
        assert {*found, *aside.values()} == {b"good", MESSAGE}
        assert list(root.glob("DE/from-AT/new/*")) == []
        seen |= aside.keys()
    assert seen == {"too_large", "unreadable"}


def test_a_full_disk_does_not_stop_the_mail(tmp_path):
    """A message that cannot be set aside stays in place for the next attempt."""
    now = 0.0
    send(tmp_path)
    Maildir(tmp_path, "FR").send("DE", b"good", number="q1")
    germany = Maildir(tmp_path, "DE", limits=SMALL, visibility=60, monotonic=lambda: now)
    with mock.patch.object(folders, "set_aside", side_effect=OSError(errno.ENOSPC, "")):
        for found in ([b"good"], []):
            assert [one.message for one in germany.poll(max_messages=9, timeout=0)] == found
    assert germany.refused() == []
    assert (tmp_path / "DE" / "from-AT" / "new" / "q1").read_bytes() == MESSAGE
    now = 61.0
    germany.poll(max_messages=9, timeout=0)
    assert [one.reason for one in germany.refused()] == ["too_large"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EROFS, "not_permitted"),
        (errno.EACCES, "not_permitted"),
        (errno.EIO, "io_error"),
        (10**6, "io_error"),
    ],
)
def test_errors_of_the_system_have_codes(tmp_path, number, code):
    with (
        failing(0, stop=lambda: (_ for _ in ()).throw(OSError(number, str(tmp_path)))),
        pytest.raises(TransportError) as caught,
    ):
        Maildir(tmp_path, "AT").send("DE", b"x", number="q1")
    assert caught.value.code == code
    assert str(tmp_path) not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_disk_is_waited_for(tmp_path):
    """The bytes are flushed before the name appears, and the name before the call returns."""
    austria, germany = Maildir(tmp_path, "AT"), Maildir(tmp_path, "DE")
    austria.send("DE", b"first", number="q0")
    with failing() as calls:
        austria.send("DE", MESSAGE, number="q1")
    steps = [name for name in calls if name != "open"]
    assert steps == ["write", "fsync", "link", "fsync", "unlink"]
    deliveries = germany.poll(max_messages=9, timeout=0)
    with failing() as calls:
        germany.ack(deliveries[0].tag)
    assert calls[-3:] == ["stat", "unlink", "fsync"]


def test_a_disk_that_takes_and_gives_little_at_a_time(tmp_path):
    little = SimpleNamespace(**vars(os))
    little.write = lambda fd, data: os.write(fd, data[:1000])
    little.read = lambda fd, size: os.read(fd, min(size, 1000))
    with mock.patch.object(folders, "os", little):
        send(tmp_path)
        assert waiting(tmp_path) == [MESSAGE]


def test_a_message_that_goes_away_while_it_is_listed(tmp_path):
    """Another reader of the same mailbox was faster."""
    send(tmp_path)
    germany = Maildir(tmp_path, "DE")
    listed = folders.entries

    def and_then_gone(fd: int, name: str) -> list[folders.Entry]:
        found = listed(fd, name)
        for one in found:
            os.unlink(one.name, dir_fd=fd)
        return found

    with mock.patch.object(folders, "entries", and_then_gone):
        assert germany.poll(max_messages=9, timeout=0) == []
    assert germany.refused() == []


def test_a_name_that_becomes_free_while_it_is_compared(tmp_path):
    """The reader acknowledges between the moment it is found in use, and the comparison."""
    send(tmp_path)
    read = folders.read

    def and_before_it_acknowledged(fd: int, name: str, most: int) -> bytes | None:
        os.unlink(name, dir_fd=fd)
        return read(fd, name, most)

    with mock.patch.object(folders, "read", and_before_it_acknowledged):
        Maildir(tmp_path, "AT").send("DE", b"another", number="q1")
    assert waiting(tmp_path) == [b"another"]

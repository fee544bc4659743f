"""One mailbox: sending, delivery, acknowledgement, refusals."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import Limits, MailboxTransport, TransportError, TransportUnreachable
from prum_match.exchange.mailbox import Maildir, Refused
from prum_match.testing.clock import VirtualClock
from support.threads import PATIENCE

SMALL = Limits(request_bytes=100, reply_bytes=200, follow_up_bytes=50)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def box(root: Path, sender: str = "AT", receiver: str = "DE", part: str = "new") -> Path:
    return root / receiver / f"from-{sender}" / part


def maildir(root: Path, party: str, **options) -> tuple[Maildir, VirtualClock]:
    clock = VirtualClock()
    options = {"monotonic": lambda: clock().timestamp(), "sleep": clock.sleep} | options
    return Maildir(root, party, **options), clock


def messages(mailbox: MailboxTransport, most: int = 100, timeout: float = 0) -> list[bytes]:
    return [one.message for one in mailbox.poll(max_messages=most, timeout=timeout)]


def taken(mailbox: MailboxTransport) -> list[bytes]:
    """Poll, and acknowledge all."""
    deliveries = mailbox.poll(max_messages=100, timeout=0)
    for one in deliveries:
        mailbox.ack(one.tag)
    return [one.message for one in deliveries]


def place(root: Path, name: str, data: bytes = b"x", age: int = 0, sender: str = "AT") -> Path:
    """Put a file where a sender would."""
    path = box(root, sender) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, ns=(10**18 - age, 10**18 - age))
    return path


def test_a_message_arrives_as_it_was_sent(root):
    sent = bytes(range(256)) * 300
    Maildir(root, "AT").send("DE", sent, number="q1")
    Maildir(root, "FR").send("DE", b"", number="q1")
    deliveries = Maildir(root, "DE").poll(max_messages=5, timeout=0)
    assert {(one.party, one.message) for one in deliveries} == {("AT", sent), ("FR", b"")}


def test_only_the_folder_identifies_the_sender(root):
    Maildir(root, "UK").send("EL", b'{"requesting":"FR"}', number="q1")
    (delivery,) = Maildir(root, "GR").poll(max_messages=1, timeout=0)
    assert delivery.party == "GB"
    assert [path.name for path in (root / "GR").iterdir()] == ["from-GB"]


def test_a_mailbox_is_a_maildir_of_files_that_the_public_cannot_read(root):
    Maildir(root, "AT").send("DE", b"x", number="q1")
    assert {path.name for path in box(root).parent.iterdir()} == {"tmp", "new", "cur"}
    assert list(box(root, part="tmp").iterdir()) == []
    assert (box(root) / "q1").stat().st_mode & 0o007 == 0
    assert box(root).stat().st_mode & 0o007 == 0


def test_a_message_comes_again_until_it_is_acknowledged(root):
    Maildir(root, "AT").send("DE", b"x", number="q1")
    assert messages(Maildir(root, "DE")) == messages(Maildir(root, "DE")) == [b"x"]
    assert taken(Maildir(root, "DE")) == [b"x"]
    assert messages(Maildir(root, "DE")) == []


def test_within_a_process_it_comes_again_only_after_its_time_out_of_sight(root):
    Maildir(root, "AT").send("DE", b"x", number="q1")
    germany, clock = maildir(root, "DE", visibility=60)
    (first,) = germany.poll(max_messages=5, timeout=0)
    clock.sleep(59)
    assert messages(germany) == []
    clock.sleep(2)
    (second,) = germany.poll(max_messages=5, timeout=0)
    assert first == second
    germany.ack(first.tag)
    assert list(box(root).iterdir()) == []


def test_acknowledging_again_spares_a_later_message_of_the_same_number(root):
    austria, germany = Maildir(root, "AT"), Maildir(root, "DE")
    austria.send("DE", b"x", number="q1")
    (first,) = germany.poll(max_messages=5, timeout=0)
    other = Maildir(root, "DE")
    assert taken(other) == [b"x"]
    austria.send("DE", b"y", number="q1")
    os.utime(box(root) / "q1", ns=(1, 1))  # a clock that ticks slowly would hide what is tested
    for tag in (first.tag, first.tag, "a tag of nobody"):
        germany.ack(tag)
    assert messages(other) == [b"y"]


def test_the_same_message_again_changes_nothing_and_another_one_is_refused(root):
    austria = Maildir(root, "AT")
    for _ in range(2):
        austria.send("DE", b"x", number="q1")
    for other in (b"", b"y", b"xx"):
        with pytest.raises(ExchangeError) as caught:
            austria.send("DE", other, number="q1")
        assert caught.value.code == "number_in_use"
    austria.send("FR", b"y", number="q1")
    assert list(box(root, part="tmp").iterdir()) == []
    assert messages(Maildir(root, "DE")) == [b"x"]


def test_a_number_taken_by_another_file_is_in_use(root):
    box(root).mkdir(parents=True)
    (box(root) / "q1").mkdir()
    with pytest.raises(ExchangeError, match="number_in_use"):
        Maildir(root, "AT").send("DE", b"x", number="q1")


def test_an_acknowledged_number_is_free(root):
    for message in (b"x", b"x", b"y"):
        Maildir(root, "AT").send("DE", message, number="q1")
        assert taken(Maildir(root, "DE")) == [message]


@pytest.mark.parametrize(
    "number", ["", ".", "..", ".q", "a/b", "../q", "/q", "a\0", "ä", "q\n", "q" * 65, None, 1]
)
def test_a_path_as_number_is_refused(root, number):
    with pytest.raises(ExchangeError) as caught:
        Maildir(root, "AT").send("DE", b"x", number=number)
    assert (caught.value.code, caught.value.field) == ("invalid_field", "number")
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("number", ["q", "-", "_", ":2", "q..", "A.b_c:d-9", "q" * 64])
def test_all_other_numbers_of_messages_are_sent(root, number):
    Maildir(root, "AT").send("DE", b"x", number=number)
    assert taken(Maildir(root, "DE")) == [b"x"]


def test_the_size_limits_of_sending_and_reading_agree(root):
    austria = Maildir(root, "AT", limits=SMALL)
    austria.send("DE", bytes(200), number="q1")
    with pytest.raises(ExchangeError) as caught:
        austria.send("DE", bytes(201), number="q2")
    assert caught.value.code == "too_large"
    assert messages(Maildir(root, "DE", limits=SMALL)) == [bytes(200)]


def test_the_oldest_first_and_senders_in_turn(root):
    for n in range(6):
        place(root, f"{5 - n}", b"A%d" % n, age=100 - n)
    for n in range(2):
        place(root, f"f{n}", b"F%d" % n, age=1000 - n, sender="FR")
    germany = Maildir(root, "DE")
    assert messages(germany, 3) == [b"A0", b"F0", b"A1"]
    place(root, "late", b"I0", age=0, sender="IT")
    assert messages(germany, 3) == [b"F1", b"A2", b"I0"]
    assert messages(germany) == [b"A3", b"A4", b"A5"]
    assert messages(germany) == []


def test_no_sender_is_starved_by_one_message_at_a_time(root):
    for n in range(3):
        place(root, f"a{n}", b"A", age=10 - n)
        place(root, f"f{n}", b"F", age=10 - n, sender="FR")
    germany = Maildir(root, "DE")
    assert [messages(germany, 1) for _ in range(7)] == [[b"A"], [b"F"]] * 3 + [[]]


def test_one_poll_holds_little_more_than_one_large_message(root):
    for n in range(5):
        place(root, f"q{n}", bytes(150), age=10 - n)
    germany = Maildir(root, "DE", limits=SMALL)
    assert [len(messages(germany)) for _ in range(4)] == [2, 2, 1, 0]


def test_polling_waits_in_short_sleeps(root):
    germany, clock = maildir(root, "DE", pause=0.25)
    start = clock()
    assert messages(germany, timeout=10) == []
    assert (clock() - start).total_seconds() == pytest.approx(10)

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if (clock() - start).total_seconds() > 13:
            Maildir(root, "AT").send("DE", b"x", number="q1")

    germany, _ = maildir(root, "DE", monotonic=lambda: clock().timestamp(), sleep=sleep)
    assert messages(germany, timeout=10) == [b"x"]
    assert (clock() - start).total_seconds() < 14


def test_messages_seen_by_a_mail_program_still_wait(root):
    Maildir(root, "AT").send("DE", b"x", number="q1")
    os.rename(box(root) / "q1", box(root, part="cur") / "q1:2,S")
    assert taken(Maildir(root, "DE")) == [b"x"]
    assert list(box(root, part="cur").iterdir()) == []


def unfit_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Write one file of each kind that is not a message, and return the reasons by name."""
    secret = root / "secret"
    secret.write_bytes(b"not for us")
    place(root, "anna-large", bytes(201))
    (box(root) / "anna-link").symlink_to(secret)
    (box(root) / "anna-dangling").symlink_to(root / "nowhere")
    (box(root) / "anna-folder").mkdir()
    os.mkfifo(box(root) / "anna-pipe")
    monkeypatch.chdir(box(root))  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("anna-socket")
    others = {f"anna-{kind}" for kind in ("link", "dangling", "folder", "pipe", "socket")}
    return {"anna-large": "too_large"} | dict.fromkeys(others, "not_a_file")


def reasons(mailbox: Maildir) -> dict[str, str]:
    return {one.path.name: one.reason for one in mailbox.refused()}


def test_files_that_are_not_messages_are_set_aside_and_reported(root, monkeypatch, caplog):
    unfit = unfit_files(root, monkeypatch)
    place(root, "good", b"x")
    germany = Maildir(root, "DE", limits=SMALL)
    assert messages(germany) == [b"x"]
    assert [path.name for path in box(root).iterdir()] == ["good"]
    assert reasons(germany) == reasons(Maildir(root, "DE")) == unfit
    assert {one.party for one in germany.refused()} == {"AT"}
    assert len(caplog.records) == len(unfit)
    assert "anna" not in caplog.text + repr(germany.refused())
    assert (root / "secret").read_bytes() == b"not for us"


def test_nothing_that_was_set_aside_is_replaced(root):
    germany = Maildir(root, "DE", limits=SMALL)
    for byte in (b"1", b"2"):
        place(root, "large", byte * 201)
        assert messages(germany) == []
    found = germany.refused()
    assert sorted(one.path.read_bytes()[:1] for one in found) == [b"1", b"2"]
    os.rename(found[0].path, box(root) / "again")
    assert len(messages(Maildir(root, "DE"))) == 1


@pytest.mark.parametrize(
    "name", ["Schmidt Anna", "ä", "1700.M1.host,S=1:2,S", os.fsdecode(b"\xff")]
)
def test_any_name_is_delivered_and_shown_nowhere(root, name, caplog):
    place(root, name, b"x")
    germany = Maildir(root, "DE")
    (delivery,) = germany.poll(max_messages=1, timeout=0)
    refused = Refused("AT", "too_large", Path(name))
    assert name not in repr(delivery) + repr(refused) + caplog.text
    germany.ack(delivery.tag)
    assert list(box(root).iterdir()) == []


def test_strangers_in_a_mailbox_are_reported_and_stay(root):
    place(root, "good", b"x")
    place(root, ".rsync.1234", b"half of it")
    (root / "DE" / "from-XX").mkdir()
    (root / "DE" / "from-UK").mkdir()  # an alias: folders have the code as messages write it
    (root / "DE" / "notes").write_bytes(b"")
    (root / "DE" / "from-FR").write_bytes(b"")
    (box(root).parent / "q1").write_bytes(b"beside it")
    box(root, "IT", part="refused").mkdir(parents=True)
    (box(root, "IT", part="refused") / "stray").write_bytes(b"")
    (box(root, "IT")).symlink_to(box(root))
    germany = Maildir(root, "DE")
    assert messages(germany) == [b"x"]
    found = {
        (one.party, one.reason, one.path.relative_to(root / "DE").as_posix())
        for one in germany.refused()
    }
    assert found == {
        ("AT", "hidden", "from-AT/new/.rsync.1234"),
        ("AT", "misplaced", "from-AT/q1"),
        ("FR", "no_folder", "from-FR"),
        ("IT", "misplaced", "from-IT/refused/stray"),
        ("IT", "no_folder", "from-IT/new"),
        (None, "misplaced", "from-UK"),
        (None, "misplaced", "from-XX"),
        (None, "misplaced", "notes"),
    }


def test_no_folder_is_entered_through_a_link(root):
    """France cannot have what lies in the folder of Austria delivered as its own, or removed."""
    Maildir(root, "AT").send("DE", b"x", number="q1")
    (root / "DE" / "from-FR").symlink_to(box(root).parent)
    assert [one.party for one in Maildir(root, "DE").poll(max_messages=9, timeout=0)] == ["AT"]
    with pytest.raises(TransportUnreachable) as caught:
        Maildir(root, "FR").send("DE", b"y", number="q2")
    assert caught.value.code == "io_error"
    assert [path.name for path in box(root).iterdir()] == ["q1"]


def test_old_drafts_are_dropped_by_their_writer(root):
    Maildir(root, "AT").send("DE", b"x", number="q1")
    old, young = (box(root, part="tmp") / name for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half a message")
    os.utime(old, (1, 1))
    assert messages(Maildir(root, "DE")) == [b"x"]
    assert old.exists()
    Maildir(root, "AT")
    assert not old.exists()
    assert young.exists()


def test_a_missing_root_is_not_made(root):
    with pytest.raises(TransportUnreachable) as caught:
        Maildir(root / "not mounted", "AT")
    assert caught.value.code == "no_mailbox"


@pytest.mark.parametrize(
    ("call", "code", "field"),
    [
        (lambda root: Maildir(root, "XX"), "unknown_party", "party"),
        (lambda root: Maildir(root, "AT", visibility=0), "bad_timeout", "visibility"),
        (lambda root: Maildir(root, "AT", pause=float("nan")), "bad_timeout", "pause"),
        (lambda root: Maildir(root, "AT").send("XX", b"", number="1"), "unknown_party", "party"),
        (lambda root: messages(Maildir(root, "AT"), 0), "bad_limit", "max_messages"),
        (lambda root: messages(Maildir(root, "AT"), 1, -1), "bad_timeout", "timeout"),
    ],
)
def test_invalid_searches_are_refused(root, call, code, field):
    with pytest.raises(InvalidInput) as caught:
        call(root)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_closed_mailbox_is_closed(root):
    mailbox = Maildir(root, "AT")
    mailbox.close()
    mailbox.close()
    for call in (
        lambda: mailbox.send("DE", b"x", number="q1"),
        lambda: messages(mailbox),
        lambda: mailbox.ack("1"),
        mailbox.refused,
    ):
        with pytest.raises(TransportError) as caught:
            call()
        assert caught.value.code == "transport_closed"


def test_closing_ends_a_poll_that_waits(root):
    mailbox = Maildir(root, "AT", sleep=lambda seconds: mailbox.close())
    with pytest.raises(TransportUnreachable, match="transport_closed"):
        mailbox.poll(max_messages=1, timeout=1000)


def test_threads_share_a_mailbox_without_a_message_handed_out_twice(root):
    count = 60
    seen, lock = [], threading.Lock()
    germany = Maildir(root, "DE", pause=0.001)

    def send(sender: str) -> None:
        for n in range(count):
            Maildir(root, sender).send("DE", f"{sender}{n}".encode(), number=f"{n}")

    def receive() -> None:
        while len(seen) < 2 * count:
            for one in germany.poll(max_messages=7, timeout=0.01):
                with lock:
                    seen.append(one.message)
                germany.ack(one.tag)

    threads = [threading.Thread(target=send, args=[sender], daemon=True) for sender in ("AT", "FR")]
    threads += [threading.Thread(target=receive, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(seen) == sorted(f"{s}{n}".encode() for s in ("AT", "FR") for n in range(count))
    assert messages(Maildir(root, "DE")) == []

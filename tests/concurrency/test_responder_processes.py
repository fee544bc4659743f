"""Several processes answer for one party over one store: quotas and "answered once" are shared."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from prum_match import engine
from prum_match.errors import StorageError
from prum_match.exchange import (
    FollowUp,
    MemoryStore,
    Partner,
    PartnerRules,
    Quota,
    Responder,
    SqliteStore,
)
from prum_match.exchange.audit import Act, SqliteAudit
from prum_match.exchange.messages import SearchRequest, decode_reply, encode
from support.children import ending, fork
from support.examples import chance, examples
from support.exchange.toy import Category, Gallery, Item

pytestmark = pytest.mark.processes

WORKERS = 4
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KILLED = f"exit {-signal.SIGKILL}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: nobody loses power here."""
    shared = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=shared if os.access(shared, os.W_OK) else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture(autouse=True)
def toy_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "category", lambda name: Category())


def request(number: int | str, word: str = "apple", **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "category": "toy",
        "requesting": "AT",
        "requested": "DE",
        "number": f"q{number}",
        "time": NOW,
        "reference": "AT-7",
        "type": "P",
        "probe": json.dumps([word, "P"]).encode(),
    }
    return encode(SearchRequest(**{**fields, **changes}))


def said(reply: bytes) -> str:
    decoded = decode_reply(reply)
    return decoded.code or decoded.result.value


def responder(folder: Path, quota: int, **options: Any) -> Responder:
    """Return the responder of a worker that has just started."""
    store = SqliteStore(folder / "store", patience=60)
    return Responder(
        "DE",
        {"toy": Gallery({"DE-1": Item("apple"), "DE-2": Item("axe")})},
        clock=lambda: NOW,
        audit=SqliteAudit(folder / "audit"),
        partners={"AT": Partner(categories={"toy": PartnerRules(quota=Quota(identified=quota))})},
        **{"store": store, **options},
    )


def in_children(works: list[Callable[[], object]]) -> None:
    children = [fork(work) for work in works]
    assert [ending(child) for child in children] == ["exit 0"] * len(works)


def work(folder: Path, worker: int, quota: int, n: int, told: int) -> None:
    """Answer requests: half of them other workers answer too."""
    own = [f"w{worker}.{number}" for number in range(n // 2)]
    numbers = [*own, *(str(number) for number in range(n - len(own)))]
    chance(f"order of {worker}").shuffle(numbers)
    answering = responder(folder, quota)
    for number in numbers:
        while True:
            reply = answering.handle("AT", request(number))
            if said(reply) != "busy":
                break
        line = f"{number} {said(reply)} {sha256(reply).hexdigest()}\n".encode()
        assert os.write(told, line) == len(line)


def check_answers(folder: Path, quota: int, n: int, *, kills: int) -> None:
    told = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def start(worker: int) -> int:
        return fork(lambda: work(folder, worker, quota, n, told), seconds=900)

    random = chance("kills")
    children = {worker: start(worker) for worker in range(WORKERS)}
    for _ in range(kills):
        time.sleep(random.uniform(0, n / 4000))
        worker = random.randrange(WORKERS)
        os.kill(children[worker], signal.SIGKILL)
        ended = ending(children[worker])
        assert ended in (KILLED, "exit 0")
        # It begins again with its first request, as partners do that got no answer.
        children[worker] = start(worker)
    assert [ending(child, 900) for child in children.values()] == ["exit 0"] * WORKERS
    os.close(told)

    replies = defaultdict(set)
    for line in (folder / "told").read_text().splitlines():
        number, word, digest = line.split()
        replies[number].add((word, digest))
    distinct = WORKERS * (n // 2) + n - n // 2
    assert len(replies) == distinct
    # Whoever asks whom how often: each request has one answer.
    assert {len(answers) for answers in replies.values()} == {1}
    words = Counter(word for ((word, _),) in replies.values())
    assert words == {"hit": quota, "quota_exhausted": distinct - quota}

    responder(folder, quota)  # moves what a killed worker left on the way to the log
    with SqliteAudit(folder / "audit") as audit:
        audit.verify()
        logged = Counter(entry.number for entry in audit.entries() if entry.act is Act.ANSWERED)
        results = Counter(entry.code or entry.result for entry in audit.entries())
    assert set(logged.values()) == {1}
    assert logged.keys() == {f"q{number}" for number in replies}
    assert results == words


def test_a_quota_is_exact_among_processes_of_which_some_are_killed(folder: Path) -> None:
    check_answers(folder, quota=17, n=examples(160, least=24), kills=examples(8, least=2))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_quota_is_exact_among_four_times_two_thousand_requests(folder: Path) -> None:
    check_answers(folder, quota=1500, n=2000, kills=40)


def test_one_request_to_all_at_once_has_one_answer(folder: Path) -> None:
    with (folder / "told").open("ab", buffering=0) as told:

        def ask() -> None:
            answering = responder(folder, quota=9)
            answering.handle("AT", request("warm"))
            # In step: each has looked before another one has answered.
            gallery = answering._holdings["toy"].gallery
            gallery.after_search = lambda one: time.sleep(0.2)  # type: ignore[attr-defined]
            reply = answering.handle("AT", request(1))
            told.write(f"{said(reply)} {sha256(reply).hexdigest()}\n".encode())

        in_children([ask] * WORKERS)
    (line,) = set((folder / "told").read_text().splitlines())
    assert line.startswith("hit ")
    with SqliteAudit(folder / "audit") as audit:
        assert sorted(entry.number for entry in audit.entries()) == ["q1", "qwarm"]


def test_other_bytes_under_a_number_that_another_process_answered(folder: Path) -> None:
    first, second = responder(folder, 9), responder(folder, 9)
    reply = first.handle("AT", request(1))
    assert second.handle("AT", request(1)) == reply
    assert said(second.handle("AT", request(1, "axe"))) == "number_in_use"
    # While it searches, another process answers other bytes.
    gallery: Any = first._holdings["toy"].gallery
    gallery.after_search = lambda one: second.handle("AT", request(2, "axe"))
    assert said(first.handle("AT", request(2))) == "number_in_use"
    gallery.after_search = lambda one: second.handle("AT", request(3))
    assert first.handle("AT", request(3)) == second.handle("AT", request(3))
    gallery.after_search = lambda one: second.withdraw("toy", ["DE-1"], None)  # type: ignore
    with SqliteAudit(folder / "audit") as audit:
        codes = Counter((entry.number, entry.code) for entry in audit.entries())
    assert codes == {
        ("q1", None): 1,
        ("q1", "number_in_use"): 1,
        ("q2", None): 1,
        ("q2", "number_in_use"): 1,
        ("q3", None): 1,
    }


def test_a_quota_that_runs_out_during_a_search_holds(folder: Path) -> None:
    first, second = responder(folder, 1), responder(folder, 1)
    gallery: Any = first._holdings["toy"].gallery
    gallery.after_search = lambda one: second.handle("AT", request(1))
    assert said(first.handle("AT", request(2))) == "quota_exhausted"
    assert said(second.handle("AT", request(1))) == "hit"


def test_a_withdrawal_in_one_process_drops_replies_of_all(folder: Path) -> None:
    first, second = responder(folder, 9), responder(folder, 9)
    first.handle("AT", request(1))
    second.withdraw("toy", ["DE-1"], None)  # type: ignore[arg-type]
    assert said(first.handle("AT", request(1))) == "already_answered"


def test_an_erased_reference_is_in_no_reply_that_another_process_kept(folder: Path) -> None:
    first, second = responder(folder, 9), responder(folder, 9)
    first.handle("AT", request(1))
    # Each process counts the changes of its own gallery: equal numbers say nothing.
    gallery: Any = second._holdings["toy"].gallery
    del gallery.items["DE-1"]
    assert gallery.generation == 0
    assert said(second.handle("AT", request(1))) == "already_answered"


def test_a_restarted_process_repeats_replies_and_counts_on(folder: Path) -> None:
    reply = responder(folder, 2).handle("AT", request(1))
    again = responder(folder, 2)
    assert again.handle("AT", request(1)) == reply
    assert said(again.handle("AT", request(2))) == "hit"
    assert said(again.handle("AT", request(3))) == "quota_exhausted"
    assert said(responder(folder, 2).handle("AT", request(4))) == "quota_exhausted"
    # A store that is new knows what the log knows.
    (folder / "store").unlink()
    anew = responder(folder, 3)
    assert said(anew.handle("AT", request(1))) == "already_answered"
    assert said(anew.handle("AT", request(5))) == "hit"
    assert said(anew.handle("AT", request(6))) == "quota_exhausted"
    assert said(responder(folder, 3).handle("AT", request(7))) == "quota_exhausted"


def test_hits_and_answers_share_the_store_of_the_follow_up(folder: Path) -> None:
    follow_up = FollowUp("DE", SqliteStore(folder / "hits"), clock=lambda: NOW)
    answering = responder(folder, 9, store=None, follow_up=follow_up)
    reply = answering.handle("AT", request(1))
    other = FollowUp("DE", SqliteStore(folder / "hits"), clock=lambda: NOW)
    assert responder(folder, 9, store=None, follow_up=other).handle("AT", request(1)) == reply
    assert len(other.hits()) == 2


def test_a_responder_made_before_the_fork_answers_in_the_workers(folder: Path) -> None:
    """As with a server that loads the application before it starts its workers."""
    loaded = responder(folder, 5)
    loaded.handle("AT", request("parent"))

    def worker(name: str) -> None:
        for number in range(4):
            assert said(loaded.handle("AT", request(f"{name}{number}"))) in (
                "hit",
                "quota_exhausted",
            )
        os.chdir("/")
        assert said(loaded.handle("AT", request("parent"))) == "hit"

    in_children([lambda: worker("a"), lambda: worker("b")])
    loaded.handle("AT", request("after"))
    with SqliteAudit(folder / "audit") as audit:
        audit.verify()
        results = Counter(entry.code or entry.result for entry in audit.entries())
    assert results == {"hit": 5, "quota_exhausted": 5}


def test_a_fork_inside_a_transaction_is_told(folder: Path) -> None:
    store = SqliteStore(folder / "store")

    def use() -> None:
        with pytest.raises(StorageError) as caught, store.transaction():
            pass
        assert caught.value.code == "forked"

    with store.transaction() as entries:
        entries.put("hit", "1", b"")
        child = fork(use)
        assert ending(child) == "exit 0"
    with store.transaction() as entries:
        assert entries.get("hit", "1") == b""


def test_another_store_than_that_of_the_follow_up_is_refused() -> None:
    with pytest.raises(ValueError, match="bad_option; field store"):
        Responder("DE", {}, follow_up=FollowUp("DE"), store=MemoryStore())

"""Invariants of thousands of worlds of 26 states, whose lines and processes fail.

``PRUM_SEEDS`` sets the number; a world that breaks prints how to repeat it.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from prum_match.exchange import SqliteStore
from prum_match.exchange.audit import SqliteAudit
from simulation.disks import Disk
from simulation.registers import CANARY
from simulation.world import run
from support.examples import chance, examples

SEEDS = int(os.environ.get("PRUM_SEEDS", "2000"))
CHUNK = 100

# All of this has to happen somewhere in a chunk: a simulation in which it does not proves nothing.
HAPPENS = {
    *("lost", "doubled", "late", "very late", "damaged", "killed", "restarts", "nobody there"),
    *("crash before a commit", "crash after a commit"),
    *("crash before an entry", "crash after an entry"),
    *("outcome hit", "outcome no_hit", "outcome unsuitable", "outcome refused"),
    *("outcome timeout", "outcome unreachable", "outcome busy", "outcome invalid_reply"),
    *("asked anew: stale_request", "answered again"),
    *("refused: quota_exhausted", "refused: not_authorised", "refused: number_in_use"),
    *("refused: party_mismatch", "refused: already_answered", "refused: stale_request"),
    *("replays: the same", "replays: forged", "replays: foreign"),
    *("confirm by the requesting", "confirm by the requested", "refute by the requesting"),
    *("send_facts by the requesting", "send_facts by the requested", "illegal moves"),
    *("release by the requesting", "release by the requested", "delay by the requested"),
    *("decline by the requested", "told overdue", "told withdrawn"),
    *("erased", "corrected", "left to the library", "probes withdrawn", "changed meanwhile"),
    *("at the end core_data_returned", "at the end declined", "at the end refuted"),
    *("at the end overdue", "at the end withdrawn", "purged"),
}


@pytest.fixture
def _quietly() -> Iterator[None]:
    """Keep no log of thousands of worlds; one test below reads one."""
    logging.getLogger("prum_match").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("prum_match").setLevel(logging.NOTSET)


def chunks() -> list[Any]:
    """One that each run simulates, and the others of a full run."""
    return [
        pytest.param(first, marks=[pytest.mark.slow] if first else [])
        for first in range(0, SEEDS, CHUNK)
    ]


@pytest.mark.usefixtures("_quietly")
@pytest.mark.parametrize("first", chunks())
def test_reports_are_never_lost_invented_or_repeated(
    first: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("seeds", CHUNK)
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        seen += run(seed)
    for what, times in sorted(seen.items()):
        print(f"{times:8} {what}")
    assert not sorted(HAPPENS - seen.keys()), "too little happens"


@pytest.mark.usefixtures("_quietly")
def test_worlds_that_no_run_has_seen_before() -> None:
    random = chance("worlds")
    for _ in range(examples(200)):
        run(random.randrange(SEEDS, 1 << 32))


@pytest.mark.usefixtures("_quietly")
@pytest.mark.parametrize("seed", [2, 9, 11])
def test_on_real_files(seed: int, tmp_path: Path) -> None:
    disks: dict[str, Disk] = {}
    with ExitStack() as files:

        def open_disk(code: str) -> Disk:
            store = files.enter_context(SqliteStore(tmp_path / f"{code}.db"))
            if code not in disks:
                audit = files.enter_context(SqliteAudit(tmp_path / f"{code}.audit"))
                disks[code] = Disk(store, audit)
            disks[code].store = store
            return disks[code]

        on_files = run(seed, open_disk)
    assert on_files == run(seed)


def test_no_content_is_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "prum_match")
    for seed in range(10):
        run(seed)
    assert len(caplog.messages) > 100
    assert CANARY not in caplog.text


@pytest.mark.usefixtures("_quietly")
def test_the_same_seed_makes_the_same_world() -> None:
    assert run(3) == run(3)
    assert run(3) != run(4)

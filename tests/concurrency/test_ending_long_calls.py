"""Ctrl-C and progress functions end calls that would take 20 seconds or more."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from prum_match.engine import Gallery
from support.galleries.kits import DACTYLOSCOPY, DNA, TOY, Kit
from support.galleries.long_calls import EVERY_KIT, SIZES, filled

# Ten times what is asked for: the machine may be busy.
SOON = 5.0


class Enough(Exception):
    """Raised by a function that is told of the progress."""


# Calls are ended in children, by signals; their time would be the sanitizers'.
pytestmark = pytest.mark.processes


def program(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "support.galleries.long_calls", *words]
    folder = Path(__file__).parents[1]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )


def interrupted(*words: str) -> tuple[float, str, str]:
    """Press Ctrl-C in the middle of a call; return the seconds to its end, and its output."""
    with program(*words) as running:
        assert running.stdout is not None
        try:
            assert running.stdout.readline() == "begun\n"
            begun = time.monotonic()
            running.send_signal(signal.SIGINT)
            out, error = running.communicate(timeout=20)
        finally:
            running.kill()
        return time.monotonic() - begun, out, error


WITH_THREADS = pytest.mark.parametrize(
    ("kit", "threads"),
    [*((kit, 2) for kit in EVERY_KIT), (TOY, 1), (DNA, 1), (DACTYLOSCOPY, 1)],
    ids=lambda value: getattr(value, "name", value),
)


@WITH_THREADS
def test_ctrl_c_ends_a_search(kit: Kit, threads: int) -> None:
    seconds, out, error = interrupted(kit.name, "search", str(threads))
    assert "KeyboardInterrupt" in error
    assert "ended" not in out
    assert seconds < SOON


@pytest.mark.parametrize("call", ["join", "enrol", "search_subjects"])
def test_ctrl_c_ends_other_calls(call: str) -> None:
    seconds, out, error = interrupted(DACTYLOSCOPY.name, call, "2")
    assert "KeyboardInterrupt" in error
    assert "ended" not in out
    assert seconds < SOON


@pytest.fixture
def heeded_interrupts() -> Iterator[None]:
    """Heed interrupts, which a shell has ignored by what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_interrupts")
def test_ctrl_c_ends_a_search_without_progress() -> None:
    """The handler of the signal runs while compiled code is at work, and its exception ends it."""
    gallery, probes = filled(DNA, SIZES["dna"][0]), [DNA.item(1)] * SIZES["dna"][1]
    gallery.search_many(probes[:10])
    timer = threading.Timer(1.0, signal.raise_signal, [signal.SIGINT])
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        gallery.search_many(probes, limit=1)
    assert time.monotonic() - begun < 1 + SOON
    assert len(gallery.search(probes[0], limit=2)) == 2


def stopped(gallery: Gallery[Any], kit: Kit, probes: int, threads: int) -> float:
    """Return the seconds between the exception of the progress and the end of a search."""
    told: list[float] = []

    def progress(step: str, done: int, total: int | None) -> None:
        told.append(time.monotonic())
        if step == "search" and done > 0:
            raise Enough

    with pytest.raises(Enough):
        gallery.search_many(
            [kit.item(1)] * probes, policy=kit.policy, limit=1, threads=threads, progress=progress
        )
    gaps = [after - before for before, after in pairwise(told)]
    assert max(gaps, default=0) < 10 * 0.2
    return time.monotonic() - told[-1]


@WITH_THREADS
def test_an_exception_of_the_progress_ends_a_search(kit: Kit, threads: int) -> None:
    n, probes = SIZES[kit.category]
    gallery = filled(kit, n)
    assert stopped(gallery, kit, probes, threads) < SOON
    assert len(gallery.search(kit.item(1), policy=kit.policy, limit=1)) == 1


def test_a_cancelled_task_ends_its_search() -> None:
    """As shown on the page about embedding."""
    gallery, probes = filled(DNA, SIZES["dna"][0]), [DNA.item(1)] * SIZES["dna"][1]
    begun, ended = threading.Event(), threading.Event()

    async def search() -> Any:
        cancelled = threading.Event()

        def progress(step: str, done: int, total: int | None) -> None:
            begun.set()
            if cancelled.is_set():
                raise asyncio.CancelledError

        def work() -> Any:
            try:
                return gallery.search_many(probes, limit=1, progress=progress)
            finally:
                ended.set()

        try:
            return await asyncio.to_thread(work)
        finally:
            cancelled.set()

    async def main() -> None:
        task = asyncio.create_task(search())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, SOON)

    asyncio.run(main())

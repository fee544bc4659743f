"""Blocking calls beside an event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from prum_match.exchange.http.threads import in_thread


def test_a_call_hands_over_its_result() -> None:
    assert asyncio.run(in_thread(sum, [1, 2], start=3)) == 6


def test_a_call_hands_over_its_error() -> None:
    with pytest.raises(ValueError, match="one"):
        asyncio.run(in_thread(int, "one"))


def test_a_call_runs_on_a_daemon_thread_of_its_own() -> None:
    thread = asyncio.run(in_thread(threading.current_thread))
    assert thread is not threading.current_thread()
    assert thread.daemon


def test_a_hanging_call_holds_up_neither_other_calls_nor_the_end_of_the_loop() -> None:
    release = threading.Event()

    async def ask() -> int:
        hanging = [asyncio.ensure_future(in_thread(release.wait, 60)) for _ in range(64)]
        await asyncio.sleep(0)
        found = await asyncio.wait_for(in_thread(sum, [1, 2]), 30)
        for one in hanging:
            one.cancel()
        return found

    done: list[int] = []
    loop = threading.Thread(target=lambda: done.append(asyncio.run(ask())), daemon=True)
    loop.start()
    loop.join(30)
    ended = not loop.is_alive()
    release.set()
    assert ended
    assert done == [3]

"""Child processes of a test, and their exit states."""

from __future__ import annotations

import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import TypeVar

Task = TypeVar("Task")

# A child that takes longer than this hangs, however busy the machine is.
CHILD_SECONDS = 60.0


def end_in_time(seconds: float = CHILD_SECONDS) -> None:
    """Let the kernel end a child that hangs, even if its parent has ended."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(seconds) + 5)


def fork(check: Callable[[], object], seconds: float = CHILD_SECONDS) -> int:
    """Run `check` in a child; its exit status is 0 on success."""
    with warnings.catch_warnings():
        # Python 3.12 warns of what is tested here.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    status = 1
    end_in_time(seconds)
    try:
        check()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ending(pid: int, seconds: float = CHILD_SECONDS) -> str:
    """Wait for a child and return its exit state."""
    end, pause = time.monotonic() + seconds, 0.0002
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return f"exit {os.waitstatus_to_exitcode(status)}"
        time.sleep(pause)
        pause = min(2 * pause, 0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "deadlock"


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test in a child, so that its effects end with the process."""

    @wraps(test)
    def run() -> None:
        assert in_child(test) == "exit 0"

    return run


def in_child(check: Callable[[], object], seconds: float = CHILD_SECONDS) -> str:
    """Fork, run `check` in the child, and return the child's exit state."""
    return ending(fork(check, seconds), seconds)


def shared_out(work: Callable[[Task], object], tasks: Iterable[Task], seconds: float) -> None:
    """Do work in two children, one for each core, and check that both succeed."""
    todo = list(tasks)

    def do(mine: list[Task]) -> None:
        for task in mine:
            try:
                work(task)
            except BaseException as error:
                error.add_note(f"in the task {task!r}")
                raise

    children = [fork(partial(do, todo[first::2]), seconds) for first in range(2)]
    assert [ending(child, seconds) for child in children] == ["exit 0", "exit 0"]

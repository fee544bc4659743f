"""Tools of the contract suites: capabilities, waiting, and watching for leaks.

Checks use `require` and not ``assert``, which Python leaves out under ``-O``: a check that cannot
fail is worse than none.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

_Result = TypeVar("_Result")
_Check = TypeVar("_Check", bound=Callable[..., None])

CANARY = b"canary-of-3x"
"""Content that must not leak. Twelve bytes, so that repetitions look the same in base64."""

_NEEDS = "prum_match_needs"
_SIGNS = (CANARY.decode(), b64encode(CANARY).decode(), CANARY.hex())


def require(holds: bool, what: str) -> None:
    """Raise `AssertionError` with a text unless a condition holds."""
    if not holds:
        raise AssertionError(what)


def needs(*flags: str) -> Callable[[_Check], _Check]:
    """Mark a check that needs some capabilities."""

    def mark(check: _Check) -> _Check:
        setattr(check, _NEEDS, flags)
        return check

    return mark


class Contract:
    """A suite of checks that a host subclasses; pytest collects it without any plug-in.

    A check whose capability the subclass does not claim is taken out of it. It is neither skipped
    nor passed: it is not there, and `checks` does not name it. The suite itself, a class made with
    ``abstract=True``, keeps them all.
    """

    _taken_out: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, abstract: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if abstract:
            return
        before, checks = cls._taken_out, _checks_of(cls)
        cls._taken_out = frozenset(name for name, check in checks.items() if not _fits(cls, check))
        for name in cls._taken_out:
            setattr(cls, name, None)
        for name in before - cls._taken_out:
            setattr(cls, name, checks[name])

    @classmethod
    def checks(cls) -> tuple[str, ...]:
        """Return the names of the checks that apply, in the order of their definition."""
        return tuple(name for name in _checks_of(cls) if getattr(cls, name) is not None)


def _checks_of(cls: type) -> dict[str, Callable[..., None]]:
    return {
        name: value
        for base in reversed(cls.__mro__)
        for name, value in vars(base).items()
        if name.startswith("test_") and callable(value)
    }


def _fits(cls: type, check: Callable[..., None]) -> bool:
    flags = (getattr(cls, name) for name in getattr(check, _NEEDS, ()))
    return all(flag is not None and flag is not False for flag in flags)


class Call(Generic[_Result]):
    """A call on a thread of its own: one that never returns fails its check and hangs no other."""

    def __init__(self, function: Callable[[], _Result]) -> None:
        self._function = function
        self._value: _Result
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._function()
        except Exception as error:
            self.error = error

    def ends(self, seconds: float) -> bool:
        """Wait up to `seconds` and return whether the call has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self, seconds: float) -> _Result:
        """Return what the call returned, or raise what it raised."""
        require(self.ends(seconds), "a call does not end")
        if self.error is not None:
            raise self.error
        return self._value


def in_parallel(functions: Sequence[Callable[[], _Result]], seconds: float) -> list[_Result]:
    """Call all at once and return the results in the same order."""
    barrier = threading.Barrier(len(functions))

    def started(function: Callable[[], _Result]) -> Callable[[], _Result]:
        def run() -> _Result:
            barrier.wait(seconds)
            return function()

        return run

    end = time.monotonic() + seconds
    calls = [Call(started(function)) for function in functions]
    return [call.result(max(0.0, end - time.monotonic())) for call in calls]


def raised_by(kind: type[Exception], function: Callable[[], object]) -> Exception:
    """Return the error of this kind that a call raises."""
    try:
        function()
    except kind as error:
        return error
    except Exception as error:
        found = type(error).__name__
        raise AssertionError(f"{found} is raised instead of {kind.__name__}") from error
    raise AssertionError(f"nothing is raised instead of {kind.__name__}")


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    """Tell whether a condition becomes true within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def holds_canary(text: str) -> bool:
    """Tell whether a text contains `CANARY`: plain, in base64 or in hexadecimal digits."""
    return any(sign in text for sign in _SIGNS)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r}")


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect all log lines of the block, of every logger and level."""
    root, handler = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET + 1)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@contextmanager
def nothing_left(seconds: float) -> Iterator[None]:
    """Fail if the block leaves threads or open files behind; the threads are named."""
    threads, files = set(threading.enumerate()), _open_files()
    yield
    eventually(lambda: not set(threading.enumerate()) - threads, seconds)
    # Python puts the function of a thread into the name that it chooses.
    left = sorted(thread.name for thread in set(threading.enumerate()) - threads)
    require(not left, f"a thread is left behind: {', '.join(left)}")
    require(eventually(lambda: len(_open_files()) <= len(files), seconds), "a file is left open")


def _open_files() -> Collection[str]:
    # Unreachable objects that the collector has not found yet do not count.
    gc.collect()
    folder = Path("/proc/self/fd")
    return os.listdir(folder) if folder.exists() else ()

"""Progress of long calls, which can end them early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeAlias, TypeVar

from prum_match import _native
from prum_match.errors import InvalidInput

T = TypeVar("T")

# Called with a step of the call, the work done, and the work of the step or None.
Progress: TypeAlias = Callable[[str, int, int | None], object]

_EVERY = 16
_NOTHING: AbstractContextManager[object] = nullcontext()


class _State(threading.local):
    """Whether the change of the running call is made, so that it can no longer be ended."""

    made = False


_state = _State()


class _GivenUp(BaseException):
    """Ends work that a call can do without."""


def reporting(progress: Progress | None) -> AbstractContextManager[object]:
    """Report the progress of a block to a function, at least every 0.2 s.

    What the function raises ends the block, in compiled code too.
    """
    if progress is None:
        return _NOTHING
    if not callable(progress):
        raise InvalidInput("progress is a function", code="bad_option", field="progress")

    def report(step: str, done: int, total: int | None) -> None:
        try:
            progress(step, done, total)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if _state.made:
                raise _GivenUp from error
            raise

    return _native.Watch(report)


@contextmanager
def optional_work() -> Iterator[None]:
    """Do what a call can do without when its change is made, such as merging segments.

    An exception of the function that is told of the progress comes too late to undo the change: it
    ends the block alone.
    """
    before, _state.made = _state.made, True
    try:
        yield
    except _GivenUp:
        pass
    finally:
        _state.made = before


def begin_step(step: str, total: int | None = None) -> None:
    """Begin a step of the call."""
    _native.begin_step(step, total)


def paced(items: Iterable[T], *, counted: bool = True) -> Iterator[T]:
    """Iterate over items, and tell the progress of the running call from time to time.

    For the loops of a category that take microseconds or more an item.

    Parameters
    ----------
    items : iterable
        The items.
    counted : bool
        Whether they count as work done; of several loops over the same items, one counts them.

    Yields
    ------
    item
        The next item.

    Examples
    --------
    >>> from prum_match.engine import paced
    >>> [len(text) for text in paced(["a", "bcd"])]
    [1, 3]
    """
    for number, item in enumerate(items, 1):
        if number % _EVERY == 0:
            _native.advance(_EVERY if counted else 0)
        yield item


def refuse_changes_from_within() -> None:
    """Raise where a function that is told of the progress of a call tries to change a gallery."""
    if _native.is_reporting():
        raise InvalidInput(
            "a gallery cannot be changed from within progress",
            code="change_in_progress",
            field="progress",
        )

"""The machine: instruction sets and threads."""

from __future__ import annotations

import numpy as np

from prum_match import _native
from prum_match.errors import InvalidInput


def active_tier() -> str:
    """Return the name of the kernel implementation in use, one of ``cpu_tiers()``.

    The fastest one that the machine can run, or what ``PRUM_MATCH_ISA`` names.

    Raises
    ------
    InvalidInput
        Code ``"unknown_tier"``: the variable names an unknown or unavailable one.

    Examples
    --------
    >>> import prum_match
    >>> prum_match.active_tier() in prum_match.cpu_tiers()
    True
    """
    return _native.active_tier()


def set_threads(threads: int | None) -> None:
    """Set how many threads a search uses where its call does not say; None: the usable cores.

    Raises
    ------
    InvalidInput
        Code ``"bad_limit"``: fewer than 1 or more than 1024.

    Examples
    --------
    >>> import prum_match
    >>> prum_match.set_threads(None)
    """
    _native.set_threads(0 if threads is None else check_threads(threads))


def check_threads(threads: int) -> int:
    """Return a number of threads that can be asked for."""
    whole = isinstance(threads, (int, np.integer)) and not isinstance(threads, bool)
    if not whole or not 1 <= threads <= 1024:
        raise InvalidInput(
            "threads is a whole number from 1 to 1024",
            code="bad_limit",
            field="threads",
            value=threads,
        )
    return int(threads)

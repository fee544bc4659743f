"""Instruction sets and threads of this machine."""

from __future__ import annotations

from prum_match import _native
from prum_match.values.checks import whole_number


def active_tier() -> str:
    """Return the name of the kernel implementation in use, one of ``cpu_tiers()``.

    It is the fastest one that the machine can run, unless ``PRUM_MATCH_ISA`` names another.

    Raises
    ------
    InvalidInput
        Code ``"unknown_tier"``: the variable names an unknown or unavailable implementation.

    Examples
    --------
    >>> import prum_match
    >>> prum_match.active_tier() in prum_match.cpu_tiers()
    True
    """
    return _native.active_tier()


def set_threads(threads: int | None) -> None:
    """Set the default number of threads of a search; None for the usable cores.

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
    """Return a number of threads, from 1 to 1024."""
    return whole_number(threads, "threads", least=1, most=1024, code="bad_limit")

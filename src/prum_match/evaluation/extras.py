"""Optional packages: what to install when one is missing."""

from __future__ import annotations

from prum_match.errors import PrumError

__all__ = ["missing_extra"]


def missing_extra(package: str, extra: str) -> PrumError:
    """Return the error for a package that is not installed.

    Examples
    --------
    >>> str(missing_extra("matplotlib", "plot"))
    "matplotlib is not installed: pip install 'prum-match[plot]' [missing_extra; field plot]"
    """
    return PrumError(
        f"{package} is not installed: pip install 'prum-match[{extra}]'",
        code="missing_extra",
        field=extra,
    )

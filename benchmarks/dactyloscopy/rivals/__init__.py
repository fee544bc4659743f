"""Matchers of the package index, each with the conversions that its templates need.

A rival is prepared and run through its own interface; its limits are its own.
"""

from __future__ import annotations

from benchmarks.dactyloscopy import Refused
from benchmarks.dactyloscopy.rivals import afis, nbis
from benchmarks.dactyloscopy.rivals.base import Rival as Rival

RIVALS: tuple[Rival, ...] = (
    nbis.Bozorth3(),
    afis.NbisBozorth3(),
    afis.UprightMcc(),
    afis.Mcc(),
    afis.Safis(),
    afis.Geometric(),
    afis.Bozorth3(),
)


def chosen(names: str | None) -> list[Rival]:
    """Return the rivals of these names, separated by commas; all for None, none for ``""``."""
    if names is None:
        return list(RIVALS)
    wanted = [name for name in names.split(",") if name]
    known = {rival.name: rival for rival in RIVALS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Refused(f"no such rival: {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in wanted]


def present(rivals: list[Rival]) -> tuple[list[Rival], list[str]]:
    """Return those that can run, and a line on each that cannot."""
    reasons = [(rival, rival.missing()) for rival in rivals]
    absent = [f"{rival.name}: not run: {why}" for rival, why in reasons if why is not None]
    return [rival for rival, why in reasons if why is None], absent

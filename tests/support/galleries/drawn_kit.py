"""The kits of heavy tests: the toy, and one that is drawn for each run.

PRUM_KIT names the kit to use instead of a drawn one; ``all`` stands for every kit, as for
`make proof`. The draw is left in the environment, so that the workers of pytest-xdist and
the children of tests all use the kit that the first process drew.
"""

from __future__ import annotations

import os
import random

import pytest

from support.galleries.kits import KITS, TOY

_VARIABLE = "PRUM_KIT"
_NAMES = [kit.name for kit in KITS]
# The global generator is seeded by pytest plugins; two runs have to differ.
_DRAWN = os.environ.setdefault(_VARIABLE, random.SystemRandom().choice(_NAMES[1:]))
if _DRAWN not in (*_NAMES, "all"):
    raise pytest.UsageError(f"{_VARIABLE}={_DRAWN}: expected all or one of {', '.join(_NAMES)}")

HEAVY_KITS = tuple(kit for kit in KITS if kit is TOY or _DRAWN in (kit.name, "all"))
"""The kits of this run for tests whose cost forbids all of them."""

DESCRIPTION = f"kits of the heavy tests: {', '.join(k.name for k in HEAVY_KITS)} ({_VARIABLE})"
"""What the header of a run says."""

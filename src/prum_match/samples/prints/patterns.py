"""Patterns: where fingers and palms have cores and deltas, and how their ridges run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from prum_match.samples.prints.flow import Flow
from prum_match.samples.prints.waves import Complexes, Waves

PATTERNS: Mapping[str, float] = MappingProxyType(
    {
        "arch": 0.037,
        "tented arch": 0.029,
        "left loop": 0.338,
        "right loop": 0.317,
        "whorl": 0.229,
        "twin loop": 0.05,
    }
)
"""Patterns and their shares: those of Wilson, Candela and Watson (1994, remembered), twin loops
taken out of the whorls. A left loop opens to the left of the image."""

# Most loops open towards the little finger: to the right on prints of right hands (remembered).
ULNAR = 0.92
# The gradient of the logarithm of the ridge period, 1/pixel: a tenth or two across a print.
WIDENING = 0.0013
# Slow bends of the ridges: radians, and pixels. More, and ridges near each other part too much.
BENDS = (0.1, 260.0)
PALM_BENDS = (0.25, 900.0)


def pattern_of(random: np.random.Generator, position: int) -> str:
    """Draw the pattern of a finger at a position, 0 where it is not known."""
    shares = np.cumsum(list(PATTERNS.values()))
    pattern = list(PATTERNS)[int(np.searchsorted(shares, random.uniform(0, shares[-1])))]
    if position == 0 or not pattern.endswith("t loop"):
        return pattern
    right = (random.uniform() < ULNAR) == (position <= 5)
    return "right loop" if right else "left loop"


def finger_flow(random: np.random.Generator, pattern: str) -> Flow:
    """Draw the ridge flow of a finger with this pattern."""
    core = complex(random.uniform(-15, 15), random.uniform(0, 40))
    cores, deltas, bump = _arrangement(random, pattern, core)
    return Flow(
        cores=np.array(cores, np.complex128),
        deltas=np.array(deltas, np.complex128),
        tip=random.uniform(0.25, 0.5),
        bump=bump,
        waves=Waves.draw(random, *BENDS),
        widening=WIDENING * complex(*random.standard_normal(2)),
    )


def _arrangement(
    random: np.random.Generator, pattern: str, core: complex
) -> tuple[list[complex], list[complex], float]:
    """Return cores, deltas, and how steeply the ridges rise where there is no loop to turn them."""

    def somewhere(left: float, right: float, low: float, high: float) -> complex:
        return complex(random.uniform(left, right), random.uniform(low, high))

    if pattern == "arch":
        return [], [], random.uniform(0.4, 0.8)
    if pattern == "tented arch":
        return [core], [core + somewhere(-12, 12, -100, -50)], random.uniform(0.1, 0.3)
    if pattern == "left loop":
        return [core], [core + somewhere(55, 140, -160, -80)], 0.0
    if pattern == "right loop":
        return [core], [core + somewhere(-140, -55, -160, -80)], 0.0
    apart = somewhere(-10, 10, -70, -15)
    if pattern == "twin loop":
        apart = somewhere(35, 75, -70, -30)
        if random.uniform() < 0.5:
            apart = -apart.conjugate()
    middle = core + apart / 2
    deltas = [middle + somewhere(-160, -85, -140, -60), middle + somewhere(85, 160, -140, -60)]
    return [core, core + apart], deltas, 0.0


def palm_flow(random: np.random.Generator) -> Flow:
    """Draw the ridge flow of a palm."""
    # The triradii a to d below the fingers and t at the wrist, three loops between the fingers
    # and one on the hypothenar (Cummins and Midlo 1943, remembered); pixels, derived from hands of
    # usual size.
    deltas = np.array([-560 + 740j, -180 + 830j, 190 + 810j, 560 + 660j, 60 - 820j])
    cores = np.array([-360 + 560j, 10 + 600j, 380 + 540j, 430 - 330j])
    return Flow(
        cores=cores + _wobble(random, len(cores)),
        deltas=deltas + _wobble(random, len(deltas)),
        tip=0.3,
        bump=0.0,
        waves=Waves.draw(random, *PALM_BENDS),
        widening=WIDENING / 3 * complex(*random.standard_normal(2)),
        tip_from=-200,
        tip_width=700,
    )


def _wobble(random: np.random.Generator, n: int) -> Complexes:
    across, up = random.normal(0, 35, (2, n))
    return np.asarray(across + 1j * up, np.complex128)

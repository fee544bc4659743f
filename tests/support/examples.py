"""How much this run tries. PRUM_EXAMPLES is a percentage: 100 for all tests, 25 for `make test`."""

import os

EXAMPLES = int(os.environ.get("PRUM_EXAMPLES", "100"))
"""Examples of a property that says no number of its own."""

FEW = EXAMPLES < 100
"""Whether a table of cases may be cut to its most telling ones."""


def examples(full: int, *, least: int = 5) -> int:
    """Return the number of examples for a property that takes `full` of them in a full run."""
    return max(min(least, full), full * EXAMPLES // 100)

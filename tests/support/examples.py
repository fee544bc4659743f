"""The number of cases of a run, and its random draws.

PRUM_EXAMPLES is a percentage: 25 for `make test`, 100 for `make test-all`. PRUM_SEED repeats the
draw of a run; the header of a run shows its seed. Like the kit (support/galleries/drawn_kit.py),
the seed is left in the environment for the workers of pytest-xdist. Hypothesis draws by itself.
"""

import os
import random
from collections.abc import Iterable
from typing import TypeVar

Case = TypeVar("Case")

EXAMPLES = int(os.environ.get("PRUM_EXAMPLES", "100"))
"""Examples of a property that says no number of its own."""

FEW = EXAMPLES < 100
"""Whether a table of cases may be cut to its most telling ones."""

SEED = int(os.environ.setdefault("PRUM_SEED", str(random.SystemRandom().randrange(1 << 32))))
"""What tests draw by that are no properties of Hypothesis."""

DESCRIPTION = f"examples: {EXAMPLES} % (PRUM_EXAMPLES); seed: {SEED} (PRUM_SEED)"
"""What the header of a run says."""


def examples(full: int, *, least: int = 5) -> int:
    """Return the number of examples for a property with `full` examples in a full run."""
    return max(min(least, full), full * EXAMPLES // 100)


def chance(name: str) -> random.Random:
    """Return the generator of this run for one use, the same in all its processes."""
    return random.Random(f"{SEED} {name}")


def some(cases: Iterable[Case], name: str, *, least: int = 5) -> list[Case]:
    """Draw cases for this run and keep their order; a full run has all of them."""
    all_of_them = list(cases)
    n = min(len(all_of_them), examples(len(all_of_them), least=least))
    chosen = sorted(chance(name).sample(range(len(all_of_them)), n))
    return [all_of_them[i] for i in chosen]

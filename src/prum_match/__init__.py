"""Exact matching for the EU's Prüm framework: search, explain, answer hit or no-hit.

One package a category (``dna``), one engine below them, ``exchange`` above. Importing this
package imports NumPy and nothing else.
"""

import logging

from prum_match._native import cpu_tiers
from prum_match.engine import Eligible
from prum_match.engine.runtime import active_tier, set_threads
from prum_match.errors import PrumError

__all__ = ["Eligible", "PrumError", "active_tier", "cpu_tiers", "set_threads"]

__version__ = "0.1.0"

# The embedding host owns logging; without a handler of its own nothing is printed.
logging.getLogger("prum_match").addHandler(logging.NullHandler())

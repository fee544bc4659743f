"""Vehicle registrations: exact queries across borders, and fuzzy search at home."""

from prum_match.vehicle.alphabet import SYMBOLS
from prum_match.vehicle.costs import UNIT_COSTS, Costs
from prum_match.vehicle.edits import Edit, edits

__all__ = ["SYMBOLS", "UNIT_COSTS", "Costs", "Edit", "edits"]

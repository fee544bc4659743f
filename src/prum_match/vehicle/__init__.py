"""Vehicle registrations: exact queries across borders, and fuzzy search at home."""

from prum_match.vehicle.alphabet import SYMBOLS
from prum_match.vehicle.costs import OCR_COSTS, UNIT_COSTS, Costs
from prum_match.vehicle.edits import Edit, edits
from prum_match.vehicle.learning import learn_costs

__all__ = ["OCR_COSTS", "SYMBOLS", "UNIT_COSTS", "Costs", "Edit", "edits", "learn_costs"]

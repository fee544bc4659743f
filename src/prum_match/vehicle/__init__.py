"""Vehicle registrations: exact queries across borders, fuzzy search at home."""

from prum_match.vehicle.candidates import Candidate, CandidateList, SearchStatus
from prum_match.vehicle.category import VEHICLE, Gallery
from prum_match.vehicle.comparison import compare
from prum_match.vehicle.conditions import check_owner_query, check_party, check_subject
from prum_match.vehicle.findings import Comparison, Finding
from prum_match.vehicle.numbers.alphabet import SYMBOLS
from prum_match.vehicle.numbers.pattern import compile_pattern
from prum_match.vehicle.numbers.plates import PlateKey, normalise_plate
from prum_match.vehicle.numbers.vin import Vin, normalise_vin
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.policy import NATIONAL, PRUM_2024, REPLY_2024, Policy, check_query
from prum_match.vehicle.queries import ExactQuery, FuzzyQuery, PatternQuery, Query
from prum_match.vehicle.reads.costs import OCR_COSTS, UNIT_COSTS, Costs
from prum_match.vehicle.reads.edit_script import Edit, edits
from prum_match.vehicle.reads.learning import learn_costs
from prum_match.vehicle.registrations.registration import (
    Holder,
    Insurance,
    Registration,
    RegistrationStatus,
)

__all__ = [
    "NATIONAL",
    "OCR_COSTS",
    "PRUM_2024",
    "REPLY_2024",
    "SYMBOLS",
    "UNIT_COSTS",
    "VEHICLE",
    "Candidate",
    "CandidateList",
    "Comparison",
    "Costs",
    "Edit",
    "ExactQuery",
    "Finding",
    "FuzzyQuery",
    "Gallery",
    "Holder",
    "Insurance",
    "OwnerQuery",
    "PatternQuery",
    "PlateKey",
    "Policy",
    "Query",
    "Registration",
    "RegistrationStatus",
    "SearchStatus",
    "Vin",
    "check_owner_query",
    "check_party",
    "check_query",
    "check_subject",
    "compare",
    "compile_pattern",
    "edits",
    "learn_costs",
    "normalise_plate",
    "normalise_vin",
]

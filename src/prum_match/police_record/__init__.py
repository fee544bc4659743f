"""Police records: persons that are found despite their names, in clear or as pseudonyms.

Regulation (EU) 2024/982, Art. 25 to 28, 43, 44. EPRIS' own algorithm is not public: the encoder is
a plug-in, and nothing here claims to be compatible with it.
"""

from prum_match.police_record.candidates import Candidate, CandidateList
from prum_match.police_record.clear_category import POLICE_RECORD
from prum_match.police_record.comparison import compare
from prum_match.police_record.gallery import Gallery
from prum_match.police_record.linkage.comparison import Comparison, FieldWeight, MatchQuality
from prum_match.police_record.linkage.dice import DiceComparison
from prum_match.police_record.linkage.fellegi_sunter import FellegiSunter, Links
from prum_match.police_record.linkage.frequencies import TermFrequencies
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import LinkageModel
from prum_match.police_record.linkage.patterns import Pattern
from prum_match.police_record.linkage.policy import (
    NATIONAL,
    NATIONAL_DICE,
    PRUM_2024,
    PRUM_2024_DICE,
    DicePolicy,
    LinkagePolicy,
)
from prum_match.police_record.names.folding import Folded, fold_name, fold_place
from prum_match.police_record.names.nicknames import ENGLISH, Nicknames
from prum_match.police_record.persons.conditions import (
    Conditions,
    check_elements,
    check_pseudonymised,
)
from prum_match.police_record.persons.person import Name, Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons, Pseudonyms
from prum_match.police_record.pseudonyms.encoder import Encoder, PersonEncoder
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    Parameters,
)
from prum_match.police_record.pseudonyms.parameters import (
    NATIONAL_PARAMETERS as NATIONAL_PARAMETERS,
)

__all__ = [
    "ENGLISH",
    "FIELD_PARAMETERS",
    "LEGAL_PARAMETERS",
    "NATIONAL",
    "NATIONAL_DICE",
    "NATIONAL_PARAMETERS",
    "POLICE_RECORD",
    "PRUM_2024",
    "PRUM_2024_DICE",
    "Candidate",
    "CandidateList",
    "Comparison",
    "Conditions",
    "CountryLevel",
    "DateLevel",
    "DiceComparison",
    "DicePolicy",
    "EncodedPerson",
    "EncodedPersons",
    "Encoder",
    "FellegiSunter",
    "FieldWeight",
    "Folded",
    "Gallery",
    "LinkageModel",
    "LinkagePolicy",
    "Links",
    "MatchQuality",
    "Name",
    "NameLevel",
    "Nicknames",
    "Parameters",
    "Pattern",
    "Person",
    "PersonEncoder",
    "Pseudonyms",
    "TermFrequencies",
    "check_elements",
    "check_pseudonymised",
    "compare",
    "fold_name",
    "fold_place",
]

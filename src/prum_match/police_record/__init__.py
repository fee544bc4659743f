"""Police records: persons that are found despite their names, in clear or as pseudonyms.

Regulation (EU) 2024/982, Art. 25 to 28, 43, 44. EPRIS' own algorithm is not public: the encoder is
a plug-in, and nothing here claims to be compatible with it.
"""

from prum_match.police_record.candidates import PersonCandidate, PersonList
from prum_match.police_record.clear_category import POLICE_RECORD
from prum_match.police_record.gallery import Gallery
from prum_match.police_record.linkage.comparison import Comparison, FieldWeight, Quality
from prum_match.police_record.linkage.dice import DiceComparison
from prum_match.police_record.linkage.fellegi_sunter import FellegiSunter, Links
from prum_match.police_record.linkage.frequencies import TermFrequencies
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import Model
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
from prum_match.police_record.pseudonyms.parameters import FIELD_LEVEL, LEGAL, Parameters
from prum_match.police_record.pseudonyms.parameters import NATIONAL as NATIONAL_BLOCK

__all__ = [
    "ENGLISH",
    "FIELD_LEVEL",
    "LEGAL",
    "NATIONAL",
    "NATIONAL_BLOCK",
    "NATIONAL_DICE",
    "POLICE_RECORD",
    "PRUM_2024",
    "PRUM_2024_DICE",
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
    "LinkagePolicy",
    "Links",
    "Model",
    "Name",
    "NameLevel",
    "Nicknames",
    "Parameters",
    "Pattern",
    "Person",
    "PersonCandidate",
    "PersonEncoder",
    "PersonList",
    "Pseudonyms",
    "Quality",
    "TermFrequencies",
    "check_elements",
    "check_pseudonymised",
    "fold_name",
    "fold_place",
]

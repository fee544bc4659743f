"""DNA (STR) profiles: model, rules, exact search, evidential strength, formats.

The names of this package are its public interface, with those of :mod:`prum_match.dna.formats`
(reports about imported files) and :mod:`prum_match.dna.statistics` (expected chance matches). The
modules behind them are not.
"""

from prum_match.dna import formats, statistics
from prum_match.dna.candidates import Candidate, CandidateList
from prum_match.dna.category import DNA, Gallery
from prum_match.dna.formats.codis import read_codis
from prum_match.dna.formats.csv import read_csv
from prum_match.dna.formats.genemapper import read_genemapper
from prum_match.dna.formats.jsonl import read_jsonl
from prum_match.dna.matrix import match_matrix
from prum_match.dna.profiles.alleles import RULES, WILDCARD, format_allele, parse_allele
from prum_match.dna.profiles.loci import (
    AMELOGENIN,
    ANNEX_LOCI,
    ESS_7,
    ESS_12,
    KITS,
    Kit,
    Locus,
    loci,
    locus,
    register_locus,
)
from prum_match.dna.profiles.normalise import Note
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.dna.profiles.table import ProfileTable
from prum_match.dna.rules.comparison import Comparison, LocusComparison, compare
from prum_match.dna.rules.inclusion import (
    INCLUSION_2008,
    INCLUSION_PRUM2,
    InclusionRule,
    inclusion_problems,
)
from prum_match.dna.rules.policy import (
    CODIS_HIGH,
    CODIS_LOW,
    CODIS_MODERATE,
    LENIENT,
    LITERAL,
    PRUM_2008,
    PRUM_2008_LENIENT,
    PRUM_2008_LITERAL,
    PRUM_2008_STRICT,
    RESPONDER_2008,
    STRICT,
    CodisPolicy,
    Policy,
    Reading,
    ReadingPolicy,
    prum_2,
)
from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.dna.statistics.likelihood_ratio import (
    LikelihoodRatio,
    likelihood_ratio,
    match_probability_by_locus,
    random_match_probability,
)
from prum_match.dna.statistics.minimum_frequency import MinimumFrequency
from prum_match.dna.wire import from_bytes, to_bytes

__all__ = [
    "AMELOGENIN",
    "ANNEX_LOCI",
    "CODIS_HIGH",
    "CODIS_LOW",
    "CODIS_MODERATE",
    "DNA",
    "ESS_7",
    "ESS_12",
    "INCLUSION_2008",
    "INCLUSION_PRUM2",
    "KITS",
    "LENIENT",
    "LITERAL",
    "PRUM_2008",
    "PRUM_2008_LENIENT",
    "PRUM_2008_LITERAL",
    "PRUM_2008_STRICT",
    "RESPONDER_2008",
    "RULES",
    "STRICT",
    "WILDCARD",
    "Candidate",
    "CandidateList",
    "CodisPolicy",
    "Comparison",
    "Frequencies",
    "Gallery",
    "InclusionRule",
    "Kind",
    "Kit",
    "LikelihoodRatio",
    "Locus",
    "LocusComparison",
    "MinimumFrequency",
    "Note",
    "Policy",
    "Profile",
    "ProfileTable",
    "Reading",
    "ReadingPolicy",
    "compare",
    "format_allele",
    "formats",
    "from_bytes",
    "inclusion_problems",
    "likelihood_ratio",
    "loci",
    "locus",
    "match_matrix",
    "match_probability_by_locus",
    "parse_allele",
    "prum_2",
    "random_match_probability",
    "read_codis",
    "read_csv",
    "read_genemapper",
    "read_jsonl",
    "register_locus",
    "statistics",
    "to_bytes",
]

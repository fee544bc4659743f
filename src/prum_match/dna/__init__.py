"""DNA (STR) profiles: model, rules, exact search, evidential strength, formats.

The names of this package are its public interface; the modules behind them are not.
"""

from prum_match.dna.adventitious import (
    TypedPattern,
    expected_adventitious_hits,
    expected_hits_per_search,
    expected_hits_within,
    match_chance,
    typed_patterns,
)
from prum_match.dna.alleles import WILDCARD, format_allele, parse_allele
from prum_match.dna.category import DNA, DnaCategory
from prum_match.dna.category import DnaGallery as Gallery
from prum_match.dna.comparison import Comparison, LocusComparison, compare
from prum_match.dna.evidence import (
    LikelihoodRatio,
    likelihood_ratio,
    match_probability_by_locus,
    random_match_probability,
)
from prum_match.dna.formats import (
    AlleleRange,
    ImportReport,
    Ladder,
    OutOfRange,
    Problem,
    ProfileFile,
    import_report,
    nist_1036_observed,
    read_codis,
    read_csv,
    read_genemapper,
)
from prum_match.dna.frequencies import Frequencies, MinimumFrequency
from prum_match.dna.inclusion import (
    INCLUSION_2008,
    INCLUSION_PRUM2,
    InclusionRule,
    inclusion_problems,
)
from prum_match.dna.loci import (
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
from prum_match.dna.matrix import match_matrix
from prum_match.dna.policy import (
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
    DnaPolicy,
    Reading,
    ReadingPolicy,
    prum_2,
)
from prum_match.dna.population import (
    MatchMatrixComparison,
    compare_match_matrices,
    expected_match_matrix,
)
from prum_match.dna.profile import Kind, Note, Profile
from prum_match.dna.table import ProfileTable
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
    "STRICT",
    "WILDCARD",
    "AlleleRange",
    "CodisPolicy",
    "Comparison",
    "DnaCategory",
    "DnaPolicy",
    "Frequencies",
    "Gallery",
    "ImportReport",
    "InclusionRule",
    "Kind",
    "Kit",
    "Ladder",
    "LikelihoodRatio",
    "Locus",
    "LocusComparison",
    "MatchMatrixComparison",
    "MinimumFrequency",
    "Note",
    "OutOfRange",
    "Problem",
    "Profile",
    "ProfileFile",
    "ProfileTable",
    "Reading",
    "ReadingPolicy",
    "TypedPattern",
    "compare",
    "compare_match_matrices",
    "expected_adventitious_hits",
    "expected_hits_per_search",
    "expected_hits_within",
    "expected_match_matrix",
    "format_allele",
    "from_bytes",
    "import_report",
    "inclusion_problems",
    "likelihood_ratio",
    "loci",
    "locus",
    "match_chance",
    "match_matrix",
    "match_probability_by_locus",
    "nist_1036_observed",
    "parse_allele",
    "prum_2",
    "random_match_probability",
    "read_codis",
    "read_csv",
    "read_genemapper",
    "register_locus",
    "to_bytes",
    "typed_patterns",
]

"""Dactyloscopic data: the minutiae of fingers, palms and latents.

Examples
--------
>>> from prum_match import dactyloscopy
>>> from prum_match.samples import prints
>>> templates, fingers = prints.sample(100, ["rolled", "latent"], seed=5)
>>> gallery = dactyloscopy.Gallery()
>>> gallery.enrol([f"P{i:02}" for i in range(100)], templates[::2]).enrolled
100
>>> answer = gallery.search(templates[85], policy=dactyloscopy.TRANSACTIONS["LT/TP"])
>>> answer.reference_ids[0], len(answer), answer.examined
('P42', 10, 100)
"""

from prum_match.dactyloscopy import formats, positions
from prum_match.dactyloscopy.calibration import calibration_for, stratum_of
from prum_match.dactyloscopy.candidates import Candidate, CandidateList
from prum_match.dactyloscopy.category import DACTYLOSCOPY, Gallery
from prum_match.dactyloscopy.comparison import Comparison, Motion, compare, score_matrix
from prum_match.dactyloscopy.drawing import plot
from prum_match.dactyloscopy.evidence import selected_ratio
from prum_match.dactyloscopy.features import CODES
from prum_match.dactyloscopy.formats.detect import read
from prum_match.dactyloscopy.policy import TRANSACTIONS, Policy
from prum_match.dactyloscopy.subject_comparison import FingerComparison, SubjectComparison
from prum_match.dactyloscopy.subjects import SubjectCandidate, SubjectCandidateList
from prum_match.dactyloscopy.template import Template
from prum_match.dactyloscopy.tenprint import Tenprint

__all__ = [
    "CODES",
    "DACTYLOSCOPY",
    "TRANSACTIONS",
    "Candidate",
    "CandidateList",
    "Comparison",
    "FingerComparison",
    "Gallery",
    "Motion",
    "Policy",
    "SubjectCandidate",
    "SubjectCandidateList",
    "SubjectComparison",
    "Template",
    "Tenprint",
    "calibration_for",
    "compare",
    "formats",
    "plot",
    "positions",
    "read",
    "score_matrix",
    "selected_ratio",
    "stratum_of",
]

"""The engine that all categories share: galleries, candidate lists, and the category protocol."""

from prum_match._native import Matcher, PythonMatcher, Segment
from prum_match.engine.calibration import Calibration
from prum_match.engine.galleries.candidates import Candidate, CandidateList, CandidateLists
from prum_match.engine.galleries.eligible import Eligible
from prum_match.engine.galleries.gallery import Gallery
from prum_match.engine.galleries.join import JoinBlock
from prum_match.engine.policy import Policy
from prum_match.engine.protocol import (
    Category,
    Column,
    Columns,
    Comparison,
    Encoded,
    Index,
    Trace,
    category,
    register,
)
from prum_match.engine.segments.enrolment import EnrolmentReport
from prum_match.engine.selected_ratio import SelectedRatio
from prum_match.engine.store.receipts import ErasureReport, Receipt
from prum_match.engine.store.verification import Damage, VerificationReport
from prum_match.engine.tables._strings import Strings
from prum_match.engine.tables.table import Moments, Table

__all__ = [
    "Calibration",
    "Candidate",
    "CandidateList",
    "CandidateLists",
    "Category",
    "Column",
    "Columns",
    "Comparison",
    "Damage",
    "Eligible",
    "Encoded",
    "EnrolmentReport",
    "ErasureReport",
    "Gallery",
    "Index",
    "JoinBlock",
    "Matcher",
    "Moments",
    "Policy",
    "PythonMatcher",
    "Receipt",
    "Segment",
    "SelectedRatio",
    "Strings",
    "Table",
    "Trace",
    "VerificationReport",
    "category",
    "register",
]

"""The engine: galleries, candidate lists and the category protocol, once for all categories."""

from prum_match._native import Matcher, PythonMatcher, Segment
from prum_match.engine.calibration import Calibration
from prum_match.engine.candidates import Answers, Candidate, CandidateList
from prum_match.engine.category import (
    Category,
    Column,
    Columns,
    Encoded,
    Explanation,
    Index,
    Trace,
    category,
    register,
)
from prum_match.engine.eligible import Eligible
from prum_match.engine.enrolment import EnrolmentReport
from prum_match.engine.gallery import Gallery
from prum_match.engine.join import JoinBlock
from prum_match.engine.policy import Policy
from prum_match.engine.selected import SelectedRatio
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.verification import Problem, Verification
from prum_match.engine.tables import Moments, Strings, Table

__all__ = [
    "Answers",
    "Calibration",
    "Candidate",
    "CandidateList",
    "Category",
    "Column",
    "Columns",
    "Eligible",
    "Encoded",
    "EnrolmentReport",
    "Explanation",
    "Gallery",
    "Index",
    "JoinBlock",
    "Matcher",
    "Moments",
    "Policy",
    "Problem",
    "PythonMatcher",
    "Receipt",
    "Segment",
    "SelectedRatio",
    "Strings",
    "Table",
    "Trace",
    "Verification",
    "category",
    "register",
]

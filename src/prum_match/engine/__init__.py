"""The engine that all categories share: galleries, candidate lists, and the category protocol."""

from prum_match._native import Matcher, PythonMatcher, Segment
from prum_match.engine.calibration import Calibration
from prum_match.engine.columns import Column, Encoded, Index, Trace
from prum_match.engine.galleries.candidates import Candidate, CandidateList, CandidateLists
from prum_match.engine.galleries.eligible import Eligible
from prum_match.engine.galleries.gallery import Gallery
from prum_match.engine.galleries.join import JoinBlock
from prum_match.engine.galleries.records import Record, Records
from prum_match.engine.policy import Policy
from prum_match.engine.progress import Progress, paced
from prum_match.engine.protocol import (
    Category,
    Comparison,
    Layout,
    Matching,
    TableReader,
    Wire,
    check_each,
)
from prum_match.engine.ragged import Columns, Ragged
from prum_match.engine.registry import category, register, register_opener
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
    "Layout",
    "Matcher",
    "Matching",
    "Moments",
    "Policy",
    "Progress",
    "PythonMatcher",
    "Ragged",
    "Receipt",
    "Record",
    "Records",
    "Segment",
    "SelectedRatio",
    "Strings",
    "Table",
    "TableReader",
    "Trace",
    "VerificationReport",
    "Wire",
    "category",
    "check_each",
    "paced",
    "register",
    "register_opener",
]

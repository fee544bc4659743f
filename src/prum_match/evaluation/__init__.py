"""Performance of a system: ISO/IEC 19795 metrics, intervals, likelihood ratios, plots.

The package reads plain arrays and candidate lists and never searches. The metrics need NumPy alone;
calibrators load scikit-learn (extra ``evaluation``) on first use, plots load Matplotlib (extra
``plot``). Scores are similarities, and a score equal to the threshold matches.
"""

from typing import TYPE_CHECKING, Any

from prum_match.evaluation import plots
from prum_match.evaluation.bootstrap import (
    Interval,
    bootstrap_difference,
    bootstrap_interval,
    rule_of_three,
)
from prum_match.evaluation.both_kinds import MatedBelowNonmatedWarning
from prum_match.evaluation.bounds import elub
from prum_match.evaluation.curves import (
    CmcCurve,
    DetCurve,
    OperatingPoint,
    cmc_curve,
    det_curve,
    search_det_curve,
)
from prum_match.evaluation.likelihood import EceCurve, cllr, cllr_min, ece_curve
from prum_match.evaluation.metrics import fmr, fnir, fnmr, fpir, selectivity
from prum_match.evaluation.outcomes import mate_ranks, mate_scores, top_scores
from prum_match.evaluation.pav import Pools, pool_adjacent_violators
from prum_match.evaluation.resampling import Trials
from prum_match.evaluation.splitting import Split, require_disjoint_subjects, split_by_subject

if TYPE_CHECKING:
    from prum_match.evaluation.calibration import (
        IsotonicCalibrator,
        LogisticCalibrator,
    )
    from prum_match.evaluation.fitting import NotFitted

__all__ = [
    "CmcCurve",
    "DetCurve",
    "EceCurve",
    "Interval",
    "IsotonicCalibrator",
    "LogisticCalibrator",
    "MatedBelowNonmatedWarning",
    "NotFitted",
    "OperatingPoint",
    "Pools",
    "Split",
    "Trials",
    "bootstrap_difference",
    "bootstrap_interval",
    "cllr",
    "cllr_min",
    "cmc_curve",
    "det_curve",
    "ece_curve",
    "elub",
    "fmr",
    "fnir",
    "fnmr",
    "fpir",
    "mate_ranks",
    "mate_scores",
    "plots",
    "pool_adjacent_violators",
    "require_disjoint_subjects",
    "rule_of_three",
    "search_det_curve",
    "selectivity",
    "split_by_subject",
    "top_scores",
]


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second to load and is an extra, so it is loaded on first use.
    if name in ("IsotonicCalibrator", "LogisticCalibrator", "NotFitted"):
        from prum_match.evaluation import calibration, fitting

        return getattr(fitting if name == "NotFitted" else calibration, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

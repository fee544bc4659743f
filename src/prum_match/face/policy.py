"""Policies for facial images."""

from __future__ import annotations

from dataclasses import dataclass

from prum_match import engine
from prum_match.values.checks import real_number


@dataclass(frozen=True, kw_only=True)
class Policy(engine.Policy):
    """A candidate scores at least the threshold.

    There is no default threshold: the threshold for an acceptable false positive rate depends on
    model, gallery and images, and is measured with ``prum_match.evaluation``. A search without a
    threshold needs a limit.

    Attributes
    ----------
    threshold : float, optional
        Least comparison score of a candidate. ISO/IEC 19795-1 words it "greater than"; here, as
        in the tests of NIST, a score equal to the threshold is a candidate.

    Raises
    ------
    InvalidInput
        Code ``"bad_threshold"``.

    Examples
    --------
    >>> from prum_match import face
    >>> face.Policy(threshold=0.42).threshold
    0.42
    """

    threshold: float | None = None
    name: str = "inner-product"
    version: str = "1"
    source: str = (
        "comparison score and candidate list as in ISO/IEC 2382-37; interpretation: Regulation "
        "(EU) 2024/982 names no threshold for facial images, so the caller does"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.threshold is not None:
            threshold = real_number(self.threshold, "threshold", code="bad_threshold")
            object.__setattr__(self, "threshold", threshold)

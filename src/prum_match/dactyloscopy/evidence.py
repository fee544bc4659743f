"""What the score of a candidate says, with what the candidate was selected from."""

from __future__ import annotations

from typing import Any

from prum_match.dactyloscopy.calibration import calibration_for, stratum_of
from prum_match.dactyloscopy.comparison import Comparison
from prum_match.dactyloscopy.features import CODES
from prum_match.engine import Calibration, Candidate, CandidateList, SelectedRatio
from prum_match.errors import ComparisonMismatch


def selected_ratio(candidate: Candidate, calibration: Calibration | None = None) -> SelectedRatio:
    """Return the likelihood ratio of a candidate's score, with what it was selected from.

    Never shown unasked beside a candidate: a ratio of a score that a search picked reads as more
    than it is.

    Parameters
    ----------
    candidate : Candidate
        Of a search of prints.
    calibration : prum_match.engine.Calibration, optional
        Fitted on single comparisons of this kind, never on best scores of searches; by default the
        one that the package ships, which knows sample prints only.

    Returns
    -------
    prum_match.engine.SelectedRatio
        A score beyond those that were fitted gets the ratio at the end.

    Raises
    ------
    ComparisonMismatch
        Codes ``"other_category"``, ``"other_model"``, ``"other_stratum"``: the calibration was
        fitted for something else; ``"no_calibration"``: a finger against a palm.
    UnknownReference
        Code ``"erased"``: the reference was erased or replaced after the search.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> templates, fingers = prints.sample(20, ["rolled", "latent"], seed=5)
    >>> gallery = dactyloscopy.Gallery()
    >>> gallery.enrol([f"P{i}" for i in range(20)], templates[::2]).enrolled
    20
    >>> best = gallery.search(templates[1], limit=1)[0]
    >>> print(dactyloscopy.selected_ratio(best))
    log10 likelihood ratio ..., selected from a database: rank 1, 20 references examined
    """
    answer: CandidateList[Any] = candidate.candidate_list
    explained = candidate.explain()
    if not isinstance(explained, Comparison):
        raise _other_category("not a candidate of a search with one print", "candidate")
    if calibration is None:
        calibration = calibration_for(explained.a, explained.b)
    if calibration.category != answer.category:
        raise _other_category("not a calibration of prints", "calibration")
    stratum = stratum_of(explained.a, explained.b)
    llr = calibration.apply(candidate.score, model=CODES, stratum=stratum, outside="clip")
    return SelectedRatio(llr, candidate.rank, answer.examined)


def _other_category(message: str, field: str) -> ComparisonMismatch:
    return ComparisonMismatch(message, code="other_category", field=field)

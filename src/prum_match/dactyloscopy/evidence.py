"""Likelihood ratios of candidates, which a search selected by their scores."""

from __future__ import annotations

from typing import Any

from prum_match.dactyloscopy.calibration import shipped, stratum_of
from prum_match.dactyloscopy.comparison import Comparison
from prum_match.dactyloscopy.features import CODES
from prum_match.engine import Calibration, Candidate, CandidateList, SelectedRatio
from prum_match.errors import ComparisonMismatch


def selected_ratio(
    candidate: Candidate, calibration: Calibration | None = None, *, stratum: str | None = None
) -> SelectedRatio:
    """Return the likelihood ratio of a candidate's score, with the size of the search.

    Candidates do not show it by themselves: the ratio of a score that a search selected is easily
    taken for more than it is.

    Parameters
    ----------
    candidate : Candidate
        From a search for one print.
    calibration : prum_match.engine.Calibration, optional
        Fitted on single comparisons of this kind, never on the best scores of searches; by default
        the one that the package ships, which was fitted on sample prints.
    stratum : str, optional
        The part of the population that the two prints belong to, as the calibration names it; by
        default the kind of the comparison, see :func:`stratum_of`.

    Returns
    -------
    prum_match.engine.SelectedRatio
        A score outside the fitted range gets the ratio at the end of the range.

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
        raise _other_category("not a candidate of a search for one print", "candidate")
    kind = stratum_of(explained.probe, explained.reference)
    if calibration is None:
        calibration = shipped()[kind]
    if calibration.category != answer.category:
        raise _other_category("the calibration is not one of prints", "calibration")
    llr = calibration.apply(
        candidate.score,
        model=CODES,
        stratum=kind if stratum is None else stratum,
        outside="clip",
    )
    return SelectedRatio(llr, candidate.rank, answer.examined)


def _other_category(message: str, field: str) -> ComparisonMismatch:
    return ComparisonMismatch(message, code="other_category", field=field)

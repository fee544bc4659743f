"""Calibrations of print scores: one for each kind of comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from prum_match.dactyloscopy.template import Template
from prum_match.engine import Calibration
from prum_match.errors import ComparisonMismatch, InvalidInput


def stratum_of(a: Template, b: Template) -> str:
    """Return the kind of a comparison by the kinds of its two prints, latents first.

    Parameters
    ----------
    a, b : Template
        The prints, in any order.

    Returns
    -------
    str
        ``"TP/TP"``, ``"LT/TP"``, ``"LT/LT"`` for fingers, ``"PP/PP"``, ``"LP/PP"``, ``"LP/LP"`` for
        palms; L stands for a latent. A print of unknown impression type does not count as a latent.

    Raises
    ------
    InvalidInput
        Code ``"bad_template"``.
    ComparisonMismatch
        Code ``"no_calibration"``: a finger against a palm.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> (rolled, latent), _ = prints.sample(1, ["rolled", "latent"], seed=5)
    >>> dactyloscopy.stratum_of(rolled, latent)
    'LT/TP'
    """
    for template in (a, b):
        if not isinstance(template, Template):
            raise InvalidInput("not a template", code="bad_template", value=template)
    if a.is_palm != b.is_palm:
        raise ComparisonMismatch(
            "there is no calibration for a finger against a palm",
            code="no_calibration",
            field="stratum",
        )
    taken, found = ("PP", "LP") if a.is_palm else ("TP", "LT")
    kinds = (found if template.is_latent else taken for template in (a, b))
    return "/".join(sorted(kinds))


def calibration_for(a: Template, b: Template) -> Calibration:
    """Return the calibration that the package ships for two prints, by :func:`stratum_of` them.

    Returns
    -------
    prum_match.engine.Calibration
        Fitted on sample prints, and says on how many; see ``docs/explanation/print_scores.md``.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> (rolled, latent), _ = prints.sample(1, ["rolled", "latent"], seed=5)
    >>> dactyloscopy.calibration_for(rolled, latent)
    <Calibration: dactyloscopy, model prum_match minutiae ..., stratum LT/TP>
    """
    return shipped()[stratum_of(a, b)]


@cache
def shipped() -> Mapping[str, Calibration]:
    """Return the calibrations that the package ships, by kind of comparison."""
    content = json.loads((files(__package__) / "data" / "calibrations.json").read_bytes())
    calibrations = (Calibration.from_json(json.dumps(each)) for each in content)
    return MappingProxyType({each.stratum: each for each in calibrations})

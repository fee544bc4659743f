"""Policies for prints, and the transactions of the Prüm decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from prum_match import engine
from prum_match.dactyloscopy.positions import (
    KNOWN_POSITIONS,
    UNKNOWN_PALM,
    is_palm,
    may_be_same,
)
from prum_match.dactyloscopy.template import Template
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.values.checks import one_of, real_number

Kind = Literal["TP", "UL", "PP", "ULP"]
_KINDS = ("TP", "UL", "PP", "ULP")

# By kind of the probe: share compared in full, and share of the mates that it misses.
_MISSES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "TP": ((0.01, 0.065), (0.02, 0.045), (0.05, 0.023), (0.1, 0.010), (0.2, 0.0075)),
    "UL": ((0.01, 0.305), (0.02, 0.22), (0.05, 0.125), (0.1, 0.075), (0.2, 0.055)),
}

# Bit of the place of a latent; the lower bits are the position.
LATENT = 128


@dataclass(frozen=True, kw_only=True)
class Policy(engine.Policy):
    """A candidate shares minutiae with the probe and scores at least the threshold.

    Attributes
    ----------
    mode : {"exhaustive", "cascade"}
        ``"exhaustive"`` compares the probe with every reference in full. ``"cascade"`` is
        approximate: a quick scan of all references, by part of the codes and the turn on which most
        of these agree, selects the best share for a full comparison. It misses some mates, see
        :meth:`miss_rate`.
    keep : float, default 0.05
        The share that a cascade compares in full, more than 0 and up to 1.
    threshold : float, optional
        Least comparison score of a candidate. There is no default: the threshold for an acceptable
        false positive rate depends on the gallery and its prints, and is measured with
        ``prum_match.evaluation``.
    positions : {"same", "any"}
        ``"same"``: references whose position may show the same skin as the probe's; an unknown
        position may be any. ``"any"``: all references, for cards with swapped fingers.
    probes, references : tuple of str, optional
        Kinds of prints that the rule is for: ``"TP"`` fingers, ``"UL"`` latents of fingers,
        ``"PP"`` palms, ``"ULP"`` latents of palms. A probe of another kind is an error; a
        reference of another kind is not a candidate.

    Raises
    ------
    InvalidInput
        Codes ``"bad_option"``, ``"bad_threshold"``, ``"bad_share"``.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> dactyloscopy.Policy(threshold=30).mode
    'exhaustive'
    >>> dactyloscopy.TRANSACTIONS["LT/TP"].max_candidates
    10
    """

    mode: Literal["exhaustive", "cascade"] = "exhaustive"
    keep: float = 0.05
    threshold: float | None = None
    positions: Literal["same", "any"] = "same"
    probes: tuple[Kind, ...] = _KINDS  # type: ignore[assignment]
    references: tuple[Kind, ...] = _KINDS  # type: ignore[assignment]
    name: str = "minutiae"
    version: str = "1"
    source: str = (
        "comparison score and candidate list as in ISO/IEC 2382-37; interpretation: neither "
        "Council Decision 2008/616/JHA nor Regulation (EU) 2024/982 names a threshold for "
        "dactyloscopic data, so the caller does"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(self.mode, "mode", ("exhaustive", "cascade"), code="bad_option")
        one_of(self.positions, "positions", ("same", "any"), code="bad_option")
        for name in ("probes", "references"):
            for kind in getattr(self, name):
                one_of(kind, name, _KINDS, code="bad_option")
        if real_number(self.keep, "keep", least=0, most=1, code="bad_share") == 0:
            raise InvalidInput(
                "keep is more than 0", code="bad_share", field="keep", value=self.keep
            )
        if self.threshold is not None:
            real_number(self.threshold, "threshold", code="bad_threshold")

    @property
    def approximate(self) -> bool:
        """Whether a search may miss a candidate."""
        return self.mode == "cascade" and bool(self.keep < 1)

    def miss_rate(self, kind: Kind) -> float | None:
        """Return the measured share of mates that a cascade misses.

        Parameters
        ----------
        kind : {"TP", "UL"}
            Kind of the probe: a plain print among plain ones, or a latent among rolled ones.

        Returns
        -------
        float or None
            Share of the mates among the ten best of an exhaustive search, at the largest measured
            share up to `keep`; None where nothing was measured. Measured with 400 probes among
            6,000 sample prints (``prum_match.samples.prints``), so it is uncertain by a few
            percent, and other prints will differ.

        Examples
        --------
        >>> from prum_match import dactyloscopy
        >>> policy = dactyloscopy.Policy(mode="cascade", keep=0.1)
        >>> policy.miss_rate("TP"), policy.miss_rate("UL"), dactyloscopy.Policy().miss_rate("UL")
        (0.01, 0.075, 0.0)
        """
        one_of(kind, "kind", _KINDS, code="bad_option")
        if not self.approximate:
            return 0.0
        measured = [miss for keep, miss in _MISSES.get(kind, ()) if keep <= self.keep]
        return measured[-1] if measured else None

    def places(self, probe: Template) -> np.typing.NDArray[np.bool_]:
        """Return which of the 256 stored places the probe is compared with.

        Raises
        ------
        ComparisonMismatch
            Code ``"other_transaction"``: the policy is for other kinds of probes.
        """
        own = check_kind(probe, self)
        places = np.zeros(256, np.bool_)
        for position in KNOWN_POSITIONS:
            if self.positions == "same" and not may_be_same(own, position):
                continue
            for latent in (False, True):
                places[position + LATENT * latent] = kind_of(position, latent) in self.references
        return places


def check_kind(probe: Template, policy: Policy) -> int:
    """Return the position of a probe, or refuse a probe of a kind that the policy is not for."""
    latent, position = divmod(place_of(probe), LATENT)
    if kind_of(position, bool(latent)) not in policy.probes:
        raise ComparisonMismatch(
            "the policy is for other kinds of prints; see its field probes",
            code="other_transaction",
            field="probe",
        )
    return position


def place_of(template: Template) -> int:
    """Return position and latent bit of a print, as a gallery stores them for searches."""
    position = template.position
    if template.is_palm and not is_palm(position):
        position = UNKNOWN_PALM
    return position + LATENT * template.is_latent


def kind_of(position: int, latent: bool) -> Kind:
    """Return the kind of a print: finger or palm, taken or latent."""
    if is_palm(position):
        return "ULP" if latent else "PP"
    return "UL" if latent else "TP"


_SOURCE = (
    "Council Decision 2008/616/JHA, Annex, chapter 2: candidates for each transmission (from "
    "memory; as read in Article 9(2) of the arrangement Austria - United States, RIS 20008450); "
    "Regulation (EU) 2024/982, Article 14(2), leaves the number to an implementing act; "
    "interpretation"
)
_TRANSACTION = Policy(source=_SOURCE)


def _transaction(name: str, probe: Kind, reference: Kind, most: int) -> Policy:
    return replace(
        _TRANSACTION, name=name, probes=(probe,), references=(reference,), max_candidates=most
    )


TRANSACTIONS = {
    policy.name: policy
    for policy in (
        _transaction("TP/TP", "TP", "TP", 1),
        _transaction("LT/TP", "UL", "TP", 10),
        _transaction("TP/UL", "TP", "UL", 5),
        _transaction("LT/UL", "UL", "UL", 5),
        _transaction("LP/PP", "ULP", "PP", 5),
        _transaction("PP/ULP", "PP", "ULP", 5),
        _transaction("LP/ULP", "ULP", "ULP", 5),
    )
}
"""The transactions of the Prüm decisions, with the most candidates of one answer."""

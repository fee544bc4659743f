"""Dactyloscopic data as a category of the engine: columns, search, explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.dactyloscopy.calibration import shipped
from prum_match.dactyloscopy.candidates import CandidateList
from prum_match.dactyloscopy.comparison import Comparison, compare
from prum_match.dactyloscopy.features import CODES, describe, features_of, pixels_of
from prum_match.dactyloscopy.fusion import Calibrations
from prum_match.dactyloscopy.policy import Policy, place_of
from prum_match.dactyloscopy.subjects import SubjectCandidateList, search_subjects
from prum_match.dactyloscopy.tables import RECORD, PrintTables, print_of
from prum_match.dactyloscopy.template import Template, from_turns
from prum_match.dactyloscopy.tenprint import Tenprint
from prum_match.engine import (
    Category,
    Column,
    Columns,
    Eligible,
    Encoded,
    Layout,
    Matching,
    Ragged,
    Wire,
    check_each,
    register,
)
from prum_match.engine.damage import damaged
from prum_match.engine.policy import check_bounded
from prum_match.engine.progress import Progress, paced, reporting
from prum_match.errors import InvalidInput, PrumError

# Columns with one entry a minutia; those of a print lie side by side.
_OF_MINUTIAE = ("x", "y", "turn", "type", "quality", "order", "codes", "crowd")
_OFFSETS = "minutiae.offsets"
_UNKNOWN_DIRECTION = 4


class PrintLayout(Layout[Template]):
    """Minutiae of fingers, palms and latents as columns.

    Notes
    -----
    A row holds the minutiae in units of 10 micrometres and 1/65536 turn, in the order in which they
    are compared, with the place of each in its template, 64 bytes of code and how many minutiae
    stand around it: 75 bytes a minutia in all. After an erasure the number of minutiae stays until
    a compaction.
    """

    item_class = Template
    columns = (
        Column(_OFFSETS, row_axis=None),
        *(Column(f"minutiae.{name}", row_axis=None, offsets=_OFFSETS) for name in _OF_MINUTIAE),
        Column("compared"),
        Column("place"),
        Column("position"),
        Column("impression"),
        Column("size"),
        Column("ppi"),
    )

    def make(self, arguments: Mapping[str, Any]) -> Template:
        if arguments.keys() == {RECORD}:
            return print_of(arguments[RECORD])
        return super().make(arguments)

    def encode(self, items: Sequence[Template]) -> Encoded:
        accepted, refused, templates = [], list[PrumError](), []
        for index in paced(range(len(items))):
            try:
                templates.append(_template(items[index]))  # reading a row of a table may fail
                accepted.append(index)
            except PrumError as error:
                refused.append(error.at(index))
        found = describe(templates)
        ends = found.offsets.astype(np.int64)
        at = np.repeat(ends[:-1], ends[1:] - ends[:-1]) + found.order
        types, quality, angles = (
            _joined([getattr(t, name) for t in paced(templates, counted=False)])[at]
            for name in ("type", "quality", "angle")
        )
        columns: Columns = {
            "minutiae.offsets": found.offsets,
            "minutiae.x": found.x,
            "minutiae.y": found.y,
            "minutiae.turn": found.turn,
            "minutiae.type": (types + _UNKNOWN_DIRECTION * np.isnan(angles)).astype(np.uint8),
            "minutiae.quality": quality.astype(np.uint8),
            "minutiae.order": found.order,
            "minutiae.codes": found.codes,
            "minutiae.crowd": found.crowd,
            "compared": found.compared,
            "place": np.array([place_of(t) for t in paced(templates, counted=False)], np.uint8),
            "position": np.array([t.position for t in templates], np.uint8),
            "impression": np.array([t.impression for t in templates], np.uint8),
            "size": np.array([(t.width, t.height) for t in templates], np.uint16).reshape(-1, 2),
            "ppi": np.array([t.ppi for t in templates], np.float64),
        }
        notes = {"no_direction": int(np.isnan(angles).sum())} if np.isnan(angles).any() else {}
        return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes)

    def decode(self, segment: _native.Segment, row: int) -> Template:
        columns = segment.columns
        places = Ragged(columns[_OFFSETS], columns["minutiae.x"]).places([row])
        x, y, turn, kind, quality, order = (
            columns[f"minutiae.{name}"][places] for name in _OF_MINUTIAE[:-2]
        )
        ppi = float(columns["ppi"][row])
        width, height = columns["size"][row].tolist()
        if not 50 <= ppi <= 20000:
            raise damaged()
        back = np.empty(len(order), np.int64)
        try:
            back[order] = np.arange(len(order))
            angle = np.where(kind & _UNKNOWN_DIRECTION, np.nan, from_turns(turn))
            return Template(
                x=pixels_of(x, width, ppi)[back],
                y=pixels_of(y, height, ppi)[back],
                angle=angle[back],
                type=(kind & 3)[back],
                quality=quality[back],
                width=width,
                height=height,
                ppi=ppi,
                position=int(columns["position"][row]),
                impression=int(columns["impression"][row]),
            )
        except (InvalidInput, IndexError):
            raise damaged() from None

    def settings(self) -> Mapping[str, Any]:
        return {"codes": CODES}


class PrintMatching(Matching[Template, Policy]):
    """Comparison of prints by their minutiae."""

    default_policy = Policy()
    fuses_subjects = True
    list_type = CandidateList

    def check_probes(self, probes: Sequence[Template]) -> Sequence[Template]:
        return check_each(probes, _template)

    def prepare(self, probes: Sequence[Template], policy: Policy) -> _native.Matcher:
        """Code the probes, and find with which positions each is compared."""
        places = check_each(probes, policy.places)
        return _native.PrintMatcher(
            [features_of(probe)[0] for probe in paced(probes)],
            np.array(places, np.bool_).reshape(len(probes), 256),
            policy.threshold or 0,
            policy.keep if policy.approximate else 1,
        )

    def explain(self, probe: Template, reference: Template, policy: Policy) -> Comparison:
        return compare(probe, reference, policy=policy)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Policy
    ) -> Columns:
        return {
            "score": _native.print_ranked_scores(rank),
            "pairs": (detail >> np.uint64(32)).astype(np.uint16),
            "overlap_probe": (detail >> np.uint64(16)).astype(np.uint16),
            "overlap_reference": detail.astype(np.uint16),
        }

    def check_bounds(self, policy: Policy, limit: int | None) -> None:
        check_bounded(policy.threshold, limit)


class PrintWire(Wire[Template, Policy]):
    """Images travel as samples; each party makes its own templates of them."""

    responder_policy = Policy()

    def check_probe(self, probe: Template) -> None:
        _template(probe)

    def item_type(self, item: Template) -> str:
        return "S" if item.is_latent else "P"


DACTYLOSCOPY = register(
    Category("dactyloscopy", PrintLayout(), PrintMatching(), PrintTables(), PrintWire())
)
"""The category of dactyloscopic data."""


class Gallery(engine.Gallery[Template, CandidateList]):
    """The enrolled prints of one state: fingers, palms, latents.

    Parameters
    ----------
    labels : sequence of str, optional
        The labels that references may have; see :class:`prum_match.engine.Gallery`.
    open_labels, exchangeable_only : bool, default False
        As for :class:`prum_match.engine.Gallery`.

    Notes
    -----
    A reference is one print; ``subject_ids`` say whose it is. The prints of one subject are one
    candidate, the best of them, unless a search says ``fuse_subjects=False``. A search needs a
    threshold or a limit.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> templates, fingers = prints.sample(20, 2, seed=1)
    >>> gallery = dactyloscopy.Gallery()
    >>> gallery.enrol([f"P{i}" for i in range(20)], templates[::2]).enrolled
    20
    >>> answer = gallery.search(templates[7], limit=5)
    >>> answer.reference_ids[0], answer.examined
    ('P3', 20)
    >>> print(answer[0].explain())  # doctest: +ELLIPSIS
    comparison score ...
    """

    category_name = "dactyloscopy"

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        super().__init__(
            DACTYLOSCOPY,
            labels=labels,
            open_labels=open_labels,
            exchangeable_only=exchangeable_only,
        )

    def search_subjects(
        self,
        probe: Tenprint | Sequence[Template],
        *,
        policy: Policy | None = None,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        any_finger: bool = False,
        calibrations: Calibrations | None = None,
        progress: Progress | None = None,
    ) -> SubjectCandidateList:
        """Return the subjects that the prints of several fingers find, best first.

        A subject is a candidate if one of its prints is one of a print of the probe, under the
        policy. The order is that of the fused scores: what the fingers say together.

        Parameters
        ----------
        probe : Tenprint or sequence of Template
            What is searched with; for one hand, or some fingers, see :meth:`Tenprint.hand` and
            :meth:`Tenprint.only`.
        policy : Policy, optional
            The rule; by default the category's. Its threshold is of comparisons, not of fused
            scores. What a cascade does not compare in full adds nothing.
        limit : int, optional
            Most subjects of the list; a shorter list says so (``truncated``).
        eligible : Eligible, optional
            Which references are compared.
        threads : int, optional
            Threads to use; by default the usable cores.
        any_finger : bool, default False
            Ignore positions: any finger of the probe may be any finger of the subject. The same as
            ``positions="any"`` of the policy.
        calibrations : mapping of str to prum_match.engine.Calibration, optional
            What scores are worth, for each of the kinds ``"TP/TP"``, ``"LT/TP"``, ``"LT/LT"`` that
            occurs; by default those that the package ships.
        progress : callable, optional
            As for :meth:`search`.

        Notes
        -----
        The fused score is a sum of log10 likelihood ratios, one for each finger that both sides
        have: the best of the comparisons of its impressions, for or against. Prints of an unstated
        finger are paired one to one with those that are left, so that the sum is greatest, and only
        where they add to it; with `any_finger`, all prints are. Fingers without a partner add
        nothing. Palms are not compared.

        The sum takes fingers for independent. References without a subject stand alone under their
        own ids.

        Raises
        ------
        InvalidInput
            Codes ``"unbounded_search"``, ``"bad_limit"``, and those of :class:`Tenprint`.
        ComparisonMismatch
            Codes ``"other_transaction"``, ``"foreign_policy"``; ``"no_calibration"``,
            ``"other_category"``, ``"other_model"``, ``"other_stratum"`` of a calibration.

        Examples
        --------
        >>> from prum_match import dactyloscopy
        >>> from prum_match.samples import prints
        >>> taken = [prints.sample(5, 2, seed=1, position=p)[0] for p in (1, 2, 3)]
        >>> gallery = dactyloscopy.Gallery()
        >>> for finger, templates in enumerate(taken):
        ...     ids = [f"P{i}-{finger}" for i in range(5)]
        ...     _ = gallery.enrol(ids, templates[::2], subject_ids=[f"S{i}" for i in range(5)])
        >>> answer = gallery.search_subjects([templates[7] for templates in taken], limit=2)
        >>> answer
        <SubjectCandidateList: 2 of 5 subjects, policy minutiae, truncated>
        >>> answer[0].subject_id, answer[0].reference_ids
        ('S3', ['P3-0', 'P3-1', 'P3-2'])
        """
        rule = DACTYLOSCOPY.matching.policy_of(policy)
        with reporting(progress):
            return search_subjects(
                self,
                probe if isinstance(probe, Tenprint) else Tenprint(probe),
                rule,
                limit,
                eligible,
                threads,
                bool(any_finger),
                shipped() if calibrations is None else calibrations,
            )


def _joined(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0)


def _template(probe: object) -> Template:
    if isinstance(probe, Template):
        return probe
    raise InvalidInput("not a template", code="bad_template", field="items")

"""Candidates among registrations, and the status of a query."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

from prum_match import engine
from prum_match.vehicle.findings import Comparison
from prum_match.vehicle.registrations.registration import Registration

SearchStatus: TypeAlias = Literal["found", "current_data", "not_registered_then", "not_found"]

# As in the native vehicle matcher.
_OTHER_TIME = 1
_CURRENT_DATA = 3


class Candidate(engine.Candidate[Registration, Comparison]):
    """A registration that fits a query.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> gallery = vehicle.Gallery()
    >>> _ = gallery.enrol(["FR-1"], [vehicle.Registration("FR", "AB-123-CD", make="Renault")])
    >>> lead = gallery.search(vehicle.FuzzyQuery("A8123CD", max_cost=1))[0]
    >>> lead.plate, lead.registration.make, 0 < lead.cost < 1
    ('AB123CD', 'Renault', True)
    """

    __slots__ = ()

    @property
    def cost(self) -> float:
        """Cost of the read errors of a fuzzy query; 0 for other queries."""
        return float(self._list.columns["cost"][self._position])

    @property
    def registration(self) -> Registration:
        """The registration; see :attr:`prum_match.engine.Candidate.item`."""
        return self.item

    @property
    def plate(self) -> str | None:
        """Symbols of the plate, without separators; None if there is no plate."""
        return self.registration.compact

    @property
    def vin(self) -> str | None:
        """Chassis number; None if there is none."""
        return self.registration.vin


class CandidateList(engine.CandidateList[Any, Candidate]):
    """Registrations that fit a query, best first.

    Examples
    --------
    >>> from datetime import date
    >>> from prum_match import vehicle
    >>> car = vehicle.Registration("FR", "AB-123-CD", valid_from=date(2020, 3, 1))
    >>> gallery = vehicle.Gallery()
    >>> _ = gallery.enrol(["FR-1"], [car])
    >>> for day in (date(2020, 3, 1), date(2020, 2, 29)):
    ...     answer = gallery.search(vehicle.ExactQuery("FR", "AB123CD", at=day))
    ...     print(answer.status, answer.reference_ids)
    found ['FR-1']
    not_registered_then []
    """

    candidate_type: ClassVar[type[Candidate]] = Candidate

    @property
    def status(self) -> SearchStatus:
        """Result of the query in one word.

        ``"found"``: there are candidates. ``"current_data"``: there are candidates with current
        data, and the register does not know whose the number was at the reference date (Decision
        2008/616/JHA, Annex, chapter 3). ``"not_registered_then"``: registrations fit the query,
        but none is valid at the reference date. ``"not_found"``: no registration fits.
        """
        if len(self):
            return "current_data" if self.grades[0] == _CURRENT_DATA and self._is_query else "found"
        return "not_registered_then" if self._remarks & _OTHER_TIME else "not_found"

    @property
    def _is_query(self) -> bool:
        return not isinstance(self.probe, Registration)

"""Answers about registrations: what a list says of a query besides its candidates."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from prum_match import engine
from prum_match.vehicle.registrations.registration import Registration

SearchStatus: TypeAlias = Literal["found", "current_data", "not_registered_then", "not_found"]

# Of csrc/vehicle/matcher.hpp.
_OTHER_TIME = 1
_CURRENT_DATA = 3


class Candidate(engine.Candidate):
    """A registration that a query may mean.

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
        """What the errors of a fuzzy query's read cost; 0 for other queries."""
        return float(self._list.columns["cost"][self._position])

    @property
    def registration(self) -> Registration:
        """The registration; see :attr:`prum_match.engine.Candidate.item`."""
        found: Registration = self.item
        return found

    @property
    def plate(self) -> str | None:
        """The symbols of its plate, without separators; None if it has none."""
        return self.registration.compact

    @property
    def vin(self) -> str | None:
        """Its chassis number, where it has one."""
        return self.registration.vin


class CandidateList(engine.CandidateList[object]):
    """The registrations that a query may mean, best first.

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

    candidate_type: ClassVar[type[engine.Candidate]] = Candidate

    @property
    def status(self) -> SearchStatus:
        """What became of the query.

        ``"found"``. ``"current_data"``: what is found is current data, and the register does not
        know what was at the reference date (Decision 2008/616/JHA, Annex, chapter 3).
        ``"not_registered_then"``: what is asked for is known, from another time alone.
        ``"not_found"``: it is not.
        """
        if len(self):
            return "current_data" if self.grades[0] == _CURRENT_DATA and self._is_query else "found"
        return "not_registered_then" if self._remarks & _OTHER_TIME else "not_found"

    @property
    def _is_query(self) -> bool:
        return not isinstance(self.probe, Registration)

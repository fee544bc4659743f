"""Conditions of a search in another state's register: Regulation (EU) 2024/982, Article 16.

The requesting state checks them before it sends a query. The class of the person is part of its own
record of the justification (Art. 33), not of the query.
"""

from __future__ import annotations

from typing import Any

from prum_match.errors import InvalidInput
from prum_match.values.parties import party_code
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.policy import owner_search_refused
from prum_match.vehicle.queries import ExactQuery

SUBJECTS_OF_OWNER_QUERIES = ("suspect", "convicted")
"""Classes of persons whose vehicles may be searched, Art. 16(3)."""

_ART_16_3 = "Regulation (EU) 2024/982, Art. 16(3): suspects and convicted persons only"
_ART_16_2_B = (
    "Regulation (EU) 2024/982, Art. 16(2)(b): the register of the state that registered the vehicle"
)


def check_subject(query: Any, subject: str) -> None:
    """Refuse a query by owner unless it is about a suspect or a convicted person.

    Parameters
    ----------
    query : OwnerQuery, or any other probe
        Other probes are not restricted.
    subject : str
        Class of the person whom the query is about; ``"suspect"`` and ``"convicted"`` pass.

    Raises
    ------
    InvalidInput
        Code ``"subject_not_allowed"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.check_subject(vehicle.OwnerQuery(legal_name="ACME"), "convicted")
    >>> vehicle.check_subject(vehicle.OwnerQuery(legal_name="ACME"), "victim")
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: a search by owner is allowed for suspects and convicted \
persons only [subject_not_allowed; field subject; rule Regulation (EU) 2024/982, Art. 16(3): \
suspects and convicted persons only]
    """
    if isinstance(query, OwnerQuery) and subject not in SUBJECTS_OF_OWNER_QUERIES:
        raise InvalidInput(
            "a search by owner is allowed for suspects and convicted persons only",
            code="subject_not_allowed",
            field="subject",
            rule=_ART_16_3,
            value=subject,
        )


def check_owner_query(query: OwnerQuery, *, subject: str, allowed: bool) -> None:
    """Refuse a query by owner that the Regulation does not allow.

    A query that does not identify a person completely is refused when it is created.

    Parameters
    ----------
    query : OwnerQuery
        The person to search for.
    subject : str
        Class of the person, as for :func:`check_subject`.
    allowed : bool
        Whether the law of the requested state allows searches by owner.

    Raises
    ------
    InvalidInput
        Codes ``"owner_search_not_allowed"``, ``"subject_not_allowed"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> acme = vehicle.OwnerQuery(legal_name="ACME")
    >>> vehicle.check_owner_query(acme, subject="suspect", allowed=True)
    """
    if not allowed:
        raise owner_search_refused(query)
    check_subject(query, subject)


def check_party(query: Any, party: str) -> None:
    """Refuse a query that names another state than the one whose register is asked.

    Countries of vehicles and codes of parties are both ISO 3166-1 alpha-2; ``EL`` and ``UK`` are
    read as ``GR`` and ``GB`` on either side.

    Parameters
    ----------
    query : ExactQuery, OwnerQuery, or any other probe
        A query without a country may go to any party.
    party : str
        The party that is asked, as :func:`prum_match.values.parties.party_code` reads it.

    Raises
    ------
    InvalidInput
        Codes ``"other_register"``, ``"unknown_party"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.check_party(vehicle.ExactQuery("EL", "ZZZ-1234"), "GR")
    >>> vehicle.check_party(vehicle.ExactQuery("EL", "ZZZ-1234"), "AT")
    Traceback (most recent call last):
    prum_match.errors.InvalidInput: the query is for vehicles of another state; ask that state \
[other_register; field party; rule Regulation (EU) 2024/982, Art. 16(2)(b): the register of the \
state that registered the vehicle]
    """
    asked = party_code(party)
    if isinstance(query, ExactQuery | OwnerQuery) and query.country not in (None, asked):
        raise InvalidInput(
            "the query is for vehicles of another state; ask that state",
            code="other_register",
            field="party",
            rule=_ART_16_2_B,
            value=party,
        )

"""Policies: the queries that are allowed, and the history that a register keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from prum_match import engine
from prum_match.engine.policy import policy_of_type
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.values.checks import one_of
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.queries import ExactQuery, FuzzyQuery, PatternQuery
from prum_match.vehicle.registrations.registration import Registration

COMPLETE_KEY = (
    "Regulation (EU) 2024/982, Art. 16(2): a complete chassis number or a complete registration "
    "number"
)
OWNER_SEARCH = (
    "Regulation (EU) 2024/982, Art. 16(2)(c): data of the owner or holder, if the law of the "
    "requested Member State allows it"
)


@dataclass(frozen=True, kw_only=True)
class Policy(engine.Policy):
    """Queries that are allowed in a register of vehicles, and the history that it keeps.

    Name, version, source and cap are those of :class:`prum_match.engine.Policy`.

    Attributes
    ----------
    complete_only : bool
        Only complete numbers may be searched: no fuzzy query, no pattern.
    owner_search : bool
        Searches by holder or owner are allowed by the law of the state that keeps the register.
    history : {"kept", "none"}
        ``"none"``: the register holds current data alone. A registration that began after the
        reference date is then a candidate of grade 3, "current data, no history".

    Raises
    ------
    InvalidInput
        Codes ``"bad_option"``, ``"bad_limit"``.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> vehicle.Policy(history="none").complete_only
    False
    """

    complete_only: bool = False
    owner_search: bool = True
    history: Literal["kept", "none"] = "kept"
    name: str = "national"
    version: str = "1"
    source: str = "what a state does with its own register is its own law"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(self.history, "history", ("kept", "none"), code="bad_option")
        for flag in ("complete_only", "owner_search"):
            one_of(getattr(self, flag), flag, (False, True), code="bad_option")


NATIONAL = Policy()
"""At home: all queries."""

PRUM_2024 = Policy(
    complete_only=True,
    owner_search=False,
    name="prum-2024",
    version="2024/982",
    source=(
        "Regulation (EU) 2024/982, Art. 16 and 17: exact search with a complete chassis number, "
        "or a complete registration number of one state, or with data of the owner or holder "
        "where the requested state's law allows it; interpretation: equal means equal after "
        "normalisation, with the spellings that a state holds for the same"
    ),
)
"""Across borders: complete keys alone.

Where a state's law allows searches by owner, it answers with
``dataclasses.replace(PRUM_2024, owner_search=True)``.
"""


REPLY_2024 = replace(PRUM_2024, owner_search=True, history="none", name="prum-2024-reply")
"""For an asking state: all that the laws of answering states may allow under `PRUM_2024`."""


def check_query(query: Any, policy: Policy) -> None:
    """Refuse a query that the policy does not allow.

    Raises
    ------
    ComparisonMismatch
        Codes ``"foreign_probe"``, ``"foreign_policy"``.
    InvalidInput
        Code ``"incomplete_key"``: the policy wants a complete number;
        ``"owner_search_not_allowed"``: it does not allow a search by owner.

    Examples
    --------
    >>> from prum_match import PrumError, vehicle
    >>> try:
    ...     vehicle.check_query(vehicle.PatternQuery("AB-12*"), vehicle.PRUM_2024)
    ... except PrumError as error:
    ...     print(error.code)
    incomplete_key
    """
    policy = policy_of_type(policy, Policy)
    if isinstance(query, ExactQuery | Registration):
        return
    if isinstance(query, OwnerQuery):
        if not policy.owner_search:
            raise owner_search_refused(query)
        return
    if not isinstance(query, FuzzyQuery | PatternQuery):
        raise ComparisonMismatch("not a query for vehicles", code="foreign_probe", field="query")
    if policy.complete_only:
        raise InvalidInput(
            "the policy allows complete numbers only",
            code="incomplete_key",
            field="query",
            rule=COMPLETE_KEY,
            value=query,
        )


def owner_search_refused(query: OwnerQuery) -> InvalidInput:
    """Return the error for a search by owner where the law does not allow one."""
    return InvalidInput(
        "searches by owner are not allowed by the law of the requested state",
        code="owner_search_not_allowed",
        field="query",
        rule=OWNER_SEARCH,
        value=query,
    )

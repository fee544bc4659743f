"""Which queries a party may ask, and what its register knows of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from prum_match import engine
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.vehicle.queries import ExactQuery, FuzzyQuery, PatternQuery
from prum_match.vehicle.registration import Registration

__all__ = ["COMPLETE_KEY", "NATIONAL", "PRUM_2024", "Policy", "check_policy", "check_query"]

COMPLETE_KEY = (
    "Regulation (EU) 2024/982, Art. 16(2): a complete chassis number or a complete registration "
    "number"
)


@dataclass(frozen=True, kw_only=True)
class Policy(engine.Policy):
    """What may be asked of a register of vehicles, and how its answers are dated.

    Name, version, source and cap are those of :class:`prum_match.engine.Policy`.

    Attributes
    ----------
    complete_only : bool
        Only complete keys may be searched with: no fuzzy query and no pattern.
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
    history: Literal["kept", "none"] = "kept"
    name: str = "national"
    version: str = "1"
    source: str = "what a state does with its own register is its own law"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.history not in ("kept", "none"):
            raise _bad_option("history is kept or none", "history", self.history)
        if not isinstance(self.complete_only, bool):
            raise _bad_option("complete_only is true or false", "complete_only", self.complete_only)


NATIONAL = Policy()
"""At home: all queries."""

PRUM_2024 = Policy(
    complete_only=True,
    name="prum-2024",
    version="2024/982",
    source=(
        "Regulation (EU) 2024/982, Art. 16 and 17: exact search with a complete chassis number, "
        "or a complete registration number of one state; interpretation: equal means equal after "
        "normalisation, with the spellings that a state holds for the same"
    ),
)
"""Across borders: complete keys alone. Searches by holder are not made."""


def check_policy(policy: Any) -> Policy:
    """Return a policy of this category.

    Raises
    ------
    ComparisonMismatch
        Code ``"foreign_policy"``.
    """
    if not isinstance(policy, Policy):
        raise ComparisonMismatch("not a policy for vehicles", code="foreign_policy", field="policy")
    return policy


def check_query(query: Any, policy: Policy) -> None:
    """Refuse what is no query, or one that the policy does not allow.

    Parameters
    ----------
    query : ExactQuery, FuzzyQuery, PatternQuery or Registration
        What is to be searched with.
    policy : Policy
        The rule.

    Raises
    ------
    ComparisonMismatch
        Codes ``"foreign_probe"``, ``"foreign_policy"``.
    InvalidInput
        Code ``"incomplete_key"``: the policy wants a complete number.

    Examples
    --------
    >>> from prum_match import PrumError, vehicle
    >>> try:
    ...     vehicle.check_query(vehicle.PatternQuery("AB-12*"), vehicle.PRUM_2024)
    ... except PrumError as error:
    ...     print(error.code)
    incomplete_key
    """
    check_policy(policy)
    if isinstance(query, ExactQuery | Registration):
        return
    if not isinstance(query, FuzzyQuery | PatternQuery):
        raise ComparisonMismatch("not a query for vehicles", code="foreign_probe", field="query")
    if policy.complete_only:
        raise InvalidInput(
            "the number has to be complete",
            code="incomplete_key",
            field="query",
            rule=COMPLETE_KEY,
            value=query,
        )


def _bad_option(message: str, field: str, value: object) -> InvalidInput:
    return InvalidInput(message, code="bad_option", field=field, value=value)

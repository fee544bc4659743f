"""Policies: the rules that select candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.values.checks import whole_number


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A named, versioned rule with its source.

    Attributes
    ----------
    name : str
        Name of the rule.
    version : str
        Version of the rule as implemented here.
    source : str
        Article of law, standard or paper; marked *interpretation* if the text is open.
    max_candidates : int, optional
        Largest number of candidates that the rule allows in one list.
    """

    name: str
    version: str
    source: str
    max_candidates: int | None = None

    def __post_init__(self) -> None:
        if self.max_candidates is not None:
            whole_number(self.max_candidates, "max_candidates", least=1, code="bad_limit")


P = TypeVar("P", bound=Policy)
_LONGEST = 2**63 - 1


def policy_of_type(policy: object, kind: type[P]) -> P:
    """Return a policy that is of the type that a category needs."""
    if isinstance(policy, kind):
        return policy
    raise ComparisonMismatch(
        f"the policy is of another category; a {kind.__name__} of this one is needed",
        code="foreign_policy",
        field="policy",
    )


def check_bounded(threshold: float | None, limit: int | None) -> None:
    """Refuse a search by scores that has neither a threshold nor a limit."""
    if threshold is None and limit is None:
        raise InvalidInput(
            "a search needs a threshold or a limit; there is no default for either",
            code="unbounded_search",
            field="policy",
        )


def list_cap(policy: Policy, limit: int | None) -> int | None:
    """Return the longest list that a policy and the limit of a call allow."""
    if limit is None:
        return policy.max_candidates
    limit = whole_number(limit, "limit", least=1, most=_LONGEST, code="bad_limit")
    return min(limit, policy.max_candidates or limit)

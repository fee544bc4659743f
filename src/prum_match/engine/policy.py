"""What makes a candidate: the base of every category's policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from prum_match.errors import ComparisonMismatch, InvalidInput


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
        Article of law, standard or paper; says *interpretation* where the text is open.
    max_candidates : int, optional
        Most candidates that the rule lets one answer hold.
    """

    name: str
    version: str
    source: str
    max_candidates: int | None = None

    def __post_init__(self) -> None:
        if self.max_candidates is not None and self.max_candidates < 1:
            raise InvalidInput(
                "a cap on candidates is at least 1",
                code="bad_limit",
                field="max_candidates",
                value=self.max_candidates,
            )


P = TypeVar("P", bound=Policy)


def policy_of_type(policy: object, kind: type[P]) -> P:
    """Return a policy that is of the type that a category needs.

    Raises
    ------
    ComparisonMismatch
        Code ``"foreign_policy"``.
    """
    if isinstance(policy, kind):
        return policy
    raise ComparisonMismatch(
        f"the policy is of another category; a {kind.__name__} of this one is needed",
        code="foreign_policy",
        field="policy",
    )


def check_bounded(threshold: float | None, limit: int | None) -> None:
    """Refuse a search by scores that nothing keeps short."""
    if threshold is None and limit is None:
        raise InvalidInput(
            "a search needs a threshold or a limit; there is no default for either",
            code="unbounded_search",
            field="policy",
        )


def list_cap(policy: Policy, limit: int | None) -> int | None:
    """Return the most candidates that a list may hold under a policy and a caller's limit."""
    if limit is None:
        return policy.max_candidates
    if isinstance(limit, bool) or not isinstance(limit, (int, np.integer)) or limit < 1:
        raise InvalidInput(
            "limit is a whole number of at least 1", code="bad_limit", field="limit", value=limit
        )
    return min(int(limit), policy.max_candidates or int(limit))

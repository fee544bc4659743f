"""What makes a candidate: the base of every category's policies."""

from __future__ import annotations

from dataclasses import dataclass

from prum_match.errors import InvalidInput
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
        Article of law, standard or paper; says *interpretation* where the text is open.
    max_candidates : int, optional
        Most candidates that the rule lets one answer hold.
    """

    name: str
    version: str
    source: str
    max_candidates: int | None = None

    def __post_init__(self) -> None:
        if self.max_candidates is not None:
            whole_number(self.max_candidates, "max_candidates", least=1, code="bad_limit")


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
    limit = whole_number(limit, "limit", least=1, code="bad_limit")
    return min(limit, policy.max_candidates or limit)

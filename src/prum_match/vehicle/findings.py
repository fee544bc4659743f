"""Comparisons and their findings: verdict and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from prum_match.engine.comparisons import WithoutScore
from prum_match.vehicle.policy import Policy
from prum_match.vehicle.reads.edit_script import Edit
from prum_match.vehicle.registrations.details import text_of
from prum_match.vehicle.registrations.moments import from_seconds, seconds_of
from prum_match.vehicle.registrations.registration import ALWAYS, Registration

Outcome: TypeAlias = Literal[
    "same",
    "reading",
    "current_data",
    "within_cost",
    "matches",
    "repaired",
    "differs",
    "ended",
    "not_yet",
    "too_costly",
    "missing",
    "not_compared",
]


@dataclass(frozen=True, repr=False)
class Finding:
    """Result of comparing one part of a registration.

    Attributes
    ----------
    part : str
        ``country``, ``plate``, ``VIN``, ``holder``, ``owner``, ``date``, ``syntax``.
    outcome : str
        The result in one word: ``same``, ``reading``, ``current_data``, ``within_cost``,
        ``matches``, ``repaired``, ``differs``, ``ended``, ``not_yet``, ``too_costly``,
        ``missing``, ``not_compared``.
    probe, reference : str
        Compared values; empty where there is none.
    reason : str
        The result in words.
    grade : int or None
        Best grade that this finding allows; None: not a candidate.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> car = vehicle.Registration("NL", "GB-001-B")
    >>> vehicle.compare(vehicle.ExactQuery("BE", "GB001B"), car).findings[0].reason
    'another state'
    """

    part: str
    outcome: Outcome
    probe: str
    reference: str
    reason: str
    grade: int | None

    def __str__(self) -> str:
        compared = f"[{self.probe or '-'} / {self.reference or '-'}]"
        return f"{self.part}: {self.outcome}, {self.reason} {compared}"

    def __repr__(self) -> str:
        return f"<Finding: {self.part}, {self.outcome}>"


@dataclass(frozen=True, repr=False)
class Comparison(WithoutScore):
    """The comparison of a query, or of a registration, with a registration.

    Attributes
    ----------
    policy : Policy
        The rule.
    grade : int or None
        None: not a candidate. For an exact query 1 is the number itself, valid at the date, 2 a
        national reading of it, 3 current data without history. For a registration 1 is the same
        plate and chassis number, 2 the same plate, 3 the same chassis number. For a query by owner
        1 or 3, as for an exact one. Else 1.
    cost : float or None
        Least cost of the read errors; None for other queries.
    edits : tuple of Edit
        The read errors of a fuzzy query.
    findings : tuple of Finding
        One finding for each part that was compared.

    Examples
    --------
    >>> from prum_match import vehicle
    >>> car = vehicle.Registration("NL", "GB-001-B")
    >>> found = vehicle.compare(vehicle.PatternQuery("GB*"), car)
    >>> found.is_candidate, found.grade, found.cost
    (True, 1, None)
    """

    policy: Policy
    grade: int | None
    findings: tuple[Finding, ...]
    cost: float | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def is_candidate(self) -> bool:
        """Whether the registration is a candidate."""
        return self.grade is not None

    def __str__(self) -> str:
        verdict = "no candidate" if self.grade is None else f"grade {self.grade}"
        head = f"{verdict} under {self.policy.name} ({self.policy.version})"
        return "\n".join([head, *(f"  {finding}" for finding in self.findings)])

    def __repr__(self) -> str:
        cost = "" if self.cost is None else f", cost {self.cost:g}"
        return f"<Comparison: grade {self.grade}{cost}>"


def judge(policy: Policy, *findings: Finding) -> Comparison:
    """Return the comparison with the worst grade of its findings, if all allow a candidate."""
    grades = [finding.grade for finding in findings if finding.grade is not None]
    return Comparison(policy, max(grades) if len(grades) == len(findings) else None, findings)


def country_finding(countries: tuple[str, ...] | None, registration: Registration) -> Finding:
    """Compare the state of a registration with the states asked; None: all states."""
    state = registration.country
    if countries is None:
        return Finding("country", "not_compared", "", state, "all states", 1)
    asked = ", ".join(countries)
    if state in countries:
        one = "the state that was asked" if len(countries) == 1 else "among the states"
        return Finding("country", "same", asked, state, one, 1)
    return Finding("country", "differs", asked, state, "another state", None)


def date_finding(
    given: bool,
    moment: datetime,
    interval: tuple[int, int],
    policy: Policy,
    what: str = "the registration",
) -> Finding:
    """Compare an interval with the reference date of an exact query or a query by owner."""
    begin, end = interval
    at = seconds_of(moment)

    def finding(outcome: Outcome, reason: str, grade: int | None) -> Finding:
        return Finding("date", outcome, str(text_of(moment)), span(interval), reason, grade)

    if at >= end:
        return finding("ended", f"{what} had ended", None)
    if given and begin == ALWAYS[0]:
        return finding("current_data", "current data, no history: its start is not known", 3)
    if at >= begin:
        return finding("same", "valid then", 1)
    if given and policy.history == "none":
        return finding("current_data", "current data, no history: it began later", 3)
    return finding("not_yet", f"{what} had not begun", None)


def missing(part: str, probe: str, reference: str = "") -> Finding:
    """Return the finding for a part that only one side has."""
    return Finding(part, "missing", probe, reference, "not on both", None)


def span(interval: tuple[int, int]) -> str:
    """Return an interval as text."""
    return " to ".join(
        "..." if seconds in ALWAYS else str(text_of(from_seconds(seconds))) for seconds in interval
    )

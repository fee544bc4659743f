"""A query by owner against one registration, with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prum_match.vehicle.findings import Comparison, Finding, country_finding, date_finding, judge
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.policy import Policy
from prum_match.vehicle.registrations.owners import held, identity_of, people_of
from prum_match.vehicle.registrations.registration import Holder, Registration

_NEVER = 4
"""After every grade."""


def compare_owner(
    query: OwnerQuery, registration: Registration, policy: Policy, moment: datetime
) -> Comparison:
    """Say whether, and why, a registration is a candidate; of several reasons, the best one."""
    country = country_finding(None if query.country is None else (query.country,), registration)
    found = list(_found(query, registration, policy, moment))
    if not found:
        return judge(policy, country, _nobody(query, registration))
    return judge(policy, country, *min(found, key=lambda pair: pair[1].grade or _NEVER))


def _found(
    query: OwnerQuery, registration: Registration, policy: Policy, moment: datetime
) -> Iterator[tuple[Finding, Finding]]:
    """Yield everybody who is looked for, and whether that one held the vehicle then."""
    for role in query.roles:
        for holder in people_of(registration, role):
            if identity_of(holder) == query.identity:
                reason = "all that identifies a person, names as folded"
                person = Finding(role, "same", _asked(query), _known(holder), reason, 1)
                interval = held(holder, registration.interval)
                what = f"the time as {role}"
                yield person, date_finding(query.at is not None, moment, interval, policy, what)


def _nobody(query: OwnerQuery, registration: Registration) -> Finding:
    others = sum(len(people_of(registration, role)) for role in query.roles)
    part, reason = " or ".join(query.roles), f"another one or not all data ({others})"
    if not others:
        return Finding(part, "missing", _asked(query), "", "not on both", None)
    return Finding(part, "differs", _asked(query), "", reason, None)


def _asked(query: OwnerQuery) -> str:
    if query.legal_name is not None:
        return query.legal_name
    return f"{query.family_name}, {query.first_name}, {query.birth_date}"


def _known(holder: Holder) -> str:
    parts = (holder.name, holder.first_name, holder.birth_date)
    return ", ".join(str(part) for part in parts if part is not None)

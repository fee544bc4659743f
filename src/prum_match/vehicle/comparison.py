"""Comparison of a query with one registration, with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from prum_match.errors import InvalidInput
from prum_match.vehicle.findings import (
    Comparison,
    Finding,
    Outcome,
    country_finding,
    date_finding,
    judge,
    missing,
    span,
)
from prum_match.vehicle.numbers.alphabet import SYMBOLS
from prum_match.vehicle.numbers.pattern import ANY, places
from prum_match.vehicle.numbers.plates import PlateKey, normalise_plate
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.policy import NATIONAL, Policy, check_query
from prum_match.vehicle.queries import ExactQuery, FuzzyQuery, PatternQuery, Query
from prum_match.vehicle.reads.costs import SCALE
from prum_match.vehicle.reads.edit_script import edits
from prum_match.vehicle.registrations.details import text_of
from prum_match.vehicle.registrations.moments import moment_of, seconds_of
from prum_match.vehicle.registrations.owners import held, identity_of, people_of
from prum_match.vehicle.registrations.registration import Holder, Registration

# Greater than every grade.
_NO_GRADE = 4


def compare(
    probe: Query | Registration,
    reference: Registration,
    *,
    policy: Policy = NATIONAL,
    now: datetime | date | None = None,
) -> Comparison:
    """Compare a query, or a registration, with a registration.

    Parameters
    ----------
    probe : ExactQuery, OwnerQuery, FuzzyQuery, PatternQuery or Registration
        The query. A registration is compared by its numbers, at any time.
    reference : Registration
        The registration that may be a candidate.
    policy : Policy
        The rule.
    now : datetime or date, optional
        Reference date for a query by number or owner without one; default: the time of the call.

    Returns
    -------
    Comparison
        The verdict, the same as that of a search, with reasons.

    Raises
    ------
    ComparisonMismatch
        Codes ``"foreign_policy"``, ``"foreign_probe"``: a policy or a query of another category.
    InvalidInput
        Codes ``"incomplete_key"``, ``"owner_search_not_allowed"``, ``"bad_registration"``,
        ``"bad_moment"``.

    Examples
    --------
    >>> from datetime import date
    >>> from prum_match import vehicle
    >>> car = vehicle.Registration("DE", "B-AB 123", valid_from=date(2020, 3, 1))
    >>> print(vehicle.compare(vehicle.ExactQuery("D", "bab123", at=date(2024, 5, 1)), car))
    grade 1 under national (1)
      country: same, the state that was asked [DE / DE]
      plate: same, the same symbols, separators not on both [BAB123 / B-AB 123]
      date: same, valid then [2024-05-01T00:00:00Z / 2020-03-01T00:00:00Z to ...]
    >>> read = vehicle.FuzzyQuery("B-A8 123", ["D"], max_cost=1, costs=vehicle.UNIT_COSTS)
    >>> print(vehicle.compare(read, car))
    grade 1 under national (1)
      country: same, the state that was asked [DE / DE]
      plate: within_cost, 1 of at most 1 by unit 1: B read as 8 1 [B-A8 123 / B-AB 123]
      date: not_compared, any time [- / 2020-03-01T00:00:00Z to ...]
    """
    check_query(probe, policy)
    if not isinstance(reference, Registration):
        raise InvalidInput(
            "not a registration", code="bad_registration", field="reference", value=reference
        )
    if isinstance(probe, Registration):
        return _link(probe, reference, policy)
    if isinstance(probe, ExactQuery | OwnerQuery):
        moment = probe.moment if probe.at or now is None else moment_of(now, "now")
        if isinstance(probe, OwnerQuery):
            return _owner(probe, reference, policy, moment)
        return _exact(probe, reference, policy, moment)
    if isinstance(probe, FuzzyQuery):
        return _fuzzy(probe, reference, policy)
    return judge(
        policy,
        country_finding(probe.countries, reference),
        _pattern(probe, reference),
        _any_time(probe.at, reference),
    )


def _exact(
    query: ExactQuery, registration: Registration, policy: Policy, moment: datetime
) -> Comparison:
    return judge(
        policy,
        country_finding(None if query.country is None else (query.country,), registration),
        _vin(query.vin, registration) if query.key is None else _plate(query, registration),
        date_finding(query.at is not None, moment, registration.interval, policy),
    )


def _owner(
    query: OwnerQuery, registration: Registration, policy: Policy, moment: datetime
) -> Comparison:
    """Compare by holder or owner; of several persons who match, the one with the best grade."""
    country = country_finding(None if query.country is None else (query.country,), registration)
    found = list(_person_findings(query, registration, policy, moment))
    if not found:
        return judge(policy, country, _nobody(query, registration))
    return judge(policy, country, *min(found, key=lambda pair: pair[1].grade or _NO_GRADE))


def _person_findings(
    query: OwnerQuery, registration: Registration, policy: Policy, moment: datetime
) -> Iterator[tuple[Finding, Finding]]:
    """Yield a finding on each holder or owner who matches, and one on the time."""
    for role in query.roles:
        for holder in people_of(registration, role):
            if identity_of(holder) == query.identity:
                reason = "all that identifies a person, names as folded"
                person = Finding(role, "same", _identification(query), _known(holder), reason, 1)
                interval = held(holder, registration.interval)
                what = f"the time as {role}"
                yield person, date_finding(query.at is not None, moment, interval, policy, what)


def _nobody(query: OwnerQuery, registration: Registration) -> Finding:
    others = sum(len(people_of(registration, role)) for role in query.roles)
    part, reason = " or ".join(query.roles), f"another one or not all data ({others})"
    if not others:
        return Finding(part, "missing", _identification(query), "", "not on both", None)
    return Finding(part, "differs", _identification(query), "", reason, None)


def _identification(query: OwnerQuery) -> str:
    if query.legal_name is not None:
        return query.legal_name
    return f"{query.family_name}, {query.first_name}, {query.birth_date}"


def _known(holder: Holder) -> str:
    parts = (holder.name, holder.first_name, holder.birth_date)
    return ", ".join(str(part) for part in parts if part is not None)


def _fuzzy(query: FuzzyQuery, registration: Registration, policy: Policy) -> Comparison:
    country = country_finding(query.countries, registration)
    time = _any_time(query.at, registration)
    if registration.key is None:
        return judge(policy, country, missing("plate", query.plate), time)
    script = tuple(edits(query.costs, query.compact, registration.key.compact))
    total = sum(round(edit.cost * SCALE) for edit in script)
    found: tuple[Outcome, int | None] = ("within_cost", 1)
    if total > query.max_thousandths:
        found = ("too_costly", None)
    by = f"{query.costs.name} {query.costs.version}"
    errors = ", ".join(map(str, script)) or "read as it is"
    reason = f"{total / SCALE:g} of at most {query.max_cost:g} by {by}: {errors}"
    plate = Finding("plate", found[0], query.plate, registration.key.spelling, reason, found[1])
    findings = (country, plate, *_syntax(query, registration), time)
    return replace(judge(policy, *findings), cost=total / SCALE, edits=script)


def _link(probe: Registration, registration: Registration, policy: Policy) -> Comparison:
    """Compare two registrations by their numbers."""
    same_state = probe.country == registration.country
    plate = _plate(probe, registration)
    vin = _vin(probe.vin, registration)
    country = country_finding((probe.country,), registration)
    same_plate, same_vin = same_state and plate.grade == 1, vin.grade == 1
    grade = (1 if same_vin else 2) if same_plate else (3 if same_vin else None)
    return Comparison(policy, grade, (country, plate, vin))


def _plate(probe: ExactQuery | Registration, registration: Registration) -> Finding:
    own, other = probe.key, registration.key
    if own is None or other is None:
        return missing("plate", own.spelling if own else "", other.spelling if other else "")
    keys: tuple[str, ...] = (own.compact,)
    districts: tuple[int, ...] = (own.district,)
    if isinstance(probe, ExactQuery):
        keys, districts = probe.keys, probe.districts

    def finding(outcome: Outcome, reason: str, grade: int | None) -> Finding:
        return Finding("plate", outcome, own.spelling, other.spelling, reason, grade)

    if other.compact not in keys:
        return finding("differs", "other symbols", None)
    place = keys.index(other.compact)
    if districts[place] and other.district and districts[place] != other.district:
        return finding("differs", "the separator ends another district", None)
    if place:
        return finding("reading", _reading(own, other), 2)
    apart = "" if own.split == other.split else ", separators not on both"
    return finding("same", f"the same symbols{apart}", 1)


def _reading(own: PlateKey, other: PlateKey) -> str:
    """Describe the national reading that leads from one key to the other."""
    if own.country == "GR":
        return "R and P are one letter, a rho"
    stems, suffixes = zip(*(_without_suffix(key.compact) for key in (own, other)), strict=True)
    umlaut = "the umlaut of the district" if stems[0] != stems[1] else ""
    suffix = "the suffix" if suffixes[0] != suffixes[1] else ""
    return " and ".join(filter(None, (umlaut, suffix))) + " written otherwise"


def _without_suffix(symbols: str) -> tuple[str, str]:
    """Split the suffix H (historic) or E (electric) from a German plate."""
    suffix = symbols[-2:-1].isdigit() and symbols[-1] in "EH"
    return (symbols[:-1], symbols[-1]) if suffix else (symbols, "")


def _vin(vin: str | None, registration: Registration) -> Finding:
    if vin is None or registration.vin is None:
        return missing("VIN", vin or "", registration.vin or "")
    if vin == registration.vin:
        return Finding("VIN", "same", vin, registration.vin, "the same symbols", 1)
    return Finding("VIN", "differs", vin, registration.vin, "other symbols", None)


def _any_time(at: datetime | None, registration: Registration) -> Finding:
    valid = span(registration.interval)
    if at is None:
        return Finding("date", "not_compared", "", valid, "any time", 1)
    if registration.valid_at(at):
        return Finding("date", "same", str(text_of(at)), valid, "valid then", 1)
    ended = seconds_of(at) >= registration.interval[1]
    return Finding(
        "date", "ended" if ended else "not_yet", str(text_of(at)), valid, "not valid then", None
    )


def _syntax(query: FuzzyQuery, registration: Registration) -> Iterator[Finding]:
    """Yield a finding where the syntax of the state repairs the read."""
    repair = normalise_plate(registration.country, query.plate).repair
    if repair is not None:
        here = registration.key is not None and repair == registration.key.compact
        yield Finding(
            "syntax",
            "repaired",
            query.plate,
            repair,
            f"plates of {registration.country} cannot be so: "
            + ("repaired, it is this one" if here else "repaired, it is another one"),
            1,
        )


def _pattern(query: PatternQuery, registration: Registration) -> Finding:
    plate = query.of == "plate"
    part = "plate" if plate else "VIN"
    compact = registration.compact if plate else registration.vin
    if compact is None:
        return missing(part, query.pattern)
    found = places(query.compiled, compact)
    if found is None:
        return Finding(part, "differs", query.pattern, compact, "no match", None)
    taken = ", ".join(
        f"{_described(mask)} is {compact[begin:end] or 'nothing'}"
        for mask, (begin, end) in zip(query.compiled, found, strict=True)
    )
    return Finding(part, "matches", query.pattern, compact, taken, 1)


def _described(mask: int | None) -> str:
    if mask is None:
        return "*"
    if mask == ANY:
        return "?"
    symbols = "".join(symbol for i, symbol in enumerate(SYMBOLS) if mask >> i & 1)
    return symbols if len(symbols) == 1 else f"[{symbols}]"

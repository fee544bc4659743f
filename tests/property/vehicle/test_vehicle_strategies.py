"""The shipped strategies of vehicles draw what they document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from prum_match import vehicle
from prum_match.testing.strategies import vehicle as vehicles

# Only finding matters here: what was found need not be made small.
SEARCH = settings(
    max_examples=20_000,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)

REGISTRATIONS: dict[str, Callable[[vehicle.Registration], bool]] = {
    "a plate alone": lambda r: r.vin is None,
    "a chassis number alone": lambda r: r.plate is None,
    "both": lambda r: r.plate is not None and r.vin is not None,
    "a repaired chassis number": lambda r: r.chassis is not None and bool(r.chassis.changed),
    "no beginning": lambda r: r.valid_from is None,
    "no end": lambda r: r.valid_to is None,
    "one second": lambda r: r.interval[1] - r.interval[0] == 1,
    "a known district": lambda r: r.key is not None and r.key.district > 0,
    "a holder": lambda r: len(r.holders) > 1,
    "a status of its own": lambda r: r.status == "hors d'usage",
}
CANDIDATES: dict[str, Callable[[vehicle.Comparison], bool]] = {
    **{f"grade {n}": lambda c, n=n: c.grade == n for n in (1, 2, 3, None)},  # type: ignore[misc]
    "ended": lambda c: c.findings[-1].outcome == "ended",
    "not begun": lambda c: c.findings[-1].outcome == "not_yet",
}
READS: dict[str, Callable[[vehicle.Comparison], bool]] = {
    "errors": lambda c: c.is_candidate and bool(c.edits),
    "no error": lambda c: c.is_candidate and not c.edits,
    "too many": lambda c: any(f.outcome == "too_costly" for f in c.findings),
}


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_registrations(name: str) -> None:
    find(vehicles.registrations(), REGISTRATIONS[name], settings=SEARCH)


@pytest.mark.parametrize("name", CANDIDATES)
def test_exact_queries(name: str) -> None:
    compared = st.builds(vehicle.compare, vehicles.exact_queries(), vehicles.registrations())
    find(compared, CANDIDATES[name], settings=SEARCH)


def test_plates_that_differ_only_in_the_district() -> None:
    german = vehicles.plates(country="DE")
    queries = german.map(lambda drawn: vehicle.ExactQuery(*drawn))
    registrations = german.map(lambda drawn: vehicle.Registration(*drawn))
    compared = st.builds(vehicle.compare, queries, registrations)
    find(
        compared,
        lambda c: any("district" in f.reason for f in c.findings if not f.grade),
        settings=SEARCH,
    )


def test_plates_with_umlauts() -> None:
    country, plate = find(
        vehicles.plates(), lambda drawn: drawn[0] == "DE" and "Ü" in drawn[1], settings=SEARCH
    )
    key = vehicle.Registration(country, plate).key
    assert key is not None
    assert "Ü" in key.compact


@pytest.mark.parametrize("name", READS)
def test_reads(name: str) -> None:
    compared = st.builds(vehicle.compare, vehicles.fuzzy_queries(), vehicles.registrations())
    find(compared, READS[name], settings=SEARCH)


@pytest.mark.parametrize("candidate", [True, False])
@pytest.mark.parametrize("of", ["plate", "vin"])
def test_patterns(candidate: bool, of: str) -> None:
    queries = vehicles.pattern_queries().filter(lambda query: query.of == of)
    compared = st.builds(vehicle.compare, queries, vehicles.registrations())
    find(compared, lambda c: c.is_candidate is candidate, settings=SEARCH)

"""Vehicle registrations as a category of the engine: queries, explanations, tables, exchange."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Category, Columns, Matching, Table, TableReader, Wire, register
from prum_match.engine.progress import paced
from prum_match.errors import PrumError
from prum_match.vehicle import wire
from prum_match.vehicle.candidates import CandidateList
from prum_match.vehicle.columns import pack_country, unseal_keys
from prum_match.vehicle.comparison import compare
from prum_match.vehicle.conditions import check_subject
from prum_match.vehicle.encoding import codes_of, readings_of
from prum_match.vehicle.findings import Comparison
from prum_match.vehicle.layout import RegistrationLayout
from prum_match.vehicle.numbers.alphabet import SYMBOLS
from prum_match.vehicle.owner_query import OwnerQuery
from prum_match.vehicle.policy import NATIONAL, PRUM_2024, REPLY_2024, Policy, check_query
from prum_match.vehicle.queries import ExactQuery, FuzzyQuery, PatternQuery
from prum_match.vehicle.reads.costs import SCALE, Costs
from prum_match.vehicle.registrations.moments import seconds_of
from prum_match.vehicle.registrations.owners import owner_keys
from prum_match.vehicle.registrations.registration import Registration
from prum_match.vehicle.tables import PlateTable, RegistrationTable, query_columns, table_columns

# Codes that a byte of a column can hold below the filler, and that stand for no symbol.
_CODES = 64


class VehicleMatching(Matching[Any, Policy]):
    """Search of registrations.

    Probes are queries, or registrations whose plate and chassis number are looked for.
    """

    default_policy = NATIONAL
    list_type = CandidateList

    def check_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        """Return queries as they are: `prepare` checks them, under the policy."""
        return probes if isinstance(probes, PlateTable) else list(probes)

    def prepare(self, probes: Sequence[Any], policy: Policy) -> _native.Matcher:
        keeps_history = policy.history == "kept"
        matcher = _native.VehicleMatcher()
        now = seconds_of(datetime.now(UTC))
        if isinstance(probes, PlateTable):
            probes.add_to(matcher, now, keeps_history)
            return matcher
        for index, probe in enumerate(paced(probes)):
            try:
                check_query(probe, policy)
            except PrumError as error:
                raise error.at(index) from None
            _add(matcher, probe, now, keeps_history)
        return matcher

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: Policy
    ) -> _native.Matcher:
        columns = unseal_keys(segment.columns, rows)
        matcher = _native.VehicleMatcher()
        matcher.add_links(columns["plate"], columns["place"], columns.get("vin"))
        return matcher

    def explain(self, probe: Any, reference: Registration, policy: Policy) -> Comparison:
        return compare(probe, reference, policy=policy)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Policy
    ) -> Columns:
        return {
            "grade": (rank >> np.uint64(32)).astype(np.uint8),
            "cost": (rank & np.uint64(0xFFFFFFFF)) / SCALE,
        }


class VehicleTables(TableReader[Any]):
    """Registrations, and exact queries, in tables: one a row."""

    def columns(self, names: Sequence[str]) -> Collection[str]:
        return table_columns()

    def items(self, table: Table) -> RegistrationTable:
        return RegistrationTable(table)

    def probe_columns(self, names: Sequence[str]) -> Collection[str]:
        return query_columns()

    def probes(self, table: Table) -> PlateTable | list[ExactQuery]:
        return PlateTable.of(table)


class VehicleWire(Wire[Any, Policy]):
    """Queries with complete keys, and registrations as the data of a reply."""

    # Complete keys alone.
    responder_policy = PRUM_2024
    reply_policy = REPLY_2024

    def check_probe(self, probe: Any) -> None:
        check_query(probe, NATIONAL)

    def check_subject(self, probe: Any, subject: str) -> None:
        check_subject(probe, subject)

    def probe_to_bytes(self, probe: Any) -> bytes | None:
        return wire.probe_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> ExactQuery | OwnerQuery:
        return wire.probe_from_bytes(data)

    def reference_to_bytes(self, item: Registration, features: Any = None) -> bytes:
        return wire.item_to_bytes(item)

    def reference_from_bytes(self, data: bytes) -> Registration:
        return wire.item_from_bytes(data)

    def verify(self, probe: Any, data: bytes, policy: Policy, time: datetime) -> bool | None:
        """Compare the query with the registration, as of the reply if it has no date."""
        reference = self.reference_from_bytes(data)
        return compare(probe, reference, policy=policy, now=time).is_candidate


VEHICLE = register(
    Category("vehicle", RegistrationLayout(), VehicleMatching(), VehicleTables(), VehicleWire())
)
"""The category of vehicle registrations."""


class Gallery(engine.Gallery[Any, CandidateList]):
    """Registrations of vehicles, of one state or of several.

    A reference is one registration, for one interval of time; ``subject_ids`` say which vehicle it
    is of. Probes are queries, or registrations whose numbers are looked for. See
    :class:`prum_match.engine.Gallery`.

    Parameters
    ----------
    labels : sequence of str, optional
        The labels that references may have; see :class:`prum_match.engine.Gallery`.
    open_labels, exchangeable_only : bool, default False
        As for :class:`prum_match.engine.Gallery`.

    Examples
    --------
    >>> from datetime import date
    >>> from prum_match import vehicle
    >>> gallery = vehicle.Gallery()
    >>> cars = [vehicle.Registration("DE", "B-AB 123", valid_from=date(2020, 3, 1)),
    ...         vehicle.Registration("DE", "BA-B 123"), vehicle.Registration("NL", "GB-001-B")]
    >>> gallery.enrol(["1", "2", "3"], cars).enrolled
    3
    >>> gallery.search(vehicle.ExactQuery("DE", "B-AB 123")).reference_ids
    ['1']
    >>> gallery.search(vehicle.ExactQuery("DE", "BAB123")).reference_ids
    ['1', '2']
    >>> read = vehicle.FuzzyQuery("6B0O1B", max_cost=1)
    >>> [(c.plate, c.cost < 1) for c in gallery.search(read)]
    [('GB001B', True)]
    >>> [c.plate for c in gallery.search(vehicle.PatternQuery("*001?"))]
    ['GB001B']
    """

    category_name = "vehicle"

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        super().__init__(
            VEHICLE, labels=labels, open_labels=open_labels, exchangeable_only=exchangeable_only
        )


def _add(matcher: _native.VehicleMatcher, probe: Any, now: int, keeps_history: bool) -> None:
    if isinstance(probe, ExactQuery):
        readings = readings_of(probe)
        country = 0 if probe.country is None else pack_country(probe.country)
        at = _seconds(probe.at)
        matcher.add_exact(readings, probe.vin is not None, country, at, now, keeps_history)
    elif isinstance(probe, OwnerQuery):
        keys = owner_keys((role, probe.identity) for role in probe.roles)
        country = 0 if probe.country is None else pack_country(probe.country)
        at = None if probe.at is None else seconds_of(probe.moment)
        matcher.add_owner(keys, country, at, now, keeps_history)
    elif isinstance(probe, FuzzyQuery):
        matcher.add_fuzzy(
            codes_of(probe.compact),
            _prices(probe.costs),
            probe.max_thousandths,
            _countries(probe.countries),
            _seconds(probe.at),
        )
    elif isinstance(probe, PatternQuery):
        matcher.add_pattern(
            probe.compiled, probe.of == "vin", _countries(probe.countries), _seconds(probe.at)
        )
    else:
        matcher.add_link(
            codes_of(probe.compact or ""),
            pack_country(probe.country),
            probe.key.district if probe.key else 0,
            codes_of(probe.vin or ""),
        )


def _countries(codes: Sequence[str] | None) -> list[int]:
    return [] if codes is None else [pack_country(code) for code in codes]


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else seconds_of(moment)


@lru_cache(maxsize=16)
def _prices(costs: Costs) -> _native.VehiclePrices:
    """Return a table of costs as the native core has it."""
    rows = _CODES - len(SYMBOLS)
    return _native.VehiclePrices(
        np.pad(costs.substitution, (0, rows)),
        *(
            np.pad(getattr(costs, name), (0, rows))
            for name in ("deletion", "insertion", "leading", "trailing")
        ),
    )

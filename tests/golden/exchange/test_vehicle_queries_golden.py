"""V01 to V03 of exchange_golden.json: mandatory elements of a query for a vehicle.

The numbers were taken from the project's reference on the rules, section 2.7. V04 to V08 are
searches by owner; test_owner_queries_golden.py has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prum_match import vehicle
from prum_match.errors import InvalidInput
from prum_match.vehicle.wire import probe_from_bytes, probe_to_bytes

CASES = json.loads(Path(__file__).parents[1].joinpath("exchange_golden.json").read_text("utf-8"))
GOLDEN: list[dict[str, Any]] = [case for case in CASES if case["id"] in ("V01", "V02", "V03")]
MAKE: dict[str, Callable[[], vehicle.ExactQuery]] = {
    "V01": lambda: vehicle.ExactQuery(vin="1M8GDM9AXKP042788"),
    "V02": lambda: vehicle.ExactQuery("DE", "AB-CD 12"),
    "V03": lambda: vehicle.ExactQuery("DE", "AB-12*"),
}


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["id"]))
def test_keys_must_be_complete(case: dict[str, Any]) -> None:
    make = MAKE[case["id"]]
    if case["expect"] == "accept":
        query = make()
        vehicle.check_query(query, vehicle.PRUM_2024)
        data = probe_to_bytes(query)
        assert data is not None
        assert probe_from_bytes(data) == query
        return
    assert case["expect"] == "reject: incomplete key"
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.code == "incomplete_key"
    with pytest.raises(InvalidInput) as caught:
        vehicle.check_query(vehicle.PatternQuery("AB-12*"), vehicle.PRUM_2024)
    assert caught.value.code == "incomplete_key"
    assert probe_to_bytes(vehicle.PatternQuery("AB-12*")) is None


def test_all_cases_are_covered() -> None:
    assert [case["id"] for case in GOLDEN] == ["V01", "V02", "V03"]

"""Golden registration and chassis numbers; see golden/vehicle/PROVENANCE.md."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from prum_match.vehicle.numbers.plates import normalise_plate
from prum_match.vehicle.numbers.vin import normalise_vin

FOLDER = Path(__file__).with_name("vehicle")
REGIONS = {"North America": "NA", "Europe": "EU"}


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text("utf-8").splitlines()))


PLATES, VINS = rows("golden_plates.csv"), rows("golden_vins.csv")


@pytest.mark.parametrize("row", PLATES, ids=lambda row: row["input"])
def test_plates_are_normalised(row: dict[str, str]) -> None:
    key = normalise_plate(row["country"], row["input"])
    assert key.compact == row["expect_compact"]
    assert key.valid is bool(int(row["valid"]))


REPAIRS = {row["input"]: re.search(r"suggest (\w+)", row["why"]) for row in PLATES}


def test_the_golden_plates_name_six_repairs() -> None:
    assert sum(found is not None for found in REPAIRS.values()) == 6


@pytest.mark.parametrize("row", PLATES, ids=lambda row: row["input"])
def test_repairs_of_plates(row: dict[str, str]) -> None:
    key = normalise_plate(row["country"], row["input"])
    expected = REPAIRS[row["input"]]
    if expected:
        assert key.repair == expected[1]
    elif row["input"] == "WA 5666O":  # "O not allowed in series"
        assert key.repair == "WA56660"
    else:
        assert key.repair is None


@pytest.mark.parametrize("row", VINS, ids=lambda row: row["vin"])
def test_chassis_numbers_are_normalised(row: dict[str, str]) -> None:
    vin = normalise_vin(row["vin"])
    assert vin.syntax_ok is (row["syntax_ok"] == "1")
    assert (vin.check_digit == "ok") is (row["check_digit_ok"] == "1")
    if row["check_digit_expected"]:
        assert vin.check_digit_expected == row["check_digit_expected"]
    if row["wmi_region"]:
        assert REGIONS.get(str(vin.region), "other") == row["wmi_region"]

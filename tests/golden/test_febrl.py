"""Linkage of FEBRL's registers of invented persons, fitted without labels."""

from __future__ import annotations

import csv
import datetime
import os
from pathlib import Path

import numpy as np
import pytest

from prum_match.police_record.linkage.fellegi_sunter import FellegiSunter, Links
from prum_match.police_record.persons.person import Person

SHARED = Path(os.environ.get("PRUM_SHARED") or Path(__file__).parents[3] / "shared")
FEBRL = SHARED / "data" / "police_record" / "febrl"

pytestmark = pytest.mark.skipif(
    not FEBRL.is_dir(), reason="FEBRL is kept beside the repository; set PRUM_SHARED"
)
Pairs = set[tuple[int, int]]


def rows(name: str) -> list[dict[str, str]]:
    with (FEBRL / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def born(digits: str) -> str | None:
    """Return a date; only the year for days that do not exist."""
    try:
        return datetime.date(*(int(digits[i:j]) for i, j in ((0, 4), (4, 6), (6, 8)))).isoformat()
    except ValueError:
        return digits[:4] or None


def persons(name: str, place: bool) -> tuple[list[Person], dict[str, int]]:
    register = rows(name)
    found = [
        Person(
            row["given_name"],
            row["surname"],
            birth_date=born(row["date_of_birth"]),
            birth_place=row["suburb"] if place else None,
        )
        for row in register
    ]
    return found, {row["rec_id"]: i for i, row in enumerate(register)}


def scores(links: Links, truth: Pairs) -> tuple[float, float]:
    """Return precision and recall."""
    found = set(zip(links.left.tolist(), links.right.tolist(), strict=True))
    return len(found & truth) / len(found), len(found & truth) / len(truth)


@pytest.mark.parametrize(
    ("place", "precision", "recall", "f1"),
    [(True, 0.993, 0.982, 0.987), (False, 0.99, 0.93, 0.962)],
)
def test_linkage_of_two_registers(place: bool, precision: float, recall: float, f1: float) -> None:
    (left, left_ids), (right, right_ids) = persons("febrl4a", place), persons("febrl4b", place)
    truth = {(left_ids[row["a"]], right_ids[row["b"]]) for row in rows("febrl4_links")}
    linkage = FellegiSunter().fit(left, right)
    found = scores(linkage.link(left, right), truth)
    assert found[0] >= precision
    assert found[1] >= recall
    assert 2 * found[0] * found[1] / sum(found) >= f1
    assert linkage.doubts_ == ()
    assert np.diff(linkage.log_likelihoods_).min() > -1.0


@pytest.mark.parametrize(("name", "f1"), [("febrl1", 0.99), ("febrl2", 0.98)])
def test_deduplication_of_one_register(name: str, f1: float) -> None:
    register, ids = persons(name, place=True)
    pairs = [sorted((ids[row["a"]], ids[row["b"]])) for row in rows(f"{name}_links")]
    found = scores(FellegiSunter().fit(register).link(register), {(i, j) for i, j in pairs})
    assert 2 * found[0] * found[1] / sum(found) >= f1

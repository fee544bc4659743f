"""Equality, distance and patterns of keys give the same answers on every instruction set.

Also in unusual registers: one plate ten thousand times, one length, one beginning, and numbers of
keys just below, at and above a block of 64.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from oracles.vehicle import search as oracle
from prum_match import vehicle
from prum_match.vehicle import SYMBOLS, Registration
from support.dna import TIERS, tier

pytestmark = pytest.mark.native

N = len(SYMBOLS)
LETTERS = SYMBOLS.replace("/", "")


def random_keys(seed: int, n: int, pool: str, lengths: tuple[int, int]) -> list[str]:
    random = np.random.default_rng(seed)
    return [
        "".join(random.choice(list(pool), random.integers(*lengths, endpoint=True)))
        for _ in range(n)
    ]


PLATES = {
    "one plate": ["AB123CD"] * 10_000,
    "one symbol": list(LETTERS) * 5,
    "one length of 16": random_keys(1, 2000, "01", (16, 16)),
    "one beginning": [f"AAAAAAAA{i:04}" for i in range(3000)],
    "one end": [f"{i:04}AAAAAAAA" for i in range(3000)],
    "national letters": random_keys(2, 1500, LETTERS[36:], (2, 4)),
    "few symbols": random_keys(3, 3000, "0OQD", (1, 7)),
    **{f"{n} keys": random_keys(4, n, "AB01", (6, 6)) for n in (1, 63, 64, 65, 128, 129, 4097)},
}
OLD = random_keys(5, 700, "0A1", (1, 30)) + random_keys(6, 300, "0A1", (30, 30))
VINS = [*OLD, *("0" * n for n in range(1, 31)), *random_keys(7, 300, "WVZ01", (17, 17))]


@cache
def register(name: str) -> vehicle.Gallery:
    keys = VINS if name == "vins" else PLATES[name]
    field = "vin" if name == "vins" else "plate"
    gallery = vehicle.Gallery()
    made = {key: Registration("FR", **{field: key}) for key in set(keys)}
    gallery.enrol([f"R{i:05}" for i in range(len(keys))], [made[key] for key in keys])
    return gallery


def costs_of(seed: int, least: int, most: int) -> vehicle.Costs:
    """Draw costs in thousandths; the substitution of a symbol by itself is free."""
    random = np.random.default_rng(seed)
    tables = [random.choice([least, most], shape) for shape in ((N, N), *[(N,)] * 4)]
    np.fill_diagonal(tables[0], 0)
    names = ("substitution", "deletion", "insertion", "leading", "trailing")
    return vehicle.Costs(**dict(zip(names, tables, strict=True)), name="drawn")


COSTS = {
    "unit": vehicle.UNIT_COSTS,
    "ocr": vehicle.OCR_COSTS,
    "all least": costs_of(1, 1, 1),
    "all most": costs_of(1, 16_000, 16_000),
    "least or most": costs_of(2, 1, 16_000),
    "small or middle": costs_of(3, 7, 900),
}
# The least that a query can say, what one unit of the kernels just holds, and no more; the most.
MOST = (0, 0.001, 0.254, 0.255, 0.256, 1.5, 2, 16)


def reads(plates: list[str]) -> list[str]:
    """Return correct reads, misread first and last symbols, shorter, longer and foreign ones."""
    some = [plates[0], plates[len(plates) // 2], plates[-1]]
    return [
        *some,
        *(f"X{plate[1:]}" for plate in some),
        *(f"{plate[:-1]}Ñ" for plate in some),
        *((plate[1:] or "A") for plate in some),
        *(f"{plate}1"[:16] for plate in some),
        *("Ű", "ZZZZZZZZ", "0" * 16),
    ]


def on_all_tiers(gallery: vehicle.Gallery, queries: list[Any]) -> list[list[tuple[int, str]]]:
    """Search with every query, check that all tiers agree, and return costs and ids."""
    said = []
    for name in TIERS:
        with tier(name):
            batch = gallery.search_many(queries)
        said.append((batch.offsets.tobytes(), batch.columns["cost"].tobytes(), batch.reference_ids))
    assert all(one == said[0] for one in said)
    return [
        [
            (round(cost * 1000), name)
            for cost, name in zip(answer.columns["cost"], answer.reference_ids, strict=True)
        ]
        for answer in batch
    ]


def fuzzy(plates: list[str]) -> list[vehicle.FuzzyQuery]:
    return [
        vehicle.FuzzyQuery(read, max_cost=most, costs=table)
        for read, most, table in product(dict.fromkeys(reads(plates)), MOST, COSTS.values())
    ]


@pytest.mark.parametrize("name", PLATES)
def test_distances(name: str) -> None:
    plates = PLATES[name]
    places: dict[str, list[str]] = {}
    for i, plate in enumerate(plates):
        places.setdefault(plate, []).append(f"R{i:05}")
    # Lists of all ten thousand, again and again, would show no more.
    queries = fuzzy(plates)[:: 29 if len(plates) > 5000 else 7 if len(plates) > 200 else 1]
    for query, found in zip(queries, on_all_tiers(register(name), queries), strict=True):
        costs = [cost for cost, _ in found]
        assert costs == sorted(costs)
        assert max(costs, default=0) <= query.max_thousandths
        equal = places.get(query.compact, [])
        assert [reference for cost, reference in found if cost == 0] == equal


@pytest.mark.parametrize("table", COSTS)
def test_distances_are_those_of_the_textbook(table: str) -> None:
    name = "129 keys"
    costs = COSTS[table]
    names = ("substitution", "deletion", "insertion", "leading", "trailing")
    prices = oracle.prices(SYMBOLS, *(getattr(costs, part).tolist() for part in names))
    rows = {f"R{i:05}": oracle.Row("FR", plate) for i, plate in enumerate(PLATES[name])}
    queries = [query for query in fuzzy(PLATES[name])[::3] if query.costs is costs]
    for query, found in zip(queries, on_all_tiers(register(name), queries), strict=True):
        most = query.max_thousandths
        expected = oracle.fuzzy(rows, query.compact, costs=prices, max_cost=most)
        assert found == [(cost, reference) for _, cost, reference in expected]


def patterns() -> list[str]:
    """Return patterns of one to 30 places of every kind, with stars in all positions."""
    random = np.random.default_rng(8)
    made = []
    for n in range(1, 31):
        for parts in (["0", "A", "?"], ["?"], ["[01]", "[!0]", "?", "A"]):
            places = random.choice(parts, n).tolist()
            at = int(random.integers(n))
            made += [
                "".join(places),
                "*" + "".join(places),
                "".join(places) + "*",
                "".join(places[:at]) + "*" + "".join(places[at:]),
                "*" + "*".join(places) + "*",
            ]
    return made


def test_patterns_of_all_lengths() -> None:
    made = patterns()
    queries = [vehicle.PatternQuery(text, of="vin") for text in made]
    found = on_all_tiers(register("vins"), queries)
    keys = [register("vins")[f"R{i:05}"].vin or "" for i in range(len(VINS))]
    for text, names in zip(made, found, strict=True):
        wanted = [f"R{i:05}" for i, key in enumerate(keys) if fnmatchcase(key, text)]
        assert [name for _, name in names] == wanted, text
    lengths = [len(names) for names in found]
    assert sum(n == 0 for n in lengths) > 20
    assert sum(n > 20 for n in lengths) > 100


@pytest.mark.parametrize("name", PLATES)
def test_patterns_of_plates(name: str) -> None:
    plates = PLATES[name]
    key = plates[len(plates) // 3]
    texts = {
        *(key, f"?{key[1:]}", f"{key[:-1]}?", "?" * len(key), "?" * 16, "[A-Z]*", "*[0-9]"),
        *(f"{key[0]}*", f"*{key[-1]}", f"*{key[1:3]}*", "[!0]*[!0]", "*0*0*0*", "*" + "?" * 15),
    }
    made = sorted(texts)
    found = on_all_tiers(register(name), [vehicle.PatternQuery(text) for text in made])
    for text, names in zip(made, found, strict=True):
        wanted = [f"R{i:05}" for i, plate in enumerate(plates) if fnmatchcase(plate, text)]
        assert [reference for _, reference in names] == wanted, text


@pytest.mark.parametrize("name", PLATES)
def test_complete_keys(name: str) -> None:
    plates = PLATES[name]
    asked = list(dict.fromkeys([*plates[:: max(1, len(plates) // 150)], *reads(plates)]))
    queries = [vehicle.ExactQuery("FR", plate) for plate in asked]
    for plate, found in zip(asked, on_all_tiers(register(name), queries), strict=True):
        wanted = [f"R{i:05}" for i, other in enumerate(plates) if other == plate]
        assert [reference for _, reference in found] == wanted

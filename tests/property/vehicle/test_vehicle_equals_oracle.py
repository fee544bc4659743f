"""A search of vehicles equals comparing every row.

The registers are large enough for tries of several levels, and crowded enough that many plates lie
near each other.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from oracles.vehicle import search as oracle
from prum_match import vehicle
from prum_match.vehicle import SYMBOLS
from prum_match.vehicle.registrations.moments import from_seconds
from support.dna import TIERS, tier
from support.examples import examples

pytestmark = pytest.mark.native

N = len(SYMBOLS)
POOLS = ("01", "0O1I8B", "ABCDE012345", SYMBOLS.replace("/", ""))
COUNTRIES = ("DE", "NL", "FR")
KINDS = ("substitution", "deletion", "insertion", "leading", "trailing")

searching = settings(
    deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow]
)


class Register:
    """A register, and the same rows for the oracle."""

    def __init__(self, seed: int, size: int, pool: str, lengths: tuple[int, int]) -> None:
        self.random = np.random.default_rng(seed)
        self.pool, self.lengths = pool, lengths
        self.rows: dict[str, oracle.Row] = {}
        self.gallery = vehicle.Gallery()
        # Segments of different sizes, none of them merged with another.
        for part in (size, max(1, size // 3)):
            self._enrol(part)
        dead = self.random.choice(sorted(self.rows), len(self.rows) // 10, replace=False)
        self.gallery.erase(dead.tolist())
        for name in dead.tolist():
            del self.rows[name]

    def _enrol(self, n: int) -> None:
        ids, cars = [], []
        for _ in range(n):
            plate = self.text() if self.random.random() < 0.97 else None
            vin = self.vin() if plate is None or self.random.random() < 0.5 else None
            begin, end = sorted(self.random.integers(0, 10, 2).tolist())
            row = oracle.Row(str(self.random.choice(COUNTRIES)), plate, 0, vin, begin, end + 1)
            ids.append(f"R{len(self.rows):05}")
            self.rows[ids[-1]] = row
            cars.append(
                vehicle.Registration(
                    row.country,
                    plate,
                    vin,
                    valid_from=_moment(begin),
                    valid_to=_moment(end + 1),
                )
            )
        self.gallery.enrol(ids, cars)

    def text(self) -> str:
        n = int(self.random.integers(*self.lengths, endpoint=True))
        # Crowded: many share their beginning, or their end.
        symbols = self.random.choice(list(self.pool), n)
        if self.random.random() < 0.5:
            symbols[: n // 2] = self.pool[0]
        return "".join(symbols)

    def vin(self) -> str:
        pool = [s for s in self.pool if s.isascii() and s not in "IOQ"] or ["0"]
        n = int(self.random.choice([3, 8, 12, 17, 17, 17, 30]))
        symbols = self.random.choice(pool, n)
        symbols[: max(0, n - 4)] = pool[0]
        return "".join(symbols)

    def misread(self, errors: int) -> str:
        keys = [row.compact for row in self.rows.values() if row.compact]
        read = list(str(self.random.choice(keys)))
        for _ in range(errors):
            at = int(self.random.integers(len(read) + 1))
            how = self.random.integers(3)
            if how == 0 and len(read) > 1:
                del read[min(at, len(read) - 1)]
            elif how == 1 and len(read) < 16:
                read.insert(at, str(self.random.choice(list(self.pool))))
            else:
                read[min(at, len(read) - 1)] = str(self.random.choice(list(self.pool)))
        return "".join(read)


def _moment(second: int) -> Any:
    return from_seconds(second)


registers = st.builds(
    Register,
    st.integers(0, 2**32),
    st.sampled_from((1, 60, 400, 1500)),
    st.sampled_from(POOLS),
    st.sampled_from(((1, 3), (6, 8), (7, 7), (1, 16), (12, 16))),
)


@st.composite
def costs(draw: st.DrawFn) -> vehicle.Costs:
    """Draw tables with one cost, few costs, very different costs, or one cheap kind of error."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    lowest, highest = draw(st.sampled_from(((1000, 1001), (200, 1001), (1, 16001), (1, 5))))
    tables = [random.integers(lowest, highest, shape) for shape in ((N, N), *[(N,)] * 4)]
    cheap = draw(st.none() | st.sampled_from(range(5)))
    if cheap is not None:
        tables[cheap] = tables[cheap] // draw(st.sampled_from((3, 10, 1000))) + 1
    np.fill_diagonal(tables[0], 0)
    return vehicle.Costs(**dict(zip(KINDS, tables, strict=True)), name="drawn")


def prices_of(table: vehicle.Costs) -> oracle.Prices:
    return oracle.prices(
        SYMBOLS,
        table.substitution.tolist(),
        *(getattr(table, name).tolist() for name in KINDS[1:]),
    )


def found(gallery: vehicle.Gallery, query: Any) -> list[tuple[int, int, str]]:
    """Search on every instruction set, with one thread and two: all answers are the same."""
    answers = []
    for name, threads in product(TIERS, (1, 2)):
        with tier(name):
            answer = gallery.search(query, threads=threads)
        answers.append(
            [
                (int(grade), round(float(cost) * 1000), reference_id)
                for grade, cost, reference_id in zip(
                    answer.grades, answer.columns["cost"], answer.reference_ids, strict=True
                )
            ]
        )
    assert all(answer == answers[0] for answer in answers[1:])
    return answers[0]


@searching
@given(registers, costs() | st.sampled_from((vehicle.UNIT_COSTS, vehicle.OCR_COSTS)), st.data())
def test_fuzzy_queries(register: Register, table: vehicle.Costs, data: st.DataObject) -> None:
    prices = prices_of(table)
    most = data.draw(st.sampled_from((0, 1, 500, 999, 1000, 1500, 2000, 2001, 3000, 16000)))
    read = register.misread(data.draw(st.integers(0, 3)))
    countries = data.draw(st.none() | st.just(("NL",)))
    at = data.draw(st.none() | st.integers(0, 10))
    query = vehicle.FuzzyQuery(
        read,
        countries,
        max_cost=most / 1000,
        costs=table,
        at=None if at is None else _moment(at),
    )
    expected = oracle.fuzzy(
        register.rows, read, costs=prices, max_cost=most, countries=countries, at=at
    )
    assert found(register.gallery, query) == expected
    ever = oracle.fuzzy(register.rows, read, costs=prices, max_cost=most, countries=countries)
    status = "found" if expected else "not_registered_then" if ever else "not_found"
    assert register.gallery.search(query).status == status


CROWD = Register(1, 2000, "ABCDEFGHXY", (8, 8))


@settings(deadline=None)
@example("ABCDEFGH", 64, 63, 0, 7, 0)
@example("ABCDEFGH", 63, 64, 0, 7, 0)
@given(
    st.text("ABCDEFGH", min_size=8, max_size=8),
    st.integers(1, 3000) | st.integers(1, 127),
    st.integers(1, 3000) | st.integers(1, 127),
    st.integers(0, 7),
    st.integers(0, 7),
    st.sampled_from((0, -1)),
)
def test_errors_are_found_anywhere_up_to_the_exact_cost(
    plate: str, one: int, other: int, first: int, second: int, less: int
) -> None:
    """Two walks share the allowed cost; every way of sharing it has to be covered."""
    reference_id = "searched for"
    read = list(plate)
    table = np.full((N, N), 16000, np.uint32)
    np.fill_diagonal(table, 0)
    errors = {first: ("X", one), second: ("Y", other)}
    for place, (symbol, price) in errors.items():
        table[SYMBOLS.index(plate[place]), SYMBOLS.index(symbol)] = price
        read[place] = symbol
    dear = np.full(N, 16000, np.uint32)
    drawn = vehicle.Costs(
        substitution=table, deletion=dear, insertion=dear, leading=dear, trailing=dear, name="two"
    )
    total = sum(price for _, price in errors.values())
    CROWD.gallery.enrol([reference_id], [vehicle.Registration("NL", plate)])
    CROWD.gallery.compact()
    query = vehicle.FuzzyQuery("".join(read), max_cost=(total + less) / 1000, costs=drawn)
    answer = CROWD.gallery.search(query)
    assert (reference_id in answer.reference_ids) == (less == 0)
    CROWD.gallery.erase([reference_id])


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize(
    ("kind", "read"),
    [("trailing", "ABCDEFXX"), ("leading", "XXABCDEF"), ("insertion", "ABCXXDEF"),
     ("deletion", "ABEF")],
)  # fmt: skip
def test_two_errors_of_the_only_cheap_kind(kind: str, read: str, size: int) -> None:
    prices = dict.fromkeys(KINDS[1:], 1.0) | {kind: 0.2}
    gallery = vehicle.Gallery()
    gallery.enrol([f"R{i}" for i in range(size)], [vehicle.Registration("NL", "ABCDEF")] * size)
    query = vehicle.FuzzyQuery(read, max_cost=0.4, costs=vehicle.Costs.from_pairs({}, **prices))
    assert {cost for _, cost, _ in found(gallery, query)} == {400}


@searching
@given(registers, st.sampled_from(("plate", "vin")), st.data())
def test_patterns(register: Register, of: Any, data: st.DataObject) -> None:
    keys = [row.compact if of == "plate" else row.vin for row in register.rows.values()]
    known = [key for key in keys if key] or ["A1"]
    text = list(str(register.random.choice(known)))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        how = data.draw(st.sampled_from(("?", "*", "[0-9A]", "[!0-9]", "")))
        if how == "*":
            text[at : at + data.draw(st.integers(0, len(text)))] = ["*"]
        else:
            text[at] = how or text[at]
    pattern = "".join(text)
    expected = oracle.pattern(register.rows, pattern, of=of)
    assert found(register.gallery, vehicle.PatternQuery(pattern, of=of)) == expected


@searching
@given(registers, st.data())
def test_exact_queries_and_registrations(register: Register, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(list(register.rows.values())))
    at = data.draw(st.integers(0, 11))
    moment = _moment(at)
    if row.compact is not None:
        query = vehicle.ExactQuery(row.country, row.compact, at=moment)
        keys = list(zip(query.keys, query.districts, strict=True))
        expected = oracle.exact(register.rows, country=row.country, keys=keys, at=at, now=0)
        assert found(register.gallery, query) == expected
        status = register.gallery.search(query).status
        assert status == ("found" if expected else "not_registered_then")
    if row.vin is not None:
        expected = oracle.exact_vin(register.rows, row.vin, at=at, now=0)
        assert found(register.gallery, vehicle.ExactQuery(vin=row.vin, at=moment)) == expected
    probe = vehicle.Registration(row.country, row.compact, row.vin)
    assert found(register.gallery, probe) == oracle.linked(register.rows, row)


@pytest.mark.parametrize("plate", ["A", "AB12345", "A" * 16])
def test_a_register_with_one_plate_many_times(plate: str) -> None:
    """A node of the trie whose keys are all equal has no children."""
    gallery = vehicle.Gallery()
    cars = [vehicle.Registration("NL", plate)] * 300
    gallery.enrol([f"R{i:03}" for i in range(300)], cars)
    everybody = [f"R{i:03}" for i in range(300)]
    for query in (
        vehicle.ExactQuery("NL", plate),
        vehicle.FuzzyQuery(plate, max_cost=0),
        vehicle.FuzzyQuery(plate, max_cost=2),
        vehicle.PatternQuery(plate),
        vehicle.PatternQuery("*"),
    ):
        assert gallery.search(query).reference_ids == everybody
    gallery.erase(everybody[:-1])
    assert gallery.search(vehicle.ExactQuery("NL", plate)).reference_ids == ["R299"]
    gallery.erase(["R299"])
    assert gallery.search(vehicle.PatternQuery("*")).reference_ids == []

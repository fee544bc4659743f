"""A search by holder or owner equals comparing every registration.

The tests use several segments, erasures, merging, galleries on disk, single queries and batches,
both kinds of register, and `compare`.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.vehicle import owners as oracle
from prum_match import vehicle
from prum_match.vehicle import Holder, OwnerQuery, Registration
from support.dna import TIERS, tier
from support.examples import examples

pytestmark = pytest.mark.native

DAY = datetime(2020, 1, 1, tzinfo=UTC)
FAMILIES = ("Müller", "MULLER", "Mueller", "D'Angelo", "d\u2019angelo", "Dangelo", "d Angelo")
FIRST = ("Zoë", "Zoe", "ZOE", "Zoe-")
BORN = (*["1980-02-29"] * 4, "1980-02-28", "1980-02", "1980")
COMPANIES = ("ACME", "Acme", "Straße Øst", "STRASSE OST", "Müller")

searching = settings(
    deadline=None, max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow]
)

whens = st.sampled_from(
    (*[None] * 3, "2019", "2020", "2020-01-01", "2020-01-02", "2020-01-03", "9999")
)
natural = st.builds(
    Holder,
    st.sampled_from(FAMILIES),
    st.sampled_from((*FIRST, None)),
    birth_date=st.sampled_from((*BORN, None)),
    gender=st.sampled_from((None, None, "F")),
    start=whens,
    end=whens,
)
legal = st.builds(
    Holder,
    st.sampled_from(COMPANIES),
    legal_entity=st.sampled_from((None, "company", "Individual")),
    start=whens,
)
people = st.lists(natural | legal, max_size=3)
moments = st.builds(
    lambda days, seconds: DAY + timedelta(days=days, seconds=seconds),
    st.integers(-2, 4),
    st.sampled_from((0, 0, -1, 1)),
)


@st.composite
def cars(draw: st.DrawFn) -> Registration:
    begin, end = sorted(draw(st.tuples(moments, moments)))
    return Registration(
        draw(st.sampled_from(("DE", "NL"))),
        f"A{draw(st.integers(0, 9))}",
        valid_from=draw(st.sampled_from((None, begin))),
        valid_to=draw(st.sampled_from((None, end if begin < end else None))),
        holders=draw(people),
        owners=draw(people),
        make=draw(st.sampled_from((None, "DAF"))),
    )


common = {
    "role": st.sampled_from(("either", "holder", "owner")),
    "country": st.sampled_from((None, None, "DE", "NL")),
    "at": st.none() | moments | moments.map(datetime.date),
}
queries = st.builds(
    OwnerQuery,
    st.sampled_from(FAMILIES),
    st.sampled_from(FIRST),
    st.sampled_from(BORN[:5]),
    **common,
) | st.builds(OwnerQuery, legal_name=st.sampled_from(COMPANIES), **common)

registers = st.lists(st.lists(cars(), min_size=1, max_size=8), min_size=1, max_size=4)
erased = st.sets(st.integers(0, 31), max_size=6)


def names(parts: list[list[Registration]]) -> list[list[str]]:
    numbers = iter(range(32))
    return [[f"R{next(numbers):02}" for _ in part] for part in parts]


def check(gallery: vehicle.Gallery, left: dict[str, Registration], asked: list[OwnerQuery]) -> None:
    for policy in (vehicle.NATIONAL, vehicle.Policy(history="none")):
        history = policy.history == "kept"
        wanted = [oracle.search(left, query, datetime.now(UTC), history) for query in asked]
        answers = [
            [gallery.search(query, policy=policy) for query in asked],
            list(gallery.search_many(asked, policy=policy)),
        ]
        for found in answers:
            assert [
                list(zip(one.grades.tolist(), one.reference_ids, strict=True)) for one in found
            ] == wanted
        for query, expected in zip(asked, wanted, strict=True):
            compared = {
                n: vehicle.compare(query, car, policy=policy).grade for n, car in left.items()
            }
            assert {n: g for n, g in compared.items() if g is not None} == {
                name: grade for grade, name in expected
            }


@searching
@given(registers, erased, st.lists(queries, min_size=1, max_size=6))
def test_owner_searches_in_memory(
    parts: list[list[Registration]], gone: set[int], asked: list[OwnerQuery]
) -> None:
    gallery, left = vehicle.Gallery(), dict[str, Registration]()
    for ids, items in zip(names(parts), parts, strict=True):
        gallery.enrol(ids, items)
        left |= dict(zip(ids, items, strict=True))
    check(gallery, left, asked)
    dead = [f"R{i:02}" for i in gone if f"R{i:02}" in left]
    gallery.erase(dead)
    for name in dead:
        del left[name]
    check(gallery, left, asked)
    gallery.compact()
    check(gallery, left, asked)


@pytest.mark.on_disk
@settings(searching, max_examples=examples(15))
@given(registers, erased, st.lists(queries, min_size=1, max_size=6))
def test_owner_searches_on_disk(
    parts: list[list[Registration]], gone: set[int], asked: list[OwnerQuery]
) -> None:
    left = dict[str, Registration]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register"
        vehicle.Gallery().save(path)
        with vehicle.Gallery.open(path, mode="rw") as stored:
            for ids, items in zip(names(parts), parts, strict=True):
                stored.enrol(ids, items)
                left |= dict(zip(ids, items, strict=True))
            dead = [f"R{i:02}" for i in gone if f"R{i:02}" in left]
            stored.erase(dead)
            for name in dead:
                del left[name]
            check(stored, left, asked)
            stored.compact()
        with vehicle.Gallery.open(path) as stored:
            assert stored.verify().passed
            check(stored, left, asked)


def test_owner_searches_in_a_trie_of_several_levels() -> None:
    """Thousands of people, some with hundreds of cars, in segments of different sizes."""
    random, left = np.random.default_rng(7), dict[str, Registration]()
    gallery = vehicle.Gallery()
    for part, n in enumerate((6000, 1500)):
        items = []
        for _ in range(n):
            rank = int(random.pareto(0.6) * 10) % 3000
            one = Holder(f"N{rank}", "A", birth_date=f"19{rank % 90 + 10}-01-01")
            fleet = Holder(f"Fleet {rank % 3}")
            role = ("holders", "owners")[rank % 2]
            items.append(Registration("DE", f"A{len(items)}", **{role: [one, fleet]}))
        ids = [f"{part}-{i}" for i in range(n)]
        gallery.enrol(ids, items)
        left |= dict(zip(ids, items, strict=True))
    dead = random.choice(sorted(left), 700, replace=False).tolist()
    gallery.erase(dead)
    for name in dead:
        del left[name]
    asked = [
        OwnerQuery(f"N{rank}", "A", f"19{rank % 90 + 10}-01-01") for rank in (0, 1, 5, 70, 2999)
    ]
    asked += [OwnerQuery(legal_name=f"fleet {k}", role="owner") for k in range(4)]
    now = datetime.now(UTC)
    wanted = [oracle.search(left, query, now, True) for query in asked]
    assert max(map(len, wanted)) > 1000
    assert sum(map(bool, wanted)) >= 7
    for name in TIERS:
        with tier(name):
            assert [
                [(1, reference) for reference in one.reference_ids]
                for one in gallery.search_many(asked, threads=2)
            ] == wanted

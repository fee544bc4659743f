"""An erasure removes holders and owners completely: keys, branches and times.

Two registers differ only in the erased people. Their names are chosen so that the first symbols of
their keys are equal, because the place of a key among the others remains until a compaction.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import numpy as np
import pytest

from prum_match import vehicle
from prum_match.engine import Columns
from prum_match.vehicle import Holder, OwnerQuery, Registration
from prum_match.vehicle.numbers.alphabet import FILLER
from prum_match.vehicle.registrations.owners import Identity, fold_name, owner_keys

pytestmark = pytest.mark.native

N = 300
NAMES = [f"REF-{i:03d}" for i in range(N)]
GONE = (0, 63, 64, 100, 150, 299)
BORN = "1980-02-29"
# Symbols by which keys of 300 people are told apart in the test, so that all lie in one order.
TOLD_APART = 3


def key_of(name: str) -> bytes:
    identity = Identity(fold_name(name), "jan", BORN)
    return owner_keys([("holder", identity)])[0, :TOLD_APART].tobytes()


@pytest.fixture(scope="module")
def secrets() -> list[tuple[str, str]]:
    """Return pairs of names whose keys have the same beginning, different from all others."""
    taken = {key_of(f"Live {i}") for i in range(N)}
    pairs = list[tuple[str, str]]()
    first = dict[bytes, str]()
    for i in count():
        name = f"Gone {i:06d}"
        key = key_of(name)
        if key in taken:
            continue
        if key in first:
            pairs.append((first[key], name))
            taken.add(key)
            if len(pairs) == len(GONE):
                return pairs
        first[key] = name
    raise AssertionError


def register_of(secrets: list[tuple[str, str]], which: int) -> vehicle.Gallery:
    """One key is two people's: the branch has to stay for the one who lives."""
    items = []
    for i in range(N):
        name, days = f"Live {i}", 0
        if i in GONE:
            name, days = secrets[GONE.index(i)][which], which
        since = date(2020, 1, 1) + timedelta(days=days)
        holder = Holder(name, "Jan", birth_date=BORN, start=since)
        items.append(Registration("NL", f"A{i:03}", holders=[holder]))
    gallery = vehicle.Gallery()
    gallery.enrol(NAMES, items)
    return gallery


def owner_columns(gallery: vehicle.Gallery) -> Columns:
    (segment,) = gallery._core.segments()
    return {n: c.copy() for n, c in segment.columns.items() if n.startswith("owner.")}


@pytest.mark.parametrize("one_by_one", [False, True])
def test_no_byte_depends_on_the_erased(secrets: list[tuple[str, str]], one_by_one: bool) -> None:
    pair = [register_of(secrets, which) for which in (0, 1)]
    before = [owner_columns(gallery) for gallery in pair]
    differing = {name for name in before[0] if np.any(before[0][name] != before[1][name])}
    assert {"owner.codes", "owner.valid"} <= differing
    assert np.array_equal(before[0]["owner.rows"], before[1]["owner.rows"])
    gone = [NAMES[i] for i in GONE]
    for gallery in pair:
        for part in [[name] for name in gone] if one_by_one else [gone]:
            gallery.erase(part)
    for name, column in owner_columns(pair[0]).items():
        assert column.tobytes() == owner_columns(pair[1])[name].tobytes(), name


def test_only_the_erased_are_overwritten(secrets: list[tuple[str, str]]) -> None:
    gallery = register_of(secrets, 0)
    before = owner_columns(gallery)
    (segment,) = gallery._core.segments()
    gallery.erase([NAMES[i] for i in GONE])
    dead = np.array([not segment.is_live(int(row)) for row in before["owner.rows"]])
    assert dead.sum() == len(GONE)
    after = owner_columns(gallery)
    assert np.all(after["owner.valid"][dead] == 0)
    assert np.array_equal(after["owner.valid"][~dead], before["owner.valid"][~dead])
    assert np.count_nonzero(after["owner.codes"] != before["owner.codes"]) == 24 * len(GONE)
    changed = after["owner.nodes.symbols"] != before["owner.nodes.symbols"]
    assert np.all(after["owner.nodes.symbols"][changed] == FILLER)
    for i in range(N):
        name = secrets[GONE.index(i)][0] if i in GONE else f"Live {i}"
        found = gallery.search(OwnerQuery(name, "Jan", BORN)).reference_ids
        assert found == ([] if i in GONE else [NAMES[i]])


def test_registrations_that_share_a_branch_with_erased_ones_are_still_found() -> None:
    """One person with many cars: the key stays while one of them does."""
    holder = Holder("Vermeer", "Jan", birth_date=BORN)
    gallery, query = vehicle.Gallery(), OwnerQuery("Vermeer", "Jan", BORN)
    gallery.enrol(NAMES, [Registration("NL", f"A{i:03}", holders=[holder]) for i in range(N)])
    gallery.erase(NAMES[1:])
    assert gallery.search(query).reference_ids == NAMES[:1]
    gallery.erase(NAMES[:1])
    answer = gallery.search(query)
    assert (answer.reference_ids, answer.status) == ([], "not_found")

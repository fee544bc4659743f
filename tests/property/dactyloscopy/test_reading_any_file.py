"""Reading any file gives templates or an `InvalidInput`, in bounded work.

Work is counted in executed lines of Python and in bytes of memory, so the limits hold on every
machine. Both are linear in the size of the file.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import dactyloscopy
from prum_match.dactyloscopy.formats import Record, Transaction
from prum_match.dactyloscopy.formats.records.problems import MAX_PROBLEMS
from prum_match.dactyloscopy.template import MAX_MINUTIAE
from prum_match.errors import InvalidInput
from support.dactyloscopy.minutiae_records import EDITIONS, GOLDEN, SHARED, a_print
from support.dactyloscopy.nist import efs, transaction
from support.work import Work

ELSEWHERE = SHARED / "data" / "dactyloscopy" / "formats"
NAMES = [
    *sorted(path.name for path in GOLDEN.iterdir() if path.suffix not in (".json", ".md")),
    *("type3.an2k", "type4-slaps.an2k", "type9-15.an2k"),
    *(f"a001_0{finger}p.ist" for finger in range(3, 8)),
]
# The costliest input that was found takes 66 lines and 480 bytes for a byte of the file.
LINES, BYTES = 100, 700
LINES_OF_ANY, BYTES_OF_ANY = 3000, 100_000
STARTS = [
    b"",
    b"1.001:99\x1d",
    b"1.001:9\x1d1.003:1\x1f1\x1e9\x1f0\x1c9.001:9\x1d",
    *(b"FMR\0" + edition.EDITION.version for edition in EDITIONS.values()),
    *(edition.encode([a_print()])[:-20] for edition in EDITIONS.values()),
]


def read(data: bytes, *, strict: bool = False) -> Record | Transaction | InvalidInput:
    """Read in bounded work; the result is templates or an `InvalidInput`."""
    found: Record | Transaction | InvalidInput
    with Work() as work:
        try:
            found = dactyloscopy.read(data, strict=strict)
        except InvalidInput as error:
            found = error
    assert work.lines <= LINES_OF_ANY + LINES * len(data)
    assert work.peak <= BYTES_OF_ANY + BYTES * len(data)
    if not isinstance(found, InvalidInput):
        assert not (strict and found.problems)
        assert len(found.problems) + len(found.notes) <= MAX_PROBLEMS
        assert all(len(template) <= MAX_MINUTIAE for template in found)
    return found


def genuine(name: str) -> bytes:
    for folder in (GOLDEN, ELSEWHERE):
        if (folder / name).exists():
            return (folder / name).read_bytes()
    pytest.skip(f"{name}: not in this repository, kept beside it; set PRUM_SHARED")


@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300))
def test_any_bytes_are_read_in_bounded_work(start: bytes, rest: bytes) -> None:
    found = read(start + rest)
    strictly = read(start + rest, strict=True)
    if isinstance(found, InvalidInput):
        assert isinstance(strictly, InvalidInput)
    elif not found.problems:
        assert strictly == found


@pytest.mark.parametrize("name", NAMES)
def test_genuine_files_are_read_in_bounded_work(name: str) -> None:
    found = read(genuine(name))
    assert not isinstance(found, InvalidInput)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_files_are_read_in_bounded_work(name: str) -> None:
    data, chance = genuine(name), random.Random(name)
    outcomes = {isinstance(read(mutated(data, chance)), InvalidInput) for _ in range(60)}
    # Some are still readable, some are refused.
    assert outcomes == {True, False}


def mutated(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        end = len(found) if chance.random() < 0.3 else min(len(found), 300)
        at = chance.randrange(end)
        match chance.randrange(6):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                found[at] = chance.choice(b"\0\x01\x7f\x80\xff\x1c\x1d\x1e\x1f09.:")
            case 2:
                del found[at : at + chance.randint(1, 30)]
            case 3:
                found[at:at] = found[at : at + chance.randint(1, 300)]
            case 4:
                found[at : at + 4] = chance.randbytes(4)
            case _:
                del found[max(at, 20) :]
    return bytes(found)


def hostile() -> dict[str, bytes]:
    """Return files that are designed to be as expensive as possible."""
    iso = EDITIONS["iso19794_2_2011"].encode([a_print()])
    many = {"x": [1] * 255, "y": [1] * 255, "angle": [0] * 255, "type": None, "quality": None}
    old = EDITIONS["iso19794_2_2005"].encode([a_print(**many)])
    views = 500
    return {
        "records": transaction(*[b"2.001:9\x1d2.2:0\x1c"] * 900),
        "records without fields": transaction(*[b"9.1:\x1c"] * 900),
        "records without minutiae": transaction(*[b"9.1:0\x1d9.12:\x1c"] * 900),
        "images without a size": transaction(*[b"13.1:\x1c"] * 900),
        "fields": transaction(b"9.001:9\x1d" + b"9.4:\x1d" * 900 + b"\x1c"),
        "fields without a name": transaction(b"2.001:9" + b"\x1d" * 9000 + b"\x1c"),
        "minutiae without items": transaction(efs("\x1e" * 4000)),
        "minutiae without a direction": transaction(efs("\x1e".join(["1\x1f1"] * 3000))),
        "items": transaction(efs("\x1f" * 9000)),
        "positions": transaction(efs("1\x1f1\x1f1\x1fE", _302="\x1e" * 9000)),
        "contents": transaction(contents="1\x1f1" + "\x1e9\x1f00" * 900),
        "faults of minutiae": old[:28] + b"\xff" * (255 * 6) + b"\0\0",
        "views": iso[:12] + views.to_bytes(2, "big") + b"\0" + iso[15:] * views,
        "views without content": iso[:12] + b"\xff\xff\0" + b"\0\0\0\x01" * 9000,
        "blocks": old[:-2] + b"\x04\0" + b"\x01\0\0\x04" * 256,
        "a length that nothing has": b"1.001:9999999999\x1d13.999:" + bytes(5000),
    }


@pytest.mark.parametrize("name", hostile())
def test_hostile_files_are_read_in_bounded_work(name: str) -> None:
    data = hostile()[name]
    read(data)
    read(data, strict=True)


def test_the_work_counter_counts() -> None:
    with Work() as work:
        burn(1000)
    assert 2000 <= work.lines <= 2010
    assert 200_000 <= work.peak <= 600_000


def burn(times: int) -> bytes:
    held = b""
    for _ in range(times):
        held = bytes(200_000)
    return held

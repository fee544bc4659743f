"""Codes, bounds and inner products of embeddings: the same and right on every instruction set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles.face import codes as face_codes
from prum_match import _native
from support.dna import tier
from support.examples import examples
from support.face import FRESH, TIERS, Vector, vector

DIMENSIONS = (1, 7, 8, 63, 64, 65, 100, 128, 192, 512, 4096)


def drawn(d: int) -> Iterator[tuple[Vector, Vector | None]]:
    """Draw tables and means: all kinds, the ends of the range, and rows equal to the mean."""
    random = np.random.default_rng(d)
    n = 9 if d > 1000 else 37
    normal = random.standard_normal((n, d)).astype(np.float32)
    mixed = np.array([vector(FRESH[i % len(FRESH)], random, d, []) for i in range(n)])
    tiny = np.ldexp(normal, -90).astype(np.float32)
    huge = np.ldexp(normal / math.sqrt(d), 94).astype(np.float32)
    mean = random.standard_normal(d).astype(np.float32)
    about = mean + np.ldexp(normal, -random.integers(0, 30, (n, 1))).astype(np.float32)
    about[::3] = mean
    about[1::5] = mean
    about[1::5, 0] = np.nextafter(mean[0], np.float32(9))
    few = np.repeat(mean[None], n, axis=0)
    few[:, d // 2] += np.arange(n, dtype=np.float32)
    yield normal, None
    yield normal, mean
    yield mixed, None
    yield mixed, mean
    yield tiny, None
    yield tiny, mean
    yield huge, None
    yield huge, np.full(d, 2.0**60, np.float32)
    yield about.astype(np.float32), mean
    yield few, mean
    yield np.eye(min(n, d), d, dtype=np.float32), None
    yield np.full((n, d), np.float32(0.125)), None


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_codes_are_the_same_bytes_everywhere(d: int) -> None:
    for table, mean in drawn(d):
        made = []
        for name in TIERS:
            with tier(name):
                made.append([c.tobytes() for c in _native.face_encode(table, mean)])
        assert all(columns == made[0] for columns in made)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 32, 33])
def test_codes_do_not_depend_on_the_place_and_padding_is_zero(n: int) -> None:
    d = 100
    table = np.random.default_rng(n).standard_normal((n, d)).astype(np.float32)
    read = coded(table, None)
    rows = -(-n // 32) * 32
    high, low, coarse, fine = _native.face_encode(table, None)
    assert len(low) == len(high) == rows * face_codes.padded_dimension(d) // 2
    per_row = coarse.view(np.float32).reshape(-1, 3, 16).transpose(0, 2, 1).reshape(-1, 3)
    assert not per_row[n:].any()
    assert not fine.view(np.float32).reshape(-1, 4)[n:].any()
    for row in range(n):
        alone = coded(table[row : row + 1], None)
        assert np.array_equal(alone.coarse[0], read.coarse[row])
        assert np.array_equal(alone.fine[0], read.fine[row])
        assert (alone.coarse_error[0], alone.fine_norm[0]) == (
            read.coarse_error[row],
            read.fine_norm[row],
        )


# --- bounds -------------------------------------------------------------------------------------


def coded(table: Vector, mean: Vector | None) -> face_codes.Coded:
    high, low, coarse, fine = _native.face_encode(table, mean)
    n, d = table.shape
    return face_codes.read(high, low, coarse.view(np.float32), fine.view(np.float32), n, d)


def centred(table: Vector, mean: Vector | None) -> NDArray[np.float64]:
    exact = table.astype(np.float64)
    return exact if mean is None else exact - mean.astype(np.float64)


def norms(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(rows, axis=1))


def assert_sound(table: Vector, mean: Vector | None) -> face_codes.Coded:
    read, x = coded(table, mean), face_codes.rotated(centred(table, mean))
    assert (norms(x - read.coarse) <= read.coarse_error).all()
    assert (norms(x - read.fine) <= read.fine_error).all()
    assert (norms(read.coarse) <= read.coarse_norm).all()
    assert (norms(read.fine) <= read.fine_norm).all()
    tail = slice(face_codes.head_of(table.shape[1]), None)
    assert (norms((x - read.coarse)[:, tail]) <= read.tail_error).all()
    return read


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_stored_norms_bound_what_the_codes_leave_out(d: int) -> None:
    for table, mean in drawn(d):
        assert_sound(table, mean)


@pytest.mark.parametrize("d", [64, 100, 128, 192, 512, 4096])
@pytest.mark.parametrize("centre", [False, True])
def test_the_stored_norms_are_tight(d: int, centre: bool) -> None:
    """Otherwise slack would hide a wrong norm, and cost time unnoticed."""
    random = np.random.default_rng(d)
    table = random.standard_normal((64, d)).astype(np.float32)
    mean = random.standard_normal(d).astype(np.float32) if centre else None
    read, x = assert_sound(table, mean), face_codes.rotated(centred(table, mean))
    for stored, true in (
        (read.coarse_error, norms(x - read.coarse)),
        (read.fine_error, norms(x - read.fine)),
        (read.coarse_norm, norms(read.coarse)),
        (read.fine_norm, norms(read.fine)),
        (read.tail_error, norms((x - read.coarse)[:, face_codes.head_of(d) :])),
    ):
        assert (stored <= 1.01 * true).all()
    # Sixteen levels, or 256, over some six deviations; in few dimensions the clipped weigh more.
    assert (read.coarse_error < 0.2 * norms(x)).all()
    assert (read.fine_error < 0.03 * norms(x)).all()


def test_the_rotation_is_orthogonal_and_its_oracle_goes_back() -> None:
    for d in (64, 128, 192, 320, 512):
        back = face_codes.rotated_back(face_codes.rotated(np.eye(d)))
        assert np.allclose(back, np.eye(d), atol=1e-14)
        assert np.allclose(norms(face_codes.rotated(np.eye(d))), 1, atol=1e-14)


def test_a_vector_that_is_the_mean_is_coded_without_error() -> None:
    mean = np.random.default_rng(1).standard_normal(70).astype(np.float32)
    read = coded(mean[None], mean)
    for value in vars(read).values():
        assert not value.any()


@pytest.mark.parametrize("exponent", [-100, -120, -126, -127, -128, -140, -149])
def test_a_vector_may_be_as_near_to_the_mean_as_float32_allows(exponent: int) -> None:
    """The difference is a subnormal number whose reciprocal overflows."""
    mean = np.zeros(64, np.float32)
    mean[0] = 1
    table = np.repeat(mean[None], 2, axis=0)
    table[:, 5] = 2.0**exponent
    table[1, 6] = -(2.0**exponent)
    assert_sound(table, mean)


# --- inner products -----------------------------------------------------------------------------

Pair = tuple[Vector, Vector]


def _powers(random: np.random.Generator, n: int, low: int, high: int) -> Vector:
    mantissas = random.integers(2**23, 2**24, n) * random.choice([-1, 1], n)
    exponents = random.integers(low, high, n)
    return np.asarray(np.ldexp(mantissas.astype(np.float64), exponents - 23), np.float32)


def _shuffled(random: np.random.Generator, a: list[float], b: list[float], n: int) -> Pair:
    """Pad with zeros and permute, so that every lane meets every part."""
    places = random.permutation(n)[: len(a)]
    made = np.zeros((2, n), np.float32)
    made[0, places], made[1, places] = a, b
    assert made[0, places].tolist() == a
    assert made[1, places].tolist() == b
    return made[0], made[1]


def wide(random: np.random.Generator, n: int) -> Pair:
    return _powers(random, n, -149, 96), _powers(random, n, -149, 96)


def cancelling(random: np.random.Generator, n: int) -> Pair:
    """Return large products that cancel completely, with at most one small product left."""
    half = (n - 1) // 2
    a, b = _powers(random, half, -20, 90), _powers(random, half, -20, 90)
    tail = [float(_powers(random, 1, -149, -90)[0])] * (n - 2 * half)
    ones = [float(random.choice([0.0, 1.0, 2.0**-40]))] * (n - 2 * half)
    return _shuffled(random, [*a.tolist(), *a.tolist(), *tail], [*b, *(-b), *ones], n)


def nearly_cancelling(random: np.random.Generator, n: int) -> Pair:
    half = n // 2
    a, b = _powers(random, half, -3, 3), _powers(random, half, -3, 3)
    near = np.nextafter(b, random.choice(np.array([-99, 99], np.float32), half))
    return _shuffled(random, [*a.tolist(), *a.tolist()], [*b, *(-near)], 2 * half)


def zero(random: np.random.Generator, n: int) -> Pair:
    half = n // 2
    a, b = _powers(random, half, -149, 96), _powers(random, half, -149, 96)
    return _shuffled(random, [*a.tolist(), *b.tolist()], [*b, *(-a)], n)


def tied(random: np.random.Generator, n: int) -> Pair:
    """Return a sum half a unit from a double, or off by less than a compensated sum detects."""
    scale = float(2.0 ** int(random.integers(-40, 40)))
    sign = float(random.choice([-1, 1]))
    odd = 1 + 2.0**-23 * float(random.integers(0, 4))
    a = [odd * scale, 2.0**-23 * scale, sign * scale * 2.0**-53]
    b = [1.0, 2.0**-29 * float(random.integers(0, 4)), 1.0]
    off = int(random.integers(0, 3))
    if off and n > 3:
        a.append(float(off * 2 - 3) * 2.0 ** int(random.integers(-149, -80)))
        b.append(2.0 ** int(random.integers(-60, -10)))
    great = scale * 2.0 ** int(random.integers(0, 30))
    while len(a) + 2 <= n and len(a) < 40:
        a += [great, -great]
        b += [1.0, 1.0]
    return _shuffled(random, a, b, n)


def subnormal(random: np.random.Generator, n: int) -> Pair:
    made = random.integers(-(2**22), 2**22, (2, n)).astype(np.float64)
    a, b = np.ldexp(made, -149).astype(np.float32)
    return a, b


def ordinary(random: np.random.Generator, n: int) -> Pair:
    a, b = random.standard_normal((2, n)).astype(np.float32)
    return a, b


def assert_exact(a: Vector, b: Vector) -> None:
    wanted = math.fsum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True))
    for name in TIERS:
        with tier(name):
            found = _native.face_inner_product(a, b)
        # By bits: neither a last place nor a sign of zero.
        assert found.hex() == wanted.hex(), (name, len(a))


MAKERS: tuple[Callable[[np.random.Generator, int], Pair], ...] = (
    wide,
    cancelling,
    nearly_cancelling,
    zero,
    tied,
    subnormal,
    ordinary,
)


@pytest.mark.parametrize("make", MAKERS)
def test_inner_products_are_rounded_once(make: Callable[[np.random.Generator, int], Pair]) -> None:
    random = np.random.default_rng(2)
    for n in (3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 511, 512):
        for _ in range(40 if n < 200 else 12):
            assert_exact(*make(random, n))
    for n in (4095, 4096):
        for _ in range(3):
            assert_exact(*make(random, n))


def test_sums_with_the_widest_range_of_exponents() -> None:
    """This needs the largest number of partial sums: they never overlap."""
    exponents = np.arange(-149, 97)
    a = np.ldexp(1.0, np.repeat(exponents, 2)).astype(np.float32)
    b = np.ldexp(1.0, np.repeat(exponents, 2) + np.tile([0, -1], len(exponents)))
    with np.errstate(under="ignore"):
        b = b.astype(np.float32)
    for signs in (np.ones(len(a)), np.resize([1, -1], len(a)), np.resize([1, 1, -1], len(a))):
        for turn in (slice(None), slice(None, None, -1)):
            assert_exact((a * signs).astype(np.float32)[turn].copy(), b[turn].copy())


floats = st.builds(
    lambda mantissa, exponent: math.ldexp(mantissa, exponent),
    st.integers(-(2**24) + 1, 2**24 - 1),
    st.integers(-149, 72),
)
near_floats = st.builds(math.ldexp, st.integers(-3, 3), st.integers(-60, 3))


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(st.tuples(floats, floats) | st.tuples(near_floats, near_floats), min_size=1),
    st.integers(0, 3),
)
def test_inner_products_of_anything(drawn: list[tuple[float, float]], negated: int) -> None:
    """Also with most terms repeated negatively in another order."""
    again = [(-b, a) for a, b in drawn[negated:]]
    np.random.default_rng(len(drawn)).shuffle(again)
    pairs = [*drawn, *again] if negated else drawn
    a, b = np.array(pairs, np.float64).T
    assert_exact(a.astype(np.float32), b.astype(np.float32))


def test_a_single_product_at_both_ends() -> None:
    least, greatest = np.float32(2.0**-149), np.float32(2.0**96)
    for a in (least, greatest, np.float32(0), np.float32(-1)):
        for b in (least, greatest, np.float32(1 + 2**-23)):
            assert_exact(np.array([a]), np.array([b]))

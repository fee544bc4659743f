"""Simulated registers of 32 countries, and what is asked of them.

Series letters and digits are independent and even, as are the districts of a country. Real series
are issued in order: plates of one country are nearer to each other than here. Nobody's plate was
looked up; some will be on the road by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.vehicle.formats import COUNTRIES, DIGITS, LATIN, Country

WIDTH = 10
ROUNDS = 20

_SYMBOLS = DIGITS + LATIN + "ÄÖÜČŠŽ"
# Code 0 is the end of a plate: packed, the texts of all lengths are different numbers.
_CODE = {symbol: code for code, symbol in enumerate(_SYMBOLS, 1)}
_CHARACTER = np.array([0, *map(ord, _SYMBOLS)], np.uint32)
_BITS = 6

Texts = NDArray[np.str_]
Packed = NDArray[np.uint64]


def synthetic_plates(n: int, seed: int) -> tuple[Texts, Texts]:
    """Draw a register.

    The number of each country's plates follows its fleet. The order is random: the first rows are
    a register as well.

    Parameters
    ----------
    n : int
        Plates.
    seed : int
        Equal seeds give equal registers.

    Returns
    -------
    countries : numpy.ndarray of str
        ISO 3166-1 alpha-2.
    plates : numpy.ndarray of str
        Without separators. No country has one twice, unless its forms are used up.
    """
    random = np.random.default_rng(seed)
    fleets = np.array([country.fleet for country in COUNTRIES.values()])
    shares = random.multinomial(n, fleets / fleets.sum())
    drawn = [
        _distinct(country, count, random)
        for country, count in zip(COUNTRIES.values(), shares, strict=True)
    ]
    order = random.permutation(n)
    country_of = np.repeat(np.arange(len(COUNTRIES), dtype=np.uint8), shares)[order]
    return np.array(list(COUNTRIES))[country_of], _texts(np.concatenate(drawn)[order])


def _distinct(country: Country, n: int, random: np.random.Generator) -> Packed:
    plates = np.empty(0, np.uint64)
    for _ in range(ROUNDS):
        plates = np.concatenate([plates, _draw(country, n - len(plates), random)])
        # np.unique goes by a hash table, which makes the whole take six times as long.
        plates.sort()
        plates = plates[np.append(True, plates[1:] != plates[:-1])[: len(plates)]]
        if len(plates) == n:
            break
    else:
        plates = np.concatenate([plates, _draw(country, n - len(plates), random)])
    return plates


def _draw(country: Country, n: int, random: np.random.Generator) -> Packed:
    """Draw plates of all forms; a form with districts is one for each length of theirs."""
    parts = list(_parts(country))
    weights = np.array([weight for weight, _, _ in parts])
    counts = random.multinomial(n, weights / weights.sum())
    return np.concatenate(
        [
            _fill(form, districts, country.letters, int(count), random)
            for (_, form, districts), count in zip(parts, counts, strict=True)
        ]
    )


def _parts(country: Country) -> Iterator[tuple[float, str, list[str]]]:
    for form, weight in country.forms.items():
        if "d" not in form:
            yield weight, form, []
            continue
        for length in sorted({len(word) for word in country.districts}):
            words = [word for word in country.districts if len(word) == length]
            yield weight * len(words) / len(country.districts), form, words


def _fill(
    form: str, districts: Sequence[str], letters: str, n: int, random: np.random.Generator
) -> Packed:
    classes = {"9": DIGITS, "1": DIGITS[1:], "A": letters, "h": "12"}
    plates: Packed = np.zeros(n, np.uint64)
    place = 0
    for symbol in form:
        words = districts if symbol == "d" else list(classes.get(symbol, symbol))
        packed = np.array([_pack(word) for word in words], np.uint64)
        chosen = random.integers(len(words), size=n, dtype=np.uint16)
        plates |= packed[chosen] << np.uint64(place)
        place += _BITS * len(words[0])
    return plates


def _pack(text: str) -> int:
    return sum(_CODE[symbol] << (_BITS * place) for place, symbol in enumerate(text))


def _texts(plates: Packed) -> Texts:
    characters = np.empty((len(plates), WIDTH), np.uint32)
    for place in range(WIDTH):
        codes = (plates >> np.uint64(_BITS * place)) & np.uint64((1 << _BITS) - 1)
        characters[:, place] = _CHARACTER[codes.astype(np.uint8)]
    return characters.view(f"U{WIDTH}").reshape(-1)


@dataclass(frozen=True)
class Queries:
    """Texts to search with, and the row of the register that each was made from."""

    texts: list[str]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)

    def first(self, count: int) -> Queries:
        return Queries(self.texts[:count], self.rows[:count])


def noisy(plates: Texts, count: int, seed: int, most: int = 2) -> Queries:
    """Draw plates with none to `most` random errors: substitutions, insertions and deletions."""
    random = np.random.default_rng(seed)
    rows = random.integers(len(plates), size=count)
    texts = []
    for row in rows:
        text = str(plates[row])
        for _ in range(random.integers(most + 1)):
            text = _with_error(text, random)
        texts.append(text)
    return Queries(texts, rows)


def _with_error(text: str, random: np.random.Generator) -> str:
    symbol = str(random.choice(list(DIGITS + LATIN)))
    kind = random.integers(3)
    place = int(random.integers(len(text) + (kind == 1)))
    if kind == 0:
        return text[:place] + symbol + text[place + 1 :]
    if kind == 1:
        return text[:place] + symbol + text[place:]
    # A plate of one symbol keeps it.
    return text[:place] + text[place + 1 :] or text


# What a general OCR engine takes for each other on plates, the most frequent pairs first.
_CONFUSED = (
    *("0O", "8B", "6G", "5S", "1I", "7T", "2Z", "0G", "MN"),
    *("1T", "4A", "39", "KX", "HW", "59", "3J", "7Z", "1L"),
)
_BESIDE = "EBHI1"
_MISREAD, _BAND, _LOST = 0.12, 0.25, 0.04


def misreads(plates: Texts, count: int, seed: int) -> Queries:
    """Draw plates as cameras misread them.

    Look-alikes for each other, the band of the EU before the first symbol read as a letter, and
    symbols overlooked.
    """
    random = np.random.default_rng(seed)
    rows = random.integers(len(plates), size=count)
    alike: dict[str, list[str]] = {}
    for pair in _CONFUSED:
        alike.setdefault(pair[0], []).append(pair[1])
        alike.setdefault(pair[1], []).append(pair[0])
    return Queries([_misread(str(plates[row]), alike, random) for row in rows], rows)


def _misread(text: str, alike: dict[str, list[str]], random: np.random.Generator) -> str:
    read = "" if random.random() > _BAND else str(random.choice(list(_BESIDE)))
    for symbol in text:
        if random.random() < _LOST:
            continue
        taken_for = alike.get(symbol)
        if taken_for and random.random() < _MISREAD:
            symbol = str(random.choice(taken_for))
        read += symbol
    return read or text

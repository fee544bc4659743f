"""Simulated DNA databases: independent loci, NIST 1036 frequencies, mixed kits, partial profiles.

Synthetic people only, and no relatives or population structure beyond planted copies: real
candidate counts are higher.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import reference_id

# 24 loci: the 12 of the European Standard Set and the twelve that most kits add.
LOCI = (
    *("SE33", "D1S1656", "PentaE", "D12S391", "D2S1338", "D18S51", "FGA", "D21S11"),
    *("D19S433", "D8S1179", "VWA", "PentaD", "D7S820", "D13S317", "TH01", "D16S539"),
    *("D2S441", "D10S1248", "D3S1358", "D22S1045", "CSF1PO", "D5S818", "TPOX", "F13B"),
)
SGM_PLUS = (
    *("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51"),
    *("D16S539", "D2S1338", "D19S433"),
)
ESX_17 = (*SGM_PLUS, "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045", "SE33")
FUSION = tuple(name for name in LOCI if name not in ("SE33", "F13B"))
KITS = ((SGM_PLUS, 0.20), (ESX_17, 0.45), (FUSION, 0.30), (LOCI, 0.05))

NOT_TYPED, WILDCARD = 0, -1
COPIES = ("exact", "one allele changed", "a wildcard", "40 % of loci dropped")

# Frequencies are drawn in steps of one in 65,536; the rarest allele of NIST 1036 has 1 in 2,072.
_STEPS = 1 << 16
_DROPPED = 0.4


@dataclass(frozen=True)
class Database:
    """Alleles in tenths of a repeat, shape (n, 24, 2); 0 not typed, -1 wildcard."""

    alleles: NDArray[np.int16]

    @property
    def reference_ids(self) -> list[str]:
        return [reference_id(row) for row in range(len(self.alleles))]


@dataclass(frozen=True)
class Probes:
    """Profiles to search with, and where copies of them were put into the database.

    Attributes
    ----------
    alleles : numpy.ndarray of int16, shape (probes, 24, 2)
        As in :class:`Database`.
    rows : numpy.ndarray of int64, shape (probes, 4)
        Rows of the database that hold the copies, in the order of `COPIES`.
    """

    alleles: NDArray[np.int16]
    rows: NDArray[np.int64]


@cache
def allele_frequencies() -> dict[str, tuple[NDArray[np.int16], NDArray[np.float64]]]:
    """Alleles in tenths and their frequencies per locus, all NIST 1036 populations."""
    table: dict[str, list[tuple[int, float]]] = {}
    text = (files("prum_match.samples") / "nist1036_freqs.csv").read_text("utf-8")
    names = {"F13A01": "F13A1", "FESFPS": "FES", "vWA": "VWA"}
    for row in csv.DictReader(text.splitlines()):
        if row["population"] != "ALL":
            continue
        name = names.get(row["locus"], row["locus"].replace(" ", ""))
        table.setdefault(name, []).append(
            (round(float(row["allele"]) * 10), float(row["frequency"]))
        )
    return {
        name: (
            np.array([a for a, _ in pairs], np.int16),
            np.array([p for _, p in pairs]) / sum(p for _, p in pairs),
        )
        for name, pairs in table.items()
    }


@cache
def _alleles_by_step(name: str) -> NDArray[np.int16]:
    values, frequencies = allele_frequencies()[name]
    cumulative = np.cumsum(frequencies)
    steps = (np.arange(_STEPS) + 0.5) / _STEPS * cumulative[-1]
    place = np.minimum(np.searchsorted(cumulative, steps), len(values) - 1)
    by_step: NDArray[np.int16] = values[place]
    return by_step


def simulate(
    n: int,
    *,
    seed: int,
    mixed_kits: bool = True,
    partial: float = 0.10,
    wildcards: float = 0.02,
) -> Database:
    """Draw a database.

    Parameters
    ----------
    n : int
        Profiles.
    seed : int
        Equal seeds give equal databases.
    mixed_kits : bool
        Whether each profile is typed with one of four kits; otherwise at all 24 loci.
    partial : float
        Share of the profiles that lose each locus with p = 0.3.
    wildcards : float
        Share of the profiles that are to have a wildcard, at a locus of any kit.
    """
    random = np.random.default_rng(seed)
    alleles = np.zeros((n, len(LOCI), 2), np.int16)
    for column, name in enumerate(LOCI):
        steps = random.integers(0, _STEPS, (n, 2), np.uint16)
        alleles[:, column, :] = _alleles_by_step(name)[steps]
    if mixed_kits:
        kit = random.choice(len(KITS), n, p=[share for _, share in KITS])
        typed = np.array([[name in loci for name in LOCI] for loci, _ in KITS])
        for index in range(len(KITS)):
            alleles[np.ix_(kit == index, ~typed[index])] = NOT_TYPED
    incomplete = np.flatnonzero(random.random(n) < partial)
    lost = random.random((len(incomplete), len(LOCI))) < 0.3
    rows, columns = np.nonzero(lost)
    alleles[incomplete[rows], columns] = NOT_TYPED
    wild = np.flatnonzero(random.random(n) < wildcards)
    column_of = random.integers(0, len(LOCI), len(wild))
    typed_there = alleles[wild, column_of, 0] > 0
    alleles[wild[typed_there], column_of[typed_there], 1] = WILDCARD
    return Database(alleles)


def plant(database: Database, count: int, *, seed: int) -> Probes:
    """Draw probes and overwrite rows of the database with four copies of each.

    The copies are those of `COPIES`: the probe itself, one allele of it changed, one of its
    alleles a wildcard, and 40 % of its loci dropped.
    """
    random = np.random.default_rng(seed)
    probes = simulate(count, seed=seed).alleles
    rows = random.choice(len(database.alleles), (count, len(COPIES)), replace=False)
    for probe, places in zip(probes, rows, strict=True):
        for place, change in zip(places, _CHANGES, strict=True):
            database.alleles[place] = change(probe, random)
    return Probes(probes, rows.astype(np.int64))


def _exact(probe: NDArray[np.int16], random: np.random.Generator) -> NDArray[np.int16]:
    return probe.copy()


def _one_allele_changed(probe: NDArray[np.int16], random: np.random.Generator) -> NDArray[np.int16]:
    copy = probe.copy()
    column = random.choice(np.flatnonzero(probe[:, 0] > 0))
    values, _ = allele_frequencies()[LOCI[column]]
    copy[column, 0] = random.choice(values[~np.isin(values, probe[column])])
    return copy


def _a_wildcard(probe: NDArray[np.int16], random: np.random.Generator) -> NDArray[np.int16]:
    copy = probe.copy()
    copy[random.choice(np.flatnonzero(probe[:, 0] > 0)), 1] = WILDCARD
    return copy


def _loci_dropped(probe: NDArray[np.int16], random: np.random.Generator) -> NDArray[np.int16]:
    copy = probe.copy()
    typed = np.flatnonzero(probe[:, 0] > 0)
    copy[random.choice(typed, round(_DROPPED * len(typed)), replace=False)] = NOT_TYPED
    return copy


_CHANGES: tuple[Callable[[NDArray[np.int16], np.random.Generator], NDArray[np.int16]], ...] = (
    _exact,
    _one_allele_changed,
    _a_wildcard,
    _loci_dropped,
)

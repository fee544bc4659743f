"""Simulated DNA databases: independent loci, NIST 1036 frequencies, mixed kits, partial profiles.

Synthetic people only, and no relatives or population structure beyond planted copies: real
candidate counts are higher.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Database:
    """Alleles in tenths of a repeat, shape (n, 24, 2); 0 not typed, -1 wildcard."""

    alleles: NDArray[np.int16]

    @property
    def reference_ids(self) -> list[str]:
        return [f"R{i:09d}" for i in range(len(self.alleles))]


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


def simulate(n: int, *, seed: int, mixed_kits: bool = True) -> Database:
    """Draw a database: 10 % of the profiles partial (each locus lost with p = 0.3), 2 % with a
    wildcard; with `mixed_kits` each profile is typed with one of four kits."""
    random = np.random.default_rng(seed)
    alleles = np.zeros((n, len(LOCI), 2), np.int16)
    for column, name in enumerate(LOCI):
        values, frequencies = allele_frequencies()[name]
        cumulative = np.cumsum(frequencies)
        drawn = np.searchsorted(cumulative, random.random((n, 2)) * cumulative[-1], side="right")
        alleles[:, column, :] = values[np.minimum(drawn, len(values) - 1)]
    if mixed_kits:
        kit = random.choice(len(KITS), n, p=[share for _, share in KITS])
        typed = np.array([[name in loci for name in LOCI] for loci, _ in KITS])
        alleles[~typed[kit]] = 0
    partial = np.flatnonzero(random.random(n) < 0.10)
    lost = random.random((len(partial), len(LOCI))) < 0.3
    rows, columns = np.nonzero(lost)
    alleles[partial[rows], columns] = 0
    wild = np.flatnonzero(random.random(n) < 0.02)
    column = random.integers(0, len(LOCI), len(wild))
    typed_there = alleles[wild, column, 0] > 0
    alleles[wild[typed_there], column[typed_there], 1] = -1
    return Database(alleles)

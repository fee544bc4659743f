"""DNAtools (R, GPL): `dbCompare` on one thread, in a process of its own; the start of R and the
reading of the data are not counted."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dna.all_pairs import PairsCase, answer, pairs
from benchmarks.dna.data import LOCI
from benchmarks.task import Pass, Quoted

NAME = "DNAtools dbCompare"
QUOTED = Quoted(
    4.16,
    "DNAtools 0.2-5, one thread, 24 loci, 10,000 profiles of another generator, R 4.5.0, one run "
    "on an AMD Zen 4 machine",
)
SCRIPT = Path(__file__).with_name("dnatools.R")


@cache
def missing() -> str | None:
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    command = ["Rscript", "-e", "library(DNAtools)"]
    found = subprocess.run(command, capture_output=True, check=False)
    if found.returncode == 0:
        return None
    return "DNAtools, a package of R, is not installed or cannot be loaded"


def load(case: PairsCase) -> Pass:
    n = case.subset
    # Tenths of a repeat as whole numbers: only equality counts.
    alleles = np.sort(case.database.alleles[:n], axis=2).reshape(n, -1)
    share = pairs(n) / pairs(len(case.database.alleles))
    how = "in full" if share == 1 else f"all pairs of the first {n:,} profiles, scaled"

    def run() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "profiles.csv"
            names = [f"{name}_{i}" for name in LOCI for i in (1, 2)]
            head = ",".join(names)
            np.savetxt(table, alleles, fmt="%d", delimiter=",", header=head, comments="")
            command = ["Rscript", "--vanilla", str(SCRIPT), str(table)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"Rscript: {done.stderr.strip()[-500:]}")
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return Pass(
        run,
        lambda result: answer(case, n, np.array(result["matrix"], np.int64)),
        share,
        how,
        measure=lambda result: float(result["seconds"]),
        detail=lambda result: {"version": result["version"]},
    )

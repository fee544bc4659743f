"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import prum_match

BANDWIDTH_HOW = (
    "one thread, numpy.sum and numpy.max of an int64 array of {mib} MiB, the fastest of {passes} "
    "passes of each"
)


@dataclass(frozen=True)
class Machine:
    """Facts about machine and software; `bandwidth` in bytes a second."""

    cpu: str
    architecture: str
    cores: int
    usable_cores: int
    caches: dict[str, str]
    memory_bytes: int
    huge_pages: str
    kernel: str
    python: str
    numpy: str
    prum_match: str
    commit: str | None
    tiers: list[str]
    active_tier: str
    bandwidth: float
    bandwidth_how: str
    load: tuple[float, float, float]

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the facts for the head of the report."""
        load = " ".join(f"{x:.2f}" for x in self.load)
        caches = ", ".join(f"{name} {size}" for name, size in self.caches.items()) or "unknown"
        return [
            f"{self.cpu}, {self.cores} cores ({self.usable_cores} usable), caches {caches}, "
            f"{self.memory_bytes / 2**30:.0f} GiB, huge pages {self.huge_pages}",
            f"prum_match {self.prum_match} ({self.commit or 'no commit known'}), instruction sets "
            f"{' '.join(self.tiers)}, in use: {self.active_tier}",
            f"Python {self.python}, NumPy {self.numpy}, {self.kernel}, load {load}",
            f"memory reads {self.bandwidth / 1e9:.1f} GB/s ({self.bandwidth_how})",
        ]


def describe(*, quick: bool) -> Machine:
    """Ask the machine, and measure how fast one thread reads memory."""
    mib, passes = (256, 3) if quick else (1024, 7)
    return Machine(
        cpu=_cpu_model(),
        architecture=platform.machine(),
        cores=os.cpu_count() or 1,
        usable_cores=_usable_cores(),
        caches=_caches(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        huge_pages=_chosen(_text("/sys/kernel/mm/transparent_hugepage/enabled")),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        numpy=np.__version__,
        prum_match=prum_match.__version__,
        commit=_commit(),
        tiers=list(prum_match.cpu_tiers()),
        active_tier=prum_match.active_tier(),
        bandwidth=_bandwidth(mib, passes),
        bandwidth_how=BANDWIDTH_HOW.format(mib=mib, passes=passes),
        load=os.getloadavg(),
    )


def _bandwidth(mib: int, passes: int) -> float:
    array = np.ones(mib << 17, np.int64)
    best = float("inf")
    reductions: list[Callable[[], object]] = [array.sum, array.max]
    for reduce in reductions * passes:
        start = time.perf_counter()
        reduce()
        best = min(best, time.perf_counter() - start)
    return array.nbytes / best


def _usable_cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _cpu_model() -> str:
    for line in _text("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _caches() -> dict[str, str]:
    caches = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = {"Data": "d", "Instruction": "i"}.get(_text(index / "type").strip(), "")
        if kind != "i":
            caches[f"L{_text(index / 'level').strip()}{kind}"] = _text(index / "size").strip()
    return caches


def _chosen(options: str) -> str:
    return options.partition("[")[2].partition("]")[0] or "unknown"


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""


def _commit() -> str | None:
    """Return the commit of the repository that the package lies in, marked if changed since."""
    folder = str(Path(prum_match.__file__).parent)
    command = ["git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None

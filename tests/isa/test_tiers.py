"""The instruction sets: available ones, the selected one, and their separation."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import prum_match
from prum_match import _native
from prum_match.errors import InvalidInput

REPOSITORY = Path(__file__).resolve().parents[2]
FASTEST_FIRST = ["avx512", "avx2", "portable"]
X86 = platform.machine() in ("x86_64", "AMD64")


def cpu_flags() -> set[str]:
    text = Path("/proc/cpuinfo").read_text("utf-8")
    return set(next(line for line in text.splitlines() if line.startswith("flags")).split())


def test_tiers_are_named_fastest_first_and_end_with_the_portable_one() -> None:
    tiers = prum_match.cpu_tiers()
    assert tiers == [name for name in FASTEST_FIRST if name in tiers]
    assert tiers[-1] == "portable"
    assert len(tiers) == 1 or X86


@pytest.mark.skipif(
    not X86 or not Path("/proc/cpuinfo").exists(), reason="asks the kernel about an x86 processor"
)
def test_tiers_are_those_that_the_processor_has() -> None:
    flags = cpu_flags()
    wanted = ["portable"]
    if "avx2" in flags:
        wanted.insert(0, "avx2")
    if {"avx512f", "avx512bw", "avx512vl", "avx512vbmi"} <= flags:
        wanted.insert(0, "avx512")
    assert prum_match.cpu_tiers() == wanted


SEARCH = """
import prum_match
from prum_match import dna
profile = dna.Profile({name: (12, 13) for name in dna.ESS_7})
near = dna.Profile({**{name: (12, 13) for name in dna.ESS_7}, "FGA": (12, 14)})
gallery = dna.Gallery()
gallery.enrol([f"R{i}" for i in range(300)], [profile, near, dna.Profile({})] * 100)
answer = gallery.search(profile)
assert len(answer) == 200 and answer.grades.tolist() == [1] * 100 + [4] * 100
assert dna.match_matrix(gallery)[7, 0] == 2 * (100 * 99 // 2)
print(prum_match.active_tier())
"""


def run(script: str, tier: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PRUM_MATCH_ISA"}
    if tier is not None:
        environment["PRUM_MATCH_ISA"] = tier
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("tier", [*prum_match.cpu_tiers(), "", None])
def test_the_environment_names_the_tier(tier: str | None) -> None:
    ended = run(SEARCH, tier)
    assert ended.returncode == 0, ended.stderr
    # Nothing named: the fastest.
    assert ended.stdout.strip() == (tier or prum_match.cpu_tiers()[0])


UNAVAILABLE = [name for name in FASTEST_FIRST if name not in prum_match.cpu_tiers()]

REFUSED = """
import prum_match
from prum_match import dna
from prum_match.errors import InvalidInput
profile = dna.Profile({name: (12, 13) for name in dna.ESS_7})
gallery = dna.Gallery()
gallery.enrol(["R"], [profile])
calls = {
    "active_tier": prum_match.active_tier,
    "search": lambda: gallery.search(profile),
    "search_many": lambda: gallery.search_many([profile]),
    "empty": lambda: dna.Gallery().search(profile),
    "join": lambda: list(gallery.join(gallery)),
    "match_matrix": lambda: dna.match_matrix([profile, profile]),
}
for name, call in calls.items():
    try:
        call()
    except InvalidInput as error:
        assert error.code == "unknown_tier", name
        assert "avx1024" not in str(error)
    else:
        raise AssertionError(name)
assert prum_match.cpu_tiers()
print("refused")
"""


@pytest.mark.parametrize("tier", ["avx1024", "AVX2", "portable ", *UNAVAILABLE])
def test_an_unknown_tier_is_refused(tier: str) -> None:
    ended = run(REFUSED, tier)
    assert ended.returncode == 0, ended.stderr or f"signal {-ended.returncode}"
    assert ended.stdout.strip() == "refused"


@pytest.mark.parametrize("tier", ["", "avx1024", *UNAVAILABLE])
def test_use_tier_refuses_the_unknown(tier: str) -> None:
    before = prum_match.active_tier()
    with pytest.raises(InvalidInput) as caught:
        _native.use_tier(tier)
    assert caught.value.code == "unknown_tier"
    assert prum_match.active_tier() == before


# --- what is compiled ---------------------------------------------------------------------------


def archives() -> list[Path]:
    # Instrumented builds lie deeper, and what instruments them leaves weak symbols of its own.
    return sorted((REPOSITORY / "build").glob("temp.*/libprum_*.a"))


@pytest.mark.skipif(shutil.which("nm") is None, reason="nm is not installed")
@pytest.mark.skipif(not archives(), reason="the static libraries are not kept: no build folder")
@pytest.mark.parametrize("archive", archives(), ids=lambda path: path.stem)
def test_tiers_export_no_shared_symbols(archive: Path) -> None:
    """A weak symbol of the widest object could replace the same symbol of all others."""
    listing = subprocess.run(
        ["nm", "-C", str(archive)], capture_output=True, text=True, check=True
    ).stdout
    symbols = [line.split(maxsplit=2) for line in listing.splitlines() if " " in line.strip()]
    kinds = {parts[-1]: parts[-2] for parts in symbols}
    weak = {name for name, kind in kinds.items() if kind in "WVu"}
    assert weak == set()
    # One function is the library's own; all else is local to it.
    tier = archive.stem.removeprefix("libprum_")
    own = {name for name, kind in kinds.items() if kind in "TDBR"}
    assert own == {f"prum::kernels_{tier}()"}


# --- threads ------------------------------------------------------------------------------------


def test_set_threads() -> None:
    assert _native.usable_threads() >= 1
    prum_match.set_threads(3)
    assert _native.usable_threads() == 3
    prum_match.set_threads(None)
    assert _native.usable_threads() == len(os.sched_getaffinity(0))
    for bad in (0, -1, 1025, True, 2.0, "2"):
        with pytest.raises(InvalidInput) as caught:
            prum_match.set_threads(bad)  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.field) == ("bad_limit", "threads")

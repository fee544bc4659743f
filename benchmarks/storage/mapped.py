"""How a mapped gallery is held against one in memory, and with what pages the kernel maps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.storage.room import Room
from benchmarks.task import Must, Pass, Rows

IN_MEMORY = "prum_match in memory"
HUGE, SMALL = 0.9, 0.65

MAPS = Path("/proc/self/smaps")
FIGURES = ("Size", "Rss", "FilePmdMapped")


def pages(folder: Path, maps: str) -> dict[str, int]:
    """Return bytes by figure, of all maps of files in a folder, by a text like that of ``smaps``.

    `FilePmdMapped` is what the kernel maps with huge pages.
    """
    found = dict.fromkeys(FIGURES, 0)
    inside = False
    for line in maps.splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            inside = f"{folder}/" in line
        elif inside and first[:-1] in found:
            found[first[:-1]] += int(rest[0]) << 10
    return found


def pages_now(folder: Path) -> dict[str, int]:
    """Return the same of this process now."""
    return pages(folder, MAPS.read_text("utf-8"))


def with_pages(prepared: Pass, room: Room) -> Pass:
    """Add to the figures of a pass how the files are mapped, and where they are."""
    before = prepared.detail

    def detail(result: Any) -> Mapping[str, object]:
        figures = before(result) if before is not None else {}
        return {**figures, "bytes_of_maps": pages_now(room.path), **room.facts}

    return replace(prepared, how="mapped", detail=detail)


def must(rows: Rows, maps: Mapping[str, int]) -> Must:
    """Ask for more where most of what is resident is mapped with huge pages."""
    huge = maps["FilePmdMapped"] * 2 > maps["Rss"]
    floor, size = (HUGE, "huge") if huge else (SMALL, "small")
    text = f">= {floor:g}x the speed in memory, as the kernel maps these files with {size} pages"
    return Must.at_least(text, rows[IN_MEMORY].times_ours, floor, "x")


def title(of_memory: str) -> str:
    """Describe a search that the title of another task describes in memory."""
    return f"{of_memory}; the gallery on disk, one segment, mapped, files in the page cache"

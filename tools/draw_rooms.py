"""Draw the packages of the library and what they import: docs/explanation/rooms.svg.

The picture is made from the code: a row holds packages whose longest chain of imports is equally
long, a box the rooms (folders) of a package with their number of files, an arrow an import. Arrows
that follow from others are left out. `--check` says whether the committed picture is of this code.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "prum_match"
PICTURE = ROOT / "docs" / "explanation" / "rooms.svg"
NATIVE = "csrc"

WIDTH, GAP, ROW_GAP, LINE, HEAD = 168, 18, 46, 15, 24
STYLE = """
  text { font: 11px sans-serif; fill: #1f2328 } .name { font-weight: bold; font-size: 13px }
  rect { fill: #eef3fa; stroke: #5b7aa5 } path { fill: none; stroke: #8a99ad }
"""


def imports_of(file: Path) -> set[str]:
    """Return the packages that a file imports, those for type checkers alone included."""
    found = set()
    if file.suffix == ".pyx":
        words = file.read_text("utf-8").split()
        return {word.split(".")[1] for word in words if word.startswith("prum_match.")}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prum_match."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "prum_match":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names = (alias.name.split(".") for alias in node.names)
            found |= {parts[1] for parts in names if parts[0] == "prum_match" and len(parts) > 1}
    return found


def packages() -> dict[str, set[str]]:
    """Return the packages of the library, and what each imports; native code is one of them."""
    names = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    names |= {path.stem for path in SOURCE.glob("[!_]*.py")}
    graph = {}
    for name in names:
        place = SOURCE / name
        files = [*place.rglob("*.py"), *place.rglob("*.pyx")] or [SOURCE / f"{name}.py"]
        used = {
            NATIVE if used == "_native" else used for file in files for used in imports_of(file)
        }
        graph[name] = (used & (names | {NATIVE})) - {name}
    return graph | {NATIVE: set()}


def rooms_of(name: str) -> list[str]:
    """Return one line for each room of a package, with its number of files."""
    place = ROOT / NATIVE if name == NATIVE else SOURCE / name
    kinds = {".cpp", ".hpp"} if name == NATIVE else {".py", ".pyx"}
    if not place.is_dir():
        return []
    lines = []
    for room in (place, *sorted(path for path in place.iterdir() if path.is_dir())):
        files = room.glob("*") if room == place else room.rglob("*")
        n = sum(file.suffix in kinds and file.name != "__init__.py" for file in files)
        if n:
            lines.append(f"{'' if room == place else room.name + ': '}{n} file{'s' * (n != 1)}")
    return lines


def rows_of(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the packages in rows, the top one first; each imports from rows below its own."""

    @cache
    def depth(name: str) -> int:
        return 1 + max((depth(below) for below in graph[name]), default=-1)

    rows: dict[int, list[str]] = {}
    for name in sorted(graph):
        rows.setdefault(depth(name), []).append(name)
    return [rows[level] for level in sorted(rows, reverse=True)]


def reduced(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return the imports that do not follow from others."""

    @cache
    def all_below(name: str) -> frozenset[str]:
        return frozenset(graph[name]).union(*(all_below(below) for below in graph[name]))

    return {
        (name, below)
        for name, used in graph.items()
        for below in used
        if not any(below in all_below(other) for other in used if other != below)
    }


def drawn() -> str:
    """Return the picture."""
    graph = packages()
    rows = rows_of(graph)
    width = max(map(len, rows)) * (WIDTH + GAP) + GAP
    boxes, texts, y = {}, [], GAP
    for row in rows:
        x = (width - len(row) * (WIDTH + GAP) + GAP) // 2
        tallest = 0
        for name in row:
            lines = rooms_of(name)
            height = HEAD + LINE * len(lines) + 6
            boxes[name] = (x, y, height)
            texts.append(f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="5"/>')
            texts.append(f'<text class="name" x="{x + 9}" y="{y + 17}">{escape(name)}</text>')
            for number, line in enumerate(lines, 1):
                at = y + 17 + LINE * number
                texts.append(f'<text x="{x + 9}" y="{at}">{escape(line)}</text>')
            x += WIDTH + GAP
            tallest = max(tallest, height)
        y += tallest + ROW_GAP
    arrows = []
    for name, below in sorted(reduced(graph)):
        (x1, y1, height), (x2, y2, _) = boxes[name], boxes[below]
        begin, end = (x1 + WIDTH // 2, y1 + height), (x2 + WIDTH // 2, y2)
        bend = (end[1] - begin[1]) // 2
        curve = f"C {begin[0]} {begin[1] + bend} {end[0]} {end[1] - bend} {end[0]} {end[1]}"
        arrows.append(f'<path d="M {begin[0]} {begin[1]} {curve}" marker-end="url(#tip)"/>')
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" style="fill: #8a99ad"/></marker>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y - ROW_GAP + GAP}" '
        f'width="{width}" role="img" aria-label="Packages and their imports">'
    )
    page = '<rect width="100%" height="100%" style="fill: #ffffff; stroke: none"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", tip, page, *arrows, *texts, "</svg>", ""])


if __name__ == "__main__":
    if "--check" in sys.argv:
        if not PICTURE.exists() or PICTURE.read_text("utf-8") != drawn():
            sys.exit(
                f"{PICTURE.relative_to(ROOT)} is of other code: run python tools/draw_rooms.py"
            )
    else:
        PICTURE.write_text(drawn(), "utf-8")

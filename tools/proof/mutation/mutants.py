"""What a mutant is, which ones there are, and which ones a seed draws."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

LONGEST = 60
"""How many characters of a piece of code an id shows."""


@dataclass(frozen=True)
class Mutant:
    """One change of one piece of one file: bytes from ``begin`` to ``end`` become ``text``."""

    path: str
    operator: str
    before: str
    after: str
    begin: int
    end: int
    text: str
    # Lines of the piece, and of the whole statement that it stands in.
    first: int
    last: int
    statement: tuple[int, int]
    # Of several changes of one line that look the same.
    nth: int = 1

    @property
    def id(self) -> str:
        number = f"#{self.nth}" if self.nth > 1 else ""
        return f"{self.path}:{self.first}:{self.operator}:{self.before}->{self.after}{number}"

    def applied(self, source: bytes) -> bytes:
        return source[: self.begin] + self.text.encode() + source[self.end :]


def shown(code: str) -> str:
    """Return code as an id shows it: on one line, and not too long."""
    flat = " ".join(code.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 3] + "..."


def numbered(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Return the mutants of a file in the order of their places, with ids of their own."""
    seen: Counter[str] = Counter()
    out = []
    for mutant in sorted(mutants, key=lambda m: (m.begin, m.end, m.operator, m.text)):
        seen[mutant.id] += 1
        out.append(replace(mutant, nth=seen[mutant.id]))
    return out


def draw(rooms: dict[str, Sequence[Mutant]], seed: int) -> Iterator[Mutant]:
    """Yield mutants of all rooms in turn, each line once, in an order that the seed decides.

    How many are wanted is the caller's: some turn out not to compile or to change nothing, and
    the next one takes their place.
    """
    orders = []
    for room in sorted(rooms):
        # Each operator and each file as often as any other: constants outnumber all else.
        groups: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
        for mutant in sorted(rooms[room], key=lambda m: m.id):
            groups[mutant.operator, mutant.path].append(mutant)
        orders.append(_spread(groups, random.Random(f"{seed} {room}")))
    taken: set[tuple[str, int]] = set()
    while orders:
        for order in [*orders]:
            found = next((m for m in order if (m.path, m.first) not in taken), None)
            if found is None:
                orders.remove(order)
                continue
            taken.add((found.path, found.first))
            yield found


def _spread(groups: dict[tuple[str, str], list[Mutant]], rng: random.Random) -> Iterator[Mutant]:
    """Yield all mutants: first an operator is drawn, then one of its files, then the mutant."""
    by_operator: dict[str, dict[str, list[Mutant]]] = defaultdict(dict)
    for (operator, path), members in groups.items():
        rng.shuffle(members)
        by_operator[operator][path] = members
    while by_operator:
        operator = rng.choice(sorted(by_operator))
        files = by_operator[operator]
        path = rng.choice(sorted(files))
        yield files[path].pop()
        if not files[path]:
            del files[path]
        if not files:
            del by_operator[operator]


def equivalents(file: Path) -> dict[str, str]:
    """Return the mutants that people found to change nothing, and why.

    A line holds an id, two spaces and the reason; lines that begin with # are comments.
    """
    out = {}
    if not file.exists():
        return out
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, gap, reason = line.rpartition("  ")
        if not gap or not name.strip() or not reason.strip():
            raise ValueError(f"{file.name}, line {number}: write the id, two spaces, the reason")
        out[name.strip()] = reason.strip()
    return out

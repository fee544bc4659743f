"""The search for subjects in loops, without arrays or native code.

It takes the scores of single comparisons, and tries all ways to pair fingers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

SINGLE = {**{p: p for p in (*range(1, 11), 16, 17)}, 11: 1, 12: 6}
GROUPS = {13: {2, 3, 4, 5}, 14: {7, 8, 9, 10}, 15: {1, 6}, 40: {2, 3}}
# Unknown finger, unknown ridges, tip of a finger.
ANY = frozenset({0, 18, 19})


@dataclass(frozen=True)
class Reference:
    id: str
    subject: str | None
    position: int
    palm: bool = False


@dataclass(frozen=True)
class Found:
    # Id, whether it is a reference that stands alone, fused score.
    listed: list[tuple[str, bool, Fraction]]
    n_found: int
    truncated: bool
    compared: int


Finger = tuple[str, int]
# Score, and what it is worth, of a print of the probe and a reference.
Comparison = Callable[[int, Reference], tuple[float, Fraction]]


def same_skin(a: int, b: int) -> bool:
    """Tell whether two positions of fingers may be the same."""
    if a in ANY or b in ANY:
        return True
    return bool(shown(a) & shown(b))


def shown(position: int) -> set[int]:
    return GROUPS[position] if position in GROUPS else {SINGLE[position]}


def finger(position: int, number: object) -> Finger:
    return ("stated", SINGLE[position]) if position in SINGLE else (f"own {number}", 0)


def search(
    probe: Sequence[int],
    references: Iterable[Reference],
    compare: Comparison,
    threshold: float | None,
    limit: int | None,
    any_finger: bool,
) -> Found:
    """Compare all references, then fuse, sort and cut."""
    subjects: dict[tuple[str, bool], list[Reference]] = {}
    for reference in references:
        if reference.palm:
            continue
        if not any_finger and not any(same_skin(p, reference.position) for p in probe):
            continue
        alone = reference.subject is None
        owner = reference.id if reference.subject is None else reference.subject
        subjects.setdefault((owner, alone), []).append(reference)
    found = []
    for (owner, alone), prints in subjects.items():
        scores, worth = [], dict[tuple[Finger, Finger], Fraction]()
        for i, position in enumerate(probe):
            for reference in prints:
                if not any_finger and not same_skin(position, reference.position):
                    continue
                score, value = compare(i, reference)
                scores.append(score)
                pair = finger(position, i), finger(reference.position, reference.id)
                worth[pair] = max(worth.get(pair, value), value)
        if any(score > 0 and score >= (threshold or 0) for score in scores):
            found.append((owner, alone, fused(worth, any_finger)))
    found.sort(key=lambda one: (-one[2], one[0].encode(), one[1]))
    listed = found[:limit]
    return Found(listed, len(found), len(listed) < len(found), len(subjects))


def fused(worth: Mapping[tuple[Finger, Finger], Fraction], any_finger: bool) -> Fraction:
    """Return the joint score of pairs of fingers."""
    stated = {a for a, b in worth if a == b and a[0] == "stated" and not any_finger}
    total = sum((worth[a, a] for a in stated), Fraction())
    rest = {pair: v for pair, v in worth.items() if not stated & set(pair)}
    return total + best_pairing(rest)


def best_pairing(worth: Mapping[tuple[Finger, Finger], Fraction]) -> Fraction:
    """Return the greatest sum of pairs that share no finger, by trying all of them."""
    rows = sorted({a for a, _ in worth})

    def best(place: int, taken: frozenset[Finger]) -> Fraction:
        if place == len(rows):
            return Fraction()
        row = rows[place]
        sums = [best(place + 1, taken)]
        for (a, b), value in worth.items():
            if a == row and b not in taken and value > 0:
                sums.append(value + best(place + 1, taken | {b}))
        return max(sums)

    return best(0, frozenset())

"""An endless random load of changes, equal in every process, and the content after each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from prum_match.engine import Gallery
from support.galleries.folders import Contents, State
from support.galleries.kits import Kit

# So many that they are a segment of their own; the more, the slower items can be read.
_BATCHES = {
    "numbers": 1000,
    "dna": 80,
    "face": 120,
    "dactyloscopy": 20,
    "vehicle": 60,
    "police_record": 40,
    "police_record by field": 20,
    "police_record by record": 20,
}
# So many batches are enough; then half is erased at once.
_FULL = 3
FAMILIES = 40
NAME = re.compile(rb"<\d{3}\.\d{6}>")


@dataclass(frozen=True)
class Call:
    """One call, with its references before or after it."""

    verb: str
    rows: Contents

    def on(self, gallery: Gallery[Any]) -> None:
        """Make the call."""
        names, about = list(self.rows), list(self.rows.values())
        items = [item for item, _, _, _ in about]
        if self.verb == "enrol":
            subjects, labels = [s for _, _, s, _ in about], [x for _, x, _, _ in about]
            gallery.enrol(names, items, subject_ids=subjects, labels=labels)
        elif self.verb == "replace":
            gallery.replace(names, items)
        elif self.verb == "erase":
            gallery.erase(names)
        else:
            gallery.compact()

    def after(self, before: State) -> State:
        """Return the content of a gallery after the call."""
        receipts = before.receipts + (len(self.rows) if self.verb in ("erase", "replace") else 0)
        if self.verb == "erase":
            rest = {n: about for n, about in before.contents.items() if n not in self.rows}
            return State(rest, receipts)
        return State(before.contents | self.rows, receipts)


def load(kit: Kit, before: State, seed: int) -> Iterator[tuple[Call, State]]:
    """Draw calls without end, each with the content after it; names are never reused."""
    random, numbers, batch = Random(seed), count(), _BATCHES[kit.name]
    while True:
        held = before.contents
        verb = random.choice(("enrol", "enrol", "enrol", "erase", "erase", "replace"))
        if random.random() < 0.05:
            call = Call("compact", {})
        elif verb == "enrol":
            n = random.choice((1, 1, random.randint(2, 8), random.randint(2, 8), batch))
            names = [f"<{seed:03}.{next(numbers):06}>" for _ in range(n)]
            call = Call(verb, {name: _about(kit, random) for name in names})
        else:
            most = len(held) // 2 if len(held) > _FULL * batch else 6
            n = min(len(held), most if verb == "erase" else random.randint(1, 6))
            chosen = random.sample(list(held), n)
            call = Call(verb, {name: (_item(kit, random), *held[name][1:]) for name in chosen})
        before = call.after(before)
        yield call, before


def _item(kit: Kit, random: Random) -> Any:
    return kit.item(random.randrange(FAMILIES), random.randrange(4))


def _about(kit: Kit, random: Random) -> tuple[Any, str | None, str | None, int]:
    label = random.choice((None, "suspects", "missing", "unsolved"))
    subject = random.choice((None, f"subject {random.randrange(50)}"))
    return _item(kit, random), label, subject, 0

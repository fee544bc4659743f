"""Every kind of query finds the registrations of the moment, during enrolments and erasures.

Changing registrations share leaves and blocks of the indexes with permanent ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle
from typing import Any

from prum_match import vehicle
from support.threads import PATIENCE, crew

STAY = 300
ROUNDS = 200
TOGETHER = 5  # that are there at least, of those that come and go


def car(number: int) -> vehicle.Registration:
    return vehicle.Registration("DE", f"B-AB {number % 1000:03}7", f"WVWZZZ1KZ{number:07}7")


# All of them find all cars.
QUERIES = [
    vehicle.FuzzyQuery("BAB5557", max_cost=3, costs=vehicle.UNIT_COSTS),
    *(vehicle.PatternQuery(pattern) for pattern in ("BAB*", "*7", "?A????7")),
    *(vehicle.PatternQuery(pattern, of="vin") for pattern in ("WVW*", "*7")),
]


class Street:
    """A gallery whose oldest guest is erased after a new one is enrolled."""

    def __init__(self) -> None:
        self.gallery = vehicle.Gallery()
        self.staying = {f"stays {i}" for i in range(STAY)}
        self.gallery.enrol([f"stays {i}" for i in range(STAY)], [car(3 * i) for i in range(STAY)])
        self.coming = self.came = self.going = self.gone = 0
        for _ in range(TOGETHER):
            self.come()

    def come(self) -> None:
        self.coming += 1
        self.gallery.enrol([f"{self.came}"], [car(3 * self.came + 1)])
        self.came += 1

    def go(self) -> None:
        self.going += 1
        self.gallery.erase([f"{self.gone}"])
        self.gone += 1

    def look(self, search: Callable[[], list[Any]]) -> None:
        came, gone = self.came, self.gone
        answers = search()
        coming, going = self.coming, self.going
        for answer in answers:
            found = set(answer.reference_ids)
            assert len(found) == len(answer), "a registration twice"
            assert found >= self.staying
            guests = {int(name) for name in found - self.staying}
            assert guests <= set(range(gone, coming)), "who had gone"
            assert guests >= set(range(going, came)), "who was there was not found"


def test_every_query_finds_the_current_registrations() -> None:
    street = Street()
    gallery = street.gallery

    def one(threads: int) -> Callable[[], None]:
        query = cycle(QUERIES)
        return lambda: street.look(lambda: [gallery.search(next(query), threads=threads)])

    with crew() as working:
        working.repeat("one thread", one(1))
        working.repeat("three threads", one(3))
        working.repeat("many", lambda: street.look(lambda: list(gallery.search_many(QUERIES * 3))))
        end = time.monotonic() + PATIENCE
        while not working.stop.is_set() and not (
            working.all_came_round() and street.gone >= ROUNDS
        ):
            assert time.monotonic() < end, working.rounds
            street.come()
            street.go()
            if street.gone % 16 == 0:
                gallery.compact()
    street.look(lambda: list(gallery.search_many(QUERIES)))

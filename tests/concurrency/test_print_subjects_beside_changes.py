"""A search for subjects during changes sees one state of each print, for all fingers."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product

from prum_match import dactyloscopy
from prum_match.dactyloscopy import Tenprint
from support.dactyloscopy.subjects import CALIBRATIONS, scores, template, worth
from support.threads import PATIENCE, crew

SUBJECTS = 4
# Two prints of the probe do not say which finger they are of. A print that comes and goes is a
# good partner of one of them and a fair one of the other: gone for one, gone for both.
PROBE = Tenprint([template(base, at, latent=True) for base, at in ((0, 2), (4, 0), (5, 0))])


def adds(probe: int, reference: int) -> float:
    return float(worth(float(scores()[probe, reference]), "LT/TP"))


def paired(comes: int | None, stays: int) -> float:
    """Return the best total score of two probe prints against up to two references."""
    pairs = [(a, b) for a, b in product((4, 5), (stays, comes)) if b is not None]
    ways = [[], *([one] for one in pairs), *([a, b] for a in pairs for b in pairs)]
    return max(
        sum(adds(*pair) for pair in way)
        for way in ways
        if len({a for a, _ in way}) == len({b for _, b in way}) == len(way)
    )


def test_every_score_is_of_one_state() -> None:
    made = dactyloscopy.Gallery()
    made.enrol([f"other {i}" for i in range(60)], [template(i % 6, 2) for i in range(60)])
    for i in range(SUBJECTS):
        ids = [f"finger {i}", f"stays {i}"]
        made.enrol(ids, [template(1, 2), template(3, 18)], subject_ids=[f"S{i}"] * 2)
    states = {adds(0, first) + paired(comes, 3) for first in (1, 0) for comes in (None, 5)}
    seen = set()

    def search(threads: int) -> Callable[[], None]:
        def check() -> None:
            answer = made.search_subjects(
                PROBE, limit=99, threads=threads, calibrations=CALIBRATIONS
            )
            assert answer.n_found == answer.n_compared == len(answer) == 60 + SUBJECTS
            found = dict(zip(answer.subject_ids, answer.scores.tolist(), strict=True))
            mine = {found[f"S{i}"] for i in range(SUBJECTS)}
            assert mine <= states
            seen.update(mine)

        return check

    def change(i: int) -> None:
        made.enrol([f"comes {i}"], [template(5, 18)], subject_ids=[f"S{i}"])
        made.replace([f"finger {i}"], [template(0, 2)])
        made.erase([f"comes {i}"])
        made.replace([f"finger {i}"], [template(1, 2)])

    with crew() as working:
        working.repeat("one thread", search(1))
        working.repeat("three threads", search(3))
        end = time.monotonic() + PATIENCE
        rounds = 0
        while not working.stop.is_set() and not (working.all_came_round() and rounds > 60):
            assert time.monotonic() < end, working.rounds
            change(rounds % SUBJECTS)
            rounds += 1
    assert len(states) == 4
    assert adds(0, 1) + adds(4, 5) not in states
    assert len(seen) > 1

"""What the exchange costs over the bare search: ``python -m benchmarks.exchange.in_process``.

One request after the other through the conversation core, a responder in the same process, and
back, beside `gallery.search` of the same probe in the same gallery. Rounds of both take turns, and
the median of the rounds counts. The time is that of the processor, so that other programs of the
machine count for little.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping

from benchmarks.dna.data import LOCI, Database, simulate
from prum_match import dna, exchange

OWN, OTHER = "AT", "DE"
BATCH = 200


def overhead(
    references: int, rounds: int, audit: exchange.audit.AuditLog | None, *, is_hit: bool
) -> Mapping[str, float]:
    """Return microseconds of a request, of a bare search, and of the difference."""
    gallery = dna.Gallery()
    database = simulate(references, seed=7)
    gallery.enrol(database.reference_ids, [_profile(database, row) for row in range(references)])
    probe = _profile(database if is_hit else simulate(1, seed=8), 0)
    responder = exchange.Responder(OTHER, {"dna": gallery}, audit=audit)
    conversation = exchange.Conversation(OWN, "dna")
    expected = exchange.Outcome.HIT if is_hit else exchange.Outcome.NO_HIT

    def ask() -> None:
        query = conversation.submit(probe, parties=[OTHER])
        (message,) = query.outgoing
        event = conversation.deliver(OTHER, responder.handle(OWN, message.data))
        assert event.outcome is not None
        assert event.outcome.outcome is expected
        conversation.forget(query)

    def search() -> None:
        assert len(gallery.search(probe, policy=dna.RESPONDER_2008, limit=501)) == is_hit

    timed = [(_micros(ask), _micros(search)) for _ in range(rounds)]
    return {
        "request": statistics.median(one for one, _ in timed),
        "search": statistics.median(bare for _, bare in timed),
        "overhead": statistics.median(one - bare for one, bare in timed),
    }


def _profile(database: Database, row: int) -> dna.Profile:
    typed = zip(LOCI, database.alleles[row].tolist(), strict=True)
    return dna.Profile(
        {name: ["*" if a < 0 else a / 10 for a in pair] for name, pair in typed if all(pair)}
    )


def _micros(call: Callable[[], None]) -> float:
    start = time.process_time()
    for _ in range(BATCH):
        call()
    return (time.process_time() - start) / BATCH * 1e6


def main() -> None:
    """Print the figures of a hit with one candidate and of no hit, without an audit and with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--references", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    for is_hit in (True, False):
        for audit in (None, exchange.audit.MemoryAudit()):
            found = overhead(given.references, given.rounds, audit, is_hit=is_hit)
            figures = (f"{what} {micros:.0f} us" for what, micros in found.items())
            name = "hit" if is_hit else "no hit"
            print(name, "audit in memory" if audit is not None else "no audit", *figures, sep=", ")


if __name__ == "__main__":
    main()

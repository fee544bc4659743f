"""Searches that one party sends to another over HTTPS on loopback, one after the other."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from benchmarks.dna.data import LOCI, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from prum_match import dna, engine
from prum_match.exchange.messages import SearchRequest, encode

FLOOR = 300
GALLERY = 1_000
OURS = "prum_match"


def profiles(size: int) -> Database:
    """Make the profiles of both parties, who do not exchange them beforehand."""
    return simulate(size, seed=61)


def gallery() -> dna.Gallery:
    """Return what the answering party holds."""
    database = profiles(GALLERY)
    made = dna.Gallery()
    made.enrol(database.reference_ids, dna.ProfileTable(LOCI, database.alleles))
    return made


@dataclass(frozen=True)
class HttpsCase:
    """Requests, each with a number of its own, and what has to be closed behind them."""

    size: int
    room: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def requests(self) -> list[bytes]:
        items = list(dna.ProfileTable(LOCI, profiles(GALLERY).alleles))
        return [_request(items[number % GALLERY], number) for number in range(self.size)]


def _request(profile: dna.Profile, number: int) -> bytes:
    category = engine.category("dna")
    probe = category.wire.probe_to_bytes(profile)
    assert probe is not None
    return encode(
        SearchRequest(
            category="dna",
            requesting="AT",
            requested="DE",
            number=f"q{number}",
            time=datetime.now(UTC),
            reference=f"AT-{number}",
            type=category.wire.item_type(profile),
            probe=probe,
        )
    )


@dataclass(frozen=True)
class Spent:
    """What a run has found, and the seconds of both processors that it took for it."""

    hits: int
    wall: float
    asking: float
    answering: float


class Https(Task):
    """The size is the number of requests."""

    name = "exchange_https"
    value_unit = "ms of processor a request"
    rate_unit = "requests/s a core"
    size = 3_000
    quick_size = 40

    def case(self, size: int, options: Options) -> HttpsCase:
        return HttpsCase(size)

    def title(self, case: HttpsCase) -> str:
        return (
            f"{case.size:,} searches of DNA profiles in a gallery of {GALLERY:,}, on one line with "
            "mutual TLS 1.3 over loopback, one after the other; both parties have a process each, "
            "and the seconds are those of both processors together"
        )

    def value(self, case: HttpsCase, seconds: float) -> float:
        return seconds / case.size * 1e3

    def rate(self, case: HttpsCase, seconds: float) -> float:
        return case.size / seconds

    def musts(self, case: HttpsCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {FLOOR} requests/s a core, both ends on it"
        return [Must.at_least(text, rows[OURS].rate, FLOOR, self.rate_unit)]

    def done(self, case: HttpsCase) -> None:
        case.room.close()

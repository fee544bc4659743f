"""The national contact point: what asks, answers, and sees to each hit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from police_host.line import Line, Partner, serve
from police_host.mirror import SOURCES, Mirror, Pass
from police_host.night import Night
from police_host.register import Register
from prum_match import dactyloscopy
from prum_match.exchange import (
    CoreData,
    Courier,
    FollowUp,
    Hit,
    Justification,
    Requester,
    Responder,
    SearchOutcome,
    SqliteStore,
    WithdrawalReason,
)
from prum_match.exchange.audit import SqliteAudit
from prum_match.exchange.hits import HitEvent
from prum_match.exchange.messages.envelope import Clock, utc_now

EXCHANGED = ("dna", "dactyloscopy", "vehicle")
"""Categories that others may search; the persons are searched at home."""

PATIENCE = 30.0
"""Seconds for one message."""

_LEAST_MINUTIAE = 12
_POLICIES = {"dactyloscopy": dactyloscopy.TRANSACTIONS["LT/TP"]}


class ContactPoint:
    """One state in one folder. Open it again after a restart, and it goes on where it was."""

    def __init__(
        self, party: str, folder: Path, partners: Mapping[str, Partner], *, clock: Clock = utc_now
    ) -> None:
        self._partners = partners
        self._clock = clock
        self.register = Register(folder / "register.db")
        self.mirrors = {
            category: Mirror(self.register, source, folder / category)
            for category, source in SOURCES.items()
        }
        self._store = SqliteStore(folder / "exchange.db")
        self.audit = SqliteAudit(folder / "exchange.audit")
        self.night = Night(self._store, clock)
        self.events: list[HitEvent] = []
        self.follow_up = FollowUp(
            party,
            self._store,
            self.audit,
            core_data={"dna": self._core_data_of_profile, "dactyloscopy": self._core_data_of_print},
            clock=clock,
            on_event=self._note,
        )
        self.responder = Responder(
            party,
            {category: self.mirrors[category].gallery for category in EXCHANGED},
            policies=_POLICIES,
            extract={"dactyloscopy": _latent_of},
            quality_floors={"dactyloscopy": _LEAST_MINUTIAE},
            reference_data={"dactyloscopy": self._record_of},
            follow_up=self.follow_up,
            audit=self.audit,
            clock=clock,
        )
        self.line = Line(party, partners)
        self.requesters = {
            category: Requester(
                self.line, party, category=category, follow_up=self.follow_up, clock=clock
            )
            for category in EXCHANGED
        }

    @contextmanager
    def answering(self, port: int) -> Iterator[int]:
        """Answer the partners while the block runs."""
        secrets = {party: partner.secret for party, partner in self._partners.items()}
        with serve(self.responder, secrets, port=port) as found:
            yield found

    def reconcile(self) -> dict[str, Pass]:
        """Bring the galleries in step with the register, and tell partners what that undoes."""
        self.register.delete_expired(self._clock().date().isoformat())
        done = {category: mirror.reconcile() for category, mirror in self.mirrors.items()}
        for category in EXCHANGED:
            self._tell(category, done[category])
        return done

    def _tell(self, category: str, done: Pass) -> None:
        """Withdraw the hits of references and of traces that are gone or others now."""
        for numbers, reason in (
            (done.erased, WithdrawalReason.ERASED),
            (done.replaced, WithdrawalReason.CORRECTED),
        ):
            self.night.ledger.follow(self.responder.withdraw(category, numbers, reason))
        if category == "dna":
            self.night.forget(done.erased)
            gallery = self.mirrors[category].gallery
            self.night.correct({number: gallery[number] for number in done.replaced})
        # What a pass that was interrupted here has not told: found in the gallery itself.
        self.follow_up.reconcile()

    def _note(self, event: HitEvent) -> None:
        """Keep what the other end, or the clock, has done to a hit."""
        self.events.append(event)
        self.night.ledger.follow([event.hit])

    def search(
        self, category: str, probe: Any, number: str, parties: list[str], why: Justification
    ) -> SearchOutcome:
        """Ask parties about a probe; each candidate becomes a hit that somebody has to judge."""
        return self.requesters[category].search(
            probe, parties, timeout=PATIENCE, probe_id=number, justification=why
        )

    def hit(self, probe: str, reference: str) -> Hit:
        """Return the newest hit of a probe with a reference."""
        pair = probe, reference
        hits = self.follow_up.hits()
        found = [hit for hit in hits if (hit.probe_reference, hit.key.reference) == pair]
        if not found:
            raise KeyError(pair)
        return found[-1]

    def send_facts(self, hit: Hit, offence: str, description: str, official: str) -> None:
        """Confirm a hit and send the facts of its case: 48 hours begin."""
        self.follow_up.confirm(hit.key, official=official)
        self.follow_up.send_facts(
            hit.key, offence=offence, description=description, official=official
        )

    def post(self) -> int:
        """Send what waits to be sent, and do what the clock asks for. Call it every minute."""
        conversations = [requester.conversation for requester in self.requesters.values()]
        return Courier(self.line, self.follow_up, conversations).run_once(timeout=PATIENCE)

    def close(self) -> None:
        """Close the line and all files."""
        self.line.close()
        for mirror in self.mirrors.values():
            mirror.close()
        self.audit.close()
        self._store.close()

    def _core_data_of_profile(self, number: str) -> CoreData:
        return self._core_data("dna_profile", number)

    def _core_data_of_print(self, number: str) -> CoreData:
        return self._core_data("print", number)

    def _core_data(self, table: str, number: str) -> CoreData:
        """Return what the register has on a reference; called when an official releases it."""
        row = self.register.row(table, number)
        person = row and row["person"]
        found = self.register.rows_where("person", "person = ?", person) if person else {}
        if not found:
            return CoreData(identified=False, authority="National Police")
        (known,) = found.values()
        return CoreData(
            identified=True,
            authority="National Police",
            first_names=(known["first_names"],),
            family_names=(known["family_names"],),
            birth_date=known["birth_date"],
            nationalities=(known["nationalities"],),
        )

    def _record_of(self, number: str) -> bytes:
        row = self.register.row("print", number)
        if row is None:
            raise KeyError(number)
        record: bytes = row["record"]
        return record


def _latent_of(data: bytes) -> tuple[dactyloscopy.Template, float]:
    """Make a probe of what a partner sent: here a record of minutiae, with their number."""
    (latent,) = dactyloscopy.read(data)
    return latent, len(latent)

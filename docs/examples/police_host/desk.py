"""A contact point in a process of its own: it obeys orders, one a line of its standard input.

A desk of a real state is a web page; here an order is a line of JSON, and so is its answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from police_host.contact_point import PATIENCE, ContactPoint
from police_host.line import Partner
from prum_match import PrumError, dna, vehicle
from prum_match.exchange import Justification, Sample
from prum_match.testing.clock import VirtualClock

OFFENCE = "0301 00"


class Orders:
    """Orders of a user to the desk."""

    def __init__(self, point: ContactPoint, clock: VirtualClock) -> None:
        self._point = point
        self._clock = clock

    def hours(self, hours: float) -> None:
        """Let time pass."""
        self._clock.sleep(hours * 3600)

    def correct(self, table: str, number: str, **columns: object) -> None:
        """Change a row of the register."""
        self._point.register.correct(table, number, **columns)

    def delete(self, table: str, number: str) -> None:
        """Remove a row of the register."""
        self._point.register.delete(table, number)

    def reconcile(self) -> dict[str, Any]:
        """Bring the galleries in step; returns what has changed, and the refused rows."""
        passes = self._point.reconcile()
        return {category: vars(done) for category, done in passes.items()}

    def search(self, category: str, number: str, parties: list[str]) -> dict[str, Any]:
        """Ask about a trace of the own register, or about a plate."""
        outcome = self._point.search(
            category, self._probe(category, number), number, parties, _justification()
        )
        return {
            party: [one.outcome.value, one.error_code, [c.reference for c in one.candidates]]
            for party, one in outcome.items()
        }

    def send_facts(self, probe: str, reference: str) -> None:
        """Confirm a hit, and send the facts."""
        hit = self._point.hit(probe, reference)
        self._point.send_facts(hit, OFFENCE, "A burglary at night.", "hague-7")

    def release(self, probe: str, reference: str) -> str:
        """Send core data of a hit."""
        hit = self._point.hit(probe, reference)
        return self._point.follow_up.release(hit.key, official="paris-12").state.value

    def post(self) -> int:
        """Send what waits."""
        return self._point.post()

    def hits(self) -> dict[str, str]:
        """Return the states of the hits, by probe and reference."""
        return {
            f"{hit.probe_reference} {hit.key.reference}": hit.state.value
            for hit in self._point.follow_up.hits()
        }

    def core_data(self, probe: str, reference: str) -> list[str] | None:
        """Return the family names that came for a hit."""
        found = self._point.follow_up.core_data(self._point.hit(probe, reference).key)
        return None if found is None else list(found.family_names)

    def watch(self, number: str, parties: list[str]) -> None:
        """Search for a trace every night."""
        trace = self._probe("dna", number)
        self._point.night.open(number, trace, parties, _justification())

    def run_night(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """Run a night."""
        requester = self._point.requesters["dna"]
        morning = self._point.night.run(requester, timeout=timeout, tell=lambda match: None)
        return {
            "matches": [[m.key.own_reference, m.key.reference] for m in morning.matches],
            "unreached": [[one.reference, one.party, one.code] for one in morning.unreached],
            "complete": morning.complete,
        }

    def verify(self) -> dict[str, bool]:
        """Check the audit log and the files of each gallery."""
        self._point.audit.verify()
        return {
            category: mirror.gallery.verify().passed
            for category, mirror in self._point.mirrors.items()
        }

    def _probe(self, category: str, number: str) -> Any:
        if category == "vehicle":
            country, _, plate = number.partition(":")
            return vehicle.ExactQuery(country, plate, at=self._clock())
        table = {"dna": "dna_profile", "dactyloscopy": "print"}[category]
        row = self._point.register.row(table, number)
        if row is None:
            raise KeyError(number)
        if category == "dactyloscopy":
            return Sample(row["record"])
        return dna.Profile(json.loads(row["alleles"]), kind=row["kind"])


def _justification() -> Justification:
    return Justification(case="2026/17", offence=OFFENCE, official="hague-7")


def run(party: str, folder: Path, settings: Mapping[str, Any]) -> None:
    """Be a contact point until the input ends."""
    clock = VirtualClock(datetime.fromisoformat(settings["now"]))
    partners = {
        code: Partner(one["port"], bytes.fromhex(one["secret"]))
        for code, one in settings["partners"].items()
    }
    point = ContactPoint(party, folder, partners, clock=clock)
    orders = Orders(point, clock)
    with point.answering(settings["port"]):
        _say("ready")
        for line in sys.stdin:
            name, arguments = json.loads(line)
            order: Callable[..., Any] = getattr(orders, name)
            try:
                _say(order(**arguments))
            except PrumError as error:
                # Code and field, and not the value: it may be personal data.
                _say({"error": [type(error).__name__, error.code, error.field]})
    point.close()


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


class Desk:
    """The process, seen from outside."""

    def __init__(self, party: str, folder: Path, settings: Mapping[str, Any]) -> None:
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "police_host", party, str(folder), json.dumps(settings)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self._answer()

    def __call__(self, order: str, **arguments: Any) -> Any:
        """Give an order and return the answer."""
        assert self._process.stdin is not None
        print(json.dumps([order, arguments]), file=self._process.stdin, flush=True)
        return self._answer()

    def stop(self) -> None:
        """End the process by ending its input."""
        self._process.communicate()

    def kill(self) -> None:
        """End the process in the midst of whatever it does."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process has ended")
        return json.loads(line)

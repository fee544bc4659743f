"""Two states, two processes: what comes after a hit, over HTTPS with certificates on both sides.

The Hague asks Paris about two stains, and each is a hit. An expert confirms both and sends the
facts. In the first case an official in Paris releases core data at hour 47. In the second nobody
decides, and at hour 48 both ends call it overdue. At the end both audit logs are proved and
printed, with what Article 72 wants counted.

The genotypes are real (NIST 1036, public domain); the states, cases and names are made up. Time is
a clock that the script turns, so it takes seconds and not two days.

It needs ``pip install 'prum-match[serving]'``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

from prum_match import dna, samples
from prum_match.exchange import (
    CoreData,
    Courier,
    FollowUp,
    HitState,
    Justification,
    Requester,
    Responder,
    SqliteStore,
    Transport,
)
from prum_match.exchange.audit import Anchor, SqliteAudit, statistics
from prum_match.exchange.http import HttpsTransport, application, pin_of, server_context
from prum_match.exchange.http.serving import serve
from prum_match.testing.certificates import make_identity
from prum_match.testing.clock import VirtualClock

HAGUE, PARIS = "NL", "FR"
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = 3600.0
PATIENCE = 30.0  # seconds for one message
OFFENCE = "0301 00"
# Whose stains they are.
STAINS = {"NL-KNIFE": "FR-0417", "NL-DOOR": "FR-0892"}


def load_people() -> dict[str, dna.Profile]:
    """Return the profiles of the sample, under reference numbers of Paris."""
    profiles = dna.read_csv(samples.NIST_GENOTYPES).profiles
    return {f"{PARIS}-{i:04d}": profile for i, profile in enumerate(profiles)}


def core_data_of(reference: str) -> CoreData:
    """Return what Paris has on a reference; a real host asks its own register."""
    return CoreData(
        identified=True,
        acquisition_date="2019-11-02",
        authority="SNPS Écully",
        case_number=f"dossier {reference}",
        first_names=("Camille",),
        family_names=("Exemple",),
        birth_date="1985-07-14",
    )


class State:
    """What a state runs: its gallery, its two files, and both ends of the exchange.

    In the folder are the certificates and keys of both. Real states share certificates alone.
    """

    def __init__(self, party: str, folder: Path) -> None:
        self.clock = VirtualClock(MONDAY)
        self.gallery = dna.Gallery()
        self.audit = SqliteAudit(folder / f"{party}.audit")
        self._store = SqliteStore(folder / f"{party}.db")
        self.follow_up = FollowUp(
            party, self._store, self.audit, core_data={"dna": core_data_of}, clock=self.clock
        )
        self._responder = Responder(
            party,
            {"dna": self.gallery},
            follow_up=self.follow_up,
            audit=self.audit,
            clock=self.clock,
        )
        self._folder = folder
        self._certificate, self._key = folder / f"{party}.pem", folder / f"{party}.key"

    @contextmanager
    def answering(self, partner: str) -> Iterator[int]:
        """Answer the partner while the block runs; yields the port."""
        theirs = self._folder / f"{partner}.pem"
        app = application(self._responder, {partner: [pin_of(theirs.read_text())]})
        with serve(app, server_context(self._certificate, self._key, [theirs])) as port:
            yield port

    def line_to(self, partner: str, port: int) -> HttpsTransport:
        """Return the line to the partner."""
        theirs = self._folder / f"{partner}.pem"
        return HttpsTransport(
            {partner: f"https://127.0.0.1:{port}"},
            certificate=self._certificate,
            key=self._key,
            pins={partner: [pin_of(theirs.read_text())]},
        )

    def post(self, line: Transport) -> None:
        """Send what waits to be sent, and do what the clock asks for."""
        Courier(line, self.follow_up).run_once(timeout=PATIENCE)

    def close(self) -> None:
        """Close both files."""
        self.audit.close()
        self._store.close()


def run_paris(folder: Path, port_of_the_hague: int) -> None:
    """Be Paris: do what each line of the standard input says, until it ends."""
    state = State(PARIS, folder)
    people = load_people()
    state.gallery.enrol(list(people), list(people.values()), labels="convicted")
    line = state.line_to(HAGUE, port_of_the_hague)
    with state.answering(HAGUE) as port:
        print(port, flush=True)
        for order in sys.stdin:
            answer = obey(order, state)
            state.post(line)
            print(answer, flush=True)
    line.close()
    state.close()


def obey(order: str, state: State) -> str:
    """Do what an order says."""
    match order.split():
        case ["hours", hours]:
            state.clock.sleep(float(hours) * HOUR)
        case ["release", reference]:
            waiting = state.follow_up.hits(HitState.AWAITING_RELEASE)
            (key,) = (hit.key for hit in waiting if hit.key.reference == reference)
            state.follow_up.release(key, official="paris-12")
        case ["anchor"]:
            anchor = state.audit.head()
            return f"{anchor.sequence} {anchor.digest}"
    return "done"


class Paris:
    """The other process, seen from The Hague."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self._answer())

    def tell(self, order: str) -> str:
        """Give an order, wait until it is carried out, and return the answer."""
        assert self._process.stdin is not None
        print(order, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("Paris has ended")
        return answer.strip()


@contextmanager
def running_paris(folder: Path, port_of_the_hague: int) -> Iterator[Paris]:
    """Run Paris in a process of its own; it ends with the block, when its input does."""
    command = [sys.executable, __file__, PARIS, str(folder), str(port_of_the_hague)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield Paris(process)


def search(state: State, line: Transport) -> None:
    """Ask about each stain; the candidates become hits, at both ends."""
    requester = Requester(line, HAGUE, category="dna", clock=state.clock, follow_up=state.follow_up)
    people = load_people()
    for stain, person in STAINS.items():
        outcome = requester.search(
            dna.Profile(people[person].originals, kind="stain"),
            [PARIS],
            timeout=PATIENCE,
            probe_id=stain,
            justification=Justification(case="2026/17", offence=OFFENCE, official="hague-7"),
        )
        print(f"  {stain}: {outcome}")


def confirm(state: State) -> None:
    """Let an expert confirm each hit and send the facts of its case."""
    # By reference: the order of the store is that of numbers, which differ from run to run.
    for hit in sorted(state.follow_up.hits(), key=lambda hit: hit.key.reference):
        state.follow_up.confirm(hit.key, official="hague-7")
        state.follow_up.send_facts(
            hit.key, offence=OFFENCE, description="A burglary at night.", official="hague-7"
        )


def show_hits(state: State) -> None:
    """Print where the hits stand, and which fields of core data are there."""
    for hit in sorted(state.follow_up.hits(), key=lambda hit: hit.key.reference):
        data = state.follow_up.core_data(hit.key)
        print(f"  {hit.probe_reference} and {hit.key.reference}: {hit.state.value}")
        if data is not None:
            filled = [one.name for one in fields(data) if getattr(data, one.name)]
            print(f"    {', '.join(filled)}")


def show_log(name: str, audit: SqliteAudit, anchor: Anchor) -> None:
    """Prove an audit log from an anchor that others have, and print it with its statistics."""
    audit.verify(anchor)
    print(f"\nAudit log of {name}, {len(audit)} entries, proved:")
    for entry in audit.entries():
        about = (entry.result, entry.reference, entry.actor and f"by {entry.actor}")
        line = f"  {entry.time:%a %H:%M}  {entry.party}  {entry.number[:8]}  {entry.act.value:18} "
        print(line + ", ".join(filter(None, about)) if any(about) else line.rstrip())
    for row in statistics(audit.entries()).rows:
        counted = ((key, count) for key, count in asdict(row).items() if isinstance(count, int))
        counts = ", ".join(f"{key} {count}" for key, count in counted if count)
        print(f"  Article 72: {row.party}, {row.category}, type {row.type}: {counts}")


def play(folder: Path) -> dict[str, Anchor]:
    """Tell the story from The Hague; return the anchors that a supervisor was given on Monday."""
    state = State(HAGUE, folder)
    with state.answering(PARIS) as port, running_paris(folder, port) as paris:
        line = state.line_to(PARIS, paris.port)

        def let_pass(hours: float) -> None:
            state.clock.sleep(hours * HOUR)
            paris.tell(f"hours {hours}")
            state.post(line)

        print("Monday, 08:00. The Hague asks Paris.")
        search(state, line)

        let_pass(1)
        print("Monday, 09:00. An expert confirms both and sends the facts: 48 hours begin.")
        confirm(state)
        state.post(line)
        show_hits(state)
        sequence, digest = paris.tell("anchor").split()
        anchors = {HAGUE: state.audit.head(), PARIS: Anchor(int(sequence), digest)}

        let_pass(47)
        print("Wednesday, 08:00, hour 47. In one case an official in Paris releases core data.")
        paris.tell(f"release {STAINS['NL-KNIFE']}")
        show_hits(state)

        let_pass(1)
        print("Wednesday, 09:00, hour 48. Nobody has decided on the other.")
        show_hits(state)
        line.close()
    state.close()
    return anchors


def main() -> None:
    """Play the story; with arguments, be the other state in it."""
    if sys.argv[1:2] == [PARIS]:
        run_paris(Path(sys.argv[2]), int(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for party in (HAGUE, PARIS):
            make_identity(folder, party)
        for party, anchor in play(folder).items():
            with SqliteAudit(folder / f"{party}.audit") as audit:
                show_log({HAGUE: "The Hague", PARIS: "Paris"}[party], audit, anchor)


if __name__ == "__main__":
    main()

"""One state: its disk, its registers, and its process while it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from prum_match.exchange import Conversation, CoreData, FollowUp, Partner, Responder, Retries
from prum_match.exchange.audit import Act, Entry
from prum_match.exchange.hits import HitEvent
from prum_match.exchange.requesters import ReplyDispatcher
from simulation.disks import Crash, CrashingAudit, CrashingStore, Disk, Fuse
from simulation.registers import CANARY, CATEGORIES, Register
from simulation.timeline import Timeline

RETRIES = Retries(first=timedelta(minutes=30), longest=timedelta(hours=6))
_FINAL = {"hit", "no_hit", "unsuitable", "refused"}


@dataclass(frozen=True)
class Process:
    """The parts of a state that are lost when the process ends."""

    follow_up: FollowUp
    conversations: dict[str, Conversation]
    responder: Responder
    answers: ReplyDispatcher


class State:
    """A party of the exchange, at both ends.

    Parameters
    ----------
    code : str
        Its code.
    timeline, skew
        The time, and how far this state's clock is from it.
    fuse
        What ends its process.
    registers : dict of str to Register
        What it holds, by category.
    partner : Partner or None
        What it lets the others search; None: everything.
    open_disk : callable
        Opens what outlives its process.
    """

    def __init__(
        self,
        code: str,
        timeline: Timeline,
        skew: timedelta,
        fuse: Fuse,
        registers: dict[str, Register],
        partner: Partner | None,
        open_disk: Callable[[], Disk],
    ) -> None:
        self.code = code
        self.disk = open_disk()
        self.registers = registers
        self.partner = partner
        self.process: Process | None = None
        self.on_hit_event: Callable[[HitEvent], None] = lambda event: None
        self.meanwhile: Callable[[], None] = lambda: None
        self.fuse = fuse
        self.releasing: str | None = None
        self.fetched: list[tuple[str, str | None]] = []
        self.withdrawn_probes: set[tuple[str, str]] = set()
        self.answers: dict[tuple[str, str], Entry] = {}
        self.searches: Counter[tuple[str, str, str | None, object]] = Counter()
        self._timeline = timeline
        self._skew = skew
        self._numbers = count(1)
        self._open_disk = open_disk

    def clock(self) -> datetime:
        """Return the time by this state's clock."""
        return self._timeline.now + self._skew

    @property
    def has_hits(self) -> bool:
        """Whether there is anything that a human can decide on."""
        if self.process is None:
            return False
        with self.disk.store.transaction() as entries:
            return bool(entries.keys("hit"))

    def number(self) -> str:
        """Return a number that this state has never used before, in any process."""
        return f"{self.code}-{next(self._numbers)}"

    def attempt(self, action: Callable[[Process], None]) -> bool:
        """Let the process do something; whether it was alive until the end of it."""
        if self.process is None:
            return False
        try:
            action(self.process)
        except Crash:
            self.stop()
            return False
        return True

    def start(self) -> bool:
        """Start a process from the disk; return whether its start succeeded."""
        self.disk = self._open_disk()
        try:
            self.process = process = self._made()
            self.do_withdrawals(process)
        except Crash:
            self.stop()
            return False
        return True

    def stop(self) -> None:
        """End the process, wherever it is."""
        self.process = None
        self.disk.store.close()

    def do_withdrawals(self, process: Process) -> None:
        """Report all changes of the registers to the exchange."""
        while self.disk.withdrawals:
            category, reference, reason = self.disk.withdrawals[0]
            process.responder.withdraw(category, [reference], reason)
            del self.disk.withdrawals[0]

    def core_data_of(self, reference: str) -> CoreData:
        """Return this state's data of one of its own references or probes."""
        self.fetched.append((reference, self.releasing))
        return core_data(self.code, reference)

    def _made(self) -> Process:
        store = CrashingStore(self.disk.store, self.fuse)
        audit = CrashingAudit(self.disk.audit, self.fuse, self._know)
        follow_up = FollowUp(
            self.code,
            store,
            audit,
            core_data=dict.fromkeys(CATEGORIES, self.core_data_of),
            on_event=lambda event: self.on_hit_event(event),
            retries=RETRIES,
            clock=self.clock,
            new_number=self.number,
        )
        conversations = {
            name: Conversation(
                self.code,
                category,
                self.clock,
                self.number,
                follow_up=follow_up,
                retries=RETRIES,
            )
            for name, category in CATEGORIES.items()
        }
        responder = Responder(
            self.code,
            self.registers,
            clock=self.clock,
            new_number=self._number_of_reply,
            default_partner=self.partner,
            follow_up=follow_up,
            audit=audit,
        )
        answers = ReplyDispatcher(conversations.values(), follow_up)
        return Process(follow_up, conversations, responder, answers)

    def _number_of_reply(self) -> str:
        # Between a search and the record of its answer: then other threads wait.
        self.meanwhile()
        return self.number()

    def _know(self, entry: Entry) -> None:
        """Record, besides the log, the data to check the rules about duplicates and quotas."""
        if entry.act is not Act.ANSWERED or entry.result not in _FINAL:
            return
        self.answers.setdefault((entry.party, entry.number), entry)
        if entry.result in {"hit", "no_hit"}:
            self.searches[entry.party, entry.category, entry.type, entry.time.date()] += 1


def core_data(code: str, reference: str) -> CoreData:
    """Return core data that name their owner."""
    return CoreData(identified=False, authority=f"{CANARY} {code}", case_number=reference)

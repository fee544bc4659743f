"""A responder reads a gallery on disk beside the process that writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from prum_match import dna
from prum_match.exchange import Conversation, Outcome, Responder
from support.children import ending, fork

pytestmark = [pytest.mark.processes, pytest.mark.on_disk]

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}
OTHER = {**LOCI, "VWA": (14, 15), "FGA": (19, 20), "TH01": (7, 8)}


class Line:
    """One party that asks another."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self.conversation = Conversation("AT", "dna")

    def ask(self, loci: dict[str, tuple[float, float]] = LOCI) -> Outcome:
        query = self.conversation.submit(dna.Profile(loci, kind="stain"), parties=["DE"])
        (message,) = query.outgoing
        self.request = message.data
        event = self.conversation.deliver("DE", self.responder.handle("AT", message.data))
        assert event.outcome is not None
        return event.outcome.outcome


def in_a_writer(path: Path, change: str) -> None:
    def write() -> None:
        with dna.Gallery.open(path, "rw") as gallery:
            if change == "enrol":
                gallery.enrol(["DE-1"], [dna.Profile(LOCI)])
            elif change == "replace":
                gallery.replace(["DE-1"], [dna.Profile(OTHER)])
            else:
                gallery.erase(["DE-1"])

    assert ending(fork(write)) == "exit 0"


def test_a_reader_answers_with_what_was_enrolled_before_the_search(tmp_path: Path) -> None:
    dna.Gallery().save(tmp_path / "dna")
    with dna.Gallery.open(tmp_path / "dna") as reader:
        line = Line(Responder("DE", {"dna": reader}))
        assert line.ask() is Outcome.NO_HIT
        in_a_writer(tmp_path / "dna", "enrol")
        assert line.ask() is Outcome.HIT
        kept = line.responder.handle("AT", line.request)
        in_a_writer(tmp_path / "dna", "replace")
        # The reply that was kept names a profile that is no longer there.
        assert line.responder.handle("AT", line.request) != kept
        assert line.ask() is Outcome.NO_HIT
        assert line.ask(OTHER) is Outcome.HIT
        in_a_writer(tmp_path / "dna", "erase")
        assert line.ask(OTHER) is Outcome.NO_HIT


def test_a_reader_that_is_up_to_date_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dna.Gallery().save(tmp_path / "dna")
    refreshed = []
    refresh = dna.Gallery.refresh
    monkeypatch.setattr(dna.Gallery, "refresh", lambda self: (refreshed.append(1), refresh(self)))
    with dna.Gallery.open(tmp_path / "dna") as reader:
        line = Line(Responder("DE", {"dna": reader}))
        for _ in range(3):
            line.ask()
        assert refreshed == []
        in_a_writer(tmp_path / "dna", "enrol")
        for _ in range(3):
            line.ask()
        assert refreshed == [1]

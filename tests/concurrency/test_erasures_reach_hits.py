"""One process erases and corrects records; another one has open hits with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prum_match import dna
from prum_match.errors import ExchangeError
from prum_match.exchange import (
    CoreData,
    Courier,
    FollowUp,
    HitState,
    InProcessTransport,
    Justification,
    Requester,
    Responder,
    SqliteStore,
    WithdrawalReason,
)
from prum_match.exchange.hits import HitEvent
from support.children import in_child

pytestmark = pytest.mark.processes

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}
PERSON = dna.Profile(LOCI)
STAIN = dna.Profile(LOCI, kind="stain")
OTHER = dna.Profile({**LOCI, "SE33": (18, 20)})
WHY = Justification(case="1", offence="0301 00", official="a")
DUE = datetime(2026, 3, 3, tzinfo=UTC)
NAMES = ("FR-erased", "FR-expired", "FR-corrected", "FR-kept")


class TwoStates:
    """France answers from a gallery that it only reads; another process keeps that gallery."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "gallery"
        gallery = dna.Gallery()
        expires = [DUE if name == "FR-expired" else None for name in NAMES]
        gallery.enrol(NAMES, [PERSON] * len(NAMES), expires=expires)
        gallery.save(self.folder)
        self.fetched: list[str] = []
        self.told: list[HitEvent] = []
        self.gallery = dna.Gallery.open(self.folder)
        self.paris = FollowUp("FR", SqliteStore(folder / "fr.db"), core_data={"dna": self.fetch})
        self.hague = FollowUp("NL", on_event=self.told.append)
        self.at_paris = Responder("FR", {"dna": self.gallery}, follow_up=self.paris)
        at_hague = Responder("NL", {}, follow_up=self.hague)
        self.to_paris = InProcessTransport({"FR": self.at_paris}, own_party="NL")
        self.to_hague = InProcessTransport({"NL": at_hague}, own_party="FR")
        self.requester = Requester(self.to_paris, "NL", category="dna", follow_up=self.hague)
        self.search(STAIN)
        assert len(self.hague.hits()) == len(NAMES)
        self.keys = {hit.key.reference: hit.key for hit in self.hague.hits()}
        for key in self.keys.values():
            self.hague.confirm(key, official="x")
            self.hague.send_facts(key, offence="0301 00", description="-", official="x")
        Courier(self.to_paris, self.hague).run_once(timeout=5)
        assert {hit.state for hit in self.paris.hits()} == {HitState.AWAITING_RELEASE}

    def fetch(self, reference: str) -> CoreData:
        self.fetched.append(reference)
        return CoreData(identified=True, family_names=("Nobody",))

    def search(self, probe: dna.Profile) -> None:
        self.requester.search(probe, ["FR"], timeout=5, justification=WHY)

    def change(self) -> None:
        """Erase, purge and correct, each in a transaction of its own."""
        with dna.Gallery.open(self.folder, mode="rw") as writer:
            writer.enrol(["FR-new"], [OTHER])
            writer.erase(["FR-erased"])
            writer.purge(now=DUE)
            writer.replace(["FR-corrected"], [OTHER])
            writer.compact()

    def reasons(self) -> dict[str, WithdrawalReason]:
        """Send waiting messages, and return the withdrawals that the other state received."""
        Courier(self.to_hague, self.paris).run_once(timeout=5)
        return {
            event.hit.key.reference: event.message.reason  # type: ignore[union-attr]
            for event in self.told
            if event.hit.state is HitState.WITHDRAWN
        }

    def close(self) -> None:
        self.gallery.close()
        self.paris.store.close()


def reconcile(states: TwoStates) -> None:
    assert len(states.paris.reconcile()) == 3


def request(states: TwoStates) -> None:
    states.search(dna.Profile({**LOCI, "VWA": (11, 12)}, kind="stain"))


def message(states: TwoStates) -> None:
    states.hague.ask_status(states.keys["FR-kept"])
    Courier(states.to_paris, states.hague).run_once(timeout=5)


def release(states: TwoStates) -> None:
    for name in NAMES[:3]:
        with pytest.raises(ExchangeError) as caught:
            states.paris.release(states.keys[name], official="judge")
        assert caught.value.code == "reference_gone"


@pytest.mark.parametrize("notice", [reconcile, request, message, release])
def test_another_process_erases_and_corrects(
    tmp_path: Path, notice: Callable[[TwoStates], None]
) -> None:
    states = TwoStates(tmp_path)
    assert in_child(states.change) == "exit 0"
    notice(states)
    assert {hit.key.reference: hit.state for hit in states.paris.hits()} == {
        "FR-erased": HitState.WITHDRAWN,
        "FR-expired": HitState.WITHDRAWN,
        "FR-corrected": HitState.WITHDRAWN,
        "FR-kept": HitState.AWAITING_RELEASE,
    }
    assert states.reasons() == {
        "FR-erased": WithdrawalReason.ERASED,
        "FR-expired": WithdrawalReason.ERASED,
        "FR-corrected": WithdrawalReason.CORRECTED,
    }
    assert states.fetched == []
    states.paris.release(states.keys["FR-kept"], official="judge")
    Courier(states.to_hague, states.paris).run_once(timeout=5)
    assert states.hague.core_data(states.keys["FR-kept"]) is not None
    assert states.hague.core_data(states.keys["FR-erased"]) is None
    states.close()


def test_a_releasing_process_without_a_responder(tmp_path: Path) -> None:
    states = TwoStates(tmp_path)
    assert in_child(states.change) == "exit 0"
    with (
        SqliteStore(tmp_path / "fr.db") as store,
        dna.Gallery.open(states.folder) as gallery,
    ):
        desk = FollowUp("FR", store, core_data={"dna": states.fetch}, galleries={"dna": gallery})
        with pytest.raises(ExchangeError) as caught:
            desk.release(states.keys["FR-erased"], official="judge")
        assert caught.value.code == "reference_gone"
    assert states.fetched == []
    assert states.reasons()["FR-erased"] is WithdrawalReason.ERASED
    states.close()

"""The host in docs/examples: two states in two processes, on nothing but what is documented."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import police_host
import pytest
from police_host.__main__ import HAGUE, PARIS, fill, settings_of_two
from police_host.desk import Desk
from police_host.register import Register

import prum_match

HOME = [Path(one.__file__).parents[1] for one in (prum_match, police_host) if one.__file__]

OTHER = """{"TH01": [6, 9.3], "VWA": [16, 17], "FGA": [21, 22], "D18S51": [12, 14],
"D21S11": [28, 29], "D3S1358": [15, 16], "D8S1179": [13, 14]}"""

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    # The processes find both packages where this one found them.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, HOME)))


def pair(number: str) -> dict[str, str]:
    """Return the hit of a trace with its donor."""
    return {"probe": f"NL-{number}", "reference": f"FR-{number}"}


class States:
    """The Hague and Paris, and the hour in both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings = settings_of_two()
        fill(folder)
        self.hague, self.paris = self._start(HAGUE), self._start(PARIS)
        for desk in (self.hague, self.paris):
            desk("reconcile")

    def _start(self, party: str) -> Desk:
        return Desk(party, self.folder / party, self._settings[party])

    def let_pass(self, hours: float) -> None:
        for desk in (self.hague, self.paris):
            desk("hours", hours=hours)
            desk("post")

    def restart_paris(self, now: datetime) -> None:
        """Kill Paris and start it again, at the same address and with the same files."""
        self.paris.kill()
        self._settings[PARIS]["now"] = now.isoformat()
        self.paris = self._start(PARIS)

    def ask(self, trace: str, category: str = "dna") -> Any:
        return self.hague("search", category=category, number=trace, parties=[PARIS])[PARIS]


@pytest.fixture
def states(tmp_path: Path) -> Iterator[States]:
    made = States(tmp_path)
    yield made
    made.hague.stop()
    made.paris.stop()


def test_the_story_runs(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "police_host"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "The Hague asks: {'FR': ['hit', None, ['FR-D3']]}" in told.stdout
    assert "'NL-D3 FR-D3': 'core_data_returned'} ['Imaginé']" in told.stdout
    assert "'matches': [['NL-D4', 'FR-D4'], ['NL-D5', 'FR-D5']]" in told.stdout
    assert "'NL-D4 FR-D4': 'withdrawn'" in told.stdout
    assert told.stdout.count("'police_record': True") == 2


@pytest.mark.slow
def test_three_categories_are_searched(states: States) -> None:
    assert states.ask("NL-D3") == ["hit", None, ["FR-D3"]]
    outcome, code, found = states.ask("NL-F5", "dactyloscopy")
    assert (outcome, code, found[0]) == ("hit", None, "FR-F5")
    # Six minutiae are too few for a search: no answer, and no "no hit".
    assert states.ask("NL-F4", "dactyloscopy") == ["unsuitable", None, []]
    assert states.ask("FR:AB-107-CD", "vehicle") == ["hit", None, ["FR-V7"]]
    assert states.ask("FR:ZZ-999-ZZ", "vehicle") == ["no_hit", None, []]


@pytest.mark.slow
def test_a_hit_outlives_a_killed_process(states: States) -> None:
    states.ask("NL-D3")
    states.ask("NL-F5", "dactyloscopy")
    for trace in ("NL-D3", "NL-F5"):
        states.hague("send_facts", **pair(trace[3:]))
    states.paris.kill()
    states.hague("post")  # nobody is there: it waits
    states.restart_paris(datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert states.paris("hits")["NL-D3 FR-D3"] == "candidate"
    states.let_pass(hours=1)
    assert states.paris("hits")["NL-D3 FR-D3"] == "awaiting_release"
    assert states.paris("release", **pair("D3")) == "core_data_returned"
    assert states.paris("release", **pair("F5")) == "core_data_returned"
    states.let_pass(hours=1)
    assert states.hague("core_data", **pair("D3")) == ["Imaginé"]
    assert states.hague("core_data", **pair("F5")) == ["Exemple"]
    for desk in (states.hague, states.paris):
        assert all(desk("verify").values())


@pytest.mark.slow
def test_nobody_decides_and_both_ends_say_so(states: States) -> None:
    states.ask("NL-D3")
    states.hague("send_facts", **pair("D3"))
    states.let_pass(hours=1)
    states.let_pass(hours=49)
    assert states.hague("hits") == {"NL-D3 FR-D3": "overdue"}
    assert states.paris("hits")["NL-D3 FR-D3"] == "overdue"


@pytest.mark.slow
def test_an_erasure_and_a_correction_reach_open_hits(states: States) -> None:
    for trace in ("NL-D3", "NL-D4", "NL-D5"):
        states.ask(trace)
        states.hague("send_facts", **pair(trace[3:]))
    states.let_pass(hours=1)
    states.paris("delete", table="dna_profile", number="FR-D3")
    states.paris("correct", table="dna_profile", number="FR-D4", alleles=OTHER)
    done = states.paris("reconcile")["dna"]
    assert (done["erased"], done["replaced"], done["refused"]) == (["FR-D3"], ["FR-D4"], {})
    for number in ("FR-D3", "FR-D4"):
        assert "error" in states.paris("release", **pair(number[3:]))
    assert states.paris("release", **pair("D5")) == "core_data_returned"
    states.let_pass(hours=1)
    assert states.hague("hits") == {
        "NL-D3 FR-D3": "withdrawn",
        "NL-D4 FR-D4": "withdrawn",
        "NL-D5 FR-D5": "core_data_returned",
    }
    assert states.ask("NL-D3") == ["no_hit", None, []]
    assert states.ask("NL-D4") == ["no_hit", None, []]


@pytest.mark.slow
def test_a_row_past_its_last_day_is_erased(states: States) -> None:
    states.paris("correct", table="dna_profile", number="FR-D3", delete_after="2026-03-03")
    assert states.paris("reconcile")["dna"]["updated"] == ["FR-D3"]
    states.let_pass(hours=24)
    assert states.paris("reconcile")["dna"]["erased"] == []
    states.let_pass(hours=24)
    assert states.paris("reconcile")["dna"]["erased"] == ["FR-D3"]
    assert states.ask("NL-D3") == ["no_hit", None, []]


@pytest.mark.slow
def test_nights_tell_each_match_once_and_what_was_not_searched(states: States) -> None:
    for trace in ("NL-D3", "NL-D4", "NL-D5"):
        states.hague("watch", number=trace, parties=[PARIS, "DE"])
    first = states.hague("run_night", timeout=20)
    assert sorted(first["matches"]) == [[f"NL-D{i}", f"FR-D{i}"] for i in (3, 4, 5)]
    assert {party for _, party, _ in first["unreached"]} == {"DE"}
    assert len(first["unreached"]) == 3
    assert not first["complete"]

    states.paris.kill()
    states.hague("hours", hours=24)
    second = states.hague("run_night", timeout=20)
    assert second["matches"] == []
    assert sorted({party for _, party, _ in second["unreached"]}) == ["DE", PARIS]

    states.restart_paris(datetime(2026, 3, 4, 8, tzinfo=UTC))
    states.hague("hours", hours=24)
    third = states.hague("run_night", timeout=20)
    assert third["matches"] == []
    assert {party for _, party, _ in third["unreached"]} == {"DE"}


@pytest.mark.slow
def test_own_traces_that_are_erased_or_corrected_are_told_and_not_searched(
    states: States,
) -> None:
    for trace in ("NL-D3", "NL-D4"):
        states.hague("watch", number=trace, parties=[PARIS])
    assert len(states.hague("run_night")["matches"]) == 2
    states.hague("delete", table="dna_profile", number="NL-D3")
    states.hague("correct", table="dna_profile", number="NL-D4", alleles=OTHER)
    done = states.hague("reconcile")["dna"]
    assert (done["erased"], done["replaced"]) == (["NL-D3"], ["NL-D4"])
    states.let_pass(hours=1)
    assert set(states.paris("hits").values()) == {"withdrawn"}
    night = states.hague("run_night")
    assert night == {"matches": [], "unreached": [], "complete": True}
    assert states.ask("NL-D4") == ["no_hit", None, []]


@pytest.mark.slow
def test_a_pass_that_died_is_made_up_for(states: States) -> None:
    states.ask("NL-D3")
    states.ask("NL-D4")
    # As after a crash before its end: what the gallery has is not noted.
    register = Register(states.folder / PARIS / "register.db")
    register.note_mirrored("dna_profile", {})
    again = states.paris("reconcile")["dna"]
    assert (again["enrolled"], again["replaced"], again["erased"]) == ([], [], [])
    assert set(states.paris("hits").values()) == {"candidate"}
    assert len(register.mirrored("dna_profile")) == 40


@pytest.mark.slow
def test_every_mistake_is_told_by_its_name(states: States) -> None:
    # In a register: by the row, and again at every pass until it is corrected.
    states.paris("correct", table="dna_profile", number="FR-D3", **{"class": "convited"})
    states.paris("correct", table="dna_profile", number="FR-D4", alleles='{"TH01": [6, 9.4]}')
    states.paris("correct", table="dna_profile", number="FR-D5", alleles='{"TH01": [6, 9.3]}')
    bad = {"FR-D3": "undeclared_label", "FR-D4": "bad_allele", "FR-D5": "below_floor"}
    for _ in range(2):
        assert states.paris("reconcile")["dna"]["refused"] == bad
    states.paris("correct", table="dna_profile", number="FR-D3", **{"class": "suspect"})
    done = states.paris("reconcile")["dna"]
    assert done["updated"] == ["FR-D3"]
    assert "FR-D3" not in done["refused"]

    # In a question: before anything is sent.
    states.hague("correct", table="dna_profile", number="NL-D6", alleles='{"TH01": [6, 9.3]}')
    assert states.hague("search", category="dna", number="NL-D6", parties=[PARIS]) == {
        "error": ["InvalidInput", "below_floor", "profile"]
    }
    one = states.hague("search", category="dna", number="NL-D3", parties=["XX"])
    assert one["error"][1] == "unknown_party"

    # After a hit: what is not allowed yet, or not to this party.
    assert states.ask("NL-D3") == ["hit", None, ["FR-D3"]]
    assert states.paris("release", **pair("D3"))["error"][1] == "illegal_transition"
    states.hague("send_facts", **pair("D3"))
    assert states.hague("release", **pair("D3"))["error"][1] == "not_yours_to_release"

    # On the line: nobody is there, and that is no "no hit".
    states.paris.kill()
    assert states.ask("NL-D3") == ["unreachable", "unreachable", []]

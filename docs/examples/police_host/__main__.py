"""Two states, two processes: from a trace to core data, an erasure, and a night.

Run it with ``python -m police_host`` in the folder of the examples.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from police_host.desk import Desk, run
from police_host.people import fill_with_people, fill_with_traces
from police_host.register import Register

HAGUE, PARIS = "NL", "FR"
MONDAY = "2026-03-02T08:00:00+00:00"


def settings_of_two(now: str = MONDAY) -> dict[str, dict[str, Any]]:
    """Return what each of the two states is started with: a port, and the other one."""
    secret = secrets.token_hex(32)
    ports = dict(zip((HAGUE, PARIS), _free_ports(2), strict=True))
    return {
        own: {
            "now": now,
            "port": ports[own],
            "partners": {other: {"port": ports[other], "secret": secret}},
        }
        for own, other in ((HAGUE, PARIS), (PARIS, HAGUE))
    }


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def fill(folder: Path) -> None:
    """Write both registers: people in Paris, and traces that some of them left in The Hague."""
    for party in (HAGUE, PARIS):
        (folder / party).mkdir()
    fill_with_people(Register(folder / PARIS / "register.db"), PARIS, 40)
    fill_with_traces(Register(folder / HAGUE / "register.db"), HAGUE, range(3, 8))


def play(folder: Path) -> None:
    """Tell the story."""
    fill(folder)
    settings = settings_of_two()
    hague, paris = (Desk(code, folder / code, settings[code]) for code in (HAGUE, PARIS))
    for name, desk in (("The Hague", hague), ("Paris", paris)):
        for category, done in desk("reconcile").items():
            print(f"{name}: {len(done['enrolled'])} references of {category}")

    print("The Hague asks:", hague("search", category="dna", number="NL-D3", parties=[PARIS]))
    hit = {"probe": "NL-D3", "reference": "FR-D3"}
    hague("send_facts", **hit)
    hague("post")
    print("Paris releases:", paris("release", **hit))
    paris("post")
    print("The Hague has:", hague("hits"), hague("core_data", **hit))

    for trace in ("NL-D4", "NL-D5"):
        hague("watch", number=trace, parties=[PARIS])
    print("A night:", hague("run_night"))
    paris("delete", table="dna_profile", number="FR-D4")
    print("Paris erases:", paris("reconcile")["dna"]["erased"])
    paris("post")
    print("The Hague has:", hague("hits"))
    for desk in (hague, paris):
        print("Audit log and galleries:", desk("verify"))
        desk.stop()


def main() -> None:
    """Play the story; with arguments, be one of its states."""
    if len(sys.argv) > 1:
        party, folder, settings = sys.argv[1:]
        run(party, Path(folder), json.loads(settings))
        return
    with tempfile.TemporaryDirectory() as name:
        play(Path(name))


if __name__ == "__main__":
    main()

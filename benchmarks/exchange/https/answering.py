"""The party that answers, in a process of its own: says its port, and what it spent when asked."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.exchange.https import gallery
from prum_match import exchange
from prum_match.exchange.http import application, pin_of, server_context
from prum_match.exchange.http.serving import serve


def main(folder: Path) -> None:
    own, partner = folder / "DE.pem", folder / "AT.pem"
    responder = exchange.Responder("DE", {"dna": gallery()})
    app = application(responder, {"AT": [pin_of(partner.read_text())]})
    with serve(app, server_context(own, own.with_suffix(".key"), [partner])) as port:
        print(port, flush=True)
        for _ in sys.stdin:  # a line for each question, and the end of it at the end
            print(time.process_time(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

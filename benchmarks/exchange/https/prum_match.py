"""Ours: `HttpsTransport` and `application`, the latter behind uvicorn."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.exchange.https import OURS, HttpsCase, Spent
from benchmarks.loading import unusable
from benchmarks.task import Pass
from prum_match.exchange.messages import Result, decode_reply

NAME = OURS


def missing() -> str | None:
    return unusable("httpcore", "cryptography", "uvicorn")


class Partner:
    """The process that answers; it ends when it is closed."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.exchange.https.answering", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())

    def seconds(self) -> float:
        """Return what the process has spent of its processor."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        return float(self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def load(case: HttpsCase) -> Pass:
    from prum_match.exchange.http import HttpsTransport
    from prum_match.testing.certificates import make_identity

    folder = Path(case.room.enter_context(tempfile.TemporaryDirectory()))
    austria, germany = (make_identity(folder, party) for party in ("AT", "DE"))
    partner = case.room.enter_context(closing(Partner(folder)))
    transport = HttpsTransport(
        {"DE": f"https://127.0.0.1:{partner.port}"},
        certificate=austria.certificate,
        key=austria.key,
        pins={"DE": [germany.pin]},
    )
    case.room.callback(transport.close)
    requests = case.requests

    def run() -> Spent:
        before = partner.seconds()
        wall, own = time.perf_counter(), time.process_time()
        replies = [transport.exchange("DE", request, timeout=30) for request in requests]
        wall, own = time.perf_counter() - wall, time.process_time() - own
        hits = sum(decode_reply(reply).result is Result.HIT for reply in replies)
        return Spent(hits, wall, own, partner.seconds() - before)

    return Pass(
        run,
        lambda spent: None,
        how="TLS, HTTP, messages and searches",
        measure=lambda spent: spent.asking + spent.answering,
        detail=lambda spent: {
            "wall_s": spent.wall,
            "asking_processor_s": spent.asking,
            "answering_processor_s": spent.answering,
            "hits": spent.hits,
        },
    )

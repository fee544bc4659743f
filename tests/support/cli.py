"""Runs of commands and their output."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HEADER = (
    "sample,TH01_1,TH01_2,VWA_1,VWA_2,FGA_1,FGA_2,"
    "D21S11_1,D21S11_2,D8S1179_1,D8S1179_2,D3S1358_1,D3S1358_2\n"
)


@dataclass(frozen=True)
class Done:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the output, read as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one type."""
        return [record for record in self.records if record["type"] == kind]


Run = Callable[..., Done]


def row(name: str, first: str = "6") -> str:
    """Return a line of a CSV."""
    return f"{name},{first},9.3,16,17,21,24,29,30.2,13,14,15,17\n"

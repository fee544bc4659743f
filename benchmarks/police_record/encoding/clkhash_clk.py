"""clkhash: bigrams of the names, the date digit by digit, one process."""

from __future__ import annotations

import io
import json
from typing import Any

from benchmarks.loading import unusable
from benchmarks.police_record.data import KEY
from benchmarks.police_record.encoding import CLKHASH, EncodingCase
from benchmarks.task import Pass

NAME = CLKHASH
BITS_PER_TOKEN = 15


def missing() -> str | None:
    return unusable("clkhash.clk", "clkhash.schema")


def load(case: EncodingCase) -> Pass:
    from clkhash import clk, schema

    rows = [
        [" ".join(p.first_names), " ".join(p.family_names), str(p.birth_date or "")]
        for p in case.persons
    ]
    made = schema.from_json_file(io.StringIO(json.dumps(_schema())))

    def run() -> Any:
        return clk.generate_clks(rows, made, KEY.hex(), validate=False, max_workers=1)

    return Pass(run, lambda found: None)


def _schema() -> dict[str, Any]:
    """Return a schema of its version 3."""
    fields = (("first", 2, False), ("family", 2, False), ("date", 1, True))
    return {
        "version": 3,
        "clkConfig": {
            "l": 1024,
            "xor_folds": 0,
            "kdf": {
                "type": "HKDF",
                "hash": "SHA256",
                "salt": "c2FsdA==",
                "info": "",
                "keySize": 64,
            },
        },
        "features": [
            {
                "identifier": name,
                "format": {"type": "string", "encoding": "utf-8"},
                "hashing": {
                    "comparison": {"type": "ngram", "n": n, "positional": positional},
                    "strategy": {"bitsPerToken": BITS_PER_TOKEN},
                    "hash": {"type": "blakeHash"},
                },
            }
            for name, n, positional in fields
        ],
    }

"""``prum-match info``: the parts of a gallery on disk."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sized
from dataclasses import asdict
from typing import Any

from prum_match.cli.options import Commands, add_path, command
from prum_match.engine.store.description import Description, describe


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = command(commands, "info", "describe the parts of a gallery, without opening it", _run)
    add_path(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _run(options: argparse.Namespace) -> int:
    found = describe(options.path)
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        for name, value in _lines(found):
            print(f"{name:<11} {value}")
    return 0


def _lines(found: Description) -> Iterator[tuple[str, object]]:
    yield "category", found.category
    yield "settings", _settings(found.settings)
    yield "format", found.format
    yield "generation", found.generation
    yield "references", found.references
    for segment in found.segments:
        size = f"{segment.bytes / 1e6:.1f} MB"
        yield f"segment {segment.number}", f"{segment.live} live of {segment.rows} rows, {size}"
    yield "journal", f"{found.journal} references"
    yield "retired", f"{len(found.retired)} segments"
    yield "receipts", found.receipts
    yield "labels", ", ".join(found.labels) or "none"
    yield "writer", "at work" if found.writer else "none"
    if found.unfinished:
        yield "unfinished", "the last writer died in the middle of a change; see recover"


def _settings(settings: Mapping[str, Any]) -> str:
    model = settings.get("model")
    if model is not None:
        return "model {name} {version}, {dimension} dimensions, normalise {normalise}".format(
            **model
        )
    if "parameters" in settings:
        block = json.loads(settings["parameters"])
        return (
            f"parameters {block['name']} {block['version']}, scheme {block['scheme']}, "
            f"{block['bits']} bits, fingerprint {settings['fingerprint']}"
        )
    return ", ".join(map(_setting, settings.items())) or "none"


def _setting(setting: tuple[str, Any]) -> str:
    name, value = setting
    return f"{len(value)} {name}" if isinstance(value, Sized) else f"{name} {value}"

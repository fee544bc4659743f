"""Settings and fixtures that all tests share."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from support.examples import DESCRIPTION, EXAMPLES
from support.galleries import drawn_kit
from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.kits import FACE, KITS, TOY, TOY_OF_FOUR_PARTS, Kit, on_disk

# Where the galleries of a kit are.
PLACES = ("", " on disk")
# Thousands of small galleries wait for a disk thousands of times. What is tested is what is asked
# of a disk, not the disk: folders are in memory where there is one that takes them.
IN_MEMORY = "/dev/shm"
if os.access(IN_MEMORY, os.W_OK):
    tempfile.tempdir = IN_MEMORY

# The machine decides how long an example takes; no test asserts a wall time.
settings.register_profile(
    "untimed",
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")


def pytest_report_header() -> list[str]:
    return [DESCRIPTION, drawn_kit.DESCRIPTION]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat the header below the failures; with -q it is not shown otherwise."""
    for line in pytest_report_header():
        terminalreporter.write_line(line)


def placements(kits: Iterable[Kit], places: Iterable[str] = PLACES) -> list[Any]:
    """Return parameters: each of the kits in each of the places."""
    return [
        pytest.param((kit, place), id=kit.name + place, marks=[pytest.mark.on_disk] * bool(place))
        for kit, place in product(kits, places)
    ]


@contextmanager
def placed(kit: Kit, place: str) -> Iterator[Kit]:
    """Lend a kit whose galleries are in memory, or the same kit on disk."""
    if not place:
        yield kit
        return
    with on_disk(kit) as stored:
        yield stored


@pytest.fixture(params=placements([*KITS, TOY_OF_FOUR_PARTS]))
def kit_anywhere(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Every category, in memory and on disk, which are the same to whoever uses them."""
    with placed(*request.param) as kit:
        yield kit


@pytest.fixture(params=placements(HEAVY_KITS))
def heavy_kit_anywhere(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """The toy and the drawn category, in memory and on disk."""
    with placed(*request.param) as kit:
        yield kit


@pytest.fixture(params=placements([TOY]) + placements([FACE], PLACES[1:]))
def one_of_few_kits(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Kits for checks that run before a category or a storage is involved."""
    with placed(*request.param) as kit:
        yield kit

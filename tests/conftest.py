"""Settings and fixtures that all tests share."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from hypothesis import settings

from support import drawn_kit
from support.drawn_kit import HEAVY_KITS
from support.examples import DESCRIPTION, EXAMPLES
from support.kits import FACE, KITS, TOY, Kit, on_disk

# Where the galleries of a kit are.
PLACES = ("", " on disk")
# Thousands of small galleries wait for a disk thousands of times. What is tested is what is asked
# of a disk, not the disk: folders are in memory where there is one that takes them.
IN_MEMORY = "/dev/shm"
if os.access(IN_MEMORY, os.W_OK):
    tempfile.tempdir = IN_MEMORY

# The machine decides how long an example takes; no test asserts a wall time.
settings.register_profile("untimed", deadline=None, max_examples=EXAMPLES)
settings.load_profile("untimed")


def pytest_report_header() -> list[str]:
    return [DESCRIPTION, drawn_kit.DESCRIPTION]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat it below the failures; with -q there is no header at all."""
    for line in pytest_report_header():
        terminalreporter.write_line(line)


def named(kit_and_place: tuple[Kit, str]) -> str:
    return kit_and_place[0].name + kit_and_place[1]


@contextmanager
def placed(kit: Kit, place: str) -> Iterator[Kit]:
    """Lend a kit whose galleries are in memory, or the same kit on disk."""
    if not place:
        yield kit
        return
    with on_disk(kit) as stored:
        yield stored


@pytest.fixture(params=product(KITS, PLACES), ids=named)
def kit_anywhere(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Every category, in memory and on disk, which are the same to whoever uses them."""
    with placed(*request.param) as kit:
        yield kit


@pytest.fixture(params=product(HEAVY_KITS, PLACES), ids=named)
def heavy_kit_anywhere(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """The toy and the drawn category, in memory and on disk."""
    with placed(*request.param) as kit:
        yield kit


@pytest.fixture(params=[(TOY, ""), (TOY, PLACES[1]), (FACE, PLACES[1])], ids=named)
def one_of_few_kits(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Kits for what is judged before a category or a storage is reached."""
    with placed(*request.param) as kit:
        yield kit

"""Settings and fixtures that all tests share."""

import os
import tempfile
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import settings

from support.examples import EXAMPLES
from support.kits import KITS, Kit, on_disk

# Thousands of small galleries wait for a disk thousands of times. What is tested is what is asked
# of a disk, not the disk: folders are in memory where there is one that takes them.
IN_MEMORY = "/dev/shm"
if os.access(IN_MEMORY, os.W_OK):
    tempfile.tempdir = IN_MEMORY

# The machine decides how long an example takes; no test asserts a wall time.
settings.register_profile("untimed", deadline=None, max_examples=EXAMPLES)
settings.load_profile("untimed")


@pytest.fixture(params=product(KITS, ("", " on disk")), ids=lambda param: param[0].name + param[1])
def kit_anywhere(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Every category, in memory and on disk, which are the same to whoever uses them."""
    found, place = request.param
    if not place:
        yield found
        return
    with on_disk(found) as stored:
        yield stored

"""The gallery suite runs on every category that there is, and on one that is none of ours.

And on galleries in memory and on disk, which are the same to whoever uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from support.kits import KITS, Kit, on_disk


@pytest.fixture(params=product(KITS, ("", " on disk")), ids=lambda param: param[0].name + param[1])
def kit(request: pytest.FixtureRequest) -> Iterator[Kit]:
    found, place = request.param
    if not place:
        yield found
        return
    with on_disk(found) as stored:
        yield stored

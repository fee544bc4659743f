"""The gallery suite runs on every category that there is, and on one that is none of ours."""

from __future__ import annotations

import pytest

from support.kits import KITS, Kit


@pytest.fixture(params=KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found

"""The gallery suite runs on every category that there is, and on one that is none of ours."""

from __future__ import annotations

import pytest

from support.galleries.kits import Kit


@pytest.fixture
def kit(kit_anywhere: Kit) -> Kit:
    return kit_anywhere

"""The gallery suite runs on every category of the library, and on a toy category."""

from __future__ import annotations

import pytest

from support.galleries.kits import Kit


@pytest.fixture
def kit(kit_anywhere: Kit) -> Kit:
    return kit_anywhere

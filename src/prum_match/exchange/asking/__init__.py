"""The requesting side: a core without input or output, and who drives it."""

from __future__ import annotations

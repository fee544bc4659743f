"""The requesting side: searches under way, without input or output."""

from __future__ import annotations

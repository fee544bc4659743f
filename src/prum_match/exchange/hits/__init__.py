"""What comes after a hit, at both ends: a human's word, the facts, 48 hours, core data."""

from __future__ import annotations

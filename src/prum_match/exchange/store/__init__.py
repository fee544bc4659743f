"""What outlives a restart: where it is kept, and how it is read back."""

from __future__ import annotations

"""Searches that are repeated and registers that are compared: each match is told once."""

from __future__ import annotations

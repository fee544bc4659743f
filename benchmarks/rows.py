"""Rows of simulated registers as reference ids, and back."""

from __future__ import annotations


def reference_id(row: int) -> str:
    return f"R{row:09d}"


def row_of(identifier: str) -> int:
    return int(identifier[1:])

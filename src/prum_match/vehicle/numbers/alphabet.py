"""The symbols of plates and chassis numbers, and their 6-bit codes."""

from __future__ import annotations

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜÅÆØČŠŽĆĐÑÞÐÕŁÇÉÁÍÓÚÝŐŰ/"
"""Code ``i`` stands for ``SYMBOLS[i]``; national letters are symbols of their own."""

CODE_OF = {symbol: code for code, symbol in enumerate(SYMBOLS)}

FILLER = 63
"""Code behind the end of a number and in erased rows; no symbol has it."""

MAX_PLATE = 16
"""Most symbols of a registration number."""

MAX_VIN = 30
"""Most symbols of a chassis number; those that follow ISO 3779 have 17."""

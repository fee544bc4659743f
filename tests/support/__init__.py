"""Helpers that several test folders share; the oracles are elsewhere and know nothing of these."""

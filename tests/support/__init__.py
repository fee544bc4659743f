"""Helpers that several test folders share; the oracles do not use them."""

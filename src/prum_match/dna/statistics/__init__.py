"""Frequencies, likelihood ratios and chance matches."""

"""Rows of a segment: enrolled, merged, overwritten."""

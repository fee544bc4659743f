"""Persons and pseudonyms as columns of a segment."""

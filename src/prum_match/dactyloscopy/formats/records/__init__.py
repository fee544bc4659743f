"""Finger minutiae records, whatever the edition of the standard."""

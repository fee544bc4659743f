"""Profiles as columns of a segment, and as rows of a table."""

"""Filters of persons, and the keys and parameters that make them."""

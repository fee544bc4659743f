"""Persons, their elements, and conditions on them."""

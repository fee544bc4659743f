"""Registrations, their holders, and what makes one valid."""

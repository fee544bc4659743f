"""Galleries and what their searches return."""

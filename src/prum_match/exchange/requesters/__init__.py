"""Requesters: conversations with several parties at once."""

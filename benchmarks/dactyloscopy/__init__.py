"""Dactyloscopic matching: how accurate and how fast, beside others, on any folder of templates."""


class Refused(Exception):
    """What was asked for cannot be done; the message says why."""

"""Dactyloscopic matching: how accurate and how fast, beside others, on any folder of templates."""

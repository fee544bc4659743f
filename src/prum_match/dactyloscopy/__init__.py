"""Dactyloscopic data: the minutiae of fingers, palms and latents."""

from prum_match.dactyloscopy.template import Template

__all__ = ["Template"]

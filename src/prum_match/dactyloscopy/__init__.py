"""Dactyloscopic data: the minutiae of fingers, palms and latents."""

from prum_match.dactyloscopy import formats
from prum_match.dactyloscopy.formats import read
from prum_match.dactyloscopy.template import Template

__all__ = ["Template", "formats", "read"]

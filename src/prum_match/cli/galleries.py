"""Galleries of any category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prum_match import dactyloscopy, dna, engine, face, police_record, vehicle
from prum_match.engine import Category
from prum_match.engine.registry import category_on_disk
from prum_match.engine.store.catalogue import Manifest

KINDS: Mapping[str, type[engine.Gallery[Any]]] = {
    "dna": dna.Gallery,
    "face": face.Gallery,
    "dactyloscopy": dactyloscopy.Gallery,
    "vehicle": vehicle.Gallery,
    "police_record": police_record.Gallery,
}


class AnyGallery(engine.Gallery[Any]):
    """A gallery of the category that its folder names; this module imports all categories."""


def category_of(manifest: Manifest) -> Category[Any, Any]:
    """Return the category of a gallery on disk."""
    return category_on_disk(manifest.category, manifest.settings)

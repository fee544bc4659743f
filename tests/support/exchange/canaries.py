"""One search of each category, with marks in all personal data."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from prum_match import dactyloscopy, dna, face, police_record, vehicle
from prum_match.exchange import Sample
from support.dactyloscopy.templates import known
from support.police_record import families as police

MARK = "Xqzv"
"""In every name, place, fact and image. Nothing that the library says has it."""

OWN_IMAGE = f"{MARK}: an image of a trace".encode() * 3
IMAGE = f"{MARK}: an image of a person".encode() * 3


@dataclass
class Canary:
    """A search that hits, and its personal data, which must not be shown.

    Attributes
    ----------
    probe, item
    The probe, and the reference that it finds.
    secrets : tuple of str
        Text that is in the data of either, besides `MARK`.
    """

    category: str
    gallery: Any
    probe: Any
    item: Any
    secrets: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    has_follow_up: bool = True


def dna_canary() -> Canary:
    # Micro-variants that are in no table and no clock.
    rare = {"SE33": ("28.3", "41.1"), "D21S11": ("31.3", "37.1")}
    loci = {"VWA": (16, 17), "TH01": (6, 9.3), "FGA": (21, 24), "D8S1179": (13, 14), **rare}
    return Canary(
        "dna",
        dna.Gallery(),
        dna.Profile({**loci, "D3S1358": (15, 17)}, kind="stain"),
        dna.Profile({**loci, "D3S1358": (15, 17)}, kind="person"),
        ("28.3", "41.1", "31.3", "37.1"),
    )


def of_images(category: str, gallery: Any, item: Any, policy: Any) -> Canary:
    def extract(image: bytes) -> tuple[Any, float]:
        assert image == OWN_IMAGE
        return item, 1.0

    return Canary(
        category,
        gallery,
        Sample(OWN_IMAGE),
        item,
        options={
            "policies": {category: policy},
            "extract": {category: extract},
            "quality_floors": {category: 0.5},
            "reference_data": {category: lambda reference: IMAGE},
        },
    )


def face_canary() -> Canary:
    model = face.Model(name="made up", version="1", dimension=64)
    vector = np.random.default_rng(8).standard_normal(64).astype(np.float32)
    vector /= np.linalg.norm(vector)
    found = of_images("face", face.Gallery(model), vector, face.Policy(threshold=0.5))
    found.secrets = tuple(f"{number:.5f}" for number in vector.tolist())
    return found


def print_canary() -> Canary:
    gallery = dactyloscopy.Gallery()
    policy = gallery.category.wire.responder_policy
    return of_images("dactyloscopy", gallery, known(1), policy)


def vehicle_canary() -> Canary:
    holder = vehicle.Holder(MARK, MARK, address=f"{MARK} 7", birth_date="1971-12-13")
    car = vehicle.Registration(
        "DE", "X-QZ 9876", valid_from=date(2020, 1, 1), holders=[holder], owners=[holder]
    )
    query = vehicle.ExactQuery("DE", "X-QZ 9876", at=date(2023, 5, 1))
    secrets = ("X-QZ", "XQZ9876", "1971-12-13")
    return Canary("vehicle", vehicle.Gallery(), query, car, secrets, has_follow_up=False)


def record_canary() -> Canary:
    block = police.PSEUDONYMS["field"]
    encoder = police.encoder(block)
    person = police_record.Person(MARK, MARK + "ova", birth_date="1971-12-13", birth_place=MARK)
    one = encoder.encode_one(person)
    return Canary(
        "police_record",
        police_record.Gallery(block),
        one,
        one,
        ("1971-12-13",),
        has_follow_up=False,
    )


CANARIES: dict[str, Callable[[], Canary]] = {
    "dna": dna_canary,
    "face": face_canary,
    "dactyloscopy": print_canary,
    "vehicle": vehicle_canary,
    "police_record": record_canary,
}


def traces_of(data: bytes) -> list[str]:
    """Return traces of bytes in text: parts of them as they are, in base64, and in hex."""
    part = data[len(data) // 3 : len(data) // 3 + 18]
    whole = b64encode(data).decode()
    middle = len(whole) // 2
    return [part.hex(), repr(part)[2:-1], whole[middle : middle + 16], whole[:16]]

"""Many references: a few have unique values, and the rest share theirs."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import dactyloscopy, dna, police_record, vehicle
from support.police_record import families as police

__all__ = ["DRAWN", "LETTERS"]

LETTERS = string.ascii_letters + string.digits
_NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
_LOCI = (*dna.ESS_7, "D22S1045", "PentaE", "SE33")


def _profiles(rng: np.random.Generator, rare: NDArray[np.bool_]) -> dna.ProfileTable:
    """Give the rare ones unique alleles, one pair of them too long for the codes of a row."""
    shape = (len(rare), len(_LOCI), 2)
    alleles = rng.integers(8, 25, shape)
    alleles[rare] = rng.integers(30, 60, shape)[rare]
    alleles[rare, -1] = rng.integers(70, 96, shape)[rare, -1]
    return dna.ProfileTable(_LOCI, (alleles * 10).astype(np.int16))


def _embeddings(rng: np.random.Generator, rare: NDArray[np.bool_]) -> NDArray[np.float32]:
    vectors = rng.standard_normal((len(rare), 64))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    return vectors.astype(np.float32)


def _templates(rng: np.random.Generator, rare: NDArray[np.bool_]) -> list[dactyloscopy.Template]:
    """Give the rare ones unique minutiae, and all others one of a few small prints."""
    common = [_template(rng, 2) for _ in range(50)]
    return [_template(rng, 8) if own else common[i % 50] for i, own in enumerate(rare)]


def _template(rng: np.random.Generator, n: int) -> dactyloscopy.Template:
    x, y, angle = rng.integers(0, 120, (3, n))
    return dactyloscopy.Template(x=x, y=y, angle=3 * angle, width=120, height=120, ppi=500)


def _registrations(rng: np.random.Generator, rare: NDArray[np.bool_]) -> list[vehicle.Registration]:
    """Give the rare ones unique owners and intervals, and all others only a plate."""
    common = [vehicle.Registration("FR", f"AB-{i:03d}-CD") for i in range(1000)]
    return [_registration(rng) if own else common[i % 1000] for i, own in enumerate(rare)]


def _registration(rng: np.random.Generator) -> vehicle.Registration:
    owner = "".join(rng.choice(list(LETTERS), 40))
    begin = _NOON + timedelta(seconds=int(rng.integers(10**8)))
    plate, vin = ("".join(rng.choice(list(LETTERS.upper()), n)) for n in (16, 16))
    return vehicle.Registration("FR", plate, vin, valid_from=begin, owners=[vehicle.Holder(owner)])


def _persons(rng: np.random.Generator, rare: NDArray[np.bool_]) -> list[police_record.Person]:
    """Give the rare ones unique names, an alias and a place of birth."""
    common = [police.person(i) for i in range(1000)]
    return [_person(rng) if own else common[i % 1000] for i, own in enumerate(rare)]


def _person(rng: np.random.Generator) -> police_record.Person:
    words = ["".join(rng.choice(list(LETTERS), 24)) for _ in range(5)]
    born = f"{rng.integers(1900, 2020)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
    return police_record.Person(
        *words[:2], [(words[2], words[3])], birth_place=words[4], birth_date=born
    )


def _pseudonyms(
    scheme: str, rng: np.random.Generator, rare: NDArray[np.bool_]
) -> police_record.EncodedPersons:
    return police.encoder(police.PSEUDONYMS[scheme]).encode(_persons(rng, rare))


DRAWN: dict[str, Callable[[np.random.Generator, NDArray[np.bool_]], Any]] = {
    "numbers": lambda rng, rare: rng.integers(0, 1 << 40, len(rare)).tolist(),
    "dna": _profiles,
    "face": _embeddings,
    "dactyloscopy": _templates,
    "vehicle": _registrations,
    "police_record": _persons,
    "police_record by field": partial(_pseudonyms, "field"),
    "police_record by record": partial(_pseudonyms, "record"),
}

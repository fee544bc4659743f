"""Invented rows for a register: real genotypes without names, drawn prints, made-up persons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from police_host.register import Register
from prum_match import dna, samples
from prum_match.dactyloscopy.formats import ansi_nist
from prum_match.samples import prints

_NAMES = ("Camille Exemple", "Dominique Modèle", "Sacha Fictif", "Alix Imaginé", "Noa Inventé")
Rows = Iterator[Mapping[str, Any]]


def fill_with_people(register: Register, party: str, count: int) -> None:
    """Write persons with a profile, a finger and a car each."""
    profiles = dna.read_csv(samples.NIST_GENOTYPES).profiles[:count]
    fingers, _ = prints.sample(count, ["rolled"], seed=1, position=2)
    register.write("dna_profile", (_profile(party, i, p) for i, p in enumerate(profiles)))
    register.write("print", (_print(party, i, f) for i, f in enumerate(fingers)))
    register.write("registration", (_car(party, i) for i in range(count)))
    register.write("person", (_person(party, i) for i in range(count)))


def fill_with_traces(register: Register, party: str, donors: range) -> None:
    """Write stains and latent prints of people whom another state knows, by their places there."""
    profiles = dna.read_csv(samples.NIST_GENOTYPES).profiles
    latents, _ = prints.sample(max(donors) + 1, ["latent"], seed=1, position=2)
    trace = {"person": None, "class": "stain", "kind": "stain"}
    register.write("dna_profile", (_profile(party, i, profiles[i]) | trace for i in donors))
    del trace["kind"]
    register.write("print", (_print(party, i, latents[i]) | trace for i in donors))


def _keys(party: str, kind: str, i: int) -> dict[str, Any]:
    return {"number": f"{party}-{kind}{i}", "person": f"P{i}", "class": "convicted"}


def _profile(party: str, i: int, profile: dna.Profile) -> dict[str, Any]:
    alleles = {locus: list(values) for locus, values in profile.originals.items()}
    return _keys(party, "D", i) | {"kind": "reference", "alleles": json.dumps(alleles)}


def _print(party: str, i: int, template: Any) -> dict[str, Any]:
    return _keys(party, "F", i) | {"record": ansi_nist.encode([template])}


def _car(party: str, i: int) -> dict[str, Any]:
    first, family = _NAMES[i % len(_NAMES)].split()
    return _keys(party, "V", i) | {
        "country": party,
        "plate": f"AB-{100 + i}-CD",
        "make": "Renault",
        "since": "2018-01-01",
        "holder_name": family,
        "holder_first_name": first,
    }


def _person(party: str, i: int) -> dict[str, Any]:
    first, family = _NAMES[i % len(_NAMES)].split()
    return _keys(party, "P", i) | {
        "first_names": first,
        "family_names": family,
        "birth_date": f"19{50 + i % 50}-07-14",
        "nationalities": party,
        "gender": "X",
    }

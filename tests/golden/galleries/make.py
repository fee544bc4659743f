"""Makes the galleries of a released format, one zip file a category; run once for each format.

PROVENANCE: made by this library on 2026-11-25, format 1, from made-up profiles, vectors, prints,
registrations and persons.
Do not make the files of a format again: today's code has to read what yesterday's wrote.

    python tests/golden/galleries/make.py 1
    python tests/golden/galleries/make.py 1 dactyloscopy
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from prum_match import dactyloscopy, dna, face, police_record, vehicle

HERE = Path(__file__).parent
NOON = datetime(2031, 1, 1, 12, tzinfo=UTC)


def profiles() -> list[dna.Profile]:
    """Return six people; every other one has alleles that need a side table."""
    made: list[dict[str, Any]] = []
    for i in range(6):
        loci: dict[str, Any] = {
            "VWA": (14 + i, 17),
            "TH01": (6, 9.3),
            "D21S11": (28 + i, 30.2),
            "FGA": (21, 24),
            "D8S1179": (10 + i, 13),
            "D3S1358": (15, 17),
        }
        made.append(loci | ({"SE33": ["12", "80"]} if i % 2 else {}))
    return [dna.Profile(loci) for loci in made]


def vectors() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(1).standard_normal((6, 16)).astype(np.float32)


def prints() -> list[dactyloscopy.Template]:
    """Return six prints of scattered minutiae, one of them without a direction."""
    made = []
    for family in range(6):
        random = np.random.default_rng(family)
        x, y, angle = random.integers(0, (300, 300, 360), (24, 3)).T.astype(np.float64)
        angle[family] = np.nan
        kinds = random.integers(0, 3, 24)
        made.append(
            dactyloscopy.Template(
                x=x,
                y=y,
                angle=angle,
                type=kinds,
                quality=20 * kinds,
                width=300,
                height=300,
                ppi=500,
                position=7,
                impression=1,
            )
        )
    return made


def registrations() -> list[vehicle.Registration]:
    """Return six cars; some lack a plate, a chassis number, an interval or a holder."""
    holder = vehicle.Holder("Łucja Müller", address="Straße 1", birth_date="1980-02")
    return [
        vehicle.Registration("DE", "B-AB 123", "WVWZZZ1KZAW000001", valid_from=date(2020, 3, 1)),
        vehicle.Registration("DE", "BA-B 123", valid_from=NOON, valid_to=NOON.replace(year=2040)),
        vehicle.Registration(
            "CZ", "ČŠ 1", "12/345", vehicle_id="V3", make="Škoda", owners=[holder]
        ),
        vehicle.Registration("FR", vin="WVWZZZ1KZOW000004", status="stolen", holders=[holder]),
        vehicle.Registration("FR", "AB-123-CD", valid_to=date(2024, 3, 1), power_kw=77.5),
        vehicle.Registration("GR", "ABP-1234", "1M8GDM9AXKP042788", document_ids=("D1", "D2")),
    ]


def persons() -> list[police_record.Person]:
    """Return six persons; some have aliases, another script, a partial date or a place of birth."""
    return [
        police_record.Person("Jürgen", "Müller", birth_date="1971-05-08", gender="M"),
        police_record.Person("Ana", "García López", ["Ana Ruiz"], birth_date="1980-12"),
        police_record.Person(
            "Мария",
            "Иванова",
            [("Maria", "Petrowa"), "Marusja"],
            birth_date="1991-02-03",
            birth_place="Sofia",
            country_of_birth="BG",
            nationalities=["BG", "DE"],
        ),
        police_record.Person("Hedda", "Tesman", [police_record.Name(None, "Gabler")]),
        police_record.Person(None, "van der Berg", birth_date="1944-01-01", nationalities="NL"),
        police_record.Person("Σοφία", "Παπαδοπούλου", birth_date="1960-10-28", gender="X"),
    ]


def encoded(block: police_record.Parameters) -> list[police_record.EncodedPerson]:
    """Return them encoded; the second and the last also under the key of the next period."""
    made = []
    for i, person in enumerate(persons()):
        now, later = (encoder(block, period).encode_one(person) for period in ("2031", "2032"))
        made.append(now.with_key(later) if i in (1, 5) else now)
    return made


def encoder(block: police_record.Parameters, period: str) -> police_record.Encoder:
    return police_record.Encoder(block, lambda name: name.encode() * 8, period=period)


BLOCKS = {"field": police_record.FIELD_PARAMETERS, "record": police_record.LEGAL_PARAMETERS}


def fill(gallery: Any, items: Any) -> None:
    """Make a segment with an erased row, a journal record, labels, subjects and expiry."""
    gallery.enrol(
        ["A", "B", "C"],
        items[:3],
        subject_ids=["s1", None, "s2"],
        labels="old",
        expires=[None, NOON, None],
    )
    gallery.erase(["B"])
    gallery.replace(["C"], items[3:4])
    gallery.enrol(["D", "E"], items[4:6], labels=["new", None])


def pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))


def main(number: str, *names: str) -> None:
    model = face.Model("made up", "1", 16, normalise="apply")
    empty: dict[str, tuple[Any, Any]] = {
        "dna": (dna.Gallery(), profiles()),
        "face": (face.Gallery(model), vectors()),
        "dactyloscopy": (dactyloscopy.Gallery(), prints()),
        "vehicle": (vehicle.Gallery(), registrations()),
        "police_record": (police_record.Gallery(), persons()),
        **{
            f"police_record_{scheme}": (police_record.Gallery(block), encoded(block))
            for scheme, block in BLOCKS.items()
        },
    }
    for name in names or empty:
        gallery, items = empty[name]
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / name
            gallery.save(folder)
            with type(gallery).open(folder, mode="rw") as opened:
                fill(opened, items)
            pack(folder, HERE / f"format-{number}-{name}.zip")


if __name__ == "__main__":
    main(*sys.argv[1:])

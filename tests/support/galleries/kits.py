"""One small interface over several categories, so that the gallery suite runs on all of them.

An item has a family and a variant: items of one family are candidates for each other if their
variants are 0 to 2, in this order seen from variant 0; variant 3 is none. Items of different
families never are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from oracles.dna import policies as dna_policies
from oracles.face import exact as face_exact
from prum_match import dactyloscopy, dna, face, police_record, vehicle
from prum_match.engine import Gallery, Policy
from support.dna import described, normal_of
from support.police_record import families as police
from toy_category import NUMBERS
from toy_category.marks import MARKS, Mark


@dataclass(frozen=True)
class Kit:
    """A category, or one way to use it, as the gallery suite needs it."""

    # The category, and how it is used if there are several ways.
    name: str
    gallery: Callable[..., Gallery[Any]]
    item: Callable[..., Any]
    bad_item: Any
    bad_code: str
    policy: Policy
    # Key of the order of candidates before the reference id, or None for no candidate.
    judge: Callable[[Any, Any], tuple[Any, ...] | None]
    # References of one subject make one candidate, the best of them.
    fuses_subjects: bool = False
    # A list that was cut says how many there were; otherwise only that there were more.
    counts_past_a_limit: bool = True
    # Galleries are folders, opened for writing.
    on_disk: bool = False

    @property
    def category(self) -> str:
        return self.name.split(" ")[0]

    def items(self, families: Sequence[int], variant: int = 0) -> list[Any]:
        return [self.item(family, variant) for family in families]

    def capped(self, cap: int) -> Policy:
        return replace(self.policy, max_candidates=cap)

    def expected(
        self,
        probe: Any,
        references: Mapping[str, Any],
        subjects: Mapping[str, str | None] | None = None,
    ) -> list[str]:
        """Search by brute force: the ids of all candidates, best first."""
        found = []
        for reference_id, item in references.items():
            key = self.judge(probe, item)
            if key is not None:
                found.append((key, reference_id.encode()))
        ids = [reference_id.decode() for _, reference_id in sorted(found)]
        if subjects is None or not self.fuses_subjects:
            return ids
        best: dict[str, str] = {}
        for reference_id in ids:
            best.setdefault(subjects[reference_id] or f"none: {reference_id}", reference_id)
        return list(best.values())

    def counted(self, found: int, listed: int, n: int) -> bool:
        """Tell whether a list with this many candidates of `n` may state this `n_found`."""
        if self.counts_past_a_limit or listed == n:
            return found == n
        return found == listed + 1


class _Thresholded(Gallery[Any]):
    """A gallery with the usual threshold where the suite does not name a policy."""

    usual: ClassVar[Policy]

    def search(self, probe: Any, *, policy: Any = None, **options: Any) -> Any:
        return super().search(probe, policy=policy or self.usual, **options)

    def search_many(self, probes: Any, *, policy: Any = None, **options: Any) -> Any:
        return super().search_many(probes, policy=policy or self.usual, **options)

    def join(self, references: Any, *, policy: Any = None, **options: Any) -> Any:
        return super().join(references, policy=policy or self.usual, **options)


# --- numbers ------------------------------------------------------------------------------------


def _number(family: int, variant: int = 0) -> int:
    # Far from all numbers that an offset or an index may hold, so that its bytes are its own.
    return 0xC0FFEE0000 + 10 * family + variant


def _judge_numbers(probe: int, reference: int) -> tuple[int] | None:
    distance = abs(probe - reference)
    return (distance,) if distance <= 2 else None


def _number_gallery(**options: Any) -> Gallery[int]:
    return Gallery(NUMBERS, **options)


TOY = Kit(
    name="numbers",
    gallery=_number_gallery,
    item=_number,
    bad_item=-77,
    bad_code="bad_number",
    policy=NUMBERS.matching.default_policy,
    judge=_judge_numbers,
)

# --- marks --------------------------------------------------------------------------------------


def _mark(family: int, variant: int = 0) -> Mark:
    """Return half a digest without the last characters of its variant; some have no year."""
    text = sha256(str(family).encode()).hexdigest()[: 16 + family % 3]
    return Mark("-" * variant + text[variant:], 1950 + family if family % 4 else None)


def _judge_marks(probe: Mark, reference: Mark) -> tuple[int] | None:
    if len(probe.text) != len(reference.text):
        return None
    differences = sum(a != b for a, b in zip(probe.text, reference.text, strict=True))
    return (differences,) if differences <= 2 else None


def _mark_gallery(**options: Any) -> Gallery[Mark]:
    return Gallery(MARKS, **options)


TOY_OF_FOUR_PARTS = Kit(
    name="marks",
    gallery=_mark_gallery,
    item=_mark,
    bad_item=Mark("abc"),
    bad_code="bad_mark",
    policy=MARKS.matching.default_policy,
    judge=_judge_marks,
)

# --- profiles -----------------------------------------------------------------------------------

_LOCI = (*dna.ESS_7, "D22S1045", "PentaE", "SE33")


@cache
def _profile(family: int, variant: int = 0) -> dna.Profile:
    """Return a profile; families differ widely, every other one needs side entries at two loci."""
    loci: dict[str, Any] = {}
    for place, name in enumerate(_LOCI):
        digit = (family // 7 ** (place % 3) + place * (family % 5)) % 7
        loci[name] = [str(10 + 2 * digit), str(11 + 2 * digit)]
    if family % 2:
        rare = dna.format_allele(dna.locus("SE33"), 4 * 70 + family // 2 % 115)
        loci |= {"SE33": ["12", rare], "VWA": [rare, "14", "OL"]}
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"D18S51": [loci["D18S51"][0], "*"]},
        {"FGA": [loci["FGA"][0], "45"]},
        {"FGA": ["44", "45"]},
    )
    return dna.Profile({**loci, **changes[variant]}, kind="stain" if variant == 1 else "reference")


def _judge_profiles(probe: dna.Profile, reference: dna.Profile) -> tuple[Any, ...] | None:
    verdict = dna_policies.judge(normal_of(probe), normal_of(reference), described(dna.PRUM_2008))
    return None if verdict.grade is None else verdict.order("")


DNA = Kit(
    name="dna",
    gallery=dna.Gallery,
    item=_profile,
    bad_item="not a profile",
    bad_code="bad_profile",
    policy=dna.PRUM_2008,
    judge=_judge_profiles,
)

# --- faces --------------------------------------------------------------------------------------

_FACES = face.Model("made up", "1", 64)
_SAME_FACE = face.Policy(threshold=0.8)
# Cosines of the variants of a family to variant 0.
_COSINES = (1.0, 0.95, 0.875, 0.5)


@cache
def _embedding(family: int, variant: int = 0) -> face.Embedding:
    """Draw directions; those of 400 families have a cosine of at most 0.6 to each other."""
    random = np.random.default_rng(family)
    own, other = np.linalg.qr(random.standard_normal((64, 2)))[0].T
    cosine = _COSINES[variant]
    vector = cosine * own + np.sqrt(1 - cosine**2) * other
    return face.Embedding(vector.astype(np.float32), _FACES)


def _judge_faces(probe: face.Embedding, reference: face.Embedding) -> tuple[float] | None:
    score = face_exact.score(probe.vector.tolist(), reference.vector.tolist())
    return (-score,) if score >= 0.8 else None


class _FaceGallery(_Thresholded, face.Gallery):
    usual = _SAME_FACE


def _face_gallery(**options: Any) -> Gallery[face.Embedding]:
    return _FaceGallery(_FACES, **options)


FACE = Kit(
    name="face",
    gallery=_face_gallery,
    item=_embedding,
    bad_item=np.full(64, np.nan, np.float32),
    bad_code="not_finite",
    policy=_SAME_FACE,
    judge=_judge_faces,
    fuses_subjects=True,
    counts_past_a_limit=False,
)

# --- prints -------------------------------------------------------------------------------------

_SAME_SKIN = dactyloscopy.Policy(threshold=60)
_MINUTIAE = 24


@cache
def _template(family: int, variant: int = 0) -> dactyloscopy.Template:
    """Scatter minutiae; later variants lose more of them, and move the rest.

    Members of 400 families score above 100 where they are candidates, and below 36 where they are
    not. Families belong to ten fingers in turn, which are not compared with each other.
    """
    skin = np.random.default_rng((family, variant == 3))
    x, y, angle = skin.integers(20, (300, 300, 350), (_MINUTIAE, 3)).T
    lost = variant % 3
    kept = np.sort(skin.permutation(_MINUTIAE)[2 * lost :])
    errors = np.random.default_rng((family, variant))
    right, down, turn = errors.integers(-lost, lost, (3, len(kept)), endpoint=True)
    return dactyloscopy.Template(
        x=x[kept] + right,
        y=y[kept] + down,
        angle=angle[kept] + 3 * turn,
        type=kept % 3,
        quality=kept,
        width=320,
        height=320,
        ppi=500,
        position=1 + family % 10,
        impression=1,
    )


@cache
def _judge_prints(
    probe: dactyloscopy.Template, reference: dactyloscopy.Template
) -> tuple[float] | None:
    if probe.position != reference.position:
        return None
    score = dactyloscopy.compare(probe, reference).score
    return (-score,) if score >= 60 else None


class _PrintGallery(_Thresholded, dactyloscopy.Gallery):
    usual = _SAME_SKIN


# The judge is the library's own comparison of one pair: what the suite proves of prints is that
# galleries say the same. That the score is the rule is for the tests of comparisons to prove.
DACTYLOSCOPY = Kit(
    name="dactyloscopy",
    gallery=_PrintGallery,
    item=_template,
    bad_item="not a template",
    bad_code="bad_template",
    policy=_SAME_SKIN,
    judge=_judge_prints,
    fuses_subjects=True,
    counts_past_a_limit=False,
)

# --- registrations ------------------------------------------------------------------------------

_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def _plate(family: int) -> tuple[str, str]:
    """Return a plate of 1 to 16 symbols; some differ only in the district, some have umlauts."""
    pair, kind = divmod(family, 6)
    return (
        ("DE", f"B-AB {pair:04d}"),
        ("DE", f"BA-B {pair:04d}"),
        ("CZ", f"{pair:04d} ČŠ"),
        ("HU", str(pair)),
        ("AT", f"Ä-{pair:015d}"),
        ("FR", f"AB-{pair:03d}-CD"),
    )[kind]


def _chassis(family: int, other: bool = False) -> str:
    """Return a chassis number; every sixth is old, with a slash and an O, others have I for 1."""
    # No part of one is a part of another.
    number = f"{(family * 70_000_027 + 12_345_678 + 500 * other) % 10**8:08d}"
    if family % 6 == 2:
        return f"CHO/{number}"
    return f"WVWZZZ{'1I'[family % 2]}KZ{number}"


@cache
def _registration(family: int, variant: int = 0) -> vehicle.Registration:
    """Variant 1 has the plate and another or no chassis number; 2 only the chassis number."""
    bare = family % 4 == 3
    country, plate = _plate(family)
    if variant >= 2:
        country, plate = "PL", f"W{variant}-{family:05d}"
    vin = _chassis(family, other=variant % 2 == 1)
    begin = _FIRST_DAY + timedelta(days=family, seconds=variant)
    details: dict[str, Any] = {}
    if family % 5:
        people = [
            vehicle.Holder(f"{role} {family:05d} of the {variant}th kind", "Łucja", birth_date=born)
            for role, born in (("Holder", "1980-02-29"), ("Owner", "1980-02"))
        ]
        details = {"vehicle_id": f"V{family}", "make": "Škoda"}
        details |= {"holders": people[:1], "owners": people}
    return vehicle.Registration(
        country,
        None if bare and variant == 2 else plate,
        None if bare and variant == 1 else vin,
        valid_from=begin if family % 3 else None,
        valid_to=begin + timedelta(days=900) if family % 2 else None,
        **details,
    )


def _judge_registrations(
    probe: vehicle.Registration, reference: vehicle.Registration
) -> tuple[int] | None:
    same_vin = probe.vin is not None and probe.vin == reference.vin
    plates = [_plate_facts(one) for one in (probe, reference)]
    same_plate = None not in plates and plates[0] == plates[1]
    if not same_plate:
        return (3,) if same_vin else None
    return (1,) if same_vin else (2,)


def _plate_facts(one: vehicle.Registration) -> tuple[str, str, str] | None:
    """Return state and symbols, and for Germany the district, which all plates here have."""
    if one.plate is None:
        return None
    symbols = one.plate.replace("-", "").replace(" ", "")
    return one.country, symbols, one.plate.split("-")[0] if one.country == "DE" else ""


VEHICLE = Kit(
    name="vehicle",
    gallery=vehicle.Gallery,
    item=_registration,
    bad_item="not a registration",
    bad_code="bad_registration",
    policy=vehicle.NATIONAL,
    judge=_judge_registrations,
)

# --- persons ------------------------------------------------------------------------------------

POLICE_RECORD = Kit(
    name="police_record",
    gallery=police_record.Gallery,
    item=police.person,
    bad_item="not a person",
    bad_code="not_a_person",
    policy=police_record.NATIONAL,
    judge=police.judge,
    fuses_subjects=True,
    counts_past_a_limit=False,
)


POLICE_BY_FIELD = Kit(
    name="police_record by field",
    gallery=partial(police_record.Gallery, police.PSEUDONYMS["field"]),
    item=police.by_field,
    bad_item=police.person(0),
    bad_code="clear_text_names",
    policy=police_record.NATIONAL,
    judge=police.judge_by_field,
    fuses_subjects=True,
    counts_past_a_limit=False,
)

POLICE_BY_RECORD = Kit(
    name="police_record by record",
    gallery=partial(police_record.Gallery, police.PSEUDONYMS["record"]),
    item=police.by_record,
    bad_item=police.person(0),
    bad_code="clear_text_names",
    policy=police_record.NATIONAL_DICE,
    judge=police.judge_by_record,
    fuses_subjects=True,
    counts_past_a_limit=False,
)

POLICE_KITS = (POLICE_RECORD, POLICE_BY_FIELD, POLICE_BY_RECORD)
KITS = (TOY, DNA, FACE, DACTYLOSCOPY, VEHICLE, *POLICE_KITS)

# --- on disk ------------------------------------------------------------------------------------


def opened(kit: Kit, path: Path, mode: str = "rw") -> Gallery[Any]:
    """Open a folder as a gallery of the kit."""
    return type(kit.gallery()).open(path, mode=mode)


@contextmanager
def on_disk(kit: Kit) -> Iterator[Kit]:
    """Yield a kit whose galleries are folders; they are closed and removed afterwards."""
    number = count()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_ones:

        def gallery(**options: Any) -> Gallery[Any]:
            path = Path(folder, str(next(number)))
            kit.gallery(**options).save(path)
            return open_ones.enter_context(opened(kit, path))

        yield replace(kit, gallery=gallery, on_disk=True)

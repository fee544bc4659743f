"""Self-test of an installation: golden vectors on every instruction set of this machine.

The report can be filed: it has versions, the machine, and digests of the inputs and of all results.
Equal digests on two machines mean equal results.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import prum_match
from prum_match import _native, dactyloscopy, dna, engine, face, police_record, samples, vehicle
from prum_match.police_record.linkage.levels import DateLevel, NameLevel
from prum_match.police_record.linkage.patterns import Pattern, code_of
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.vehicle.reads.edit_script import cost

_POLICIES = {
    "strict6": dna.PRUM_2008_STRICT,
    "literal": dna.PRUM_2008_LITERAL,
    "lenient": dna.PRUM_2008_LENIENT,
}
_MIXED_DIMENSION = 128
# Symbols that are often misread.
_SYMBOLS = "0O1I8B5S2Z6GQD4A"
# Spellings of one person, and the agreement of each with the first.
_SAME, _ALIKE = NameLevel.EXACT, NameLevel.EQUIVALENT
_WRITTEN = (
    (("Jürgen", "Müller", "1971-05-08"), Pattern(_SAME, _SAME, date=DateLevel.EXACT)),
    (("Juergen", "Mueller", "1971-08-05"), Pattern(_ALIKE, _ALIKE, date=DateLevel.SWAPPED)),
    (("Jürgen", "Мюллер", "1971"), Pattern(_ALIKE, _SAME, date=DateLevel.SAME_YEAR)),
    (("Müller", "Jürgen", "1971-05-09"), Pattern(exchanged=True, date=DateLevel.NEAR)),
    (("Jurgan", "Muler", None), Pattern(NameLevel.CLOSE, NameLevel.CLOSE)),
    (
        (None, "Miller-Schmidt", "1844-10-15"),
        Pattern(NameLevel.DIFFERENT, date=DateLevel.DIFFERENT),
    ),
)
# The golden vectors were made with single values left out, which matters for D27 only.
_DROPS_SINGLE_ALLELES = frozenset({"D27"})


class Digest(Protocol):
    """A checksum that is updated."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""


@dataclass(frozen=True)
class TierResult:
    """Results on one instruction set."""

    tier: str
    checks: int
    failures: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class Report:
    """The self-test of one installation on one machine."""

    made_at: str
    versions: dict[str, str]
    machine: dict[str, str]
    digests: dict[str, str]
    tiers: tuple[TierResult, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks passed on all tiers, with equal results."""
        return not any(t.failures for t in self.tiers) and len({t.digest for t in self.tiers}) == 1

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps({"passed": self.passed, **asdict(self)}, indent=2, sort_keys=True)

    def __str__(self) -> str:
        lines = [f"prum_match self-test, {self.made_at}"]
        for title, facts in (
            ("versions", self.versions),
            ("machine", self.machine),
            ("SHA-256", self.digests),
        ):
            lines.append(f"{title}:")
            lines += [f"  {name:<24} {value}" for name, value in facts.items()]
        lines.append("tiers:")
        for tier in self.tiers:
            verdict = f"{len(tier.failures)} failed" if tier.failures else "passed"
            lines.append(f"  {tier.tier:<24} {tier.checks} checks {verdict}, answers {tier.digest}")
            lines += [f"    failed: {failure}" for failure in tier.failures]
        lines.append("PASSED" if self.passed else "FAILED")
        return "\n".join(lines)


def run() -> Report:
    """Run the self-test on every tier, and restore the tier in use."""
    golden = files("prum_match.dna") / "data" / "golden_2008.json"
    vectors = json.loads(golden.read_text("utf-8"))
    golden_prints = files("prum_match.dactyloscopy") / "data" / "golden_scores.json"
    comparisons = json.loads(golden_prints.read_text("utf-8"))["comparisons"]
    people = dna.read_csv(samples.NIST_GENOTYPES)
    tiers = []
    for tier in prum_match.cpu_tiers():
        with _using(tier):
            checks, failures = _check_vectors(vectors)
            digest = hashlib.sha256()
            failures += _check_people(people, digest)
            checks += len(people.profiles)
            for check in (
                *(_check_faces, partial(_check_prints, comparisons), _check_vehicles),
                *(_check_names, _check_filters),
            ):
                more_checks, more_failures = check(digest)
                checks += more_checks
                failures += more_failures
            tiers.append(TierResult(tier, checks, tuple(failures), digest.hexdigest()))
    return Report(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={
            "prum_match": prum_match.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        machine={
            "processor": _processor(),
            "system": platform.platform(),
            "tiers": ", ".join(prum_match.cpu_tiers()),
            "tier in use": prum_match.active_tier(),
        },
        digests={
            "native module": _sha256(Path(_native.__file__).read_bytes()),
            "golden vectors": _sha256(golden.read_bytes()),
            "golden scores of prints": _sha256(golden_prints.read_bytes()),
            "NIST 1036 genotypes": _sha256(samples.NIST_GENOTYPES.read_bytes()),
        },
        tiers=tuple(tiers),
    )


@contextmanager
def _using(tier: str) -> Iterator[None]:
    before = prum_match.active_tier()
    _native.use_tier(tier)
    try:
        yield
    finally:
        _native.use_tier(before)


def _check_vectors(vectors: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Compare and search each golden vector, both ways round, under the three readings."""
    checks, failures = 0, []
    for vector in vectors:
        single = "drop" if vector["id"] in _DROPS_SINGLE_ALLELES else None
        a, b = (dna.Profile(vector[side], single_allele=single) for side in "AB")
        for name, policy in _POLICIES.items():
            wanted = vector["expect"][name]
            for probe, reference in ((a, b), (b, a)):
                gallery = dna.Gallery()
                gallery.enrol(["reference"], [reference])
                answer = gallery.search(probe, policy=policy)
                found = answer[0].quality if len(answer) else None
                checks += 2
                if (
                    found != wanted
                    or dna.compare(probe, reference, policy=policy).quality != wanted
                ):
                    failures.append(f"{vector['id']} under {name}")
    return checks, failures


def _check_people(people: dna.formats.ProfileFile, digest: Digest) -> list[str]:
    """Search 1036 real profiles among themselves, and compare all pairs."""
    gallery = dna.Gallery()
    gallery.enrol(people.reference_ids, people.profiles)
    answers = gallery.search_many(people.profiles, policy=dna.PRUM_2008_LENIENT)
    failures = [
        "a profile does not find itself first"
        for name, answer in zip(people.reference_ids, answers, strict=True)
        if not len(answer) or answer.reference_ids[0] != name
    ]
    _add_answers(digest, answers)
    digest.update(dna.match_matrix(people.profiles).tobytes())
    return failures


def _add_answers(digest: Digest, answers: engine.CandidateLists[Any]) -> None:
    digest.update("\n".join(answers.reference_ids).encode())
    # Exponentials differ in their last bits between machines.
    names = sorted(set(answers.columns) - {"probability"})
    for column in (answers.offsets, *(answers.columns[name] for name in names)):
        digest.update(np.ascontiguousarray(column).tobytes())


def _check_faces(digest: Digest) -> tuple[int, list[str]]:
    """Search synthetic vectors of whole numbers, whose scores are exact in integers."""
    references, probes = _mixed(range(2000)), _mixed(range(100_000, 100_040))
    gallery = face.Gallery(face.Model("self-test", "1", _MIXED_DIMENSION, normalise="none"))
    ids = [f"{i:04}" for i in range(len(references))]
    gallery.enrol(ids, references)
    batch = gallery.search_many(probes, limit=20)
    failures = []
    for number, (probe, answer) in enumerate(zip(probes, batch, strict=True)):
        scores = references @ probe
        best = np.lexsort((np.arange(len(ids)), -scores))[:20]
        wanted = [(ids[i], float(scores[i])) for i in best]
        policy = face.Policy(threshold=wanted[-1][1])
        for found in (answer, gallery.search(probe, policy=policy, limit=20)):
            if list(zip(found.reference_ids, found.scores.tolist(), strict=True)) != wanted:
                failures.append(f"face probe {number}")
    _add_answers(digest, batch)
    return 2 * len(probes), failures


def _check_prints(comparisons: list[dict[str, Any]], digest: Digest) -> tuple[int, list[str]]:
    """Compare golden pairs of prints, both ways round, and search each among all of them."""
    probes, references = ([_print(pair[side]) for pair in comparisons] for side in "ab")
    ids = [f"{i:02}" for i in range(len(references))]
    gallery = dactyloscopy.Gallery()
    gallery.enrol(ids, references)
    batch = gallery.search_many(probes, limit=len(ids))
    failures = []
    for name, pair, a, b, answer in zip(ids, comparisons, probes, references, batch, strict=True):
        wanted = float.fromhex(pair["score"])
        found = dict(zip(answer.reference_ids, answer.scores.tolist(), strict=True))
        scores = {dactyloscopy.compare(a, b).score, dactyloscopy.compare(b, a).score}
        if scores != {wanted} or found.get(name, 0.0) != wanted:
            failures.append(f"prints {name}")
    _add_answers(digest, batch)
    digest.update(dactyloscopy.score_matrix(probes, references).tobytes())
    return 3 * len(probes), failures


def _check_vehicles(digest: Digest) -> tuple[int, list[str]]:
    """Search similar plates with complete, misread and partial ones."""
    plates = _plates()
    gallery = vehicle.Gallery()
    gallery.enrol(list(plates), [vehicle.Registration("FR", plate) for plate in plates.values()])
    wanted = _near_plates()
    batch = gallery.search_many(list(wanted))
    failures = []
    for number, (query, answer) in enumerate(zip(wanted, batch, strict=True)):
        found = list(zip(answer.reference_ids, answer.columns["cost"].tolist(), strict=True))
        if found != wanted[query]:
            failures.append(f"vehicle query {number}")
    _add_answers(digest, batch)
    return len(batch), failures


@cache
def _plates() -> dict[str, str]:
    """Return synthetic plates by id."""
    numbers = (_mixed(range(600))[:, :7] + 8) % (2, 2, 4, 4, 4, 16, 16)
    rows = enumerate(numbers.tolist())
    return {f"{i:03}": "".join(_SYMBOLS[number] for number in row) for i, row in rows}


@cache
def _near_plates() -> dict[vehicle.Query, list[tuple[str, float]]]:
    """Return queries with their expected ids and costs, found by comparing every plate."""
    plates = _plates()
    found: dict[vehicle.Query, list[tuple[str, float]]] = {}
    for plate in list(plates.values())[::120]:
        equal = [(name, 0.0) for name, other in plates.items() if other == plate]
        found[vehicle.ExactQuery("FR", plate)] = equal
        pattern = f"{plate[:2]}*[{plate[5]}A]?"
        found[vehicle.PatternQuery(pattern)] = [
            (name, 0.0) for name, other in plates.items() if fnmatchcase(other, pattern)
        ]
        read = plate[3] + plate[:4] + plate[5:]
        for costs in (vehicle.UNIT_COSTS, vehicle.OCR_COSTS):
            all_costs = ((cost(costs, read, other), name) for name, other in plates.items())
            near = sorted(pair for pair in all_costs if pair[0] <= 2000)
            query = vehicle.FuzzyQuery(read, max_cost=2, costs=costs)
            found[query] = [(name, thousandths / 1000) for thousandths, name in near]
    return found


def _check_names(digest: Digest) -> tuple[int, list[str]]:
    """Search other spellings of names in clear; the weight of each agreement is known."""
    persons = [police_record.Person(*names, birth_date=born) for (*names, born), _ in _WRITTEN]
    gallery = police_record.Gallery()
    gallery.enrol([str(i) for i in range(len(persons))], persons)
    policy = police_record.LinkagePolicy(threshold=-1000)
    batch = gallery.search_many(persons, policy=policy)
    _add_answers(digest, batch)
    scores = dict(zip(batch[0].reference_ids, batch[0].columns["score"].tolist(), strict=True))
    weights = policy.model.weights().of([code_of(pattern) for _, pattern in _WRITTEN])
    failures = [f"name {i}" for i, w in enumerate(weights) if scores[str(i)] * 1024 != w]
    return len(weights), failures


def _check_filters(digest: Digest) -> tuple[int, list[str]]:
    """Search filters of mixed bits; a matrix product gives the expected scores."""
    filters = ((_mixed(range(700)) + 8) * 16 + _mixed(range(700, 1400)) + 8).astype(np.uint8)
    ids = [f"{i:03}" for i in range(len(filters))]
    failures = []
    for block in (police_record.LEGAL_PARAMETERS, police_record.FIELD_PARAMETERS):
        persons = _encoded(block.fingerprint, filters)
        gallery = police_record.Gallery(block)
        gallery.enrol(ids, persons)
        probes = persons[:20]
        if block.scheme == "field":
            _add_answers(digest, gallery.search_many(probes, limit=10))
            continue
        batch = gallery.search_many(
            probes, policy=police_record.DicePolicy(threshold=0.4), limit=10
        )
        _add_answers(digest, batch)
        bits = np.unpackbits(filters, axis=1).astype(np.int64)
        for i, answer in enumerate(batch):
            scores = 2 * (bits @ bits[i]) / (bits.sum(axis=1) + bits[i].sum())
            wanted = [(ids[j], scores[j]) for j in np.lexsort((range(len(ids)), -scores))[:10]]
            found = zip(answer.reference_ids, answer.columns["score"].tolist(), strict=True)
            if list(found) != wanted:
                failures.append(f"filter {i}")
    return 20, failures


def _encoded(block: str, filters: NDArray[np.uint8]) -> police_record.EncodedPersons:
    n = len(filters)
    return police_record.EncodedPersons(
        block,
        "0" * 16,
        filters,
        np.arange(n + 1),
        np.zeros(0, np.uint32),
        np.zeros(n + 1, np.int64),
        ClearFields.of([police_record.Person()] * n),
        np.ones(n, np.bool_),
        np.ones(n, np.bool_),
    )


def _print(units: list[list[int]]) -> dactyloscopy.Template:
    """Return a print of minutiae in units: at 2540 pixels an inch a pixel is one."""
    x, y, turn = (np.array(values, np.int64) for values in units)
    angle = np.where(turn < 0, np.nan, turn * (360 / 65536))
    return dactyloscopy.Template(x=x, y=y, angle=angle, width=0, height=0, ppi=2540)


def _mixed(rows: range) -> NDArray[np.int64]:
    """Return vectors of whole numbers from -8 to 7, by a mixing function instead of chance."""
    i, j = np.array(rows, np.uint32)[:, None], np.arange(_MIXED_DIMENSION, dtype=np.uint32)
    h = i * np.uint32(2654435761) + j * np.uint32(40503) + np.uint32(12345)
    h = (h ^ h >> np.uint32(15)) * np.uint32(2246822519)
    h = (h ^ h >> np.uint32(13)) * np.uint32(3266489917)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(28)).astype(np.int64) - 8


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

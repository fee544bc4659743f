"""A host that a type checker follows: each category's lists, candidates and comparisons.

Nothing is annotated but its own functions: ``mypy --strict`` finds the types of all that is used
here, and ``make lint`` runs it.
"""

from __future__ import annotations

import pickle
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from prum_match import Eligible, dactyloscopy, dna, exchange, face, police_record, vehicle
from prum_match.engine import CandidateList
from prum_match.samples import prints

STAIN = dna.Profile(
    {
        "VWA": (16, 17),
        "TH01": (6, 9.3),
        "D21S11": (29, 30.2),
        "FGA": (21, 24),
        "D8S1179": (13, 14),
        "D3S1358": (15, 17),
    },
    kind="stain",
)


def dna_of(folder: Path) -> list[str]:
    """Search a gallery on disk; say which loci agree."""
    made = dna.Gallery(labels=["stain"])
    made.enrol(["NL-1"], [STAIN], labels="stain")
    made.save(folder)
    with dna.Gallery.open(folder) as gallery:
        answer = gallery.search(STAIN, eligible=Eligible(labels=["stain"]))
        grades: list[int] = answer.grades.tolist()
        lines = [
            f"{candidate.reference_id}, quality {candidate.quality}: "
            + ", ".join(locus.locus for locus in candidate.explain().loci if locus.outcome)
            for candidate in answer
        ]
        lines += [f"{block.examined} references examined" for block in gallery.join(made)]
    kept: dna.CandidateList = pickle.loads(pickle.dumps(answer))
    return [*lines, f"grades {grades}, kept {kept == answer}"]


def prints_of() -> str:
    """Search with a latent; say how much of it overlaps."""
    templates, _ = prints.sample(20, ["rolled", "latent"], seed=5)
    gallery = dactyloscopy.Gallery()
    gallery.enrol([f"P{i}" for i in range(20)], templates[::2])
    best = gallery.search(templates[1], limit=1)[0]
    return f"{best.reference_id}: {len(best.explain().pairs)} pairs, position {best.item.position}"


def face_of() -> str:
    """Search many faces at once."""
    model = face.Model(name="example", version="1", dimension=4, normalise="apply")
    gallery = face.Gallery(model)
    gallery.enrol(["F1", "F2"], np.eye(2, 4, dtype=np.float32))
    (answer,) = gallery.search_many(np.ones((1, 4), np.float32), policy=face.Policy(threshold=0.1))
    best = answer[0]
    return f"{best.item.model.name}: {best.explain().is_candidate}, {answer.scores.max():.2f}"


def vehicle_of() -> tuple[vehicle.Gallery, str]:
    """Ask a register; its lists have a status, its candidates a registration."""
    register = vehicle.Gallery()
    register.enrol(["V"], [vehicle.Registration("FR", "AB-123-CD", make="Renault")])
    answer = register.search(vehicle.ExactQuery("FR", "ab123cd", at=date(2021, 1, 1)))
    best = answer[0]
    return register, f"{answer.status}: {best.registration.make}, {best.explain().is_candidate}"


def person_of() -> str:
    """Search for a person; candidates have a match quality."""
    index = police_record.Gallery()
    hedda = police_record.Person("Hedda", "Gabler", birth_date="1861-02-03")
    index.enrol(["NO-1"], [hedda])
    return index.search(hedda)[0].match_quality.value


def best_of(answer: CandidateList) -> str:
    """Take a list of any category."""
    return answer[0].reference_id if answer else "nobody"


def exchange_of(register: vehicle.Gallery) -> list[str]:
    """Answer with two galleries, and ask one of them."""
    gallery = dna.Gallery()
    gallery.enrol(["FR-1"], [STAIN])
    responder = exchange.Responder("FR", {"dna": gallery, "vehicle": register})
    transport = exchange.InProcessTransport({"FR": responder}, own_party="NL")
    requester = exchange.Requester(transport, "NL", category="dna")
    outcome = requester.search(STAIN, ["FR"], timeout=3)
    hits = [f"{party}: {candidate.reference}" for party, candidate in outcome.hits]
    return [*hits, best_of(gallery.search(STAIN))]


def main() -> None:
    """Print what each category says."""
    with tempfile.TemporaryDirectory() as folder:
        print(*dna_of(Path(folder) / "dna"), sep="\n")
    register, found = vehicle_of()
    print(prints_of(), face_of(), found, person_of(), *exchange_of(register), sep="\n")


if __name__ == "__main__":
    main()

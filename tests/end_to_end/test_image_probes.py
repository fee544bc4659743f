"""Prints and faces: a probe comes as an image, and the image of the match goes back.

Two vendors' templates or embeddings are not comparable, so the image is sent; here its
bytes are a made-up name that the host's `extract` knows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from prum_match import Eligible, dactyloscopy, face
from prum_match.errors import InvalidInput
from prum_match.exchange import Partner, PartnerRules, Quota, Responder
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import SearchReply, SearchRequest, decode_reply, encode
from support.dactyloscopy.templates import changed, known

MODEL = face.Model(name="made up", version="1", dimension=64)
PEOPLE = np.linalg.qr(np.random.default_rng(8).standard_normal((64, 64)))[0].astype(np.float32)


def image_of(reference: str) -> bytes:
    return f"the image of {reference}".encode()


def extract_face(image: bytes) -> tuple[Any, float]:
    if image == b"no face":
        raise InvalidInput("nothing in it", code="no_face")
    number, quality = image.split()
    return PEOPLE[int(number)], float(quality)


def extract_print(image: bytes) -> tuple[Any, float]:
    number, kind, quality = image.decode().split()
    template = known(int(number))
    return changed(template, impression=4) if kind == "latent" else template, float(quality)


@pytest.fixture
def faces() -> face.Gallery:
    gallery = face.Gallery(MODEL, labels=["convicted", "unidentified"])
    gallery.enrol(
        ["F1", "F1-b", "F2", "F3"],
        PEOPLE[[1, 1, 2, 3]],
        subject_ids=["one", "one", "two", "three"],
        labels=["convicted", "convicted", "convicted", "unidentified"],
    )
    return gallery


@pytest.fixture
def prints() -> dactyloscopy.Gallery:
    gallery = dactyloscopy.Gallery()
    gallery.enrol(["P1", "P2"], [known(1), known(2)], subject_ids=["one", "two"])
    return gallery


def responder_of(category: str, gallery: Any, extract: Any, policy: Any, **options: Any) -> Any:
    return Responder(
        "DE",
        {category: gallery},
        policies={category: policy},
        extract={category: extract},
        quality_floors={category: 0.5},
        reference_data={category: image_of},
        **options,
    )


def ask(responder: Responder, category: str, image: bytes, number: str = "1") -> SearchReply:
    request = SearchRequest(
        category=category,
        requesting="AT",
        requested="DE",
        number=number,
        time=datetime.now(UTC),
        reference="AT-1",
        type=None,
        probe=image,
    )
    return decode_reply(responder.handle("AT", encode(request)))


THRESHOLD = face.Policy(threshold=0.5)


def test_a_face_brings_the_image_of_its_match(faces: face.Gallery) -> None:
    # The category of this gallery, with its model, is in no registry.
    reply = ask(responder_of("face", faces, extract_face, THRESHOLD), "face", b"1 0.9")
    (candidate,) = reply.candidates
    assert candidate.reference in {"F1", "F1-b"}  # one of a subject stands for it
    assert candidate.data == image_of(candidate.reference)
    assert (candidate.type, candidate.readings) == (None, ())
    assert candidate.quality is None  # a score ranks it, and is not in the list of fields


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"9 0.9", "no_hit"),
        (b"1 0.4", "unsuitable"),
        (b"1 nan", "unsuitable"),
        (b"no face", "unsuitable"),
        (b"rubbish", "extract_failed"),
    ],
)
def test_further_fields_of_a_face(faces: face.Gallery, image: bytes, said: str) -> None:
    reply = ask(responder_of("face", faces, extract_face, THRESHOLD), "face", image)
    assert (reply.code or reply.result.value) == said


def test_a_limit_counts_subjects(faces: face.Gallery) -> None:
    responder = responder_of("face", faces, extract_face, face.Policy(), limit=2)
    assert len(ask(responder, "face", b"1 0.9").candidates) == 2


def partner(category: str, **rules: Any) -> dict[str, Partner]:
    return {"AT": Partner(categories={category: PartnerRules(**rules)})}


def test_a_partner_may_find_faces_of_some_labels(faces: face.Gallery) -> None:
    for labels, result in ((["unidentified"], "no_hit"), (["convicted"], "hit")):
        partners = partner("face", labels={"*": labels})
        responder = responder_of("face", faces, extract_face, THRESHOLD, partners=partners)
        assert ask(responder, "face", b"1 0.9").result.value == result
    own = {"face": Eligible(labels={"unidentified"})}
    responder = responder_of("face", faces, extract_face, THRESHOLD, eligible=own)
    assert ask(responder, "face", b"1 0.9").result.value == "no_hit"


def test_faces_have_one_quota_for_all_probes(
    faces: face.Gallery,
) -> None:
    partners = partner("face", quota=Quota(identified=1, unidentified=1))
    audit = MemoryAudit()
    said = []
    for number in "1234":
        responder = responder_of(
            "face", faces, extract_face, THRESHOLD, partners=partners, audit=audit
        )
        image = b"1 0.4" if number == "1" else b"1 0.9"
        reply = ask(responder, "face", image, number)
        said.append(reply.code or reply.result.value)
    assert said == ["unsuitable", "hit", "hit", "quota_exhausted"]


def test_prints_and_latents_have_a_quota_each(prints: dactyloscopy.Gallery) -> None:
    partners = partner("dactyloscopy", quota=Quota(identified=1, unidentified=1))
    policy = dactyloscopy.Policy(threshold=1)
    audit = MemoryAudit()
    said = []
    for number, kind in enumerate(["print", "latent", "latent", "print"]):
        responder = responder_of(
            "dactyloscopy", prints, extract_print, policy, partners=partners, audit=audit
        )
        image = f"1 {kind} 0.9".encode()
        reply = ask(responder, "dactyloscopy", image, str(number))
        said.append(reply.code or reply.result.value)
    assert said == ["hit", "hit", "quota_exhausted", "quota_exhausted"]
    assert [entry.type for entry in audit.entries()] == ["P", "S", "S", "P"]


def test_a_print_brings_the_image_of_its_match(prints: dactyloscopy.Gallery) -> None:
    policy = dactyloscopy.Policy(threshold=1)
    responder = responder_of("dactyloscopy", prints, extract_print, policy)
    reply = ask(responder, "dactyloscopy", b"1 print 0.9")
    best = reply.candidates[0]
    assert (best.reference, best.data, best.type) == ("P1", image_of("P1"), None)
    assert best.quality is None


def test_the_audit_records_whether_a_print_was_a_latent(prints: dactyloscopy.Gallery) -> None:
    # A quota that is agreed tomorrow counts what was asked today.
    audit = MemoryAudit()
    policy = dactyloscopy.Policy(threshold=1)
    responder = responder_of("dactyloscopy", prints, extract_print, policy, audit=audit)
    ask(responder, "dactyloscopy", b"1 latent 0.9")
    assert [entry.type for entry in audit.entries()] == ["S"]

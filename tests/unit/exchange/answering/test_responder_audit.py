"""Each request is audited once, before its reply leaves, and without content."""

from __future__ import annotations

import pytest

from prum_match.exchange import Limits, Partner, PartnerRules, Quota, Responder
from prum_match.exchange.audit import Act, Entry, MemoryAudit
from prum_match.exchange.messages import Result, decode_reply, encode


@pytest.fixture
def audit():
    return MemoryAudit()


@pytest.fixture
def gallery(toy):
    return toy.Gallery({"DE-1": toy.Item("apple"), "DE-2": toy.Item("axe", "S")})


@pytest.fixture
def responder(gallery, clock, audit):
    return Responder("DE", {"toy": gallery}, clock=clock, audit=audit)


@pytest.fixture
def entry(clock):
    def build(**changes):
        fields = {
            "act": Act.ANSWERED,
            "time": clock(),
            "party": "AT",
            "category": "toy",
            "number": "q1",
            "type": "P",
        }
        return Entry(**{**fields, **changes})

    return build


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"result": "hit", "candidates": 2}),
        ({"probe": b'["zebra", "P"]'}, {"result": "no_hit"}),
        ({"probe": b'["a", "P"]'}, {"result": "unsuitable"}),
        ({"probe": b"CANARY"}, {"result": "error", "code": "invalid_probe"}),
        ({"probe": b'["a", "S"]'}, {"result": "error", "code": "type_mismatch"}),
        (
            {"category": "other"},
            {"result": "refused", "code": "category_not_held", "category": "other"},
        ),
    ],
)
def test_every_answer_is_audited(changes, expected, responder, request_of, audit, entry):
    responder.handle("AT", encode(request_of(**changes)))
    assert list(audit.entries()) == [entry(**expected)]


def test_an_unreadable_request_is_audited_as_far_as_known(responder, audit, entry):
    responder.handle("AT", b"CANARY")
    responder.handle("CANARY", b"{}")
    unknown = {"category": "?", "number": "?", "type": None, "result": "error"}
    assert list(audit.entries()) == [
        entry(**unknown, code="malformed"),
        entry(**unknown, code="missing_field", party="?"),
    ]


def test_the_channel_identifies_the_requesting_party(responder, request_of, audit, entry):
    responder.handle("FR", encode(request_of()))
    responder.handle("XX", encode(request_of()))
    assert list(audit.entries()) == [
        entry(party="FR", result="refused", code="party_mismatch"),
        entry(party="?", result="refused", code="unknown_party"),
    ]


def test_the_entry_has_the_time_of_arrival(gallery, clock, audit, request_of, entry):
    expected = entry(result="hit", candidates=2)
    gallery.after_search = lambda one: clock.sleep(60)
    Responder("DE", {"toy": gallery}, clock=clock, audit=audit).handle("AT", encode(request_of()))
    assert list(audit.entries()) == [expected]


def test_the_audit_entry_has_the_type_that_quotas_count(gallery, clock, audit, request_of, toy):
    partners = {"AT": Partner(categories={"toy": PartnerRules(quota=Quota(identified=5))})}
    for profiles in (None, partners):
        responder = Responder(
            "DE",
            {"toy": gallery},
            clock=clock,
            audit=audit,
            partners=profiles,
            extract={"toy": lambda data: (toy.Item("apple", "S"), 1.0)},
            quality_floors={"toy": 1.0},
        )
        number = "q1" if profiles is None else "q2"
        responder.handle("AT", encode(request_of(number=number, type=None, probe=b"an image")))
    assert [one.type for one in audit.entries()] == [None, "S"]


class Broken(MemoryAudit):
    broken = True

    def append(self, entries):
        if self.broken:
            raise OSError("CANARY")
        super().append(entries)


@pytest.mark.parametrize("word", ["apple", "zebra", "a"])
def test_requests_that_cannot_be_audited_are_not_answered(word, gallery, clock, request_of, caplog):
    audit = Broken()
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=audit)
    request = encode(request_of(probe=f'["{word}", "P"]'.encode()))
    reply = decode_reply(responder.handle("AT", request))
    assert (reply.result, reply.code, reply.candidates) == (Result.ERROR, "audit_failed", ())
    assert "CANARY" not in caplog.text
    audit.broken = False
    assert decode_reply(responder.handle("AT", request)).result is not Result.ERROR
    assert len(audit) == 1


def test_a_search_that_could_not_be_audited_does_not_count(gallery, clock, request_of):
    audit = Broken()
    partners = {"AT": Partner(categories={"toy": PartnerRules(quota=Quota(identified=1))})}
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=audit, partners=partners)
    request = encode(request_of())
    assert decode_reply(responder.handle("AT", request)).code == "audit_failed"
    audit.broken = False
    assert decode_reply(responder.handle("AT", request)).result is Result.HIT


def test_the_entry_is_there_before_the_reply(gallery, clock, request_of):
    order = []

    class Watched(MemoryAudit):
        def append(self, entries):
            order.append("audit")
            super().append(entries)

    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=Watched())
    responder.handle("AT", encode(request_of()))
    order.append("reply")
    assert order == ["audit", "reply"]


def test_no_content_is_audited(gallery, clock, request_of, toy):
    seen = []

    class Watched(MemoryAudit):
        def append(self, entries):
            entries = list(entries)
            seen.extend(map(repr, entries))
            super().append(entries)

    gallery.items["CANARY-ID"] = toy.Item("applecanary")
    responder = Responder("DE", {"toy": gallery}, clock=clock, audit=Watched())
    responder.handle("AT", encode(request_of(probe=b'["applecanary", "P"]')))
    responder.handle("AT", encode(request_of(number="q2", reference="CANARY-REF")))
    assert len(seen) == 2
    assert "canary" not in "".join(seen).lower()


def test_a_message_past_the_limits_is_audited(gallery, clock, audit, request_of):
    responder = Responder(
        "DE", {"toy": gallery}, clock=clock, audit=audit, limits=Limits(request_bytes=10)
    )
    responder.handle("AT", encode(request_of()))
    assert [(one.number, one.code) for one in audit.entries()] == [("?", "too_large")]

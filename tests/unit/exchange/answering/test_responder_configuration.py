"""What a host gives a responder is checked when it is given, and told by its own name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prum_match import Eligible, dna, engine, face, vehicle
from prum_match.engine import registry
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.exchange import FollowUp, Limits, Partner, PartnerRules, Quota, Responder
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import Result, decode_reply, encode
from support.exchange.toy import Category

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
}


@pytest.fixture(autouse=True)
def toy_registry(monkeypatch):
    """Here the real categories are meant, and the toy as one more."""
    known = registry.category
    monkeypatch.setattr(
        engine, "category", lambda name: Category() if name == "toy" else known(name)
    )


@pytest.fixture
def gallery():
    made = dna.Gallery(labels=["convicted", "suspect"])
    made.enrol(["DE-1"], [dna.Profile(LOCI)], labels="suspect")
    return made


def refusal(galleries, **options):
    with pytest.raises(InvalidInput) as caught:
        Responder("DE", galleries, **options)
    return caught.value.code, caught.value.field, str(caught.value)


@pytest.mark.parametrize(
    "policy",
    [
        face.Policy(threshold=0.5),
        vehicle.Policy(),
        dna.ReadingPolicy,
        type(dna.PRUM_2008),
        None,
        7,
        b"prum-2008-strict",
        {"name": "prum-2008-strict"},
    ],
)
def test_what_is_no_policy_of_the_category_is_refused(policy, gallery):
    code, field, text = refusal({"dna": gallery}, policies={"dna": policy})
    assert (code, field) == ("foreign_policy", "policies")
    assert "dna" in text


def test_a_policy_may_be_given_by_its_name(gallery):
    responder = Responder("DE", {"dna": gallery}, policies={"dna": "prum-2008-lenient"})
    assert responder._holdings["dna"].policy is dna.PRUM_2008_LENIENT
    assert Responder("DE", {"dna": gallery})._holdings["dna"].policy is dna.RESPONDER_2008
    code, field, text = refusal({"dna": gallery}, policies={"dna": "PRUM_2008"})
    assert (code, field) == ("unknown_policy", "policies")
    assert "prum-2008-strict" in text
    # The name of another category's policy is no name here.
    assert refusal({"dna": gallery}, policies={"dna": "inner-product"})[0] == "unknown_policy"
    named = Responder("DE", {"vehicle": vehicle.Gallery()}, policies={"vehicle": "national"})
    assert named._holdings["vehicle"].policy == vehicle.Policy()


def test_partner_files_resolve_the_same_names(gallery):
    raw = {"categories": {"dna": {"policy": "prum-2008-lenient"}}}
    partner = Partner.from_dict(raw)
    assert partner.categories["dna"].policy is dna.PRUM_2008_LENIENT
    assert Partner.from_dict(partner.to_dict()) == partner
    # What the host hands over goes before what the category has.
    own = dna.ReadingPolicy(
        name="prum-2008-lenient", version="2", source="own", readings=(dna.Reading(name="own"),)
    )
    assert Partner.from_dict(raw, policies=[own]).categories["dna"].policy is own
    other = {"categories": {"vehicle": {"policy": "prum-2008-lenient"}}}
    with pytest.raises(InvalidInput, match="unknown_policy; field policy"):
        Partner.from_dict(other)


def test_a_foreign_policy_of_a_partner_is_refused(gallery):
    partner = Partner(categories={"dna": PartnerRules(policy=face.Policy(threshold=0.5))})
    for options in ({"partners": {"AT": partner}}, {"default_partner": partner}):
        code, field, text = refusal({"dna": gallery}, **options)
        assert (code, field) == ("foreign_policy", "policy")
        assert "dna" in text


def test_galleries_are_given_under_the_names_of_their_categories(gallery):
    code, field, text = refusal({"DNA": gallery})
    assert (code, field) == ("unknown_category", "galleries")
    assert "'DNA'" in text
    assert "dna" in text
    code, field, text = refusal({"face": gallery})
    assert (code, field) == ("foreign_gallery", "galleries")
    assert "face" in text
    assert "dna" in text
    # A gallery of the host's own says nothing of its category.
    own = SimpleNamespace(search=lambda probe, **options: [], generation=0)
    assert refusal({"DNA": own})[0] == "unknown_category"
    Responder("DE", {"dna": own})
    for no_gallery in (None, "dna", [], dna.Gallery):
        assert refusal({"dna": no_gallery})[:2] == ("bad_option", "galleries")


@pytest.mark.parametrize("name", ["DNA", "", "fingerprints", 7, None])
def test_categories_of_partners_exist(name, gallery):
    with pytest.raises(InvalidInput, match="unknown_category; field categories"):
        Partner.from_dict({"categories": {name: {}}})
    partner = Partner(categories={name: PartnerRules()})
    assert refusal({"dna": gallery}, partners={"AT": partner})[:2] == (
        "unknown_category",
        "categories",
    )
    # A category of the law is one though this party does not hold it.
    Partner.from_dict({"categories": {"police_record": {}}})


def test_labels_are_those_of_the_gallery(gallery):
    code, field, text = refusal({"dna": gallery}, eligible={"dna": Eligible(labels=["convited"])})
    assert (code, field) == ("unknown_label", "eligible")
    assert "dna" in text
    partner = Partner(categories={"dna": PartnerRules(labels={"S": ["convited"]})})
    assert refusal({"dna": gallery}, partners={"AT": partner})[:2] == ("unknown_label", "eligible")
    known = Partner(categories={"dna": PartnerRules(labels={"S": ["convicted"]})})
    Responder("DE", {"dna": gallery}, partners={"AT": known})


@pytest.mark.parametrize("eligible", [{}, {"labels": ["suspect"]}, "suspect", ["suspect"], 1])
def test_a_filter_is_an_eligible(eligible, gallery):
    assert refusal({"dna": gallery}, eligible={"dna": eligible})[:2] == ("bad_option", "eligible")
    with pytest.raises(InvalidInput, match="bad_option; field eligible"):
        gallery.search(dna.Profile(LOCI), eligible=eligible)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"policies": "dna"}, "bad_option", "policies"),
        ({"eligible": Eligible(labels=["suspect"])}, "bad_option", "eligible"),
        ({"reference_data": {"dna": b"data"}}, "bad_option", "reference_data"),
        ({"extract": {"dna": 1}, "quality_floors": {"dna": 1}}, "bad_option", "extract"),
        ({"quality_floors": {"dna": "high"}}, "bad_option", "quality_floors of dna"),
        ({"partners": [Partner()]}, "bad_option", "partners"),
        ({"partners": {"AT": {"categories": {}}}}, "bad_option", "partners"),
        ({"default_partner": {"categories": {}}}, "bad_option", "partners"),
        ({"limit": 2**64}, "bad_limit", "limit"),
        ({"limit": 2.0}, "bad_limit", "limit"),
        ({"max_concurrent": 2**64}, "bad_limit", "max_concurrent"),
        ({"follow_up": FollowUp("FR")}, "other_party", "follow_up"),
        ({"policies": ""}, "bad_option", "policies"),
        ({"eligible": 0}, "bad_option", "eligible"),
        ({"reference_data": ()}, "bad_option", "reference_data"),
        ({"partners": []}, "bad_option", "partners"),
        ({"follow_up": 5}, "bad_option", "follow_up"),
        ({"store": 5}, "bad_option", "store"),
        ({"audit": 5}, "bad_option", "audit"),
        ({"limits": 5}, "bad_option", "limits"),
        ({"clock": 5}, "bad_option", "clock"),
        ({"new_number": 5}, "bad_option", "new_number"),
        ({"replay_window": 5}, "bad_option", "replay_window"),
    ],
)
def test_options_of_another_kind_are_refused(options, code, field, gallery):
    assert refusal({"dna": gallery}, **options)[:2] == (code, field)


def test_a_gallery_alone_is_no_mapping(gallery):
    assert refusal(gallery)[:2] == ("bad_option", "galleries")


def test_a_limit_that_no_list_can_have_is_an_error_of_the_caller(gallery):
    for limit in (2**63, 2**64, 10**30):
        with pytest.raises(InvalidInput, match="bad_limit; field limit"):
            gallery.search(dna.Profile(LOCI), limit=limit)
    assert len(gallery.search(dna.Profile(LOCI), limit=2**63 - 1)) == 1


# --- at request time ------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["check_suitable", "search"])
def test_a_policy_found_foreign_by_a_request_is_no_fact_about_the_probe(
    step, toy, request_of, monkeypatch
):
    def foreign(*args, **options):
        raise ComparisonMismatch("CANARY", code="foreign_policy", field="policy")

    gallery, audit = toy.Gallery({"DE-1": toy.Item("apple")}), MemoryAudit()
    monkeypatch.setattr(
        *((toy.category.wire.__class__, step) if step != "search" else (toy.Gallery, step)), foreign
    )
    responder = Responder("DE", {"toy": gallery}, audit=audit, limits=Limits())
    request = encode(request_of())
    reply = decode_reply(responder.handle("AT", request))
    assert (reply.result, reply.code) == (Result.ERROR, "foreign_policy")
    assert [(entry.result, entry.code) for entry in audit.entries()] == [
        ("error", "foreign_policy")
    ]
    # It is not kept: once the host has put it right, the same request is answered.
    monkeypatch.undo()
    monkeypatch.setattr(engine, "category", lambda name: toy.category)
    assert decode_reply(responder.handle("AT", request)).result is Result.HIT


def test_a_clock_that_jumps_neither_resets_a_quota_nor_refuses_the_following_days(
    toy, request_of, clock
):
    rules = PartnerRules(quota=Quota(identified=2))
    responder = Responder(
        "DE",
        {"toy": toy.Gallery({"DE-1": toy.Item("apple")})},
        clock=clock,
        partners={"AT": Partner(categories={"toy": rules})},
    )
    numbers = iter(range(99))

    def ask(request=None):
        request = request or request_of(number=f"q{next(numbers)}", time=clock())
        reply = decode_reply(responder.handle("AT", encode(request)))
        return reply.code or reply.result.value

    first = request_of(number="first", time=clock())
    assert [ask(first), ask(), ask()] == ["hit", "hit", "quota_exhausted"]
    month = 31 * 24 * 3600
    clock.sleep(month)
    assert [ask(), ask(), ask()] == ["hit", "hit", "quota_exhausted"]
    clock.sleep(1 - month)
    assert ask() == "quota_exhausted"
    # Its number expired while the clock was ahead; it is not answered a second time.
    assert ask(first) == "already_answered"
    for _ in range(3):
        clock.sleep(24 * 3600)
        assert [ask(), ask(), ask()] == ["hit", "hit", "quota_exhausted"]

from __future__ import annotations

import json

import pytest

from prum_match import Eligible
from prum_match.engine import Policy
from prum_match.errors import InvalidInput
from prum_match.exchange import Partner, PartnerRules, Quota, Responder
from prum_match.exchange.messages import Result, decode_reply, encode

STRICT = Policy(name="strict", version="1", source="a test")
WIDE = Policy(name="wide", version="1", source="a test")
RAW = {
    "categories": {
        "dna": {
            "policy": "strict",
            "labels": {"P": ["stain"], "S": ["convicted", "stain"]},
            "features": ["TH01", "VWA"],
            "limit": 10,
        },
        "face": {"labels": {"*": []}, "quota": {"identified": 100, "unidentified": 0}},
        "police_record": {"participates": False},
        "vehicle": {},
    },
    "aliases": ["EL-FORENSIC"],
}


def refusal(raw, *policies):
    with pytest.raises(InvalidInput) as caught:
        Partner.from_dict(raw, policies=policies)
    assert "CANARY" not in f"{caught.value} {caught.value!r} {caught.value.args}"
    return caught.value.code, caught.value.field


def test_a_profile_is_data():
    partner = Partner.from_dict(json.loads(json.dumps(RAW)), policies=[WIDE, STRICT])
    assert partner == Partner(
        categories={
            "dna": PartnerRules(
                policy=STRICT,
                labels={"P": {"stain"}, "S": {"convicted", "stain"}},
                features={"VWA", "TH01"},
                limit=10,
            ),
            "face": PartnerRules(labels={"*": ()}, quota=Quota(identified=100, unidentified=0)),
            "police_record": PartnerRules(participates=False),
            "vehicle": PartnerRules(),
        },
        aliases=("EL-FORENSIC",),
    )
    assert partner.to_dict() == RAW


def test_missing_fields_have_defaults():
    assert Partner.from_dict({}) == Partner()
    assert Partner().to_dict() == {"categories": {}}
    assert Partner.from_dict({"categories": {"dna": {"policy": None, "quota": None}}}) == Partner(
        categories={"dna": PartnerRules()}
    )


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"CANARY": 1}, "PartnerRules"),
        ("CANARY", "PartnerRules"),
        ({"participates": "CANARY"}, "participates"),
        ({"limit": 0}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"labels": ["CANARY"]}, "labels"),
        ({"labels": {"CANARY": []}}, "labels"),
        ({"labels": {"P": "CANARY"}}, "labels"),
        ({"labels": {"P": 5}}, "labels"),
        ({"labels": {"P": [""]}}, "labels"),
        ({"labels": {"P": [None]}}, "labels"),
        ({"features": "CANARY"}, "features"),
        ({"features": [5]}, "features"),
        ({"quota": 5}, "Quota"),
        ({"quota": {"CANARY": 5}}, "Quota"),
        ({"quota": {"identified": -1}}, "identified"),
        ({"quota": {"unidentified": "CANARY"}}, "unidentified"),
    ],
)
def test_the_list_of_fields_is_closed(rules, field):
    assert refusal({"categories": {"dna": rules}}) == ("bad_partner", field)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("CANARY", "Partner"),
        ({"CANARY": 1}, "Partner"),
        ({"categories": "CANARY"}, "categories"),
        ({"aliases": "CANARY"}, "aliases"),
        ({"aliases": [5]}, "aliases"),
    ],
)
def test_the_list_of_a_partners_fields_is_closed(raw, field):
    assert refusal(raw) == ("bad_partner", field)


def test_rules_are_rules_and_not_something_else():
    with pytest.raises(InvalidInput) as caught:
        Partner(categories={"dna": {"limit": 5}})
    assert (caught.value.code, caught.value.field) == ("bad_partner", "categories")
    with pytest.raises(InvalidInput) as caught:
        PartnerRules(quota=5)
    assert (caught.value.code, caught.value.field) == ("bad_partner", "quota")


@pytest.mark.parametrize("name", ["CANARY", 5, ["strict"]])
def test_an_unknown_policy_is_refused(name):
    assert refusal({"categories": {"dna": {"policy": name}}}, STRICT) == (
        "unknown_policy",
        "policy",
    )


def test_a_quota_of_probes_without_a_type_is_the_sum():
    quota = Quota(identified=100, unidentified=20)
    assert [quota.of(one) for one in ("P", "S", None)] == [100, 20, 120]
    assert Quota(identified=5).of(None) is None
    assert Quota(identified=5).of("S") is None
    assert Quota(unidentified=5).of("P") is None


# --- what a responder makes of them --------------------------------------------------------------


@pytest.fixture
def gallery(toy):
    return toy.Gallery(
        {"DE-1": toy.Item("apple"), "DE-2": toy.Item("axe", "S"), "DE-3": toy.Item("pear")}
    )


@pytest.fixture
def ask(gallery, request_of, clock):
    def ask(partners, *, party="AT", changes=None, **options):
        responder = Responder("DE", {"toy": gallery}, clock=clock, partners=partners, **options)
        request = request_of(**{"requesting": "AT", **(changes or {})})
        reply = decode_reply(responder.handle(party, encode(request)))
        return reply.result, reply.code

    return ask


def rules(**given):
    return {"AT": Partner(categories={"toy": PartnerRules(**given)})}


def test_only_partners_in_the_table_are_answered(ask):
    assert ask(rules()) == (Result.HIT, None)
    assert ask({}) == (Result.REFUSED, "not_authorised")
    assert ask({"FR": rules()["AT"]}) == (Result.REFUSED, "not_authorised")
    assert ask({"AT": Partner()}) == (Result.REFUSED, "not_authorised")
    assert ask({"FR": Partner()}, default_partner=rules()["AT"]) == (Result.HIT, None)
    assert ask({"AT": Partner()}, default_partner=rules()["AT"]) == (
        Result.REFUSED,
        "not_authorised",
    )
    assert ask(None, default_partner=Partner()) == (Result.REFUSED, "not_authorised")
    assert ask(None) == (Result.HIT, None)


def test_golden_p09_a_partner_that_does_not_participate_is_refused(ask):
    assert ask(rules(participates=False)) == (Result.REFUSED, "not_reciprocal")


def test_a_profile_may_name_categories_that_are_not_held(ask):
    both = Partner(categories={"toy": PartnerRules(), "dna": PartnerRules()})
    assert ask({"AT": both}) == (Result.HIT, None)
    assert ask({"AT": both}, changes={"category": "dna"}) == (Result.REFUSED, "category_not_held")


def test_the_partners_policy_is_searched_with(ask, gallery, toy):
    policy = toy.Policy(max_candidates=7)
    ask(rules(policy=policy), policies={"toy": toy.Policy()})
    assert gallery.searches[-1]["policy"] is policy
    ask(rules(), policies={"toy": toy.Policy(max_candidates=9)})
    assert gallery.searches[-1]["policy"] == toy.Policy(max_candidates=9)
    with pytest.raises(InvalidInput) as caught:
        ask(rules(policy=STRICT))
    assert caught.value.code == "foreign_policy"


def test_which_kinds_may_be_searched_with_which(ask, gallery):
    table = rules(labels={"P": {"stain", "missing"}})
    assert ask(table)[0] is Result.HIT
    assert gallery.searches[-1]["eligible"] == Eligible(labels=frozenset({"stain", "missing"}))
    trace = {"type": "S", "probe": b'["apple", "S"]'}
    assert ask(table, changes=trace) == (Result.REFUSED, "not_authorised")
    assert ask(rules(labels={"P": ()})) == (Result.REFUSED, "not_authorised")
    assert len(gallery.searches) == 1


def test_a_probe_without_a_type_has_labels_of_its_own(ask, gallery, toy, monkeypatch):
    monkeypatch.setattr(type(toy.category.wire), "item_type", lambda self, item: None)
    untyped = {"type": None}
    assert ask(rules(labels={"P": {"stain"}}), changes=untyped)[1] == "not_authorised"
    assert ask(rules(labels={"*": {"stain"}}), changes=untyped) == (Result.HIT, None)
    assert gallery.searches[-1]["eligible"] == Eligible(labels=frozenset({"stain"}))


def test_a_partner_never_finds_references_that_the_responder_excludes(ask, gallery):
    own = Eligible(labels=["stain", "suspect"], ranges={"quality": (1, None)})
    assert ask(rules(labels={"P": {"stain", "victim"}}), eligible={"toy": own})[0] is Result.HIT
    assert gallery.searches[-1]["eligible"] == Eligible(
        labels=frozenset({"stain"}), ranges={"quality": (1, None)}
    )
    assert ask(rules(labels={"P": {"victim"}}), eligible={"toy": own})[1] == "not_authorised"
    ask(rules(), eligible={"toy": own})
    assert gallery.searches[-1]["eligible"] is own


def test_labels_only_combine_with_an_eligible(ask):
    with pytest.raises(InvalidInput) as caught:
        ask(rules(labels={"P": {"stain"}}), eligible={"toy": "of the host's own"})
    assert (caught.value.code, caught.value.field) == ("bad_option", "eligible")


@pytest.mark.parametrize(
    ("own", "partners", "most"), [(None, 1, 1), (1, None, 1), (1, 5, 1), (5, 1, 1), (5, 2, 2)]
)
def test_the_lower_limit_holds(own, partners, most, gallery, request_of, clock):
    responder = Responder(
        "DE", {"toy": gallery}, clock=clock, limit=own, partners=rules(limit=partners)
    )
    reply = decode_reply(responder.handle("AT", encode(request_of())))
    assert len(reply.candidates) == most


def test_the_channels_own_name_of_a_partner_is_understood(ask):
    table = {"EL": Partner(categories={"toy": PartnerRules()}, aliases=("HELLAS", "GR-2"))}
    greek = {"requesting": "GR"}
    for name in ("HELLAS", "GR-2", "GR", "EL"):
        assert ask(table, party=name, changes=greek) == (Result.HIT, None)
    for name in ("hellas", None, ["HELLAS"], b"GR"):
        assert ask(table, party=name, changes=greek) == (Result.REFUSED, "unknown_party")


def test_two_partners_do_not_share_a_name(ask):
    with pytest.raises(InvalidInput) as caught:
        ask({"AT": Partner(aliases=("X",)), "FR": Partner(aliases=("X",))})
    assert (caught.value.code, caught.value.field) == ("duplicate_party", "aliases")
    with pytest.raises(InvalidInput) as caught:
        ask({"XX": Partner()})
    assert caught.value.code == "unknown_party"


def test_a_quota_is_only_where_law_has_one(toy):
    from prum_match import dna

    with pytest.raises(InvalidInput) as caught:
        Responder(
            "DE",
            {"dna": dna.Gallery()},
            partners={"AT": Partner(categories={"dna": PartnerRules(quota=Quota(identified=1))})},
        )
    assert (caught.value.code, caught.value.field) == ("no_quota", "quota")


def test_a_partner_gets_the_loci_that_it_can_read():
    from prum_match import dna

    person = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3), "AMEL": ("X", "Y")})

    def written(*features):
        wire = dna.DNA.wire
        return dna.from_bytes(wire.reference_to_bytes(person, wire.check_features(features)))

    assert dict(written("vWA").pairs) == {"VWA": person.pairs["VWA"]}
    assert written("vWA").amelogenin == ()
    assert written("VWA", "TH 01", "AMEL").pairs == person.pairs
    assert written("AMEL").amelogenin == ("X", "Y")


@pytest.mark.parametrize(
    ("features", "options", "code"),
    [
        (["CANARY"], {}, "unknown_locus"),
        (["VWA"], {"reference_data": {"dna": bytes}}, "bad_option"),
    ],
)
def test_invalid_features_are_refused_at_once(features, options, code):
    from prum_match import dna

    partners = {"AT": Partner(categories={"dna": PartnerRules(features=features)})}
    with pytest.raises(InvalidInput) as caught:
        Responder("DE", {"dna": dna.Gallery()}, partners=partners, **options)
    assert caught.value.code == code
    assert "CANARY" not in str(caught.value)


def test_a_category_that_is_sent_whole_has_no_features():
    from prum_match import vehicle

    partners = {"AT": Partner(categories={"vehicle": PartnerRules(features=["make"])})}
    with pytest.raises(InvalidInput) as caught:
        Responder("DE", {"vehicle": vehicle.Gallery()}, partners=partners)
    assert (caught.value.code, caught.value.field) == ("no_features", "features")

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import Limits, Outcome, Responder
from prum_match.exchange.messages import Result, decode_reply, decode_request, encode

VECTORS = Path(__file__).parents[3] / "golden" / "exchange_golden.json"
GOLDEN = {vector["id"]: vector for vector in json.loads(VECTORS.read_text(encoding="utf-8"))}


@pytest.fixture
def gallery(toy):
    return toy.Gallery(
        {"DE-1": toy.Item("apple"), "DE-2": toy.Item("axe", "S"), "DE-3": toy.Item("pear")}
    )


@pytest.fixture
def answer(gallery, request_of, clock):
    """Ask a responder with the given options, and read its reply."""

    def ask(*, word="apple", party="AT", changes=None, **options):
        responder = Responder("DE", {"toy": gallery}, **{"clock": clock, **options})
        probe = json.dumps([word, "P"]).encode()
        request = request_of(**{"probe": probe, **(changes or {})})
        return decode_reply(responder.handle(party, encode(request)))

    return ask


def test_a_hit_carries_the_matching_data(answer, toy, request_of, clock, numbers):
    clock.sleep(5)
    reply = answer(clock=clock, new_number=numbers)
    assert (reply.result, reply.code, reply.retry_after) == (Result.HIT, None, None)
    assert reply.request == request_of().head()
    assert (reply.number, reply.time) == ("n1", clock())
    first, second = reply.candidates
    assert (first.rank, first.reference, first.type, first.quality) == (1, "DE-1", "P", 1)
    assert (second.rank, second.reference, second.type, second.quality) == (2, "DE-2", "S", 2)
    assert (first.readings, second.readings) == (("strict", "wide"), ("wide",))
    assert toy.category.wire.reference_from_bytes(second.data) == toy.Item("axe", "S")


def test_golden_r01_a_reply_with_a_name_in_it_is_not_accepted(
    germany, conversation, toy, request_of
):
    assert GOLDEN["R01"]["expect"].startswith("reject: closed list of reply fields")
    query = conversation.submit(toy.Item("apple"), parties=["DE"])
    reply = json.loads(germany.handle("AT", query.outgoing[0].data))
    reply[GOLDEN["R01"]["given"]["fields_extra"]] = "CANARY"
    data = json.dumps(reply, sort_keys=True, separators=(",", ":")).encode()
    event = conversation.deliver("DE", data)
    assert (event.outcome.outcome, event.code) == (Outcome.INVALID_REPLY, "unknown_field")


def test_golden_r02_no_hit_is_reported(answer, conversation, germany, toy):
    assert GOLDEN["R02"]["expect"] == "send explicit no-match"
    reply = answer(word="zebra")
    assert (reply.result, reply.candidates) == (Result.NO_HIT, ())
    query = conversation.submit(toy.Item("zebra"), parties=["DE"])
    conversation.deliver("DE", germany.handle("AT", query.outgoing[0].data))
    assert query.outcome["DE"].outcome is Outcome.NO_HIT
    assert query.outcome.complete


def test_golden_r03_a_purpose_in_the_request_is_refused(germany, request_of):
    assert GOLDEN["R03"]["expect"].startswith("reject: closed list")
    raw = json.loads(encode(request_of()))
    raw[GOLDEN["R03"]["given"]["fields_extra"]] = "murder"
    data = json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()
    reply = decode_reply(germany.handle("AT", data))
    assert (reply.result, reply.code) == (Result.ERROR, "unknown_field")


def test_golden_q01_unsuitable_is_not_no_hit(answer, conversation, germany, toy):
    assert "not no-match" in GOLDEN["Q01"]["expect"]
    assert answer(word="").result is Result.UNSUITABLE
    assert answer(word="a").result is Result.UNSUITABLE
    query = conversation.submit(toy.Item("a"), parties=["DE"])
    conversation.deliver("DE", germany.handle("AT", query.outgoing[0].data))
    assert query.outcome["DE"].outcome is Outcome.UNSUITABLE
    assert not query.outcome.complete


@pytest.mark.parametrize(
    ("party", "changes", "code"),
    [
        ("FR", {}, "party_mismatch"),
        ("XX", {}, "unknown_party"),
        (None, {}, "unknown_party"),
        ("AT", {"requested": "FR"}, "not_addressed_here"),
        ("AT", {"category": "other"}, "category_not_held"),
    ],
)
def test_refusals_have_codes(party, changes, code, answer, request_of):
    reply = answer(party=party, changes=changes)
    assert (reply.result, reply.code) == (Result.REFUSED, code)
    assert reply.request == request_of(**changes).head()


def test_an_alias_from_the_channel_is_understood(answer):
    assert answer(party="EL", changes={"requesting": "GR"}).result is Result.HIT


@pytest.mark.parametrize("data", [b"", b"CANARY", b"{}", b"[[[[", b"\xff", None, "text"])
def test_an_unreadable_request_is_an_error_without_a_request(data, germany):
    reply = decode_reply(germany.handle("AT", data))
    assert (reply.result, reply.request) == (Result.ERROR, None)
    assert reply.code in {"malformed", "missing_field", "too_deep"}


def test_a_request_that_is_too_large_is_an_error(gallery, request_of):
    request = encode(request_of())
    responder = Responder("DE", {"toy": gallery}, limits=Limits(request_bytes=len(request) - 1))
    assert decode_reply(responder.handle("AT", request)).code == "too_large"


@pytest.mark.parametrize(
    ("probe", "code"),
    [(b"CANARY", "invalid_probe"), (b"[]", "invalid_probe"), (b'["a", "S"]', "type_mismatch")],
)
def test_an_unusable_probe_is_an_error(probe, code, answer):
    reply = answer(changes={"probe": probe})
    assert (reply.result, reply.code) == (Result.ERROR, code)


def test_a_list_that_only_the_message_limit_cuts_is_an_error(answer):
    # "apple" finds two of the gallery; a lawful limit may cut them, the size of a message not.
    assert answer(limits=Limits(candidates=1)).code == "reply_too_large"
    assert answer(limit=1, limits=Limits(candidates=1)).result is Result.HIT


def test_the_search_gets_policy_cap_and_eligible(answer, gallery, toy):
    policy = toy.Policy(max_candidates=7)
    answer()
    answer(policies={"toy": policy}, eligible={"toy": "suspects"}, limit=9)
    answer(limit=3, limits=Limits(candidates=5))
    first, second, third = gallery.searches
    assert first == {"policy": toy.category.wire.responder_policy, "limit": 501, "eligible": None}
    assert second == {"policy": policy, "limit": 7, "eligible": "suspects"}
    assert third["limit"] == 6


def subjects(gallery, monkeypatch, **of):
    """Give references a subject, and count the searches' candidates as references."""
    plain = type(gallery).search

    def search(self, probe, **options):
        found = plain(self, probe, **options)
        for one in found:
            one.subject_id = of.get(one.reference_id.replace("-", ""))
        return found

    monkeypatch.setattr(type(gallery), "search", search)


def test_a_limit_counts_subjects_and_never_splits_one(answer, gallery, toy, monkeypatch):
    for number in (4, 5, 6):
        gallery.items[f"DE-{number}"] = toy.Item("ant")
    # In the order of rank: DE-1 (one), DE-2 (two), DE-4 (one), DE-5 (nobody's), DE-6 (two).
    subjects(gallery, monkeypatch, DE1="one", DE2="two", DE4="one", DE6="two")
    by_limit = {limit: [c.reference for c in answer(limit=limit).candidates] for limit in (1, 2, 3)}
    assert by_limit == {
        1: ["DE-1", "DE-4"],
        2: ["DE-1", "DE-2", "DE-4", "DE-6"],
        3: ["DE-1", "DE-2", "DE-4", "DE-5", "DE-6"],
    }
    assert [one.rank for one in answer(limit=2).candidates] == [1, 2, 3, 4]


def test_a_reference_is_not_taken_for_the_subject_of_its_name(answer, gallery, monkeypatch):
    subjects(gallery, monkeypatch, DE1="DE-2")
    assert [one.reference for one in answer(limit=1).candidates] == ["DE-1"]


def test_candidates_that_are_subjects_are_counted_by_the_search(answer, gallery, toy, monkeypatch):
    monkeypatch.setattr(type(toy.category.matching), "fuses_subjects", True)
    answer(limit=3)
    answer(limit=3, policies={"toy": toy.Policy(max_candidates=2)})
    answer(limit=3, limits=Limits(candidates=2))
    answer(limits=Limits(candidates=2))
    assert [one["limit"] for one in gallery.searches] == [3, 2, 3, 3]


def test_a_limit_of_the_law_is_not_a_size_error(answer, gallery, toy):
    gallery.items.update({f"DE-{number}": toy.Item("ant") for number in range(4, 9)})
    # Seven references, of which a message holds three: the first two subjects are the answer.
    reply = answer(limit=2, limits=Limits(candidates=3))
    assert [one.reference for one in reply.candidates] == ["DE-1", "DE-2"]
    assert answer(limit=4, limits=Limits(candidates=3)).code == "reply_too_large"


def test_a_reply_does_not_depend_on_other_references(gallery, toy, request_of, clock):
    def ask():
        responder = Responder("DE", {"toy": gallery}, clock=clock, new_number=lambda: "n", limit=1)
        return [
            responder.handle(
                "AT", encode(request_of(number=word, probe=f'["{word}", "P"]'.encode()))
            )
            for word in ("apple", "zebra", "a")
        ]

    before = ask()
    gallery.items.update({f"DE-{number}": toy.Item("plum") for number in range(10, 99)})
    gallery.generation += 1
    assert ask() == before
    # Nor does a candidate that a limit cut off leave a trace.
    gallery.items["DE-99"] = toy.Item("ant")
    assert ask() == before


def test_the_cap_holds_even_if_the_search_forgets_it(answer):
    assert [one.reference for one in answer(limit=1).candidates] == ["DE-1"]


def test_the_matching_data_can_come_from_the_host(answer):
    reply = answer(reference_data={"toy": lambda reference: b"image of " + reference.encode()})
    assert [one.data for one in reply.candidates] == [b"image of DE-1", b"image of DE-2"]


def test_a_reference_erased_after_the_search_is_not_in_the_reply(answer, gallery):
    gallery.after_search = lambda one: one.erase("DE-1") if "DE-1" in one.items else None
    reply = answer()
    assert [(one.rank, one.reference) for one in reply.candidates] == [(1, "DE-2")]


def test_erasing_the_only_candidate_after_the_search_makes_a_no_hit(answer, gallery):
    gallery.after_search = lambda one: one.erase("DE-3") if "DE-3" in one.items else None
    assert answer(word="pear").result is Result.NO_HIT


def test_a_hit_with_lost_data_does_not_become_a_no_hit(answer):
    reply = answer(word="pear", reference_data={"toy": {}.__getitem__})
    assert (reply.result, reply.code) == (Result.ERROR, "reference_data_failed")


def test_a_reference_erased_while_the_host_fetches_its_image_is_left_out(answer, gallery):
    def fetch(reference):
        gallery.items.pop("DE-2", None)
        return b"image"

    assert [one.reference for one in answer(reference_data={"toy": fetch}).candidates] == ["DE-1"]


def test_a_reference_erased_everywhere_while_the_reply_is_made_is_left_out(answer, gallery):
    images = {"DE-1": b"image"}

    def fetch(reference):
        gallery.items.pop("DE-2", None)
        return images[reference]

    assert [one.reference for one in answer(reference_data={"toy": fetch}).candidates] == ["DE-1"]


def test_data_that_was_never_compared_is_not_sent(answer, gallery, toy):
    def replace_once(one):
        one.after_search = lambda one: None
        one.replace("DE-1", toy.Item("CANARY"))

    gallery.after_search = replace_once
    assert [one.reference for one in answer().candidates] == ["DE-2"]


def test_other_enrolments_do_not_hold_a_reply_up(answer, gallery, toy):
    gallery.after_search = lambda one: one.replace("DE-9", toy.Item("other"))
    assert [one.reference for one in answer().candidates] == ["DE-1", "DE-2"]
    assert len(gallery.searches) == 2


def test_a_candidate_that_is_replaced_again_and_again_is_busy(answer, gallery, toy):
    def replace(one):
        one.replace("DE-1", toy.Item(f"apple{len(one.searches)}"))

    gallery.after_search = replace
    reply = answer()
    assert (reply.result, reply.retry_after, reply.code) == (Result.BUSY, 1, None)
    assert len(gallery.searches) == 3
    assert answer(word="zebra").result is Result.NO_HIT


def fail(*arguments, **options):
    raise RuntimeError("CANARY")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"reference_data": {"toy": fail}}, "reference_data_failed"),
        ({"reference_data": {"toy": lambda reference: "CANARY"}}, "reference_data_failed"),
        ({"extract": {"toy": fail}, "quality_floors": {"toy": 1}}, "extract_failed"),
        ({"extract": {"toy": lambda data: 5}, "quality_floors": {"toy": 1}}, "extract_failed"),
        ({"limits": Limits(reply_bytes=200)}, "reply_too_large"),
    ],
)
def test_a_provider_that_fails_is_an_error_without_its_words(options, code, answer, caplog):
    reply = answer(**options)
    assert (reply.result, reply.code) == (Result.ERROR, code)
    assert "request=q1" in caplog.text
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("CANARY"), InvalidInput("no", code="bad_label")])
def test_a_search_that_fails_is_an_error(error, answer, gallery):
    def broken(one):
        raise error

    gallery.after_search = broken
    reply = answer()
    assert (reply.result, reply.code) == (Result.ERROR, "search_failed")


@pytest.mark.parametrize(
    ("quality", "result"),
    [(1.0, Result.HIT), (0.99, Result.UNSUITABLE), (float("nan"), Result.UNSUITABLE)],
)
def test_an_image_below_the_floor_is_unsuitable(quality, result, answer, toy):
    reply = answer(
        extract={"toy": lambda data: (toy.Item("apple"), quality)},
        quality_floors={"toy": 1.0},
        changes={"probe": b"an image", "type": None},
    )
    assert reply.result is result


def test_golden_v05_a_forbidden_search_is_refused_and_not_unsuitable(answer, toy, monkeypatch):
    assert GOLDEN["V05"]["expect"] == "reject: not allowed by law of requested MS"

    def forbid(self, probe, policy):
        raise InvalidInput("not here", code="owner_search_not_allowed")

    monkeypatch.setattr(type(toy.category.wire), "check_suitable", forbid)
    reply = answer()
    assert (reply.result, reply.code) == (Result.REFUSED, "owner_search_not_allowed")


def test_an_image_without_enough_in_it_is_unsuitable(answer, toy):
    extract = {"toy": lambda data: (toy.Item(""), 1.0)}
    assert answer(extract=extract, quality_floors={"toy": 1.0}).result is Result.UNSUITABLE


def test_an_image_that_the_extractor_refuses_is_unsuitable(answer):
    def no_face(data):
        raise InvalidInput("nothing in it", code="no_face")

    reply = answer(extract={"toy": no_face}, quality_floors={"toy": 1.0})
    assert (reply.result, reply.code) == (Result.UNSUITABLE, None)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"extract": {"toy": fail}}, "missing_quality_floor"),
        ({"policies": {"face": None}}, "category_not_held"),
        ({"reference_data": {"face": fail}}, "category_not_held"),
        ({"limit": 0}, "bad_limit"),
        ({"max_concurrent": 0}, "bad_limit"),
    ],
)
def test_options_that_do_not_belong_together(options, code, answer):
    with pytest.raises(InvalidInput) as caught:
        answer(**options)
    assert caught.value.code == code


def test_one_request_too_many_is_busy(gallery, request_of, clock):
    inside, go_on = threading.Event(), threading.Event()

    def wait(one):
        inside.set()
        go_on.wait(10)

    gallery.after_search = wait
    responder = Responder("DE", {"toy": gallery}, max_concurrent=1, clock=clock)
    other = encode(request_of(number="q2"))
    replies = []
    first = threading.Thread(
        target=lambda: replies.append(responder.handle("AT", encode(request_of())))
    )
    first.start()
    assert inside.wait(10)
    assert decode_reply(responder.handle("AT", other)).result is Result.BUSY
    go_on.set()
    first.join(10)
    assert decode_reply(replies[0]).result is Result.HIT
    assert decode_reply(responder.handle("AT", other)).result is Result.HIT


def test_content_stays_out_of_the_log(answer, caplog):
    caplog.set_level("DEBUG", "prum_match")
    answer(word="apple")
    answer(word="CANARY", party="CANARY")
    answer(changes={"probe": b"CANARY"})
    assert "request=q1 party=AT category=toy result=hit code=None candidates=2" in caplog.text
    for secret in ("CANARY", "apple", "DE-1", "AT-7"):
        assert secret not in caplog.text


def test_a_reply_reveals_nothing_about_other_references(germany, conversation, toy):
    query = conversation.submit(toy.Item("pear"), parties=["DE"])
    reply = germany.handle("AT", query.outgoing[0].data)
    assert b"DE-3" in reply
    assert b"DE-1" not in reply
    assert set(json.loads(reply)) == {
        *("version", "kind", "result", "number", "time", "request"),
        *("candidates", "code", "retry_after", "digest"),
    }
    assert decode_request(query.outgoing[0].data).head() == decode_reply(reply).request

"""One case over several categories. The toy category stands for one that no act regulates."""

from __future__ import annotations

import threading
import time

import pytest

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    Conversation,
    FollowUp,
    InProcessTransport,
    Justification,
    MemoryStore,
    Outcome,
    Requester,
    Responder,
    SubjectClass,
    TransportRefused,
    decode_request,
)
from prum_match.exchange.asking.case_views import CaseHit, CaseView, Refusal, search_case, view_case

PARTIES = ["DE", "FR"]
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7", maximum_sentence=60)


class Named:
    """The toy category under another name, as a host's own category would be."""

    def __init__(self, toy, name):
        self._toy, self.name = toy.category, name

    def __getattr__(self, name):
        return getattr(self._toy, name)


class Face(Named):
    """As the table of rules has it: no type in the messages, and no grade."""

    def item_type(self, item):
        return None


@pytest.fixture
def categories(toy, monkeypatch):
    known = {name: Named(toy, name) for name in ("toy", "voice")}
    known["face"] = Face(toy, "face")
    monkeypatch.setattr(engine, "category", known.__getitem__)
    return known


def ungraded(gallery):
    search = gallery.search

    def without_grade(probe, **options):
        found = search(probe, **options)
        for candidate in found:
            candidate.quality = None
        return found

    gallery.search = without_grade
    return gallery


@pytest.fixture
def transport(categories, toy, clock):
    def responder(party):
        galleries = {
            name: toy.Gallery({f"{party}-{name}": toy.Item("apple"), f"{party}-x": toy.Item("ax")})
            for name in categories
        }
        ungraded(galleries["face"])
        return Responder(party, galleries, clock=clock)

    return InProcessTransport({party: responder(party) for party in PARTIES}, "AT")


@pytest.fixture
def requesters(categories, transport):
    return {name: Requester(transport, "AT", category=name) for name in categories}


@pytest.fixture
def probes(toy):
    return {name: toy.Item("apple") for name in ("toy", "voice", "face")}


def ask(requesters, probes, parties=PARTIES, **options):
    options = {"timeout": 60, "justification": WHY, **options}
    return search_case(requesters, probes, parties, **options)


def test_each_category_is_searched_at_each_party(requesters, probes):
    outcome = ask(requesters, probes, references={"toy": "AT-1", "voice": "AT-2", "face": "AT-3"})
    assert list(outcome.results) == ["toy", "voice", "face"]
    for result in outcome.results.values():
        assert {party: one.outcome for party, one in result.results.items()} == {
            "DE": Outcome.HIT,
            "FR": Outcome.HIT,
        }
    pairs = tuple((name, party) for name in probes for party in PARTIES)
    assert (outcome.asked, outcome.answered) == (pairs, pairs)
    assert outcome.complete
    assert outcome.refused == {}
    assert [(hit.category, hit.probe_reference, hit.party) for hit in outcome.hits[::2]] == [
        (name, reference, party)
        for name, reference in (("toy", "AT-1"), ("voice", "AT-2"), ("face", "AT-3"))
        for party in PARTIES
    ]
    assert [hit.candidate.reference for hit in outcome.hits[:2]] == ["DE-toy", "DE-x"]


def test_a_category_that_is_not_justified_is_refused_and_the_others_are_searched(
    requesters, probes
):
    petty = Justification(case="1", offence="0101 00", official="insp-7", maximum_sentence=6)
    outcome = ask(requesters, probes, justification=petty)
    [(name, refusal)] = outcome.refused.items()
    assert (name, refusal.code, refusal.field) == ("face", "minor_offence", "maximum_sentence")
    assert "2024/982" in refusal.rule
    assert list(outcome.results) == ["toy", "voice"]
    assert all(result.complete for result in outcome.results.values())
    assert not outcome.complete
    assert ("face", "DE") not in outcome.asked


def test_a_probe_that_is_not_sent_is_refused(requesters, toy):
    probes = {"toy": toy.Item("home", at_home=True), "voice": toy.Item(""), "face": toy.Item("a")}
    outcome = ask(requesters, probes)
    assert {name: one.code for name, one in outcome.refused.items()} == {
        "toy": "probe_stays_in_house",
        "voice": "too_short",
    }
    assert list(outcome.results) == ["face"]


def test_a_class_of_persons_can_rule_out_one_category(requesters, toy):
    victim = Justification(
        case="1", offence="0101 00", official="insp-7", subject=SubjectClass.VICTIM
    )
    outcome = ask(
        requesters, {"toy": toy.Item("owner"), "voice": toy.Item("ox")}, justification=victim
    )
    assert outcome.refused["toy"].code == "subject_not_allowed"
    assert "voice" in outcome.results


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"parties": ["DE", "XX"]}, InvalidInput, "unknown_party"),
        ({"parties": []}, InvalidInput, "no_party"),
        ({"parties": ["GR", "EL"]}, InvalidInput, "duplicate_party"),
        ({"parties": ["DE", "AT"]}, ExchangeError, "same_party"),
        ({"timeout": 0}, InvalidInput, "bad_timeout"),
        ({"timeout": "soon"}, InvalidInput, "bad_timeout"),
        ({"probes": {}}, InvalidInput, "no_probe"),
        ({"probes": {"dna": object()}}, InvalidInput, "no_requester"),
    ],
)
def test_what_is_wrong_in_every_category_is_refused_as_a_whole(
    changes, error, code, requesters, probes, monkeypatch
):
    sent = []
    monkeypatch.setattr(InProcessTransport, "exchange", lambda *args, **options: sent.append(args))
    with pytest.raises(error) as caught:
        ask(requesters, **{"probes": probes, **changes})
    assert (caught.value.code, sent) == (code, [])


def test_a_requester_of_another_category_is_refused(requesters, probes):
    requesters["voice"] = requesters["toy"]
    with pytest.raises(InvalidInput) as caught:
        ask(requesters, probes)
    assert caught.value.code == "other_category"


def test_a_store_that_fails_is_no_refusal(requesters, probes, monkeypatch):
    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    monkeypatch.setattr(Conversation, "submit", full)
    with pytest.raises(StorageError):
        ask(requesters, probes)


class Slow:
    """All calls of one category wait for each other's: one by one they would never end."""

    def __init__(self, calls):
        self.barrier = threading.Barrier(calls)

    def exchange(self, party, request, *, timeout):
        self.barrier.wait(60)
        raise TransportRefused

    def close(self):
        pass


def test_categories_are_searched_at_the_same_time(categories, probes):
    slow = Slow(len(probes) * len(PARTIES))
    requesters = {name: Requester(slow, "AT", category=name) for name in categories}
    outcome = ask(requesters, probes)
    for result in outcome.results.values():
        assert {one.outcome for one in result.values()} == {Outcome.REFUSED}


def test_there_is_one_timeout_for_all(categories, probes, transport):
    hang = threading.Event()

    class Half:
        def exchange(self, party, request, *, timeout):
            if party == "FR":
                hang.wait(60)
            return transport.exchange(party, request, timeout=timeout)

        def close(self):
            pass

    requesters = {name: Requester(Half(), "AT", category=name) for name in categories}
    start = time.monotonic()
    outcome = ask(requesters, probes, timeout=2)
    took = time.monotonic() - start
    hang.set()
    assert 2 <= took < 5.5  # one after the other they would take 6
    for result in outcome.results.values():
        assert (result["DE"].outcome, result["FR"].outcome) == (Outcome.HIT, Outcome.TIMEOUT)
    assert outcome.answered == tuple((name, "DE") for name in probes)


def test_a_reference_number_is_made_when_there_is_none(categories, probes):
    seen = set()

    class Spy:
        def exchange(self, party, request, *, timeout):
            seen.add(decode_request(request).reference)
            raise TransportRefused

        def close(self):
            pass

    requesters = {name: Requester(Spy(), "AT", category=name) for name in categories}
    outcome = ask(requesters, probes, references={"toy": "AT-1"})
    assert seen == {search.reference for search in outcome.searches}
    assert len(seen) == 3
    assert "AT-1" in seen


def test_a_case_is_seen_again_from_what_is_kept(categories, probes, transport, clock, toy):
    ours = FollowUp("AT", MemoryStore(), clock=clock)

    def build(line):
        return {
            name: Requester(line, "AT", category=name, clock=clock, follow_up=ours, max_attempts=1)
            for name in categories
        }

    class Away:
        def exchange(self, party, request, *, timeout):
            if party == "FR":
                raise TransportRefused
            return transport.exchange(party, request, timeout=timeout)

        def close(self):
            pass

    requesters = build(transport)
    searched = ask(requesters, {"toy": probes["toy"], "face": probes["face"]})
    other = Justification(case="2026/18", offence="0101 00", official="insp-7")
    ask(requesters, {"toy": probes["toy"]}, justification=other)
    ask(build(Away()), {"toy": toy.Item("pear")})
    conversations = [one.conversation for one in build(transport).values()]
    view = view_case(conversations, "2026/17")
    assert sorted(search.category for search in view.searches) == ["face", "toy", "toy"]
    assert sorted(view.hits, key=str) == sorted(searched.hits, key=str)
    assert all(isinstance(hit, CaseHit) for hit in view.hits)
    assert sorted(view.asked) == [(name, party) for name in ("face", "toy") for party in PARTIES]
    assert sorted(view.answered) == sorted(view.asked)
    assert not view.complete
    assert view_case(conversations, "2026/18").complete
    assert view_case(conversations, "2026/19").searches == ()


def test_a_view_shows_no_case_and_no_content(requesters, probes):
    text = repr(ask(requesters, probes, references={"toy": "AT-1"}))
    assert "2026/17" not in text
    assert "matching data" not in text


def test_a_refusal_alone_makes_a_view_incomplete():
    assert CaseView(()).complete
    assert not CaseView((), {"face": Refusal("minor_offence")}).complete

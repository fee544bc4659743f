"""One case over several categories, with threads and on an event loop."""

from __future__ import annotations

import threading
import time

import pytest

from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    AsyncRequester,
    Conversation,
    InProcessTransport,
    Justification,
    Outcome,
    Purpose,
    Requester,
    SubjectClass,
    TransportRefused,
)
from prum_match.exchange.cases.search import async_search_case, search_case
from prum_match.exchange.messages import decode_request
from support.exchange.loops import OnALoop, run_alone

PARTIES = ["DE", "FR"]
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7", maximum_sentence=60)


class Threads:
    """How a host with threads searches a case."""

    search = staticmethod(search_case)

    @staticmethod
    def requester(transport, category):
        return Requester(transport, "AT", category=category)


class Loop:
    """How a host on an event loop does."""

    @staticmethod
    def search(*arguments, **options):
        return run_alone(async_search_case(*arguments, **options))

    @staticmethod
    def requester(transport, category):
        return AsyncRequester(OnALoop(transport), "AT", category=category)


@pytest.fixture(params=[Threads, Loop])
def host(request):
    return request.param


@pytest.fixture
def build(host, categories):
    return lambda line: {name: host.requester(line, name) for name in categories}


@pytest.fixture
def requesters(build, states):
    return build(states)


@pytest.fixture
def ask(host):
    def search(requesters, probes, parties=PARTIES, **options):
        options = {"timeout": 60, "justification": WHY, **options}
        return host.search(requesters, probes, parties, **options)

    return search


def test_each_category_is_searched_at_each_party(ask, requesters, probes):
    outcome = ask(requesters, probes, probe_ids={"toy": "AT-1", "voice": "AT-2", "face": "AT-3"})
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
    assert [(hit.category, hit.probe_id, hit.party) for hit in outcome.hits[::2]] == [
        (name, reference, party)
        for name, reference in (("toy", "AT-1"), ("voice", "AT-2"), ("face", "AT-3"))
        for party in PARTIES
    ]
    assert [hit.candidate.reference for hit in outcome.hits[:2]] == ["DE-toy", "DE-x"]


def test_a_category_that_is_not_justified_is_refused_and_the_others_are_searched(
    ask, requesters, probes
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


def test_all_categories_can_be_refused(ask, requesters, probes):
    remains = Justification(case="1", official="insp-7", purpose=Purpose.HUMAN_REMAINS)
    outcome = ask(requesters, probes, justification=remains)
    assert {one.code for one in outcome.refused.values()} == {"not_empowered"}
    assert list(outcome.refused) == list(probes)
    assert (outcome.searches, outcome.results, outcome.complete) == ((), {}, False)


def test_a_missing_person_is_searched_for_without_an_offence(ask, requesters, probes):
    missing = Justification(
        case="1", official="insp-7", purpose=Purpose.MISSING_PERSON, empowered=True
    )
    assert ask(requesters, probes, justification=missing).complete


def test_a_probe_that_is_not_sent_is_refused(ask, requesters, toy):
    probes = {"toy": toy.Item("home", at_home=True), "voice": toy.Item(""), "face": toy.Item("a")}
    outcome = ask(requesters, probes)
    assert {name: one.code for name, one in outcome.refused.items()} == {
        "toy": "probe_stays_in_house",
        "voice": "too_short",
    }
    assert list(outcome.results) == ["face"]


def test_a_class_of_persons_can_rule_out_one_category(ask, requesters, toy):
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
def test_errors_of_every_category_refuse_the_whole_case(
    changes, error, code, ask, requesters, probes, monkeypatch
):
    sent = []
    monkeypatch.setattr(InProcessTransport, "exchange", lambda *args, **options: sent.append(args))
    with pytest.raises(error) as caught:
        ask(requesters, **{"probes": probes, **changes})
    assert (caught.value.code, sent) == (code, [])


def test_a_requester_of_another_category_is_refused(ask, requesters, probes):
    requesters["voice"] = requesters["toy"]
    with pytest.raises(InvalidInput) as caught:
        ask(requesters, probes)
    assert caught.value.code == "other_category"


def test_a_party_that_asks_itself_in_one_category_sends_nothing(ask, build, probes, monkeypatch):
    """The requesters of two states, in one case: the others of the first have not begun."""
    requesters = build(InProcessTransport({}, "AT"))
    last = [*probes][-1]
    monkeypatch.setattr(requesters[last]._kept, "own_party", "DE")
    begun = []
    monkeypatch.setattr(Conversation, "submit", lambda *args, **options: begun.append(args))
    with pytest.raises(ExchangeError) as caught:
        ask(requesters, probes)
    assert (caught.value.code, begun) == ("same_party", [])


def test_a_failing_store_is_not_a_refusal(ask, requesters, probes, monkeypatch):
    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    monkeypatch.setattr(Conversation, "submit", full)
    with pytest.raises(StorageError):
        ask(requesters, probes)


def test_a_reference_number_is_made_when_there_is_none(ask, build, probes):
    seen = set()

    class Spy:
        def exchange(self, party, request, *, timeout):
            seen.add(decode_request(request).reference)
            raise TransportRefused

        def close(self):
            pass

    outcome = ask(build(Spy()), probes, probe_ids={"toy": "AT-1"})
    assert seen == {search.probe_id for search in outcome.searches}
    assert len(seen) == 3
    assert "AT-1" in seen


def test_beginning_a_search_counts_towards_the_timeout(ask, build, probes, monkeypatch):
    submit = Conversation.submit
    told = {}

    def slow(*args, **options):
        time.sleep(0.1)
        return submit(*args, **options)

    class Spy:
        def exchange(self, party, request, *, timeout):
            told.setdefault(decode_request(request).category, timeout)
            raise TransportRefused

        def close(self):
            pass

    monkeypatch.setattr(Conversation, "submit", slow)
    ask(build(Spy()), probes)
    assert [name for number, name in enumerate(probes, 1) if told[name] > 60 - 0.1 * number] == []


def test_a_view_shows_no_case_and_no_content(ask, requesters, probes):
    text = repr(ask(requesters, probes, probe_ids={"toy": "AT-1"}))
    assert "2026/17" not in text
    assert "matching data" not in text


class Slow:
    """All calls of one category wait for each other's: one by one they would never end."""

    def __init__(self, calls):
        self.barrier = threading.Barrier(calls)

    def exchange(self, party, request, *, timeout):
        self.barrier.wait(60)
        raise TransportRefused

    def close(self):
        pass


def test_threads_search_the_categories_at_the_same_time(categories, probes):
    slow = Slow(len(probes) * len(PARTIES))
    requesters = {name: Requester(slow, "AT", category=name) for name in categories}
    outcome = search_case(requesters, probes, PARTIES, timeout=60, justification=WHY)
    for result in outcome.results.values():
        assert {one.outcome for one in result.values()} == {Outcome.REFUSED}


def test_threads_have_one_timeout_for_all(categories, probes, states):
    hang = threading.Event()

    class Half:
        def exchange(self, party, request, *, timeout):
            if party == "FR":
                hang.wait(60)
            return states.exchange(party, request, timeout=timeout)

        def close(self):
            pass

    requesters = {name: Requester(Half(), "AT", category=name) for name in categories}
    start = time.monotonic()
    outcome = search_case(requesters, probes, PARTIES, timeout=2, justification=WHY)
    took = time.monotonic() - start
    hang.set()
    assert 2 <= took < 5.5  # one after the other they would take 6
    for result in outcome.results.values():
        assert (result["DE"].outcome, result["FR"].outcome) == (Outcome.HIT, Outcome.TIMEOUT)
    assert outcome.answered == tuple((name, "DE") for name in probes)

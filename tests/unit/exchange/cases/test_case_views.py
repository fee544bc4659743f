"""The view of a case over several categories."""

from __future__ import annotations

from prum_match.exchange import (
    FollowUp,
    Justification,
    MemoryStore,
    Requester,
    TransportRefused,
)
from prum_match.exchange.cases.search import search_case
from prum_match.exchange.cases.view import CaseHit, CaseView, Refusal, view_case

PARTIES = ["DE", "FR"]
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7", maximum_sentence=60)


def ask(requesters, probes, justification=WHY):
    return search_case(requesters, probes, PARTIES, timeout=60, justification=justification)


def test_a_case_is_viewed_from_kept_searches(categories, probes, states, clock, toy):
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
            return states.exchange(party, request, timeout=timeout)

        def close(self):
            pass

    requesters = build(states)
    searched = ask(requesters, {"toy": probes["toy"], "face": probes["face"]})
    other = Justification(case="2026/18", offence="0101 00", official="insp-7")
    ask(requesters, {"toy": probes["toy"]}, other)
    ask(build(Away()), {"toy": toy.Item("pear")})
    conversations = [one.conversation for one in build(states).values()]
    view = view_case(conversations, "2026/17")
    assert sorted(search.category for search in view.searches) == ["face", "toy", "toy"]
    assert sorted(view.hits, key=str) == sorted(searched.hits, key=str)
    assert all(isinstance(hit, CaseHit) for hit in view.hits)
    assert sorted(view.asked) == [(name, party) for name in ("face", "toy") for party in PARTIES]
    assert sorted(view.answered) == sorted(view.asked)
    assert not view.complete
    assert view_case(conversations, "2026/18").complete
    assert view_case(conversations, "2026/19").searches == ()


def test_a_single_refusal_makes_a_view_incomplete():
    assert CaseView(()).complete
    assert not CaseView((), {"face": Refusal("minor_offence")}).complete

"""Counts for Article 72, which do not identify anyone."""

from __future__ import annotations

import json

from prum_match.exchange.audit import Act, StatisticsRow, statistics
from support.exchange.audits import entry


def test_queries_replies_and_matches_are_counted_by_party_category_and_type() -> None:
    log = [
        entry(1, act=Act.JUSTIFIED),
        entry(1, act=Act.ASKED, type="S"),
        entry(1, act=Act.RECEIVED, type="S", result="hit", candidates=3),
        entry(2, act=Act.ASKED, type="S"),
        entry(2, act=Act.RECEIVED, type="S", result="no_hit"),
        entry(3, act=Act.ASKED, type="S"),
        entry(3, act=Act.RECEIVED, type="S", result="timeout", code="timeout"),
        entry(4, act=Act.ASKED, type="P"),
        entry(4, act=Act.RECEIVED, type="P", result="unsuitable"),
        entry(5, act=Act.ASKED, party="FR"),
        entry(6, act=Act.ANSWERED, party="FR", category="face", result="hit", candidates=2),
        entry(7, act=Act.ANSWERED, party="FR", category="face", result="refused", code="quota"),
    ]
    assert statistics(log).rows == (
        StatisticsRow(party="DE", category="dna", type="P", queries_sent=1, replies=1),
        StatisticsRow(
            party="DE",
            category="dna",
            type="S",
            queries_sent=3,
            replies=2,
            hits_received=1,
            matches_received=3,
        ),
        StatisticsRow(party="FR", category="dna", type=None, queries_sent=1),
        StatisticsRow(
            party="FR",
            category="face",
            type=None,
            queries_received=2,
            hits_given=1,
            matches_given=2,
        ),
    )


def test_confirmed_matches_are_split_by_core_data() -> None:
    both_sides = [entry(1, act=Act.CONFIRMED), entry(1, act=Act.CONFIRMED)]
    log = [
        *both_sides,
        entry(1, act=Act.CORE_DATA_RECEIVED),
        entry(2, act=Act.CONFIRMED),
        entry(2, act=Act.CORE_DATA_SENT),
        entry(3, act=Act.CONFIRMED),
        entry(3, act=Act.DECLINED),
        entry(4, act=Act.REFUTED),
        # The requested party confirmed, and the requesting party's word took its place.
        entry(6, act=Act.CONFIRMED),
        entry(6, act=Act.REFUTED),
        # The same reference, hit by another request, of which no core data went out.
        entry(5, act=Act.CONFIRMED, reference=entry(1).reference),
    ]
    (row,) = statistics(log).rows
    assert (row.confirmed_with_core_data, row.confirmed_without_core_data) == (2, 2)


def test_core_data_may_stand_before_their_confirmation_in_the_log() -> None:
    log = [entry(1, act=Act.CORE_DATA_SENT), entry(1, act=Act.CONFIRMED)]
    (row,) = statistics(log).rows
    assert (row.confirmed_with_core_data, row.confirmed_without_core_data) == (1, 0)


def test_statistics_have_no_data_about_individuals() -> None:
    log = [entry(n, act=act, actor="official-7") for n in range(3) for act in Act]
    text = json.dumps(statistics(log).as_dict()) + repr(statistics(log))
    assert "canary" not in text
    assert "ref-" not in text
    assert "official" not in text
    (row,) = json.loads(json.dumps(statistics(log).as_dict()))["rows"]
    assert row["queries_sent"] == 3


def test_an_empty_log_has_no_rows() -> None:
    assert statistics([]).rows == ()

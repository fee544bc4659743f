"""Wrong arguments are errors by the name of the parameter, before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from prum_match import dna, vehicle
from prum_match.errors import InvalidInput
from prum_match.exchange import (
    AsyncRequester,
    Conversation,
    Courier,
    FollowUp,
    InProcessTransport,
    Justification,
    MemoryStore,
    Requester,
    async_search_case,
    search_case,
)
from prum_match.exchange.nightly import BulkComparison, MatchLedger, Nightly, OpenSearches
from support.exchange.toy import Item

WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")


class Nobody:
    """A line that must not be used."""

    def exchange(self, *args: Any, **options: Any) -> bytes:
        raise AssertionError("something was sent")

    def close(self) -> None:
        pass


def by_requester(probe: Any, **options: Any) -> object:
    return Requester(Nobody(), "AT", category="toy").search(probe, **{"timeout": 1, **options})


def by_iteration(probe: Any, **options: Any) -> object:
    options = {"timeout": 1, **options}
    return list(Requester(Nobody(), "AT", category="toy").iter_search(probe, **options))


def by_tasks(probe: Any, **options: Any) -> object:
    requester: AsyncRequester = AsyncRequester(Nobody(), "AT", category="toy")  # type: ignore[arg-type]
    return asyncio.run(requester.search(probe, **{"timeout": 1, **options}))


def by_conversation(probe: Any, **options: Any) -> object:
    return Conversation("AT", "toy").submit(probe, **options)


def by_open_search(probe: Any, **options: Any) -> object:
    searches = OpenSearches("toy", MemoryStore())
    return searches.add(options.pop("probe_id", "AT-1"), probe, **options)


def by_case(probe: Any, **options: Any) -> object:
    options = {"timeout": 1, "justification": WHY, **options}
    requesters = {"toy": Requester(Nobody(), "AT", category="toy")}
    outcome = search_case(requesters, {"toy": probe}, **options)
    for refusal in outcome.refused.values():
        raise InvalidInput("refused", code=refusal.code, field=refusal.field, rule=refusal.rule)
    return outcome


def by_case_of_tasks(probe: Any, **options: Any) -> object:
    options = {"timeout": 1, "justification": WHY, **options}
    requesters: Any = {"toy": AsyncRequester(Nobody(), "AT", category="toy")}  # type: ignore[arg-type]
    outcome = asyncio.run(async_search_case(requesters, {"toy": probe}, **options))
    for refusal in outcome.refused.values():
        raise InvalidInput("refused", code=refusal.code, field=refusal.field, rule=refusal.rule)
    return outcome


WAYS: list[Callable[..., object]] = [
    by_requester,
    by_iteration,
    by_tasks,
    by_conversation,
    by_open_search,
    by_case,
    by_case_of_tasks,
]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Callable[..., object]:
    found: Callable[..., object] = request.param
    return found


def refused(call: Callable[..., object], *arguments: Any, **options: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        call(*arguments, **options)
    return caught.value


@pytest.mark.parametrize("parties", ["FR", "FRDE", b"FR", None, 7])
def test_a_string_as_list_of_parties_is_refused(way: Any, parties: Any) -> None:
    error = refused(way, Item("apple"), parties=parties)
    code = "bare_string" if isinstance(parties, str | bytes) else "bad_option"
    assert (error.code, error.field) == (code, "parties")


@pytest.mark.parametrize("justification", ["x", {}, 7, True])
def test_a_justification_is_a_justification(way: Any, justification: Any) -> None:
    error = refused(way, Item("apple"), parties=["FR"], justification=justification)
    assert (error.code, error.field) == ("bad_option", "justification")


@pytest.mark.parametrize("value", ["x", None, 1])
def test_whether_the_floor_counts_is_true_or_false(way: Any, value: Any) -> None:
    error = refused(way, Item("apple"), parties=["FR"], send_below_floor=value)
    assert (error.code, error.field) == ("bad_option", "send_below_floor")


def test_a_probe_below_the_floor_is_not_sent(
    way: Any, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_floor(item: Item) -> None:
        if len(item.word) < 3:
            raise InvalidInput("too short", code="below_floor", field="probe", rule="toys' act")

    monkeypatch.setattr(toy.category.wire, "check_floor", check_floor, raising=False)
    error = refused(way, Item("ax"), parties=["FR"])
    assert (error.code, error.field, error.rule) == ("below_floor", "probe", "toys' act")


@pytest.mark.parametrize("make", [Requester, AsyncRequester])
@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"transport": "AT"}, "transport"),
        ({"category": None}, "category"),
        ({"category": 7}, "category"),
        ({"own_party": None}, "party"),
        ({"limits": 7}, "limits"),
        ({"follow_up": "x"}, "follow_up"),
        ({"retries": 3}, "retries"),
        ({"back_off": 3}, "back_off"),
        ({"keep": 30}, "keep"),
        ({"give_up": "x"}, "give_up"),
        ({"max_in_flight": 0}, "max_in_flight"),
        ({"policy": "strict"}, "policy"),
    ],
)
def test_a_requester_checks_its_arguments(make: Any, options: dict[str, Any], field: str) -> None:
    arguments = {"transport": Nobody(), "own_party": "AT", "category": "toy", **options}
    assert refused(make, **arguments).field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"requesters": []}, "requesters"),
        ({"probes": Item("apple")}, "probes"),
        ({"probe_ids": "AT-1"}, "probe_ids"),
        ({"justification": None}, "justification"),
        ({"timeout": "1"}, "timeout"),
    ],
)
def test_a_case_checks_its_arguments(options: dict[str, Any], field: str) -> None:
    arguments = {
        "requesters": {"toy": Requester(Nobody(), "AT", category="toy")},
        "probes": {"toy": Item("apple")},
        "parties": ["FR"],
        "timeout": 1,
        "justification": WHY,
        **options,
    }
    assert refused(search_case, **arguments).field == field


def test_a_number_of_a_probe_is_text() -> None:
    for way in (by_requester, by_tasks, by_conversation):
        error = refused(way, Item("apple"), parties=["FR"], probe_id=7)
        assert (error.code, error.field) == ("bad_option", "probe_id")


def test_open_searches_and_runs_check_their_parts() -> None:
    store = MemoryStore()
    searches, ledger = OpenSearches("toy", store), MatchLedger(store)
    assert refused(searches.add, "AT-1", Item("a"), parties=["FR"], every=20).field == "every"
    assert refused(searches.extend, "AT-1", "FR").field == "parties"
    assert refused(OpenSearches, "toy", "store").field == "store"
    assert refused(MatchLedger, {}).field == "store"
    assert refused(Nightly, "x", ledger).field == "searches"
    assert refused(Nightly, searches, store).field == "ledger"


def test_a_courier_and_a_line_check_their_parts(toy: Any) -> None:
    follow_up = FollowUp("AT")
    conversation = Conversation("AT", "toy")
    assert refused(Courier, "x", follow_up).field == "transport"
    assert refused(Courier, Nobody(), "x").field == "follow_up"
    assert refused(Courier, Nobody(), follow_up, "x").field == "conversations"
    assert refused(Courier, Nobody(), follow_up, [conversation, "x"]).field == "conversations"
    courier = Courier(Nobody(), follow_up, [conversation])
    for timeout in (None, 0, "1", True, float("nan")):
        assert refused(courier.run_once, timeout).code == "bad_timeout"
    assert refused(InProcessTransport, [], "AT").field == "responders"


def test_a_bulk_comparison_checks_its_parts() -> None:
    ledger = MatchLedger(MemoryStore())
    names = {"name": "AT-DE", "party": "DE"}
    gallery = dna.Gallery()
    assert refused(BulkComparison, {}, gallery, ledger, **names).field == "gallery"
    assert refused(BulkComparison, gallery, None, ledger, **names).field == "other"
    assert refused(BulkComparison, gallery, gallery, "x", **names).field == "ledger"
    for policy in ("strict", vehicle.PRUM_2024):
        error = refused(BulkComparison, gallery, gallery, ledger, policy=policy, **names)
        assert (error.code, error.field) == ("foreign_policy", "policy")


def test_valid_arguments_are_accepted(way: Any, toy: Any, germany: Any) -> None:
    if way in (by_conversation, by_open_search):
        way(Item("apple"), parties=["DE"], justification=WHY)
        way(Item("apple"), parties=iter(["DE"]))
    network = InProcessTransport({"DE": germany}, "AT")
    outcome = Requester(network, "AT", category="toy").search(
        Item("apple"), ("DE",), timeout=20, justification=WHY, send_below_floor=True
    )
    assert outcome.complete

"""The vectors of exchange_golden.json that are about the exchange itself, one by one.

V01 to V08 and P01 to P09 are rules of categories; see the tests of these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from prum_match import dactyloscopy, dna
from prum_match.dactyloscopy import TRANSACTIONS, Template
from prum_match.engine import Eligible
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange import CoreData, FollowUp, Hit, HitKey, HitState, Justification, Responder
from prum_match.exchange.audit import Act, Entry, MemoryAudit, SqliteAudit, erase_before
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits import Step
from prum_match.exchange.messages import (
    ReplyCandidate,
    RequestHead,
    SearchRequest,
    decode_reply,
    decode_request,
    encode,
)
from prum_match.testing.clock import VirtualClock

CASES = json.loads(Path(__file__).parents[1].joinpath("exchange_golden.json").read_text("utf-8"))
GOLDEN = {case["id"]: case for case in CASES}
T0 = datetime(2026, 1, 1, tzinfo=UTC)
LOCI: Any = {
    **{"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)},
    **{"D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)},
}
PERSON = dna.Profile(LOCI)
STAIN = dna.Profile(LOCI, kind="stain")


def expected(case_id: str) -> str:
    return str(GOLDEN[case_id]["expect"])


def test_every_vector_has_a_test() -> None:
    tested = {name.split("_", 2)[2].upper() for name in globals() if name.startswith("test_vector")}
    limits = {case["id"] for case in CASES if case["area"] == "candidates"}
    elsewhere = {case["id"] for case in CASES if case["area"] in {"vrd", "police"}}
    assert tested | limits | elsewhere == set(GOLDEN)
    assert len(GOLDEN) == 40


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises((ExchangeError, InvalidInput)) as caught:
        call()
    return caught.value.code


def hit(category: str = "dna", **changes: Any) -> Hit:
    key = HitKey(category=category, requesting="AT", requested="DE", request="q1", reference="DE-9")
    return Hit(
        **{"key": key, "side": Side.REQUESTING, "probe_reference": "AT-1", "since": T0, **changes}
    )


def two_ends(clock: VirtualClock, audit: MemoryAudit | None = None) -> tuple[FollowUp, FollowUp]:
    data = CoreData(identified=True, family_names=("Nobody",))
    ends = tuple(
        FollowUp(party, audit=audit, clock=clock, core_data={"dna": lambda _: data})
        for party in ("AT", "DE")
    )
    head = RequestHead(
        category="dna",
        requesting="AT",
        requested="DE",
        number="q1",
        time=T0,
        reference="AT-1",
        type="S",
    )
    candidate = ReplyCandidate(
        rank=1, reference="DE-9", type="P", quality=1, readings=(), data=b"..."
    )
    for end, side in zip(ends, Side, strict=True):
        with end.store.transaction() as entries:
            end.open(entries, head, (candidate,), side)
    return ends[0], ends[1]


def deliver(sender: FollowUp, receiver: FollowUp) -> None:
    for message in sender.outgoing():
        sender.deliver(receiver.own_party, receiver.receive(sender.own_party, message.data))


def test_vector_f01() -> None:
    months = GOLDEN["F01"]["given"]["max_sentence_months"]
    why = Justification(case="1", offence="0101 00", official="x", maximum_sentence=months)
    assert expected("F01") == "reject"
    assert code_of(lambda: why.check("face")) == "minor_offence"
    enough = Justification(case="1", offence="0101 00", official="x", maximum_sentence=12)
    enough.check("face")


def test_vector_f02() -> None:
    """A label that national law excludes is never a candidate, for any score."""
    gallery = dna.Gallery(labels=("suspect", "victim"))
    gallery.enrol(["DE-1"], [PERSON], labels="victim")
    for allowed, result in (({"suspect"}, "no_hit"), ({"suspect", "victim"}, "hit")):
        responder = Responder("DE", {"dna": gallery}, eligible={"dna": Eligible(labels=allowed)})
        assert decode_reply(responder.handle("AT", request())).result == result
    assert expected("F02") == "not searchable"


def test_vector_c01() -> None:
    later = T0 + timedelta(hours=10)
    due = (
        hit()
        .after(Step.CONFIRM, Side.REQUESTING, T0)
        .after(Step.SEND_FACTS, Side.REQUESTING, later)
        .after(Step.FACTS_ARRIVED, Side.REQUESTING, later)
    ).due
    assert due is not None
    assert f"due T0+{(due - T0) // timedelta(hours=1)}h" == expected("C01")


def test_vector_c02() -> None:
    """Facts without a confirmation have no effect, and cannot be sent."""
    clock = VirtualClock()
    requesting, requested = two_ends(clock)
    key = requesting.hits()[0].key
    assert (
        code_of(
            lambda: requesting.send_facts(key, offence="0101 00", description="-", official="x")
        )
        == "illegal_transition"
    )
    assert requested.hit(key).due is None
    assert expected("C02") == "clock not started"


@pytest.mark.parametrize("category", ["dactyloscopy", "face"])
def test_vector_c03(category: str) -> None:
    refused = code_of(lambda: hit(category).after(Step.CONFIRM, Side.REQUESTED, T0))
    assert refused == "not_yours_to_confirm"
    assert expected("C03") == "not a valid confirmation"


def test_vector_c04() -> None:
    clock = VirtualClock()
    requesting, requested = two_ends(clock)
    key = requested.hits()[0].key
    requested.confirm(key, official="x")
    requested.send_facts(key, offence="0101 00", description="-", official="x")
    deliver(requested, requesting)
    assert code_of(lambda: requested.release(key, official="x")) == "not_yours_to_release"
    # The probe is a trace, so its owner has four items to return and no name.
    assert code_of(lambda: requesting.release(key, official="y")) == "not_for_traces"
    requesting.decline(key, official="y")
    deliver(requesting, requested)
    assert requested.hit(key).state is HitState.DECLINED
    assert expected("C04") == "valid; requesting MS returns the core data"


def test_vector_c05() -> None:
    clock = VirtualClock()
    requesting, requested = two_ends(clock)
    key = requesting.hits()[0].key
    requesting.confirm(key, official="x")
    requesting.send_facts(key, offence="0101 00", description="-", official="x")
    deliver(requesting, requested)
    requested.delay(key, official="judge-1", until=clock() + timedelta(hours=72))
    deliver(requested, requesting)
    clock.sleep(71 * 3600)
    assert requested.tick() == requesting.tick() == []
    clock.sleep(2 * 3600)
    assert [event.hit.state for event in requested.tick()] == [HitState.OVERDUE]
    assert "only as far as needed" in expected("C05")


def test_vector_c06() -> None:
    clock = VirtualClock()
    requesting, requested = two_ends(clock)
    key = requesting.hits()[0].key
    requesting.confirm(key, official="x")
    requesting.send_facts(key, offence="0101 00", description="-", official="x")
    deliver(requesting, requested)
    for nobody in ("", None):
        refused = code_of(lambda nobody=nobody: requested.release(key, official=nobody))
        assert refused == "human_decision_required"
    assert requested.hit(key).state is HitState.AWAITING_RELEASE
    assert expected("C06") == "forbidden: human decision"


def test_vector_c07() -> None:
    given = GOLDEN["C07"]["given"]["fields"]
    assert given == ["first_name"]
    refused = code_of(lambda: CoreData(identified=False, first_names=("Nobody",)))
    assert refused == "not_for_traces"
    assert "only 4 items" in expected("C07")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteAudit]:
    with SqliteAudit(tmp_path / "audit.db") as audit:
        yield audit


def entry() -> Entry:
    created = datetime.fromisoformat(GOLDEN["L01"]["given"]["created"]).replace(tzinfo=UTC)
    return Entry(
        act=Act.ANSWERED, time=created, party="AT", category="dna", number="q1", result="no_hit"
    )


def test_vector_l01(log: SqliteAudit) -> None:
    log.append([entry()])
    day = datetime.fromisoformat(expected("L01").removeprefix("erase ")).replace(tzinfo=UTC)
    assert log.erase(erase_before(day)) == 0
    assert log.erase(erase_before(day + timedelta(seconds=1))) == 1
    log.verify()


def test_vector_l02(log: SqliteAudit) -> None:
    log.append([entry()])
    late = datetime(2040, 1, 1, tzinfo=UTC)
    assert log.erase(erase_before(late), keep=lambda one: one.number == "q1") == 0
    assert [one.number for one in log.entries()] == ["q1"]
    assert log.erase(erase_before(late)) == 1
    assert expected("L02").startswith("keep until")


def test_vector_l03() -> None:
    for name in GOLDEN["L03"]["given"]["contains"]:
        with pytest.raises(TypeError):
            Entry(
                **{"act": Act.ASKED, "time": T0, "party": "AT", "category": "dna", "number": "q1"},
                **{name: "..."},
            )
    assert "keep out" in expected("L03")


def request(**changes: Any) -> bytes:
    fields: dict[str, Any] = {
        **{"category": "dna", "requesting": "AT", "requested": "DE", "number": "q1"},
        **{"time": datetime.now(UTC), "reference": "AT-1", "type": "S"},
        "probe": dna.to_bytes(STAIN),
    }
    return encode(SearchRequest(**{**fields, **changes}))


def with_field(message: bytes, name: str, value: str) -> bytes:
    return json.dumps({**json.loads(message), name: value}).encode()


def test_vector_r01() -> None:
    gallery = dna.Gallery()
    gallery.enrol(["DE-1"], [PERSON])
    reply = json.loads(Responder("DE", {"dna": gallery}).handle("AT", request()))
    reply["candidates"][0][GOLDEN["R01"]["given"]["fields_extra"]] = "Nobody"
    refused = code_of(lambda: decode_reply(json.dumps(reply).encode()))
    assert refused == "unknown_field"
    assert expected("R01") == "reject: closed list of reply fields"


def test_vector_r02() -> None:
    reply = decode_reply(Responder("DE", {"dna": dna.Gallery()}).handle("AT", request()))
    assert (reply.result, reply.candidates) == ("no_hit", ())
    assert expected("R02") == "send explicit no-match"


def test_vector_r03() -> None:
    extra = with_field(request(), GOLDEN["R03"]["given"]["fields_extra"], "investigation")
    assert code_of(lambda: decode_request(extra)) == "unknown_field"
    reply = decode_reply(Responder("DE", {"dna": dna.Gallery()}).handle("AT", extra))
    assert (reply.result, reply.code) == ("error", "unknown_field")
    assert expected("R03").startswith("reject: closed list")


def test_vector_q01() -> None:
    two = dna.Profile({"TH01": (6, 9.3), "FGA": (21, 24)}, kind="stain")
    gallery = dna.Gallery()
    gallery.enrol(["DE-1"], [PERSON])
    responder = Responder("DE", {"dna": gallery})
    reply = decode_reply(responder.handle("AT", request(probe=dna.to_bytes(two))))
    assert reply.result == "unsuitable"
    assert "not no-match" in expected("Q01")


# A print of each kind: position and impression type (ISO/IEC 19794-2, tables of both).
KINDS = {"TP": (1, 0), "LT": (1, 4), "UL": (1, 4), "PP": (21, 10), "LP": (21, 12), "ULP": (21, 12)}


def a_print(kind: str) -> Template:
    position, impression = KINDS[kind]
    count = 30
    return Template(
        x=[40 + 37 * i % 400 for i in range(count)],
        y=[30 + 53 * i % 450 for i in range(count)],
        angle=[47 * i % 360 for i in range(count)],
        width=500,
        height=500,
        ppi=500,
        position=position,
        impression=impression,
    )


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["area"] == "candidates"], ids=lambda case: case["id"]
)
def test_candidate_limits_of_transactions(case: dict[str, Any]) -> None:
    name = case["given"]["type"].replace("_", "/")
    probe, reference = (a_print(kind) for kind in name.split("/"))
    found = case["given"]["found"]
    gallery = dactyloscopy.Gallery()
    gallery.enrol([f"DE-{i}" for i in range(found)], [reference] * found)
    responder = Responder(
        "DE",
        {"dactyloscopy": gallery},
        policies={"dactyloscopy": TRANSACTIONS[name]},
        extract={"dactyloscopy": lambda image: (probe, 100.0)},
        quality_floors={"dactyloscopy": 50.0},
        reference_data={"dactyloscopy": lambda reference_id: b"image"},
    )
    reply = decode_reply(
        responder.handle("AT", request(category="dactyloscopy", type=None, probe=b"image"))
    )
    assert f"return {len(reply.candidates)}" == expected(case["id"])

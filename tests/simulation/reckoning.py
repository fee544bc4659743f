"""Invariants of a world that has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prum_match.exchange import Hit, HitKey, HitState, Outcome, PendingSearch
from prum_match.exchange.asking.pending_search import Asked
from prum_match.exchange.audit import Act, Entry, MemoryAudit
from prum_match.exchange.audit.chain import START, check
from prum_match.exchange.category_rules import Side
from simulation.officials import MAY_CONFIRM, Attempt
from simulation.registers import CANARY
from simulation.states import Process, State, core_data
from simulation.witness import Witness, quota_of

_OF_ACTION = {
    "confirm": Act.CONFIRMED,
    "refute": Act.REFUTED,
    "send_facts": Act.FACTS_SENT,
    "release": Act.CORE_DATA_SENT,
    "decline": Act.DECLINED,
    "delay": Act.DELAYED,
}
_ANSWERS = {Outcome.HIT, Outcome.NO_HIT, Outcome.UNSUITABLE}


@dataclass(frozen=True)
class End:
    """A state at the end of a world, read once."""

    state: State
    process: Process
    entries: list[Entry]
    hits: dict[HitKey, Hit]
    searches: list[PendingSearch]

    def asked(self) -> Iterable[tuple[PendingSearch, Asked]]:
        """Return every question to every party."""
        return ((pending, asked) for pending in self.searches for asked in pending.asked.values())

    def holds(self, hit: Hit) -> bytes | None:
        """Return the register's current data of a hit's reference."""
        register = self.state.registers[hit.key.category]
        item = register.items.get(hit.key.reference)
        return None if item is None else register.category.wire.reference_to_bytes(item)


def reckon(
    states: Mapping[str, State],
    witness: Witness,
    attempts: Iterable[Attempt],
    seen: Counter[str],
) -> None:
    """Check a world by its final state."""
    ends = {code: _end(state) for code, state in states.items()}
    for end in ends.values():
        _everybody_answered(end, ends, witness)
        _hits_are_those_of_the_replies(end, witness)
        _audited_once(end, ends, witness)
        _quotas_hold(end)
        _nothing_told(end)
        for reference, released in end.state.fetched:
            assert reference == released, "core data were fetched without a human's release"
        for hit in end.hits.values():
            seen[f"at the end {hit.state.value}"] += 1
            _core_data_were_released(hit, end, ends)
            if hit.side is Side.REQUESTING:
                _both_ends_agree(hit, ends[hit.party].hits[hit.key])
                _withdrawn_if_changed(hit, end, ends[hit.party])
    _acts_once(attempts, ends)


def reckon_later(states: Mapping[str, State], seen: Counter[str]) -> None:
    """Check the state after all retention times have passed."""
    for end in map(_end, states.values()):
        assert not end.searches, "queries that are over were not purged"
        assert not any(hit.is_ended for hit in end.hits.values()), "a hit was not purged"
        purged = {(one.number, one.reference) for one in end.entries if one.act is Act.PURGED}
        with end.state.disk.store.transaction() as entries:
            for key in entries.keys("content"):
                # Category, both ends, number of the request, reference, and what it is.
                *_, number, reference, _ = key.split("\x1f")
                assert (number, reference) not in purged, "content that was not purged"
        seen["purged"] += len(purged)


def _end(state: State) -> End:
    process = state.process
    assert process is not None
    searches = [pending for one in process.conversations.values() for pending in one.searches()]
    hits = process.follow_up.hits()
    by_key = {hit.key: hit for hit in hits}
    assert len(by_key) == len(hits), "a hit is there twice"
    return End(state, process, list(state.disk.audit.entries()), by_key, searches)


def _everybody_answered(end: End, ends: Mapping[str, End], witness: Witness) -> None:
    for _, asked in end.asked():
        assert not asked.is_open, "a party never answered"
        said = witness.replies[asked.party, end.state.code, asked.request.number]
        assert (asked.reply or b"") in said, "an answer that the party never gave"
        code = asked.state.error_code
        partner = ends[asked.party].state.partner
        if partner is not None and asked.request.category not in partner.categories:
            assert code == "not_authorised"
        elif asked.state.outcome is Outcome.REFUSED:
            assert code == "quota_exhausted", f"refused for {code}"
        else:
            assert asked.state.outcome in _ANSWERS


def _hits_are_those_of_the_replies(end: End, witness: Witness) -> None:
    code = end.state.code
    received = {
        _key(asked, candidate.reference)
        for _, asked in end.asked()
        for candidate in asked.state.candidates
    }
    own = {key for key, hit in end.hits.items() if hit.side is Side.REQUESTING}
    assert own == received, "hits that are not those of the replies"
    assert not own & witness.called_unknown, "a message that came before its hit was lost"
    given = {
        HitKey(
            category=said.request.category,
            requesting=said.request.requesting,
            requested=code,
            request=said.request.number,
            reference=candidate.reference,
        )
        for (by, _, _), replies in witness.replies.items()
        for said in replies.values()
        if by == code and said.request is not None
        for candidate in said.candidates
    }
    assert given <= end.hits.keys(), "a reply named a hit that its sender does not know"


def _key(asked: Asked, reference: str) -> HitKey:
    request = asked.request
    return HitKey(
        category=request.category,
        requesting=request.requesting,
        requested=request.requested,
        request=request.number,
        reference=reference,
    )


def _both_ends_agree(hit: Hit, other: Hit) -> None:
    assert hit.state is other.state, f"{hit.state.value} here and {other.state.value} there"
    assert hit.state is not HitState.FACTS_SENT, "facts that never arrived"
    if hit.state is not HitState.WITHDRAWN:
        assert (hit.confirmed_by, hit.due) == (other.confirmed_by, other.due)


def _withdrawn_if_changed(hit: Hit, end: End, other: End) -> None:
    (data,) = (
        candidate.data
        for _, asked in end.asked()
        for candidate in asked.state.candidates
        if _key(asked, candidate.reference) == hit.key
    )
    probe = (hit.key.category, hit.probe_reference)
    changed = other.holds(hit) != data or probe in end.state.withdrawn_probes
    assert changed == (hit.state is HitState.WITHDRAWN), "withdrawn, or not, as it should be"


def _core_data_were_released(hit: Hit, end: End, ends: Mapping[str, End]) -> None:
    data = end.process.follow_up.core_data(hit.key)
    is_receiving = hit.releasing is not None and hit.releasing is not hit.side
    if hit.state is HitState.CORE_DATA_RETURNED:
        assert (data is not None) == is_receiving, "core data at the wrong end"
    if data is None:
        return
    assert hit.state in {HitState.CORE_DATA_RETURNED, HitState.WITHDRAWN}
    assert hit.side in MAY_CONFIRM[hit.key.category]
    other = ends[hit.party]
    of_probe = hit.side is Side.REQUESTED
    reference = hit.probe_reference if of_probe else hit.key.reference
    assert data == core_data(hit.party, reference), "another's core data"
    for side, act, action in (
        (end, Act.CONFIRMED, "confirm"),
        (end, Act.FACTS_SENT, "send_facts"),
        (other, Act.CORE_DATA_SENT, "release"),
    ):
        official = f"{side.state.code}.{action}."
        assert any(
            entry.act is act and (entry.actor or "").startswith(official)
            for entry in _about(hit, side)
        ), f"core data without: {action}"


def _about(hit: Hit, end: End) -> Iterable[Entry]:
    wanted = (hit.key.request, hit.key.reference)
    return (entry for entry in end.entries if (entry.number, entry.reference) == wanted)


def _audited_once(end: End, ends: Mapping[str, End], witness: Witness) -> None:
    acts = Counter((entry.act, entry.party, entry.number) for entry in end.entries)
    for request in witness.requests.values():
        if request.requesting == end.state.code:
            asked = (Act.ASKED, request.requested, request.number)
            assert acts[asked] == 1, "a request is not in the audit log once"
    assert all(count == 1 for (act, *_), count in acts.items() if act is Act.ASKED)
    received = {key[1:]: count for key, count in acts.items() if key[0] is Act.RECEIVED}
    final = {(asked.party, asked.request.number): 1 for _, asked in end.asked()}
    assert received == final, "answers that are not in the audit log once"
    for pending, asked in end.asked():
        justified = acts[Act.JUSTIFIED, asked.party, asked.request.number]
        assert justified == (pending.justification is not None)
        _answer_audited(asked, end.state.code, ends[asked.party])
    answers = Counter((one.party, one.number) for one in end.entries if _is_answer(one))
    assert all(count == 1 for count in answers.values()), "a request was answered twice"
    if isinstance(end.state.disk.audit, MemoryAudit):
        check(end.state.disk.audit._rows, START, 0)
    else:
        end.state.disk.audit.verify()  # type: ignore[attr-defined]


def _answer_audited(asked: Asked, asking: str, answering: End) -> None:
    found = [
        (entry.result, entry.candidates)
        for entry in answering.entries
        if entry.act is Act.ANSWERED
        and (entry.party, entry.number) == (asking, asked.request.number)
    ]
    assert (asked.state.outcome.value, len(asked.state.candidates)) in found


def _is_answer(entry: Entry) -> bool:
    # Refusals come again with whatever is refused; they tell nothing of what a state holds.
    return entry.act is Act.ANSWERED and entry.result in {"hit", "no_hit", "unsuitable"}


def _quotas_hold(end: End) -> None:
    searches = Counter(
        (entry.party, entry.category, entry.type, entry.time.date())
        for entry in end.entries
        if entry.act is Act.ANSWERED and entry.result in {"hit", "no_hit"}
    )
    for (_, category, *_), count in searches.items():
        quota = quota_of(end.state, category)
        assert quota is None or count <= quota, "more searches than the quota allows"


def _acts_once(attempts: Iterable[Attempt], ends: Mapping[str, End]) -> None:
    acts = {
        code: Counter((entry.actor, entry.act, entry.reference) for entry in end.entries)
        for code, end in ends.items()
    }
    for one in attempts:
        key = (one.official, _OF_ACTION[one.action], one.hit.key.reference)
        times = acts[one.state][key]
        allowed = {"done": {1}, "refused": {0}, "crashed": {0, 1}}[one.fate]
        assert times in allowed, f"{one.action}, {one.fate}, is in the audit log {times} times"


def _nothing_told(end: End) -> None:
    for told in (end.entries, list(end.hits.values()), end.searches):
        assert CANARY not in repr(told), "content in a repr"

"""Checks of probes and parties, for single and for nightly searches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.sample import Sample
from prum_match.exchange.category_rules import CATEGORY_RULES, rule_of
from prum_match.exchange.justification import Justification, SubjectClass
from prum_match.values.checks import instance_of, one_of, option_of, several
from prum_match.values.parties import party_code


def party_codes(parties: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of parties; one string is no list of them."""
    option_of(several(parties, "parties"), Iterable, "parties")
    return tuple(party_code(party) for party in parties)


def whom_to_ask(parties: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the parties to ask; none may be named twice."""
    codes = party_codes(parties)
    if not codes:
        raise InvalidInput("name at least one party to ask", code="no_party", field="parties")
    if len(set(codes)) != len(codes):
        raise InvalidInput("a party is named twice", code="duplicate_party", field="parties")
    return codes


class Probes:
    """Encoder of the probes of one category."""

    def __init__(self, category: str | engine.Category[Any, Any]) -> None:
        self._known: engine.Category[Any, Any] | None = None
        self.category = instance_of(
            getattr(category, "name", category),
            str,
            "category",
            code="unknown_category",
            message="give a category, or the name of one",
        )
        if not isinstance(category, str):
            self._known = category
            return
        try:
            self._known = engine.category(category)
        except InvalidInput:
            if category not in CATEGORY_RULES:
                raise

    @property
    def wire(self) -> engine.Wire[Any, Any] | None:
        """The part of the category that is exchanged; None for a category that is not known."""
        return None if self._known is None else self._known.wire

    def reply_policy(self, policy: engine.Policy | None) -> engine.Policy | None:
        """Return the policy that replies are checked with; None: they are not compared."""
        if policy is None:
            return None if self.wire is None else self.wire.reply_policy
        if self._known is None:
            raise InvalidInput(
                "this category is not registered: its replies cannot be compared, leave policy out",
                code="bad_option",
                field="policy",
            )
        checked: engine.Policy = self._known.matching.policy_of(policy)
        return checked

    def to_bytes(
        self, probe: Any, justification: Justification | None, send_below_floor: bool = False
    ) -> bytes:
        """Return the bytes of a probe that may be sent."""
        one_of(send_below_floor, "send_below_floor", (False, True), code="bad_option")
        option_of(justification, Justification | None, "justification")
        if justification is not None:
            justification.check(self.category)
        if isinstance(probe, Sample):
            return probe.data
        wire = self._wire()
        wire.check_probe(probe)
        subject = SubjectClass.UNKNOWN if justification is None else justification.subject
        wire.check_subject(probe, subject.value)
        data = wire.probe_to_bytes(probe)
        if data is None:
            raise ExchangeError(
                "probes of this kind are for own galleries and are not sent",
                code="probe_stays_in_house",
            )
        if not send_below_floor:
            wire.check_floor(probe)
        return data

    def type_of(self, probe: Any) -> str | None:
        """Return the type of a probe in a request: identified, unidentified or none."""
        if isinstance(probe, Sample):
            return None
        return rule_of(self.category).type_of(self._wire().item_type(probe))

    def from_bytes(self, data: bytes) -> Any:
        """Return the probe from its bytes; samples are not decoded."""
        return self._wire().probe_from_bytes(data)

    def _wire(self) -> engine.Wire[Any, Any]:
        if self._known is None:
            raise ExchangeError(
                "this category is not registered: give a Sample, or the category itself",
                code="not_a_sample",
                field="probe",
            )
        return self._known.required_wire()

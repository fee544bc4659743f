"""What may be asked, and whom: judged the same for a search now and for one of every night."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.sample import Sample
from prum_match.exchange.category_rules import CATEGORY_RULES, rule_of
from prum_match.exchange.justification import Justification, SubjectClass
from prum_match.values.parties import party_code


def whom_to_ask(parties: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of parties, each once."""
    codes = tuple(party_code(party) for party in parties)
    if not codes:
        raise InvalidInput("no party to ask", code="no_party", field="parties")
    if len(set(codes)) != len(codes):
        raise InvalidInput("a party is named twice", code="duplicate_party", field="parties")
    return codes


class Probes:
    """The probes of one category, as they are sent."""

    def __init__(self, category: str | engine.Category[Any, Any]) -> None:
        self._known: engine.Category[Any, Any] | None = None
        if not isinstance(category, str):
            self.category, self._known = category.name, category
            return
        self.category = category
        try:
            self._known = engine.category(category)
        except InvalidInput:
            if category not in CATEGORY_RULES:
                raise

    def to_bytes(self, probe: Any, justification: Justification | None) -> bytes:
        """Return the bytes of a probe, or refuse to send it."""
        if justification is not None:
            justification.check(self.category)
        if isinstance(probe, Sample):
            return probe.data
        category = self._of_registry()
        category.required_wire().check_probe(probe)
        subject = SubjectClass.UNKNOWN if justification is None else justification.subject
        category.required_wire().check_subject(probe, subject.value)
        data = category.required_wire().probe_to_bytes(probe)
        if data is None:
            raise ExchangeError(
                "this kind of probe is for searches at home only", code="probe_stays_in_house"
            )
        return data

    def type_of(self, probe: Any) -> str | None:
        """Return what a request says of a probe: identified, unidentified, or nothing."""
        if isinstance(probe, Sample):
            return None
        return rule_of(self.category).type_of(self._of_registry().required_wire().item_type(probe))

    def from_bytes(self, data: bytes) -> Any:
        """Read what `to_bytes` wrote of a probe that is no sample."""
        return self._of_registry().required_wire().probe_from_bytes(data)

    def _of_registry(self) -> engine.Category[Any, Any]:
        if self._known is None:
            raise ExchangeError(
                "of this category only samples are known here", code="not_a_sample", field="probe"
            )
        return self._known

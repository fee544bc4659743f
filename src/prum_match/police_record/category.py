"""Parts that the categories of persons in clear and of pseudonyms share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Columns, Layout, Matching, Table, TableReader, Wire, check_each
from prum_match.engine.progress import paced
from prum_match.errors import ComparisonMismatch, InvalidInput, PrumError
from prum_match.police_record.candidates import CandidateList
from prum_match.police_record.linkage.comparison import MatchQuality
from prum_match.police_record.linkage.patterns import are_exact
from prum_match.police_record.linkage.policy import DicePolicy, LinkagePolicy
from prum_match.police_record.linkage.weights import UNIT
from prum_match.police_record.persons.conditions import check_elements
from prum_match.police_record.persons.tables import PersonTable, table_columns
from prum_match.police_record.pseudonyms import wire
from prum_match.police_record.pseudonyms.encoded import EncodedPerson
from prum_match.police_record.pseudonyms.encoder import PersonEncoder

NAME = "police_record"

P = TypeVar("P", LinkagePolicy, DicePolicy)


class PersonLayout(Layout[Any]):
    """Persons as columns, in clear or as pseudonyms."""

    @abstractmethod
    def take(self, person: Any) -> Any:
        """Return a person in the form that the gallery stores; refuse others."""

    def set_encoder(self, encoder: PersonEncoder) -> None:
        """Encode persons in clear with this encoder from now on."""
        raise other_encoding("the gallery holds names in clear")


class PersonMatching(Matching[Any, P]):
    """Comparison of persons."""

    fuses_subjects = True
    list_type = CandidateList

    def __init__(self, layout: PersonLayout) -> None:
        self._layout = layout

    def check_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        return check_each(probes, self._layout.take)


class PersonTables(TableReader[Any]):
    """Persons in clear in tables, one a row."""

    def columns(self, names: Sequence[str]) -> Collection[str]:
        return table_columns()

    def items(self, table: Table) -> PersonTable:
        return PersonTable(table)


class PersonWire(Wire[Any, P]):
    """Pseudonyms as probes; a reply carries reference numbers and match quality alone."""

    def __init__(self, layout: PersonLayout, responder_policy: P) -> None:
        self._layout = layout
        # Two elements, and a bounded list.
        self.responder_policy = responder_policy

    def check_probe(self, probe: Any) -> None:
        self._layout.take(probe)

    def check_suitable(self, probe: Any, policy: P) -> None:
        check_suitable(probe, policy)

    def check_floor(self, item: Any) -> None:
        """Refuse a person without two elements (Art. 43(1))."""
        try:
            check_elements(item)
        except InvalidInput as error:
            raise InvalidInput(
                error.args[0], code="below_floor", field=error.field, rule=error.rule
            ) from None

    def probe_to_bytes(self, probe: Any) -> bytes | None:
        return wire.probe_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> EncodedPerson:
        return wire.probe_from_bytes(data)

    def reference_to_bytes(self, item: Any, features: Any = None) -> bytes:
        return wire.item_to_bytes(item)

    def reference_from_bytes(self, data: bytes) -> Any:
        return wire.item_from_bytes(data)


@dataclass(frozen=True, eq=False)
class PersonCategory(engine.Category[Any, P]):
    """A category of persons."""

    layout: PersonLayout


def check_suitable(probe: Any, policy: LinkagePolicy | DicePolicy) -> None:
    """Refuse a probe without two elements, where the policy asks for them."""
    if policy.two_elements:
        check_elements(probe)


def suitable(probes: Sequence[Any], policy: LinkagePolicy | DicePolicy) -> Iterator[Any]:
    """Yield probes, refusing by its index one without two elements."""
    for index, probe in enumerate(paced(probes)):
        try:
            check_suitable(probe, policy)
        except PrumError as error:
            raise error.at(index) from None
        yield probe


def linkage_results(
    rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: LinkagePolicy
) -> Columns:
    """Unpack weights and patterns: score in bits, probability, match quality."""
    weights = _native.police_weights(rank)
    probabilities = policy.model.probability(weights)
    exact = are_exact(detail.astype(np.int64))
    quality = np.where(
        probabilities >= policy.close, MatchQuality.CLOSE.value, MatchQuality.PARTIAL.value
    )
    return {
        "score": weights / UNIT,
        "probability": probabilities,
        "match_quality": np.where(exact, MatchQuality.EXACT.value, quality).astype("U7"),
    }


def other_encoding(message: str) -> ComparisonMismatch:
    """Return the error for persons that are not encoded as the gallery is."""
    return ComparisonMismatch(message, code="other_encoding", field="parameters")

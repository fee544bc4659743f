"""What persons in clear and pseudonyms have in common as a category of the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.engine import Columns
from prum_match.engine.whole import Category
from prum_match.errors import ComparisonMismatch, PrumError
from prum_match.police_record.candidates import CandidateList
from prum_match.police_record.linkage.comparison import MatchQuality
from prum_match.police_record.linkage.patterns import are_exact
from prum_match.police_record.linkage.policy import (
    LinkagePolicy,
)
from prum_match.police_record.linkage.weights import UNIT
from prum_match.police_record.persons.conditions import check_elements
from prum_match.police_record.pseudonyms import wire
from prum_match.police_record.pseudonyms.encoded import EncodedPerson
from prum_match.police_record.pseudonyms.encoder import PersonEncoder

NAME = "police_record"


class PoliceCategory(Category[Any]):
    """What persons in clear and pseudonyms have in common."""

    name = NAME
    fuses_subjects = True
    list_type = CandidateList

    def with_threshold(self, threshold: float) -> engine.Policy:
        """Return the default policy with another threshold."""
        return replace(self.default_policy, threshold=threshold)  # type: ignore[call-arg]

    def set_encoder(self, encoder: PersonEncoder) -> None:
        """Encode persons in clear with this encoder from now on."""
        raise other_encoding("the gallery holds names in clear")

    def check_probe(self, probe: Any) -> None:
        """Refuse what is no person, or not encoded as the gallery is."""
        self.take_probes([probe])

    @abstractmethod
    def take_probe(self, probe: Any) -> Any:
        """Return a probe as this category has persons."""

    def take_probes(self, probes: Sequence[Any]) -> Sequence[Any]:
        """Return persons as this category has them."""
        taken = list[Any]()
        for index, probe in enumerate(probes):
            try:
                taken.append(self.take_probe(probe))
            except PrumError as error:
                raise error.at(index) from None
        return taken

    def check_suitable(self, probe: Any, policy: engine.Policy) -> None:
        """Refuse a probe without two elements, where the policy asks for them."""
        self.check_policy(policy)
        if getattr(policy, "two_elements", False):
            check_elements(probe)

    def _suitable(self, probes: Sequence[Any], policy: engine.Policy) -> Iterator[Any]:
        for index, probe in enumerate(self.take_probes(probes)):
            try:
                self.check_suitable(probe, policy)
            except PrumError as error:
                raise error.at(index) from None
            yield probe

    def probe_to_bytes(self, probe: Any) -> bytes | None:
        """Return the canonical bytes of an encoded person; names in clear stay in the house."""
        return wire.probe_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> EncodedPerson:
        """Read an encoded person."""
        return wire.probe_from_bytes(data)

    def item_to_bytes(self, item: Any) -> bytes:
        """Return nothing: a reply says reference numbers and match quality alone."""
        return wire.item_to_bytes(item)

    def item_from_bytes(self, data: bytes) -> Any:
        """Refuse: a reply carries no data of a person."""
        return wire.item_from_bytes(data)


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
    """Return the error for what is not encoded as the gallery is."""
    return ComparisonMismatch(message, code="other_encoding", field="parameters")

"""One category as a party holds it: from the bytes of a probe to the candidates of a reply."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeAlias

from prum_match import engine
from prum_match.errors import InvalidInput
from prum_match.exchange.answering.partners import PartnerRules
from prum_match.exchange.answering.stops import Stop, guard, refused
from prum_match.exchange.category_rules import CATEGORY_RULES, rule_of
from prum_match.exchange.messages.search import ReplyCandidate, Result, SearchRequest

ReferenceData: TypeAlias = Callable[[str], bytes]
Extract: TypeAlias = Callable[[bytes], tuple[Any, float]]
Matching: TypeAlias = tuple[str | None, bytes]
"""What a reply says of a reference: its type and its matching data."""

_ROUNDS = 3


class SearchableGallery(Protocol):
    """What a responder uses of a gallery."""

    @property
    def generation(self) -> int:
        """Changes with every enrolment, replacement and erasure."""
        ...

    def search(self, probe: Any, *, policy: Any, limit: int | None, eligible: Any) -> Iterable[Any]:
        """Return the candidates, best first."""
        ...

    def __getitem__(self, reference_id: str) -> Any: ...

    def __contains__(self, reference_id: object) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One category as this party holds it, and as one partner may search it."""

    category: engine.Category[Any, Any]
    gallery: SearchableGallery
    policy: Any
    most: int
    limit: int | None = None
    reference_data: ReferenceData | None = None
    extract: Extract | None = None
    quality_floor: float = 0.0
    eligible: Any = None
    write: Callable[[Any], bytes] | None = None
    partner: PartnerRules = field(default_factory=PartnerRules)

    def for_partner(self, rules: PartnerRules) -> Holding:
        """Return the holding as one partner may search it."""
        name = self.category.name
        if rules.quota and name in CATEGORY_RULES and not rule_of(name).has_quota:
            raise InvalidInput(
                "there are no daily numbers of searches in this category",
                code="no_quota",
                field="quota",
                rule="Reg. (EU) 2024/982 Arts. 14 and 23",
            )
        if rules.policy is not None:
            self.category.matching.policy_of(rules.policy)
        if rules.labels is not None and not isinstance(self.eligible, engine.Eligible | None):
            raise InvalidInput(
                "labels join an Eligible and nothing else", code="bad_option", field="eligible"
            )
        if rules.features is not None and self.reference_data is not None:
            raise InvalidInput(
                "features are of what the category writes", code="bad_option", field="features"
            )
        limits = [limit for limit in (self.limit, rules.limit) if limit is not None]
        return replace(
            self,
            policy=self.policy if rules.policy is None else rules.policy,
            limit=min(limits, default=None),
            write=None if rules.features is None else self._writer_of(rules.features),
            partner=rules,
        )

    def _writer_of(self, features: Collection[str]) -> Callable[[Any], bytes]:
        """Return the writer of matching data for a partner that takes these features alone."""
        wire = self.category.required_wire()
        return partial(wire.reference_to_bytes, features=wire.check_features(features))

    def probe_of(self, request: SearchRequest) -> tuple[Any, str | None]:
        """Return the probe of a request, checked, and its type as the category knows it."""
        if self.extract is None:
            with guard(request.number, code="invalid_probe"):
                probe = self.category.required_wire().probe_from_bytes(request.probe)
                if self._type_of(probe) != request.type:
                    raise Stop(Result.ERROR, code="type_mismatch")
        else:
            with guard(request.number, code="extract_failed", unsuitable=True):
                probe, quality = self.extract(request.probe)
                if not quality >= self.quality_floor:  # so written that NaN is below every floor
                    raise Stop(Result.UNSUITABLE)
        with guard(request.number, code="search_failed", unsuitable=True):
            self.category.required_wire().check_probe(probe)
            self.category.required_wire().check_suitable(probe, self.policy)
            return probe, self.category.required_wire().item_type(probe)

    def eligible_for(self, probe_type: str | None) -> Any:
        """Return who may be found with a probe of this type."""
        if self.partner.labels is None:
            return self.eligible
        labels = frozenset(self.partner.labels_for(probe_type))
        own = self.eligible or engine.Eligible()
        if own.labels is not None:
            labels &= frozenset(own.labels)
        if not labels:
            # Not a no-hit: nobody was looked for.
            raise refused(code="not_authorised")
        return replace(own, labels=labels)

    def search(self, probe: Any, eligible: Any, number: str) -> tuple[ReplyCandidate, ...]:
        """Return the candidates of a reply, with data that are what was compared."""
        # A reference that is replaced between comparison and reply would lend its id to data that
        # was never compared. So either nothing at all was changed in between, or the data of every
        # candidate was the same before a search and after it. Failing both, "busy" is the one
        # answer that is not wrong.
        before: dict[str, Matching | None] = {}
        for _ in range(_ROUNDS):
            with guard(number, code="search_failed"):
                generation = self.gallery.generation
                found = self._found(probe, eligible)
            with guard(number, code="reference_data_failed"):
                data = {one.reference_id: self._matching(one.reference_id) for one in found}
                unchanged = self.gallery.generation == generation
                if unchanged or all(before.get(one) == data[one] for one in data):
                    return _with_data(found, data)
            before = data
        raise Stop(Result.BUSY)

    def lost(self, candidates: Iterable[ReplyCandidate]) -> list[str]:
        """Return the references of a reply that are not what they were when it was made."""
        return [
            one.reference
            for one in candidates
            if self._matching(one.reference) != (one.type, one.data)
        ]

    def _found(self, probe: Any, eligible: Any) -> list[Any]:
        """Search, and cut the list where the law cuts it."""
        caps = [self.policy.max_candidates]
        if self.category.matching.fuses_subjects:  # each of its candidates is a subject
            caps.append(self.limit)
        # One more than fits tells a list that is cut from one that is full.
        most = min((cap for cap in caps if cap is not None), default=self.most + 1)
        most = min(most, self.most + 1)
        answer = self.gallery.search(probe, policy=self.policy, limit=most, eligible=eligible)
        found = _of_subjects(list(islice(answer, most)), self.limit)
        if len(found) > self.most:
            # A cut that no rule asks for would pass for the whole answer.
            raise Stop(Result.ERROR, code="reply_too_large")
        return found

    def _matching(self, reference: str) -> Matching | None:
        """Return type and matching data of a reference, None if it was erased meanwhile."""
        try:
            data = self.reference_data(reference) if self.reference_data else None
            item = self.gallery[reference]
            if data is None:
                data = (self.write or self.category.required_wire().reference_to_bytes)(item)
            return self._type_of(item), data
        except KeyError:
            if reference in self.gallery:
                # Its data should be there: leaving it out could turn a hit into a no-hit.
                raise
            return None

    def _type_of(self, item: Any) -> str | None:
        return rule_of(self.category.name).type_of(self.category.required_wire().item_type(item))


def _of_subjects(found: list[Any], limit: int | None) -> list[Any]:
    """Keep what belongs to the first `limit` subjects, all of it: a subject is never split."""
    if limit is None or len(found) <= limit:
        return found
    subjects = [_subject_of(one) for one in found]
    kept = set(islice(dict.fromkeys(subjects), limit))
    return [one for one, subject in zip(found, subjects, strict=True) if subject in kept]


def _subject_of(candidate: Any) -> tuple[bool, str]:
    """Return the subject of a candidate; a reference without one is a subject by itself."""
    subject = getattr(candidate, "subject_id", None)
    return (True, subject) if subject is not None else (False, candidate.reference_id)


def _with_data(
    found: Iterable[Any], data: Mapping[str, Matching | None]
) -> tuple[ReplyCandidate, ...]:
    """Make the reply's candidates, without those that were erased meanwhile.

    The ranks close up, since a gap would tell of a reference that is not in the reply.
    """
    kept = [(one, entry) for one in found if (entry := data[one.reference_id]) is not None]
    return tuple(
        ReplyCandidate(
            rank=rank,
            reference=candidate.reference_id,
            type=item_type,
            quality=getattr(candidate, "quality", None),
            readings=tuple(sorted(candidate.readings)),
            data=matching,
        )
        for rank, (candidate, (item_type, matching)) in enumerate(kept, 1)
    )

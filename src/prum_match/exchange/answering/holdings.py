"""One category as a party holds it: from the bytes of a probe to the candidates of a reply."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Protocol, TypeAlias

from prum_match import engine
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.exchange.answering.partners import PartnerRules
from prum_match.exchange.answering.stops import Stop, guard, refused
from prum_match.exchange.category_rules import CATEGORY_RULES, rule_of
from prum_match.exchange.hits.galleries import HoldsReferences, content_of
from prum_match.exchange.messages.search import ReplyCandidate, Result, SearchRequest

ReferenceData: TypeAlias = Callable[[str], bytes]
Extract: TypeAlias = Callable[[bytes], tuple[Any, float]]
Matching: TypeAlias = tuple[str | None, bytes, bytes]
"""Type and matching data of a reference, for a reply, and the digest of its item."""

_ROUNDS = 3


class SearchableGallery(HoldsReferences, Protocol):
    """The part of a gallery that a responder uses."""

    def search(self, probe: Any, *, policy: Any, limit: int | None, eligible: Any) -> Iterable[Any]:
        """Return the candidates, best first."""
        ...


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
    features: Collection[str] | None = None
    partner: PartnerRules = field(default_factory=PartnerRules)

    @property
    def wire(self) -> engine.Wire[Any, Any]:
        """The part of the category that is exchanged."""
        return self.category.required_wire()

    def for_partner(self, rules: PartnerRules) -> Holding:
        """Return the holding as one partner may search it."""
        name = self.category.name
        if rules.quota and name in CATEGORY_RULES and not rule_of(name).has_quota:
            raise InvalidInput(
                "the law knows no quota of searches in this category: leave quota out",
                code="no_quota",
                field="quota",
                rule="Reg. (EU) 2024/982 Arts. 14 and 23",
            )
        if rules.policy is not None:
            try:
                self.category.matching.policy_of(rules.policy)
            except ComparisonMismatch:
                raise ComparisonMismatch(
                    f"the policy of a partner for {name} is no policy of this category",
                    code="foreign_policy",
                    field="policy",
                ) from None
        if rules.labels is not None and not isinstance(self.eligible, engine.Eligible | None):
            raise InvalidInput(
                "labels of a partner need eligible to be an Eligible",
                code="bad_option",
                field="eligible",
            )
        if rules.features is not None and self.reference_data is not None:
            raise InvalidInput(
                "features cannot be combined with reference_data",
                code="bad_option",
                field="features",
            )
        for labels in (rules.labels or {}).values():
            self.check_eligible(engine.Eligible(labels=labels))
        limits = [limit for limit in (self.limit, rules.limit) if limit is not None]
        return replace(
            self,
            policy=self.policy if rules.policy is None else rules.policy,
            limit=min(limits, default=None),
            features=None if rules.features is None else self.wire.check_features(rules.features),
            partner=rules,
        )

    def check_eligible(self, eligible: Any = None) -> None:
        """Refuse a filter that the gallery would refuse, such as one with an unknown label."""
        eligible = self.eligible if eligible is None else eligible
        check = getattr(self.gallery, "check_eligible", None)
        if eligible is None or check is None:
            return
        try:
            check(eligible)
        except InvalidInput as error:
            raise InvalidInput(
                f"the gallery of {self.category.name} refuses this filter: {error.args[0]}",
                code=error.code,
                field="eligible",
            ) from None

    def refresh(self) -> None:
        """Show what another process has committed to a gallery on disk."""
        gallery = self.gallery
        if getattr(gallery, "is_outdated", False) is True:
            gallery.refresh()  # type: ignore[attr-defined]

    def probe_of(self, request: SearchRequest) -> tuple[Any, str | None]:
        """Return the checked probe of a request and its type in the category."""
        if self.extract is None:
            with guard(request.number, code="invalid_probe"):
                probe = self.wire.probe_from_bytes(request.probe)
                if self._type_of(probe) != request.type:
                    raise Stop(Result.ERROR, code="type_mismatch")
        else:
            with guard(request.number, code="extract_failed", unsuitable=True):
                probe, quality = self.extract(request.probe)
                if not quality >= self.quality_floor:  # written so that NaN is below every floor
                    raise Stop(Result.UNSUITABLE)
        with guard(request.number, code="search_failed", unsuitable=True):
            self.wire.check_probe(probe)
            self.wire.check_suitable(probe, self.policy)
            return probe, self.wire.item_type(probe)

    def eligible_for(self, probe_type: str | None) -> Any:
        """Return the references that a probe of this type may find."""
        if self.partner.labels is None:
            return self.eligible
        labels = frozenset(self.partner.labels_for(probe_type))
        own = self.eligible or engine.Eligible()
        if own.labels is not None:
            labels &= frozenset(own.labels)
        if not labels:
            # Not a no-hit: nothing was searched.
            raise refused(code="not_authorised")
        return replace(own, labels=labels)

    def search(
        self, probe: Any, eligible: Any, number: str
    ) -> tuple[tuple[ReplyCandidate, ...], dict[str, bytes]]:
        """Return the candidates of a reply, and the digest of what was compared of each."""
        # If a reference is replaced between comparison and reply, its id would carry data that were
        # never compared. So either the gallery did not change in between, or the data of every
        # candidate were the same before and after a search. Otherwise "busy" is the only correct
        # answer.
        before: dict[str, Matching | None] = {}
        for _ in range(_ROUNDS):
            with guard(number, code="search_failed"):
                self.refresh()
                generation = self.gallery.generation
                found = self._found(probe, eligible)
            with guard(number, code="reference_data_failed"):
                data = {one.reference_id: self._matching(one.reference_id) for one in found}
                unchanged = self.gallery.generation == generation
                if unchanged or all(before.get(one) == data[one] for one in data):
                    contents = {one: kept[2] for one, kept in data.items() if kept is not None}
                    return _with_data(found, data), contents
            before = data
        raise Stop(Result.BUSY)

    def lost(
        self, candidates: Iterable[ReplyCandidate], contents: Mapping[str, bytes] | None = None
    ) -> list[str]:
        """Return the references of a reply that have changed since it was made."""

        def is_lost(one: ReplyCandidate) -> bool:
            now = self._matching(one.reference)
            if now is None or now[:2] != (one.type, one.data):
                return True
            return contents is not None and contents[one.reference] != now[2]

        return [one.reference for one in candidates if is_lost(one)]

    def _found(self, probe: Any, eligible: Any) -> list[Any]:
        """Search, and cut the list at the limits of policy and partner."""
        caps = [self.policy.max_candidates]
        if self.category.matching.fuses_subjects:  # each candidate is a subject
            caps.append(self.limit)
        # One more than fits tells a truncated list from a full one.
        most = min((cap for cap in caps if cap is not None), default=self.most + 1)
        most = min(most, self.most + 1)
        answer = self.gallery.search(probe, policy=self.policy, limit=most, eligible=eligible)
        found = _of_subjects(list(islice(answer, most)), self.limit)
        if len(found) > self.most:
            # A truncation without a rule would look like the complete answer.
            raise Stop(Result.ERROR, code="reply_too_large")
        return found

    def _matching(self, reference: str) -> Matching | None:
        """Return what a reply needs of a reference; None if it was erased meanwhile."""
        try:
            data = self.reference_data(reference) if self.reference_data else None
            item, whole = self.gallery[reference], None
            if data is None and self.features is None:
                data = whole = self.wire.reference_to_bytes(item)
            elif data is None:
                data = self.wire.reference_to_bytes(item, features=self.features)
            return self._type_of(item), data, content_of(self.category, item, whole)
        except KeyError:
            if reference in self.gallery:
                # The provider failed: leaving the reference out could turn a hit into a no-hit.
                raise
            return None

    def _type_of(self, item: Any) -> str | None:
        return rule_of(self.category.name).type_of(self.wire.item_type(item))


def _of_subjects(found: list[Any], limit: int | None) -> list[Any]:
    """Keep all references of the first `limit` subjects; a subject is never split."""
    if limit is None or len(found) <= limit:
        return found
    subjects = [_subject_of(one) for one in found]
    kept = set(islice(dict.fromkeys(subjects), limit))
    return [one for one, subject in zip(found, subjects, strict=True) if subject in kept]


def _subject_of(candidate: Any) -> tuple[bool, str]:
    """Return the subject of a candidate; a reference without one counts as its own subject."""
    subject = getattr(candidate, "subject_id", None)
    return (True, subject) if subject is not None else (False, candidate.reference_id)


def _with_data(
    found: Iterable[Any], data: Mapping[str, Matching | None]
) -> tuple[ReplyCandidate, ...]:
    """Return the candidates of the reply, without those that were erased meanwhile.

    Ranks stay consecutive: a gap would reveal a reference that is not in the reply.
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
        for rank, (candidate, (item_type, matching, _)) in enumerate(kept, 1)
    )

"""Admission of requests: from the sender by the channel to the holding that it may search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prum_match.errors import InvalidInput
from prum_match.exchange.answering.holdings import Holding, SearchableGallery
from prum_match.exchange.answering.partners import Partner
from prum_match.exchange.answering.stops import refused
from prum_match.exchange.hits.galleries import category_of
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.messages.search import SearchRequest
from prum_match.values.parties import party_code


def holdings_of(
    galleries: Mapping[str, SearchableGallery],
    limit: int | None,
    limits: Limits,
    options: Mapping[str, Mapping[str, Any]],
) -> dict[str, Holding]:
    """Return the holdings of a party, by category name."""
    for name, option in options.items():
        if option.keys() - galleries.keys():
            raise InvalidInput(
                "this option is for a category without a gallery",
                code="category_not_held",
                field=name,
            )
    # The least quality of an image is for the host or an implementing act to decide: it has no
    # default.
    if options["extract"].keys() - options["quality_floors"].keys():
        raise InvalidInput(
            "give a quality floor for each category with extract",
            code="missing_quality_floor",
            field="quality_floors",
        )
    holdings = {}
    for name, gallery in galleries.items():
        category = category_of(name, gallery)
        wire, policy = category.required_wire(), options["policies"].get(name)
        holdings[name] = Holding(
            category=category,
            gallery=gallery,
            policy=wire.responder_policy if policy is None else category.matching.policy_of(policy),
            most=limits.candidates,
            limit=limit,
            reference_data=options["reference_data"].get(name),
            extract=options["extract"].get(name),
            quality_floor=options["quality_floors"].get(name, 0.0),
            eligible=options["eligible"].get(name),
        )
    return holdings


class Admission:
    """The holdings that each partner may search."""

    def __init__(
        self,
        party: str,
        holdings: Mapping[str, Holding],
        partners: Mapping[str, Partner] | None,
        default_partner: Partner | None,
    ) -> None:
        self._party = party
        self._holdings = holdings
        self._is_open = partners is None and default_partner is None
        profiles = {party_code(code): one for code, one in (partners or {}).items()}
        self._aliases: dict[str, str] = {}
        for code, profile in profiles.items():
            for alias in profile.aliases:
                if self._aliases.setdefault(alias, code) != code:
                    raise InvalidInput(
                        "two partners share this alias", code="duplicate_party", field="aliases"
                    )
        self._default = self._searchable(default_partner) if default_partner else {}
        self._by_partner = {code: self._searchable(one) for code, one in profiles.items()}

    def sender(self, party: str) -> str | None:
        """Return the code of the party that a channel names; None if unknown."""
        try:
            return party_code(self._aliases.get(party, party))
        except (InvalidInput, TypeError):  # the channel may pass something other than text
            return None

    def admit(self, sender: str, request: SearchRequest) -> Holding:
        """Return the holding that a request may search."""
        if sender != request.requesting:
            raise refused(code="party_mismatch")
        if request.requested != self._party:
            raise refused(code="not_addressed_here")
        name = request.category
        if name not in self._holdings:
            raise refused(code="category_not_held")
        if self._is_open:
            return self._holdings[name]
        searchable = self._by_partner.get(sender, self._default)
        if name not in searchable:
            raise refused(code="not_authorised")
        holding = searchable[name]
        if holding is None:
            raise refused(code="not_reciprocal")
        return holding

    def _searchable(self, profile: Partner) -> dict[str, Holding | None]:
        """Return the holdings for a partner; None where it does not reciprocate."""
        return {
            name: self._holdings[name].for_partner(rules) if rules.participates else None
            for name, rules in profile.categories.items()
            if name in self._holdings
        }

"""Who may ask what: from the party that the channel names to what it may search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prum_match import engine
from prum_match.errors import InvalidInput
from prum_match.exchange.answering.holdings import Holding, SearchableGallery
from prum_match.exchange.answering.partners import Partner
from prum_match.exchange.answering.stops import refused
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.messages.search import SearchRequest
from prum_match.values.parties import party_code


def holdings_of(
    galleries: Mapping[str, SearchableGallery],
    limit: int | None,
    limits: Limits,
    options: Mapping[str, Mapping[str, Any]],
) -> dict[str, Holding]:
    """Return what a party holds, by the name of the category."""
    for name, option in options.items():
        if option.keys() - galleries.keys():
            raise InvalidInput("no such gallery here", code="category_not_held", field=name)
    # What an image must be worth is for the host or an implementing act to say, so there is no
    # default to fall back on.
    if options["extract"].keys() - options["quality_floors"].keys():
        raise InvalidInput("name a floor", code="missing_quality_floor", field="quality_floors")
    holdings = {}
    for name, gallery in galleries.items():
        # One category can have galleries of several kinds: of names, and of pseudonyms.
        category = getattr(gallery, "category", None) or engine.category(name)
        holdings[name] = Holding(
            category=category,
            gallery=gallery,
            policy=options["policies"].get(name, category.required_wire().responder_policy),
            most=limits.candidates,
            limit=limit,
            reference_data=options["reference_data"].get(name),
            extract=options["extract"].get(name),
            quality_floor=options["quality_floors"].get(name, 0.0),
            eligible=options["eligible"].get(name),
        )
    return holdings


class Admission:
    """What each partner may search."""

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
                        "two partners share it", code="duplicate_party", field="aliases"
                    )
        self._default = self._searchable(default_partner) if default_partner else {}
        self._by_partner = {code: self._searchable(one) for code, one in profiles.items()}

    def sender(self, party: str) -> str | None:
        """Return the code of the party that a channel names, None if it is not known."""
        try:
            return party_code(self._aliases.get(party, party))
        except (InvalidInput, TypeError):  # what a channel hands over need not be text
            return None

    def admit(self, sender: str, request: SearchRequest) -> Holding:
        """Return what a request may search."""
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
        """Return a partner's holdings; None: it does not let this party search in return."""
        return {
            name: self._holdings[name].for_partner(rules) if rules.participates else None
            for name, rules in profile.categories.items()
            if name in self._holdings
        }

"""Admission of requests: from the sender by the channel to the holding that it may search."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from prum_match import engine
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.exchange.answering.holdings import Holding, SearchableGallery
from prum_match.exchange.answering.partners import Partner, check_category, policy_named
from prum_match.exchange.answering.stops import refused
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.messages.search import SearchRequest
from prum_match.values.checks import real_number
from prum_match.values.parties import party_code


def holdings_of(
    galleries: Mapping[str, SearchableGallery],
    limit: int | None,
    limits: Limits,
    options: Mapping[str, Mapping[str, Any]],
) -> dict[str, Holding]:
    """Return the holdings of a party, by category name."""
    for name, given in {"galleries": galleries, **options}.items():
        _check_mapping(given, name)
    for name, option in options.items():
        if option.keys() - galleries.keys():
            raise InvalidInput(
                "this option is for a category without a gallery",
                code="category_not_held",
                field=name,
            )
    for name in ("reference_data", "extract"):
        for category_name, function in options[name].items():
            if not callable(function):
                raise _misfit(name, category_name, "a function")
    for category_name, floor in options["quality_floors"].items():
        real_number(floor, f"quality_floors of {category_name}", code="bad_option")
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
        category = _category_of(name, gallery)
        holdings[name] = Holding(
            category=category,
            gallery=gallery,
            policy=_policy_of(category, options["policies"]),
            most=limits.candidates,
            limit=limit,
            reference_data=options["reference_data"].get(name),
            extract=options["extract"].get(name),
            quality_floor=options["quality_floors"].get(name, 0.0),
            eligible=options["eligible"].get(name),
        )
        holdings[name].check_eligible()
    return holdings


def _category_of(name: str, gallery: SearchableGallery) -> engine.Category[Any, Any]:
    if isinstance(gallery, type) or not callable(getattr(gallery, "search", None)):
        raise _misfit("galleries", name, "a gallery")
    # A category can have several kinds of galleries, such as clear names and pseudonyms.
    own: engine.Category[Any, Any] | None = getattr(gallery, "category", None)
    if own is None:
        return check_category(name, "galleries") or engine.category(name)
    if own.name != name:
        check_category(name, "galleries")
        raise InvalidInput(
            f"the gallery given for {name} is one of {own.name}",
            code="foreign_gallery",
            field="galleries",
        )
    return own


def _policy_of(category: engine.Category[Any, Any], policies: Mapping[str, Any]) -> Any:
    """Return the policy to search a category with."""
    name = category.name
    if name not in policies:
        return category.required_wire().responder_policy
    policy = policies[name]
    if isinstance(policy, str):
        return policy_named(policy, category, field="policies")
    if policy is not None:
        with suppress(ComparisonMismatch):
            return category.matching.policy_of(policy)
    raise ComparisonMismatch(
        f"what policies gives for {name} is no policy of this category",
        code="foreign_policy",
        field="policies",
    )


def _check_mapping(given: object, field: str) -> None:
    if not isinstance(given, Mapping):
        raise InvalidInput(f"{field} is a mapping", code="bad_option", field=field)


def _misfit(field: str, name: str, wanted: str) -> InvalidInput:
    return InvalidInput(
        f"what {field} gives for {name} is not {wanted}", code="bad_option", field=field
    )


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
        partners = {} if partners is None else partners
        _check_mapping(partners, "partners")
        for code, profile in [*partners.items(), ("default_partner", default_partner)]:
            if profile is not None or code != "default_partner":
                self._check(profile, code)
        profiles = {party_code(code): one for code, one in partners.items()}
        self._aliases: dict[str, str] = {}
        for code, profile in profiles.items():
            for alias in profile.aliases:
                if self._aliases.setdefault(alias, code) != code:
                    raise InvalidInput(
                        "two partners share this alias", code="duplicate_party", field="aliases"
                    )
        self._default = self._searchable(default_partner) if default_partner else {}
        self._by_partner = {code: self._searchable(one) for code, one in profiles.items()}

    def _check(self, profile: Partner | None, code: str) -> None:
        if not isinstance(profile, Partner):
            raise InvalidInput(
                f"what is given for {code} is not a Partner", code="bad_option", field="partners"
            )
        for name in profile.categories.keys() - self._holdings.keys():
            check_category(name, "categories")

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

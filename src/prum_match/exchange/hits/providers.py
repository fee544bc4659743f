"""Core data from the host, checked before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.hits.arrivals import check_core_data
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.messages.core_data import CoreData

CoreDataProvider: TypeAlias = Callable[[str], CoreData]


class Providers:
    """Providers of core data, by category name."""

    def __init__(self, providers: Mapping[str, CoreDataProvider]) -> None:
        for category, provider in providers.items():
            if not callable(provider):
                raise InvalidInput(
                    f"the provider of core data for {category} is not callable",
                    code="bad_option",
                    field="core_data",
                )
        self._providers = dict(providers)

    def data_for(self, hit: Hit) -> CoreData:
        """Return the core data of this party's record of a hit; an error of the host passes."""
        category = hit.key.category
        provider = self._providers.get(category)
        if provider is None:
            raise ExchangeError(
                "give FollowUp a provider of core data for this category",
                code="no_provider",
                field="core_data",
            )
        data = provider(hit.own_reference)
        if not isinstance(data, CoreData):
            # Without the value, which may be of a person.
            raise InvalidInput(
                f"the provider of core data for {category} returns CoreData, "
                f"not {type(data).__name__}",
                code="bad_core_data",
                field="core_data",
            )
        check_core_data(hit, data)
        return data

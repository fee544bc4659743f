"""Categories by their name: for the exchange, and for galleries that are opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from prum_match.engine.policy import Policy
from prum_match.engine.protocol import Category
from prum_match.errors import ComparisonMismatch, InvalidInput

Item = TypeVar("Item")
P = TypeVar("P", bound=Policy)
Settings: TypeAlias = Mapping[str, Any]
Opener: TypeAlias = Callable[[Settings], Category[Any, Any]]

_registry: dict[str, Category[Any, Any]] = {}
_openers: dict[str, Opener] = {}


def register(instance: Category[Item, P]) -> Category[Item, P]:
    """Make a category known under its name and return it.

    Raises
    ------
    InvalidInput
        Code ``"duplicate_category"``: another instance holds the name.
    """
    known = _registry.setdefault(instance.name, instance)
    if known is not instance:
        raise _name_taken()
    return instance


def register_opener(name: str, opener: Opener) -> None:
    """Say how the category of a gallery on disk is made from the settings in its catalogue.

    For categories with several instances: one for each model, or for each set of parameters. The
    opener raises the error for settings that it cannot use.

    Parameters
    ----------
    name : str
        Name of the category.
    opener : callable
        Takes the ``Layout.settings`` of the gallery, returns the category.

    Raises
    ------
    InvalidInput
        Code ``"duplicate_category"``: another opener holds the name.
    """
    if _openers.setdefault(name, opener) is not opener:
        raise _name_taken()


def category(name: str) -> Category[Any, Any]:
    """Return the category of that name.

    Raises
    ------
    InvalidInput
        Code ``"unknown_category"``.

    Examples
    --------
    >>> import prum_match.dna
    >>> from prum_match import engine
    >>> engine.category("dna").name
    'dna'
    """
    try:
        return _registry[name]
    except KeyError:
        raise InvalidInput(
            "no such category", code="unknown_category", field="category", value=name
        ) from None


def category_on_disk(
    name: str, settings: Settings, expected: str | None = None
) -> Category[Any, Any]:
    """Return the category of a gallery on disk, as its catalogue describes it."""
    if expected is not None and name != expected:
        raise ComparisonMismatch(
            f"the folder holds a gallery of another category than {expected}",
            code="foreign_gallery",
            field="path",
        )
    opener = _openers.get(name)
    if opener is not None:
        return opener(settings)
    found = category(name)
    found.layout.check_settings(settings)
    return found


def _name_taken() -> InvalidInput:
    return InvalidInput("category name is taken", code="duplicate_category", field="name")

"""Profiles of partners, as data: what each may search, and under which reading of the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from prum_match import engine
from prum_match.engine import Policy
from prum_match.errors import InvalidInput
from prum_match.exchange.category_rules import CATEGORY_RULES

_NO_TYPE = "*"
_TYPES = ("P", "S", _NO_TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Daily number of searches of a partner (Arts. 14 and 23).

    Parameters
    ----------
    identified, unidentified : int or None
        Searches with data of identified and of unidentified persons in one UTC day; None: no limit.
        States may raise them at any time. Where a probe does not show its type, as in a facial
        image, the sum of both counts.

    Raises
    ------
    InvalidInput
        ``bad_partner``.

    Examples
    --------
    >>> Quota(identified=100, unidentified=20).of("S")
    20
    """

    identified: int | None = None
    unidentified: int | None = None

    def __post_init__(self) -> None:
        for name in ("identified", "unidentified"):
            _check_number(name, getattr(self, name), least=0)

    def of(self, probe_type: str | None) -> int | None:
        """Return the quota for probes of a type: ``"P"`` identified, ``"S"`` unidentified."""
        if probe_type is not None:
            return self.unidentified if probe_type == "S" else self.identified
        if self.identified is None or self.unidentified is None:
            return None
        return self.identified + self.unidentified


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRules:
    """Rules for one partner in one category.

    Parameters
    ----------
    participates : bool
        Whether the partner lets this party search in return. Where the law demands reciprocity,
        other partners are refused (recital 18 and Art. 26 for police records).
    policy : Policy or None
        Policy for the probes of this partner; None: that of the responder.
    labels : mapping of str to labels, optional
        By type of the probe, ``"P"`` identified, ``"S"`` unidentified, ``"*"`` in categories
        without types: the labels of the references that it may find. Probes of a missing type are
        refused. None: all references that the responder makes eligible.
    features : collection of str, optional
        Names of the features in matching data, such as the loci of a profile, for a partner whose
        system reads no others. None: all.
    limit : int or None
        Most subjects in one reply, besides the limit of the responder.
    quota : Quota or None
        Searches a day, for categories in which the law has quotas.

    Raises
    ------
    InvalidInput
        ``bad_partner``, with the name of the field.

    Examples
    --------
    >>> rules = PartnerRules(labels={"S": ["convicted"]}, limit=10)
    >>> rules.labels["S"], "P" in rules.labels
    (frozenset({'convicted'}), False)
    """

    participates: bool = True
    policy: Policy | None = None
    labels: Mapping[str, Collection[str]] | None = None
    features: Collection[str] | None = None
    limit: int | None = None
    quota: Quota | None = None

    def __post_init__(self) -> None:
        _check("participates", isinstance(self.participates, bool))
        _check_number("limit", self.limit, least=1)
        _check("quota", self.quota is None or isinstance(self.quota, Quota))
        if self.labels is not None:
            _check("labels", isinstance(self.labels, Mapping))
            _check("labels", all(name in _TYPES for name in self.labels))
            frozen = {name: _names("labels", chosen) for name, chosen in self.labels.items()}
            object.__setattr__(self, "labels", frozen)
        if self.features is not None:
            object.__setattr__(self, "features", _names("features", self.features))

    def labels_for(self, probe_type: str | None) -> Collection[str]:
        """Return the labels that a probe of this type may find, where `labels` is given."""
        return (self.labels or {}).get(_NO_TYPE if probe_type is None else probe_type, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Profile of one partner, for a responder.

    Parameters
    ----------
    categories : mapping of str to PartnerRules
        Rules by category name. Requests for other categories are refused.
    aliases : tuple of str
        Further codes under which the host's channel names this partner.

    Raises
    ------
    InvalidInput
        ``bad_partner``, with the name of the field.

    Notes
    -----
    Sources: Regulation (EU) 2024/982, recital 18 and Arts. 14, 23 and 26. States agree which kinds
    may be searched with which and how many candidates a reply has, as in Art. 9 of the Austrian
    arrangement with the United States.

    Examples
    --------
    >>> from prum_match import dna
    >>> partner = Partner.from_dict(
    ...     {"categories": {"dna": {"policy": "prum-2008-strict", "limit": 10}}}
    ... )
    >>> partner.categories["dna"].policy is dna.PRUM_2008_STRICT
    True
    >>> partner.to_dict()
    {'categories': {'dna': {'policy': 'prum-2008-strict', 'limit': 10}}}
    """

    categories: Mapping[str, PartnerRules] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check("categories", isinstance(self.categories, Mapping))
        _check("categories", all(isinstance(r, PartnerRules) for r in self.categories.values()))
        _check("aliases", isinstance(self.aliases, tuple) and all(map(_is_text, self.aliases)))

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], *, policies: Iterable[Policy] = ()) -> Self:
        """Read a profile from JSON values; its list of fields is closed.

        Parameters
        ----------
        raw : mapping
            Output of `to_dict`. A missing field has its default.
        policies : iterable of Policy
            The policies that profiles may name, by their ``name``, besides those of the category.

        Raises
        ------
        InvalidInput
            ``bad_partner``, ``unknown_category`` or ``unknown_policy``, with the name of the field.
        """
        given = _closed(raw, cls)
        own = tuple(policies)
        categories = given.get("categories", {})
        _check("categories", isinstance(categories, Mapping))
        aliases = given.get("aliases", [])
        _check("aliases", isinstance(aliases, list))
        return cls(
            categories={name: _rules(name, one, own) for name, one in categories.items()},
            aliases=tuple(aliases),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as JSON values, without defaults."""
        raw: dict[str, Any] = {
            "categories": {name: _rules_to_dict(one) for name, one in self.categories.items()}
        }
        if self.aliases:
            raw["aliases"] = list(self.aliases)
        return raw


def policy_named(
    name: Any,
    category: engine.Category[Any, Any] | None,
    policies: Iterable[Policy] = (),
    *,
    field: str = "policy",
) -> Policy:
    """Return the policy of this name: one of `policies`, else one of the category."""
    own: tuple[Policy, ...] = ()
    if category is not None:
        matching = category.matching
        own = matching.default_policy, category.required_wire().responder_policy, *matching.policies
    named = {one.name: one for one in own}
    named |= {policy.name: policy for policy in policies}
    if not isinstance(name, str) or name not in named:
        known = ", ".join(sorted(named)) or "none"
        of = "" if category is None else f" of {category.name}"
        raise InvalidInput(
            f"no policy{of} has this name; known are: {known}", code="unknown_policy", field=field
        )
    return named[name]


def check_category(name: Any, field: str) -> engine.Category[Any, Any] | None:
    """Refuse a name that is of no category; return the category if it is loaded."""
    try:
        return engine.category(name)
    except (InvalidInput, TypeError):
        if isinstance(name, str) and name in CATEGORY_RULES:
            return None
        raise InvalidInput(
            f"there is no category {name!r}: the categories of the law are "
            f"{', '.join(CATEGORY_RULES)}",
            code="unknown_category",
            field=field,
        ) from None


def _rules(name: Any, raw: Any, policies: Iterable[Policy]) -> PartnerRules:
    category = check_category(name, "categories")
    given = _closed(raw, PartnerRules)
    if given.get("policy") is not None:
        given["policy"] = policy_named(given["policy"], category, policies)
    if given.get("quota") is not None:
        given["quota"] = Quota(**_closed(given["quota"], Quota))
    return PartnerRules(**given)


def _rules_to_dict(rules: PartnerRules) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    if not rules.participates:
        raw["participates"] = False
    if rules.policy is not None:
        raw["policy"] = rules.policy.name
    if rules.labels is not None:
        raw["labels"] = {name: sorted(chosen) for name, chosen in rules.labels.items()}
    if rules.features is not None:
        raw["features"] = sorted(rules.features)
    if rules.limit is not None:
        raw["limit"] = rules.limit
    if rules.quota is not None:
        numbers = {one.name: getattr(rules.quota, one.name) for one in fields(Quota)}
        raw["quota"] = {name: most for name, most in numbers.items() if most is not None}
    return raw


def _closed(raw: Any, profile: type[Any]) -> dict[str, Any]:
    name = profile.__name__
    _check(name, isinstance(raw, Mapping))
    # An unknown field may be a restriction, which must not be ignored.
    _check(name, raw.keys() <= {one.name for one in fields(profile)})
    return dict(raw)


def _names(name: str, chosen: Any) -> frozenset[str]:
    # A string is a collection of strings too, and never intended here.
    _check(name, isinstance(chosen, Collection) and not isinstance(chosen, str))
    _check(name, all(map(_is_text, chosen)))
    return frozenset(chosen)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _check_number(name: str, value: object, *, least: int) -> None:
    _check(name, value is None or (type(value) is int and value >= least))


def _check(name: str, holds: bool) -> None:
    if not holds:
        raise InvalidInput(
            "invalid value in the profile of a partner", code="bad_partner", field=name
        )

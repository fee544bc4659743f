"""Filters of the references of a search."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from prum_match.engine.protocol import Category
from prum_match.engine.segments.given import listed
from prum_match.engine.segments.labels import LabelTable
from prum_match.errors import InvalidInput
from prum_match.values.checks import instance_of


@dataclass(frozen=True)
class Eligible:
    """A filter of the references that may become candidates.

    Parameters
    ----------
    labels : collection of str, optional
        Admit references with one of these labels.
    reference_ids : collection of str, optional
        Admit these references.
    ranges : mapping of str to (low, high), optional
        Admit references with an attribute in this range, ends included; None for an open end. A
        reference without the attribute lies in no range. Each category has its own attributes,
        for example the ``"quality"`` of a facial image.

    Notes
    -----
    A reference has to satisfy all conditions that are given.

    Examples
    --------
    >>> from prum_match import Eligible
    >>> only_stains = Eligible(labels={"stain"})
    >>> good_images = Eligible(ranges={"quality": (40, None)})
    """

    labels: Collection[str] | None = None
    reference_ids: Collection[str] | None = None
    ranges: Mapping[str, tuple[Any, Any]] | None = None


def native_filter(
    eligible: Eligible | None, labels: LabelTable, category: Category[Any, Any]
) -> tuple[list[bool] | None, list[str] | None, list[tuple[str, float, float]]]:
    """Return a filter in the form of the native core: label mask, ids, ranges of attributes."""
    if eligible is None:
        return None, None, []
    instance_of(
        eligible, Eligible, "eligible", code="bad_option", message="eligible is an Eligible or None"
    )
    mask = None if eligible.labels is None else labels.mask(listed(eligible.labels, "labels"))
    ids = None
    if eligible.reference_ids is not None:
        ids = listed(eligible.reference_ids, "reference_ids")
    ranges = []
    given = {} if eligible.ranges is None else eligible.ranges
    if not isinstance(given, Mapping):
        raise InvalidInput("ranges is a mapping by attribute", code="bad_range", field="eligible")
    for name, ends in given.items():
        if not isinstance(ends, tuple) or len(ends) != 2:
            raise InvalidInput("a range is a tuple of two ends", code="bad_range", field="eligible")
        ranges.append((name, *category.matching.attribute_range(name, *ends)))
    return mask, ids, ranges

"""Hypothesis strategies of DNA profiles, policies and galleries.

They draw what goes wrong in practice more often than what is common: wildcards and the tokens
that turn into them, single and triple values, micro-variants that are one base apart at repeat
periods of three, four and five, alleles far outside the ladder, missing loci. Each locus has few
alleles, and references are derived from each other by small edits, so that full, near and
just-not matches all come up.

Examples
--------
>>> from hypothesis import given, settings
>>> from prum_match import dna
>>> from prum_match.testing import strategies
>>> @settings(max_examples=5)
... @given(strategies.profiles(), strategies.policies())
... def a_profile_never_contradicts_itself(profile, policy):
...     assert dna.compare(profile, profile, policy=policy).mismatch_loci == 0
>>> a_profile_never_contradicts_itself()
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from prum_match import dna
from prum_match.testing.laboratory import (
    LOCI,
    Choose,
    Option,
    RawProfile,
    derived_profile,
    drawn_profile,
)
from prum_match.testing.strategies.drawing import DrawFn, SearchStrategy, st


def _chooser(draw: DrawFn) -> Choose:
    def choose(options: Sequence[Option], /) -> Option:
        return draw(st.sampled_from(options))

    return choose


def _kinds(kind: dna.Kind | str | None) -> SearchStrategy[dna.Kind]:
    return st.sampled_from(dna.Kind) if kind is None else st.just(dna.Kind.parse(kind))


@st.composite
def raw_profiles(draw: DrawFn, *, loci: Sequence[str] = LOCI) -> RawProfile:
    """Return a strategy of profiles as mappings of locus to values."""
    return drawn_profile(_chooser(draw), loci)


@st.composite
def profiles(
    draw: DrawFn, *, loci: Sequence[str] = LOCI, kind: dna.Kind | str | None = None
) -> dna.Profile:
    """Return a strategy of profiles."""
    return dna.Profile(draw(raw_profiles(loci=loci)), kind=draw(_kinds(kind)))


@st.composite
def related_raw_profiles(
    draw: DrawFn, *, loci: Sequence[str] = LOCI, min_size: int = 1, max_size: int = 8
) -> tuple[RawProfile, list[RawProfile]]:
    """Return a strategy of probes, each with references that were derived from it."""
    choose = _chooser(draw)
    family = [drawn_profile(choose, loci)]
    for _ in range(draw(st.integers(min_size, max_size))):
        family.append(derived_profile(choose, choose(family), loci))
    return family[0], family[1:]


@st.composite
def related_profiles(
    draw: DrawFn,
    *,
    loci: Sequence[str] = LOCI,
    kind: dna.Kind | str | None = None,
    min_size: int = 1,
    max_size: int = 8,
) -> tuple[dna.Profile, list[dna.Profile]]:
    """Return a strategy of probes, each with references that were derived from it."""
    probe, references = draw(related_raw_profiles(loci=loci, min_size=min_size, max_size=max_size))
    of_kind = _kinds(kind)
    return dna.Profile(probe, kind=draw(of_kind)), [
        dna.Profile(raw, kind=draw(of_kind)) for raw in references
    ]


_CONSTANTS: tuple[dna.Policy, ...] = (
    dna.PRUM_2008_STRICT,
    dna.PRUM_2008_LITERAL,
    dna.PRUM_2008_LENIENT,
    dna.RESPONDER_2008,
    dna.CODIS_HIGH,
    dna.CODIS_MODERATE,
    dna.CODIS_LOW,
)
_TEST_ONLY: dict[str, Any] = {"version": "0", "source": "made up by prum_match.testing"}


@st.composite
def _readings(draw: DrawFn, name: str) -> dna.Reading:
    return dna.Reading(
        name=name,
        min_loci=draw(st.integers(1, 9)),
        counts_wildcard=draw(st.booleans()),
        counts_micro=draw(st.booleans()),
        wildcard_cost=draw(st.integers(0, 1)),
        budget=draw(st.integers(0, 6) | st.sampled_from((12, 40))),
    )


@st.composite
def _reading_policies(draw: DrawFn) -> dna.ReadingPolicy:
    known = [draw(_readings(f"reading-{i}")) for i in range(draw(st.integers(1, 5)))]
    # A reading may make candidates and be named among the tags too, or be named twice.
    return dna.ReadingPolicy(
        name="random readings",
        readings=tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))),
        tagged=tuple(draw(st.lists(st.sampled_from(known), max_size=3))),
        **_TEST_ONLY,
    )


def policies(
    *, original_view: bool | None = None, max_candidates: int | None = None
) -> SearchStrategy[dna.Policy]:
    """Return a strategy of DNA policies.

    Parameters
    ----------
    original_view : bool, optional
        True: CODIS stringencies only; False: readings of the exchange view only; by default both.
    max_candidates : int, optional
        Cap that the random ones may have; by default none has one.

    Returns
    -------
    SearchStrategy of DnaPolicy
        The constants of :mod:`prum_match.dna`, ``prum_2`` with any numbers, unions of up to four
        random readings with budgets up to 40, random CODIS policies.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from prum_match import dna
    >>> from prum_match.testing import strategies
    >>> @settings(max_examples=5)
    ... @given(strategies.policies(max_candidates=9))
    ... def test_a_cap_is_none_or_one_that_was_asked_for(policy):
    ...     assert policy.max_candidates is None or 1 <= policy.max_candidates <= 9
    >>> test_a_cap_is_none_or_one_that_was_asked_for()
    """
    caps = st.none() if max_candidates is None else st.none() | st.integers(1, max_candidates)
    codis = st.builds(
        dna.CodisPolicy,
        name=st.just("random stringency"),
        stringency=st.sampled_from(("high", "moderate", "low")),
        min_loci=st.integers(1, 9),
        max_mismatched_loci=st.integers(0, 4),
        max_candidates=caps,
        **{key: st.just(value) for key, value in _TEST_ONLY.items()},
    )
    readings = st.builds(_capped, _reading_policies(), caps) | st.builds(
        dna.prum_2,
        min_loci=st.integers(1, 9),
        max_deviations=st.integers(0, 4),
        counts_wildcard=st.booleans(),
        counts_micro=st.booleans(),
        version=st.just("(EU) 0/0"),
    )
    chosen: list[SearchStrategy[dna.Policy]] = []
    constants = [
        policy
        for policy in _CONSTANTS
        if original_view is None or isinstance(policy, dna.CodisPolicy) == original_view
    ]
    chosen.append(st.sampled_from(constants))
    if original_view is not True:
        chosen.append(readings)
    if original_view is not False:
        chosen.append(codis)
    return st.one_of(chosen)


def _capped(policy: dna.ReadingPolicy, cap: int | None) -> dna.ReadingPolicy:
    return dna.ReadingPolicy(
        name=policy.name,
        version=policy.version,
        source=policy.source,
        max_candidates=cap,
        readings=policy.readings,
        tagged=policy.tagged,
    )


# A larger gallery is not worth printing when an example fails; Hypothesis makes it smaller first.
_PRINTED = 12


@dataclass(frozen=True, repr=False)
class FilledGallery:
    """A gallery with its profiles.

    Attributes
    ----------
    gallery : Gallery
        The gallery.
    raw : dict of str to dict
        What was enrolled under each live reference id, as it was given.
    profiles : dict of str to Profile
        The same as profiles.
    labels : dict of str to str or None
        Their labels.
    erased : tuple of str
        Ids that were enrolled and are erased.
    """

    gallery: dna.Gallery
    raw: dict[str, RawProfile]
    profiles: dict[str, dna.Profile]
    labels: dict[str, str | None]
    erased: tuple[str, ...]

    def __repr__(self) -> str:
        segments = [f"{s.live_rows} of {s.rows}" for s in self.gallery._core.segments()]
        text = f"FilledGallery: {len(self.profiles)} references, live in segments {segments}"
        return f"<{text}, {self.raw}>" if len(self.raw) <= _PRINTED else f"<{text}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print every field of a dataclass


@st.composite
def galleries(
    draw: DrawFn,
    *,
    family: SearchStrategy[tuple[RawProfile, list[RawProfile]]] | None = None,
    loci: Sequence[str] = LOCI,
    max_size: int = 200,
    labels: Sequence[str | None] = (None, "suspect", "stain"),
) -> tuple[FilledGallery, list[dna.Profile]]:
    """Return a strategy of galleries, each with probes that are related to what it holds."""
    if family is None:
        family = related_raw_profiles(loci=loci)
    probe, raws = draw(family)
    size = draw(st.integers(len(raws), max_size))
    choose: Choose = random.Random(draw(st.integers(0, 2**32))).choice
    while len(raws) < size:
        raws.append(derived_profile(choose, choose((probe, *raws)), loci))
    ids = [f"R{i:04d}" for i in range(len(raws))]
    # Ids are compared bytewise: neither case nor length follows the order of enrolment.
    ids = [choose((name, name.lower(), name[0] + name[2:] + "~")) for name in ids]
    kinds = [choose(tuple(dna.Kind)) for _ in ids]
    items = {
        reference_id: dna.Profile(raw, kind=kind)
        for reference_id, raw, kind in zip(ids, raws, kinds, strict=True)
    }
    label_of = {reference_id: choose(labels) for reference_id in ids}
    gallery = dna.Gallery(labels=[label for label in dict.fromkeys(labels) if label])
    erased = _fill(gallery, items, label_of, draw)
    live = [reference_id for reference_id in ids if reference_id not in erased]
    probes = [dna.Profile(probe)]
    probes += [
        dna.Profile(derived_profile(choose, choose(raws), loci), kind=choose(tuple(dna.Kind)))
        for _ in range(draw(st.integers(0, 2)))
    ]
    filled = FilledGallery(
        gallery,
        {reference_id: raws[ids.index(reference_id)] for reference_id in live},
        {reference_id: items[reference_id] for reference_id in live},
        {reference_id: label_of[reference_id] for reference_id in live},
        tuple(sorted(erased)),
    )
    return filled, probes


def _fill(
    gallery: dna.Gallery,
    items: dict[str, dna.Profile],
    label_of: dict[str, str | None],
    draw: DrawFn,
) -> set[str]:
    """Enrol in some calls, with erasures between them; return what was erased."""
    ids = list(items)
    bounds: Callable[[], int] = lambda: draw(st.integers(0, len(ids)))  # noqa: E731
    ends = [*sorted(bounds() for _ in range(draw(st.integers(0, 4)))), len(ids)]
    erased: set[str] = set()
    begin = 0
    for end in ends:
        part = ids[begin:end]
        gallery.enrol(part, [items[i] for i in part], labels=[label_of[i] for i in part])
        begin = end
        if end:
            chosen = draw(st.sets(st.sampled_from(ids[:end]), max_size=4)) - erased
            gallery.erase(sorted(chosen))
            erased |= chosen
        if draw(st.sampled_from((False, False, False, True))):
            gallery.compact()
    return erased

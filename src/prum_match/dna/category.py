"""DNA as a category of the engine: search, explanation, tables, exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.dna import wire
from prum_match.dna.candidates import CandidateList
from prum_match.dna.columns.layout import ProfileLayout
from prum_match.dna.columns.tables import TableProfiles, columns_of, profiles_of
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.loci import loci, locus, locus_at
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.dna.rules.comparison import Comparison, compare, readings_of, unpack
from prum_match.dna.rules.inclusion import INCLUSION_2008, inclusion_problems
from prum_match.dna.rules.policy import (
    CODIS_HIGH,
    CODIS_LOW,
    CODIS_MODERATE,
    PRUM_2008,
    PRUM_2008_LENIENT,
    PRUM_2008_LITERAL,
    PRUM_2008_STRICT,
    RESPONDER_2008,
    CodisPolicy,
    Policy,
    ReadingPolicy,
    native_policy,
)
from prum_match.dna.statistics.adventitious import TypedPattern
from prum_match.engine import (
    Category,
    Columns,
    Matching,
    Table,
    TableReader,
    Wire,
    check_each,
    register,
)
from prum_match.engine.progress import paced
from prum_match.errors import ComparisonMismatch, InvalidInput

# Classes of genotypes from here on are (bucket, *).
_CLASS_HALF_WILD = 232


class ProfileMatching(Matching[Profile, Policy]):
    """Comparison of profiles locus by locus."""

    list_type = CandidateList
    default_policy: Policy = PRUM_2008
    policies = (
        PRUM_2008_STRICT,
        PRUM_2008_LITERAL,
        PRUM_2008_LENIENT,
        RESPONDER_2008,
        CODIS_HIGH,
        CODIS_MODERATE,
        CODIS_LOW,
    )
    policy_type = Policy

    def check_probes(self, probes: Sequence[Profile]) -> Sequence[Profile]:
        return check_each(probes, _profile)

    def prepare(self, probes: Sequence[Profile], policy: Policy) -> _native.Matcher:
        matcher = _native.DnaMatcher(native_policy(policy))
        periods = _periods()
        for probe in paced(probes):
            matcher.add_packed(probe.packed, periods)
        return matcher

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: Policy
    ) -> _native.Matcher:
        matcher = _native.DnaMatcher(native_policy(policy))
        matcher.add_rows(segment, rows)
        return matcher

    def explain(self, probe: Profile, reference: Profile, policy: Policy) -> Comparison:
        return compare(probe, reference, policy=policy)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Policy
    ) -> Columns:
        counts: dict[str, NDArray[Any]] = unpack(detail)
        second, third = counts.pop("second"), counts.pop("third")
        names = (
            ("moderate", "low")
            if isinstance(policy, CodisPolicy)
            else ("wildcard", "micro_variant")
        )
        grade = (rank >> np.uint64(16)).astype(np.uint8)
        return {"grade": grade, **counts, names[0]: second, names[1]: third}

    def readings(self, detail: int, policy: Policy) -> frozenset[str]:
        return readings_of(detail >> 48 & 255, policy)


class ProfileTables(TableReader[Profile]):
    """Profiles in tables: a column an allele, or one column of packed profiles."""

    def columns(self, names: Sequence[str]) -> Collection[str]:
        return columns_of(names)

    def items(self, table: Table) -> TableProfiles:
        return profiles_of(table)


class ProfileWire(Wire[Profile, Policy]):
    """The exchange view of profiles, canonical."""

    # Strict and literal reading: a no-hit of our reading cannot be repaired by the asker.
    responder_policy: Policy = RESPONDER_2008
    reply_policy: Policy | None = RESPONDER_2008

    def check_probe(self, probe: Profile) -> None:
        _profile(probe)

    def check_suitable(self, probe: Profile, policy: Policy) -> None:
        full = sum(pair[1] != WILDCARD for pair in probe.pairs.values())
        if isinstance(policy, CodisPolicy):
            enough = len(probe.designations) >= policy.min_loci
        else:
            assert isinstance(policy, ReadingPolicy)
            enough = any(
                (len(probe.pairs) if r.counts_wildcard else full) >= r.min_loci
                for r in policy.readings
            )
        if not enough:
            raise InvalidInput(
                "fewer loci than a candidate needs",
                code="too_few_loci",
                field="profile",
                rule=policy.name,
            )

    def check_floor(self, item: Profile) -> None:
        """Refuse a profile with fewer loci than `INCLUSION_2008` asks for.

        Loci with a wildcard count here, since an answering state may count them.
        """
        floor = INCLUSION_2008.min_loci
        if len(item.pairs) < floor:
            raise InvalidInput(
                f"{len(item.pairs)} loci of the {floor} that a profile needs to be exchanged",
                code="below_floor",
                field="profile",
                rule=f"{INCLUSION_2008.name}: Decision 2008/616/JHA, Annex, chapter 1",
            )

    def check_inclusion(self, item: Profile) -> None:
        """Refuse a profile that does not meet `INCLUSION_2008` in full."""
        for note in inclusion_problems(item):
            raise InvalidInput(
                note.message,
                code="below_floor",
                field="profile",
                rule=f"{note.rule}: Decision 2008/616/JHA, Annex, chapter 1",
            )

    def item_type(self, item: Profile) -> str:
        return "S" if item.kind is Kind.STAIN else "P"

    def probe_to_bytes(self, probe: Profile) -> bytes:
        return wire.to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> Profile:
        return wire.from_bytes(data)

    def check_features(self, features: Collection[str]) -> frozenset[str]:
        return frozenset(locus(name).name for name in features)

    def reference_to_bytes(self, item: Profile, features: Collection[str] | None = None) -> bytes:
        return wire.to_bytes(item, features)

    def verify(self, probe: Profile, data: bytes, policy: Policy, time: datetime) -> bool | None:
        """Compare the profiles; None for part of a profile that contradicts nothing."""
        reference = self.reference_from_bytes(data)
        found = compare(probe, reference, policy=policy)
        if found.is_candidate or _contradict(found):
            return found.is_candidate
        try:
            self.check_suitable(reference, policy)
        except InvalidInput:  # the partner sends only a few of the loci that it compared
            return None
        return False


DNA = register(Category("dna", ProfileLayout(), ProfileMatching(), ProfileTables(), ProfileWire()))
"""The category of DNA profiles."""


class Gallery(engine.Gallery[Profile, CandidateList]):
    """The enrolled DNA profiles of one state; see :class:`prum_match.engine.Gallery`.

    Examples
    --------
    >>> from prum_match import dna
    >>> six = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...        "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)}
    >>> gallery = dna.Gallery()
    >>> gallery.enrol(["FR-1"], [dna.Profile(six)]).enrolled
    1
    >>> answer = gallery.search(dna.Profile(six, kind="stain"))
    >>> answer[0].reference_id, answer[0].quality, answer.examined
    ('FR-1', 1, 1)
    """

    category_name = "dna"

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        open_labels: bool = False,
        exchangeable_only: bool = False,
    ) -> None:
        super().__init__(
            DNA, labels=labels, open_labels=open_labels, exchangeable_only=exchangeable_only
        )

    def typed_patterns(self) -> dict[TypedPattern, int]:
        """Count which loci the enrolled profiles have in the exchange view, and which wildcards.

        The typed-locus mix that :func:`prum_match.dna.statistics.expected_adventitious_hits` takes.

        Examples
        --------
        >>> from prum_match import dna
        >>> gallery = dna.Gallery()
        >>> _ = gallery.enrol(["A", "B"], [dna.Profile({"TH01": (6, 7)})] * 2)
        >>> list(gallery.typed_patterns().values())
        [2]
        """
        counts: Counter[TypedPattern] = Counter()
        for segment in self._core.segments():
            columns, rows = segment.columns, segment.live_row_numbers()
            if not len(rows):
                continue
            # 0: not in the view, 1: wildcard, 2: full; an erased or dropped locus has class 0.
            classes = columns["classes"][:, rows]
            state = np.where(classes == 0, 0, np.where(classes >= _CLASS_HALF_WILD, 1, 2))
            patterns, n = np.unique(state.astype(np.uint8), axis=1, return_counts=True)
            names = [locus_at(int(index)).name for index in columns["loci"][:, 0]]
            for pattern, count in zip(patterns.T, n.tolist(), strict=True):
                typed = [name for name, s in zip(names, pattern, strict=True) if s]
                wild = [name for name, s in zip(names, pattern, strict=True) if s == 1]
                counts[TypedPattern(typed, wild)] += count
        return dict(counts)


def _contradict(found: Comparison) -> bool:
    """Tell whether more deviates than the policy allows, whatever else may be compared."""
    policy = found.policy
    if isinstance(policy, CodisPolicy):
        return found.mismatch_loci > policy.max_mismatched_loci
    assert isinstance(policy, ReadingPolicy)
    return found.mismatch_alleles > max(reading.budget for reading in policy.readings)


def _profile(probe: object) -> Profile:
    if isinstance(probe, Profile):
        return probe
    raise ComparisonMismatch("not a DNA profile", code="foreign_probe", field="probe")


def _periods() -> list[int]:
    return [entry.period for entry in loci()]

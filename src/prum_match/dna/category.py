"""DNA as a category of the engine: columns, sealing, search, explanation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native, engine
from prum_match.dna import wire
from prum_match.dna.columns import escapes
from prum_match.dna.columns.encoding import column_order, encode_profiles, encode_table, typed_in
from prum_match.dna.columns.tables import TableProfiles, columns_of, profiles_of
from prum_match.dna.profiles.alleles import WILDCARD
from prum_match.dna.profiles.loci import loci, locus, locus_at
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.dna.profiles.table import ProfileTable
from prum_match.dna.rules.comparison import Comparison, compare, readings_of, unpack
from prum_match.dna.rules.policy import (
    PRUM_2008,
    RESPONDER_2008,
    CodisPolicy,
    Policy,
    ReadingPolicy,
    native_policy,
)
from prum_match.dna.statistics.adventitious import TypedPattern
from prum_match.engine import Column, Columns, Encoded, Table, Trace, register
from prum_match.engine.whole import Category
from prum_match.errors import ComparisonMismatch, InvalidInput, StorageError

# The class of a dead row: two deviations at every locus, so that scans leave it at once.
_CLASS_DEAD = 255
# Classes from here on are (bucket, *).
_CLASS_HALF_WILD = 232


class DnaCategory(Category[Profile]):
    """STR profiles.

    Notes
    -----
    A row holds two bytes a locus (allele codes) and one more in a class column. The class of a
    genotype is a fixed function of the genotype; classes prune, codes decide. Rows are sorted by
    their leading classes, and a run table holds one entry for all rows that share them.
    """

    name = "dna"
    default_policy = PRUM_2008
    columns = (
        Column("genotypes"),
        Column("meta"),
        Column("classes", row_axis=1, filler=_CLASS_DEAD, primary=False),
        Column("loci", row_axis=None),
        Column("escapes.key", row_axis=None),
        Column("escapes.value", row_axis=None),
        Column("runs.classes", row_axis=None, primary=False),
        Column("runs.start", row_axis=None, primary=False),
        Column("runs.depth", row_axis=None, primary=False),
    )

    @property
    def responder_policy(self) -> engine.Policy:
        """Strict and literal reading: a no-hit of our reading cannot be repaired by the asker."""
        return RESPONDER_2008

    def encode(self, items: Sequence[Profile]) -> Encoded:
        """Encode profiles, a :class:`ProfileTable` or the rows of a table."""
        if isinstance(items, TableProfiles):
            return items.encode(self)
        return encode_table(items) if isinstance(items, ProfileTable) else encode_profiles(items)

    def table_columns(self, names: Sequence[str]) -> Collection[str]:
        """Return the columns of alleles and ``kind``, or ``profile`` alone."""
        return columns_of(names)

    def items_of(self, table: Table) -> TableProfiles:
        """Read ``<locus>_1``, ``<locus>_2`` and ``kind``, or ``profile``: packed profiles."""
        return profiles_of(table)

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        """Sort the rows by their leading genotype classes and build the run table."""
        order, genotypes, classes, run_classes, run_start, run_depth, keys, values = (
            _native.dna_seal(
                columns["genotypes"],
                columns["loci"],
                columns["escapes.key"],
                columns["escapes.value"],
            )
        )
        return order, {
            "genotypes": genotypes,
            "meta": columns["meta"][order],
            "classes": classes,
            "loci": columns["loci"],
            "escapes.key": keys,
            "escapes.value": values,
            "runs.classes": run_classes,
            "runs.start": run_start,
            "runs.depth": run_depth,
        }

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        """Return codes, meta bytes and escapes of some rows."""
        keys, values = columns["escapes.key"], columns["escapes.value"]
        if len(keys):
            keys, values = escapes.of_rows(columns, rows)
        n = len(columns["meta"])
        everything = len(rows) == n and np.array_equal(rows, np.arange(n))
        return {
            "genotypes": columns["genotypes"] if everything else columns["genotypes"][rows],
            "meta": columns["meta"] if everything else columns["meta"][rows],
            "loci": columns["loci"],
            "escapes.key": keys,
            "escapes.value": values,
        }

    def merge(self, parts: Sequence[Columns]) -> Columns:
        """Join parts over the union of their loci, in the order that prunes best."""
        total = sum(len(part["meta"]) for part in parts)
        ordered = column_order(*typed_in(parts), total)
        slot_of = np.zeros(256, np.int64)
        slot_of[ordered[:, 0]] = np.arange(len(ordered))
        genotypes = _native.allocate(total * len(ordered) * 2).reshape(total, len(ordered), 2)
        keys, values, base = [], [], 0
        for part in parts:
            slots, n = slot_of[part["loci"][:, 0]], len(part["meta"])
            _copy_columns(part["genotypes"], genotypes[base : base + n], slots)
            if len(part["escapes.key"]):
                row, slot = np.divmod(part["escapes.key"].astype(np.int64), len(slots))
                keys.append((row + base) * len(ordered) + slots[slot])
                values.append(part["escapes.value"])
            base += n
        all_keys = np.concatenate(keys) if keys else np.zeros(0, np.int64)
        all_values = np.concatenate(values) if keys else parts[0]["escapes.value"]
        by_key = np.argsort(all_keys)
        return {
            "genotypes": genotypes,
            "meta": np.concatenate([part["meta"] for part in parts]),
            "loci": ordered,
            "escapes.key": all_keys[by_key].astype(np.uint64),
            "escapes.value": all_values[by_key],
        }

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        """Name rows, their escapes, and the keys of runs that nobody is left in."""
        yield from super().traces(segment, rows)
        yield from escapes.traces(segment, rows)
        runs = _native.dna_dead_runs(segment, rows)
        yield "runs.classes", (slice(None), runs), _CLASS_DEAD

    def prepare(self, probes: Sequence[Profile], policy: engine.Policy) -> _native.Matcher:
        """Make profiles ready as probes."""
        matcher = _native.DnaMatcher(native_policy(_dna_policy(policy)))
        periods = _periods()
        for probe in probes:
            matcher.add_packed(probe.packed, periods)
        return matcher

    def prepare_rows(
        self, segment: _native.Segment, rows: NDArray[np.uint32], policy: engine.Policy
    ) -> _native.Matcher:
        """Make rows ready as probes without rebuilding their profiles."""
        matcher = _native.DnaMatcher(native_policy(_dna_policy(policy)))
        matcher.add_rows(segment, rows)
        return matcher

    def settings(self) -> Mapping[str, Any]:
        """Return which locus each index stands for, with its repeat period."""
        return {"loci": _known_loci(len(loci()))}

    def with_settings(self, settings: Mapping[str, Any]) -> DnaCategory:
        """Return this category, if all loci of the gallery mean the same here.

        Raises
        ------
        StorageError
            Code ``"other_settings"``, with the locus that has to be registered first.
        """
        known = _known_loci(len(loci()))
        for name, meaning in settings["loci"].items():
            if known.get(name) != meaning:
                raise StorageError(
                    f"register the locus {name} before opening this gallery, all registered loci "
                    "in the same order as where it was written",
                    code="other_settings",
                    field="loci",
                )
        return self

    def check_probe(self, probe: Profile) -> None:
        """Refuse anything but a profile."""
        if not isinstance(probe, Profile):
            raise ComparisonMismatch("not a DNA profile", code="foreign_probe", field="probe")

    def check_suitable(self, probe: Profile, policy: engine.Policy) -> None:
        """Refuse a profile with fewer loci than the policy's floor counts.

        Raises
        ------
        InvalidInput
            Code ``"too_few_loci"``.
        """
        policy = _dna_policy(policy)
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

    def check_policy(self, policy: engine.Policy) -> None:
        """Refuse anything but a DNA policy."""
        _dna_policy(policy)

    def decode(self, segment: _native.Segment, row: int) -> Profile:
        """Rebuild the profile of a row: both views, kind, amelogenin."""
        return Profile.from_packed(_native.dna_decode(segment, row))

    def explain(self, probe: Profile, reference: Profile, policy: engine.Policy) -> Comparison:
        """Compare locus by locus."""
        return compare(probe, reference, policy=_dna_policy(policy))

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: engine.Policy
    ) -> Columns:
        """Unpack grade and counts."""
        counts: dict[str, NDArray[Any]] = unpack(detail)
        second, third = counts.pop("second"), counts.pop("third")
        names = (
            ("moderate", "low")
            if isinstance(policy, CodisPolicy)
            else ("wildcard", "micro_variant")
        )
        grade = (rank >> np.uint64(16)).astype(np.uint8)
        return {"grade": grade, **counts, names[0]: second, names[1]: third}

    def tags(self, detail: int, policy: engine.Policy) -> frozenset[str]:
        """Return the readings that hold."""
        return readings_of(detail >> 48 & 255, _dna_policy(policy))

    def probe_to_bytes(self, probe: Profile) -> bytes | None:
        """Return the exchange view, canonical."""
        return wire.to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> Profile:
        """Read the exchange view."""
        return wire.from_bytes(data)

    def item_to_bytes(self, item: Profile) -> bytes:
        """Return the exchange view, canonical: the matching profile of a reply."""
        return wire.to_bytes(item)

    def sharing(self, features: Collection[str]) -> Callable[[Profile], bytes]:
        """Return what writes these loci of a profile, under any spelling of their names.

        Raises
        ------
        InvalidInput
            Code ``"unknown_locus"``.
        """
        names = frozenset(locus(name).name for name in features)
        return lambda profile: wire.to_bytes(profile, names)

    def item_type(self, item: Profile) -> str:
        """Return ``"P"`` or ``"S"`` (Regulation (EU) 2024/982, Article 7(d))."""
        return "S" if item.kind is Kind.STAIN else "P"


DNA = DnaCategory()
register(DNA)


class Gallery(engine.Gallery[Profile]):
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

    def __init__(self, *, labels: Sequence[str] = ()) -> None:
        super().__init__(DNA, labels=labels)

    @classmethod
    def _category_of(cls, name: str, settings: Mapping[str, Any]) -> DnaCategory:
        if name != DNA.name:
            raise ComparisonMismatch(
                "the folder holds another category", code="foreign_gallery", field="path"
            )
        DNA.with_settings(settings)
        return DNA

    def typed_patterns(self) -> dict[TypedPattern, int]:
        """Count which loci the enrolled profiles have in the exchange view, and which wildcards.

        The typed-locus mix that :func:`prum_match.dna.expected_adventitious_hits` takes.

        Examples
        --------
        >>> from prum_match import dna
        >>> gallery = dna.Gallery()
        >>> _ = gallery.enrol(["A", "B"], [dna.Profile({"TH01": (6, 7)})] * 2)
        >>> list(gallery.typed_patterns().values())
        [2]
        """
        counts: Counter[TypedPattern] = Counter()
        for segment in self.segments():
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


@lru_cache(maxsize=1)
def _known_loci(n: int) -> dict[str, list[int]]:
    """Return index and period of the first loci of the registry, which only grows."""
    return {entry.name: [entry.index, entry.period] for entry in loci()[:n]}


def _dna_policy(policy: engine.Policy) -> Policy:
    if not isinstance(policy, Policy):
        raise ComparisonMismatch("not a DNA policy", code="foreign_policy", field="policy")
    return policy


def _periods() -> list[int]:
    return [entry.period for entry in loci()]


def _copy_columns(
    source: NDArray[np.uint8], target: NDArray[np.uint8], slots: NDArray[np.int64]
) -> None:
    """Copy genotypes to other columns, both codes as one number; as it is where none moves."""
    if len(slots) == target.shape[1] and np.array_equal(slots, np.arange(len(slots))):
        target[:] = source
    elif len(slots):
        target.view(np.uint16)[:, slots, 0] = source.view(np.uint16)[:, :, 0]

"""Profiles as columns of a segment, sealed for the search, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dna.columns import escapes
from prum_match.dna.columns.encoding import column_order, encode_profiles, encode_table, typed_in
from prum_match.dna.columns.tables import TableProfiles
from prum_match.dna.profiles.loci import loci
from prum_match.dna.profiles.profile import Profile
from prum_match.dna.profiles.table import ProfileTable
from prum_match.engine import Column, Columns, Encoded, Layout, Trace
from prum_match.errors import StorageError

# The class of a dead row: two deviations at every locus, so that scans leave it at once.
_CLASS_DEAD = 255


class ProfileLayout(Layout[Profile]):
    """STR profiles as columns.

    Notes
    -----
    A row holds two bytes a locus (allele codes) and one more in a class column. The class of a
    genotype is a fixed function of the genotype; classes prune, codes decide. Rows are sorted by
    their leading classes, and a run table holds one entry for all rows that share them.
    """

    item_class = Profile
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

    def encode(self, items: Sequence[Profile]) -> Encoded:
        """Encode profiles, a :class:`ProfileTable` or the rows of a table."""
        if isinstance(items, TableProfiles):
            return items.encode(self)
        return encode_table(items) if isinstance(items, ProfileTable) else encode_profiles(items)

    def decode(self, segment: _native.Segment, row: int) -> Profile:
        """Rebuild the profile of a row: both views, kind, amelogenin."""
        return Profile.from_packed(_native.dna_decode(segment, row))

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
        """Yield rows, their escapes, and the keys of runs without a living row."""
        yield from super().traces(segment, rows)
        yield from escapes.traces(segment, rows)
        runs = _native.dna_dead_runs(segment, rows)
        yield "runs.classes", (slice(None), runs), _CLASS_DEAD

    def settings(self) -> Mapping[str, Any]:
        """Return which locus each index stands for, with its repeat period."""
        return {"loci": _known_loci(len(loci()))}

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Refuse a gallery unless all of its loci mean the same here.

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


@lru_cache(maxsize=1)
def _known_loci(n: int) -> dict[str, list[int]]:
    """Return index and period of the first loci of the registry, which only grows."""
    return {entry.name: [entry.index, entry.period] for entry in loci()[:n]}


def _copy_columns(
    source: NDArray[np.uint8], target: NDArray[np.uint8], slots: NDArray[np.int64]
) -> None:
    """Copy genotypes to other columns, both codes as one number."""
    if len(slots) == target.shape[1] and np.array_equal(slots, np.arange(len(slots))):
        target[:] = source
    elif len(slots):
        target.view(np.uint16)[:, slots, 0] = source.view(np.uint16)[:, :, 0]

"""From profiles to unsealed columns, in the order of loci that prunes best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dna.profiles.loci import loci, locus_at
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.dna.profiles.table import ProfileTable
from prum_match.engine import Columns, Encoded
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.errors import InvalidInput, PrumError

# Rows that the order of the columns is judged by, and from which on there is one.
_ORDER_SAMPLE = 65_536
_WORTH_ORDERING = 256


def column_order(
    indices: NDArray[np.int64], typed: NDArray[np.float64], n: int
) -> NDArray[np.uint16]:
    """Return (locus index, period) of the columns, best pruner first.

    A column prunes where both sides are typed (their share among `n` profiles squared) and the
    genotypes share no allele, about (1 - 2F)^2 with F = sqrt(power / 2), the homozygosity. Power
    alone put loci first that half of the profiles lack: 4x slower on a database of mixed kits
    (measured at 10M). Among a few profiles there is nothing to prune, and their order is soon
    another.
    """
    periods, shares_nothing = _of_loci(len(loci()))
    order = np.sort(indices)
    if n >= _WORTH_ORDERING:
        prunes = (typed[order] / n) ** 2 * shares_nothing[order]
        order = order[np.argsort(-prunes, kind="stable")]
    ordered = np.empty((len(order), 2), np.uint16)
    ordered[:, 0], ordered[:, 1] = order, periods[order]
    return ordered


@lru_cache(maxsize=1)
def _of_loci(n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return periods, and how often two people share no allele, of the first loci."""
    known = loci()[:n]
    power = np.array([entry.power for entry in known])
    homozygosity = np.minimum((power / 2) ** 0.5, 0.5)
    return np.array([entry.period for entry in known]), (1 - 2 * homozygosity) ** 2


def typed_in(parts: Sequence[Columns]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the loci of unsealed columns, and for every locus how many profiles have it."""
    together = np.concatenate([part["loci"][:, 0] for part in parts])
    # Of a damaged file it could be one that is not registered, which is refused here.
    locus_at(int(together.max(initial=0)))
    typed = np.zeros(256)
    for part in parts:
        typed[part["loci"][:, 0]] += np.count_nonzero(part["genotypes"][:, :, 0], axis=0)
    return np.unique(together).astype(np.int64), typed


def encode_profiles(items: Sequence[Profile]) -> Encoded:
    """Encode profiles, refusing what is none."""
    accepted = [i for i, item in enumerate(paced(items)) if isinstance(item, Profile)]
    refused: list[PrumError] = []
    if len(accepted) != len(items):
        good = set(accepted)
        refused = [
            InvalidInput("not a DNA profile", code="bad_profile", index=i, field="profile")
            for i in range(len(items))
            if i not in good
        ]
        items = [items[i] for i in accepted]
    packed = [item.packed for item in paced(items, counted=False)]
    columns = encode_packed(b"".join(packed), offsets_of([len(data) for data in packed]))
    return Encoded(columns, np.array(accepted, np.int64), tuple(refused), _notes(items))


def encode_packed(packed: bytes, offsets: NDArray[np.uint64]) -> Columns:
    """Encode packed profiles that lie one behind the other."""
    typed = _native.dna_count_loci(packed, offsets)
    ordered = column_order(np.flatnonzero(typed), typed.astype(np.float64), len(offsets) - 1)
    genotypes, meta, keys, values = _native.dna_encode_packed(packed, offsets, ordered)
    return {
        "genotypes": genotypes,
        "meta": meta,
        "loci": ordered,
        "escapes.key": keys,
        "escapes.value": values,
    }


def _notes(items: Sequence[Profile]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in paced(items, counted=False):
        for note in item.notes:
            counts[note.rule] = counts.get(note.rule, 0) + 1
    return counts


def encode_table(table: ProfileTable) -> Encoded:
    """Encode a table, refusing rows with an allele that cannot be."""
    sample = table.alleles[:: max(1, len(table) // _ORDER_SAMPLE), :, 0] != 0
    indices = np.array([entry.index for entry in table.loci], np.int64)
    typed, column_of = np.zeros(256), np.zeros(256, np.uint32)
    typed[indices] = np.count_nonzero(sample, axis=0) * (len(table) / max(len(sample), 1))
    column_of[indices] = np.arange(len(indices))
    native_loci = column_order(indices, typed, len(table))
    source = column_of[native_loci[:, 0]]
    refused: tuple[PrumError, ...] = ()
    accepted = np.arange(len(table))
    try:
        encoded = _native.dna_encode_tenths(table.alleles, native_loci, source, table.single_allele)
    except InvalidInput:
        # Looked for only now: finding none costs as much as encoding all.
        refused = tuple(_bad_rows(table).values())
        accepted = np.delete(accepted, [int(e.index or 0) for e in refused])
        table = table.rows(accepted)
        encoded = _native.dna_encode_tenths(table.alleles, native_loci, source, table.single_allele)
    genotypes, keys, values, tokens, singles, doubles = encoded
    columns: Columns = {
        "genotypes": genotypes,
        "meta": np.full(len(table), 1 if table.kind is Kind.STAIN else 0, np.uint8),
        "loci": native_loci,
        "escapes.key": keys,
        "escapes.value": values,
    }
    notes = {"N3": tokens, "N7b": singles, "N8": doubles}
    return Encoded(columns, accepted, refused, {rule: n for rule, n in notes.items() if n})


def _bad_rows(table: ProfileTable) -> dict[int, PrumError]:
    """Return one error for each row that holds an allele that cannot be: its first."""
    errors: dict[int, PrumError] = {}
    for row, column in table.bad_cells().tolist():
        errors.setdefault(
            row,
            InvalidInput(
                "allele is out of range or its fraction reaches the repeat period",
                code="bad_allele",
                index=row,
                field=table.loci[column].name,
                rule="N9",
                value=table.alleles[row, column].tolist(),
            ),
        )
    return errors

"""The columns of persons whose names are pseudonyms: by field, or one filter of all fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Column, Columns, Ragged, Trace
from prum_match.engine.damage import damaged
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.errors import InvalidInput
from prum_match.police_record.columns import facts, token_index
from prum_match.police_record.columns.vocabulary import Numbers, distinct_in, unused, used
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons, Pseudonyms

FILTER_BYTES = 128
"""Of a filter: 1024 bits; in the field scheme family and first names have one half each."""

_HALF = FILTER_BYTES // 2
# Bits of a byte say under which keys a person has pseudonyms.
_MOST_KEYS = 8
_HAS_FIRST, _HAS_FAMILY = 1, 2


class PseudonymColumns(ABC):
    """Columns of both schemes: keys, the keys of each person, and elements in clear."""

    columns: tuple[Column, ...] = (
        *facts.COLUMNS,
        Column("keys", None),
        Column("keys.of"),
        Column("keys.all", None, primary=False),
        Column("has"),
        Column("entries.offsets", None),
        Column("entries.key", None),
        *token_index.COLUMNS,
    )

    def encode(self, persons: Sequence[EncodedPerson]) -> Columns:
        """Return the columns of encoded persons."""
        if isinstance(persons, EncodedPersons):
            return self._encode_many(persons)
        persons = list(persons)
        keys = sorted({p.key_id for person in persons for p in person.pseudonyms})
        _check_keys(keys)
        place = {key: number for number, key in enumerate(keys)}
        filters = [
            f
            for person in paced(persons, counted=False)
            for p in person.pseudonyms
            for f in p.filters
        ]
        key_of = [
            place[p.key_id]
            for person in paced(persons, counted=False)
            for p in person.pseudonyms
            for _ in p.filters
        ]
        everybody = paced(persons, counted=False)
        tokens = [(p.tokens, place[p.key_id]) for person in everybody for p in person.pseudonyms]
        token_counts = [
            sum(len(p.tokens) for p in person.pseudonyms)
            for person in paced(persons, counted=False)
        ]
        masks = [
            sum(1 << place[p.key_id] for p in person.pseudonyms)
            for person in paced(persons, counted=False)
        ]
        lengths = [
            sum(len(p.filters) for p in person.pseudonyms)
            for person in paced(persons, counted=False)
        ]
        has = [_HAS_FIRST * p.has_first + _HAS_FAMILY * p.has_family for p in persons]
        return self._columns(
            np.array([int(key, 16) for key in keys], np.uint64),
            np.array(masks, np.uint8),
            np.array(has, np.uint8),
            lengths,
            np.array(key_of, np.uint8),
            np.frombuffer(b"".join(filters), np.uint8).reshape(-1, FILTER_BYTES),
            ClearFields.of(persons),
            token_index.encode(
                np.array([token for each, _ in tokens for token in each], np.uint32),
                offsets_of(token_counts),
                np.repeat([key for _, key in tokens], [len(each) for each, _ in tokens]),
            ),
        )

    def _encode_many(self, persons: EncodedPersons) -> Columns:
        n = len(persons)
        return self._columns(
            np.array([int(persons.key_id, 16)], np.uint64),
            np.ones(n, np.uint8),
            (_HAS_FIRST * persons.has_first + _HAS_FAMILY * persons.has_family).astype(np.uint8),
            np.diff(persons.name_offsets),
            np.zeros(len(persons.filters), np.uint8),
            persons.filters,
            persons.clear,
            token_index.encode(
                persons.tokens, persons.token_offsets, np.zeros(len(persons.tokens))
            ),
        )

    def _columns(
        self,
        keys: NDArray[np.uint64],
        masks: NDArray[np.uint8],
        has: NDArray[np.uint8],
        lengths: NDArray[np.int64] | Sequence[int],
        key_of: NDArray[np.uint8],
        filters: NDArray[np.uint8],
        clear: ClearFields,
        tokens: Columns,
    ) -> Columns:
        return {
            **facts.encode(clear),
            "keys": keys,
            "keys.of": masks,
            "has": has,
            "entries.offsets": offsets_of(lengths).astype(np.uint32),
            "entries.key": key_of,
            **self._with_filters(filters),
            **tokens,
        }

    def seal(self, columns: Columns) -> Columns:
        """Return the columns of a segment; rows stay in their order."""
        sealed = {
            c.name: columns[c.name]
            for c in self.columns
            if c.name in columns and "tokens" not in c.name
        }
        sealed["keys.all"] = np.bitwise_and.reduce(columns["keys.of"], keepdims=True)
        return sealed | facts.seal(columns) | token_index.seal(columns) | self._sealed(columns)

    def unseal(self, columns: Columns, rows: Numbers) -> Columns:
        """Return the unsealed columns of some rows, of sealed or of unsealed columns."""
        entries = _entries(columns)
        places, taken = entries.places(rows), entries.take(rows)
        masks, key_of = columns["keys.of"][rows], taken.values
        tokens = token_index.unseal(columns, rows)
        # The keys of past periods are dropped once no person has a pseudonym under them.
        kept = [k for k in range(len(columns["keys"])) if (masks >> k & 1).any()]
        if not np.isin(key_of, kept).all() or not np.isin(tokens["tokens.of"], kept).all():
            raise damaged()
        new = np.zeros(_MOST_KEYS, np.uint8)
        new[kept] = np.arange(len(kept))
        return {
            **facts.unseal(columns, rows),
            "keys": columns["keys"][kept],
            "keys.of": _moved(masks, new),
            "has": columns["has"][rows],
            "entries.offsets": taken.offsets,
            "entries.key": new[key_of],
            **self._taken(columns, places),
            **tokens,
            "tokens.of": new[tokens["tokens.of"]],
        }

    def join(self, parts: Sequence[Columns]) -> Columns:
        """Join columns of several segments."""
        keys, numbers = np.unique(
            np.concatenate([part["keys"] for part in parts]), return_inverse=True
        )
        _check_keys(keys)
        ends = np.cumsum([len(part["keys"]) for part in parts])[:-1]
        new = [each.astype(np.uint8) for each in np.split(numbers, ends)]
        return {
            **facts.join(parts),
            "keys": keys,
            "keys.of": np.concatenate(
                [_moved(part["keys.of"], to) for part, to in zip(parts, new, strict=True)]
            ),
            "has": np.concatenate([part["has"] for part in parts]),
            "entries.offsets": Ragged.concatenate([_entries(part) for part in parts]).offsets,
            "entries.key": np.concatenate(
                [to[p["entries.key"]] for p, to in zip(parts, new, strict=True)]
            ),
            **self._joined(parts),
            **token_index.join(parts, new),
        }

    def traces(self, segment: _native.Segment, rows: Numbers) -> Iterator[Trace]:
        """Yield the places of dead rows, and of values without a living row."""
        columns, live = segment.columns, segment.live_row_numbers()
        yield from facts.traces(columns, live, rows)
        yield "keys.of", (rows,), 0
        yield "has", (rows,), 0
        entries = _entries(columns)
        places = entries.places(rows)
        yield "entries.key", (places,), 0
        yield from self._traces(columns, entries.places(live), places)
        yield from token_index.traces(columns, rows)

    def decode(self, columns: Columns, row: int, parameters: str) -> EncodedPerson:
        """Return the person in a row."""
        birth_date, _, country, gender, nationalities = facts.decode(columns, row)
        places = _entries(columns).places([row])
        filters = [each.tobytes() for each in self._filters_at(columns, places)]
        key_of = columns["entries.key"][places].tolist()
        tokens = token_index.of_row(columns, row)
        pseudonyms = tuple(
            Pseudonyms(
                f"{int(columns['keys'][key]):016x}",
                tuple(f for f, k in zip(filters, key_of, strict=True) if k == key),
                tuple(token for token, k in tokens if k == key),
            )
            for key in dict.fromkeys(key_of)
        )
        has = int(columns["has"][row])
        return EncodedPerson(
            parameters,
            pseudonyms,
            birth_date,
            country,
            nationalities,
            gender,
            bool(has & _HAS_FIRST),
            bool(has & _HAS_FAMILY),
        )

    @abstractmethod
    def _with_filters(self, filters: NDArray[np.uint8]) -> Columns:
        """Return the columns that hold filters, one a name."""

    @abstractmethod
    def _sealed(self, columns: Columns) -> Columns:
        """Return the filters as a search reads them."""

    @abstractmethod
    def _taken(self, columns: Columns, places: NDArray[np.int64]) -> Columns:
        """Return unsealed columns of some filters."""

    @abstractmethod
    def _joined(self, parts: Sequence[Columns]) -> Columns:
        """Join filters of several segments."""

    @abstractmethod
    def _traces(
        self, columns: Columns, live: NDArray[np.int64], places: NDArray[np.int64]
    ) -> Iterator[Trace]:
        """Yield the places of the filters of dead names."""

    @abstractmethod
    def _filters_at(self, columns: Columns, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return some filters."""


class FieldColumns(PseudonymColumns):
    """Filters of family names and of first names, each distinct one once."""

    columns = (
        *PseudonymColumns.columns,
        Column("names.filters", None),
        Column("names.bits", None, primary=False),
        Column("entries", None),
    )

    def _with_filters(self, filters: NDArray[np.uint8]) -> Columns:
        values, numbers = _distinct(filters.reshape(-1, _HALF))
        return {"names.filters": values, "entries": numbers.reshape(-1, 2)}

    def _sealed(self, columns: Columns) -> Columns:
        bits = np.bitwise_count(columns["names.filters"]).sum(axis=1)
        return {"names.bits": bits.astype(np.uint16)}

    def _taken(self, columns: Columns, places: NDArray[np.int64]) -> Columns:
        filters = columns["names.filters"]
        kept, numbers = used(columns["entries"][places], len(filters))
        return {"names.filters": filters[kept], "entries": numbers}

    def _joined(self, parts: Sequence[Columns]) -> Columns:
        values, numbers = _distinct(np.concatenate([part["names.filters"] for part in parts]))
        ends = np.cumsum([len(part["names.filters"]) for part in parts])[:-1]
        pairs = [
            new[part["entries"]] for new, part in zip(np.split(numbers, ends), parts, strict=True)
        ]
        return {"names.filters": values, "entries": np.concatenate(pairs)}

    def _traces(
        self, columns: Columns, live: NDArray[np.int64], places: NDArray[np.int64]
    ) -> Iterator[Trace]:
        gone = unused(columns["entries"][live], len(columns["names.filters"]))
        yield "names.filters", (gone,), 0
        yield "names.bits", (gone,), 0
        yield "entries", (places,), 0

    def _filters_at(self, columns: Columns, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        halves: NDArray[np.uint8] = columns["names.filters"][columns["entries"][places]]
        return halves.reshape(-1, FILTER_BYTES)


class RecordColumns(PseudonymColumns):
    """One filter a name: first halves of 8 interleaved, second halves behind each other."""

    columns = (
        *PseudonymColumns.columns,
        Column("filters.heads", None),
        Column("filters.tails", None),
        Column("filters.counts", None, primary=False),
    )

    def _with_filters(self, filters: NDArray[np.uint8]) -> Columns:
        return {"filters": np.ascontiguousarray(filters)}

    def _sealed(self, columns: Columns) -> Columns:
        heads, tails, counts = _native.police_interleave(columns["filters"])
        return {
            "filters.heads": heads.view(np.uint64).reshape(-1, 8, 8),
            "filters.tails": tails.view(np.uint64).reshape(-1, 8),
            "filters.counts": counts.view(np.uint16).reshape(-1, 2, 8),
        }

    def _taken(self, columns: Columns, places: NDArray[np.int64]) -> Columns:
        return {"filters": self._filters_at(columns, places)}

    def _joined(self, parts: Sequence[Columns]) -> Columns:
        return {"filters": np.concatenate([part["filters"] for part in parts])}

    def _traces(
        self, columns: Columns, live: NDArray[np.int64], places: NDArray[np.int64]
    ) -> Iterator[Trace]:
        panel, lane = np.divmod(places, 8)
        yield "filters.heads", (panel, slice(None), lane), 0
        yield "filters.tails", (places,), 0
        yield "filters.counts", (panel, slice(None), lane), 0

    def _filters_at(self, columns: Columns, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        if "filters" in columns:
            return columns["filters"][places]
        panel, lane = np.divmod(places, 8)
        heads = np.ascontiguousarray(columns["filters.heads"][panel, :, lane])
        tails = np.ascontiguousarray(columns["filters.tails"][places])
        return np.hstack([heads.view(np.uint8), tails.view(np.uint8)])


def _entries(columns: Columns) -> Ragged:
    """Return the names that each person goes by, as the numbers of their keys."""
    return Ragged(columns["entries.offsets"], columns["entries.key"])


def _check_keys(keys: Sequence[Any] | NDArray[Any]) -> None:
    if len(keys) > _MOST_KEYS:
        raise InvalidInput(
            f"a gallery holds pseudonyms under at most {_MOST_KEYS} keys",
            code="too_many_keys",
            field="key_id",
        )


def _distinct(filters: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Numbers]:
    """Return distinct filters, the empty one first, and the number of each that was given."""
    none = np.zeros((1, _HALF), np.uint8)
    words = np.concatenate([none, filters]).view(f"V{_HALF}").ravel()
    values, numbers = distinct_in(words)
    return values.view(np.uint8).reshape(-1, _HALF), numbers[1:]


def _moved(masks: NDArray[np.uint8], new: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sets of keys, as bits, under new numbers of the keys."""
    moved = np.zeros_like(masks)
    for old, number in enumerate(new.tolist()):
        moved |= (masks >> old & 1) << number
    return moved

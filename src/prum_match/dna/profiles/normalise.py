"""Conversion of the values of one locus, as a laboratory wrote them, to its two views.

Prüm compares the *exchange view*: a pair of lengths in bases, made by the conversions N1 to N9
(:data:`prum_match.dna.profiles.alleles.RULES` says which of them the Annex to Decision
2008/616/JHA prints and which are interpretation). The *original view* keeps every numeric
designation, for national rules.

Results are cached by locus and values: genotypes repeat, and a profile of 24 loci then costs 24
look-ups. The cache is bounded and holds single-locus genotypes, never a profile.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from numbers import Integral
from types import MappingProxyType
from typing import Any, NamedTuple

from prum_match.dna.profiles.alleles import (
    WILDCARD,
    allele_length,
    bad_allele,
    resembles_number,
    value_text,
)
from prum_match.dna.profiles.loci import AMELOGENIN, Locus, ignored_marker, locus
from prum_match.errors import InvalidInput

SINGLE_ALLELE_OPTIONS = ("homozygote", "wildcard", "drop")
AMELOGENIN_INDEX = -1
_IGNORED_INDEX = -2
AMELOGENIN_BITS = MappingProxyType({"X": 1, "Y": 2, "*": 4})
RECORD = struct.Struct("<6H")

_LOCUS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,15}")
_CACHE_LIMIT = 100_000
_CACHED_VALUES = 3
# Longer texts may be anything, such as a name in the wrong column, and are not cached.
_CACHED_TEXT = 8
_CACHED_NAME = 32
_PLAIN = frozenset({int, float, str, type(None)})
_NOTHING: dict[object, Any] = {}


def check_single_allele(value: object) -> None:
    """Refuse an unknown meaning of a single value."""
    if value not in SINGLE_ALLELE_OPTIONS:
        raise InvalidInput(
            "single_allele is one of homozygote, wildcard, drop",
            code="bad_option",
            field="single_allele",
            rule="N7b",
            value=value,
        )


class Note(NamedTuple):
    """One conversion that a rule made, or one finding about a profile.

    Attributes
    ----------
    rule : str
        Name of the rule, for example ``"N4"``; its text and source are in
        :data:`prum_match.dna.profiles.alleles.RULES`.
    locus : str or None
        Canonical name of the locus; ``None`` for the whole profile.
    message : str
        The finding in words; it never holds an allele.
    """

    rule: str
    locus: str | None
    message: str


class Entry(NamedTuple):
    """The result of the conversions at one locus."""

    locus_index: int
    locus: str
    record: bytes
    pair: tuple[int, int] | None
    designations: tuple[int, ...]
    originals: tuple[str, ...]
    notes: tuple[Note, ...]
    amelogenin: int = 0
    triple: bool = False

    def __repr__(self) -> str:
        return f"<Entry: {self.locus}>"


# 1, True and 1.0 are the same key, so the types of the values come first.
EntryCache = dict[tuple[type, ...], dict[tuple[str, tuple[object, ...]], Entry]]
entry_caches: Mapping[str, EntryCache] = MappingProxyType(
    {option: {(str, str): {}} for option in SINGLE_ALLELE_OPTIONS}
)
"""Cached entries by meaning of a single value, types of the values, locus name and values."""


def entry_of(name: str, values: object, single_allele: str) -> Entry:
    """Apply the conversions to the values of one locus."""
    try:
        item = locus(name)
    except InvalidInput as error:
        if ignored_marker(name):
            return _ignored(name)
        # A locus is no personal data; a longer text may be anything, such as a person's name.
        if isinstance(name, str) and _LOCUS_NAME.fullmatch(name):
            error.args = (f"{error.args[0]}: {name}",)
        raise
    listed = _listed(item.name, values)
    texts = tuple(value_text(item.name, value) for value in listed)
    cache = entry_caches[single_allele]
    entry = cache.get((str,) * len(texts), _NOTHING).get((name, texts))
    if entry is None:
        given = tuple(text for text in texts if text)
        if item.name == AMELOGENIN:
            entry = _amelogenin_entry(given)
        else:
            entry = _locus_entry(item, given, single_allele)
        _remember(cache, name, texts, entry)
    if 0.0 not in listed:
        # 0.0 and -0.0 are the same key, but the second prints a sign and is malformed.
        _remember(cache, name, tuple(listed), entry)
    return entry


def _remember(cache: EntryCache, name: str, values: tuple[object, ...], entry: Entry) -> None:
    """Cache an entry for these values, within bounds."""
    types = tuple(map(type, values))
    if not _PLAIN.issuperset(types) or len(values) > _CACHED_VALUES or len(name) > _CACHED_NAME:
        return
    if any(isinstance(value, str) and len(value) > _CACHED_TEXT for value in values):
        return
    same = cache.setdefault(types, {})
    if len(same) >= _CACHE_LIMIT:
        same.clear()
    same[name, values] = entry


def _listed(name: str, values: object) -> Sequence[object]:
    """Return the values of a locus as a sequence; a scalar counts as one value."""
    if isinstance(values, list | tuple):
        return values
    if values is None or isinstance(values, str | bytes | Decimal | float | Integral):
        return (values,)
    if isinstance(values, Mapping | Set):
        raise bad_allele(name, "the values of a locus need an order; use a list", values)
    if hasattr(values, "__len__") and hasattr(values, "__iter__"):
        try:
            return tuple(values)
        except TypeError:
            raise bad_allele(name, "neither a value nor a sequence of values", values) from None
    return (values,)


_CONVERSIONS = {
    "N2": "a value that is not a number became a wildcard",
    "N3": "a value of 0, 1 or 99 became a wildcard",
    "N9": "a value with .0 was read as a whole number",
}
_SINGLE = {
    "homozygote": "the single value was read as a homozygote",
    "wildcard": "the single value was completed with a wildcard",
    "drop": "the locus has a single value and is not compared",
}


def _locus_entry(item: Locus, given: tuple[str, ...], single_allele: str) -> Entry:
    """Convert the values of an STR locus; the rules are applied in the order of the Annex."""
    name = item.name
    if len(given) >= 4:
        raise InvalidInput(
            "four or more values: mixtures are not allowed",
            code="mixture",
            field=name,
            rule="N5",
            value=given,
        )
    notes: list[Note] = []
    lengths: list[int] = []
    for text in given:
        length, rule = allele_length(item, text)
        lengths.append(WILDCARD if length is None else length)
        if rule is not None:
            notes.append(Note(rule, name, _CONVERSIONS[rule]))
    designations = tuple(sorted({length for length in lengths if length != WILDCARD}))

    pair: tuple[int, int] | None = None
    if len(lengths) == 3:
        pair = (lengths[0], WILDCARD)
        notes.append(Note("N4", name, "of three values the first was kept, two became a wildcard"))
    elif len(lengths) == 2:
        pair = (min(lengths), max(lengths))
    elif len(lengths) == 1:
        if single_allele == "homozygote":
            pair = (lengths[0], lengths[0])
        elif single_allele == "wildcard":
            pair = (lengths[0], WILDCARD)
        notes.append(Note("N7b", name, _SINGLE[single_allele]))
    else:
        notes.append(Note("N7", name, "the locus has no value and is not compared"))
    if pair == (WILDCARD, WILDCARD):
        pair = None
        notes.append(Note("N8", name, "the locus came to two wildcards and is not compared"))

    return Entry(
        item.index,
        name,
        pack_record(item.index, pair, designations),
        pair,
        designations,
        given,
        tuple(notes),
        triple=len(lengths) == 3,
    )


def pack_record(index: int, pair: tuple[int, int] | None, designations: tuple[int, ...]) -> bytes:
    """Return the packed form of one locus, empty if neither view has it."""
    if pair is None and not designations:
        return b""
    padded = (*designations, 0, 0, 0)[:3]
    return RECORD.pack(index, *(pair or (0, 0)), *padded)


def _amelogenin_entry(given: tuple[str, ...]) -> Entry:
    """Keep X and Y (N1); text that is neither is unresolved, a number is an error."""
    bits = 0
    notes: list[Note] = []
    for text in given:
        sex = text.upper()
        if sex not in AMELOGENIN_BITS:
            if resembles_number(text):
                raise bad_allele(
                    AMELOGENIN, "amelogenin is X or Y, never a number", text, rule="N1"
                )
            sex = "*"
            notes.append(Note("N2", AMELOGENIN, _CONVERSIONS["N2"]))
        bits |= AMELOGENIN_BITS[sex]
    if not given:
        notes.append(Note("N7", AMELOGENIN, "amelogenin has no value"))
    return Entry(AMELOGENIN_INDEX, AMELOGENIN, b"", None, (), given, tuple(notes), amelogenin=bits)


def _ignored(name: str) -> Entry:
    marker = name.strip()
    note = Note("export", marker, "a marker that is never compared was dropped")
    return Entry(_IGNORED_INDEX, marker, b"", None, (), (), (note,))

"""A DNA profile: the designations of the laboratory, and the two views that are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, Never, Self

from prum_match.dna.profiles.alleles import AlleleValue
from prum_match.dna.profiles.normalise import (
    AMELOGENIN_BITS,
    Entry,
    Note,
    check_single_allele,
    entry_caches,
    entry_of,
)
from prum_match.dna.profiles.packed import MIXTURE_FLAG, pack, unpack
from prum_match.errors import InvalidInput

# Most profiles have no notes, and enrolment reads the notes of each.
_notes_of = attrgetter("notes")
_MIXTURE_NOTE = Note("N5b", None, "three values at two or more loci: suspected mixture")


class Kind(StrEnum):
    """Origin of a profile (Regulation (EU) 2024/982, Article 7(d)).

    Examples
    --------
    >>> Kind.parse("trace") is Kind.STAIN
    True
    """

    REFERENCE = "reference"
    """An identified person."""
    STAIN = "stain"
    """A trace whose donor is not identified."""

    @classmethod
    def parse(cls, text: str) -> Kind:
        """Return the kind for a word or a code, in upper or lower case.

        Parameters
        ----------
        text : str
            ``reference``, ``person``, ``identified`` or ``P``; ``stain``, ``trace``,
            ``unidentified`` or ``S``.

        Raises
        ------
        InvalidInput
            Code ``"bad_kind"``.

        Examples
        --------
        >>> Kind.parse("P").value
        'reference'
        """
        kind = _KINDS.get(text.strip().lower()) if isinstance(text, str) else None
        if kind is None:
            raise InvalidInput("not a kind of profile", code="bad_kind", field="kind", value=text)
        return kind


_KINDS = {
    **dict.fromkeys(("reference", "person", "identified", "p"), Kind.REFERENCE),
    **dict.fromkeys(("stain", "trace", "unidentified", "s"), Kind.STAIN),
}
# A laboratory writes a person's homozygote once; at a stain the second allele may have dropped
# out (rule N7b).
_SINGLE_ALLELE = {Kind.REFERENCE: "homozygote", Kind.STAIN: "wildcard"}


class _Views(NamedTuple):
    """Parts of a profile for people and explanations, built on first use."""

    originals: Mapping[str, tuple[str, ...]]
    designations: Mapping[str, tuple[int, ...]]

    def __repr__(self) -> str:
        return f"<_Views: {len(self.originals)} loci>"


class Profile:
    """A DNA profile; immutable, hashable, and silent about its alleles when printed.

    Two profiles are equal if every comparison would treat them alike: same kind and same views.

    Parameters
    ----------
    loci : Mapping of str to a value or a sequence of values
        Locus names in any spelling. A value is text, an integer, a Decimal or a float of one
        decimal; ``None`` and blank text are no value. The conversions N1 to N9 are applied in the
        order of the values.
    kind : Kind or str, default "reference"
        Origin of the profile; see :meth:`Kind.parse`.
    single_allele : {"homozygote", "wildcard", "drop"}, optional
        Meaning of a single value at a locus; by default a homozygote for a reference profile
        and a value plus a wildcard for a stain.
    mixed : bool, default False
        Whether the laboratory marked the profile as a mixture, which is refused.

    Raises
    ------
    InvalidInput
        Codes ``"unknown_locus"``, ``"ambiguous_locus"``, ``"duplicate_locus"`` (one locus under
        two spellings), ``"bad_allele"``, ``"mixture"``, ``"bad_kind"``, ``"bad_option"``,
        ``"bad_profile"``.

    Notes
    -----
    Rules: Annex to Decision 2008/616/JHA, chapter 1, and the interpretations that
    ``prum_match.dna.profiles.alleles.RULES`` marks as such.

    Examples
    --------
    >>> profile = Profile({"TH01": ("6", "9.3"), "vWA": (16, 16), "AMEL": "X"})
    >>> profile.pairs["TH01"], profile.pairs["VWA"], profile.amelogenin
    ((24, 39), (64, 64), ('X',))
    >>> profile
    <Profile: reference, 2 loci>
    """

    __slots__ = ("_entries", "_pairs", "_views", "kind", "packed", "single_allele")

    kind: Kind
    single_allele: str
    packed: bytes
    _entries: tuple[Entry, ...]
    _pairs: Mapping[str, tuple[int, int]] | None
    _views: _Views | None

    def __init__(
        self,
        loci: Mapping[str, AlleleValue | Sequence[AlleleValue]],
        *,
        kind: Kind | str = Kind.REFERENCE,
        single_allele: str | None = None,
        mixed: bool = False,
    ) -> None:
        if type(kind) is not Kind:
            kind = Kind.parse(kind)
        if single_allele is None:
            single_allele = _SINGLE_ALLELE[kind]
        else:
            check_single_allele(single_allele)
        if mixed:
            raise InvalidInput(
                "the profile is marked as mixed: mixtures are not allowed",
                code="mixture",
                field="mixed",
                rule="N5",
            )
        try:
            items = loci.items()
        except AttributeError:
            raise InvalidInput(
                "a profile is a mapping of loci to values", code="bad_profile", field="loci"
            ) from None
        cached = entry_caches[single_allele]
        # Text equals only text, so this part needs no check of types.
        text_pairs = cached[str, str]
        entries: list[Entry] = []
        for name, values in items:
            entry = None
            if type(values) is tuple or type(values) is list:
                key = (name, tuple(values))
                try:
                    entry = text_pairs.get(key)
                    if entry is None and (known := cached.get(tuple(map(type, values)))):
                        entry = known.get(key)
                except TypeError:
                    # Not hashable, hence neither a name nor a value; entry_of raises the error.
                    entry = None
            entries.append(entry_of(name, values, single_allele) if entry is None else entry)
        self._fill(kind, single_allele, tuple(entries))

    def _fill(
        self,
        kind: Kind,
        single_allele: str,
        entries: tuple[Entry, ...],
        packed: bytes | None = None,
    ) -> None:
        """Set the state of a new object; without ``packed`` it is made from the entries."""
        put = object.__setattr__
        put(self, "kind", kind)
        put(self, "single_allele", single_allele)
        put(self, "packed", pack(kind is Kind.STAIN, entries) if packed is None else packed)
        put(self, "_entries", entries)
        put(self, "_pairs", None)
        put(self, "_views", None)

    @classmethod
    def from_packed(cls, packed: bytes) -> Self:
        """Rebuild a profile from its packed form.

        Both views, the kind and amelogenin come back as they were. What the packed form does not
        hold is not made up: ``originals`` become what the two views tell, and the notes are
        empty but for a suspected mixture.

        Parameters
        ----------
        packed : bytes
            The value of ``Profile.packed``.

        Raises
        ------
        InvalidInput
            Code ``"bad_packed"`` for anything that no profile packs to.

        Examples
        --------
        >>> profile = Profile({"TH01": ("6", "OL")}, kind="stain")
        >>> Profile.from_packed(profile.packed) == profile
        True
        """
        stain, entries = unpack(packed)
        profile = cls.__new__(cls)
        profile._fill(Kind.STAIN if stain else Kind.REFERENCE, "drop", entries, packed)
        return profile

    @property
    def suspected_mixture(self) -> bool:
        """Whether two or more loci have three values (N5b); a finding, not a refusal."""
        return bool(self.packed[2] & MIXTURE_FLAG)

    @property
    def amelogenin(self) -> tuple[str, ...]:
        """The values of amelogenin: none, or some of ``"X"``, ``"Y"`` and ``"*"``."""
        bits = self.packed[1]
        return tuple(name for name, bit in AMELOGENIN_BITS.items() if bits & bit)

    @property
    def originals(self) -> Mapping[str, tuple[str, ...]]:
        """Designations as given, without blanks, by canonical locus."""
        return self._lazy().originals

    @property
    def pairs(self) -> Mapping[str, tuple[int, int]]:
        """The exchange view: two lengths in bases, ascending, by canonical locus."""
        pairs = self._pairs
        if pairs is None:
            pairs = MappingProxyType({one.locus: one.pair for one in self._entries if one.pair})
            object.__setattr__(self, "_pairs", pairs)
        return pairs

    @property
    def designations(self) -> Mapping[str, tuple[int, ...]]:
        """The original view: distinct lengths, ascending, by canonical locus."""
        return self._lazy().designations

    @property
    def notes(self) -> tuple[Note, ...]:
        """Changes and omissions of the conversions, in the order of the loci given."""
        if not any(map(_notes_of, self._entries)):
            return (_MIXTURE_NOTE,) if self.suspected_mixture else ()
        found = [note for entry in self._entries for note in entry.notes]
        return (*found, _MIXTURE_NOTE) if self.suspected_mixture else tuple(found)

    def _lazy(self) -> _Views:
        views = self._views
        if views is None:
            views = _Views(
                MappingProxyType(
                    {entry.locus: entry.originals for entry in self._entries if entry.originals}
                ),
                MappingProxyType(
                    {one.locus: one.designations for one in self._entries if one.designations}
                ),
            )
            object.__setattr__(self, "_views", views)
        return views

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Profile):
            return self.packed == other.packed
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"<Profile: {self.kind.value}, {self.packed[3]} loci>"

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError("a profile is immutable")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError("a profile is immutable")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.kind, self.single_allele, self._entries, self.packed)


def _restore(
    cls: type[Profile], kind: Kind, single_allele: str, entries: tuple[Entry, ...], packed: bytes
) -> Profile:
    """Rebuild a profile that was sent to another process."""
    profile = cls.__new__(cls)
    profile._fill(kind, single_allele, entries, packed)
    return profile

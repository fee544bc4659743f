"""The STR loci that the Prüm framework, Interpol and commercial kits use, and their spellings.

Laboratories write one locus in many ways (``vWA``, ``VWA31``, ``TH 01``, ``CSF1P0`` with a
zero, as the Annex to Decision 2008/616/JHA itself prints it). This package uses canonical names;
only this module knows the other spellings.

The built-in loci, their repeat periods and their discriminating power are data
(``data/loci.csv``, each row with its source). A host may add loci with :func:`register_locus`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from prum_match.errors import InvalidInput
from prum_match.values.checks import whole_number
from prum_match.values.packagedata import package_rows

AMELOGENIN = "AMEL"
"""Canonical name of the sex marker; it is never counted (2008/616 Annex, chapter 1)."""

ESS_7: tuple[str, ...] = ("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51")
"""The old European Standard Set, also Interpol's ISSOL (2008/616 Annex, chapter 1)."""

ESS_12: tuple[str, ...] = (*ESS_7, "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045")
"""The European Standard Set since Council Resolution 2009/C 296/01."""

ANNEX_LOCI: tuple[str, ...] = (
    *ESS_7,
    *("TPOX", "CSF1PO", "D13S317", "D7S820", "D5S818", "D16S539", "D2S1338", "D19S433"),
    *("PentaD", "PentaE", "FES", "F13A1", "F13B", "SE33", "CD4", "GABA"),
)
"""The 23 STR loci of the Annex to Decision 2008/616/JHA; amelogenin is its 24th."""

# Registered loci have no measured power and are scanned after the built-in ones.
_UNKNOWN_POWER = 0.2
# The packed form of a profile counts its records in one byte.
_MAX_LOCI = 255
# The fraction of an allele designation is one digit, and it must stay below the period.
_MEMO_LIMIT = 4096
_FOLDING = str.maketrans("", "", " _-.\t\u00a0")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _.\-]{0,31}", re.ASCII)
_IGNORED = re.compile(r"DY[SF].+|YINDEL|YGATA.+|QS\d+|IQC.*", re.ASCII)
# The name has been used for two loci at different places on chromosome 5.
_AMBIGUOUS = frozenset({"D5S2500"})


@dataclass(frozen=True, slots=True)
class Locus:
    """One STR locus.

    Attributes
    ----------
    name : str
        Canonical name.
    period : int
        Length of the repeat unit in bases; 0 for amelogenin, which has no repeats.
    index : int
        Stable position in the registry: built-in loci are fixed, registered ones follow in the
        order of their registration. Amelogenin is not part of the registry and carries -1.
    power : float
        Probability that two unrelated people share the genotype; smaller discriminates better.
        It only orders columns and never decides on a candidate.

    Examples
    --------
    >>> from prum_match.dna.profiles.loci import locus
    >>> locus("Penta D").period
    5
    """

    name: str
    period: int
    index: int
    power: float


@dataclass(frozen=True, slots=True)
class Kit:
    """The markers of a commercial typing kit.

    Attributes
    ----------
    name : str
        Name of the kit.
    loci : tuple of str
        Canonical names of its autosomal STR loci.
    also : tuple of str
        Its further markers (amelogenin, Y-chromosomal markers), which are never compared.

    Examples
    --------
    >>> from prum_match.dna.profiles.loci import KITS
    >>> "DYS391" in KITS["GlobalFiler"].also
    True
    """

    name: str
    loci: tuple[str, ...]
    also: tuple[str, ...]


class _Registry(NamedTuple):
    """An immutable state of the registry, replaced as a whole: readers need no lock."""

    loci: tuple[Locus, ...]
    by_folded_name: Mapping[str, Locus]


_lock = threading.Lock()
_current: _Registry | None = None
_memo: dict[str, Locus] = {}


def locus(name: str) -> Locus:
    """Return the locus that a name or one of its spellings stands for.

    Case, spaces, ``_``, ``-`` and ``.`` make no difference.

    Parameters
    ----------
    name : str
        Any known spelling, for example ``"vWA"``, ``"Penta D"`` or ``"CSF1P0"``.

    Returns
    -------
    Locus
        The locus; for any spelling of amelogenin one with period 0 and index -1.

    Raises
    ------
    InvalidInput
        Code ``"unknown_locus"``, or ``"ambiguous_locus"`` for D5S2500, a name that has been
        given to two different loci.

    Examples
    --------
    >>> locus("TH 01").name, locus("F13A01").name, locus("AM").name
    ('TH01', 'F13A1', 'AMEL')
    """
    found = _memo.get(name) if isinstance(name, str) else None
    if found is not None:
        return found
    folded = _fold(name)
    found = _registry().by_folded_name.get(folded)
    if found is None:
        if folded in _AMBIGUOUS:
            raise InvalidInput(
                "this name denotes two different loci; register the one that the kit "
                "types under a name of its own",
                code="ambiguous_locus",
                field="locus",
                value=name,
            )
        raise InvalidInput("unknown locus", code="unknown_locus", field="locus", value=name)
    if len(_memo) < _MEMO_LIMIT and len(name) <= 32:
        _memo[name] = found
    return found


def locus_at(index: int) -> Locus:
    """Return the locus at a position of the registry."""
    known = _registry().loci
    if not 0 <= index < len(known):
        raise InvalidInput(
            "no locus is registered at this position",
            code="unknown_locus",
            field="index",
            value=index,
        )
    return known[index]


def loci() -> tuple[Locus, ...]:
    """Return all STR loci in the order of their index; amelogenin is not among them.

    Examples
    --------
    >>> [item.name for item in loci()[:3]]
    ['VWA', 'TH01', 'D21S11']
    """
    return _registry().loci


@cache
def _n_built_in() -> int:
    return len(package_rows("prum_match.dna", "loci.csv"))


def is_built_in(name: str) -> bool:
    """Tell whether every installation knows the locus, so that it can be exchanged."""
    return locus(name).index < _n_built_in()


def register_locus(name: str, period: int, *, aliases: Iterable[str] = ()) -> Locus:
    """Add a locus to the registry.

    The index is handed out in the order of registration, so processes that share packed profiles
    or a gallery register the same loci in the same order. Registering the same definition twice
    is harmless. A registered locus is compared and searched at home; the exchange leaves it out, as
    other parties do not know it.

    Parameters
    ----------
    name : str
        New canonical name: a letter, then letters, digits, spaces, ``_``, ``-`` or ``.``; at most
        32 characters.
    period : int
        Length of the repeat unit in bases, 2 to 10.
    aliases : iterable of str, optional
        Other spellings.

    Raises
    ------
    InvalidInput
        Code ``"locus_conflict"`` if a spelling is taken by another definition, is ambiguous or
        names a marker that is never compared; ``"bad_locus"`` if a name or the period is not
        possible; ``"registry_full"`` beyond 255 loci.

    Examples
    --------
    >>> added = register_locus("D99S999", 4, aliases=["D99"])
    >>> locus("d99") is added
    True
    """
    global _current
    if isinstance(aliases, str):
        aliases = (aliases,)
    spellings = (name, *aliases)
    for spelling in spellings:
        if not isinstance(spelling, str) or not _NAME.fullmatch(spelling):
            raise InvalidInput(
                "the name of a locus begins with a letter and has up to 32 letters, "
                "digits, spaces, _, - and .",
                code="bad_locus",
                field="name",
                value=spelling,
            )
    period = whole_number(period, "period", least=2, most=10, code="bad_locus")
    folded = [_fold(spelling) for spelling in spellings]
    with _lock:
        state = _load()
        owners = [state.by_folded_name.get(key) for key in folded]
        first = owners[0]
        if (
            first is not None
            and (first.name, first.period) == (name, period)
            and all(owner is first for owner in owners)
        ):
            return first
        for spelling, key, owner in zip(spellings, folded, owners, strict=True):
            if owner is not None or key in _AMBIGUOUS or _IGNORED.fullmatch(key):
                raise InvalidInput(
                    "this name is already taken",
                    code="locus_conflict",
                    field="name",
                    value=spelling,
                )
        if len(state.loci) >= _MAX_LOCI:
            raise InvalidInput(
                "the registry is full: a profile holds up to 255 loci",
                code="registry_full",
                field="name",
                value=name,
            )
        added = Locus(name, period, len(state.loci), _UNKNOWN_POWER)
        _current = _Registry(
            (*state.loci, added),
            {**state.by_folded_name, **dict.fromkeys(folded, added)},
        )
    return added


def ignored_marker(name: str) -> bool:
    """Tell whether a marker is one that profiles carry but Prüm never compares.

    These are Y-chromosomal markers and the quality sensors of typing kits. They are dropped with
    a note: a Y-indel of ``1`` would otherwise turn into a wildcard (rule N3).
    """
    return isinstance(name, str) and _IGNORED.fullmatch(_fold(name)) is not None


def _fold(name: str) -> str:
    """Return the form under which a spelling is looked up."""
    if not isinstance(name, str):
        raise InvalidInput(
            "the name of a locus must be text", code="unknown_locus", field="locus", value=name
        )
    folded = name.translate(_FOLDING)
    # Outside ASCII, upper() would turn foreign letters into Latin ones.
    return folded.upper() if folded.isascii() else folded


def _registry() -> _Registry:
    state = _current
    if state is not None:
        return state
    with _lock:
        return _load()


def _load() -> _Registry:
    """Return the registry, reading the built-in loci on first use; the lock must be held."""
    global _current
    if _current is None:
        known: list[Locus] = []
        names: dict[str, Locus] = {}
        for row in package_rows("prum_match.dna", "loci.csv"):
            item = Locus(row["name"], int(row["period"]), len(known), float(row["power"]))
            known.append(item)
            for spelling in (item.name, *row["aliases"].split()):
                names[_fold(spelling)] = item
        amelogenin = Locus(AMELOGENIN, 0, -1, 1.0)
        for spelling in (AMELOGENIN, "AM", "AMG", "AMELOGENIN"):
            names[spelling] = amelogenin
        _current = _Registry(tuple(known), names)
    return _current


@cache
def _kits() -> dict[str, Kit]:
    return {
        row["name"]: Kit(row["name"], tuple(row["loci"].split()), tuple(row["also"].split()))
        for row in package_rows("prum_match.dna", "kits.csv")
    }


class _Kits(Mapping[str, Kit]):
    """The kits by name, read from the package on first use."""

    def __getitem__(self, name: str) -> Kit:
        return _kits()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_kits())

    def __len__(self) -> int:
        return len(_kits())

    def __repr__(self) -> str:
        return f"<KITS: {', '.join(self)}>"


KITS: Mapping[str, Kit] = _Kits()
"""Commercial typing kits by name, with the loci that they type."""

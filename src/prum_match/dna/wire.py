"""A DNA profile as the exchange sends it: the exchange view, canonical, nothing else.

Originals, notes and markers that the Annex to Decision 2008/616/JHA does not exchange stay at
home (its conversions are "for the export"). So do loci that only this host has registered: no
other party could read them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from prum_match.dna.profiles.alleles import format_allele
from prum_match.dna.profiles.loci import AMELOGENIN, is_built_in, locus_at
from prum_match.dna.profiles.packed import pair_of, records_of
from prum_match.dna.profiles.profile import Kind, Profile
from prum_match.errors import InvalidInput

# 255 loci at fewer than 64 characters each.
_MAX_BYTES = 16_384
_TYPES = {Kind.REFERENCE: "P", Kind.STAIN: "S"}


def to_bytes(profile: Profile, names: Collection[str] | None = None) -> bytes:
    """Return the canonical bytes of the exchange view.

    Parameters
    ----------
    profile : Profile
        The profile.
    names : collection of str, optional
        Canonical names of the loci to write, amelogenin among them; None: all.

    Examples
    --------
    >>> from prum_match import dna
    >>> dna.to_bytes(dna.Profile({"TH01": (6, 9.3)}))
    b'{"loci":{"TH01":["6","9.3"]},"sex":[],"type":"P"}'
    """
    loci = sorted(filter(None, map(_locus, records_of(profile.packed))))
    members = [written for name, written in loci if names is None or name in names]
    sex = profile.amelogenin if names is None or AMELOGENIN in names else ()
    head = '{"loci":{' + ",".join(members) + '},"sex":' + _list(sex)
    return f'{head},"type":"{_TYPES[profile.kind]}"}}'.encode("ascii")


def from_bytes(data: bytes) -> Profile:
    """Read a profile from its canonical bytes.

    Raises
    ------
    InvalidInput
        Code ``"bad_profile_bytes"`` for anything that :func:`to_bytes` does not write.

    Examples
    --------
    >>> from prum_match import dna
    >>> profile = dna.Profile({"TH01": (6, 9.3)}, kind="stain")
    >>> dna.from_bytes(dna.to_bytes(profile)) == profile
    True
    """
    if not isinstance(data, bytes):
        raise _bad("not bytes")
    if len(data) > _MAX_BYTES or data.count(b"[") > 300:
        raise _bad("larger than any profile")
    try:
        record = json.loads(data)
        loci, sex, kind = record["loci"], record["sex"], record["type"]
        values: dict[str, Any] = {name: tuple(pair) for name, pair in loci.items()}
        if sex:
            values[AMELOGENIN] = tuple(sex)
        profile = Profile(values, kind=kind, single_allele="drop")
    except InvalidInput as error:
        raise _bad("not a profile", error.field) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _bad("not a profile") from error
    if to_bytes(profile) != data:
        raise _bad("not in canonical form")
    return profile


@lru_cache(maxsize=1 << 14)
def _locus(record: bytes) -> tuple[str, str] | None:
    """Return the name of a locus and what it is as a member of the JSON object.

    None for one without a pair, and for one that this host alone knows.
    """
    index, pair = pair_of(record)
    item = locus_at(index)
    if pair is None or not is_built_in(item.name):
        return None
    return item.name, f'"{item.name}":{_list(format_allele(item, length) for length in pair)}'


def _list(values: Iterable[str]) -> str:
    """Return names and designations, all of them plain ASCII, as a JSON array."""
    return "[" + ",".join(f'"{value}"' for value in values) + "]"


def _bad(message: str, field: str | None = None) -> InvalidInput:
    return InvalidInput(message, code="bad_profile_bytes", field=field or "profile")

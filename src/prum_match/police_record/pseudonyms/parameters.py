"""Parameter blocks of encodings: the settings that two parties share besides the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Literal, TypeAlias

from prum_match.errors import InvalidInput

Scheme: TypeAlias = Literal["record", "field"]

ENCODER_VERSION = 1
"""Version of folding, bigrams and hashing together; the filters of a name depend on it."""

_FORMAT = "prum_match.police_record.parameters"
_SIZES = (256, 512, 1024, 2048, 4096)
# 64 positions of one value leave bits free in the smallest filter.
_MAX_BITS_SET = 64
_TEXT = 64


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The settings on which the bits of a filter depend, besides the key.

    There is no salt: names salted with the year of birth lose a person whose year is wrong.

    Parameters
    ----------
    name, version : str
        Name and version of the block.
    scheme : {"record", "field"}
        ``"record"``: one filter holds all fields of a person under one name. ``"field"``: the
        first half of a filter holds the family names, the second half the first names, and an
        absent name is all zero; birth dates are compared in clear.
    bits : int
        Length of a filter, a power of two from 256 to 4096.
    fold : bool
        Make each filter of twice the length, and take the exclusive or of its halves.
    first_names, family_names : int
        How many bits each pair of neighbouring letters sets, 1 to 64. Equal numbers let names that
        changed places be recognised.
    birth_date : int
        How many bits each part of a birth date sets: the year, year with month, year with day,
        month with day. 0: not in the filter.
    birth_place : int
        How many bits each pair of letters of the place of birth sets. 0: not in the filter; it is
        not among the data of Art. 25(1) of Regulation (EU) 2024/982.
    thresholds : tuple of float
        Dice coefficients from which two filters agree, falling. ``"record"``: one, from which two
        filters can be of one person. ``"field"``: three, from which two names are close, near and
        far. Those of the blocks here were measured on FEBRL 4; a larger register needs a higher
        one. No bit depends on them, so they are not part of the fingerprint.

    Raises
    ------
    InvalidInput
        ``bad_parameters``.

    Examples
    --------
    >>> block = Parameters(name="example", scheme="field", birth_date=0, thresholds=(0.8, 0.6, 0.5))
    >>> Parameters.from_json(block.to_json()) == block
    True
    >>> LEGAL_PARAMETERS.fingerprint == NATIONAL_PARAMETERS.fingerprint
    False
    """

    name: str = "legal"
    version: str = "1"
    scheme: Scheme = "record"
    bits: int = 1024
    fold: bool = True
    first_names: int = 15
    family_names: int = 15
    birth_date: int = 40
    birth_place: int = 0
    thresholds: tuple[float, ...] = (0.63,)

    def __post_init__(self) -> None:
        for name in ("name", "version"):
            text = getattr(self, name)
            printable = isinstance(text, str) and text.isascii() and text.isprintable()
            _check(printable and 0 < len(text) <= _TEXT, name, "1 to 64 printable characters")
        _check(self.scheme in ("record", "field"), "scheme", "'record' or 'field'")
        _check(_is_int(self.bits) and self.bits in _SIZES, "bits", "a power of two, 256 to 4096")
        _check(isinstance(self.fold, bool), "fold", "true or false")
        for name in ("first_names", "family_names"):
            _check(_is_number_of_bits(getattr(self, name), 1), name, "1 to 64")
        for name in ("birth_date", "birth_place"):
            number = getattr(self, name)
            _check(_is_number_of_bits(number, 0), name, "0 to 64")
            _check(number == 0 or self.scheme == "record", name, "0 in filters of single names")
        object.__setattr__(self, "thresholds", _thresholds(self.thresholds, self.scheme))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the name of the block and of all settings that bits depend on, in hexadecimal.

        Examples
        --------
        >>> len(LEGAL_PARAMETERS.fingerprint)
        64
        """
        content = {"encoder": ENCODER_VERSION, **asdict(self)}
        del content["thresholds"]
        return hashlib.sha256(_canonical(content).encode("ascii")).hexdigest()

    def to_json(self) -> str:
        """Return the block as a text.

        Examples
        --------
        >>> LEGAL_PARAMETERS.to_json()[:50]
        '{"birth_date":40,"birth_place":0,"bits":1024,"enco'
        """
        return _canonical({"format": _FORMAT, "encoder": ENCODER_VERSION, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """Read a block that :meth:`to_json` wrote; it has the same fingerprint.

        Raises
        ------
        InvalidInput
            ``bad_parameters``: no such block, or of another version of the encoder.

        Examples
        --------
        >>> Parameters.from_json(LEGAL_PARAMETERS.to_json()) == LEGAL_PARAMETERS
        True
        """
        try:
            content: Any = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            content = None
        known = {field.name for field in fields(cls)}
        _check(
            isinstance(content, Mapping) and {*content} == known | {"format", "encoder"},
            "parameters",
            "a JSON object with the fields of a block",
        )
        _check(content["format"] == _FORMAT, "format", _FORMAT)
        _check(content["encoder"] == ENCODER_VERSION, "encoder", f"version {ENCODER_VERSION}")
        return cls(**{name: content[name] for name in known})


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_of_bits(value: int, least: int) -> bool:
    return _is_int(value) and least <= value <= _MAX_BITS_SET


def _thresholds(given: Any, scheme: Scheme) -> tuple[float, ...]:
    expected = {"record": 1, "field": 3}[scheme]
    numbers = list(given) if isinstance(given, (tuple, list)) else []
    _check(
        len(numbers) == expected
        and all(isinstance(n, float) and 0 < n < 1 for n in numbers)
        and numbers == sorted({*numbers}, reverse=True),
        "thresholds",
        f"{expected} between 0 and 1, falling",
    )
    return tuple(numbers)


def _check(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise InvalidInput("not a parameter block", code="bad_parameters", field=name, rule=rule)


LEGAL_PARAMETERS = Parameters()
"""One filter a name: names and birth date, the fields of Art. 25(1) that are worth hiding."""

NATIONAL_PARAMETERS = Parameters(name="national", birth_place=12, thresholds=(0.6,))
"""The same with the place of birth, for national use."""

FIELD_PARAMETERS = Parameters(
    name="field-level", scheme="field", birth_date=0, thresholds=(0.8, 0.65, 0.5)
)
"""One filter for each name; more exact, but it leaks more."""

"""Chassis numbers: normal form, check digit, maker and origin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from prum_match.errors import InvalidInput
from prum_match.values.packagedata import package_rows
from prum_match.vehicle.numbers.alphabet import MAX_VIN
from prum_match.vehicle.numbers.folding import fold, refuse_wildcards

_RULE = f"1 to {MAX_VIN} symbols of the alphabet, with spaces, hyphens and dots"
_COMPLETE = "Regulation (EU) 2024/982, Art. 16(2)(a): complete chassis number"
# More than a number with a mark of direction around every symbol.
_LONGEST = 256

_PLAIN = re.compile(r"[A-Z0-9/]+")
_SEPARATORS = re.compile(r"[ .-]")
_ISO_3779 = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_REPAIR = str.maketrans("IOQ", "100")

# 49 CFR 565.15(c): the values of the symbols, and the weights of the places; the check digit is
# the ninth place, and X is ten.
_SYMBOLS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip(_SYMBOLS, map(int, "012345678912345678123457923456789"), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_PLACE = 8

# ISO 3780: the order in which the second symbol is counted.
_SECOND = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"
_REGIONS = {
    **dict.fromkeys("ABCDEFGH", "Africa"),
    **dict.fromkeys("JKLMNPR", "Asia"),
    **dict.fromkeys("STUVWXYZ", "Europe"),
    **dict.fromkeys("12345", "North America"),
    **dict.fromkeys("67", "Oceania"),
    **dict.fromkeys("89", "South America"),
}


@dataclass(frozen=True)
class Vin:
    """A chassis number in the form that is stored and compared; see `normalise_vin`.

    Parameters
    ----------
    value : str
        1 to 30 symbols of the alphabet. Of 17, none is I, O or Q.
    raw : str
        The same before I, O and Q were exchanged.
    changed : tuple of str
        Changes made to the text.

    Examples
    --------
    >>> vin = normalise_vin("1M8GDM9A XKP 042788")
    >>> vin.value, vin.check_digit, vin.country, vin.region
    ('1M8GDM9AXKP042788', 'ok', 'US', 'North America')
    >>> normalise_vin("WVWZZZ1JZXW000001").maker
    'Volkswagen'
    """

    value: str = field(repr=False)
    raw: str = field(repr=False)
    changed: tuple[str, ...]

    @property
    def syntax_ok(self) -> bool:
        """Whether the raw number has 17 places and none of I, O, Q (ISO 3779)."""
        return _ISO_3779.fullmatch(self.raw) is not None

    @property
    def check_digit(self) -> Literal["ok", "mismatch", "not_applicable"]:
        """State of the check digit in the ninth place.

        Only North America and China require one. ``mismatch``: the ninth place could be a check
        digit and is not the right one, which is common for vehicles of other markets and no
        reason to reject the number. ``not_applicable``: not 17
        places, or the ninth is neither a digit nor X.

        Examples
        --------
        >>> normalise_vin("WVWZZZ1JZXW000001").check_digit
        'not_applicable'
        """
        expected = self.check_digit_expected
        if expected is None:
            return "not_applicable"
        return "ok" if self.value[_CHECK_PLACE] == expected else "mismatch"

    @property
    def check_digit_expected(self) -> str | None:
        """The check digit of the other 16 places; None where it is not applicable."""
        value = self.value
        if _ISO_3779.fullmatch(value) is None or value[_CHECK_PLACE] not in "0123456789X":
            return None
        total = sum(_VALUES[s] * weight for s, weight in zip(value, _WEIGHTS, strict=True))
        return "0123456789X"[total % 11]

    @property
    def wmi(self) -> str | None:
        """The world manufacturer identifier, the first three places; None if not 17 of them."""
        return self.value[:3] if _ISO_3779.fullmatch(self.value) else None

    @property
    def maker(self) -> str | None:
        """Maker, by an unofficial list; None if unknown.

        Small makers share identifiers that end in 9 (ISO 3780): always unknown.
        """
        wmi = self.wmi
        if wmi is None or wmi[2] == "9":
            return None
        return _makers().get(wmi) or _makers().get(wmi[:2])

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2 code of the maker's country; None if unknown."""
        return _origin(self.wmi)[0]

    @property
    def region(self) -> str | None:
        """The maker's part of the world; None if unknown."""
        return _origin(self.wmi)[1]


def normalise_vin(text: str) -> Vin:
    """Bring a chassis number into the form in which it is stored and compared.

    Parameters
    ----------
    text : str
        The number, in any spelling.

    Returns
    -------
    Vin
        The number, and the changes.

    Raises
    ------
    InvalidInput
        ``bad_vin``: no symbols, too many, or something that is no symbol; ``incomplete_key``: it
        holds a wildcard.

    Notes
    -----
    Upper case, without spaces, hyphens and dots; text beyond ASCII is folded as in
    `normalise_plate`, and ``/`` stays. Among 17 symbols I is read as 1, and O and Q as 0: ISO 3779
    leaves the three letters out. Numbers of any other length, which older vehicles have, stay as
    they are.

    Examples
    --------
    >>> vin = normalise_vin("wvwzzz-1jzxw-00000o")
    >>> vin.value, vin.raw, vin.syntax_ok
    ('WVWZZZ1JZXW000000', 'WVWZZZ1JZXW00000O', False)
    >>> vin.changed
    ('lower case', 'separators', 'I, O and Q to 1 and 0')
    >>> normalise_vin("115-2 OIQ").value
    '1152OIQ'
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise _refused(f"expected text of at most {_LONGEST} characters", text)
    raw, changed = (text, ()) if _PLAIN.fullmatch(text) else _folded(text)
    if not 1 <= len(raw) <= MAX_VIN:
        raise _refused(f"expected 1 to {MAX_VIN} symbols", text)
    value = raw.translate(_REPAIR) if len(raw) == 17 else raw
    if value != raw:
        changed = (*changed, "I, O and Q to 1 and 0")
    return Vin(value, raw, changed)


def _folded(text: str) -> tuple[str, tuple[str, ...]]:
    refuse_wildcards(text, "vin", _COMPLETE)
    folded = fold(text, slash=True)
    if folded is None:
        raise _refused("a character is neither symbol nor separator", text)
    written, changed = folded
    symbols = _SEPARATORS.sub("", written)
    return symbols, changed if symbols == written else (*changed, "separators")


def _refused(message: str, text: object) -> InvalidInput:
    return InvalidInput(
        f"not a chassis number: {message}", code="bad_vin", field="vin", rule=_RULE, value=text
    )


@cache
def _makers() -> dict[str, str]:
    return {row["wmi"]: row["maker"] for row in package_rows("prum_match.vehicle", "wmi.csv")}


@cache
def _ranges() -> dict[str, tuple[str, str]]:
    """Map the first two symbols to country and region."""
    found = {}
    for row in package_rows("prum_match.vehicle", "wmi_ranges.csv"):
        first, last = (_SECOND.index(row[end][1]) for end in ("first", "last"))
        for second in _SECOND[first : last + 1]:
            found[row["first"][0] + second] = (row["country"], row["region"])
    return found


def _origin(wmi: str | None) -> tuple[str | None, str | None]:
    if wmi is None:
        return None, None
    return _ranges().get(wmi[:2], (None, _REGIONS.get(wmi[0])))

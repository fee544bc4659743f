"""Registration numbers: from any text to the key that is stored, compared and sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from prum_match.errors import InvalidInput
from prum_match.values.countries import country_code
from prum_match.vehicle.numbers import syntax
from prum_match.vehicle.numbers.alphabet import MAX_PLATE
from prum_match.vehicle.numbers.folding import fold, refuse_wildcards
from prum_match.vehicle.numbers.readings import Reading, readings

_RULE = f"1 to {MAX_PLATE} symbols of the alphabet, with separators"
_COMPLETE = "Regulation (EU) 2024/982, Art. 16(2)(b): complete registration number"
# More than a plate with a mark of direction around every symbol.
_LONGEST = 128

_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[ .-][A-Za-z0-9]+)*")
_SEPARATORS = re.compile(r"[ .-]")
_RUN = re.compile(r"[ .-]+")
_DISTRICT_COUNTRIES = frozenset(("AT", "DE"))


@dataclass(frozen=True)
class PlateKey:
    """A registration number in the form that is stored and compared; see `normalise_plate`.

    Parameters
    ----------
    country : str or None
        ISO 3166-1 alpha-2 code; None: not known.
    compact : str
        1 to 16 symbols of the alphabet.
    spelling : str
        The symbols with their separators: between two of them nothing, or one of space, hyphen
        and dot.
    changed : tuple of str
        Changes made to the text.

    Examples
    --------
    >>> key = normalise_plate("D", "b-ab 123")
    >>> key.country, key.compact, key.spelling, key.district, key.valid
    ('DE', 'BAB123', 'B-AB 123', 1, True)
    >>> key.changed
    ('lower case',)
    """

    country: str | None
    compact: str = field(repr=False)
    spelling: str = field(repr=False)
    changed: tuple[str, ...]

    @cached_property
    def flags(self) -> frozenset[str]:
        """Names of the forms of the country's syntax that the number fits.

        Empty if it fits none, or if there is no table for the country.

        Examples
        --------
        >>> sorted(normalise_plate("DE", "B-AB 12H").flags)
        ['historic']
        """
        return frozenset(form.form for form, _ in syntax.fitting(self.country, self._marked))

    @property
    def valid(self) -> bool | None:
        """Whether the number fits the syntax of its country; None: no table. It is only a hint."""
        return bool(self.flags) if syntax.forms(self.country) else None

    @property
    def split(self) -> tuple[int, ...]:
        """Numbers of symbols before each separator.

        Examples
        --------
        >>> normalise_plate("DE", "B-AB 123").split
        (1, 3)
        """
        gaps = enumerate(_SEPARATORS.finditer(self.spelling))
        return tuple(gap.start() - n for n, gap in gaps)

    @property
    def district(self) -> int:
        """Number of symbols of the district, where a separator ends it; 0: not known.

        In Germany and Austria: the symbols before the first separator, if it lies strictly inside
        the letters that the number begins with. ``B-AB 123`` is not ``BA-B 123``, and ``BAB 123``
        may be either.
        """
        if self.country not in _DISTRICT_COUNTRIES:
            return 0
        gap = _SEPARATORS.search(self.spelling)
        if gap is None:
            return 0
        before, behind = self.spelling[: gap.start()], self.spelling[gap.end()]
        return len(before) if before.isalpha() and behind.isalpha() else 0

    @property
    def _marked(self) -> str:
        """Compact key with a mark behind the district, as syntax patterns expect it."""
        n = self.district
        return f"{self.compact[:n]}-{self.compact[n:]}" if n else self.compact

    @cached_property
    def repair(self) -> str | None:
        """Compact key that fits the syntax after exchanging 0 and O, 1 and I, Q and 0.

        None if the number fits already, if no such key fits, or if several with equally few changes
        do.

        Examples
        --------
        >>> normalise_plate("CZ", "4BO 4979").repair
        '4B04979'
        """
        if self.flags:
            return None
        found = syntax.repaired(self.country, self._marked)
        return None if found is None else found.replace("-", "")

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Other keys under which a register may hold this plate; exact queries search them too.

        Examples
        --------
        >>> for reading in normalise_plate("DE", "B-AB 123").readings:
        ...     print(*reading)
        BAB123H 1
        BAB123E 1
        """
        return readings(self.country, self.compact, self.district)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The compact keys of `readings`.

        Examples
        --------
        >>> normalise_plate("DE", "MÜ-AB 12H").alternatives
        ('MUEAB12H', 'MUAB12H', 'MUEAB12', 'MUAB12', 'MÜAB12')
        """
        return tuple(reading.compact for reading in self.readings)

    def spelled(self, country: str | None = None) -> str:
        """Return the spelling that its state uses.

        Parameters
        ----------
        country : str, optional
            Country to spell it for, if it is not the key's.

        Returns
        -------
        str
            `spelling` where the syntax does not say, or does not say it without a doubt.

        Examples
        --------
        >>> normalise_plate("FR", "ab123cd").spelled(), normalise_plate("NL", "GB001B").spelled()
        ('AB-123-CD', 'GB-001-B')
        >>> normalise_plate("DE", "MYRS9999").spelled(), normalise_plate("DE", "BAB123").spelled()
        ('MY-RS 9999', 'BAB123')
        """
        if country is not None:
            return normalise_plate(country, self.spelling).spelled()
        found = [
            (match[1], match.expand(form.spelling))
            for form, match in syntax.fitting(self.country, self._marked)
            if form.spelling
        ]
        if self.country == "DE":
            found = [(name, text) for name, text in found if name in syntax.districts()] or found
        texts = {text for _, text in found}
        return texts.pop() if len(texts) == 1 else self.spelling


def normalise_plate(country: str | None, text: str) -> PlateKey:
    """Bring a registration number into the form in which it is stored and compared.

    Parameters
    ----------
    country : str or None
        Country of registration, as `values.countries.country_code` reads it; None: not known.
    text : str
        The number, in any spelling.

    Returns
    -------
    PlateKey
        The key, and what was changed.

    Raises
    ------
    InvalidInput
        ``bad_plate``: no symbols, too many, or something that is no symbol; ``incomplete_key``:
        it holds a wildcard; ``unknown_country``.

    Notes
    -----
    The rule for plain ASCII: ``a`` to ``z`` become upper case; letters and digits are symbols;
    space, hyphen and dot are separators. A run of separators counts as its first that is no
    space, else as a space; separators before the first symbol and behind the last are dropped.

    Any other text is brought into NFKC without invisible characters first. Then letters become
    upper case, national letters of the alphabet stay, Cyrillic and Greek letters become the Latin
    ones that they look like (never transliterated), and other Latin letters lose their
    diacritics. White space, dashes, middle dots, slashes, colons, underscores, bars, and the rings
    and discs that stand for coats of arms are separators. All else is refused: letters that look
    like no Latin one, ß, emoji, control characters.

    Examples
    --------
    >>> key = normalise_plate("BG", "СВ 0000 НР")
    >>> key.compact, key.changed
    ('CB0000HP', ('Cyrillic or Greek lookalikes',))
    >>> normalise_plate(None, "  AB -12 ").spelling
    'AB-12'
    """  # noqa: RUF002
    code = None if country is None else country_code(country)
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise _refused(f"expected text of at most {_LONGEST} characters", text)
    if _PLAIN.fullmatch(text):
        spelling = text.upper()
        changed: tuple[str, ...] = () if spelling == text else ("lower case",)
    else:
        spelling, changed = _folded(text)
    compact = _SEPARATORS.sub("", spelling)
    if not 1 <= len(compact) <= MAX_PLATE:
        raise _refused(f"expected 1 to {MAX_PLATE} symbols", text)
    return PlateKey(code, compact, spelling, changed)


def _refused(message: str, text: object) -> InvalidInput:
    return InvalidInput(
        f"not a registration number: {message}",
        code="bad_plate",
        field="plate",
        rule=_RULE,
        value=text,
    )


def _folded(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the spelling of any text, and the changes."""
    refuse_wildcards(text, "plate", _COMPLETE)
    folded = fold(text)
    if folded is None:
        raise _refused("a character is neither symbol nor separator", text)
    written, changed = folded
    spelling = _RUN.sub(lambda run: run[0].replace(" ", "")[:1] or " ", written.strip(" .-"))
    return spelling, changed if spelling == written else (*changed, "superfluous separators")

"""Folding of names: one exact spelling, and the spellings that two registers may have of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from prum_match.errors import InvalidInput
from prum_match.police_record.romanisation import romanise
from prum_match.values.text import LOOKALIKES, clean

__all__ = ["MAX_FORMS", "PARTICLES", "Folded", "fold_name", "fold_place"]

MAX_FORMS = 8
"""The most spellings that one name has; those in the front are the commoner ones."""

PARTICLES = frozenset(
    """
    VAN VON VOM ZU ZUM ZUR DE DEN DER DEM DIE DES DET HET T TE TEN TER IN OP AUF AF AV AM
    D DA DAS DO DOS DU DI DAL DALL DALLA DEGLI DEI DEL DELL DELLA DELLE DELLO E Y I
    L LA LAS LE LES LO LOS O UA NI UI MAC MC NIC MHIC
    AL EL UL AD BIN BEN IBN BINT ABU ABI
    """.split()  # noqa: SIM905
)
"""Parts that registers write, join or leave out: they alone tell nobody from anybody."""

# After these a first consonant is softened by H: Ní Bhriain is of the Ó Briain.
_SOFTENING = frozenset({"NI", "NIC", "UI", "MHIC"})
_SOFTENED = re.compile("^([BCDFGMPST])H")

_APOSTROPHES = str.maketrans(dict.fromkeys("`´‘’‚‛′ʹʺʻʼʽˈꞌ＇", "'"))  # noqa: RUF001
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u02d7", "-"))

# NXX and UXX: Ñ and Ü in the machine-readable zone of a passport, Doc 9303-3, section 6.
_ESCAPED = re.compile("([NU])(?:XX)+")

# Endings of women's names that differ from the man's by more than an edit or two. Only with
# their own letters: a plain -OVA is Ivanova as well, who is no Ivan.
_WOMEN = (
    (re.compile(r"(?<=\w\w\w)OVÁ\b"), ""),
    (re.compile(r"(?<=\w\w\w)ČIENĖ\b|(?<=\w\w\w)ČIŪTĖ\b"), "ČIUS"),
    (re.compile(r"(?<=\w\w\w)(?:IENĖ|AITĖ)\b"), "AS"),
    (re.compile(r"(?<=\w\w\w)YTĖ\b"), "IS"),
    (re.compile(r"(?<=\w\w\w)UTĖ\b"), "US"),
)
_LATIN = re.compile("[A-Z\u00c0-\u024f]")
_CYRILLIC_OR_GREEK = re.compile("[\u0370-\u04ff]")


@dataclass(frozen=True)
class Folded:
    """What a name is compared by.

    Parameters
    ----------
    exact : str
        The name without case, punctuation and order: parts sorted and joined by one space.
        Scripts and diacritics are kept.
    forms : tuple of str
        Spellings in A-Z, 0-9 and single spaces: parts sorted, particles left out unless there is
        nothing else. The first is the plain one. Empty only if the name is.
    changed : tuple of str
        What was done.

    Examples
    --------
    >>> fold_name("von Müller").forms
    ('MULLER', 'MUELLER', 'VONMULLER', 'VONMUELLER')
    """

    exact: str
    forms: tuple[str, ...]
    changed: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Folded: {len(self.forms)} forms>"


@lru_cache(maxsize=2**16)
def fold_name(text: str) -> Folded:
    """Fold one field of a name: all first names, or all family names.

    Parameters
    ----------
    text : str
        The parts in any order, in any script.

    Returns
    -------
    Folded

    Raises
    ------
    InvalidInput
        ``no_romanisation``: a letter that cannot be written in A-Z.
    PrumError
        ``missing_extra``: a script that needs anyascii, and it is not installed.

    Examples
    --------
    >>> fold_name("Ødegård").forms
    ('ODEGARD', 'OEDEGAARD')
    >>> fold_name("García-López").exact
    'garcía lópez'
    >>> fold_name("Anne-Marie").forms
    ('ANNE MARIE', 'ANNEMARIE')
    """
    changed: list[str] = []
    upper = _capitals(text, changed)
    exact = " ".join(sorted(_casefolded(upper).replace("'", "").replace("-", " ").split()))
    spellings = romanise(upper)
    women = upper
    for pattern, man in _WOMEN:
        women = pattern.sub(man, women)
    if women != upper:
        spellings += romanise(women)
    parts = [_parts(_ESCAPED.sub(r"\1", spelling)) for spelling in spellings]
    forms = dict.fromkeys(_form(p) for p in parts)
    forms |= dict.fromkeys(_joined(p) for p in parts)
    forms.pop("", None)
    if exact and not forms:
        raise _nothing_left(text)
    return Folded(exact, tuple(forms)[:MAX_FORMS], tuple(changed))


@lru_cache(maxsize=2**14)
def fold_place(text: str) -> Folded:
    """Fold the name of a place.

    Parameters
    ----------
    text : str
        The place, in any script.

    Returns
    -------
    Folded

    Examples
    --------
    >>> fold_place("Košice"), fold_place("Łódź").forms
    (<Folded: 1 forms>, ('LODZ',))
    """
    return fold_name(text)


def _capitals(text: str, changed: list[str]) -> str:
    """Return capitals, digits, apostrophes inside words, hyphens and spaces."""
    visible, notes = clean(text.translate(_APOSTROPHES))
    changed += notes
    upper = visible.upper()
    if upper.isalpha() and upper.isascii():
        return upper
    upper = unicodedata.normalize("NFC", upper).translate(_HYPHENS)
    kept = "".join(c if c in "'-" or _belongs(c) else " " for c in upper)
    words = [word.strip("'-") for word in kept.split()]
    if not upper.isascii():
        folded = [_one_script(word) for word in words]
        if folded != words:
            changed.append("lookalikes of another script")
        words = folded
    return " ".join(filter(None, words))


def _belongs(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _casefolded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # The lower case of İ is an i with a second dot.
    return unicodedata.normalize("NFC", text.casefold()).replace("i\u0307", "i")


_TO_LATIN = str.maketrans(dict(LOOKALIKES))
_TO_CYRILLIC = str.maketrans({v: k for k, v in LOOKALIKES.items() if k >= "\u0400"})
_TO_GREEK = str.maketrans({v: k for k, v in LOOKALIKES.items() if k < "\u0400"})


def _one_script(word: str) -> str:
    """Return a word of two scripts in one of them, if all of the other's letters look alike."""
    if not (_CYRILLIC_OR_GREEK.search(word) and _LATIN.search(word)):
        return word
    for table in (_TO_LATIN, _TO_CYRILLIC, _TO_GREEK):
        folded = word.translate(table)
        if not (_CYRILLIC_OR_GREEK.search(folded) and _LATIN.search(folded)):
            return folded
    return word


def _parts(spelling: str) -> list[list[str]]:
    """Return the words, each as its parts: hyphens, and an apostrophe behind a particle."""
    words = []
    for word in spelling.split():
        parts: list[str] = []
        for piece in word.split("-"):
            head, mark, rest = piece.partition("'")
            if mark and head in PARTICLES and rest:
                parts += [head, rest.replace("'", "")]
            else:
                parts.append(piece.replace("'", ""))
        words.append([part for part in parts if part])
    return words


def _form(words: list[list[str]]) -> str:
    parts = [part for word in words for part in word]
    names = [
        _SOFTENED.sub(r"\1", part) if before in _SOFTENING else part
        for before, part in zip(["", *parts], parts, strict=False)
        if part not in PARTICLES
    ]
    return " ".join(sorted(names or parts))


def _joined(words: list[list[str]]) -> str:
    """Return the form in which particles and parts with hyphens are one with what follows."""
    whole: list[str] = []
    open_ = False
    for word in words:
        if open_:
            whole[-1] += "".join(word)
        elif word:
            whole.append("".join(word))
        open_ = bool(word) and word[-1] in PARTICLES
    return " ".join(sorted(whole))


def _nothing_left(text: str) -> InvalidInput:
    return InvalidInput(
        "a name of which nothing can be written in A-Z",
        code="no_romanisation",
        field="name",
        value=text,
    )

# ruff: noqa: RUF001
"""Folding of names: one exact spelling, and the spellings that two registers may have of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from prum_match.errors import InvalidInput
from prum_match.police_record.names.arabic import arabic_spelling, is_servant
from prum_match.police_record.names.romanisation import romanise
from prum_match.values.text import LOOKALIKES, clean

MAX_FORMS = 8
"""Most spellings that are kept of one name; the commonest come first."""

PARTICLES = frozenset(
    """
    VAN VON VOM ZU ZUM ZUR DE DEN DER DEM DIE DES DET HET T TE TEN TER IN OP AUF AF AV AM
    D DA DAS DO DOS DU DI DAL DALL DALLA DEGLI DEI DEL DELL DELLA DELLE DELLO E Y I
    L LA LAS LE LES LO LOS O UA NI UI MAC MC NIC MHIC
    AL EL UL AD BIN BEN IBN BINT ABU ABI
    """.split()  # noqa: SIM905
)
"""Parts that registers write, join or leave out; by themselves they do not distinguish persons."""

# Irish: Ní and Uí are the female forms of Ó, Nic and Mhic those of Mac; they soften a first
# consonant by H. Ó may be left out; Mac before a name is part of it.
_IRISH = re.compile("(?<![A-Z'])(?:(NI|UI)|(MHIC|NIC)|MAC|MC)[ '-]([A-Z]{2,})")
_SOFTENED = re.compile("^([BCDFGMPST])H")
_MC = re.compile("(?<![A-Z])MC(?=[A-Z]{3})")

_APOSTROPHES = dict.fromkeys(map(ord, "`´‘’‚‛′ʹʺʻʼʽˈꞌ＇"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u02d7"), "-")
# The middle dot of Catalan l·l does not separate parts. Unicode composition produces some of these.
_MARKS = {**_APOSTROPHES, **_HYPHENS, ord("·"): "", ord("ẞ"): "SS", ord("İ"): "I"}

# NXX and UXX: Ñ and Ü in the machine-readable zone of a passport, Doc 9303-3, section 6.
_ESCAPED = re.compile("([NU])(?:XX)+")

# Ä, Ö and Ü written AE, OE and UE, where no other reading is likely: not in Joe, Miguel, Bauer.
_EXPANDED = re.compile("(?<![AEIOUYQ])(A|O|(?<!G)U)E(?=[BCDFGHJKLMNPQRSTVWXZ])")

# Endings and escapes that give a word in A-Z another spelling.
_SECOND_SPELLING = re.compile(f"^MC|XX|{_EXPANDED.pattern}")

# Endings of women's names that differ from the man's by more than an edit or two. Only with
# their own letters: a plain -OVA is also that of Ivanova, whose male form is not Ivan.
WOMEN = (
    ("OVÁ", ""),
    ("ČIENĖ", "ČIUS"),
    ("ČIŪTĖ", "ČIUS"),
    ("IENĖ", "AS"),
    ("AITĖ", "AS"),
    ("YTĖ", "IS"),
    ("UTĖ", "US"),
)
"""Endings of women's names behind three letters, and the man's; applied in this order."""

_WOMEN = tuple((re.compile(rf"(?<=\w\w\w){ending}\b"), other) for ending, other in WOMEN)


@dataclass(frozen=True)
class Folded:
    """The forms by which a name is compared.

    Parameters
    ----------
    exact : str
        The name without case, punctuation and order: parts sorted and joined by one space.
        Scripts and diacritics are kept.
    forms : tuple of str
        Spellings in A-Z, 0-9 and single spaces: parts sorted, particles left out unless there is
        nothing else. The first is the plain one. Empty only if the name is.
    changed : tuple of str
        Names of the changes that were made.

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
    if text.isalpha():
        return fold_whole(text)
    words = [[_plain(part) for part in word.split("-")] for word in text.split()]
    parts = [part for word in words for part in word if part is not None]
    if 1 < len(parts) == sum(map(len, words)):
        apart = sorted(part.forms[0] for part in parts)
        joined = sorted("".join(part.forms[0] for part in word if part) for word in words)
        notes = dict.fromkeys(note for part in parts for note in part.changed)
        exact = " ".join(sorted(part.exact for part in parts))
        return Folded(exact, tuple(dict.fromkeys((" ".join(apart), " ".join(joined)))), (*notes,))
    return fold_whole(text)


@lru_cache(maxsize=2**16)
def _plain(word: str) -> Folded | None:
    """Return a part that has one spelling and does not affect its neighbours, else None.

    Most names consist of such parts, and there are fewer distinct parts than names.
    """
    if not word.isalpha():
        return None
    folded = fold_whole(word)
    if len(folded.forms) != 1:
        return None
    name = folded.forms[0]
    return None if name in PARTICLES or " " in name or is_servant(name) else folded


def fold_whole(text: str) -> Folded:
    """Fold a name of any kind; :func:`fold_name` calls it where parts affect each other."""
    if text.isascii() and text.isalpha():
        upper = text.upper()
        if not (upper in PARTICLES or _SECOND_SPELLING.search(upper) or arabic_spelling([upper])):
            return Folded(upper.lower(), (upper,), ())
    changed: list[str] = []
    upper = _capitals(text, changed)
    exact = " ".join(sorted(upper.casefold().replace("'", "").replace("-", " ").split()))
    names = [_parts(spelling) for spelling in dict.fromkeys(_spellings(upper, changed))]
    if any(part in PARTICLES for name in names for word in name for part in word):
        changed.append("particles")
    forms = list(dict.fromkeys(filter(None, _forms(names))))
    if exact and not forms:
        raise InvalidInput(
            "no part of the name can be written in A-Z",
            code="no_romanisation",
            field="name",
            value=text,
        )
    if len(forms) > MAX_FORMS:
        changed.append(f"spellings beyond {MAX_FORMS}")
    return Folded(exact, tuple(forms[:MAX_FORMS]), tuple(changed))


def fold_place(text: str) -> Folded:
    """Fold the name of a place.

    Parameters
    ----------
    text : str
        The place, in any script.

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
    upper = unicodedata.normalize("NFC", upper).translate(_MARKS)
    words = [word.strip("'-") for word in _without_punctuation(upper).split()]
    if upper.split() != words:
        changed.append("punctuation")
    if not upper.isascii():
        folded = ["-".join(map(_one_script, word.split("-"))) for word in words]
        if folded != words:
            changed.append("lookalikes of another script")
        words = folded
    return " ".join(filter(None, words))


def capitals_of(character: str) -> str:
    """Return the capitals of a character; a space for punctuation."""
    upper = clean(character.translate(_APOSTROPHES))[0].upper()
    return _without_punctuation(unicodedata.normalize("NFC", upper).translate(_MARKS))


def _without_punctuation(upper: str) -> str:
    return "".join(c if c in "'-" or _belongs(c) else " " for c in upper)


def _belongs(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


_SCRIPTS = tuple(
    map(re.compile, ("[A-Z\u00c0-\u024f\u1e00-\u1eff]", "[\u0370-\u03ff]", "[\u0400-\u04ff]"))
)
_LOOKALIKES = (
    str.maketrans(dict(LOOKALIKES)),
    str.maketrans({latin: other for other, latin in LOOKALIKES.items() if other < "\u0400"}),
    str.maketrans({latin: other for other, latin in LOOKALIKES.items() if other >= "\u0400"}),
)


def _one_script(word: str) -> str:
    """Return a word of two scripts in one of them, if all letters of the other are lookalikes."""
    if _scripts_of(word) > 1:
        for table in _LOOKALIKES:
            if _scripts_of(folded := word.translate(table)) == 1:
                return folded
    return word


def _scripts_of(word: str) -> int:
    return sum(script.search(word) is not None for script in _SCRIPTS)


def _spellings(upper: str, changed: list[str]) -> Iterator[str]:
    """Yield the ways to write a name in A-Z, with its hyphens and apostrophes."""
    romanised = romanise(upper)
    if not upper.isascii():
        changed.append("written in A-Z")
    unescaped = [_ESCAPED.sub(r"\1", spelling) for spelling in romanised]
    if unescaped != list(romanised):
        changed.append("NXX and UXX of machine-readable zones")
    plain = [_IRISH.sub(_masculine, spelling) for spelling in unescaped]
    yield from plain
    if upper.isascii():
        yield _MC.sub("MAC", _EXPANDED.sub(r"\1", plain[0]))
        return
    man = upper
    for ending, other in _WOMEN:
        man = ending.sub(other, man)
    if man != upper:
        changed.append("ending of a woman's name")
        yield from romanise(man)


def _masculine(found: re.Match[str]) -> str:
    of, son, name = found.groups()
    if name in PARTICLES:
        return found[0]
    if of or son:
        name = _SOFTENED.sub(r"\1", name)
    return f"O {name}" if of else f"MAC{name}"


def _forms(names: list[list[list[str]]]) -> Iterator[str]:
    for words in names:
        yield _form(words)
    for words in names:
        yield _joined(words)
    for words in names:
        parts = arabic_spelling([part for word in words for part in word])
        if parts is not None:
            yield _form([list(parts)])


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
    return [word for word in words if word]


def _form(words: list[list[str]]) -> str:
    parts = [part for word in words for part in word]
    names = [part for part in parts if part not in PARTICLES]
    return " ".join(sorted(names or parts))


def _joined(words: list[list[str]]) -> str:
    """Return the form in which particles and hyphenated parts are joined with the next part."""
    whole: list[str] = []
    before = ""
    for word in words:
        before += "".join(word)
        if word[-1] not in PARTICLES:
            whole.append(before)
            before = ""
    # Behind the name: Berg, van der.
    whole[:1] = [before + "".join(whole[:1])]
    # I and N together are not a particle.
    mixed = 0 < sum(part in PARTICLES for part in whole) < len(whole)
    return "" if mixed else " ".join(sorted(whole))

"""A coarse phonetic key of European names: how blocks of candidates are told apart."""

from __future__ import annotations

import re

__all__ = ["phonetic_key"]

KEY_LENGTH = 4

# What is written with two letters or more: H that softens, and sibilants.
_CLUSTERS = re.compile("SCH|SHCH|TSCH|TSH|CZ|TZ|TS|DZ|DS|SZ|ZS|PH|PF|X")
_SOUND = {"PH": "F", "PF": "F", "X": "KS"}

_CLASSES = str.maketrans(
    "BPFVWDTCKQGLRMNSZ" + "AEIOUYJH",
    "PPFFFTTKKKKLRMNSS" + " " * 8,
    "0123456789",
)


def phonetic_key(form: str) -> str:
    """Return what the name sounds like, roughly: the first classes of consonants.

    Vowels, H, J and Y count only at the beginning; voiced and unvoiced consonants are one class;
    a class that follows itself counts once, whatever vowels are between. Of several parts the
    longest counts, the first of equals.

    Parameters
    ----------
    form : str
        A spelling in A-Z, 0-9 and spaces.

    Returns
    -------
    str
        At most four letters; A for a vowel at the beginning.

    Examples
    --------
    >>> phonetic_key("MULLER"), phonetic_key("MUELLER"), phonetic_key("MILLER")
    ('MLR', 'MLR', 'MLR')
    >>> phonetic_key("SCHMIDT"), phonetic_key("SMITH"), phonetic_key("EVANS")
    ('SMT', 'SMT', 'AFNS')
    """
    part = max(form.split(), key=len, default="")
    clusters = _CLUSTERS.sub(lambda found: _SOUND.get(found[0], "S"), part)
    classes = clusters.translate(_CLASSES)
    key = "A" if classes.startswith(" ") else ""
    for sound in classes.replace(" ", ""):
        if sound != key[-1:]:
            key += sound
    return key[:KEY_LENGTH] or part

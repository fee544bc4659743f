"""A coarse phonetic key of European names, as rules applied one after the other."""

from __future__ import annotations

import re

KEY_LENGTH = 4

# Sounds that are written with two letters or more. One letter is SHT in Bulgaria and SHCH
# in Russia; others are H or CH before a consonant, and GI or YI at the start, in Greece.
_CLUSTERS = (
    (re.compile("SHCH|SZCZ|SHT"), "ST"),
    (re.compile("DZH?"), "T"),
    (re.compile("T?SCH|T?SH|ZH|CZ|T[ZS]|SZ|ZS"), "S"),
    (re.compile("P[HF]"), "F"),
    (re.compile("X"), "KS"),
    (re.compile("H(?=[RL])"), "K"),
    (re.compile("^GI(?=[AEOU])"), "I"),
)

_CLASSES = str.maketrans(
    "BPFVWDTCKQGLRMNSZAEIOUYJH",
    "PPFFFTTKKKKLRMNSS        ",
    "0123456789",
)


def phonetic_key(form: str) -> str:
    """Return the rough sound of the name: its first classes of consonants.

    Vowels, H, J and Y count only at the beginning; voiced and unvoiced consonants are one class;
    a class that follows itself counts once, even with vowels in between. Of several parts the
    longest counts, the first of equals.
    """
    part = max(form.split(), key=len, default="")
    sounds = part
    for pattern, written in _CLUSTERS:
        sounds = pattern.sub(written, sounds)
    classes = sounds.translate(_CLASSES)
    key = "A" if classes.startswith(" ") else ""
    for sound in classes.replace(" ", ""):
        if sound != key[-1:]:
            key += sound
    return key[:KEY_LENGTH] or part

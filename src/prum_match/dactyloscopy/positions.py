"""Where on hands a print comes from, and how it was taken: the codes of ANSI/NIST-ITL.

Friction ridge positions (FGP) are those of ANSI/NIST-ITL 1-2011 Update 2015, Table 8, of which the
codes 0 to 10 of ISO/IEC 19794-2 and ANSI/INCITS 378 are a part; impression types are Table 7.
"""

from __future__ import annotations

from prum_match.errors import InvalidInput

UNKNOWN_FINGER = 0
UNKNOWN_RIDGES = 18
UNKNOWN_PALM = 20
UNKNOWN_IMPRESSION = 29

FINGERS = {
    1: "right thumb",
    2: "right index",
    3: "right middle",
    4: "right ring",
    5: "right little",
    6: "left thumb",
    7: "left index",
    8: "left middle",
    9: "left ring",
    10: "left little",
}
"""The ten fingers by their code."""

# Plain impressions of thumbs and slaps, and pairs and triples of fingers.
_GROUPS = {
    11: ("plain right thumb", (1,)),
    12: ("plain left thumb", (6,)),
    13: ("plain right four fingers", (2, 3, 4, 5)),
    14: ("plain left four fingers", (7, 8, 9, 10)),
    15: ("both plain thumbs", (1, 6)),
    40: ("right index and middle", (2, 3)),
    41: ("right middle and ring", (3, 4)),
    42: ("right ring and little", (4, 5)),
    43: ("left index and middle", (7, 8)),
    44: ("left middle and ring", (8, 9)),
    45: ("left ring and little", (9, 10)),
    46: ("right and left index", (2, 7)),
    47: ("right index, middle and ring", (2, 3, 4)),
    48: ("right middle, ring and little", (3, 4, 5)),
    49: ("left index, middle and ring", (7, 8, 9)),
    50: ("left middle, ring and little", (8, 9, 10)),
}
_JOINT_OR_TIP = 19
_OTHER = {
    UNKNOWN_FINGER: "unknown finger",
    16: "right extra digit",
    17: "left extra digit",
    UNKNOWN_RIDGES: "unknown friction ridges",
    _JOINT_OR_TIP: "entire joint image or tip",
    UNKNOWN_PALM: "unknown palm",
}

# Which parts of a hand a palm position shows; two positions of one hand that share a part overlap.
_RIGHT, _LEFT = "right", "left"
_WRITER, _INTERDIGITAL, _THENAR, _HYPOTHENAR, _WRIST = (
    "writer's",
    "interdigital",
    "thenar",
    "hypothenar",
    "wrist",
)
_WHOLE = frozenset({_INTERDIGITAL, _THENAR, _HYPOTHENAR})
_UPPER = frozenset({_INTERDIGITAL})
_LOWER = frozenset({_THENAR, _HYPOTHENAR})
_PALM_PARTS: dict[int, tuple[str, str, frozenset[str]]] = {
    21: ("right full palm", _RIGHT, _WHOLE),
    22: ("right writer's palm", _RIGHT, frozenset({_WRITER, _HYPOTHENAR})),
    23: ("left full palm", _LEFT, _WHOLE),
    24: ("left writer's palm", _LEFT, frozenset({_WRITER, _HYPOTHENAR})),
    25: ("right lower palm", _RIGHT, _LOWER),
    26: ("right upper palm", _RIGHT, _UPPER),
    27: ("left lower palm", _LEFT, _LOWER),
    28: ("left upper palm", _LEFT, _UPPER),
    29: ("right palm, other", _RIGHT, _WHOLE | {_WRITER, _WRIST}),
    30: ("left palm, other", _LEFT, _WHOLE | {_WRITER, _WRIST}),
    31: ("right interdigital", _RIGHT, frozenset({_INTERDIGITAL})),
    32: ("right thenar", _RIGHT, frozenset({_THENAR})),
    33: ("right hypothenar", _RIGHT, frozenset({_HYPOTHENAR})),
    34: ("left interdigital", _LEFT, frozenset({_INTERDIGITAL})),
    35: ("left thenar", _LEFT, frozenset({_THENAR})),
    36: ("left hypothenar", _LEFT, frozenset({_HYPOTHENAR})),
    37: ("right grasp", _RIGHT, _WHOLE | {_WRITER}),
    38: ("left grasp", _LEFT, _WHOLE | {_WRITER}),
    81: ("right carpal delta area", _RIGHT, _LOWER | {_WRIST}),
    82: ("left carpal delta area", _LEFT, _LOWER | {_WRIST}),
    83: ("right full palm, including writer's palm", _RIGHT, _WHOLE | {_WRITER}),
    84: ("left full palm, including writer's palm", _LEFT, _WHOLE | {_WRITER}),
    85: ("right wrist bracelet", _RIGHT, frozenset({_WRIST})),
    86: ("left wrist bracelet", _LEFT, frozenset({_WRIST})),
}
PALMS = frozenset({UNKNOWN_PALM, *_PALM_PARTS})
"""Codes of palm positions."""

LATENT_IMPRESSIONS = frozenset({4, 5, 6, 7, 12, 13, 14, 15})
"""Impression types of latents, of fingers and of palms."""
PALM_IMPRESSIONS = frozenset(range(10, 16))
"""Impression types of palms."""
_NAMES = {
    **FINGERS,
    **_OTHER,
    **{code: name for code, (name, *_) in (_GROUPS | _PALM_PARTS).items()},
}
KNOWN_POSITIONS = frozenset(_NAMES)
"""Codes of all positions of a hand."""


def position_name(position: int) -> str:
    """Return the words for a position.

    Raises
    ------
    InvalidInput
        Code ``"bad_position"``.

    Examples
    --------
    >>> position_name(7), position_name(21), position_name(46)
    ('left index', 'right full palm', 'right and left index')
    """
    if position not in KNOWN_POSITIONS:
        raise InvalidInput(
            "no friction ridge position of a hand",
            code="bad_position",
            field="position",
            value=position,
        )
    return _NAMES[position]


def is_palm(position: int) -> bool:
    """Tell whether a position is of a palm."""
    return position in PALMS


def fingers_of(position: int) -> tuple[int, ...]:
    """Return the fingers that a position shows: one, those of a group, or none where not known.

    Examples
    --------
    >>> fingers_of(13), fingers_of(50), fingers_of(0)
    ((2, 3, 4, 5), (8, 9, 10), ())
    """
    if position in FINGERS:
        return (position,)
    return _GROUPS[position][1] if position in _GROUPS else ()


def may_be_same(a: int, b: int) -> bool:
    """Tell whether prints of two positions may show the same skin; who does not know may.

    Examples
    --------
    >>> may_be_same(2, 13), may_be_same(2, 3), may_be_same(0, 3), may_be_same(0, 21)
    (True, False, True, False)
    >>> may_be_same(40, 41), may_be_same(40, 42), may_be_same(46, 14), may_be_same(16, 17)
    (True, False, True, False)
    >>> may_be_same(21, 32), may_be_same(26, 32), may_be_same(21, 23), may_be_same(20, 32)
    (True, False, False, True)
    """
    if UNKNOWN_RIDGES in (a, b):
        return True
    if is_palm(a) != is_palm(b):
        return False
    if is_palm(a):
        if UNKNOWN_PALM in (a, b):
            return True
        (_, hand, parts), (_, other_hand, other_parts) = _PALM_PARTS[a], _PALM_PARTS[b]
        return hand == other_hand and not parts.isdisjoint(other_parts)
    fingers, others = fingers_of(a), fingers_of(b)
    if fingers and others:
        return not set(fingers).isdisjoint(others)
    # An extra digit is no finger of the ten, and none of the other hand.
    return a == b or UNKNOWN_FINGER in (a, b) or _JOINT_OR_TIP in (a, b)

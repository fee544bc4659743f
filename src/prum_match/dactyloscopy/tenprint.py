"""The prints of several fingers of one subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, Self, overload

from prum_match.dactyloscopy.positions import KNOWN_POSITIONS, fingers_of, is_palm, position_name
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput

# The fingers of each, and its extra digit.
_HANDS = {"right": frozenset({1, 2, 3, 4, 5, 16}), "left": frozenset({6, 7, 8, 9, 10, 17})}


class Tenprint(Sequence[Template]):
    """The prints of one subject's fingers: any number of each finger. Immutable.

    Parameters
    ----------
    templates : sequence of Template
        Rolled and plain prints together, or the latents of one mark of a hand. Prints with the
        position of one finger are impressions of that finger. Prints of unknown fingers, or of
        several at once, are assumed to show different fingers: keep only one of them if you know
        that they show the same.

    Attributes
    ----------
    fingers : mapping of int to tuple of Template
        The prints by their position, in the order of the positions.

    Raises
    ------
    InvalidInput
        Codes ``"bad_template"``; ``"no_prints"``: the sequence is empty; ``"not_a_finger"``: a
        palm, which is searched alone; ``"mixed_prints"``: latents and taken prints together.
        Whether those are of one subject is a question for a comparison.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> frame = {"x": [9], "y": [9], "angle": [0], "width": 99, "height": 99, "ppi": 500}
    >>> card = dactyloscopy.Tenprint(
    ...     [dactyloscopy.Template(position=p, impression=1, **frame) for p in range(1, 11)]
    ... )
    >>> card
    <Tenprint: 10 prints, positions 1 to 10>
    >>> card.hand("left"), list(card.only([2, 7]).fingers)
    (<Tenprint: 5 prints, positions 6 to 10>, [2, 7])
    """

    __slots__ = ("_templates", "fingers")

    _templates: tuple[Template, ...]
    fingers: Mapping[int, tuple[Template, ...]]

    def __init__(self, templates: Iterable[Template]) -> None:
        if isinstance(templates, Template) or not isinstance(templates, Iterable):
            raise _refused("a sequence of templates is needed", "bad_template")
        taken = tuple(templates)
        for index, template in enumerate(taken):
            _check(template, index)
        if not taken:
            raise _refused("at least one print of a finger is needed", "no_prints")
        for index, template in enumerate(taken):
            if template.is_latent != taken[0].is_latent:
                raise _refused(
                    "latents and taken prints cannot be searched together", "mixed_prints", index
                )
        fingers: dict[int, tuple[Template, ...]] = {}
        for template in sorted(taken, key=lambda t: t.position):
            fingers[template.position] = (*fingers.get(template.position, ()), template)
        object.__setattr__(self, "_templates", taken)
        object.__setattr__(self, "fingers", MappingProxyType(fingers))

    @property
    def is_latent(self) -> bool:
        """Whether the prints are latents."""
        return self._templates[0].is_latent

    def hand(self, side: Literal["right", "left"]) -> Self:
        """Return the prints with a position on one hand.

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``; ``"no_prints"``: there are none.
        """
        if side not in _HANDS:
            raise InvalidInput(
                "a hand is 'right' or 'left'", code="bad_option", field="side", value=side
            )
        return self.only(p for p in self.fingers if _is_of(p, side))

    def only(self, positions: Iterable[int]) -> Self:
        """Return the prints with one of these positions; some of the positions may be absent.

        Raises
        ------
        InvalidInput
            Codes ``"bad_position"``; ``"no_prints"``: there are no such prints.
        """
        wanted = set(positions)
        for position in wanted:
            if position not in KNOWN_POSITIONS or is_palm(position):
                raise InvalidInput(
                    "the code is not a position of a finger",
                    code="bad_position",
                    field="positions",
                    value=position,
                )
        return type(self)(t for t in self._templates if t.position in wanted)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a set of prints does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a set of prints does not change")

    @overload
    def __getitem__(self, index: int) -> Template: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Template, ...]: ...
    def __getitem__(self, index: int | slice) -> Template | tuple[Template, ...]:
        return self._templates[index]

    def __len__(self) -> int:
        return len(self._templates)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tenprint):
            return NotImplemented
        return self._templates == other._templates

    def __hash__(self) -> int:
        return hash(self._templates)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._templates,)

    def __repr__(self) -> str:
        latent = " of latents" if self.is_latent else ""
        prints = f"{len(self)} print{'s' if len(self) > 1 else ''}"
        return f"<Tenprint{latent}: {prints}, {_span(list(self.fingers))}>"


def _is_of(position: int, side: str) -> bool:
    fingers = fingers_of(position) or (position,)
    return _HANDS[side].issuperset(fingers)


def _span(positions: list[int]) -> str:
    if len(positions) == 1:
        return position_name(positions[0])
    if positions == list(range(positions[0], positions[-1] + 1)):
        return f"positions {positions[0]} to {positions[-1]}"
    return "positions " + ", ".join(map(str, positions))


def _check(template: object, index: int) -> None:
    if not isinstance(template, Template):
        raise _refused("not a template", "bad_template", index)
    if template.is_palm:
        raise _refused("palms are not part of a set of fingers", "not_a_finger", index)


def _refused(message: str, code: str, index: int | None = None) -> InvalidInput:
    return InvalidInput(message, code=code, field="templates", index=index)

"""Sets of prints of one subject."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from prum_match.dactyloscopy import Template, Tenprint
from prum_match.errors import InvalidInput
from support.dactyloscopy.subjects import template

CARD = Tenprint([template(0, p) for p in (7, 2, 0, 13, 15, 16, 2, 11, 14)])


def refusal(make: Any) -> tuple[str, str | None, int | None]:
    with pytest.raises(InvalidInput) as caught:
        make()
    return caught.value.code, caught.value.field, caught.value.index


def test_prints_stay_in_order_and_fingers_go_by_position() -> None:
    assert [t.position for t in CARD] == [7, 2, 0, 13, 15, 16, 2, 11, 14]
    assert list(CARD.fingers) == [0, 2, 7, 11, 13, 14, 15, 16]
    assert CARD.fingers[2] == (template(0, 2), template(0, 2))
    assert CARD[1:3] == (template(0, 2), template(0, 0))
    assert not CARD.is_latent


def test_a_hand_has_the_prints_with_its_positions() -> None:
    assert list(CARD.hand("right").fingers) == [2, 11, 13, 16]
    assert list(CARD.hand("left").fingers) == [7, 14]
    assert len(CARD.hand("right")) == 5


def test_only_selects_prints_by_position() -> None:
    assert list(CARD.only([2, 3]).fingers) == [2]
    assert CARD.only(iter([7])) == Tenprint([template(0, 7)])


def test_latents_of_one_hand() -> None:
    mark = Tenprint([template(i, latent=True) for i in range(3)])
    assert mark.is_latent
    assert repr(mark) == "<Tenprint of latents: 3 prints, unknown finger>"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Tenprint([]), ("no_prints", "templates", None)),
        (lambda: Tenprint(template(0)), ("bad_template", "templates", None)),  # type: ignore[arg-type]
        (lambda: Tenprint(None), ("bad_template", "templates", None)),  # type: ignore[arg-type]
        (lambda: Tenprint([template(0), 1]), ("bad_template", "templates", 1)),  # type: ignore[list-item]
        (lambda: Tenprint([template(0), template(0, 21)]), ("not_a_finger", "templates", 1)),
        (
            lambda: Tenprint([template(0), template(0), template(0, latent=True)]),
            ("mixed_prints", "templates", 2),
        ),
        (lambda: CARD.only([3]), ("no_prints", "templates", None)),
        (lambda: CARD.only([21]), ("bad_position", "positions", None)),
        (lambda: CARD.only([99]), ("bad_position", "positions", None)),
        (lambda: CARD.hand("both"), ("bad_option", "side", None)),  # type: ignore[arg-type]
        (lambda: Tenprint([template(0)]).hand("left"), ("no_prints", "templates", None)),
    ],
)
def test_invalid_arguments_are_refused(
    make: Any, error: tuple[str, str | None, int | None]
) -> None:
    assert refusal(make) == error


def test_a_palm_print_of_an_unknown_position() -> None:
    palm = Template(x=[], y=[], angle=[], width=9, height=9, ppi=500, impression=10)
    assert refusal(lambda: Tenprint([palm]))[0] == "not_a_finger"


def test_a_set_is_immutable() -> None:
    with pytest.raises(AttributeError):
        CARD.fingers = {}
    with pytest.raises(AttributeError):
        del CARD.fingers
    with pytest.raises(TypeError):
        CARD.fingers[1] = ()  # type: ignore[index]


def test_equal_prints_make_equal_sets() -> None:
    again = Tenprint(list(CARD))
    assert again == CARD
    assert hash(again) == hash(CARD)
    assert CARD.only([2]) != CARD.only([7])
    assert tuple(CARD) != CARD
    assert pickle.loads(pickle.dumps(CARD)) == CARD


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([3], "1 print, right middle"),
        ([1, 2, 3], "3 prints, positions 1 to 3"),
        ([1, 3, 3], "3 prints, positions 1, 3"),
    ],
)
def test_repr_lists_the_positions(positions: list[int], text: str) -> None:
    assert repr(Tenprint([template(0, p) for p in positions])) == f"<Tenprint: {text}>"

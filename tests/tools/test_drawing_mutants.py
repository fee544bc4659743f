"""Which mutants a seed draws, and which ones people have named."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tools.proof.mutation.campaign import rooms
from tools.proof.mutation.mutants import Mutant, draw, equivalents
from tools.proof.mutation.python_mutants import python_mutants

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "".join(f"x{i} = a < {i}\ny{i} = f(b, c) and not d\n" for i in range(30)).encode()


def toy_rooms() -> dict[str, list[Mutant]]:
    return {room: python_mutants(SOURCE, f"{room}.py") for room in ("one", "other", "third")}


def drawn(seed: int, n: int) -> list[str]:
    return [mutant.id for mutant in islice(draw(toy_rooms(), seed), n)]


def test_a_seed_draws_the_same_mutants_again() -> None:
    assert drawn(1, 40) == drawn(1, 40)
    assert drawn(1, 40)[:10] == drawn(1, 10)
    assert drawn(1, 40) != drawn(2, 40)


def test_rooms_take_turns_and_lines_come_once() -> None:
    names = drawn(3, 30)
    assert [name.partition(".")[0] for name in names] == ["one", "other", "third"] * 10
    assert len({tuple(name.split(":")[:2]) for name in names}) == 30


def test_a_draw_ends_when_every_line_was_drawn() -> None:
    assert len(drawn(1, 1000)) == 3 * 60


def test_all_categories_the_engine_and_the_exchange_are_drawn_from() -> None:
    categories = {"dna", "dactyloscopy", "face", "vehicle", "police_record"}
    assert {*categories, "engine", "exchange"} <= {*rooms(ROOT, "python")}
    assert {*categories, "engine", "kernels"} <= {*rooms(ROOT, "native")}


def test_equivalents_are_read_with_their_reasons(tmp_path: Path) -> None:
    file = tmp_path / "equivalent.txt"
    file.write_text("# why\n\na.py:1:boundary:x > 0->x >= 1  a length is whole\n")
    assert equivalents(file) == {"a.py:1:boundary:x > 0->x >= 1": "a length is whole"}
    file.write_text("a.py:1:boundary:x > 0->x >= 1\n")
    with pytest.raises(ValueError, match="line 1"):
        equivalents(file)


def test_the_committed_equivalents_can_be_read() -> None:
    assert all(equivalents(ROOT / "tools" / "proof" / "equivalent.txt").values())

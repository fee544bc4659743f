"""Tables of nicknames: both directions, and errors of rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.names.nicknames import ENGLISH, Nicknames


def test_both_ways() -> None:
    assert "BOB" in ENGLISH.of("ROBERT")
    assert "ROBERT" in ENGLISH.of("BOB")
    assert ENGLISH.of("NOBODY") == ()


def test_every_pair_is_there_in_both_directions() -> None:
    names = Nicknames([("José", "Pepe"), ("Jörg", "Joerg"), ("Юлия", "Юля")])
    assert names.of("PEPE") == ("JOSE",)
    # Spellings of one name are not its nicknames.
    assert "JORG" not in names.of("JORG")
    for form in ("YULIA", "IULIIA"):
        assert names.of(form)
        assert all(form in names.of(other) for other in names.of(form))


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name2,name1\nHans,Johannes\n", encoding="utf-8")
    names = Nicknames.load(path)
    assert names.of("HANS") == ("JOHANNES",)
    assert len(names) == 2
    assert "HANS" not in repr(names)


@pytest.mark.parametrize("text", ["name1,name2\nHans\n", "name1,name2\nHans,\n", "a,b\nHans,Jo\n"])
def test_a_row_without_a_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        Nicknames.load(path)
    assert (caught.value.code, caught.value.index) == ("bad_nicknames", 0)
    assert "Hans" not in str(caught.value)

from __future__ import annotations

import pytest

from prum_match.errors import InvalidInput
from prum_match.values.parties import PARTIES, party_code

MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def test_the_table_is_complete_and_every_row_has_a_source():
    assert set(PARTIES) == {*MEMBER_STATES.split(), "CH", "GB", "IS", "LI", "NO", "EUROPOL"}
    assert all(code == party.code and party.source for code, party in PARTIES.items())
    assert list(PARTIES) == sorted(PARTIES)


def test_denmark_is_not_bound_by_the_regulation():
    assert "not bound" in PARTIES["DK"].note
    assert "2024/982" not in PARTIES["DK"].source


@pytest.mark.parametrize(("text", "code"), [("EL", "GR"), ("UK", "GB"), ("EUROPOL", "EUROPOL")])
def test_aliases_are_read(text, code):
    assert party_code(text) == code


@pytest.mark.parametrize("text", ["", "XX", "de", " DE", None, 5, ["DE"]])
def test_anything_else_is_refused_without_showing_it(text):
    with pytest.raises(InvalidInput) as caught:
        party_code(text)
    assert caught.value.code == "unknown_party"
    assert caught.value.value == text
    assert "XX" not in str(caught.value)

"""A table of persons equals its rows one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import police_record
from prum_match.errors import InvalidInput, PrumError
from prum_match.police_record import Gallery, Person
from prum_match.police_record.columns import clear as clear_columns
from prum_match.testing.strategies import police_record as persons
from support.galleries.tables import LAYOUTS, LIBRARIES, laid_out, pyarrow

pytestmark = pytest.mark.native

pytest.importorskip("nanoarrow")
pytest.importorskip("pyarrow")

Row = dict[str, Any]
TEXT = st.none() | st.text(max_size=6)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "first_names": persons.first_names() | TEXT,
            "family_names": persons.family_names() | TEXT,
            "aliases": st.sampled_from((None, "", "Ana Ruiz", "Ana; Mari ;", ";;", "a\x00")),
            "birth_date": persons.birth_dates() | TEXT,
            "birth_place": TEXT,
            "country_of_birth": st.sampled_from((None, "DE", "EL", "ZZ")),
            "nationalities": st.sampled_from((None, "DE", "DE, FR;GR", " ", "XXA", "Q")),
            "gender": st.sampled_from((None, "F", "male", "2", "?")),
        }
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(row: Mapping[str, Any]) -> Person | str:
    """Return the person of a row, or the code of the error."""
    aliases = [part for part in (row["aliases"] or "").split(";") if part]
    codes = (row["nationalities"] or "").replace(",", " ").replace(";", " ").split()
    try:
        person = Person(**{**row, "aliases": aliases, "nationalities": codes})
        # A name in an unsupported script is valid, but cannot be searched.
        clear_columns.encode([person])
        return person
    except PrumError as error:
        return str(error.code)


@given(ROWS, st.sampled_from(LAYOUTS))
def test_a_table_equals_its_rows(rows: list[Row], layout: str) -> None:
    columns = {name: laid_out([row[name] for row in rows], layout) for name in rows[0]}
    names = [f"R{i}" for i in range(len(rows))]
    table = pyarrow().table({"reference_id": names, **columns})
    gallery = Gallery()
    report = gallery.enrol_table(table, on_error="report")
    found: dict[str, Person | str] = {name: gallery[name] for name in gallery}
    found |= {names[error.index or 0]: str(error.code) for error in report.refused}
    assert found == {name: one_by_one(row) for name, row in zip(names, rows, strict=True)}


@pytest.mark.parametrize("library", LIBRARIES)
def test_dates_of_all_table_libraries(library: str) -> None:
    days = [date(1984, 2, 29), None, date(1861, 1, 1), date(1799, 12, 31)]
    columns = {
        "reference_id": ["a", "b", "c", "d"],
        "family_names": ["Gabler"] * 4,
        "birth_date": pyarrow().array(days, pyarrow().date32()),
    }
    gallery = Gallery()
    report = gallery.enrol_table(LIBRARIES[library](columns), on_error="report")
    assert {name: str(gallery[name].birth_date) for name in gallery} == {
        "a": "1984-02-29",
        "b": "None",
        "c": "1861-01-01",
    }
    assert [(error.index, error.code) for error in report.refused] == [(3, "bad_birth_date")]


def test_days_beyond_the_calendar() -> None:
    pa = pyarrow()
    far = pa.array(np.array([2**31 - 1], np.int32)).view(pa.date32())
    table = pa.table({"reference_id": ["a"], "family_names": ["Gabler"], "birth_date": far})
    with pytest.raises(InvalidInput) as caught:
        Gallery().enrol_table(table)
    assert (caught.value.code, caught.value.index) == ("bad_date", 0)


def test_a_moment_as_birth_date_is_refused() -> None:
    pa = pyarrow()
    at = pa.array([0], pa.timestamp("us", "UTC"))
    table = pa.table({"reference_id": ["a"], "family_names": ["Gabler"], "birth_date": at})
    with pytest.raises(InvalidInput) as caught:
        Gallery().enrol_table(table)
    assert (caught.value.code, caught.value.field) == ("bad_column_type", "birth_date")


def test_pseudonyms_as_a_table_are_refused() -> None:
    table = pyarrow().table({"reference_id": ["a"], "family_names": ["Gabler"]})
    with pytest.raises(PrumError) as caught:
        Gallery(police_record.LEGAL_PARAMETERS).enrol_table(table)
    assert "Gabler" not in str(caught.value)

"""Prints in tables: a column of records, each of one print."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match import dactyloscopy
from prum_match.dactyloscopy.formats import ansi378_2009, iso19794_2_2011
from prum_match.errors import InvalidInput
from prum_match.samples import prints
from support.galleries.tables import pyarrow

pytest.importorskip("nanoarrow")

TEMPLATES = prints.sample(3, 1, seed=4)[0]
ONE, TWO, THREE = ([template] for template in TEMPLATES)
RECORDS = [iso19794_2_2011.encode(ONE), ansi378_2009.encode(TWO), iso19794_2_2011.encode(THREE)]


def table(records: list[Any]) -> Any:
    arrow = pyarrow()
    ids = [f"R{i}" for i in range(len(records))]
    return arrow.table({"reference_id": ids, "record": arrow.array(records, arrow.binary())})


def test_records_of_any_edition_are_enrolled() -> None:
    gallery = dactyloscopy.Gallery()
    assert gallery.enrol_table(table(RECORDS)).enrolled == 3
    for i, record in enumerate(RECORDS):
        (template,) = dactyloscopy.read(record)
        assert gallery[f"R{i}"] == template
        assert gallery.search(template, limit=1).reference_ids == [f"R{i}"]


def test_records_are_probes_too() -> None:
    gallery = dactyloscopy.Gallery()
    gallery.enrol_table(table(RECORDS))
    found = gallery.search_many(table(RECORDS[::-1]), limit=1)
    assert found.reference_ids == ["R2", "R1", "R0"]


def test_rows_without_exactly_one_print_are_refused_by_index() -> None:
    several = iso19794_2_2011.encode([*ONE, *THREE])
    broken = table([RECORDS[0], b"junk", None, several, RECORDS[1]])
    gallery = dactyloscopy.Gallery()
    report = gallery.enrol_table(broken, on_error="report")
    assert report.enrolled == 2
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "not_a_record"),
        (2, "not_one_print"),
        (3, "not_one_print"),
    ]
    assert sorted(gallery) == ["R0", "R4"]
    gallery = dactyloscopy.Gallery()
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol_table(broken)
    assert caught.value.index == 1
    assert len(gallery) == 0


def test_a_table_needs_records() -> None:
    with pytest.raises(InvalidInput) as caught:
        dactyloscopy.Gallery().enrol_table(pyarrow().table({"reference_id": ["a"]}))
    assert (caught.value.code, caught.value.field) == ("missing_column", "record")

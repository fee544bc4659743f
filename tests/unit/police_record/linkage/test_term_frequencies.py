"""Frequencies of names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.frequencies import TermFrequencies


def test_spellings_of_one_name_are_added_up() -> None:
    table = TermFrequencies.from_counts({"Müller": 2, "MÜLLER": 1, "Berg": 1}, {})
    assert dict(table.family) == {"müller": 0.75, "berg": 0.25}


def test_common_names_weigh_less_and_rare_ones_more() -> None:
    table = TermFrequencies({"a": 0.5, "b": 0.25}, {})
    units = table.units("family", ["a", "b", "c"], same_by_chance=0.5)
    np.testing.assert_array_equal(units, [0, 1024, 2048])
    np.testing.assert_array_equal(table.units("first", ["a", "b"], same_by_chance=0.5), [0, 0])
    assert table.units("family", [], same_by_chance=0.5).size == 0


def test_a_file_gives_the_same_frequencies(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("component,name,count\nfamily,Berg,3\nfirst,Eva,1\nfamily,Özil,1\n", "utf-8")
    table = TermFrequencies.load(path, name="two", source="made up")
    assert dict(table.family) == {"berg": 0.75, "özil": 0.25}
    assert (dict(table.first), table.name) == ({"eva": 1.0}, "two")


@pytest.mark.parametrize("row", ["other,Berg,3", "family,,3", "family,Berg,x", "family,Berg"])
def test_a_bad_row_is_named_without_its_content(tmp_path: Path, row: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"component,name,count\nfirst,Eva,1\n{row}\n", "utf-8")
    with pytest.raises(InvalidInput, match="item 1") as refused:
        TermFrequencies.load(path)
    assert refused.value.code == "bad_frequencies"
    assert "Berg" not in str(refused.value)


@pytest.mark.parametrize("table", [None, {"a": 0}, {"a": 1.5}, {"a": float("nan")}, {"a": "1"}])
def test_invalid_shares_are_refused(table: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        TermFrequencies({}, table)
    assert (refused.value.code, refused.value.field) == ("bad_frequencies", "first")
    with pytest.raises(InvalidInput):
        TermFrequencies.from_counts({"Berg": 0}, {})


def test_no_name_is_shown() -> None:
    assert "berg" not in repr(TermFrequencies.from_counts({"Berg": 3}, {})).lower()

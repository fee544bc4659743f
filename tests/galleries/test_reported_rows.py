"""Corrections of many references at once: bad rows are reported, and the others applied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from prum_match import PrumError, dactyloscopy, dna, vehicle
from prum_match.dactyloscopy.formats import ansi378_2009
from prum_match.samples import prints
from support.galleries.kits import Kit

NOON = datetime(2030, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def kit(kit_anywhere: Kit) -> Kit:
    return kit_anywhere


def filled(kit: Kit) -> Any:
    gallery = kit.gallery(labels=["suspect", "stain"])
    gallery.enrol(["a", "b", "c"], kit.items([0, 1, 2]), labels="suspect")
    return gallery


def said(report: Any) -> list[tuple[Any, ...]]:
    return [(one.index, one.code) for one in report.refused]


def test_an_undeclared_label_is_a_bad_row(kit: Kit) -> None:
    with filled(kit) as gallery:
        report = gallery.enrol(
            ["d", "e", "f"],
            kit.items([3, 4, 5]),
            labels=["convited", "stain", None],
            on_error="report",
        )
        assert said(report) == [(0, "undeclared_label")]
        assert report.enrolled == 2
        assert gallery.record("e").label == "stain"
        assert "d" not in gallery


def test_a_replacement_reports_bad_rows(kit: Kit) -> None:
    with filled(kit) as gallery:
        items = [kit.item(7), object(), kit.item(8)]
        report = gallery.replace(
            ["c", "a", "b"],
            items,
            labels=["stain", None, "convited"],
            expires=[NOON, None, None],
            on_error="report",
        )
        assert [index for index, _ in said(report)] == [1, 2]
        assert report.enrolled == 1
        assert gallery["c"] == kit.item(7)
        assert (gallery.record("c").label, gallery.record("c").expires) == ("stain", NOON)
        for name, item in (("a", 0), ("b", 1)):
            assert gallery[name] == kit.item(item)
            assert gallery.record(name).label == "suspect"


def test_an_update_reports_bad_rows(kit: Kit) -> None:
    with filled(kit) as gallery:
        report = gallery.update(
            ["a", "b", "c"],
            labels=["convited", "stain", "stain"],
            expires=[None, NOON, datetime(2030, 7, 1)],
            on_error="report",
        )
        assert said(report) == [(0, "undeclared_label"), (2, "bad_moment")]
        assert report.enrolled == 1
        records = {one.reference_id: (one.label, one.expires) for one in gallery.records()}
        assert records == {"a": ("suspect", None), "b": ("stain", NOON), "c": ("suspect", None)}
        with pytest.raises(PrumError):
            gallery.update(["a"], labels=["stain"], on_error="Report")


def test_a_table_with_an_undeclared_label_reports_the_row() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table(
        {
            "reference_id": ["a", "b", "c", "d"],
            "label": ["stain", "convited", None, "convited"],
            **{
                f"{locus}_{n}": ["16"] * 4
                for locus in ("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358")
                for n in (1, 2)
            },
        }
    )
    gallery = dna.Gallery(labels=["suspect", "stain"])
    report = gallery.enrol_table(table, on_error="report")
    assert said(report) == [(1, "undeclared_label"), (3, "undeclared_label")]
    assert sorted(gallery) == ["a", "c"]
    with pytest.raises(PrumError, match="undeclared_label"):
        gallery.enrol_table(table, known="replace")


def test_a_print_may_be_given_as_its_record() -> None:
    (template,), _ = prints.sample(1, ["rolled"], seed=1)
    record = ansi378_2009.encode([template])
    two = ansi378_2009.encode([template, template])
    gallery = dactyloscopy.Gallery()
    items = [{"record": data} for data in (b"no record", record, two, record[:-9])]
    report = gallery.enrol(["a", "b", "c", "d"], items, on_error="report")
    assert [index for index, _ in said(report)] == [0, 2, 3]
    assert gallery["b"] == dactyloscopy.read(record)[0]


def test_holders_may_be_given_as_mappings() -> None:
    gallery = vehicle.Gallery()
    holders = [{"name": "Vermeer", "first_name": "Jan"}, {"nom": "Vermeer"}, {"name": "a\x00b"}]
    items = [{"country": "NL", "plate": f"GB-00{i}-B", "holders": [holders[i]]} for i in range(3)]
    report = gallery.enrol(["a", "b", "c"], items, on_error="report")
    assert said(report) == [(1, "bad_item"), (2, "bad_text")]
    assert gallery["a"].holders == (vehicle.Holder("Vermeer", "Jan"),)
